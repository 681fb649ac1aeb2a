import datetime as dt
import threading
import uuid

import pytest
from django.db import connections, transaction

from articles import publishing, subjects, texts
from articles.body import Term
from articles.models import Frozen, GlossaryTerm, Guide, GuideRevision, SlugRedirect, Treatment
from articles.publishing import NotOpen, OwnWork, PublishingError, Refused
from portal import audit, edition, roles
from portal.management.commands import run_worker
from tests import builders
from tests.db.test_verbs_are_whole import TRAIL, refuse_rows

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


def actions(subject):
    """What the trail says happened, oldest first."""
    return [(event.action, event.detail) for event in reversed(audit.trail_of(subject))]


def live_title(guide):
    guide.refresh_from_db()
    return guide.live_revision.title if guide.live_revision else None


# --- Writing ------------------------------------------------------------------------------------


def test_a_draft_is_cleaned_rendered_and_remembers_its_writer(guide, editor, now):
    source = builders.source("trial-1")
    GlossaryTerm.objects.create(term="stroke", explanation="Damage to the brain.")
    body = "<h2>Risks</h2><p onclick='x()'>A stroke [@trial-1].</p>"
    revision = publishing.save_draft(
        guide, {"title": " A\x00 title ", "key_points": [" one ", ""], "body": body}, by=editor, now=now
    )
    assert (revision.number, revision.state, revision.title, revision.key_points) == (
        1,
        "draft",
        "A title",
        ["one"],
    )
    assert revision.body == "<h2>Risks</h2><p>A stroke [@trial-1].</p>"
    assert revision.contents == [{"id": "risks", "text": "Risks", "level": 2}]
    assert revision.citation_keys == ["trial-1"]
    assert [word["term"] for word in revision.glossary] == ["stroke"]
    assert revision.word_count == 3
    assert list(revision.cited.all()) == [source]
    assert list(revision.writers.all()) == [editor]
    assert actions(guide) == [("guide.saved", {"revision": 1})]


def test_saving_again_changes_the_same_draft_and_only_what_is_named(guide, editor, now):
    first = builders.draft(guide, by=editor, now=now)
    colleague = builders.staff(roles.EDITOR)
    second = publishing.save_draft(guide, {"title": "New"}, by=colleague, now=now + DAY)
    assert (second.pk, second.title, second.summary) == (first.pk, "New", first.summary)
    assert (second.author, set(second.writers.all())) == (editor, {editor, colleague})
    assert second.updated_at == now + DAY


def test_a_draft_after_publication_begins_with_the_live_text(guide, editor, now):
    live = builders.published(guide, now=now, change_note="first")
    revision = publishing.save_draft(guide, {"title": "New"}, by=editor, now=now)
    assert (revision.number, revision.based_on, revision.body) == (2, live, live.body)
    assert (revision.change_note, set(revision.writers.all())) == ("", {live.author, editor})
    assert live_title(guide) == live.title


def test_nothing_is_saved_while_in_review(guide, editor, now):
    publishing.submit(builders.draft(guide, by=editor, now=now), by=editor, now=now)
    with pytest.raises(NotOpen):
        publishing.save_draft(guide, {"title": "New"}, by=editor, now=now)


@pytest.mark.parametrize(
    "content",
    [{"title": "x" * 161}, {"summary": "x" * 401}, {"change_note": "x" * 201}, {"body": "x" * 150_001}],
)
def test_what_is_too_long_is_refused_and_nothing_is_stored(guide, editor, now, content):
    with pytest.raises(Refused) as refused:
        publishing.save_draft(guide, content, by=editor, now=now)
    assert [problem.code for problem in refused.value.problems] == ["too_long"]
    assert guide.revisions.count() == 0


def test_a_text_has_no_more_claims_than_its_page_can_show(guide, editor, now):
    one = builders.written_claim()
    publishing.save_draft(guide, {"claims": [one] * 24}, by=editor, now=now)
    with pytest.raises(Refused) as refused:
        publishing.save_draft(guide, {"claims": [one] * 25}, by=editor, now=now)
    assert [str(problem) for problem in refused.value.problems] == ["claims: No more than 24 claims fit."]


def test_a_donor_that_is_no_choice_is_refused(editor, now):
    with pytest.raises(Refused) as refused:
        publishing.save_draft(builders.treatment(now=now), {"donor": "pig"}, by=editor, now=now)
    assert [problem.code for problem in refused.value.problems] == ["no_choice"]


def test_a_field_that_is_no_content_is_a_mistake_of_the_caller(guide, editor, now):
    with pytest.raises(ValueError, match="state"):
        publishing.save_draft(guide, {"state": "published"}, by=editor, now=now)


# --- Frozen text --------------------------------------------------------------------------------


def test_submitted_text_cannot_change_by_any_way(guide, editor, now):
    revision = publishing.submit(builders.draft(guide, by=editor, now=now), by=editor, now=now)
    revision.title = "Other"
    with pytest.raises(Frozen):
        revision.save()
    for change in ({"title": "Other"}, {"questions": []}, {"state": "draft"}):
        with pytest.raises(Frozen):
            GuideRevision.objects.filter(pk=revision.pk).update(**change)
    with pytest.raises(Frozen), transaction.atomic():
        GuideRevision.objects.bulk_update([revision], ["title"])
    with pytest.raises(Frozen):
        revision.delete()
    with pytest.raises(Frozen):
        GuideRevision.objects.all().delete()
    assert GuideRevision.objects.get().title == "Risks in plain words"


