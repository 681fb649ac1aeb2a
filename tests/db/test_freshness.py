"""What readers are told when a text has waited too long, was checked again, or its evidence has changed."""

import datetime as dt

import pytest
from django.utils import timezone

from articles import flags, pages, reviews, sources
from articles.models import Source, Treatment
from portal import roles
from tests import builders
from tests.pages import links, parts, text_of

pytestmark = pytest.mark.django_db
GUIDE, TREATMENT = "/guides/risks/", "/treatments/cells/"
LONG_AGO = dt.timedelta(days=100)


@pytest.fixture
def now():
    """Pages ask the clock, so what they show is written today."""
    return timezone.now()


def overdue(subject, now, **changes):
    """A text published long ago whose day has passed since yesterday."""
    yesterday = timezone.localdate(now) - dt.timedelta(days=1)
    return builders.published(subject, now=now - LONG_AGO, next_review_on=yesterday, **changes)


def confirm(revision, now):
    reviewer = builders.staff(roles.REVIEWER)
    day = timezone.localdate(now) + dt.timedelta(days=90)
    said = {"reason": "Nothing new was found.", "seen_flags": flags.marks_of(revision.subject)}
    reviews.confirm_still_current(revision, **said, next_review_on=day, by=reviewer, now=now)


def retract(source, now):
    sources.change(
        source,
        {"state": "retracted"},
        reason="Its publisher took it back.",
        by=builders.staff(roles.EDITOR),
        now=now,
    )


def offers(response):
    return [link for link in links(response) if link.startswith(("/quote/", "/estimate/"))]


# --- Overdue ------------------------------------------------------------------------------------


def test_past_the_review_date_there_is_a_banner_and_no_quote_until_somebody_confirms(client, guide, now):
    revision = overdue(guide, now)
    late = client.get(GUIDE)
    assert parts(late, ".overdue h2") == ["This page is waiting to be checked again"]
    assert offers(late) == []
    confirm(revision, now)
    checked = client.get(GUIDE)
    assert parts(checked, ".overdue") == []
    assert offers(checked) == ["/quote/", "/quote/", "/quote/"]
    assert f"Checked on {now.day} {now:%B %Y}" in text_of(checked)


def test_a_guide_leads_to_no_quote_for_a_treatment_that_waits_to_be_checked(client, guide, cells, now):
    revision = overdue(cells, now)
    guide.treatments.add(cells)
    builders.published(guide, now=now)
    waiting = client.get(GUIDE)
    assert offers(waiting) == []
    assert parts(waiting, ".overdue") == []
    confirm(revision, now)
    assert "/quote/?treatment=cells" in offers(client.get(GUIDE))


def test_one_treatment_that_is_in_date_is_enough_for_a_quote(client, guide, cells, now):
    overdue(cells, now)
    other = builders.treatment("others", now=now)
    builders.published(other, now=now)
    guide.treatments.add(cells, other)
    builders.published(guide, now=now)
    assert offers(client.get(GUIDE)) == ["/quote/", "/quote/", "/quote/"]


@pytest.mark.parametrize("address", ["/guides/risks/easy/", "/treatments/compare/?t=cells&t=others"])
def test_the_other_pages_of_an_overdue_text_offer_nothing_either(client, guide, cells, now, address):
    overdue(guide, now, easy_summary="Easy.", easy_body="<h2>Easy</h2><p>Two people died [@trial-1].</p>")
    overdue(cells, now)
    builders.published(builders.treatment("others", now=now), now=now)
    assert offers(client.get(address)) == []


def test_another_way_than_cells_has_no_facts_on_cells_and_no_quote(client, guide, cells, now):
    Treatment.objects.filter(pk=cells.pk).update(standing="alternative", quote_offered=False)
    cells.refresh_from_db()
    builders.published(cells, now=now, cell_type="", donor="", route="", approval="")
    guide.treatments.add(cells)
    builders.published(guide, now=now)
    for address in (TREATMENT, GUIDE):
        response = client.get(address)
        assert parts(response, "#free-quote, #trials-to-find") == []
    assert parts(client.get(TREATMENT), "article > header dt") == []


# --- What happened to it ------------------------------------------------------------------------


def test_versions_and_confirmations_are_public_in_one_line_each(client, guide, now):
    first, second = now - dt.timedelta(days=60), now - dt.timedelta(days=30)
    earlier = builders.published(guide, now=first)
    confirm(earlier, first + dt.timedelta(days=9))
    builders.published(guide, now=second, by=earlier.author, change_note="New trial added.")
    confirm(guide.revisions.order_by("-number").first(), now)
    lines = [
        (now, "checked again, nothing changed"),
        (second, "New trial added."),
        (first + dt.timedelta(days=9), "checked again, nothing changed"),
        (first, "first published"),
    ]
    assert parts(client.get(GUIDE), "[aria-labelledby=history] li") == [
        f"{at.day} {at:%B %Y} : {words}" for at, words in lines
    ]


