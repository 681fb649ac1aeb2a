"""A source changes its state: what is flagged, exactly, and how each flag is settled."""

import datetime as dt

import pytest

from articles import flags, publishing, reviews, sources
from articles.models import EvidenceFlag, Guide, RevisionState, Source, Treatment
from portal import roles
from portal.models import AuditEvent
from tests import builders
from tests.simultaneous import at_once

pytestmark = pytest.mark.django_db

DAY = dt.timedelta(days=1)
HOUR = dt.timedelta(hours=1)
Settled = EvidenceFlag.Settled
AGREED = {"source_not_current": "It speaks of harm alone."}
State = Source.State


@pytest.fixture
def trial():
    return builders.source("trial-1")


@pytest.fixture
def other():
    return builders.source("other")


def citing(*keys):
    cited = " ".join(f"[@{key}]" for key in keys)
    return f"<h2>The risks</h2><p>Two of 23 people died {cited}.</p>"


def live(kind, slug, *keys, now, **changes):
    subject = getattr(builders, kind)(slug, now=now)
    return builders.published(subject, now=now, body=citing(*keys), **changes)


def retract(source, *, by, now, state=State.RETRACTED, **more):
    return sources.change(source, {"state": state} | more, reason="The journal says so.", by=by, now=now)


def back(source, *, now):
    """A medical reviewer says that the source is current after all."""
    return retract(source, by=builders.staff(roles.REVIEWER), now=now, state=State.CURRENT)


def flagged(source, **which):
    """Names of what a source has flagged: address of a guide or treatment, sentence of a claim."""
    found = EvidenceFlag.objects.filter(source=source, **which).select_related("guide", "treatment", "claim")
    return sorted(str(flag.guide or flag.treatment or flag.claim.sentence) for flag in found)


def still_open(source):
    return flagged(source, settled_at=None)


def marked():
    """The guides and treatments that say so to readers."""
    return sorted(subject.slug for model in (Guide, Treatment) for subject in model.objects.flagged())


def whole_library(now, editor, trial, other):
    """Three guides, three treatments and eight claims in use of one source or not, and what is not in use."""
    cites = live("guide", "cites", "trial-1", "other", now=now)
    claims_only = live("guide", "claims-only", "other", now=now)
    neither = live("guide", "neither", "other", now=now)
    cells = live("treatment", "cells", "trial-1", now=now)
    by_claim = live("treatment", "by-claim", "other", now=now)
    stranger = live("treatment", "stranger", "other", now=now)

    builders.claim(cites, trial, sentence="first", treatment=cells.subject)
    builders.claim(cites, other, sentence="on another", treatment=cells.subject)
    builders.claim(claims_only, other, trial, sentence="second of two", treatment=cells.subject)
    builders.claim(neither, other, sentence="about cells, on another", treatment=cells.subject)
    builders.claim(by_claim, trial, other, sentence="first of two")
    builders.claim(stranger, other, sentence="stranger")

    gone = live("guide", "gone", "trial-1", now=now)
    builders.claim(gone, trial, sentence="of a text withdrawn", treatment=cells.subject)
    publishing.withdraw(gone, reason="Newer trials say otherwise.", by=editor, now=now)
    earlier = live("guide", "rewritten", "trial-1", now=now)
    builders.claim(earlier, trial, sentence="of an earlier text", treatment=cells.subject)
    builders.published(earlier.subject, now=now, body=citing("other"), by=editor)
    builders.draft(neither.subject, by=editor, now=now, body=citing("trial-1"))
    waiting = builders.approved(builders.guide("approved", now=now), now=now, body=citing("trial-1"))
    builders.claim(waiting, trial, sentence="of a text not yet read", treatment=cells.subject)


EXACTLY = ["by-claim", "cells", "cites", "claims-only", "first", "first of two", "second of two"]
SUBJECTS = ["by-claim", "cells", "cites", "claims-only"]


def test_a_retracted_source_flags_just_what_readers_see_that_stands_on_it(now, editor, trial, other):
    whole_library(now, editor, trial, other)
    told = retract(trial, by=editor, now=now + DAY)
    assert still_open(trial) == EXACTLY
    assert marked() == SUBJECTS
    assert EvidenceFlag.objects.exclude(source=trial).count() == 0
    assert told.flagged == {"guides": 2, "treatments": 2, "claims": 3, "settled": 0}


