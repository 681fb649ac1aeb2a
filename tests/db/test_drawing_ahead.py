"""Pages that the worker drew before anybody asked: what a reader gets where the cache has nothing."""

import datetime as dt
import uuid

import pytest
from django.core.management import call_command
from django.db import OperationalError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from articles.models import Guide
from portal import all_sitemaps, drawn_pages, edition, reading
from portal.drawing_ahead import Ahead
from portal.management.commands import run_worker
from portal.models import DrawnPage, Edition, Page
from tests import builders
from tests.db.test_reading_cache import ALL, CHANGES, drawn_now, seen

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("kept_pages")]
GUIDE = "/guides/risks/"
DAY = dt.timedelta(days=1)


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


def go_on(ahead):
    """Until nothing is left, as the worker does in some rounds."""
    while ahead.draw_next():
        pass


def drawn():
    return set(DrawnPage.objects.values_list("path", flat=True))


def queries_of_a_visit(path, **headers):
    with CaptureQueriesContext(connection) as asked:
        Client().get(path, headers=headers)
    return len(asked)


# --- What it is for -----------------------------------------------------------------------------


def test_a_reader_whom_the_cache_cannot_serve_gets_it_with_one_query(site, ahead, settings):
    go_on(ahead)
    empty_cache(settings)
    seen("/about/")  # the edition is known
    assert queries_of_a_visit(GUIDE) == 1


def test_the_next_reader_has_it_from_the_cache(site, ahead, settings):
    go_on(ahead)
    empty_cache(settings)
    seen(GUIDE)
    assert queries_of_a_visit(GUIDE) == 0


def test_it_is_the_page_and_all_that_is_said_of_it(site, ahead, settings):
    answers = [Client().get(GUIDE)]
    go_on(ahead)
    empty_cache(settings)
    answers.append(Client().get(GUIDE))
    first, second = ((answer.content, dict(answer.headers)) for answer in answers)
    for _content, headers in (first, second):
        del headers["X-Request-ID"]  # another in each answer
    assert first == second


def test_drawing_ahead_fills_the_cache_too(site, ahead):
    go_on(ahead)
    assert queries_of_a_visit(GUIDE) == 0


def test_every_reading_page_of_the_sitemap_is_drawn(site, ahead):
    go_on(ahead)
    not_kept = {"/quote/"}
    assert drawn() == set(all_sitemaps.paths()) - not_kept
    assert GUIDE in drawn()


# --- Never another page than the one that would be drawn now ------------------------------------


# What the demonstration brings is renewed as these are; loading it takes longer than all of them.
VERBS = {name: act for name, act in CHANGES.items() if name != "load_the_demonstration"}


@pytest.mark.parametrize("act", VERBS.values(), ids=VERBS)
def test_after_every_change_no_page_drawn_before_is_shown(site, now, client, settings, ahead, act):
    go_on(ahead)
    act(site, now, client)
    empty_cache(settings)
    assert {path: seen(path) for path in ALL} == drawn_now(settings)


def test_the_next_round_draws_what_changed(site, ahead, settings):
    go_on(ahead)
    Page.objects.update(title="About the people")
    edition.renew()
    go_on(ahead)
    empty_cache(settings)
    seen(GUIDE)
    assert queries_of_a_visit("/about/") == 1
    assert b"About the people" in seen("/about/")[1]


def test_a_new_day_is_drawn_anew(site, ahead, settings, monkeypatch):
    go_on(ahead)
    overdue_on = site.live_revision.next_review_on + DAY
    morning = timezone.make_aware(dt.datetime.combine(overdue_on, dt.time(0, 0, 1)))
    monkeypatch.setattr(timezone, "now", lambda: morning)
    go_on(ahead)
    empty_cache(settings)
    seen("/about/")
    assert queries_of_a_visit(GUIDE) == 1
    assert b'class="overdue"' in seen(GUIDE)[1]


def test_pages_of_a_day_that_is_over_are_forgotten(site, ahead, now, monkeypatch):
    go_on(ahead)
    drawn_pages.forget_old(now + dt.timedelta(hours=24))
    assert GUIDE in drawn()
    drawn_pages.forget_old(now + dt.timedelta(hours=26))
    assert drawn() == set()


