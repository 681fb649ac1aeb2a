"""A live text is confirmed as it stands: by whom, why, until when."""

import datetime as dt

import pytest

from articles import flags, publishing, reviews, sources
from articles.models import Confirmation, Guide, Source
from articles.publishing import NotOpen, OwnWork, PublishingError, Refused
from portal import roles
from portal.models import AuditEvent
from tests import builders
from tests.simultaneous import at_once

pytestmark = pytest.mark.django_db

DAY = dt.timedelta(days=1)


@pytest.fixture(params=["guide", "treatment"])
def live(request, now):
    return builders.published(getattr(builders, request.param)(now=now), now=now)


def confirm(revision, *, by, now, **changes):
    said = {"reason": "Read again with its sources.", "next_review_on": now.date() + 90 * DAY} | changes
    return reviews.confirm_still_current(revision, by=by, now=now, **said)


def refused(error, live, before=None, **asked):
    """The words of the refusal; and nothing is written."""
    with pytest.raises(error) as told:
        confirm(live, **asked)
    live.refresh_from_db()
    assert (Confirmation.objects.count(), live.next_review_on) == (0, before or dt.date(2027, 5, 21))
    return str(told.value)


def test_it_is_kept_who_confirmed_why_and_until_when(now, live, reviewer):
    made = confirm(live, by=reviewer, now=now + DAY, reason="  No newer trial. ")
    live.refresh_from_db()
    assert (made.guide_revision or made.treatment_revision) == live
    assert (made.by, made.at, made.reason) == (reviewer, now + DAY, "No newer trial.")
    assert made.next_review_on == live.next_review_on == (now + 91 * DAY).date()


def test_the_trail_tells_it(now, live, reviewer):
    confirm(live, by=reviewer, now=now)
    event = AuditEvent.objects.first()
    assert (event.action.partition(".")[2], event.target_id) == ("confirmed", str(live.subject_id))
    assert event.detail == {
        "revision": 1,
        "reason": "Read again with its sources.",
        "next_review_on": "2027-02-18",
        "flags_settled": 0,
    }


def test_an_overdue_text_is_so_no_more(now, live, reviewer):
    later = now + 200 * DAY
    overdue = type(live.subject).objects.review_overdue
    assert list(overdue(later.date())) == [live.subject]
    confirm(live, by=reviewer, now=later)
    assert list(overdue(later.date())) == []


def test_the_words_and_the_version_stay(now, live, reviewer):
    before = live.content() | {"number": live.number, "reviewed_at": live.reviewed_at}
    confirm(live, by=reviewer, now=now)
    live.refresh_from_db()
    assert live.content() | {"number": live.number, "reviewed_at": live.reviewed_at} == before
    assert live.subject.live_revision == live


@pytest.mark.parametrize("reason", ["x", "No news.", "a b c", "123 456 789 012", "Unquestionably so."])
def test_a_reason_tells_something(now, live, reviewer, reason):
    told = "A reason has at least 3 words and 12 letters. Write what you looked at."
    assert refused(PublishingError, live, by=reviewer, now=now, reason=reason) == told


@pytest.mark.parametrize("reason", ["", "   ", "\x07"])
def test_without_a_reason_it_is_refused(now, live, reviewer, reason):
    assert refused(PublishingError, live, by=reviewer, now=now, reason=reason) == "Say why it still holds."


def test_who_wrote_it_does_not_confirm_it(now, live):
    refused(OwnWork, live, by=live.author, now=now)


@pytest.mark.parametrize(
    ("days", "told"),
    [
        (-1, "Check again by: The next review must be after today."),
        (0, "Check again by: The next review must be after today."),
        (732, "Check again by: Choose a day within two years, by 20 November 2028."),
    ],
)
def test_the_next_day_is_after_today_and_within_two_years(now, live, reviewer, days, told):
    day = now.date() + days * DAY
    assert refused(Refused, live, by=reviewer, now=now, next_review_on=day) == told


@pytest.mark.parametrize("days", [1, 731])
def test_the_first_and_the_last_day_are_taken(now, live, reviewer, days):
    assert confirm(live, by=reviewer, now=now, next_review_on=now.date() + days * DAY).pk


def test_what_readers_do_not_see_is_not_confirmed(now, reviewer):
    waiting = builders.approved(builders.guide(now=now), now=now)
    refused(NotOpen, waiting, by=reviewer, now=now)


def test_an_earlier_text_is_not_confirmed(now, live, reviewer):
    builders.published(live.subject, now=now + DAY, by=live.author)
    refused(NotOpen, live, by=reviewer, now=now + DAY)


