import datetime as dt

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from articles import demo, publishing, subjects, texts
from articles.checks.discern import QUESTIONS
from articles.models import GlossaryTerm, Guide, GuideRevision, RevisionState, SlugRedirect, Treatment
from portal import roles
from portal.models import AuditEvent
from portal.rich_text import LONGEST
from portal.wording import unsourced
from tests import builders
from tests.simultaneous import at_once

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("signed_in")]

State = RevisionState
LIST = "/admin/articles/guide/"
ADD = "/admin/articles/guide/add/"
FUTURE = (timezone.localdate() + dt.timedelta(days=300)).isoformat()
SOON = (timezone.localdate() + dt.timedelta(days=30)).isoformat()


@pytest.fixture
def draft(now, editor):
    return builders.draft(builders.guide("risks", now=now), by=editor, now=now)


@pytest.fixture
def in_review(now, editor, draft):
    return publishing.submit(draft, by=editor, now=now)


def page(subject):
    return reverse("admin:articles_guide_change", args=[subject.pk])


def step(revision, name):
    return reverse("admin:articles_guide_step", args=[revision.subject_id, revision.number, name])


def shown(response):
    return response.context_data["form"]


def typed(response=None, **changes):
    """What the browser would send from the page of `response`, with these changes."""
    form = shown(response) if response else None
    fields = {
        "title": "Risks in plain words",
        "summary": "What can go wrong, and how we know.",
        "key_points": "One point.\nTwo points.\nThree points.",
        "questions": "Who gives the cells?\nWhat did the trial find?\nWho pays if it goes wrong?",
        "body": "<h2>The risks</h2><p>Two of 23 people died [@trial-1].</p>",
        "change_note": "",
        "slug": form.instance.slug if form else "risks",
        "audience": "everyone",
        "language": "en-gb",
        "standing": "cells",
        "opened": form["opened"].value() if form else "",
        "save": "1",
    }
    return fields | changes


def approving(**said):
    """What a reviewer sends: all fifteen answers, and the next date."""
    scores = {f"approve-{question}_score": "4" for question in QUESTIONS}
    places = {f"approve-{answer['question']}_where": answer["where"] for answer in builders.discern()}
    named = {f"approve-{name}": value for name, value in said.items()}
    return scores | places | {"approve-next_review_on": FUTURE} | named


def deeds(subject):
    return list(
        AuditEvent.objects.filter(target_id=str(subject.pk), target_type="articles.guide")
        .order_by("pk")
        .values_list("action", "actor_name", "detail")
    )


def messages(response):
    return [str(message) for message in response.context["messages"]]


# --- Writing ------------------------------------------------------------------------------------


def test_a_new_guide_begins_with_a_draft(client, editor):
    topic = builders.topic()
    response = client.post(ADD, typed(topics=[topic.pk], audience="caregivers"))
    guide = Guide.objects.get()
    revision = guide.revisions.get()
    assert (response.status_code, response["Location"]) == (302, page(guide))
    assert (guide.slug, guide.audience, list(guide.topics.all())) == ("risks", "caregivers", [topic])
    assert (revision.state, revision.author) == (State.DRAFT, editor)
    empty = {"claims": [], "parts": {}, "easy_summary": "", "easy_body": ""}
    assert revision.content() == builders.guide_content() | empty
    assert deeds(guide) == [("guide.added", "eda", {}), ("guide.saved", "eda", {"revision": 1})]


def test_a_form_with_errors_keeps_what_was_typed_and_stores_nothing(client, editor):
    response = client.post(ADD, typed(title="", summary="Typed words", slug="not a slug"))
    assert response.status_code == 422
    assert [field_id for field_id, _message in response.context_data["errors"]] == ["id_slug", "id_title"]
    assert shown(response)["summary"].value() == "Typed words"
    assert Guide.objects.count() == 0


def test_a_new_guide_on_an_old_address_is_refused_with_what_was_typed(client, now, editor):
    live = builders.published(builders.guide("risks", now=now), now=now)
    subjects.rename(live.subject, slug="harms", by=editor, now=now)
    response = client.post(ADD, typed(title="Typed words"))
    assert response.status_code == 409
    assert "This is the old address of “harms” and still leads there." in response.content.decode()
    assert shown(response)["title"].value() == "Typed words"
    assert client.get("/guides/risks/").status_code == 301
    assert Guide.objects.count() == 1


def test_the_page_shows_the_draft_to_write_on(client, draft):
    form = shown(client.get(page(draft.subject)))
    assert {name: form[name].value() for name in ("title", "key_points", "body")} == {
        "title": draft.title,
        "key_points": "One point.\nTwo points.\nThree points.",
        "body": draft.body,
    }


