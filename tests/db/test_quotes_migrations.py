"""Migrations of requests on a database that already holds some."""

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from quotes.models import QuoteRequest, StageChange
from tests import builders

pytestmark = pytest.mark.django_db(transaction=True)


def migrate_quotes(name: str) -> None:
    MigrationExecutor(connection).migrate([("quotes", name)])


@pytest.fixture
def newest():
    """The name of the newest migration; the database is there again after the test."""
    (name,) = (name for app, name in MigrationExecutor(connection).loader.graph.leaf_nodes("quotes"))
    yield name
    migrate_quotes(name)


def test_leads_closed_before_there_were_reasons_are_closed_as_done(now, newest):
    builders.closed(now=now, reason="asked")
    migrate_quotes("0002_groups")
    migrate_quotes(newest)
    steps = StageChange.objects.order_by("pk").values_list("to_stage", "reason")
    assert list(steps) == [("received", ""), ("closed", "done")]
    assert QuoteRequest.objects.get().stage == "closed"
