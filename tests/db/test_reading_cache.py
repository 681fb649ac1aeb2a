"""Pages that are kept: never another page than the one that would be drawn now."""

import datetime as dt
import gzip
import logging
import socket
import uuid
from contextlib import contextmanager
from email.utils import parsedate_to_datetime

import pytest
from django.db import connection, transaction
from django.forms.models import model_to_dict
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.http import http_date

from articles import flags, publishing, reviews, sources, subjects, texts
from articles.models import Source, Topic, Treatment
from portal import edition, pages, reading, roles
from portal.management.commands import load_demo
from portal.models import Edition, Page, PageVersion
from tests import builders
from tests.db.test_verbs_are_whole import reaches, verbs

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("kept_pages")]
DAY = dt.timedelta(days=1)
BANNER, QUOTE = b'class="overdue"', b'href="/quote/'
ALL = ["/", "/guides/", "/guides/risks/", "/guides/renamed/", "/treatments/", "/treatments/cells/"]
ALL += ["/evidence/", "/evidence/trial-1/", "/about/", "/guides/?topic=costs"]


@pytest.fixture
def now():
    """Today: what is kept is kept until the clock of the machine says tomorrow."""
    return timezone.now()


@pytest.fixture
def site(now):
    guide = builders.one_of_everything(now)
    Edition.objects.update(since=now - dt.timedelta(seconds=5))  # no other change comes in that second
    return guide


def seen(path, **headers):
    """What a reader gets: status and body."""
    response = Client().get(path, headers=headers)
    return response.status_code, response.content


@contextmanager
def nothing_kept(settings):
    settings.KEEP_PAGES = False
    yield
    settings.KEEP_PAGES = True


def drawn_now(settings):
    with nothing_kept(settings):
        return {path: seen(path) for path in ALL}


def queries_for(path, **headers):
    with CaptureQueriesContext(connection) as asked:
        seen(path, **headers)
    return len(asked)


# --- Every change that readers see --------------------------------------------------------------

CHANGES = {}


def change(act):
    CHANGES[act.__name__] = act
    return act


@change
def publish(guide, now, client):
    revision = builders.approved(guide, now=now, title="Another title")
    publishing.publish(revision, by=revision.author, now=now)


@change
def publish_what_is_due(guide, now, client):
    revision = builders.approved(guide, now=now, title="Another title")
    publishing.publish(revision, by=revision.author, now=now, at=now + DAY)
    assert publishing.publish_due(now + DAY) == 1


@change
def withdraw(guide, now, client):
    publishing.withdraw(guide.live_revision, reason="A dose is wrong.", by=builders.staff(), now=now)


@change
def change_the_settings(guide, now, client):
    subjects.change_settings(guide, {"audience": "caregivers", "topics": []}, by=builders.staff(), now=now)


@change
def stop_the_quote(guide, now, client):
    treatment = Treatment.objects.get()
    subjects.change_settings(treatment, {"quote_offered": False}, by=builders.staff(), now=now)


@change
def rename(guide, now, client):
    subjects.rename(guide, slug="renamed", by=builders.staff(), now=now)


@change
def save_a_fixed_page(guide, now, client):
    page = Page.objects.get()
    page.title = "About the people"
    pages.save(page, by=builders.staff(), now=now)


@change
def hide_a_fixed_page(guide, now, client):
    page = Page.objects.get()
    page.shown = False
    pages.save(page, by=builders.staff(), now=now)


@change
def restore_a_fixed_page(guide, now, client):
    earlier = {
        "page": Page.objects.get(),
        "saved_at": now,
        "replaced_at": now,
        "replaced_by": builders.staff(),
    }
    version = PageVersion.objects.create(title="As it was", summary="", body="<p>Before.</p>", **earlier)
    pages.restore(version, by=builders.staff(), now=now)


@change
def add_a_source(guide, now, client):
    like = model_to_dict(guide.live_revision.cited.get(), exclude=["id"])
    filled = {name: value for name, value in like.items() if value not in (None, False, [])}
    post(client, roles.EDITOR, "articles_source", None, **filled | {"key": "trial-2"})


@change
def change_a_source(guide, now, client):
    source = guide.live_revision.cited.get()
    post(client, roles.EDITOR, "articles_source", source.pk, title="Another name of the trial")


@change
def retract_a_source(guide, now, client):
    source = guide.live_revision.cited.get()
    sources.change(source, {"state": "retracted"}, reason="By the journal.", by=builders.staff(), now=now)