def test_a_confirmation_of_a_text_whose_source_changed_says_so(client, guide, now):
    live = builders.published(guide, now=now - dt.timedelta(days=60))
    confirm(live, now - dt.timedelta(days=20))
    retract(Source.objects.get(), now - dt.timedelta(days=10))
    confirm(live, now)
    said = [line.partition(" : ")[2] for line in parts(client.get(GUIDE), "[aria-labelledby=history] li")]
    assert said == [
        "a source changed; the text was checked and stays as it is",
        "checked again, nothing changed",
        "first published",
    ]


def test_a_confirmation_of_an_earlier_version_says_nothing_about_this_one(guide, now):
    earlier = builders.published(guide, now=now - dt.timedelta(days=60))
    confirm(earlier, now - dt.timedelta(days=1))
    later = builders.published(guide, now=now - dt.timedelta(days=2), by=earlier.author)
    page = pages.guide_page(later, today=timezone.localdate(now))
    assert page["checked_on"] == timezone.localdate(now - dt.timedelta(days=2))


def test_the_score_of_the_fifteen_questions_is_shown_with_its_day_and_what_it_means(client, guide, now):
    builders.published(guide, now=now)
    score = next(fact for fact in parts(client.get(GUIDE), ".facts li") if "DISCERN" in fact)
    assert score == f"Quality of information: DISCERN 60 of 75 on {now.day} {now:%B %Y}"
    assert links(client.get(GUIDE), ".facts a") == ["/how-we-review/"]


def test_a_demonstration_shows_no_rating(client, now):
    builders.published(builders.guide("risks", now=now), now=now, demonstration=True)
    assert [fact for fact in parts(client.get("/guides/risks/"), ".facts li") if "DISCERN" in fact] == []


# --- Changed evidence ---------------------------------------------------------------------------


def test_a_retracted_source_shows_on_the_page_its_claims_and_its_reference_until_settled(client, cells, now):
    trial, other = builders.source("trial-1", plain_title="The first trial"), builders.source("trial-2")
    claims = [builders.written_claim(), builders.written_claim(sentence="Three fell.", sources=[other.key])]
    revision = builders.published(cells, now=now - LONG_AGO, claims=claims)
    retract(trial, now)
    day = f"{now.day} {now:%B %Y}"
    response = client.get(TREATMENT)
    assert parts(response, ".overdue") == [
        f"A source of this page has changed The first trial is now retracted (since {day})."
        " We are checking what this means for this page."
    ]
    assert links(response, ".overdue a") == ["/evidence/trial-1/"]
    assert [claim.split()[0] for claim in parts(response, ".claim-changed .claim-sentence")] == ["Two"]
    assert parts(response, "#claim-1 .claim-mark") == [
        "We are checking this again. Its source “The first trial” is now retracted."
    ]
    assert parts(response, "#ref-1 .claim-mark, #ref-2 .claim-mark") == [
        f"Changed on {day}: we are checking what this means."
    ]
    confirm(revision, now)
    settled = client.get(TREATMENT)
    assert parts(settled, ".overdue, .claim-mark") == []
    assert parts(settled, "#ref-1 .status-retracted") == ["retracted"]


def test_changed_evidence_shows_on_the_easy_version_and_beside_other_treatments(client, guide, cells, now):
    builders.published(
        guide, now=now, easy_summary="Easy.", easy_body="<h2>Easy</h2><p>Two people died [@trial-1].</p>"
    )
    for treatment in (cells, builders.treatment("others", now=now)):
        builders.published(treatment, now=now)
    retract(Source.objects.get(key="trial-1"), now)
    assert parts(client.get("/guides/risks/easy/"), ".overdue h2") == ["A source of this page has changed"]
    side_by_side = client.get("/treatments/compare/?t=cells&t=others")
    assert len(parts(side_by_side, "tbody tr:first-child .claim-mark")) == 2


def test_a_flagged_guide_costs_one_query_more(client, guide, now, django_assert_max_num_queries):
    builders.published(guide, now=now)
    retract(Source.objects.get(key="trial-1"), now)
    with django_assert_max_num_queries(7):
        assert parts(client.get(GUIDE), ".overdue h2") == ["A source of this page has changed"]