def test_a_submitted_revision_cannot_be_saved_as_a_draft(guide, editor, now):
    revision = publishing.submit(builders.draft(guide, by=editor, now=now), by=editor, now=now)
    revision.state = "draft"
    with pytest.raises(Frozen):
        revision.save()


def test_a_draft_may_be_thrown_away(guide, editor, now):
    builders.draft(guide, by=editor, now=now).delete()
    assert guide.revisions.count() == 0


def test_submitted_text_stays_with_its_subject(guide, editor, now):
    revision = publishing.submit(builders.draft(guide, by=editor, now=now), by=editor, now=now)
    revision.subject = builders.guide("other", now=now)
    with pytest.raises(Frozen):
        revision.save()
    with pytest.raises(Frozen):
        GuideRevision.objects.filter(pk=revision.pk).update(subject=revision.subject)
    revision.refresh_from_db()
    assert revision.subject == guide


def test_a_text_goes_live_on_the_page_it_was_written_for(guide, now):
    revision = builders.approved(guide, now=now)
    other = builders.guide("other", now=now)
    revision.subject = other
    publishing.publish(revision, by=revision.author, now=now)
    assert (live_title(guide), live_title(other)) == (revision.title, None)


# --- Review -------------------------------------------------------------------------------------


def test_the_whole_way_from_draft_to_readers(guide, editor, reviewer, now):
    revision = builders.draft(guide, by=editor, now=now)
    publishing.submit(revision, by=editor, now=now)
    assert (revision.state, revision.submitted_by, revision.submitted_at) == ("in_review", editor, now)
    builders.approve(revision, next_review_on=now.date() + 90 * DAY, note="Good.", by=reviewer, now=now)
    assert (revision.state, revision.reviewed_by, revision.review_note) == ("approved", reviewer, "Good.")
    assert live_title(guide) is None
    publishing.publish(revision, by=editor, now=now)
    assert (revision.state, revision.published_by, revision.published_at) == ("published", editor, now)
    assert live_title(guide) == "Risks in plain words"
    assert actions(guide) == [
        ("guide.saved", {"revision": 1}),
        ("guide.submitted", {"revision": 1}),
        ("guide.approved", {"revision": 1, "next_review_on": "2027-02-18", "discern": 60}),
        ("guide.published", {"revision": 1}),
    ]


def test_a_treatment_goes_the_same_way(now):
    treatment = builders.treatment("cells", now=now)
    builders.published(treatment, now=now)
    treatment.refresh_from_db()
    assert treatment.live_revision.route == "surgery"
    assert [action for action, _ in actions(treatment)] == [
        "treatment.saved",
        "treatment.submitted",
        "treatment.approved",
        "treatment.published",
    ]


def test_submitting_is_refused_while_something_blocks(guide, editor, now):
    revision = builders.draft(guide, by=editor, now=now, body="<p>A cure [@nobody].</p>")
    with pytest.raises(Refused) as refused:
        publishing.submit(revision, by=editor, now=now)
    assert [problem.code for problem in refused.value.problems] == [
        "no_citation",
        "unknown_citation",
        "forbidden_words",
    ]
    revision.refresh_from_db()
    assert revision.state == "draft"


def test_none_of_the_writers_nor_the_one_who_submitted_may_review(guide, editor, now):
    writer, sender = builders.staff(roles.REVIEWER), builders.staff(roles.EDITOR)
    revision = builders.draft(guide, by=editor, now=now)
    publishing.save_draft(guide, {"title": "New"}, by=writer, now=now)
    publishing.submit(revision, by=sender, now=now)
    for person in (editor, writer, sender):
        with pytest.raises(OwnWork):
            builders.approve(revision, next_review_on=now.date() + DAY, by=person, now=now)
        with pytest.raises(OwnWork):
            publishing.ask_for_changes(revision, note="No.", by=person, now=now)


@pytest.mark.parametrize("ending", ["changes_asked", "taken_back"])
def test_writers_carry_over_from_what_was_never_approved(guide, editor, reviewer, now, ending):
    first = publishing.submit(builders.draft(guide, by=editor, now=now), by=editor, now=now)
    if ending == "taken_back":
        publishing.take_back(first, by=editor, now=now)
    else:
        publishing.ask_for_changes(first, note="Shorter.", by=reviewer, now=now)
    assert (first.state, actions(guide)[-1]) == (ending, (f"guide.{ending}", {"revision": 1}))
    colleague = builders.staff(roles.REVIEWER)
    second = publishing.save_draft(guide, {"title": "Shorter"}, by=colleague, now=now)
    publishing.submit(second, by=colleague, now=now)
    assert (second.number, set(second.writers.all())) == (2, {editor, colleague})
    with pytest.raises(OwnWork):
        builders.approve(second, next_review_on=now.date() + DAY, by=editor, now=now)


def test_who_wrote_an_approved_text_approves_no_later_one_with_its_words(guide, editor, now):
    writer = builders.staff(roles.EDITOR, roles.REVIEWER)
    builders.published(guide, now=now, by=writer)
    later = publishing.save_draft(guide, {"title": "One word more"}, by=editor, now=now)
    publishing.submit(later, by=editor, now=now)
    with pytest.raises(OwnWork):
        builders.approve(later, next_review_on=now.date() + DAY, by=writer, now=now)