def test_each_flag_says_from_which_state_to_which_and_since_when(now, editor, trial, other):
    whole_library(now, editor, trial, other)
    retract(trial, by=editor, now=now + DAY)
    said = EvidenceFlag.objects.values_list("from_state", "to_state", "raised_at", "settled_how").distinct()
    assert list(said.order_by()) == [("current", "retracted", now + DAY, "")]
    since = {model.objects.flagged().values_list("flagged_at", flat=True)[0] for model in (Guide, Treatment)}
    assert since == {now + DAY}


def test_the_trail_tells_the_change_why_and_how_much_was_flagged(now, editor, trial, other):
    whole_library(now, editor, trial, other)
    retract(trial, by=editor, now=now + DAY)
    event = AuditEvent.objects.get(action="source.state_changed")
    assert (event.target_label, event.actor_name) == ("trial-1", "eda")
    assert event.detail == {
        "from": "current",
        "to": "retracted",
        "reason": "The journal says so.",
        "guides": 2,
        "treatments": 2,
        "claims": 3,
        "settled": 0,
    }


def test_another_correction_flags_nothing(now, editor, trial):
    live("guide", "cites", "trial-1", now=now)
    sources.change(trial, {"year": 2025, "finding": "No difference."}, by=editor, now=now)
    assert (EvidenceFlag.objects.count(), marked()) == (0, [])


def test_two_sources_under_one_text_are_two_flags(now, editor, trial, other):
    live("guide", "cites", "trial-1", "other", now=now)
    retract(trial, by=editor, now=now)
    retract(other, by=editor, now=now + DAY)
    assert (still_open(trial), still_open(other)) == (["cites"], ["cites"])
    assert Guide.objects.get().flagged_at == now


# --- One change after another -------------------------------------------------------------------


def test_a_further_change_keeps_one_open_flag_from_the_first_state_to_the_latest(now, editor, trial):
    text = live("guide", "cites", "trial-1", now=now)
    builders.claim(text, trial)
    retract(trial, by=editor, now=now, state=State.TERMINATED)
    told = retract(trial, by=editor, now=now + DAY)
    kept = EvidenceFlag.objects.values_list("from_state", "to_state", "raised_at", "settled_at")
    assert list(kept) == [("current", "retracted", now, None)] * 2
    assert told.flagged == {"guides": 1, "treatments": 0, "claims": 1, "settled": 0}


def test_a_source_in_its_earlier_state_again_settles_what_its_change_opened(now, editor, trial, other):
    whole_library(now, editor, trial, other)
    retract(trial, by=editor, now=now)
    told = back(trial, now=now + DAY)
    assert flagged(trial, settled_how=Settled.CHANGED_BACK, settled_at=now + DAY) == EXACTLY
    assert (still_open(trial), marked()) == ([], [])
    assert told.flagged == {"guides": 0, "treatments": 0, "claims": 0, "settled": 7}


def test_by_a_way_round_it_is_in_its_earlier_state_all_the_same(now, editor, trial):
    live("guide", "cites", "trial-1", now=now)
    for state in (State.TERMINATED, State.RETRACTED):
        retract(trial, by=editor, now=now, state=state)
    back(trial, now=now)
    assert (still_open(trial), marked()) == ([], [])


def test_a_text_stays_marked_while_another_source_under_it_is_not_as_it_was(now, editor, trial, other):
    live("guide", "cites", "trial-1", "other", now=now)
    retract(trial, by=editor, now=now)
    retract(other, by=editor, now=now)
    back(trial, now=now)
    assert (still_open(trial), still_open(other), marked()) == ([], ["cites"], ["cites"])


def test_who_agreed_to_the_later_state_is_flagged_when_the_source_changes_back(now, editor, trial):
    live("guide", "before", "trial-1", now=now)
    retract(trial, by=editor, now=now)
    live("guide", "after", "trial-1", now=now + DAY, reasons=AGREED)
    assert marked() == ["before"]
    back(trial, now=now + 2 * DAY)
    assert (still_open(trial), marked()) == (["after"], ["after"])
    flag = EvidenceFlag.objects.open().get()
    assert (flag.from_state, flag.to_state) == ("retracted", "current")


# --- Other facts that claims lean on ------------------------------------------------------------