@change
def add_a_source_by_the_verb(guide, now, client):
    like = model_to_dict(guide.live_revision.cited.get(), exclude=["id", "superseded_by"])
    sources.add(like | {"key": "trial-2"}, by=builders.staff(), now=now)


@change
def confirm_a_flagged_text(guide, now, client):
    retract_a_source(guide, now, client)
    assert b"changed" in seen("/guides/risks/")[1]
    said = {"reason": "Read again with its sources.", "next_review_on": now.date() + 90 * DAY}
    said["seen_flags"] = flags.marks_of(guide)
    reviews.confirm_still_current(guide.live_revision, **said, by=builders.staff(), now=now)


@change
def rename_a_topic(guide, now, client):
    post(client, roles.EDITOR, "articles_topic", Topic.objects.get().pk, name="Money")


@change
def explain_a_word(guide, now, client):
    post(client, roles.EDITOR, "articles_glossaryterm", None, term="people", also="", explanation="Persons.")
    texts.render_outdated()  # as the worker does


@change
def name_a_reviewer(guide, now, client):
    client.force_login(builders.staff(is_superuser=True))
    post(client, None, "portal_user", guide.live_revision.reviewed_by_id, byline="Another name")


@change
def load_the_demonstration(guide, now, client):
    load_demo.load()


def post(client, role, admin, pk, /, **typed):
    """Save a record in the admin as staff do: the form as it was opened, with these fields changed."""
    if role:
        client.force_login(builders.staff(role))
    address = reverse(f"admin:{admin}_change", args=[pk]) if pk else reverse(f"admin:{admin}_add")
    form = client.get(address).context_data["adminform"].form
    opened = {name: form[name].value() for name in form.fields}
    filled = {name: value for name, value in opened.items() if value not in (None, False)}
    response = client.post(address, filled | typed)
    assert response.status_code == 302, response.context_data["errors"]


@pytest.mark.parametrize("act", CHANGES.values(), ids=CHANGES)
def test_after_every_change_each_page_is_the_one_drawn_now(site, now, client, settings, act):
    before = {path: seen(path) for path in ALL}
    act(site, now, client)
    after = {path: seen(path) for path in ALL}
    assert after == drawn_now(settings)
    assert after != before


# Verbs of guides, treatments, sources and pages after which readers see what they saw before.
UNSEEN = {
    "articles.publishing.approve",
    "articles.publishing.ask_for_changes",
    "articles.publishing.discard",
    "articles.publishing.restore",
    "articles.publishing.revoke",
    "articles.publishing.save_draft",
    "articles.publishing.submit",
    "articles.publishing.submit_again",
    "articles.publishing.take_back",
    "articles.publishing.unschedule",
    "articles.reviews.remind_due",
    "articles.subjects.begin",
}


def test_every_verb_on_what_readers_read_renews_the_edition_or_is_known_not_to():
    on_texts = {verb for verb in verbs("audit.record") if verb.startswith(("articles.", "portal.pages."))}
    assert {verb for verb in on_texts if not reaches(verb, "edition.renew")} == UNSEEN


# --- What is kept -------------------------------------------------------------------------------


def visits(*paths, **headers):
    """How many queries each visit costs, in turn."""
    return [queries_for(path, **headers) for path in paths]


def is_kept(path, **headers):
    first, second = visits(path, path, **headers)
    assert first > 0
    return second == 0


BLANK = "/guides/?topic=&treatment=&for=patients"  # as the form of the filters asks


@pytest.mark.parametrize("path", [*ALL[:3], *ALL[4:], "/guides/?page=1", BLANK])
def test_the_second_visit_asks_the_database_nothing(site, path):
    assert is_kept(path)


@pytest.mark.parametrize(
    "path",
    [
        "/guides/?topic=no-such-topic",
        "/guides/?for=\0",
        "/guides/?page=2",
        "/guides/?page=01",
        "/guides/?page=nonsense&page=1",
        "/guides/?topic=nonsense&topic=costs",
        "/guides/risks/useful/?easy=2",
        "/guides/?topic=costs" + "&topic=costs" * 40,
        "/guides/gone/",
        "/no-such-page/",
    ],
)
def test_nobody_fills_the_cache_with_addresses_made_up(site, path):
    assert not is_kept(path)