def test_the_longest_text_of_another_script_is_sent_and_saved(client, draft):
    response = client.get(page(draft.subject))
    assert 'enctype="multipart/form-data" id="draft-form"' in response.content.decode()
    longest = f"<p>{'س' * (LONGEST - len('<p></p>'))}</p>"
    assert client.post(page(draft.subject), typed(response, body=longest)).status_code == 302
    draft.refresh_from_db()
    assert draft.body == longest


def test_saving_writes_into_the_open_draft(client, draft):
    opened = client.get(page(draft.subject))
    response = client.post(page(draft.subject), typed(opened, title="Another title"), follow=True)
    draft.refresh_from_db()
    assert (draft.title, draft.number, GuideRevision.objects.count()) == ("Another title", 1, 1)
    assert messages(response) == ["Saved."]


def test_what_the_editor_types_is_cleaned(client, draft):
    opened = client.get(page(draft.subject))
    body = '<h2 onclick="x()">Risks</h2><script>alert(1)</script><p style="color:red">Text</p>'
    client.post(page(draft.subject), typed(opened, body=body))
    draft.refresh_from_db()
    assert draft.body == "<h2>Risks</h2><p>Text</p>"


def test_settings_alone_make_no_new_draft_and_are_recorded_by_name(client, now, editor):
    live = builders.published(builders.guide("risks", now=now), now=now, by=editor)
    opened = client.get(page(live.subject))
    client.post(page(live.subject), typed(opened, audience="patients"))
    guide = Guide.objects.get()
    assert (guide.audience, guide.live_revision, guide.revisions.count()) == ("patients", live, 1)
    assert deeds(guide)[-1] == ("guide.changed", "eda", {"fields": ["audience"]})


def test_text_written_over_a_live_page_becomes_a_draft_readers_do_not_see(client, now, editor):
    live = builders.published(builders.guide("risks", now=now), now=now, by=editor)
    opened = client.get(page(live.subject))
    client.post(page(live.subject), typed(opened, title="Not yet seen"))
    guide = Guide.objects.get()
    assert guide.live_revision == live
    assert [(revision.number, revision.state) for revision in guide.revisions.all()] == [
        (2, State.DRAFT),
        (1, State.PUBLISHED),
    ]


def test_another_address_goes_through_the_verb_that_keeps_the_old_one(client, now, editor):
    live = builders.published(builders.guide("risks", now=now), now=now, by=editor)
    opened = client.get(page(live.subject))
    client.post(page(live.subject), typed(opened, slug="all-risks"))
    assert Guide.objects.get().slug == "all-risks"
    assert list(SlugRedirect.objects.values_list("old_slug", "new_slug")) == [("risks", "all-risks")]


def test_the_second_of_two_editors_is_told_and_overwrites_nothing(client, draft, now):
    mine = client.get(page(draft.subject))
    colleague = builders.staff(roles.EDITOR)
    publishing.save_draft(draft.subject, {"title": "Theirs"}, by=colleague, now=now + dt.timedelta(seconds=5))
    refused = client.post(page(draft.subject), typed(mine, title="Mine", slug="mine"))
    draft.refresh_from_db()
    assert refused.status_code == 409
    assert "A colleague saved this text after you opened the page." in refused.content.decode()
    assert shown(refused)["title"].value() == "Mine"
    assert (draft.title, Guide.objects.get().slug) == ("Theirs", "risks")


def test_saving_again_after_the_warning_replaces_the_colleague_s_text(client, draft, now):
    mine = client.get(page(draft.subject))
    colleague = builders.staff(roles.EDITOR)
    publishing.save_draft(draft.subject, {"title": "Theirs"}, by=colleague, now=now + dt.timedelta(seconds=5))
    refused = client.post(page(draft.subject), typed(mine, title="Mine"))
    again = client.post(page(draft.subject), typed(refused, title="Mine"))
    draft.refresh_from_db()
    assert (again.status_code, draft.title) == (302, "Mine")


def test_what_was_typed_is_kept_when_the_text_went_into_review_meanwhile(client, draft, editor, now):
    opened = client.get(page(draft.subject))
    publishing.submit(draft, by=editor, now=now)
    refused = client.post(page(draft.subject), typed(opened, title="Typed meanwhile"))
    assert refused.status_code == 409
    assert "This text is being reviewed. Take it back to change it." in refused.content.decode()
    assert shown(refused)["title"].value() == "Typed meanwhile"


# --- Submitting ---------------------------------------------------------------------------------


def test_save_and_submit_does_both(client, draft):
    opened = client.get(page(draft.subject))
    response = client.post(page(draft.subject), typed(opened, title="Ready", submit="1"), follow=True)
    draft.refresh_from_db()
    assert (draft.title, draft.state) == ("Ready", State.IN_REVIEW)
    assert messages(response) == ["Saved and submitted for review."]


