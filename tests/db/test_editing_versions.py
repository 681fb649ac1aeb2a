"""What is set aside, revoked, withdrawn or checked again: nothing of it is ever gone for good."""

import datetime as dt

import pytest

from articles import publishing
from articles.models import Guide
from articles.publishing import NotOpen, OwnWork, PublishingError, Refused
from portal import audit, roles
from tests import builders

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


def last_action(subject):
    event = audit.trail_of(subject)[0]
    return event.action, event.detail


@pytest.fixture
def writer():
    """Somebody who writes and reviews."""
    return builders.staff(roles.EDITOR, roles.REVIEWER, byline="W. Writer")


def refused_to(person, in_review, now):
    """Whether this person may not approve it, and the text waits for somebody else."""
    with pytest.raises(OwnWork):
        builders.approve(in_review, next_review_on=now.date() + DAY, by=person, now=now)
    in_review.refresh_from_db()
    return in_review.state == "in_review"


def versions(guide):
    return list(guide.revisions.order_by("number").values_list("number", "state", "title"))


# --- Set aside ----------------------------------------------------------------------------------


def test_a_discarded_draft_stays_among_the_versions(guide, editor, now):
    draft = builders.draft(guide, by=editor, now=now, title="Idea")
    publishing.discard(draft, by=editor, now=now)
    assert versions(guide) == [(1, "set_aside", "Idea")]
    assert last_action(guide) == ("guide.set_aside", {"revision": 1})


def test_after_a_discarded_draft_the_next_begins_on_the_version_before(guide, editor, now):
    live = builders.published(guide, now=now, title="Live")
    draft = publishing.save_draft(guide, {"title": "Idea"}, by=editor, now=now)
    publishing.discard(draft, by=editor, now=now)
    new = publishing.save_draft(guide, {"summary": "Other."}, by=editor, now=now)
    assert (new.number, new.title, new.based_on) == (3, "Live", live)


def test_what_was_submitted_cannot_be_discarded(guide, editor, now):
    revision = publishing.submit(builders.draft(guide, by=editor, now=now), by=editor, now=now)
    with pytest.raises(NotOpen):
        publishing.discard(revision, by=editor, now=now)


def test_a_text_set_aside_is_restored_with_its_writers(guide, editor, now):
    draft = builders.draft(guide, by=editor, now=now, title="Idea")
    publishing.discard(draft, by=editor, now=now)
    colleague = builders.staff(roles.EDITOR)
    restored = publishing.restore(draft, by=colleague, now=now)
    assert (restored.title, set(restored.writers.all())) == ("Idea", {editor, colleague})


def test_replacing_keeps_the_colleague_s_text_and_its_writers(guide, editor, now):
    builders.draft(guide, by=editor, now=now, title="Theirs")
    me = builders.staff(roles.EDITOR)
    mine = publishing.save_draft(guide, {"title": "Mine"}, by=me, now=now + DAY, replacing=True)
    assert versions(guide) == [(1, "set_aside", "Theirs"), (2, "draft", "Mine")]
    assert (mine.saved_by, set(mine.writers.all())) == (me, {editor, me})


def test_an_untouched_draft_gives_way_to_a_restored_version(guide, editor, now):
    first = builders.published(guide, now=now, title="First")
    builders.published(guide, now=now, title="Second")
    publishing.save_draft(guide, {"change_note": "soon"}, by=editor, now=now)
    publishing.restore(first, by=editor, now=now)
    assert versions(guide)[2:] == [(3, "set_aside", "Second"), (4, "draft", "First")]


def test_a_written_draft_gives_way_only_when_that_is_said(guide, editor, now):
    first = builders.published(guide, now=now, title="First")
    publishing.save_draft(guide, {"title": "Written"}, by=editor, now=now)
    with pytest.raises(NotOpen):
        publishing.restore(first, by=editor, now=now)
    publishing.restore(first, by=editor, now=now, set_draft_aside=True)
    assert versions(guide)[1:] == [(2, "set_aside", "Written"), (3, "draft", "First")]