def test_a_page_drawn_for_another_name_of_the_site_is_not_shown(site, ahead, settings):
    settings.ALLOWED_HOSTS = ["testserver", "www.example.org"]
    go_on(ahead)
    assert queries_of_a_visit(GUIDE, host="www.example.org") > 1


# --- Who writes, and how much -------------------------------------------------------------------


def test_visits_write_nothing(site):
    for path in (*ALL, "/no-such-page/", "/guides/?page=9"):
        seen(path)
    assert drawn() == set()


def test_the_pages_that_one_enters_by_come_first(site, ahead):
    assert [ahead.draw_next(), ahead.draw_next()] == [True, True]
    assert drawn() == {"/", "/emergency/"}


def test_after_another_change_it_begins_with_the_page_that_was_not_reached(site, ahead):
    ahead.draw_next()
    Edition.objects.all().delete()
    edition.renew()
    ahead.draw_next()
    assert set(DrawnPage.objects.filter(mark=edition.holding().mark).values_list("path", flat=True)) == {
        "/emergency/"
    }
    go_on(ahead)
    assert set(DrawnPage.objects.values_list("mark", flat=True)) == {edition.holding().mark}


def test_a_warm_cache_keeps_no_page_from_being_stored(site, ahead):
    seen(GUIDE)
    go_on(ahead)
    assert GUIDE in drawn()


def test_on_a_site_behind_https_it_asks_by_https(site, ahead, settings):
    settings.SITE_URL, settings.SECURE_SSL_REDIRECT = "https://testserver", True
    go_on(ahead)
    empty_cache(settings)
    Client().get("/about/", secure=True)
    with CaptureQueriesContext(connection) as asked:
        Client().get(GUIDE, secure=True)
    assert len(asked) == 1


def test_two_releases_side_by_side_keep_each_their_own(site, ahead, settings, monkeypatch):
    go_on(ahead)
    monkeypatch.setattr(reading, "this_release", lambda: "the next")
    go_on(Ahead(all_sitemaps.paths))
    monkeypatch.undo()
    empty_cache(settings)
    seen("/about/")
    assert queries_of_a_visit(GUIDE) == 1
    assert DrawnPage.objects.filter(path=GUIDE).count() == 2


def test_what_another_worker_drew_is_not_drawn_again(site, ahead):
    go_on(ahead)
    DrawnPage.objects.filter(path=GUIDE).update(headers=[["Drawn", "already"]])
    go_on(Ahead(all_sitemaps.paths))
    assert DrawnPage.objects.get(path=GUIDE).headers == [["Drawn", "already"]]


def test_with_nothing_changed_a_round_asks_only_for_the_edition(site, ahead, monkeypatch):
    monkeypatch.setattr(edition, "LOOK_AGAIN_AFTER", 0.0)
    go_on(ahead)
    with CaptureQueriesContext(connection) as asked:
        go_on(ahead)
    assert len(asked) == 1


def test_a_page_that_cannot_be_drawn_keeps_no_other_waiting(site, ahead):
    Guide.objects.filter(slug="risks").update(language="none")
    go_on(ahead)
    assert GUIDE not in drawn()
    assert "/about/" in drawn()


def test_a_page_that_failed_once_is_tried_again_after_the_others(site, ahead, monkeypatch):
    answers = iter([OperationalError("database is locked")])
    whole = drawn_pages.keep

    def keep(path, *rest):
        if path == GUIDE and (trouble := next(answers, None)):
            raise trouble
        whole(path, *rest)

    monkeypatch.setattr(drawn_pages, "keep", keep)
    go_on(ahead)
    assert GUIDE in drawn()
    assert DrawnPage.objects.latest("drawn_at").path == GUIDE


def test_while_templates_are_written_nothing_is_drawn_ahead(site, ahead, settings):
    settings.KEEP_PAGES = False
    go_on(ahead)
    assert drawn() == set()


def test_a_worker_that_is_told_to_stop_draws_no_further_page(site):
    worker = run_worker.Command()
    worker.stopping, worker.ahead = True, Ahead(all_sitemaps.paths)
    worker.draw()
    assert drawn() == set()


def test_the_worker_does_it(site):
    call_command("run_worker", once=True)
    assert GUIDE in drawn()