def correct(source, *, by, now, **facts):
    return sources.change(source, facts, reason="The paper itself says so.", by=by, now=now)


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"main_measure": "met"}, "main measure missed → main measure met"),
        ({"control": "none"}, "compared with: placebo → no control group"),
        ({"kind": "review"}, "kind: trial → review of studies"),
        ({"people": 130}, "people: 126 → 130"),
        ({"design": "open"}, "design: randomised, blinded → open"),
    ],
)
def test_a_corrected_fact_flags_just_what_a_change_of_state_does(now, editor, trial, other, facts, said):
    whole_library(now, editor, trial, other)
    told = correct(trial, by=editor, now=now + DAY, **facts)
    assert (still_open(trial), marked()) == (EXACTLY, SUBJECTS)
    assert told.flagged == {"guides": 2, "treatments": 2, "claims": 3, "settled": 0}
    assert {flag.change for flag in EvidenceFlag.objects.all()} == {said}
    assert {flag.now for flag in EvidenceFlag.objects.all()} == {f"was corrected: {said}"}


def test_a_fact_under_a_submitted_text_changes_with_a_reason(now, editor, trial):
    in_review("waiting", editor, now=now)
    with pytest.raises(publishing.PublishingError, match="Say why this changes"):
        sources.change(trial, {"main_measure": "met"}, by=editor, now=now)
    assert Source.objects.get().main_measure == "missed"


def test_a_fact_under_drafts_alone_needs_no_reason(now, editor, trial):
    builders.draft(builders.guide(now=now), by=editor, now=now, body=citing("trial-1"))
    assert sources.change(trial, {"main_measure": "met"}, by=editor, now=now).fields == ["main_measure"]


def test_one_open_flag_tells_of_all_that_changed(now, editor, trial):
    live("guide", "cites", "trial-1", now=now)
    correct(trial, by=editor, now=now, main_measure="met")
    correct(trial, by=editor, now=now, people=130, main_measure="not_reported")
    retract(trial, by=editor, now=now)
    said = "current → retracted; main measure: main measure missed → not reported; people: 126 → 130"
    assert EvidenceFlag.objects.get().change == said


def test_a_fact_as_it_was_settles_its_flag_unless_the_state_is_another(now, editor, trial):
    live("guide", "cites", "trial-1", now=now)
    correct(trial, by=editor, now=now, main_measure="met")
    assert correct(trial, by=editor, now=now, main_measure="missed").flagged["settled"] == 1
    assert marked() == []
    correct(trial, by=editor, now=now, main_measure="met")
    retract(trial, by=editor, now=now)
    correct(trial, by=editor, now=now, main_measure="missed")
    assert EvidenceFlag.objects.open().get().change == "current → retracted"


def test_a_confirmation_agrees_only_to_the_facts_that_were_shown(now, editor, trial):
    text = live("guide", "cites", "trial-1", now=now)
    correct(trial, by=editor, now=now, main_measure="met")
    seen = flags.marks_of(text.subject)
    correct(trial, by=editor, now=now, people=12)
    assert not flags.marks_of(text.subject) <= seen


CORRECTED = "The record of the source “trial-1” was changed: main measure missed → main measure met."


def test_whoever_reviews_a_first_text_is_told_that_a_fact_under_it_was_changed(now, editor, trial):
    sources.change(trial, {"main_measure": "met"}, by=editor, now=now)
    draft = builders.draft(builders.guide(now=now), by=editor, now=now, body=citing("trial-1"))
    with pytest.raises(publishing.Refused) as refused:
        publishing.submit(draft, by=editor, now=now)
    assert [problem.message for problem in refused.value.problems] == [CORRECTED]
    agreed = builders.why(draft, {"source_corrected": "The erratum of May says so."})
    publishing.submit(draft, by=editor, now=now, reasons=agreed)
    assert [override["message"] for override in draft.overrides] == [CORRECTED]


def test_a_fact_that_changed_during_the_review_needs_a_reason_of_the_reviewer(now, editor, trial):
    text = in_review("reviewed", editor, now=now)
    correct(trial, by=editor, now=now + HOUR, main_measure="met")
    reviewer = builders.staff(roles.REVIEWER)
    said = {"next_review_on": (now + 90 * DAY).date(), "by": reviewer, "now": now + 2 * HOUR}
    with pytest.raises(publishing.Refused) as refused:
        builders.approve(text, agrees=True, **said)
    assert [problem.message for problem in refused.value.problems] == [CORRECTED]
    agreed = builders.why(text, {"source_corrected": "I looked the erratum up."})
    builders.approve(text, reasons=agreed, **said)
    publishing.publish(text, by=editor, now=now + DAY)
    assert EvidenceFlag.objects.count() == 0