def test_asking_for_changes_needs_words(guide, editor, reviewer, now):
    revision = publishing.submit(builders.draft(guide, by=editor, now=now), by=editor, now=now)
    with pytest.raises(PublishingError):
        publishing.ask_for_changes(revision, note=" ", by=reviewer, now=now)


def test_the_next_review_is_after_today(guide, editor, reviewer, now):
    revision = publishing.submit(builders.draft(guide, by=editor, now=now), by=editor, now=now)
    with pytest.raises(Refused):
        builders.approve(revision, next_review_on=now.date(), by=reviewer, now=now)


def test_what_is_seen_on_a_stale_page_cannot_be_done(guide, editor, reviewer, now):
    revision = publishing.submit(builders.draft(guide, by=editor, now=now), by=editor, now=now)
    stale = GuideRevision.objects.get(pk=revision.pk)
    publishing.take_back(revision, by=editor, now=now)
    with pytest.raises(NotOpen):
        builders.approve(stale, next_review_on=now.date() + DAY, by=reviewer, now=now)
    for verb in (publishing.submit, publishing.take_back, publishing.publish):
        with pytest.raises(NotOpen):
            verb(stale, by=editor, now=now)


@pytest.mark.parametrize("way", ["save", "restore"])
def test_a_draft_stays_a_demonstration_until_it_is_signed_off(guide, editor, now, way):
    live = builders.published(guide, now=now, demonstration=True)
    if way == "save":
        draft = publishing.save_draft(guide, {"title": "New"}, by=editor, now=now)
    else:
        draft = publishing.restore(live, by=editor, now=now)
    assert draft.demonstration is True


@pytest.mark.parametrize(
    ("was", "signed_off", "after", "noted"),
    [
        (True, False, True, {}),
        (True, True, False, {"signed_off": True}),
        (False, True, False, {}),
    ],
)
def test_only_an_explicit_sign_off_ends_a_demonstration(
    guide, editor, reviewer, now, was, signed_off, after, noted
):
    revision = builders.draft(guide, by=editor, now=now, demonstration=was)
    publishing.submit(revision, by=editor, now=now)
    day = now.date() + 90 * DAY
    builders.approve(revision, next_review_on=day, signed_off=signed_off, by=reviewer, now=now)
    assert revision.demonstration is after
    assert actions(guide)[-1] == (
        "guide.approved",
        {"revision": 1, "next_review_on": day.isoformat(), "discern": 60} | noted,
    )


# --- Warnings and the fifteen answers -----------------------------------------------------------

FEW = {"key_points": ["One point."]}
WHY = {"few_key_points": " There is no\x00 more to say. "}
LEFT = {
    "code": "few_key_points",
    "key": "key points",
    "place": "The key points",
    "message": "Three to six key points help most.",
    "reason": "There is no more to say.",
}


@pytest.mark.parametrize("reasons", [{}, {"few_key_points": " "}, {"few_questions": "Why not."}])
def test_a_warning_stands_for_a_reason_only(guide, editor, now, reasons):
    revision = builders.draft(guide, by=editor, now=now, **FEW)
    with pytest.raises(Refused) as refused:
        publishing.submit(revision, by=editor, now=now, reasons=builders.why(revision, reasons))
    assert [problem.code for problem in refused.value.problems] == ["few_key_points"]
    revision.refresh_from_db()
    assert (revision.state, revision.overrides) == ("draft", [])


def test_no_reason_lets_a_blocking_problem_stand(guide, editor, now):
    revision = builders.draft(guide, by=editor, now=now, title="A cure")
    with pytest.raises(Refused) as refused:
        publishing.submit(
            revision, by=editor, now=now, reasons=builders.why(revision, {"forbidden_words": "They say so."})
        )
    assert [problem.code for problem in refused.value.problems] == ["forbidden_words"]


def test_a_reason_is_no_essay(guide, editor, now):
    revision = builders.draft(guide, by=editor, now=now, **FEW)
    with pytest.raises(Refused) as refused:
        publishing.submit(
            revision, by=editor, now=now, reasons=builders.why(revision, {"few_key_points": "x" * 401})
        )
    assert [problem.code for problem in refused.value.problems] == ["reason_too_long"]


def test_what_was_left_standing_is_kept_with_its_reason_and_the_trail_names_it(guide, editor, now):
    revision = builders.draft(guide, by=editor, now=now, **FEW)
    publishing.submit(
        revision, by=editor, now=now, reasons=builders.why(revision, WHY) | {"other": "Stands nowhere."}
    )
    assert revision.overrides == [LEFT]
    assert actions(guide)[-1] == ("guide.submitted", {"revision": 1, "left_standing": ["few_key_points"]})