def test_nothing_is_restored_over_a_text_in_review(guide, editor, now):
    first = builders.published(guide, now=now, title="First")
    draft = publishing.save_draft(guide, {"title": "Written"}, by=editor, now=now)
    publishing.submit(draft, by=editor, now=now)
    with pytest.raises(NotOpen):
        publishing.restore(first, by=editor, now=now, set_draft_aside=True)


# --- Revoked ------------------------------------------------------------------------------------


def test_a_revoked_approval_sends_the_text_back_and_ends_its_plan(guide, editor, reviewer, now):
    approved = builders.approved(guide, now=now)
    publishing.publish(approved, by=editor, now=now, at=now + DAY)
    publishing.revoke(approved, reason="A dose is wrong.", by=reviewer, now=now)
    assert (approved.state, approved.review_note, approved.reviewed_by) == (
        "changes_asked",
        "A dose is wrong.",
        reviewer,
    )
    assert (approved.publish_at, approved.next_review_on) == (None, None)
    assert last_action(guide) == ("guide.approval_revoked", {"revision": 1, "reason": "A dose is wrong."})


def test_who_wrote_a_revoked_text_approves_no_later_one_with_its_words(guide, editor, reviewer, writer, now):
    revoked = builders.approved(guide, now=now, by=writer)
    later = publishing.save_draft(guide, {"title": "Next"}, by=editor, now=now)
    publishing.revoke(revoked, reason="A dose is wrong.", by=reviewer, now=now)
    assert refused_to(writer, publishing.submit(later, by=editor, now=now), now)


def test_who_wrote_a_revoked_text_approves_none_that_was_begun_on_one_begun_on_it(
    guide, editor, reviewer, writer, now
):
    revoked = builders.approved(guide, now=now, by=writer)
    sent_back = publishing.save_draft(guide, {"title": "Next"}, by=editor, now=now)
    publishing.submit(sent_back, by=editor, now=now)
    publishing.ask_for_changes(sent_back, note="Shorter.", by=reviewer, now=now)
    later = publishing.save_draft(guide, {"title": "Short"}, by=editor, now=now)
    publishing.revoke(revoked, reason="A dose is wrong.", by=reviewer, now=now)
    assert refused_to(writer, publishing.submit(later, by=editor, now=now), now)


def test_who_wrote_a_revoked_text_approves_no_draft_that_comes_back_with_its_words(
    guide, editor, reviewer, writer, now
):
    revoked = builders.approved(guide, now=now, by=writer)
    discarded = publishing.save_draft(guide, {"title": "Next"}, by=editor, now=now)
    publishing.discard(discarded, by=editor, now=now)
    publishing.revoke(revoked, reason="A dose is wrong.", by=reviewer, now=now)
    later = publishing.restore(discarded, by=editor, now=now)
    assert refused_to(writer, publishing.submit(later, by=editor, now=now), now)


def test_an_approval_is_not_revoked_once_readers_see_the_text(guide, reviewer, now):
    live = builders.published(guide, now=now)
    with pytest.raises(NotOpen):
        publishing.revoke(live, reason="It came too late.", by=reviewer, now=now)


def test_revoking_needs_a_reason_and_somebody_else(guide, editor, reviewer, now):
    approved = builders.approved(guide, now=now, by=editor)
    with pytest.raises(PublishingError, match="Say why"):
        publishing.revoke(approved, reason=" ", by=reviewer, now=now)
    with pytest.raises(PublishingError, match="at least 3 words and 12 letters"):
        publishing.revoke(approved, reason="x", by=reviewer, now=now)
    with pytest.raises(OwnWork):
        publishing.revoke(approved, reason="No longer true.", by=editor, now=now)


# --- Withdrawn ----------------------------------------------------------------------------------