def test_a_fact_that_changed_after_the_approval_flags_the_text_once_it_is_read(now, editor, trial):
    waiting = builders.approved(builders.guide("waiting", now=now), now=now, body=citing("trial-1"))
    correct(trial, by=editor, now=now + DAY, main_measure="met")
    publishing.publish(waiting, by=editor, now=now + 2 * DAY)
    assert [flag.change for flag in EvidenceFlag.objects.all()] == ["main measure missed → main measure met"]


def test_what_a_reviewer_agreed_to_once_is_not_asked_of_the_next_text(now, editor, trial):
    correct(trial, by=editor, now=now - DAY, main_measure="met")
    reasons = {"source_corrected": "I looked the erratum up."}
    text = live("guide", "cites", "trial-1", now=now, reasons=reasons)
    draft = builders.draft(text.subject, by=editor, now=now + DAY)
    assert publishing.submit(draft, by=editor, now=now + DAY).overrides == []


# --- Who may say that a source is better again --------------------------------------------------

MINUTE = dt.timedelta(minutes=1)


@pytest.mark.parametrize("state", [State.TERMINATED, State.RETRACTED, State.SUPERSEDED])
def test_no_editor_says_alone_that_a_source_is_current_again(now, editor, trial, other, state):
    live("guide", "cites", "trial-1", now=now)
    retract(trial, by=editor, now=now, state=state, superseded_by=other)
    for person in (editor, builders.staff(roles.EDITOR)):
        with pytest.raises(publishing.PublishingError):
            retract(trial, by=person, now=now + 16 * MINUTE, state=State.CURRENT)
    trial.refresh_from_db()
    assert (trial.state, still_open(trial)) == (state, ["cites"])


def test_a_reviewer_does_not_take_back_what_they_said_themselves(now, trial):
    reviewer = builders.staff(roles.REVIEWER)
    retract(trial, by=reviewer, now=now)
    with pytest.raises(publishing.PublishingError, match="another medical reviewer"):
        retract(trial, by=reviewer, now=now + 16 * MINUTE, state=State.CURRENT)
    back(trial, now=now + 16 * MINUTE)
    assert Source.objects.get().state == "current"


def test_a_slip_is_taken_back_within_a_quarter_of_an_hour(now, editor, trial):
    live("guide", "cites", "trial-1", now=now)
    retract(trial, by=editor, now=now)
    with pytest.raises(publishing.PublishingError, match="Only a medical reviewer"):
        retract(trial, by=builders.staff(roles.EDITOR), now=now + MINUTE, state=State.CURRENT)
    retract(trial, by=editor, now=now + 15 * MINUTE, state=State.CURRENT)
    assert (still_open(trial), marked()) == ([], [])


def test_a_slip_leads_back_to_where_it_was_and_no_further(now, editor, trial):
    retract(trial, by=builders.staff(), now=now - DAY, state=State.TERMINATED)
    retract(trial, by=editor, now=now)
    with pytest.raises(publishing.PublishingError):
        retract(trial, by=editor, now=now + MINUTE, state=State.CURRENT)
    retract(trial, by=editor, now=now + MINUTE, state=State.TERMINATED)
    assert Source.objects.get().state == "terminated"


# --- How it is settled --------------------------------------------------------------------------


@pytest.fixture
def text(now, editor, trial):
    """A live guide with a claim, both flagged; and a bystander."""
    live("guide", "bystander", "trial-1", now=now)
    made = live("guide", "cites", "trial-1", now=now, by=editor)
    builders.claim(made, trial, sentence="claim")
    retract(trial, by=editor, now=now)
    return made


def assert_settled(trial, how, by, at):
    assert flagged(trial, settled_how=how, settled_by=by, settled_at=at) == ["cites", "claim"]
    assert (still_open(trial), marked()) == (["bystander"], ["bystander"])


def test_a_newer_text_settles_it_though_it_cites_the_source_still(now, editor, trial, text):
    newer = builders.published(text.subject, now=now + DAY, by=editor, body=citing("trial-1"), reasons=AGREED)
    builders.claim(newer, trial, sentence="agreed to")
    assert_settled(trial, Settled.REVISED, editor, now + DAY)


def test_withdrawing_settles_it(now, editor, trial, text):
    publishing.withdraw(text, reason="No longer true.", by=editor, now=now + DAY)
    assert_settled(trial, Settled.WITHDRAWN, editor, now + DAY)


