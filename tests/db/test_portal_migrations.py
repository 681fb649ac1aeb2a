"""Migrations of the fixed pages on a database that already holds some."""

import datetime as dt

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from portal.models import AuditEvent, Page

pytestmark = pytest.mark.django_db(transaction=True)
BEFORE = [("portal", "0003_pages_hidden_and_kept")]
AFTER = [("portal", "0004_addresses_taken")]


@pytest.fixture
def back_to_the_newest():
    """The database is there again after the test."""
    yield
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())


def test_pages_make_way_where_the_site_needs_their_address(back_to_the_newest):
    executor = MigrationExecutor(connection)
    executor.migrate(BEFORE)
    pages = executor.loader.project_state(BEFORE).apps.get_model("portal", "Page")
    pages.objects.all().delete()
    for slug in ("glossary", "glossary-page", "about"):
        pages.objects.create(
            slug=slug, title=slug, body="", updated_at=dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
        )
    MigrationExecutor(connection).migrate(AFTER)
    left = Page.objects.order_by("pk").values_list("title", "slug", "shown")
    assert list(left) == [
        ("glossary", "glossary-page-2", True),
        ("glossary-page", "glossary-page", True),
        ("about", "about", True),
    ]
    told = AuditEvent.objects.get(action="page.renamed")
    assert (told.target_label, told.actor_name) == ("glossary", "machine")
    assert told.detail == {"from": "glossary", "to": "glossary-page-2"}