def test_a_withdrawn_text_remembers_who_when_and_why(guide, editor, now):
    live = builders.published(guide, now=now)
    publishing.withdraw(live, reason="A source was retracted.", by=editor, now=now + DAY)
    live.refresh_from_db()
    assert (live.withdrawn_by, live.withdrawn_at, live.withdrawn_because) == (
        editor,
        now + DAY,
        "A source was retracted.",
    )


def test_withdrawn_is_what_readers_saw_once_and_see_no_more(guide, editor, now):
    live = builders.published(guide, now=now)
    publishing.save_draft(guide, {"title": "Next"}, by=editor, now=now)
    builders.published(builders.guide(now=now), now=now)
    builders.draft(builders.guide(now=now), by=editor, now=now)
    publishing.withdraw(live, reason="A dose is wrong.", by=editor, now=now)
    assert list(Guide.objects.withdrawn()) == [guide]


def test_who_wrote_a_withdrawn_text_does_not_approve_it_when_it_comes_back(guide, editor, writer, now):
    withdrawn = builders.published(guide, now=now, by=writer)
    publishing.withdraw(withdrawn, reason="A dose is wrong.", by=editor, now=now)
    restored = publishing.restore(withdrawn, by=editor, now=now)
    assert (restored.author, set(restored.writers.all())) == (writer, {writer, editor})
    assert refused_to(writer, publishing.submit(restored, by=editor, now=now), now)


# --- Checked again ------------------------------------------------------------------------------


def test_the_same_text_goes_to_a_new_check(guide, editor, now):
    live = builders.published(guide, now=now, next_review_on=(now + 30 * DAY).date())
    again = publishing.submit_again(live, by=editor, now=now + DAY)
    assert (again.number, again.state, again.submitted_by) == (2, "in_review", editor)
    assert again.content() == live.content()


def test_who_submits_another_s_words_for_a_new_check_has_not_written_them(guide, editor, writer, now):
    live = builders.published(guide, now=now, by=writer, next_review_on=(now + 30 * DAY).date())
    again = publishing.submit_again(live, by=editor, now=now)
    assert (again.author, list(again.writers.all()), again.last_saved_by) == (writer, [writer], writer)
    assert last_action(guide) == ("guide.submitted", {"revision": 2})
    assert audit.trail_of(guide)[0].actor_name == editor.username


def test_neither_who_wrote_it_nor_who_submitted_it_approves_what_is_checked_again(guide, editor, writer, now):
    live = builders.published(guide, now=now, by=writer, next_review_on=(now + 30 * DAY).date())
    sender = builders.staff(roles.EDITOR, roles.REVIEWER)
    again = publishing.submit_again(live, by=sender, now=now)
    assert refused_to(writer, again, now)
    assert refused_to(sender, again, now)


@pytest.mark.parametrize("days", [31, 182])
def test_no_new_check_before_it_is_due(guide, editor, now, days):
    live = builders.published(guide, now=now, next_review_on=(now + days * DAY).date())
    with pytest.raises(NotOpen, match="Its next check is not due yet"):
        publishing.submit_again(live, by=editor, now=now)
    assert guide.revisions.count() == 1


def test_no_new_check_while_a_draft_is_open(guide, editor, now):
    live = builders.published(guide, now=now)
    publishing.save_draft(guide, {"title": "Next"}, by=editor, now=now)
    with pytest.raises(NotOpen):
        publishing.submit_again(live, by=editor, now=now)


def test_the_next_review_is_within_two_years(guide, editor, reviewer, now):
    revision = publishing.submit(builders.draft(guide, by=editor, now=now), by=editor, now=now)
    with pytest.raises(Refused, match="Choose a day within two years, by 20 November 2028"):
        builders.approve(revision, next_review_on=dt.date(2028, 11, 21), by=reviewer, now=now)
    builders.approve(revision, next_review_on=dt.date(2028, 11, 20), by=reviewer, now=now)
    assert revision.next_review_on == dt.date(2028, 11, 20)