def test_a_text_with_blocking_problems_is_saved_but_not_submitted(client, draft):
    opened = client.get(page(draft.subject))
    body = "<p>All is well [@nobody].</p>"
    response = client.post(page(draft.subject), typed(opened, body=body, submit="1"))
    draft.refresh_from_db()
    assert (response.status_code, draft.body, draft.state) == (422, body, State.DRAFT)
    assert response.context_data["errors_title"] == (
        "Saved as a draft, but not submitted: 2 things must be mended"
    )
    blocking = [problem for problem in texts.problems_of(draft) if problem.severity == "blocking"]
    assert response.context_data["errors"] == [("id_body", str(problem)) for problem in blocking]


def test_who_may_write_but_not_submit_is_refused_on_the_server(client, draft):
    person = builders.staff(roles.COORDINATOR)
    person.user_permissions.add(Permission.objects.get(codename="change_guide"))
    client.force_login(person)
    opened = client.get(page(draft.subject))
    assert 'name="submit"' not in opened.content.decode()
    response = client.post(page(draft.subject), typed(opened, title="Changed", submit="1"))
    draft.refresh_from_db()
    assert (response.status_code, draft.title, draft.state) == (403, "Risks in plain words", State.DRAFT)


def test_in_review_the_editor_reads_and_may_take_it_back(client, in_review):
    response = client.get(page(in_review.subject))
    assert shown(response) is None
    assert [offer.step.name for offer in response.context_data["offers"]] == ["take-back"]
    client.post(step(in_review, "take-back"))
    in_review.refresh_from_db()
    assert in_review.state == State.TAKEN_BACK


# --- Reviewing ----------------------------------------------------------------------------------


def test_a_reviewer_is_offered_the_two_answers_and_no_form(client, in_review, reviewer):
    client.force_login(reviewer)
    response = client.get(page(in_review.subject))
    assert shown(response) is None
    assert [offer.step.name for offer in response.context_data["offers"]] == ["approve", "ask-for-changes"]


def test_the_next_review_is_proposed_half_a_year_ahead(client, in_review, reviewer):
    client.force_login(reviewer)
    approve = client.get(page(in_review.subject)).context_data["offers"][0]
    assert approve.form["next_review_on"].value() == timezone.localdate() + dt.timedelta(days=182)


def test_a_reviewer_approves_with_the_next_date_and_a_note(client, in_review, reviewer):
    client.force_login(reviewer)
    said = approving(note="Clear.")
    response = client.post(step(in_review, "approve"), said, follow=True)
    in_review.refresh_from_db()
    assert (in_review.state, in_review.reviewed_by, in_review.review_note) == (
        State.APPROVED,
        reviewer,
        "Clear.",
    )
    assert in_review.next_review_on == dt.date.fromisoformat(FUTURE)
    assert messages(response) == ["Approved."]


def test_the_sign_off_is_asked_for_where_a_demonstration_is_approved_and_only_there(
    client, in_review, reviewer, now, editor
):
    shown_off = builders.draft(builders.guide("shown", now=now), by=editor, now=now, demonstration=True)
    publishing.submit(shown_off, by=editor, now=now)
    client.force_login(reviewer)
    asked = [
        [
            field.name
            for field in client.get(page(revision.subject)).context_data["offers"][0].form.plain_fields
        ]
        for revision in (in_review, shown_off)
    ]
    assert asked == [["next_review_on", "note"], ["next_review_on", "note", "signed_off"]]
    said = approving(signed_off="on")
    client.post(step(in_review, "approve"), said)
    client.post(step(shown_off, "approve"), said)
    shown_off.refresh_from_db()
    assert (shown_off.state, shown_off.demonstration) == (State.APPROVED, False)


@pytest.mark.parametrize(
    ("name", "said", "message"),
    [
        ("approve", approving(next_review_on="2020-01-01"), "Check again by: Choose a day in the future."),
        ("approve", approving(next_review_on="soon"), "Check again by: Enter a valid date."),
        (
            "ask-for-changes",
            {"ask-for-changes-note": "  "},
            "What must change, and where: This field is required.",
        ),
    ],
)
def test_an_answer_that_lacks_something_is_asked_again(client, in_review, reviewer, name, said, message):
    client.force_login(reviewer)
    response = client.post(step(in_review, name), said)
    in_review.refresh_from_db()
    assert response.status_code == 422
    assert [words for _field, words in response.context_data["errors"]] == [message]
    assert in_review.state == State.IN_REVIEW


def test_the_editor_sees_what_the_reviewer_asks_for(client, in_review, reviewer, editor):
    client.force_login(reviewer)
    client.post(step(in_review, "ask-for-changes"), {"ask-for-changes-note": "Name the people in the trial."})
    client.force_login(editor)
    response = client.get(page(in_review.subject))
    assert "Name the people in the trial." in response.content.decode()
    assert shown(response)["title"].value() == in_review.title