def test_a_second_person_agrees_to_what_was_left_standing(guide, editor, reviewer, now):
    revision = builders.draft(guide, by=editor, now=now, **FEW)
    publishing.submit(revision, by=editor, now=now, reasons=builders.why(revision, WHY))
    day = now.date() + DAY
    with pytest.raises(Refused) as refused:
        builders.approve(revision, next_review_on=day, by=reviewer, now=now)
    assert [problem.code for problem in refused.value.problems] == ["overrides"]
    with pytest.raises(OwnWork):
        builders.approve(revision, next_review_on=day, agrees=True, by=editor, now=now)
    builders.approve(revision, next_review_on=day, agrees=True, by=reviewer, now=now)
    assert (revision.state, revision.overrides) == ("approved", [LEFT])
    assert actions(guide)[-1][1]["agreed_to"] == ["few_key_points"]


def test_the_same_text_submitted_again_keeps_its_reasons(guide, editor, now):
    live = builders.published(guide, now=now, reasons=WHY, next_review_on=now.date() + DAY, **FEW)
    assert publishing.submit_again(live, by=editor, now=now).overrides == [LEFT]


WITH_EVERY_WARNING = {
    "key_points": ["One point."],
    "body": (
        "<p>A score rose by 12.1 points.</p>"
        "<h2>The risks</h2><p>Two of 23 people died [@trial-1].</p><p>The score fell by 3.5 points.</p>"
    ),
    "easy_summary": "What can go wrong.",
    "easy_body": "<p>Two people died [@trial-1].</p><h2>The risks</h2><p>It fell by 3.5 points.</p>",
    "questions": ["Who pays?"],
}
REASON = "It is right as it stands."


def said_otherwise(revision):
    """As if the warnings were told in other words today than on the day when they were left standing."""
    kept = [one | {"place": "Ort", "message": "In anderen Worten."} for one in revision.overrides]
    type(revision)._base_manager.filter(pk=revision.pk).update(overrides=kept)
    revision.refresh_from_db()


def test_a_reason_counts_also_when_its_warning_is_told_in_other_words(guide, editor, reviewer, now):
    builders.source("trial-1", state="retracted")
    revision = builders.draft(guide, by=editor, now=now, **WITH_EVERY_WARNING)
    found = texts.problems_of(revision)
    publishing.submit(revision, by=editor, now=now, reasons={one.name: REASON for one in found})
    said_otherwise(revision)
    day = now.date() + DAY
    builders.approve(revision, next_review_on=day, agrees=True, by=reviewer, now=now)
    publishing.publish(revision, by=editor, now=now)
    again = publishing.submit_again(revision, by=editor, now=now)
    assert [one["reason"] for one in again.overrides] == [REASON] * len(found)


def test_a_reason_excuses_one_finding_and_no_other_of_its_kind(guide, editor, now):
    for key in ("trial-1", "gone"):
        builders.source(key, state="retracted")
    body = "<h2>The risks</h2><p>Two of 23 people died [@trial-1], others had pain [@gone].</p>"
    revision = builders.draft(guide, by=editor, now=now, body=body)
    first, second = texts.problems_of(revision)
    with pytest.raises(Refused) as refused:
        publishing.submit(revision, by=editor, now=now, reasons={first.name: "It speaks of harm."})
    assert refused.value.problems == [second]
    assert second.message == "The source “gone” was retracted."


def test_the_answers_their_sum_and_their_day_are_kept_with_the_text(guide, editor, reviewer, now):
    revision = publishing.submit(builders.draft(guide, by=editor, now=now), by=editor, now=now)
    answers = builders.discern(4, where=" The\x00 risks ", aims=5)
    builders.approve(revision, next_review_on=now.date() + DAY, discern=answers, by=reviewer, now=now)
    revision.refresh_from_db()
    assert revision.discern == builders.discern(4, where="The risks", aims=5)
    assert (revision.discern_total, revision.discern_on) == (61, now.date())
    assert actions(guide)[-1][1]["discern"] == 61


@pytest.mark.parametrize(
    ("answers", "number"),
    [([], 15), (builders.discern(5, risks=2), 1), (builders.discern(3), 1), (builders.discern(4)[1:], 1)],
    ids=["none", "a question too low", "the sum too low", "one missing"],
)
def test_nobody_approves_without_good_answers(guide, editor, reviewer, now, answers, number):
    revision = publishing.submit(builders.draft(guide, by=editor, now=now), by=editor, now=now)
    with pytest.raises(Refused) as refused:
        publishing.approve(revision, next_review_on=now.date() + DAY, discern=answers, by=reviewer, now=now)
    assert [problem.code for problem in refused.value.problems] == ["discern"] * number
    revision.refresh_from_db()
    assert (revision.state, revision.discern_total) == ("in_review", None)


def test_nobody_approves_without_a_day_for_the_next_review(guide, editor, reviewer, now):
    revision = publishing.submit(builders.draft(guide, by=editor, now=now), by=editor, now=now)
    with pytest.raises(Refused) as refused:
        builders.approve(revision, next_review_on=None, by=reviewer, now=now)
    assert [problem.code for problem in refused.value.problems] == ["review_date_missing"]


@pytest.mark.parametrize("later", [None, DAY], ids=["now", "as planned"])
def test_a_warning_new_since_the_approval_does_not_stop_publishing(guide, now, later):
    revision = builders.approved(guide, now=now)
    if later:
        publishing.publish(revision, by=revision.author, now=now, at=now + later)
    type(revision.cited.get()).objects.update(state="retracted")
    assert [problem.code for problem in texts.problems_of(revision)] == ["source_not_current"]
    if later:
        assert publishing.publish_due(now + later) == 1
    else:
        publishing.publish(revision, by=revision.author, now=now)
    assert live_title(guide) == revision.title