@pytest.mark.parametrize("name", ["t", "with"])
def test_a_comparison_is_kept_in_one_order_and_without_repetitions(site, now, name):
    builders.published(builders.treatment("others", now=now), now=now)
    edition.renew()
    orders = (["cells", "others"], ["others", "cells"], ["cells", "others", "cells"])
    kept = [
        is_kept("/treatments/compare/?" + "&".join(f"{name}={slug}" for slug in order)) for order in orders
    ]
    assert (sorted(kept[:2]), kept[2]) == ([False, True], False)


def test_a_parameter_that_no_page_declares_changes_nothing_and_is_kept_with_the_rest(site):
    pages_seen = {seen(f"/guides/{query}") for query in ("", "?utm_source=letter", "?fbclid=1&x=2")}
    assert len(pages_seen) == 1
    assert visits("/guides/?another=1") == [0]


def test_links_to_other_pages_of_a_list_carry_only_what_the_page_declares(site):
    for _number in range(31):
        builders.source()
    edition.renew()
    _status, body = seen("/evidence/?kind=trial&utm_source=letter")
    assert b'href="?kind=trial&amp;page=2"' in body


def test_a_name_of_the_site_that_nobody_wrote_down_is_answered_and_not_kept(site, settings):
    settings.ALLOWED_HOSTS = [".example.org", "www.example.org"]
    assert [is_kept("/guides/", host=name) for name in ("www.example.org", "a1.example.org")] == [True, False]


def test_each_way_to_the_site_has_its_own_pages(site):
    seen("/guides/")
    with CaptureQueriesContext(connection) as asked:
        Client().get("/guides/", secure=True)
    assert len(asked) > 0


def test_while_templates_are_written_nothing_is_kept(site, settings):
    settings.KEEP_PAGES = False
    assert not is_kept("/guides/")


# --- Never a stale page -------------------------------------------------------------------------


def test_a_page_drawn_while_something_changes_is_not_taken_for_a_new_one(rf):
    words = iter(["old", "new"])

    @reading.reading_page
    def page(request):
        read = next(words)
        edition.renew()  # a colleague publishes while this page is being drawn
        return HttpResponse(read)

    assert [page(rf.get("/guides/")).content for _visit in range(2)] == [b"old", b"new"]


def test_nobody_hears_of_a_change_that_was_taken_back(site):
    seen("/guides/")
    with transaction.atomic():
        edition.renew()
        transaction.set_rollback(True)
    assert visits("/guides/") == [0]


def test_a_change_that_nobody_was_told_of_is_seen_at_the_next_look(site, monkeypatch):
    """As after a process killed between its commit and its word to the others."""
    seen("/evidence/trial-1/")
    Source.objects.update(title="Written at the last moment")
    Edition.objects.create(mark=uuid.uuid4(), since=timezone.now())
    monkeypatch.setattr(edition, "LOOK_AGAIN_AFTER", 0.0)
    assert b"Written at the last moment" in seen("/evidence/trial-1/")[1]


def test_pages_of_what_a_restored_backup_undid_are_not_shown(site, now, monkeypatch):
    backup = Edition.objects.latest("pk").pk
    monkeypatch.setattr(edition, "LOOK_AGAIN_AFTER", 0.0)
    before = seen("/about/")
    save_a_fixed_page(site, now, None)
    assert seen("/about/") != before
    Page.objects.update(title="About us", updated_at=Page.objects.get().versions.get().saved_at)
    Edition.objects.filter(pk__gt=backup).delete()
    assert seen("/about/") == before


def test_a_change_committed_after_one_that_began_later_is_seen(site, monkeypatch):
    """Its row has the smaller number, and it is not the newest when it can be seen."""
    Edition.objects.create(pk=10_000, mark=uuid.uuid4(), since=timezone.now())
    monkeypatch.setattr(edition, "LOOK_AGAIN_AFTER", 0.0)
    before = edition.current(None).mark
    Edition.objects.create(pk=9_999, mark=uuid.uuid4(), since=timezone.now())
    assert edition.current(None).mark != before


def test_old_rows_are_forgotten_and_pages_drawn_once_more(now, monkeypatch):
    monkeypatch.setattr(edition, "LOOK_AGAIN_AFTER", 0.0)
    Edition.objects.all().delete()
    for days in (3, 2, 1):
        Edition.objects.create(mark=uuid.uuid4(), since=now - days * DAY)
    before = edition.current(None).mark
    for _twice in range(2):
        edition.forget_old(now)
    assert (Edition.objects.count(), Edition.objects.filter(since__lt=now - DAY).count()) == (2, 0)
    assert edition.current(None).mark != before