def test_nobody_is_offered_to_review_their_own_work_nor_let_to(client, now):
    both = builders.staff(roles.EDITOR, roles.REVIEWER)
    revision = builders.draft(builders.guide(now=now), by=both, now=now)
    publishing.submit(revision, by=both, now=now)
    client.force_login(both)
    response = client.get(page(revision.subject))
    assert [offer.step.name for offer in response.context_data["offers"]] == ["take-back"]
    refused = client.post(step(revision, "approve"), approving())
    revision.refresh_from_db()
    assert (refused.status_code, revision.state) == (409, State.IN_REVIEW)
    assert "somebody else must review it" in refused.content.decode()


def test_who_submitted_another_s_draft_is_not_offered_to_review_it(client, now, editor, draft):
    both = builders.staff(roles.EDITOR, roles.REVIEWER)
    publishing.submit(draft, by=both, now=now)
    client.force_login(both)
    response = client.get(page(draft.subject))
    assert [offer.step.name for offer in response.context_data["offers"]] == ["take-back"]
    assert response.context_data["own_work"] is True


def test_a_note_of_approval_is_no_longer_than_other_notes(client, in_review, reviewer):
    client.force_login(reviewer)
    said = approving(note="a" * 4001)
    response = client.post(step(in_review, "approve"), said)
    in_review.refresh_from_db()
    assert (response.status_code, in_review.state) == (422, State.IN_REVIEW)


# --- To readers and back ------------------------------------------------------------------------


@pytest.fixture
def approved(now, editor):
    return builders.approved(
        builders.guide("risks", now=now), now=now, next_review_on=dt.date.fromisoformat(FUTURE)
    )


def test_publishing_now_shows_it_to_readers(client, approved):
    response = client.post(step(approved, "publish"), {"publish-at_0": "", "publish-at_1": ""}, follow=True)
    assert Guide.objects.get().live_revision == approved
    assert messages(response) == ["Published."]


def test_publishing_can_be_planned(client, approved):
    said = {"publish-at_0": SOON, "publish-at_1": "09:30"}
    response = client.post(step(approved, "publish"), said, follow=True)
    approved.refresh_from_db()
    assert approved.publish_at == dt.datetime.fromisoformat(f"{SOON}T09:30:00+00:00")
    assert Guide.objects.get().live_revision is None
    assert messages(response) == ["Planned. It will be published at its time."]


def test_a_plan_is_offered_to_be_cancelled_and_then_no_more(client, approved, editor):
    def offered():
        return [offer.step.name for offer in client.get(page(approved.subject)).context_data["offers"]]

    publishing.publish(approved, by=editor, now=timezone.now(), at=timezone.now() + dt.timedelta(days=1))
    assert offered() == ["publish", "unschedule"]
    response = client.post(step(approved, "unschedule"), follow=True)
    approved.refresh_from_db()
    assert (approved.publish_at, messages(response)) == (None, ["Cancelled. It stays approved."])
    assert offered() == ["publish"]


def test_a_planned_time_that_has_passed_is_refused(client, approved):
    said = {"publish-at_0": "2020-05-01", "publish-at_1": "09:30"}
    response = client.post(step(approved, "publish"), said)
    assert response.status_code == 422
    assert [words for _field, words in response.context_data["errors"]] == [
        "Publish at: This time has passed. Leave it empty to publish now."
    ]


def test_withdrawing_needs_a_reason(client, now, editor):
    live = builders.published(builders.guide("risks", now=now), now=now)
    refused = client.post(step(live, "withdraw"), {"withdraw-reason": ""})
    assert (refused.status_code, Guide.objects.get().live_revision) == (422, live)
    client.post(step(live, "withdraw"), {"withdraw-reason": "The trial was retracted."})
    assert Guide.objects.get().live_revision is None


def test_withdrawing_on_an_old_page_leaves_the_newer_text_live(client, now, editor):
    guide = builders.guide("risks", now=now)
    seen = builders.published(guide, now=now)
    newer = builders.published(guide, now=now)
    refused = client.post(step(seen, "withdraw"), {"withdraw-reason": "The trial was retracted."})
    assert (refused.status_code, Guide.objects.get().live_revision) == (409, newer)
    assert [words for _field, words in refused.context_data["errors"]] == [
        "Readers do not see this version now. Look at the page again."
    ]