# --- Links between texts ------------------------------------------------------------------------


def linking(to):
    return f"<h2>The risks</h2><p>Two of 23 people died [@trial-1]. See <a href='{to}'>this</a>.</p>"


@pytest.mark.parametrize(
    "to",
    [
        "/guides/nowhere/",
        "/treatments/nowhere/",
        "/evidence/nowhere/",
        "/nowhere/",
        "/guides/begun/",
        "/guides/risks/#nowhere",
        "#nowhere",
        "/guides/other/#nowhere",
        "/guides/other/easy/#the-risks",
        "/admin/",
        "/guides/%00/",
    ],
)
def test_a_link_to_a_page_that_nobody_can_read_is_refused(guide, editor, now, to):
    builders.guide("begun", now=now)
    builders.published(
        builders.guide("other", now=now),
        now=now,
        easy_summary="Short.",
        easy_body="<h2>Go</h2><p>Go. [@trial-1]</p>",
    )
    revision = builders.draft(guide, by=editor, now=now, body=linking(to))
    with pytest.raises(Refused) as refused:
        publishing.submit(revision, by=editor, now=now)
    assert [(problem.code, problem.place) for problem in refused.value.problems] == [
        ("broken_link", "Under “The risks”")
    ]


@pytest.mark.parametrize(
    "to",
    [
        "/guides/live/",
        "/guides/old/",
        "/evidence/trial-1/",
        "/guides/",
        "/emergency/",
        "/guides/risks/#the-risks",
        "/guides/risks/#questions",
        "#the-risks",
        "#questions",
        "/guides/live/#the-risks",
        "/guides/old/#the-risks",
        "/guides/live/#references",
        "/evidence/trial-1/#anything",
        "https://elsewhere.example/nowhere/",
        "mailto:a@b.example",
    ],
)
def test_a_link_that_opens_is_no_finding(guide, editor, now, to):
    live = builders.guide("old", now=now)
    builders.published(live, now=now)
    subjects.rename(live, slug="live", by=editor, now=now)
    revision = builders.draft(guide, by=editor, now=now, body=linking(to))
    assert texts.problems_of(revision) == []


def test_two_texts_that_link_to_each_other_are_published_one_after_the_other(guide, editor, now):
    other = builders.guide("other", now=now)
    builders.draft(other, by=editor, now=now, body=linking("/guides/risks/"))
    first = builders.approved(guide, now=now, by=editor, body=linking("/guides/other/"))
    with pytest.raises(Refused):
        publishing.publish(first, by=editor, now=now)
    second = builders.approved(other, now=now, by=editor, body=linking("/guides/risks/"))
    publishing.publish(first, by=editor, now=now)
    publishing.publish(second, by=editor, now=now)
    assert (live_title(guide), live_title(other)) == (first.title, second.title)


# --- Publishing ---------------------------------------------------------------------------------


def test_publishing_at_a_time_waits_for_the_worker(guide, now):
    revision = builders.approved(guide, now=now)
    publishing.publish(revision, by=revision.author, now=now, at=now + DAY)
    assert (revision.state, revision.publish_at) == ("approved", now + DAY)
    assert publishing.publish_due(now) == 0
    assert live_title(guide) is None
    assert publishing.publish_due(now + DAY) == 1
    assert publishing.publish_due(now + DAY) == 0
    revision.refresh_from_db()
    assert (revision.published_at, revision.published_by, revision.publish_at) == (
        now + DAY,
        revision.author,
        None,
    )
    assert live_title(guide) == revision.title
    assert actions(guide)[-2:] == [
        ("guide.scheduled", {"revision": 1, "at": "2026-11-21T12:00:00+00:00"}),
        ("guide.published", {"revision": 1, "scheduled": True}),
    ]


def test_what_is_planned_for_this_moment_goes_to_readers_at_once(guide, now):
    revision = builders.approved(guide, now=now)
    publishing.publish(revision, by=revision.author, now=now, at=now)
    assert (live_title(guide), revision.publish_at) == (revision.title, None)


def test_a_planned_publication_can_be_cancelled(guide, now):
    revision = builders.approved(guide, now=now)
    manager = builders.staff(roles.MANAGER)
    publishing.publish(revision, by=revision.author, now=now, at=now + DAY)
    publishing.unschedule(revision, by=manager, now=now)
    assert (revision.state, revision.publish_at, revision.published_by) == ("approved", None, None)
    assert publishing.publish_due(now + DAY) == 0
    assert actions(guide)[-1] == ("guide.unscheduled", {"revision": 1, "at": "2026-11-21T12:00:00+00:00"})


def test_what_is_not_planned_cannot_be_cancelled(guide, now):
    revision = builders.approved(guide, now=now)
    with pytest.raises(NotOpen):
        publishing.unschedule(revision, by=revision.author, now=now)
    publishing.publish(revision, by=revision.author, now=now)
    with pytest.raises(NotOpen):
        publishing.unschedule(revision, by=revision.author, now=now)


def test_a_text_past_its_review_date_is_not_published(guide, now):
    revision = builders.approved(guide, now=now, next_review_on=now.date() + 2 * DAY)
    with pytest.raises(Refused):
        publishing.publish(revision, by=revision.author, now=now, at=now + 3 * DAY)
    with pytest.raises(Refused):
        publishing.publish(revision, by=revision.author, now=now + 3 * DAY)


