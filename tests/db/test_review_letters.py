"""Letters about a text on its way to readers: who is told that it waits, came back, or was not published."""

import datetime as dt

import pytest
from django.urls import reverse

from articles import publishing
from portal import mail, roles
from portal.models import OutboxMessage
from tests import builders

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)
WHY = "Its trial was retracted."


def letters():
    return sorted(OutboxMessage.objects.values_list("template", "to_address"))


def subjects_of():
    return {mail.write(letter).subject for letter in OutboxMessage.objects.all()}


def submitted(guide, editor, now):
    return publishing.submit(builders.draft(guide, by=editor, now=now), by=editor, now=now)


def test_who_may_review_a_submitted_text_is_told(guide, editor, reviewer, now):
    builders.staff(roles.REVIEWER, username="gone", is_active=False)
    builders.staff(roles.EDITOR)
    submitted(guide, editor, now)
    assert letters() == [("articles/to_review", "rex@clinic.example")]
    assert subjects_of() == {"Waiting for a review: Risks in plain words"}


def test_a_reviewer_among_the_writers_is_not_told(guide, editor, reviewer, now):
    both = builders.staff(roles.EDITOR, roles.REVIEWER, username="both")
    draft = builders.draft(guide, by=both, now=now)
    publishing.submit(draft, by=editor, now=now)
    assert letters() == [("articles/to_review", "rex@clinic.example")]


def test_a_letter_leads_to_the_page_of_the_text(guide, editor, reviewer, now, settings):
    submitted(guide, editor, now)
    written = mail.write(OutboxMessage.objects.get())
    link = settings.SITE_URL + reverse("admin:articles_guide_change", args=[guide.pk])
    assert [line for line in written.text.splitlines() if line.startswith("http")] == [link]
    assert f'<a href="{link}">' in written.html


def test_the_author_and_who_submitted_it_are_told_that_changes_are_asked_for(
    guide, editor, colleague, reviewer, now
):
    sent = publishing.submit(builders.draft(guide, by=editor, now=now), by=colleague, now=now)
    OutboxMessage.objects.all().delete()
    publishing.ask_for_changes(sent, note="Say how old.", by=reviewer, now=now)
    assert letters() == [
        ("articles/sent_back", "cole@clinic.example"),
        ("articles/sent_back", "eda@clinic.example"),
    ]
    assert subjects_of() == {"Changes asked for: Risks in plain words"}


def test_the_author_is_told_that_the_approval_was_revoked(guide, editor, reviewer, now):
    revision = builders.approved(guide, now=now, by=editor)
    OutboxMessage.objects.all().delete()
    publishing.revoke(revision, reason=WHY, by=reviewer, now=now)
    assert letters() == [("articles/sent_back", "eda@clinic.example")]
    assert subjects_of() == {"No longer approved: Risks in plain words"}


def test_who_planned_what_could_not_be_published_is_told_why(guide, editor, colleague, now):
    revision = builders.approved(guide, now=now, by=editor)
    publishing.publish(revision, by=colleague, now=now, at=now + DAY)
    revision.cited.get().delete()
    publishing.publish_due(now + DAY)
    assert letters() == [
        ("articles/plan_dropped", "cole@clinic.example"),
        ("articles/plan_dropped", "eda@clinic.example"),
    ]
    assert subjects_of() == {"Not published as planned: Risks in plain words"}
    assert "trial-1" in mail.write(OutboxMessage.objects.all()[0]).text


def test_what_is_published_as_planned_is_no_letter(guide, editor, now):
    revision = builders.approved(guide, now=now, by=editor)
    publishing.publish(revision, by=editor, now=now, at=now + DAY)
    assert (publishing.publish_due(now + DAY), letters()) == (1, [])


def test_where_author_and_planner_have_left_the_editors_are_told(guide, editor, colleague, now):
    revision = builders.approved(guide, now=now, by=editor)
    publishing.publish(revision, by=editor, now=now, at=now + DAY)
    editor.is_active = False
    editor.save()
    revision.cited.get().delete()
    publishing.publish_due(now + DAY)
    assert letters() == [("articles/plan_dropped", "cole@clinic.example")]