def test_an_older_version_is_read_and_restored_as_a_draft(client, now, editor):
    live = builders.published(builders.guide("risks", now=now), now=now, by=editor, title="First")
    response = client.get(reverse("admin:articles_guide_revision", args=[live.subject_id, 1]))
    assert (
        '<p>Two of 23 people died <a href="/evidence/trial-1/">[@trial-1]</a>.</p>'
        in response.content.decode()
    )
    assert [offer.step.name for offer in response.context_data["offers"]] == ["restore"]
    client.post(step(live, "restore"))
    newest = live.subject.revisions.first()
    assert (newest.number, newest.state, newest.title) == (2, State.DRAFT, "First")


def test_a_step_that_a_colleague_took_first_is_told(client, in_review, reviewer, now):
    client.force_login(reviewer)
    colleague = builders.staff(roles.REVIEWER)
    publishing.ask_for_changes(in_review, note="More.", by=colleague, now=now)
    response = client.post(step(in_review, "approve"), approving())
    assert response.status_code == 409
    assert "a colleague may have been quicker" in response.content.decode()


# --- Who may do what ----------------------------------------------------------------------------

MAY = {
    "take-back": {roles.EDITOR},
    "approve": {roles.REVIEWER},
    "ask-for-changes": {roles.REVIEWER},
    "publish": {roles.EDITOR, roles.MANAGER},
    "unschedule": {roles.EDITOR, roles.MANAGER},
    "withdraw": {roles.EDITOR, roles.MANAGER, roles.REVIEWER},
    "revoke": {roles.REVIEWER},
    "discard": {roles.EDITOR},
    "check-again": {roles.EDITOR},
    "restore": {roles.EDITOR},
}


@pytest.mark.parametrize("name", MAY)
def test_each_step_is_refused_to_every_other_role(client, now, name):
    revision = builders.draft(builders.guide(now=now), by=builders.staff(roles.EDITOR), now=now)
    refused = set()
    for role in roles.ALL:
        client.force_login(builders.staff(role))
        if client.post(step(revision, name), {}).status_code == 403:
            refused.add(role)
    assert refused == set(roles.ALL) - MAY[name]


@pytest.mark.parametrize("role", [roles.REVIEWER, roles.COORDINATOR, roles.MANAGER, roles.AUDITOR])
def test_other_roles_read_but_do_not_write(client, draft, role):
    client.force_login(builders.staff(role))
    opened = client.get(page(draft.subject))
    posted = client.post(page(draft.subject), typed(title="Changed"))
    assert (opened.status_code, shown(opened), posted.status_code) == (200, None, 403)
    assert client.get(ADD).status_code == 403


def test_who_may_not_read_drafts_is_shown_what_readers_see(client, now, editor):
    live = builders.published(builders.guide("risks", now=now), now=now, by=editor, title="Live words")
    publishing.save_draft(live.subject, {"title": "Draft words"}, by=editor, now=now)
    client.force_login(builders.staff(roles.COORDINATOR))
    response = client.get(page(live.subject))
    html = response.content.decode()
    assert ("Live words" in html, "Draft words" in html) == (True, False)
    assert [revision for revision, _url, _pair in response.context_data["revisions"]] == [live]
    assert f"/revisions/{live.number}/" not in html


def test_who_may_not_read_drafts_is_told_why_there_is_nothing_to_read(client, now, editor):
    draft = builders.draft(builders.guide("begun", now=now), by=editor, now=now)
    client.force_login(builders.staff(roles.COORDINATOR))
    html = client.get(page(draft.subject)).text
    assert "Drafts are shown to those who write and review them." in html
    assert ('id="versions"' in html, 'id="sources"' in html) == (False, False)


def test_who_may_not_read_drafts_finds_no_draft_by_its_title(client, now, editor):
    live = builders.published(builders.guide("risks", now=now), now=now, by=editor, title="Live words")
    publishing.save_draft(live.subject, {"title": "Secret words"}, by=editor, now=now)
    builders.draft(builders.guide("begun", now=now), by=editor, now=now, title="Secret beginning")
    client.force_login(builders.staff(roles.COORDINATOR))

    def listed(query=""):
        return [
            (row.slug, row.title, row.newest_state, row.author_name)
            for row in client.get(f"{LIST}{query}").context_data["cl"].result_list
        ]

    assert listed() == [("begun", None, None, None), ("risks", "Live words", "published", "eda")]
    assert listed("?q=secret") == []
    assert listed("?q=live") == [("risks", "Live words", "published", "eda")]
    assert listed("?state=draft") == []
    assert "Secret" not in client.get(LIST).content.decode()


def test_who_may_not_read_drafts_is_told_of_a_withdrawn_text_that_it_was_withdrawn(client, now, editor):
    gone = builders.published(builders.guide("gone", now=now), now=now, title="Wrong words")
    publishing.withdraw(gone, reason="A dose is wrong.", by=editor, now=now)
    client.force_login(builders.staff(roles.COORDINATOR))
    html = client.get(LIST).content.decode()
    assert ("Wrong words" in html, "withdrawn</td>" in html) == (False, True)