def test_a_withdrawn_text_is_not_confirmed(now, live, reviewer):
    publishing.withdraw(live, reason="Newer trials say otherwise.", by=live.author, now=now)
    refused(NotOpen, live, by=reviewer, now=now)


# --- What its evidence allows -------------------------------------------------------------------


@pytest.fixture
def praised(now):
    """A live treatment with a benefit, whose trial met its goal."""
    met = builders.source("met", main_measure=Source.MainMeasure.MET)
    claims = [
        builders.written_claim(),
        builders.written_claim(direction="benefit", sentence="More people walked.", sources=[met.key]),
    ]
    return builders.published(builders.treatment("cells", now=now), now=now, claims=claims)


def change(key, state, now):
    source = Source.objects.get(key=key)
    sources.change(
        source, {"state": state}, reason="Its journal says so.", by=builders.staff(roles.REVIEWER), now=now
    )


def test_a_benefit_whose_source_was_retracted_is_not_confirmed(now, praised, reviewer):
    change("met", "retracted", now)
    seen = flags.marks_of(praised.subject)
    assert refused(Refused, praised, by=reviewer, now=now, seen_flags=seen) == (
        "It cannot be confirmed as it stands: revise it or withdraw it. Claim 2: The source “met” under this"
        " benefit was retracted. Take the source out, and the claim with it unless another source shows it."
    )
    assert flags.marks_of(praised.subject) == seen


def test_a_benefit_whose_trial_is_now_known_to_have_missed_is_not_confirmed(now, praised, reviewer):
    Source.objects.filter(key="met").update(main_measure=Source.MainMeasure.MISSED)
    assert "Claim 2: Every trial under this benefit missed" in refused(Refused, praised, by=reviewer, now=now)


def test_a_link_that_leads_nowhere_any_more_is_not_confirmed(now, reviewer):
    other = builders.published(builders.guide("other", now=now), now=now)
    body = '<h2>The risks</h2><p>Read <a href="/guides/other/">this</a> [@trial-1].</p>'
    live = builders.published(builders.guide("linking", now=now), now=now, body=body)
    publishing.withdraw(other, reason="No longer true.", by=other.author, now=now)
    assert "“/guides/other/” leads to no page" in refused(Refused, live, by=reviewer, now=now)


def test_a_flag_that_this_person_was_not_shown_is_not_settled(now, live, reviewer):
    seen = flags.marks_of(live.subject)
    change("trial-1", "retracted", now)
    told = "The evidence under this text changed meanwhile. Look at the page again."
    assert refused(NotOpen, live, by=reviewer, now=now, seen_flags=seen) == told
    assert flags.open_on(live.subject).count() == 1


def test_a_flag_that_says_something_else_by_now_is_not_settled(now, live, reviewer):
    change("trial-1", "terminated", now)
    seen = flags.marks_of(live.subject)
    change("trial-1", "retracted", now)
    refused(NotOpen, live, by=reviewer, now=now, seen_flags=seen)


def test_a_flag_that_a_colleague_settled_meanwhile_stands_in_nobodys_way(now, live, reviewer):
    change("trial-1", "retracted", now)
    seen = flags.marks_of(live.subject)
    change("trial-1", "current", now)
    assert confirm(live, by=reviewer, now=now, seen_flags=seen).pk


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kind", ["guide", "treatment"])
def test_of_two_who_confirm_at_once_the_second_is_told(now, reviewer, kind):
    live = builders.published(getattr(builders, kind)(now=now), now=now)
    read = [type(live).objects.get(pk=live.pk) for _person in range(2)]

    def act(number):
        try:
            return confirm(read[number], by=reviewer, now=now, next_review_on=now.date() + (9 + number) * DAY)
        except NotOpen:
            return None

    made = [confirmation for confirmation in at_once(2, act) if confirmation]
    live.refresh_from_db()
    assert [confirmation.next_review_on for confirmation in made] == [live.next_review_on]
    assert list(Confirmation.objects.all()) == made


@pytest.mark.django_db(transaction=True)
def test_confirmed_while_it_is_replaced_it_is_one_after_the_other(now, reviewer):
    live = builders.published(builders.guide(now=now), now=now)
    newer = builders.approved(live.subject, now=now, by=live.author)

    def act(number):
        if number:
            return publishing.publish(newer, by=live.author, now=now)
        try:
            return confirm(live, by=reviewer, now=now)
        except NotOpen:
            return None

    confirmed, _published = at_once(2, act)
    assert Guide.objects.get().live_revision == newer
    assert list(Confirmation.objects.all()) == ([confirmed] if confirmed else [])