def test_before_anything_was_ever_changed_nothing_is_kept(site):
    Edition.objects.all().delete()
    assert not is_kept("/guides/")


def test_a_new_day_has_pages_of_its_own(site, monkeypatch):
    """Shown by 2: past its review date the kept page, too, has a banner and no way to a quote."""
    overdue_on = site.live_revision.next_review_on + DAY
    today = seen("/guides/risks/")[1]
    assert (BANNER in today, QUOTE in today) == (False, True)
    morning = timezone.make_aware(dt.datetime.combine(overdue_on, dt.time(0, 0, 1)))
    monkeypatch.setattr(timezone, "now", lambda: morning)
    bodies = [seen("/guides/risks/")[1] for _visit in range(2)]
    assert bodies[0] == bodies[1]
    assert (BANNER in bodies[0], QUOTE in bodies[0]) == (True, False)


def test_confirmed_on_that_day_the_kept_page_has_its_banner_no_more(site, monkeypatch):
    overdue_on = site.live_revision.next_review_on + DAY
    morning = timezone.make_aware(dt.datetime.combine(overdue_on, dt.time(0, 0, 1)))
    monkeypatch.setattr(timezone, "now", lambda: morning)
    overdue = [seen("/guides/risks/")[1] for _visit in range(2)]
    said = {"reason": "Read again with its sources.", "next_review_on": overdue_on + DAY}
    reviews.confirm_still_current(site.live_revision, **said, by=builders.staff(), now=morning)
    confirmed = [seen("/guides/risks/")[1] for _visit in range(2)]
    assert [(BANNER in body, QUOTE in body) for body in (*overdue, *confirmed)] == [
        *[(True, False)] * 2,
        *[(False, True)] * 2,
    ]


# --- What browsers are told ---------------------------------------------------------------------


def answers(path, **headers):
    """The first answer, drawn, and the second, kept."""
    return [Client().get(path, headers=headers) for _visit in range(2)]


@pytest.mark.parametrize("encoding", ["", "gzip, br"])
def test_a_kept_page_is_told_as_it_was_when_it_was_drawn(site, encoding):
    drawn, kept = answers("/guides/risks/", accept_encoding=encoding)
    told = [dict(response.items()) | {"X-Request-ID": ""} for response in (drawn, kept)]
    assert told[0] == told[1]
    assert (drawn.content, kept["Vary"]) == (kept.content, "Accept-Encoding")
    assert kept["Cache-Control"] == "public, max-age=0, must-revalidate"
    assert kept.has_header("Content-Security-Policy")


def test_it_is_the_same_page_compressed_or_not(site):
    plain, pressed = (answers("/guides/risks/", accept_encoding=name)[1] for name in ("", "gzip"))
    assert gzip.decompress(pressed.content) == plain.content
    assert pressed["ETag"] == f"W/{plain['ETag']}"
    assert (plain.has_header("Content-Encoding"), pressed["Content-Encoding"]) == (False, "gzip")


@pytest.mark.parametrize("encoding", ["", "gzip"])
@pytest.mark.parametrize(("ask", "told"), [("if_none_match", "ETag"), ("if_modified_since", "Last-Modified")])
def test_who_has_the_page_is_told_that_it_still_holds(site, encoding, ask, told):
    known = answers("/guides/risks/", accept_encoding=encoding)[1][told]
    response = Client().get("/guides/risks/", headers={ask: known, "accept_encoding": encoding})
    assert (response.status_code, response.content) == (304, b"")


def test_head_is_answered_from_the_page_that_get_has_kept(site):
    seen("/guides/risks/")
    with CaptureQueriesContext(connection) as asked:
        response = Client().head("/guides/risks/")
    assert (response.status_code, response.content, len(asked)) == (200, b"", 0)
    assert int(response["Content-Length"]) == len(seen("/guides/risks/")[1])


def test_a_list_last_changed_with_the_edition_or_at_midnight(site, monkeypatch):
    noon = dt.datetime(2026, 11, 20, 12, 0, tzinfo=dt.UTC)
    monkeypatch.setattr(timezone, "now", lambda: noon)
    Edition.objects.update(since=noon - dt.timedelta(hours=1))
    at_eleven = Client().get("/guides/")["Last-Modified"]
    monkeypatch.setattr(edition, "_last", None)
    Edition.objects.update(since=noon - 3 * DAY)
    monkeypatch.setattr(timezone, "now", lambda: noon + DAY)
    at_midnight = Client().get("/guides/")["Last-Modified"]
    assert [at_eleven, at_midnight] == ["Fri, 20 Nov 2026 11:00:00 GMT", "Sat, 21 Nov 2026 00:00:00 GMT"]