def test_a_step_needs_a_name_that_exists(client, draft):
    assert client.post(step(draft, "delete")).status_code == 404


def test_a_step_that_is_only_looked_at_says_that_nothing_was_done(client, draft):
    response = client.get(step(draft, "take-back"), follow=True)
    assert response.redirect_chain == [(page(draft.subject), 302)]
    assert messages(response) == [
        "Nothing was saved and nothing was done. Press the button on this page to do it."
    ]


HUGE = "9" * 23


@pytest.mark.parametrize(
    "address", [f"{HUGE}/revisions/1/", f"1/revisions/{HUGE}/", f"{HUGE}/revisions/{HUGE}/preview/"]
)
def test_a_number_that_no_database_holds_is_not_found(client, draft, address):
    assert client.get(f"{LIST}{address}").status_code == 404


@pytest.mark.parametrize("address", [f"{HUGE}/revisions/1", f"1/revisions/{HUGE}"])
def test_no_step_is_taken_with_a_number_that_no_database_holds(client, draft, address):
    assert client.post(f"{LIST}{address}/take-back/").status_code == 404


@pytest.mark.parametrize("address", [f"{HUGE}/change/", f"{HUGE}/history/"])
def test_a_guide_with_a_number_that_no_database_holds_leads_to_the_first_page(client, editor, address):
    response = client.get(f"{LIST}{address}")
    assert (response.status_code, response["Location"]) == (302, "/admin/")


@pytest.mark.parametrize("field", ["topics", "treatments", "related", "translation_of"])
@pytest.mark.parametrize("chosen", [HUGE, "-1", "x", "٣"])
def test_a_choice_that_does_not_exist_is_told(client, editor, field, chosen):
    response = client.post(ADD, typed(**{field: chosen}))
    assert (response.status_code, list(shown(response).errors)) == (422, [field])
    assert not Guide.objects.exists()


# --- Lists, preview and the records around ------------------------------------------------------


def test_the_list_tells_state_readers_review_and_author(client, now, editor):
    live = builders.published(
        builders.guide("risks", now=now), now=now, by=editor, next_review_on=dt.date.fromisoformat(FUTURE)
    )
    publishing.save_draft(live.subject, {"title": "Newer"}, by=editor, now=now)
    row = client.get(LIST).context_data["cl"].result_list[0]
    assert (row.title, row.newest_state, row.author_name) == ("Newer", "draft", "eda")
    assert row.live_revision == live


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("state=draft", ["new"]),
        ("readers=see", ["live"]),
        ("readers=not", ["gone", "new"]),
        ("readers=withdrawn", ["gone"]),
        ("state=withdrawn", ["gone"]),
        ("state=published", ["live"]),
        ("q=plain", ["gone", "live", "new"]),
        ("language=en-gb", ["gone", "live", "new"]),
        ("language=ar", []),
    ],
)
def test_the_list_filters_and_searches(client, now, editor, query, found):
    builders.published(builders.guide("live", now=now), now=now)
    builders.draft(builders.guide("new", now=now), by=editor, now=now)
    gone = builders.published(builders.guide("gone", now=now), now=now)
    publishing.withdraw(gone, reason="A dose is wrong.", by=editor, now=now)
    rows = client.get(f"{LIST}?{query}").context_data["cl"].result_list
    assert sorted(row.slug for row in rows) == found


@pytest.mark.parametrize("name", ["state", "readers", "language"])
@pytest.mark.parametrize("value", ["junk", HUGE, "%", "'"])
def test_a_filter_ignores_a_value_that_it_did_not_offer(client, draft, name, value):
    rows = client.get(LIST, {name: value}).context_data["cl"].result_list
    assert list(rows) == [draft.subject]


@pytest.mark.parametrize("kind", ["guide", "treatment"])
def test_a_filter_survives_what_no_database_holds(client, editor, kind):
    assert client.get(f"/admin/articles/{kind}/", {"state": "\0"}).status_code < 500


def test_the_list_costs_the_same_with_one_guide_and_with_thirty(client, now, editor):
    def queries():
        with CaptureQueriesContext(connection) as captured:
            client.get(LIST)
        return len(captured)

    builders.published(builders.guide(now=now), now=now)
    queries()  # the first visit renews the session
    one = queries()
    for _number in range(29):
        builders.draft(builders.guide(now=now), by=editor, now=now)
    assert queries() == one


def test_the_preview_shows_the_draft_to_staff_and_is_never_kept(client, draft):
    address = reverse("admin:articles_guide_preview", args=[draft.subject_id, draft.number])
    response = client.get(address)
    assert response.status_code == 200
    assert (response.context_data["preview"], response.context_data["revision"]) == (True, draft)
    assert "no-store" in response["Cache-Control"]
    client.logout()
    assert client.get(address).status_code == 302