def test_confirming_settles_it(now, trial, text):
    reviewer = builders.staff(roles.REVIEWER)
    reviews.confirm_still_current(
        text,
        reason="It speaks of harm alone.",
        seen_flags=flags.marks_of(text.subject),
        next_review_on=(now + 90 * DAY).date(),
        by=reviewer,
        now=now + DAY,
    )
    assert_settled(trial, Settled.CONFIRMED, reviewer, now + DAY)


def test_a_treatment_is_settled_with_its_claims_and_no_guide_is(now, editor, trial):
    cells = live("treatment", "cells", "trial-1", now=now, by=editor)
    guide = live("guide", "cites", "trial-1", now=now)
    builders.claim(cells, trial, sentence="of the treatment")
    builders.claim(guide, trial, sentence="about it, of the guide", treatment=cells.subject)
    retract(trial, by=editor, now=now)
    publishing.withdraw(cells, reason="No longer true.", by=editor, now=now)
    assert still_open(trial) == ["about it, of the guide", "cites"]


def test_a_settled_flag_may_be_followed_by_another(now, editor, trial, text):
    publishing.withdraw(
        Guide.objects.get(slug="bystander").live_revision, reason="No longer true.", by=editor, now=now
    )
    newer = builders.published(text.subject, now=now + DAY, by=editor, body=citing("trial-1"), reasons=AGREED)
    reviewer = builders.staff(roles.REVIEWER)
    retract(trial, by=reviewer, now=now + 2 * DAY, state=State.TERMINATED)
    assert newer.subject.flags.values_list("from_state", "to_state", "settled_how").order_by("pk")[1] == (
        "retracted",
        "terminated",
        "",
    )


# --- What is not live yet -----------------------------------------------------------------------


def test_a_text_approved_with_a_retracted_source_is_not_flagged(now, editor, trial):
    retract(trial, by=editor, now=now)
    live("guide", "agreed", "trial-1", now=now + DAY, reasons=AGREED)
    assert (EvidenceFlag.objects.count(), marked()) == (0, [])


def in_review(slug, editor, *, now):
    return publishing.submit(
        builders.draft(builders.guide(slug, now=now), by=editor, now=now, body=citing("trial-1")),
        by=editor,
        now=now,
    )


def test_a_source_retracted_during_the_review_needs_a_reason_of_the_reviewer(now, editor, trial):
    text = in_review("reviewed", editor, now=now)
    retract(trial, by=editor, now=now + HOUR)
    reviewer = builders.staff(roles.REVIEWER)
    said = {"next_review_on": (now + 90 * DAY).date(), "by": reviewer, "now": now + 2 * HOUR}
    with pytest.raises(publishing.Refused) as refused:
        builders.approve(text, agrees=True, **said)
    assert [problem.code for problem in refused.value.problems] == ["source_not_current"]
    builders.approve(text, reasons=builders.why(text, AGREED), **said)
    assert text.overrides == [
        {
            "code": "source_not_current",
            "key": "text: The risks\ntrial-1 retracted",
            "place": "Under “The risks”",
            "message": "The source “trial-1” was retracted.",
            "reason": "It speaks of harm alone.",
            "by": "reviewer",
        }
    ]
    publishing.publish(text, by=editor, now=now + DAY)
    assert (EvidenceFlag.objects.count(), marked()) == (0, [])


def test_what_was_agreed_to_in_other_words_is_not_flagged(now, editor, trial):
    text = in_review("reviewed", editor, now=now)
    retract(trial, by=editor, now=now + HOUR)
    said = {"next_review_on": (now + 90 * DAY).date(), "by": builders.staff(roles.REVIEWER), "now": now + DAY}
    builders.approve(text, reasons=builders.why(text, AGREED), **said)
    in_other_words = [one | {"message": "Die Quelle wurde zurückgezogen."} for one in text.overrides]
    type(text)._base_manager.filter(pk=text.pk).update(overrides=in_other_words)
    publishing.publish(text, by=editor, now=now + DAY)
    assert (EvidenceFlag.objects.count(), marked()) == (0, [])


def test_no_reason_of_a_reviewer_lets_a_problem_stand_that_blocks_since(now, editor, trial):
    text = in_review("reviewed", editor, now=now)
    Source.objects.filter(pk=trial.pk).update(key="another")
    reviewer = builders.staff(roles.REVIEWER)
    with pytest.raises(publishing.Refused) as refused:
        builders.approve(
            text,
            next_review_on=(now + 90 * DAY).date(),
            reasons=builders.why(text, {"unknown_source": "Known to me."}),
            by=reviewer,
            now=now,
        )
    assert {problem.severity for problem in refused.value.problems} == {"blocking"}