@pytest.mark.parametrize(
    "path", ["/guides/risks/", "/treatments/cells/", "/feeds/guides.atom", "/feeds/guides.rss"]
)
def test_who_knows_a_page_by_its_time_alone_hears_of_every_change_on_the_site(site, monkeypatch, path):
    soon = timezone.now() + dt.timedelta(seconds=2)
    monkeypatch.setattr(timezone, "now", lambda: soon)
    known = Client().get(path)["Last-Modified"]
    later = parsedate_to_datetime(known) + dt.timedelta(seconds=2)
    Edition.objects.create(mark=uuid.uuid4(), since=later)
    monkeypatch.setattr(edition, "_last", None)
    monkeypatch.setattr(timezone, "now", lambda: later + dt.timedelta(seconds=2))
    response = Client().get(path, headers={"if_modified_since": known})
    assert (response.status_code, response["Last-Modified"]) == (200, http_date(later.timestamp()))


def test_while_another_change_may_come_in_the_same_second_no_time_is_told(site, monkeypatch):
    began = dt.datetime(2026, 11, 20, 12, 0, 0, 100_000, tzinfo=dt.UTC)
    Edition.objects.update(since=began)
    told = []
    for seconds in (0.5, 1.9, 2.0):
        monkeypatch.setattr(timezone, "now", lambda moment=began + dt.timedelta(seconds=seconds): moment)
        told.append(Client().get("/about/").headers.get("Last-Modified"))
    assert told == [None, None, "Fri, 20 Nov 2026 12:00:00 GMT"]


def test_another_program_has_changed_every_page(site, monkeypatch):
    Edition.objects.update(since=dt.datetime(2026, 11, 20, 9, 0, tzinfo=dt.UTC))
    monkeypatch.setattr(reading, "STARTED", dt.datetime(2026, 11, 20, 11, 0, tzinfo=dt.UTC))
    monkeypatch.setattr(timezone, "now", lambda: dt.datetime(2026, 11, 20, 12, 0, tzinfo=dt.UTC))
    assert Client().get("/about/")["Last-Modified"] == "Fri, 20 Nov 2026 11:00:00 GMT"


@pytest.mark.parametrize(
    ("takes", "pressed"),
    [
        ("gzip", True),
        ("br, gzip;q=0.5", True),
        ("gzip;q=1.0, *;q=0", True),
        ("gzip;q=0", False),
        ("gzip; q=0.000, identity", False),
        ("identity", False),
        ("", False),
    ],
)
def test_who_refuses_gzip_gets_none(site, takes, pressed):
    response = Client().get("/about/", headers={"accept-encoding": takes})
    assert response.has_header("Content-Encoding") == pressed


def test_what_somebody_searched_for_no_other_keeps(site):
    kept_by = [Client().get(path)["Cache-Control"] for path in ("/search/?q=cells", "/about/")]
    assert kept_by == ["private, max-age=0, must-revalidate", "public, max-age=0, must-revalidate"]


def test_no_page_has_changed_in_the_future(site, monkeypatch):
    noon = dt.datetime(2026, 11, 20, 12, 0, tzinfo=dt.UTC)
    monkeypatch.setattr(timezone, "now", lambda: noon)
    Edition.objects.update(since=noon + DAY)
    assert Client().get("/guides/")["Last-Modified"] == "Fri, 20 Nov 2026 00:00:00 GMT"


# --- A cache that is away -----------------------------------------------------------------------


@pytest.fixture
def no_redis(settings):
    """The address of a Redis where none listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        address = f"redis://127.0.0.1:{taken.getsockname()[1]}/0"
        settings.CACHES = {
            "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": address}
        }
        yield


def test_without_its_cache_the_site_shows_every_change_and_says_once_what_is_missing(
    site, now, no_redis, caplog, settings
):
    with caplog.at_level(logging.WARNING, "portal.shelf"):
        before = seen("/guides/risks/")
        publish(site, now, None)
        after = seen("/guides/risks/")
    assert (before[0], b"Another title" in before[1]) == (200, False)
    assert (after[0], b"Another title" in after[1]) == (200, True)
    assert [record.message for record in caplog.records] == [
        "the cache is away (ConnectionError); pages come from the database or are drawn"
    ]