def test_the_page_reads_the_text_of_the_newest_version_only(client, now, editor):
    guide = builders.guide("risks", now=now)
    for _number in range(3):
        builders.published(guide, now=now, by=editor)
    with CaptureQueriesContext(connection) as captured:
        client.get(page(guide))
    of_versions = [query["sql"] for query in captured if '"subject_id" = ' in query["sql"]]
    whole = [sql for sql in of_versions if '"articles_guiderevision"."body"' in sql]
    assert whole
    assert [sql for sql in whole if not sql.endswith("LIMIT 1")] == []


def test_the_page_shows_who_did_what(client, now, editor):
    live = builders.published(builders.guide("risks", now=now), now=now, by=editor)
    trail = client.get(page(live.subject)).content.decode().partition('id="events"')[2]
    said = [words in trail for words in ("saved the draft", "approved it", "published it", "eda")]
    assert said == [True, True, True, True]


def test_a_treatment_is_written_on_its_own_page(client, editor):
    fields = typed(cell_type="nerve cells", donor="donor", route="surgery", slug="neural")
    response = client.post("/admin/articles/treatment/add/", fields)
    assert response.status_code == 302
    revision = publishing.TreatmentRevision.objects.get()
    assert (revision.cell_type, revision.donor, revision.route) == ("nerve cells", "donor", "surgery")


def test_a_glossary_term_reaches_the_live_text_with_the_next_round_of_the_worker(client, now, editor):
    live = builders.published(builders.guide(now=now), now=now, body="<p>Ischaemia was seen [@trial-1].</p>")
    term = {"term": "ischaemia", "also": "ischaemic\nischaemias", "explanation": "Too little blood."}
    client.post("/admin/articles/glossaryterm/add/", term)
    assert texts.render_outdated() == 1
    live.refresh_from_db()
    assert GlossaryTerm.objects.get().also == ["ischaemic", "ischaemias"]
    assert [word["term"] for word in live.glossary] == ["ischaemia"]


def test_other_spellings_with_a_sign_that_no_database_holds_are_refused(client, editor):
    term = {"term": "ischaemia", "also": "ischaemic\nis\0chaemias", "explanation": "Too little blood."}
    response = client.post("/admin/articles/glossaryterm/add/", term)
    assert response.context_data["adminform"].form.errors == {"also": ["Null characters are not allowed."]}


@pytest.mark.parametrize("name", ["term", "explanation"])
def test_a_glossary_term_promises_no_more_than_a_text_may(client, editor, name):
    words = {"term": "ischaemia", "also": "", "explanation": "Too little blood."} | {name: "a miracle"}
    response = client.post("/admin/articles/glossaryterm/add/", words)
    assert response.context_data["adminform"].form.errors == {
        name: ["“miracle” promises more than is known. Say what was seen, and how often."]
    }
    assert not GlossaryTerm.objects.exists()


def test_an_explanation_counts_nobody(client, editor):
    counts = "Cells helped 90 of 100 people to walk again."
    words = {"term": "walking", "also": "", "explanation": counts}
    response = client.post("/admin/articles/glossaryterm/add/", words)
    told = f"This counts people, or a share of them, without a source: “{counts}”"
    assert response.context_data["adminform"].form.errors == {"explanation": [told]}
    assert not GlossaryTerm.objects.exists()


def test_the_trail_tells_from_what_to_what_an_explanation_was_changed(client, editor):
    words = {"term": "stroke", "also": "strokes", "explanation": "Too little blood."}
    client.post("/admin/articles/glossaryterm/add/", words)
    address = f"/admin/articles/glossaryterm/{GlossaryTerm.objects.get().pk}/change/"
    stamp = client.get(address).context_data["adminform"].form["opened"].value()
    client.post(address, words | {"explanation": "A clot or a bleed.", "opened": stamp})
    event = AuditEvent.objects.get(action="term.changed")
    assert event.detail["changes"] == {"explanation": ["Too little blood.", "A clot or a bleed."]}


def test_no_explanation_of_the_demonstration_counts_anybody():
    demo.load_glossary()
    found = GlossaryTerm.objects.values_list("explanation", flat=True)
    assert [fault for words in found for fault in unsourced(words)] == []
    assert len(found) >= 40


def test_the_finding_of_a_source_promises_no_more_than_a_text_may(client, editor):
    source = builders.source("trial-1")
    address = f"/admin/articles/source/{source.pk}/change/"
    kept = client.get(address).context_data["adminform"].form.initial
    words = {name: value for name, value in kept.items() if value is not None}
    response = client.post(address, words | {"finding": "It is a cure."})
    assert response.context_data["adminform"].form.errors == {
        "finding": ["“cure” promises more than is known. Say what was measured, in how many people."]
    }
    assert client.post(address, words | {"finding": "No difference."}).status_code == 302