def test_a_scheduled_text_that_lost_its_source_is_not_published_and_not_tried_for_ever(guide, now):
    revision = builders.approved(guide, now=now)
    publishing.publish(revision, by=revision.author, now=now, at=now + DAY)
    revision.cited.get().delete()
    assert publishing.publish_due(now + DAY) == 0
    revision.refresh_from_db()
    assert (revision.state, revision.publish_at, revision.published_by) == ("approved", None, None)
    assert actions(guide)[-1][0] == "guide.schedule_refused"


def has_left(person):
    person.is_active = False
    person.save()


def is_no_staff(person):
    person.is_staff = False
    person.save()


def has_no_role(person):
    person.groups.clear()


@pytest.mark.parametrize("gone", [has_left, is_no_staff, has_no_role])
def test_what_was_planned_by_somebody_who_may_publish_no_more_is_refused(guide, editor, now, gone):
    revision = builders.approved(guide, now=now)
    publishing.publish(revision, by=editor, now=now, at=now + DAY)
    gone(editor)
    assert publishing.publish_due(now + DAY) == 0
    revision.refresh_from_db()
    assert (revision.state, revision.publish_at, live_title(guide)) == ("approved", None, None)
    why = "Who planned this may publish no more. Somebody else has to publish it, or plan it again."
    assert actions(guide)[-1] == ("guide.schedule_refused", {"revision": 1, "why": why})


def test_what_goes_wrong_with_one_planned_text_holds_up_no_other(now, caplog):
    planned = [builders.approved(builders.guide(now=now), now=now) for _number in range(3)]
    for revision in planned:
        publishing.publish(revision, by=revision.author, now=now, at=now + DAY)
    stuck = planned[0].subject
    refuse_rows(TRAIL, f"NEW.target_id = '{stuck.pk}'")
    worker = run_worker.Command()
    assert publishing.publish_due(now + DAY, apart=worker.apart) == 2
    assert [live_title(revision.subject) is None for revision in planned] == [True, False, False]
    assert [record.getMessage() for record in caplog.records] == [
        f"publishing guiderevision {planned[0].pk} failed"
    ]
    assert worker.well is False


def test_an_older_version_does_not_replace_a_newer_one(guide, now):
    older = builders.approved(guide, now=now, title="Older")
    publishing.publish(older, by=older.author, now=now, at=now + DAY)
    builders.published(guide, now=now, title="Newer")
    assert publishing.publish_due(now + DAY) == 0
    with pytest.raises(NotOpen):
        publishing.publish(older, by=older.author, now=now + DAY)
    assert live_title(guide) == "Newer"


def test_publishing_a_newer_text_ends_the_plan_for_an_older_one(guide, now):
    older = builders.approved(guide, now=now)
    publishing.publish(older, by=older.author, now=now, at=now + DAY)
    builders.published(guide, now=now)
    older.refresh_from_db()
    assert (older.state, older.publish_at, older.published_by) == ("approved", None, None)
    assert actions(guide)[-2:] == [
        ("guide.unscheduled", {"revision": 1, "at": "2026-11-21T12:00:00+00:00"}),
        ("guide.published", {"revision": 2}),
    ]


def test_of_two_planned_texts_the_newer_ends_the_plan_for_the_older_and_the_trail_says_so(guide, now):
    older = builders.approved(guide, now=now)
    publishing.publish(older, by=older.author, now=now, at=now + 2 * DAY)
    newer = builders.approved(guide, now=now)
    publishing.publish(newer, by=newer.author, now=now, at=now + DAY)
    assert publishing.publish_due(now + DAY) == 1
    ended, shown = reversed(audit.trail_of(guide)[:2])
    assert (ended.action, ended.detail["revision"], ended.actor_id) == ("guide.unscheduled", 1, None)
    assert (shown.action, shown.detail["revision"], shown.actor_id) == ("guide.published", 2, None)


def test_withdrawing_takes_the_text_and_the_plans_away(guide, editor, now):
    live = builders.published(guide, now=now)
    waiting = builders.approved(guide, now=now)
    publishing.publish(waiting, by=editor, now=now, at=now + DAY)
    publishing.withdraw(live, reason="A source was retracted.", by=editor, now=now)
    waiting.refresh_from_db()
    assert (live_title(guide), waiting.publish_at, waiting.published_by) == (None, None, None)
    assert publishing.publish_due(now + DAY) == 0
    assert actions(guide)[-2:] == [
        ("guide.unscheduled", {"revision": waiting.number, "at": (now + DAY).isoformat()}),
        ("guide.withdrawn", {"revision": live.number, "reason": "A source was retracted."}),
    ]
    with pytest.raises(NotOpen):
        publishing.withdraw(live, reason="No longer true.", by=editor, now=now)


def test_an_old_page_does_not_withdraw_a_newer_text(guide, editor, now):
    seen = builders.published(guide, now=now, title="First")
    builders.published(guide, now=now, title="Second")
    with pytest.raises(NotOpen):
        publishing.withdraw(seen, reason="The trial was retracted.", by=editor, now=now)
    assert live_title(guide) == "Second"