@pytest.mark.parametrize("planned", [False, True])
def test_a_source_that_changed_during_the_review_and_again_after_it_is_flagged(now, editor, trial, planned):
    text = in_review("reviewed", editor, now=now)
    retract(trial, by=editor, now=now + HOUR, state=State.TERMINATED)
    builders.approve(
        text,
        next_review_on=(now + 90 * DAY).date(),
        reasons=builders.why(text, AGREED),
        by=builders.staff(roles.REVIEWER),
        now=now + 2 * HOUR,
    )
    if planned:
        publishing.publish(text, by=editor, now=now + 3 * HOUR, at=now + DAY)
    retract(trial, by=editor, now=now + 4 * HOUR)
    if planned:
        assert publishing.publish_due(now + DAY) == 1
    else:
        publishing.publish(text, by=editor, now=now + DAY)
    assert (still_open(trial), marked()) == (["reviewed"], ["reviewed"])


@pytest.mark.parametrize("planned", [False, True])
def test_a_text_whose_source_changed_after_its_approval_is_flagged_once_it_is_read(
    now, editor, trial, other, planned
):
    waiting = builders.approved(
        builders.guide("waiting", now=now), now=now, body=citing("trial-1", "other"), by=editor
    )
    builders.claim(waiting, trial, sentence="not agreed to")
    if planned:
        publishing.publish(waiting, by=editor, now=now, at=now + 2 * DAY)
    retract(trial, by=editor, now=now + DAY)
    assert marked() == []
    if planned:
        publishing.publish_due(now + 2 * DAY)
    else:
        publishing.publish(waiting, by=editor, now=now + 2 * DAY)
    assert (still_open(trial), still_open(other)) == (["not agreed to", "waiting"], [])
    assert Guide.objects.get().flagged_at == now + 2 * DAY


def test_a_source_that_changed_and_changed_back_after_the_approval_flags_nothing(now, editor, trial):
    waiting = builders.approved(builders.guide("waiting", now=now), now=now, by=editor)
    retract(trial, by=editor, now=now + DAY)
    back(trial, now=now + DAY)
    publishing.publish(waiting, by=editor, now=now + 2 * DAY)
    assert EvidenceFlag.objects.count() == 0


# --- At the same moment -------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("round_number", range(4))
def test_a_text_published_while_its_source_is_retracted_is_flagged(now, editor, trial, round_number):
    waiting = [builders.approved(builders.guide(now=now), now=now, by=editor) for _number in range(4)]

    def act(number):
        if number == 4:
            return retract(Source.objects.get(), by=editor, now=now + DAY)
        return publishing.publish(waiting[number], by=editor, now=now + 2 * DAY)

    at_once(5, act)
    assert EvidenceFlag.objects.open().filter(guide__isnull=False).count() == 4
    assert Guide.objects.flagged().count() == 4


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("round_number", range(4))
def test_of_a_text_withdrawn_while_its_source_is_retracted_no_flag_stays_open(
    now, editor, trial, round_number
):
    texts = [builders.published(builders.guide(now=now), now=now, by=editor) for _number in range(4)]

    def act(number):
        if number == 4:
            return retract(Source.objects.get(), by=editor, now=now)
        return publishing.withdraw(texts[number], reason="No longer true.", by=editor, now=now)

    at_once(5, act)
    assert EvidenceFlag.objects.open().count() == 0
    assert Guide.objects.filter(flagged_at__isnull=False).count() == 0


@pytest.mark.django_db(transaction=True)
def test_of_two_who_retract_at_once_one_finds_it_done(now, editor, trial):
    builders.published(builders.guide(now=now), now=now, by=editor)
    told = at_once(2, lambda _number: retract(Source.objects.get(), by=editor, now=now))
    assert sorted(len(change.fields) for change in told) == [0, 1]
    assert EvidenceFlag.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_drafts_are_saved_while_a_source_under_them_changes(now, editor, trial):
    texts = [builders.published(builders.guide(now=now), now=now, by=editor) for _number in range(4)]

    def act(number):
        if number == 4:
            return retract(Source.objects.get(), by=editor, now=now)
        return publishing.save_draft(texts[number].subject, {"title": "New"}, by=editor, now=now)

    at_once(5, act)
    assert EvidenceFlag.objects.open().count() == 4
    assert {text.subject.revisions.first().state for text in texts} == {RevisionState.DRAFT}