@pytest.mark.parametrize("name", ["name", "description"])
def test_a_topic_promises_no_more_than_a_text_may(client, editor, name):
    words = {"name": "Travel", "slug": "travel", "description": ""} | {name: "A miracle"}
    response = client.post("/admin/articles/topic/add/", words)
    assert response.context_data["adminform"].form.errors == {
        name: ["“miracle” promises more than is known. Say what was seen, and how often."]
    }


@pytest.mark.parametrize(
    ("kind", "make", "name"),
    [
        ("source", builders.source, "finding"),
        ("topic", builders.topic, "description"),
        ("glossaryterm", lambda: GlossaryTerm.objects.create(term="x", explanation="First."), "explanation"),
    ],
)
def test_the_second_of_two_editors_of_a_record_is_told_and_overwrites_nothing(
    client, editor, kind, make, name
):
    record = make()
    address = f"/admin/articles/{kind}/{record.pk}/change/"
    form = client.get(address).context_data["adminform"].form
    opened = {field: form[field].value() for field in form.fields if form[field].value() is not None}
    assert client.post(address, opened | {name: "Theirs"}).status_code == 302
    refused = client.post(address, opened | {name: "Mine"})
    record.refresh_from_db()
    assert getattr(record, name) == "Theirs"
    form = refused.context_data["adminform"].form
    assert list(form.errors) == ["__all__"]
    again = opened | {name: "Mine", "opened": form["opened"].value()}
    assert client.post(address, again).status_code == 302
    record.refresh_from_db()
    assert getattr(record, name) == "Mine"


def test_a_topic_keeps_its_address(client, editor):
    topic = builders.topic(slug="costs")
    url = f"/admin/articles/topic/{topic.pk}/change/"
    opened = client.get(url).context_data["adminform"].form["opened"].value()
    client.post(url, {"name": "Money", "slug": "money", "description": "", "opened": opened})
    topic.refresh_from_db()
    assert (topic.name, topic.slug) == ("Money", "costs")


@pytest.mark.parametrize(("kind", "make"), [("source", builders.source), ("topic", builders.topic)])
def test_who_only_reads_a_record_sees_no_stamp_of_its_opening(client, kind, make):
    client.force_login(builders.staff(roles.COORDINATOR))
    html = client.get(f"/admin/articles/{kind}/{make().pk}/change/").content.decode()
    assert "Opened" not in html


def test_a_source_keeps_its_key_and_tells_what_cites_it(client, now, editor):
    builders.published(builders.guide("risks", now=now), now=now)
    source = builders.Source.objects.get(key="trial-1")
    response = client.get(f"/admin/articles/source/{source.pk}/change/")
    assert "key" in response.context_data["adminform"].readonly_fields
    assert ">Risks in plain words</a>" in response.content.decode()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kind", ["guide", "treatment"])
def test_the_same_text_added_eight_times_at_once_is_added_once(kind):
    people = [Client() for _number in range(8)]
    for person in people:
        person.force_login(builders.staff(roles.EDITOR))
    fields = typed(cell_type="nerve cells", donor="donor", route="surgery")

    def add(number):
        return people[number].post(f"/admin/articles/{kind}/add/", fields).status_code

    answers = sorted(at_once(8, add))
    assert (answers[0], set(answers[1:]) <= {409, 422}) == (302, True)
    model = {"guide": Guide, "treatment": Treatment}[kind]
    assert [subject.revisions.count() for subject in model.objects.all()] == [1]


@pytest.mark.django_db(transaction=True)
def test_the_same_translation_given_eight_times_at_once_is_given_once(now):
    original = builders.guide("original", now=now)
    people = [Client() for _number in range(8)]
    for person in people:
        person.force_login(builders.staff(roles.EDITOR))

    def add(number):
        fields = typed(slug=f"translation-{number}", language="ar", translation_of=original.pk)
        return people[number].post(ADD, fields).status_code

    answers = sorted(at_once(8, add))
    assert (answers[0], set(answers[1:]) <= {409, 422}) == (302, True)
    assert Guide.objects.exclude(pk=original.pk).count() == 1


@pytest.mark.django_db(transaction=True)
def test_the_same_word_added_eight_times_at_once_is_added_once():
    people = [Client() for _number in range(8)]
    for person in people:
        person.force_login(builders.staff(roles.EDITOR))
    term = {"term": "ischaemia", "also": "", "explanation": "Too little blood."}

    def add(number):
        return people[number].post("/admin/articles/glossaryterm/add/", term).status_code

    assert set(at_once(8, add)) <= {200, 302, 409, 422}
    assert GlossaryTerm.objects.count() == 1
