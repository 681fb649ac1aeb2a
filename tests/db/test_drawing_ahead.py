"""Pages that the worker drew before anybody asked: what a reader gets where the cache has nothing."""

import datetime as dt
import uuid

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from articles.models import Guide
from portal import all_sitemaps, edition
from portal.drawing_ahead import Ahead
from portal.models import DrawnPage, Page
from tests import builders
from tests.db.test_reading_cache import ALL, CHANGES, drawn_now, seen

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("kept_pages")]
GUIDE = "/guides/risks/"


@pytest.fixture(autouse=True)
def here(settings):
    """Where the test client believes to be."""
    settings.SITE_URL = "http://testserver"


@pytest.fixture
def now():
    """Today: what is kept is kept until the clock of the machine says tomorrow."""
    return timezone.now()


@pytest.fixture
def site(now):
    return builders.one_of_everything(now)


@pytest.fixture
def ahead():
    return Ahead(all_sitemaps.paths)


def empty_cache(settings):
    settings.CACHES = {"default": settings.CACHES["default"] | {"KEY_PREFIX": uuid.uuid4().hex}}


def drawn():
    return set(DrawnPage.objects.values_list("path", flat=True))


def queries_of_a_visit(path, **headers):
    with CaptureQueriesContext(connection) as asked:
        Client().get(path, headers=headers)
    return len(asked)


# --- What it is for -----------------------------------------------------------------------------


def test_a_reader_whom_the_cache_cannot_serve_gets_it_with_one_query(site, ahead, settings):
    ahead.go_on(limit=100)
    empty_cache(settings)
    seen("/about/")  # the edition is known
    assert queries_of_a_visit(GUIDE) == 1


def test_the_next_reader_has_it_from_the_cache(site, ahead, settings):
    ahead.go_on(limit=100)
    empty_cache(settings)
    seen(GUIDE)
    assert queries_of_a_visit(GUIDE) == 0


def test_it_is_the_page_and_all_that_is_said_of_it(site, ahead, settings):
    answers = [Client().get(GUIDE)]
    ahead.go_on(limit=100)
    empty_cache(settings)
    answers.append(Client().get(GUIDE))
    first, second = ((answer.content, dict(answer.headers)) for answer in answers)
    for _content, headers in (first, second):
        del headers["X-Request-ID"]  # another in each answer
    assert first == second


def test_drawing_ahead_fills_the_cache_too(site, ahead):
    ahead.go_on(limit=100)
    assert queries_of_a_visit(GUIDE) == 0


def test_every_reading_page_of_the_sitemap_is_drawn(site, ahead):
    ahead.go_on(limit=100)
    not_kept = {"/quote/"}
    assert drawn() == set(all_sitemaps.paths()) - not_kept
    assert GUIDE in drawn()


# --- Never another page than the one that would be drawn now ------------------------------------


@pytest.mark.parametrize("act", CHANGES.values(), ids=CHANGES)
def test_after_every_change_no_page_drawn_before_is_shown(site, now, client, settings, ahead, act):
    ahead.go_on(limit=100)
    act(site, now, client)
    empty_cache(settings)
    assert {path: seen(path) for path in ALL} == drawn_now(settings)


def test_the_next_round_draws_what_changed(site, ahead, settings):
    ahead.go_on(limit=100)
    Page.objects.update(title="About the people")
    edition.renew()
    ahead.go_on(limit=100)
    empty_cache(settings)
    seen(GUIDE)
    assert queries_of_a_visit("/about/") == 1
    assert b"About the people" in seen("/about/")[1]


def test_a_new_day_is_drawn_anew(site, ahead, settings, monkeypatch):
    ahead.go_on(limit=100)
    overdue_on = site.live_revision.next_review_on + dt.timedelta(days=1)
    morning = timezone.make_aware(dt.datetime.combine(overdue_on, dt.time(0, 0, 1)))
    monkeypatch.setattr(timezone, "now", lambda: morning)
    empty_cache(settings)
    before_the_worker = seen(GUIDE)[1]
    ahead.go_on(limit=100)
    empty_cache(settings)
    assert b'class="overdue"' in before_the_worker
    assert seen(GUIDE)[1] == before_the_worker


def test_what_is_no_longer_there_is_forgotten(site, ahead):
    ahead.go_on(limit=100)
    Guide.objects.update(live_revision=None)
    edition.renew()
    ahead.go_on(limit=100)
    assert GUIDE not in drawn()


def test_a_page_drawn_for_another_name_of_the_site_is_not_shown(site, ahead, settings):
    settings.ALLOWED_HOSTS = ["testserver", "www.example.org"]
    ahead.go_on(limit=100)
    assert queries_of_a_visit(GUIDE, host="www.example.org") > 1


# --- Who writes, and how much -------------------------------------------------------------------


def test_visits_write_nothing(site):
    for path in (*ALL, "/no-such-page/", "/guides/?page=9"):
        seen(path)
    assert drawn() == set()


def test_some_pages_a_round_those_most_read_first(site, ahead):
    left = ahead.go_on(limit=2)
    assert drawn() == {"/", "/emergency/"}
    assert left == len(list(all_sitemaps.paths())) - 2


def test_what_another_worker_drew_is_not_drawn_again(site, ahead):
    ahead.go_on(limit=100)
    DrawnPage.objects.filter(path=GUIDE).update(headers=[["Drawn", "already"]])
    Ahead(all_sitemaps.paths).go_on(limit=100)
    assert DrawnPage.objects.get(path=GUIDE).headers == [["Drawn", "already"]]


def test_with_nothing_changed_a_round_asks_only_for_the_edition(site, ahead, monkeypatch):
    monkeypatch.setattr(edition, "LOOK_AGAIN_AFTER", 0.0)
    ahead.go_on(limit=100)
    with CaptureQueriesContext(connection) as asked:
        ahead.go_on(limit=100)
    assert len(asked) == 1


def test_a_page_that_cannot_be_drawn_keeps_no_other_waiting(site, ahead):
    Guide.objects.filter(slug="risks").update(language="none")
    ahead.go_on(limit=100)
    assert GUIDE not in drawn()
    assert "/about/" in drawn()


def test_while_templates_are_written_nothing_is_drawn_ahead(site, ahead, settings):
    settings.KEEP_PAGES = False
    ahead.go_on(limit=100)
    assert drawn() == set()


def test_the_worker_does_it(site):
    call_command("run_worker", once=True)
    assert GUIDE in drawn()