def test_withdrawing_needs_a_reason(guide, editor, now):
    live = builders.published(guide, now=now)
    with pytest.raises(PublishingError):
        publishing.withdraw(live, reason="", by=editor, now=now)
    assert live_title(guide) == "Risks in plain words"


def test_restoring_a_demonstration_over_a_signed_off_text_brings_its_notice_back(guide, editor, now):
    demonstration = builders.published(guide, now=now, demonstration=True)
    rewritten = builders.published(guide, now=now)
    type(rewritten).objects.filter(pk=rewritten.pk).update(demonstration=False)
    assert publishing.restore(demonstration, by=editor, now=now).demonstration is True


def test_restoring_begins_a_draft_with_the_old_text(guide, editor, now):
    first = builders.published(guide, now=now, title="First")
    builders.published(guide, now=now, title="Second")
    draft = publishing.restore(first, by=editor, now=now)
    assert (draft.number, draft.state, draft.title, draft.based_on) == (3, "draft", "First", first)
    assert (draft.author, set(draft.writers.all())) == (first.author, {first.author, editor})
    assert live_title(guide) == "Second"
    assert actions(guide)[-1] == ("guide.restored", {"revision": 3, "from": 1})


# --- Addresses ----------------------------------------------------------------------------------


@pytest.mark.parametrize("model", [Guide, Treatment])
def test_a_subject_begins_with_an_address_and_its_trail(model, editor, now):
    subject = subjects.begin(model, slug="harms", by=editor, now=now)
    assert (subject.slug, subject.created_at, subject.live_revision) == ("harms", now, None)
    assert actions(subject) == [(f"{subject._meta.model_name}.added", {})]


def test_a_new_subject_does_not_take_the_address_of_another(guide, editor, now):
    with pytest.raises(PublishingError, match="This address leads to another page"):
        subjects.begin(Guide, slug="risks", by=editor, now=now)
    assert subjects.begin(Treatment, slug="risks", by=editor, now=now).slug == "risks"


def test_a_new_subject_does_not_take_an_address_that_still_leads_somewhere(guide, editor, now):
    builders.published(guide, now=now)
    subjects.rename(guide, slug="harms", by=editor, now=now)
    with pytest.raises(PublishingError, match="old address of “harms”"):
        subjects.begin(Guide, slug="risks", by=editor, now=now)
    assert SlugRedirect.objects.get().old_slug == "risks"


def test_old_addresses_lead_straight_to_the_newest(guide, editor, now):
    builders.published(guide, now=now)
    subjects.rename(guide, slug="harms", by=editor, now=now)
    subjects.rename(guide, slug="dangers", by=editor, now=now)
    assert guide.slug == "dangers"
    assert sorted(SlugRedirect.objects.values_list("kind", "old_slug", "new_slug")) == [
        ("guide", "harms", "dangers"),
        ("guide", "risks", "dangers"),
    ]
    assert actions(guide)[-1] == ("guide.renamed", {"from": "harms", "to": "dangers"})


def test_going_back_to_an_old_address_leaves_no_circle(guide, editor, now):
    builders.published(guide, now=now)
    subjects.rename(guide, slug="harms", by=editor, now=now)
    subjects.rename(guide, slug="risks", by=editor, now=now)
    assert list(SlugRedirect.objects.values_list("old_slug", "new_slug")) == [("harms", "risks")]


def test_an_address_that_nobody_read_leaves_no_redirect(guide, editor, now):
    subjects.rename(guide, slug="harms", by=editor, now=now)
    assert SlugRedirect.objects.count() == 0


@pytest.mark.parametrize("slug", ["", "two words", "x" * 81, "taken", "was-taken"])
def test_an_address_that_is_none_or_anothers_is_refused(guide, editor, now, slug):
    other = builders.guide("was-taken", now=now)
    builders.published(other, now=now)
    subjects.rename(other, slug="taken", by=editor, now=now)
    with pytest.raises(PublishingError):
        subjects.rename(guide, slug=slug, by=editor, now=now)
    guide.refresh_from_db()
    assert guide.slug == "risks"


# --- Rendering again ----------------------------------------------------------------------------


def test_words_saved_while_the_texts_are_rendered_again_are_kept_and_rendered(guide, editor, now):
    builders.draft(guide, by=editor, now=now, body="<p>Old people [@trial-1].</p>")
    read_before = guide.revisions.get()
    publishing.save_draft(guide, {"body": "<p>New for people.</p>"}, by=editor, now=now + DAY)
    assert texts.render_again(read_before, [Term("people", "Human beings.", [])])
    draft = guide.revisions.get()
    assert ("New for" in draft.rendered, "Old" in draft.rendered) == (True, False)
    assert [word["term"] for word in draft.glossary] == ["people"]
    assert (draft.citation_keys, list(draft.cited.all())) == ([], [])


def test_a_new_word_is_explained_in_live_texts_and_drafts(guide, editor, now):
    live = builders.published(guide, now=now)
    draft = builders.draft(guide, by=editor, now=now)
    GlossaryTerm.objects.create(term="people", explanation="Human beings.")
    assert texts.refresh_rendering() == 2
    assert texts.refresh_rendering() == 0
    for revision in (live, draft):
        revision.refresh_from_db()
        assert [word["term"] for word in revision.glossary] == ["people"]


