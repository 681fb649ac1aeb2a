"""The lists of what happens to live texts: changed evidence, claims, readers' answers, what is due."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from articles import publishing, sources
from articles.models import Feedback, Guide
from articles.staff.admin_evidence import time_in_words
from tests import builders

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("signed_in")]

FLAGS = "/admin/articles/evidenceflag/"
CLAIMS = "/admin/articles/claim/"
FEEDBACK = "/admin/articles/feedback/"
GUIDES = "/admin/articles/guide/"
DAY = dt.timedelta(days=1)


def rows(client, address):
    """The records of a list, and its admin, which puts them in words."""
    cl = client.get(address).context_data["cl"]
    return cl.model_admin, list(cl.result_list)


# --- Evidence that changed ----------------------------------------------------------------------


@pytest.fixture
def flagged(now, editor):
    """A guide and its claim that wait, and a guide that was withdrawn later."""
    source = builders.source("trial-1")
    open_one = builders.published(builders.guide("risks", now=now), now=now)
    builders.claim(open_one, source, sentence="Two died.")
    settled = builders.published(builders.guide("old", now=now), now=now)
    sources.change(source, {"state": "retracted"}, reason="The journal found fraud.", by=editor, now=now)
    publishing.withdraw(settled, reason="Newer trials say otherwise.", by=editor, now=now + DAY)
    return source


def where(client, address):
    shows, found = rows(client, address)
    return [(str(shows.what(flag)).partition("<")[0], ">Risks" in shows.where(flag)) for flag in found]


def test_what_waits_stands_first_with_its_text_its_source_and_the_change(client, flagged):
    shows, found = rows(client, FLAGS)
    assert [(shows.change(flag), str(shows.how(flag))) for flag in found] == [
        ("current → retracted", "not yet"),
        ("current → retracted", "not yet"),
        ("current → retracted", "the text was withdrawn"),
    ]
    assert {flag.pk for flag in found if ">trial-1</a>" in shows.source_link(flag)} == {f.pk for f in found}


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", [("guide", True), ("claim: ", True), ("guide", False)]),
        ("?settled=no", [("guide", True), ("claim: ", True)]),
        ("?settled=withdrawn", [("guide", False)]),
        ("?on=claim", [("claim: ", True)]),
        ("?on=treatment", []),
        ("?q=risks", [("guide", True), ("claim: ", True)]),
        ("?to_state__exact=terminated", []),
    ],
)
def test_the_list_of_flags_is_narrowed(client, flagged, query, found):
    assert where(client, FLAGS + query) == found


def test_it_is_narrowed_to_a_source(client, flagged, now, editor):
    other = builders.source("other")
    builders.claim(Guide.objects.get(slug="risks").live_revision, other)
    sources.change(other, {"state": "terminated"}, reason="Its sponsor ran out of money.", by=editor, now=now)
    assert len(rows(client, f"{FLAGS}?source={other.pk}")[1]) == 2


def test_the_flags_of_one_text_stand_together(client, now, editor):
    first, second = builders.source("first"), builders.source("second")
    body = "<h2>Risks</h2><p>Of 23 two died [@first] [@second].</p>"
    for number in range(2):
        live = builders.published(builders.guide(now=now), now=now, title=f"Text {number}", body=body)
        builders.claim(live, first, sentence=f"Claim {number}")
    for number, source in enumerate((first, second)):
        then = now + number * DAY
        sources.change(source, {"state": "retracted"}, reason="The journal found fraud.", by=editor, now=then)
    shows, found = rows(client, FLAGS)
    texts = [shows.where(flag).partition(">")[2].removesuffix("</a>") for flag in found]
    assert texts == ["Text 0"] * 3 + ["Text 1"] * 3
    assert [flag.claim_id is not None for flag in found] == [False, False, True] * 2


def test_who_acts_next_follows_from_the_newest_text(client, now, editor, flagged):
    def who():
        shows, found = rows(client, FLAGS)
        return [str(shows.who_next(flag)) for flag in found]

    both = "a medical reviewer: confirm it, or an editor: revise it"
    assert who() == [both, both, "–"]
    builders.source("other")
    words = "<h2>The risks</h2><p>Two of 23 people died [@other].</p>"
    draft = builders.draft(Guide.objects.get(slug="risks"), by=editor, now=now, body=words)
    assert who() == ["an editor: submit the draft"] * 2 + ["–"]
    publishing.submit(draft, by=editor, now=now)
    assert who() == ["a medical reviewer: decide on the new text"] * 2 + ["–"]


def test_nobody_writes_a_flag(client, flagged):
    _shows, found = rows(client, FLAGS)
    page = client.get(f"{FLAGS}{found[0].pk}/change/")
    assert (page.status_code, 'type="submit"' in page.content.decode().partition("<main")[2]) == (200, False)
    assert client.post(f"{FLAGS}{found[0].pk}/change/", {"settled_how": "confirmed"}).status_code == 403


# --- Claims -------------------------------------------------------------------------------------


@pytest.fixture
def claims(now, editor):
    source = builders.source("trial-1", main_measure="met")
    live = builders.published(builders.guide("risks", now=now), now=now)
    cells = builders.published(builders.treatment("cells", now=now), now=now)
    builders.claim(live, source, sentence="harm", treatment=cells.subject, count=2, of=23)
    builders.claim(live, source, sentence="benefit", direction="benefit", how_sure="very_low")
    old = builders.published(builders.guide("old", now=now), now=now)
    builders.claim(old, source, sentence="old")
    publishing.withdraw(old, reason="Newer trials say otherwise.", by=editor, now=now)
    source.main_measure = "missed"
    source.save()
    return source


@pytest.mark.parametrize(
    ("query", "sentences"),
    [
        ("", ["benefit", "harm"]),
        ("?standing=all", ["benefit", "harm", "old"]),
        ("?standing=overstated", ["benefit"]),
        ("?standing=flagged", []),
        ("?direction=harm", ["harm"]),
        ("?direction=harm&standing=all", ["harm", "old"]),
        ("?how_sure=very_low", ["benefit"]),
        ("?treatment=cells", ["harm"]),
        ("?q=trial-1", ["benefit", "harm"]),
    ],
)
def test_the_list_of_claims_is_narrowed_to_what_readers_see_unless_asked(client, claims, query, sentences):
    _shows, found = rows(client, CLAIMS + query)
    assert sorted(claim.sentence for claim in found) == sentences


def test_a_claim_names_its_text_its_sources_and_its_figures(client, claims):
    shows, found = rows(client, f"{CLAIMS}?standing=all&direction=harm")
    old, harm = found
    assert "Risks in plain words</a>, version 1 (not read now)" in shows.stated_in(old)
    assert shows.stated_in(harm).endswith("Risks in plain words</a>, version 1")
    assert ">trial-1</a>" in shows.backing(harm)
    assert (shows.figures(harm), shows.figures(old), shows.sure(harm)) == ("2 of 23", "–", "low")


# --- What readers answer ------------------------------------------------------------------------


@pytest.fixture
def answers(now):
    guide, other = builders.guide("risks", now=now), builders.guide("other", now=now)
    given = [(guide, "", True)] * 3 + [(guide, "", False), (guide, "Costs", False), (other, "", True)]
    for number, (subject, section, useful) in enumerate(given):
        Feedback.objects.create(
            guide=subject,
            revision_number=1,
            section=section,
            useful=useful,
            comment="" if useful else f"Too long {number}.",
            at=now,
        )


def counted(client, query=""):
    counts = client.get(FEEDBACK + query).context_data["counts"]
    return [(row["guide__slug"], row["section"], row["found_useful"], row["answers"]) for row in counts]


@pytest.mark.parametrize(
    ("query", "counts"),
    [
        ("", [("risks", "", 3, 4), ("other", "", 1, 1), ("risks", "Costs", 0, 1)]),
        ("?guide=risks", [("risks", "", 3, 4), ("risks", "Costs", 0, 1)]),
        ("?guide=risks&section=Costs", [("risks", "Costs", 0, 1)]),
        ("?useful__exact=0", [("risks", "", 0, 1), ("risks", "Costs", 0, 1)]),
        ("?guide=nonsense", [("risks", "", 3, 4), ("other", "", 1, 1), ("risks", "Costs", 0, 1)]),
    ],
)
def test_it_is_counted_by_guide_and_section_how_many_found_it_useful(client, answers, query, counts):
    assert counted(client, query) == counts


def test_the_counts_stand_on_the_page_in_words(client, answers):
    assert "<strong>3 of 4</strong>" in client.get(FEEDBACK).content.decode()


def test_the_counts_are_one_query(client, answers):
    with CaptureQueriesContext(connection) as captured:
        client.get(FEEDBACK)
    assert len([query for query in captured if "found_useful" in query["sql"]]) == 1


def test_nobody_writes_an_answer(client, answers):
    answer = Feedback.objects.first()
    assert client.post(f"{FEEDBACK}{answer.pk}/change/", {"comment": "x"}).status_code == 403


@pytest.mark.parametrize(
    "name", ["settled", "on", "source", "standing", "treatment", "guide", "section", "days", "q"]
)
def test_no_filter_stumbles_over_what_stands_in_an_address(client, flagged, name):
    lists = (FLAGS, CLAIMS, FEEDBACK, "/admin/articles/source/")
    asked = [
        f"{path}?{name}={value}" for path in lists for value in ("%00", "x" * 10_000, "-1", "1.5", "%FF")
    ]
    assert {client.get(address).status_code for address in asked} <= {200, 302}


@pytest.mark.parametrize(
    ("hours", "words"),
    [(0, "0 hours"), (1, "1 hour"), (36, "36 hours"), (48, "2 days"), (4380, "6 months"), (8760, "1 year")],
)
def test_hours_are_shown_as_people_say_them(hours, words):
    assert time_in_words(hours) == words


# --- Guides and treatments ----------------------------------------------------------------------


def test_what_is_flagged_is_marked_and_found(client, flagged):
    shows, found = rows(client, f"{GUIDES}?readers=flagged")
    assert [guide.slug for guide in found] == ["risks"]
    assert "changed on 20 November 2026" in shows.evidence(found[0])
    unmarked = Guide.objects.get(slug="old")
    assert shows.evidence(unmarked) == ""


def test_what_is_due_stands_by_its_day(client, now):
    long_ago = timezone.now() - 60 * DAY
    for slug, days in (("later", 20), ("over", -3), ("soon", 2)):
        day = timezone.localdate() + days * DAY
        builders.published(builders.guide(slug, now=long_ago), now=long_ago, next_review_on=day)
    _shows, found = rows(client, f"{GUIDES}?readers=due")
    assert [guide.slug for guide in found] == ["over", "soon", "later"]
    _shows, found = rows(client, f"{GUIDES}?readers=due&o=-3")
    assert [guide.slug for guide in found] == ["later", "soon", "over"]