def test_a_text_that_went_live_beside_a_change_of_the_glossary_is_rendered_again(guide, editor, now):
    word = GlossaryTerm.objects.create(term="people", explanation="Old words.")
    live = builders.published(guide, now=now)
    before = edition.current(uuid.uuid4().hex)
    GlossaryTerm.objects.filter(pk=word.pk).update(explanation="New words.")
    assert (texts.render_outdated(), texts.render_outdated()) == (1, 0)
    live.refresh_from_db()
    assert [word["explanation"] for word in live.glossary] == ["New words."]
    assert edition.current(uuid.uuid4().hex) != before


def test_after_an_upgrade_that_renders_otherwise_texts_are_rendered_again(guide, now, monkeypatch):
    builders.published(guide, now=now)
    monkeypatch.setattr(texts, "RENDERING", texts.RENDERING + 1)
    assert (texts.render_outdated(), texts.render_outdated()) == (1, 0)


def test_however_many_texts_there_are_each_is_rendered_again(editor, now):
    guides = Guide.objects.bulk_create(
        Guide(slug=f"guide-{number}", created_at=now) for number in range(texts.AT_A_TIME + 1)
    )
    written = {"number": 1, "author": editor, "body": "<p>Two people.</p>", "created_at": now}
    GuideRevision.objects.bulk_create(
        GuideRevision(subject=guide, updated_at=now, **written) for guide in guides
    )
    assert texts.refresh_rendering() == texts.AT_A_TIME + 1


def test_names_are_read_without_the_texts(guide, now, django_assert_num_queries):
    treatment = builders.treatment("cells", now=now)
    builders.published(treatment, now=now)
    builders.treatment("empty", now=now)
    with django_assert_num_queries(1) as captured:
        assert [found.name for found in Treatment.objects.named()] == ["Neural stem cells", "empty"]
    assert [column for column in ("body", "rendered") if f'"{column}"' in captured[0]["sql"]] == []


# --- Several at once ----------------------------------------------------------------------------


def at_once(*deeds):
    """Run these at the same moment, each with its own connection; return what each gave or raised."""
    results = [None] * len(deeds)
    start = threading.Barrier(len(deeds))

    def run(index, deed):
        start.wait()
        try:
            results[index] = deed()
        except PublishingError as error:
            results[index] = type(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(deeds)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


@pytest.mark.django_db(transaction=True)
def test_of_two_reviewers_at_once_one_wins(now):
    guide = builders.guide(now=now)
    editor = builders.staff(roles.EDITOR)
    first, second = builders.staff(roles.REVIEWER), builders.staff(roles.REVIEWER)
    revision = publishing.submit(builders.draft(guide, by=editor, now=now), by=editor, now=now)

    def approve():
        mine = GuideRevision.objects.get(pk=revision.pk)
        return builders.approve(mine, next_review_on=now.date() + DAY, by=first, now=now).state

    def ask():
        mine = GuideRevision.objects.get(pk=revision.pk)
        return publishing.ask_for_changes(mine, note="Shorter.", by=second, now=now).state

    results = at_once(approve, ask)
    assert results.count(NotOpen) == 1
    revision.refresh_from_db()
    assert revision.state in results
    assert len(actions(guide)) == 3


@pytest.mark.django_db(transaction=True)
def test_several_workers_publish_a_scheduled_text_once(now):
    guide = builders.guide(now=now)
    revision = builders.approved(guide, now=now)
    publishing.publish(revision, by=revision.author, now=now, at=now + DAY)
    assert sorted(at_once(*[lambda: publishing.publish_due(now + DAY)] * 4)) == [0, 0, 0, 1]
    assert [action for action, _ in actions(guide)].count("guide.published") == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_new_guides_with_one_address_one_is_made(now):
    editor = builders.staff(roles.EDITOR)
    begin = lambda: subjects.begin(Guide, slug="risks", by=editor, now=now).slug  # noqa: E731
    assert sorted(map(str, at_once(*[begin] * 4))) == sorted(
        [*["<class 'articles.versions.PublishingError'>"] * 3, "risks"]
    )
    assert len(actions(Guide.objects.get())) == 1


@pytest.mark.django_db(transaction=True)
def test_two_first_drafts_at_once_become_one(now):
    guide = builders.guide(now=now)
    people = [builders.staff(roles.EDITOR) for _ in range(3)]
    at_once(*[lambda by=by: publishing.save_draft(guide, {"title": "T"}, by=by, now=now) for by in people])
    assert [(r.number, r.writers.count()) for r in guide.revisions.all()] == [(1, 3)]


@pytest.mark.django_db(transaction=True)
def test_of_several_who_cancel_a_plan_at_once_one_does(now):
    revision = builders.approved(builders.guide(now=now), now=now)
    publishing.publish(revision, by=revision.author, now=now, at=now + DAY)
    ready = threading.Barrier(6)

    def cancel():
        mine = GuideRevision.objects.get(pk=revision.pk)
        ready.wait()  # until now everybody sees the plan
        return publishing.unschedule(mine, by=mine.author, now=now).publish_at

    assert sorted(map(str, at_once(*[cancel] * 6))) == [*[str(NotOpen)] * 5, "None"]
    assert [action for action, _ in actions(revision.subject)].count("guide.unscheduled") == 1
