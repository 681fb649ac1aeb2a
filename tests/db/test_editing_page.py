"""The page on which staff write: nothing typed is lost, and what to know stands where one decides."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from articles import publishing, sources, subjects
from articles.models import Guide, GuideRevision, RevisionState
from portal import roles
from tests import builders
from tests.db.test_admin_articles import (
    ADD,
    FUTURE,
    LIST,
    approving,
    deeds,
    messages,
    page,
    shown,
    step,
    typed,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("signed_in")]
State = RevisionState
SECOND = dt.timedelta(seconds=5)


def offered(response):
    return [offer.step.name for offer in response.context_data["offers"]]


def differing(comparison):
    """Its fields, each with the changed words of both sides."""
    return {
        str(change.label): (
            [piece.words for row in change.rows for piece in row.before if piece.changed],
            [piece.words for row in change.rows for piece in row.after if piece.changed],
        )
        for change in comparison.changes
    }


# --- A step keeps what was written beside it ----------------------------------------------------


def test_a_step_saves_what_was_written_on_the_page_first(client, now, editor, guide):
    live = builders.published(guide, now=now, by=editor)
    opened = client.get(page(guide))
    response = client.post(
        step(live, "withdraw"),
        typed(opened, title="Typed") | {"withdraw-reason": "A dose is wrong."},
        follow=True,
    )
    guide.refresh_from_db()
    assert (guide.live_revision, guide.revisions.first().title) == (None, "Typed")
    assert messages(response) == [
        "Your writing was saved. Withdrawn. Readers no longer see it, and nothing is planned any more."
    ]


def test_a_step_with_nothing_written_begins_no_draft(client, now, editor, guide):
    live = builders.published(guide, now=now, by=editor, body="<p>Two\n lines [@trial-1].</p>")
    opened = client.get(page(guide))
    as_a_browser_sends_it = {"body": "<p>Two\r\n lines [@trial-1].</p>"}
    said = typed(opened, **as_a_browser_sends_it) | {"withdraw-reason": "A dose is wrong."}
    response = client.post(step(live, "withdraw"), said, follow=True)
    assert (guide.revisions.count(), messages(response)) == (
        1,
        ["Withdrawn. Readers no longer see it, and nothing is planned any more."],
    )


def test_a_refused_step_keeps_what_was_written_and_saves_nothing(client, now, editor, guide):
    live = builders.published(guide, now=now, by=editor)
    opened = client.get(page(guide))
    refused = client.post(step(live, "withdraw"), typed(opened, title="Typed") | {"withdraw-reason": ""})
    assert (refused.status_code, guide.revisions.count()) == (422, 1)
    assert shown(refused)["title"].value() == "Typed"


def test_a_step_beside_a_form_with_errors_is_not_taken(client, now, editor, guide):
    live = builders.published(guide, now=now, by=editor)
    opened = client.get(page(guide))
    refused = client.post(
        step(live, "withdraw"), typed(opened, title="") | {"withdraw-reason": "A dose is wrong."}
    )
    guide.refresh_from_db()
    assert (refused.status_code, guide.live_revision) == (422, live)
    assert list(refused.context_data["errors"]) == [("id_title", "Title: Give it a title.")]


def test_a_step_refused_by_its_verb_takes_the_saving_back(client, now, editor, guide):
    live = builders.published(guide, now=now, by=editor)
    opened = client.get(page(guide))
    refused = client.post(step(live, "check-again"), typed(opened, title="Typed"))
    assert (refused.status_code, guide.revisions.count()) == (409, 1)
    assert shown(refused)["title"].value() == "Typed"


def test_a_step_on_an_overtaken_page_shows_the_colleague_s_text(client, now, editor, colleague, guide):
    draft = builders.draft(guide, by=editor, now=now)
    opened = client.get(page(guide))
    publishing.save_draft(guide, {"title": "Theirs"}, by=colleague, now=now + SECOND)
    refused = client.post(step(draft, "discard"), typed(opened, title="Mine"))
    draft.refresh_from_db()
    assert (refused.status_code, draft.state) == (409, State.DRAFT)
    assert differing(refused.context_data["meanwhile"]) == {"title": (["Theirs"], ["Mine"])}


# --- Two editors --------------------------------------------------------------------------------


def test_a_refused_save_shows_both_texts_and_who_saved_when(client, now, editor, colleague, guide):
    builders.draft(guide, by=editor, now=now)
    mine = client.get(page(guide))
    publishing.save_draft(
        guide, {"summary": "What can go right, and how we know."}, by=colleague, now=now + SECOND
    )
    refused = client.post(page(guide), typed(mine, title="Mine"))
    meanwhile = refused.context_data["meanwhile"]
    assert (meanwhile.before, meanwhile.after) == (
        "Saved by C. Colleague, 20 November 2026, 12:00",
        "Yours, not saved",
    )
    assert differing(meanwhile) == {
        "title": (["Risks in plain words"], ["Mine"]),
        "summary": (["right, "], ["wrong, "]),
    }


def test_a_colleague_s_settings_are_not_overwritten_unseen(client, now, editor, guide):
    builders.draft(guide, by=editor, now=now)
    topic = builders.topic(name="Travel")
    mine = client.get(page(guide))
    guide.topics.add(topic)
    refused = client.post(page(guide), typed(mine, title="Mine"))
    assert refused.status_code == 409
    assert refused.context_data["errors"][0][1].startswith("Somebody changed the settings")
    assert differing(refused.context_data["meanwhile"]) == {
        "title": (["Risks in plain words"], ["Mine"]),
        "Topics": (["Travel"], []),
    }
    assert not shown(refused)["replaces"].value()
    again = typed(refused, title="Mine")
    assert client.post(page(guide), again).status_code == 302
    assert [revision.title for revision in guide.revisions.all()] == ["Mine"]


def test_an_old_page_does_not_undo_a_colleague_s_address(client, now, editor, colleague, guide):
    builders.draft(guide, by=editor, now=now)
    mine = client.get(page(guide))
    subjects.rename(guide, slug="harms", by=colleague, now=now)
    refused = client.post(page(guide), typed(mine, title="Mine", slug="risks"))
    guide.refresh_from_db()
    assert (refused.status_code, guide.slug) == (409, "harms")
    assert differing(refused.context_data["meanwhile"])["Address"] == (["harms"], ["risks"])


def test_words_alone_are_no_change_of_the_settings(client, now, editor, guide):
    builders.draft(guide, by=editor, now=now)
    client.post(page(guide), typed(client.get(page(guide)), title="Mine"))
    assert [action for action, _name, _detail in deeds(guide)] == ["guide.saved", "guide.saved"]


def test_one_s_own_other_window_is_called_that(client, now, editor, guide):
    builders.draft(guide, by=editor, now=now)
    mine = client.get(page(guide))
    publishing.save_draft(guide, {"title": "Theirs"}, by=editor, now=now + SECOND)
    refused = client.post(page(guide), typed(mine, title="Mine"))
    assert refused.context_data["meanwhile"].before.startswith("Saved by you, in another window,")
    assert refused.context_data["errors"][0][1].startswith("You saved this text in another window")


def test_saving_again_keeps_the_other_text_as_a_version(client, now, editor, colleague, guide):
    builders.draft(guide, by=editor, now=now)
    mine = client.get(page(guide))
    publishing.save_draft(guide, {"title": "Theirs"}, by=colleague, now=now + SECOND)
    refused = client.post(page(guide), typed(mine, title="Mine"))
    client.post(page(guide), typed(refused, title="Mine", replaces=shown(refused)["replaces"].value()))
    assert list(guide.revisions.order_by("number").values_list("state", "title")) == [
        (State.SET_ASIDE, "Theirs"),
        (State.DRAFT, "Mine"),
    ]
    assert [action for action, _name, _detail in deeds(guide)][-2:] == ["guide.set_aside", "guide.saved"]


# --- Reviewing ----------------------------------------------------------------------------------


def test_a_reviewer_sees_what_changed_since_the_last_review_and_against_the_live_text(
    client, now, editor, reviewer, guide
):
    builders.published(guide, now=now, by=editor, title="First")
    second = publishing.save_draft(guide, {"title": "Second"}, by=editor, now=now)
    publishing.submit(second, by=editor, now=now)
    publishing.ask_for_changes(second, note="Shorter.", by=reviewer, now=now)
    third = publishing.save_draft(guide, {"title": "Third"}, by=editor, now=now)
    publishing.submit(third, by=editor, now=now)
    client.force_login(reviewer)
    compared = client.get(page(guide)).context_data["comparisons"]
    assert [(comparison.title, differing(comparison)) for comparison in compared] == [
        ("What changed since the last review", {"title": (["Second"], ["Third"])}),
        ("What changed against the live text", {"title": (["First"], ["Third"])}),
    ]


def test_the_note_stays_until_the_next_decision(client, now, editor, reviewer, guide):
    def note():
        found = client.get(page(guide)).content.decode()
        return [words for words in ("Shorter.", "Well done.") if words in found]

    first = publishing.submit(builders.draft(guide, by=editor, now=now), by=editor, now=now)
    publishing.ask_for_changes(first, note="Shorter.", by=reviewer, now=now)
    second = publishing.save_draft(guide, {"title": "Short"}, by=editor, now=now)
    assert note() == ["Shorter."]
    publishing.submit(second, by=editor, now=now)
    assert note() == ["Shorter."]
    next_review = dt.date.fromisoformat(FUTURE)
    builders.approve(second, next_review_on=next_review, note="Well done.", by=reviewer, now=now + SECOND)
    assert note() == ["Well done."]


def test_citations_to_check_lead_to_their_sources_which_come_first(client, now, editor, reviewer, guide):
    other = builders.source("another")
    draft = publishing.submit(builders.draft(guide, by=editor, now=now), by=editor, now=now)
    client.force_login(reviewer)
    response = client.get(page(draft.subject))
    assert '<a href="/evidence/trial-1/">[@trial-1]</a>' in response.content.decode()
    assert [source.key for source in response.context_data["cited"]] == ["trial-1"]
    assert response.context_data["sources"] == [other]


# --- What saving changes ------------------------------------------------------------------------


def test_saving_tells_which_links_it_changed_and_took_away(client, now, editor, guide):
    draft = builders.draft(guide, by=editor, now=now)
    opened = client.get(page(guide))
    body = "<p><a href='www.a.example'>one</a> <a href='#_ftn1'>two</a> three [@trial-1]</p>"
    response = client.post(page(guide), typed(opened, body=body), follow=True)
    draft.refresh_from_db()
    assert draft.body == '<p><a href="https://www.a.example">one</a> two three [@trial-1]</p>'
    assert messages(response) == [
        "The link “www.a.example” is now “https://www.a.example”. See that it opens.",
        "The link “#_ftn1” was taken off the words “two”. Links begin with https:// or mailto:, "
        "with / for a page of ours, or with # for a heading of the same text.",
        "Saved.",
    ]


def test_saving_tells_what_must_be_mended_and_leads_there(client, now, editor, guide):
    builders.draft(guide, by=editor, now=now)
    opened = client.get(page(guide))
    response = client.post(page(guide), typed(opened, body="<p>Well [@nobody].</p>"), follow=True)
    said = 'Saved. <a href="#checks">2 things must be mended before it can be submitted</a>.'
    assert messages(response) == [said]
    assert said in response.text


def test_a_new_guide_that_is_not_submitted_leads_to_its_own_page(client):
    response = client.post(ADD, typed(body="<p>Well [@nobody].</p>", submit="1"), follow=True)
    guide = Guide.objects.get()
    assert response.redirect_chain == [(page(guide), 302)]
    assert messages(response) == [
        '<a href="#checks">Saved as a draft, but not submitted: 2 things must be mended</a>.'
    ]


@pytest.mark.parametrize(
    ("name", "asked"),
    [
        ("withdraw", "Write what readers would be told wrongly, or what changed."),
        ("revoke", "Write what is wrong with it, and where."),
    ],
)
def test_a_short_reason_is_answered_in_the_words_of_its_step(client, now, reviewer, guide, name, asked):
    made = builders.published if name == "withdraw" else builders.approved
    revision = made(guide, now=now)
    client.force_login(reviewer)
    refused = client.post(step(revision, name), {f"{name}-reason": "Bad."})
    label = {o.step.name: o.form["reason"].label for o in refused.context_data["offers"]}[name]
    told = f"{label}: A reason has at least 3 words and 12 letters. {asked}"
    assert refused.context_data["errors"] == [(f"id_{name}-reason", told)]


def test_a_reviewer_is_told_who_wrote_it_and_since_when_it_waits(client, now, editor, reviewer, guide):
    publishing.submit(builders.draft(guide, by=editor, now=now), by=editor, now=now)
    client.force_login(reviewer)
    since = date_format(timezone.localtime(now), "j F Y, H:i")
    assert f"Written by eda, waiting for a reviewer since {since}" in client.get(page(guide)).text


# --- Withdrawn, overdue, undone -----------------------------------------------------------------


def test_a_withdrawn_guide_says_when_by_whom_and_why(client, now, editor, guide):
    live = builders.published(guide, now=now, by=editor)
    publishing.withdraw(live, reason="A source was retracted.", by=editor, now=now)
    html = client.get(page(guide)).content.decode()
    assert "Version 1: withdrawn" in html
    assert "Version 1 was withdrawn on 20 November 2026 by eda" in html
    assert "A source was retracted." in html
    listed = client.get(LIST).content.decode()
    assert "withdrawn on 20 November 2026" in listed
    assert ">withdrawn</td>" in listed


def test_a_reviewer_may_withdraw_a_live_text(client, now, reviewer, guide):
    live = builders.published(guide, now=now)
    client.force_login(reviewer)
    assert offered(client.get(page(guide))) == ["confirm", "withdraw"]
    client.post(step(live, "withdraw"), {"withdraw-reason": "A dose is wrong."})
    assert Guide.objects.get().live_revision is None


def test_a_reviewer_may_revoke_an_approval(client, now, reviewer, guide):
    approved = builders.approved(guide, now=now)
    client.force_login(reviewer)
    assert offered(client.get(page(guide))) == ["revoke"]
    client.post(step(approved, "revoke"), {"revoke-reason": "A dose is wrong."})
    approved.refresh_from_db()
    assert (approved.state, approved.review_note) == (State.CHANGES_ASKED, "A dose is wrong.")


def test_a_draft_is_discarded_with_what_was_written_in_it(client, now, editor, guide):
    draft = builders.draft(guide, by=editor, now=now)
    opened = client.get(page(guide))
    assert offered(opened) == ["discard"]
    response = client.post(step(draft, "discard"), typed(opened, title="Typed"), follow=True)
    draft.refresh_from_db()
    assert (draft.state, draft.title) == (State.SET_ASIDE, "Typed")
    assert shown(response)["title"].value() is None


def test_restoring_over_a_written_draft_asks_for_leave_on_the_same_page(client, now, editor, guide):
    first = builders.published(guide, now=now, by=editor, title="First")
    publishing.save_draft(guide, {"title": "Written"}, by=editor, now=now)
    refused = client.post(step(first, "restore"), {})
    assert refused.status_code == 409
    assert list(refused.context_data["offers"][0].form.fields) == ["set_draft_aside"]
    client.post(step(first, "restore"), {"restore-set_draft_aside": "on"})
    assert guide.revisions.first().title == "First"


def test_an_overdue_text_says_so_and_is_submitted_as_it_is(client, now, editor, guide):
    builders.published(guide, now=now - dt.timedelta(days=300), by=editor)
    response = client.get(page(guide))
    assert "It should have been checked again by" in response.content.decode()
    assert offered(response) == ["check-again", "withdraw"]
    client.post(step(guide.revisions.first(), "check-again"), typed(response, **kept(response)))
    newest = guide.revisions.first()
    assert (newest.number, newest.state, newest.title) == (2, State.IN_REVIEW, "Risks in plain words")


def kept(response):
    """What the page's form holds, as a browser sends it back."""
    form = shown(response)
    written = {*form.CONTENT, *(field.name for field in form.part_fields)}
    return {name: form[name].value() or "" for name in form.fields if name in written}


def test_a_text_that_is_not_due_is_not_offered_for_a_new_check(client, now, editor, guide):
    builders.published(guide, now=timezone.now(), by=editor)
    assert offered(client.get(page(guide))) == ["withdraw"]


@pytest.mark.parametrize(("days", "status"), [(731, 302), (732, 422)])
def test_the_next_review_may_be_two_years_away_and_no_more(
    client, now, editor, reviewer, guide, days, status
):
    draft = publishing.submit(builders.draft(guide, by=editor, now=now), by=editor, now=now)
    client.force_login(reviewer)
    day = timezone.localdate() + dt.timedelta(days=days)
    assert client.post(step(draft, "approve"), approving(next_review_on=day)).status_code == status


# --- Helpers ------------------------------------------------------------------------------------


def test_errors_name_their_field_and_speak_of_an_address(client, editor):
    response = client.post(ADD, typed(slug="not a slug"))
    assert response.context_data["errors"] == [
        (
            "id_slug",
            "Address: Use letters a to z, numbers, hyphens and underscores only, without blanks.",
        )
    ]


def test_related_guides_and_treatments_are_chosen_by_title(client, now, editor):
    builders.draft(builders.guide("b-guide", now=now), by=editor, now=now, title="About costs")
    builders.draft(builders.treatment("a-cells", now=now), by=editor, now=now, title="Neural cells")
    builders.guide("empty", now=now)
    form = shown(client.get(ADD))
    labels = {
        name: [label for value, label in form.fields[name].choices if value]
        for name in ("related", "translation_of", "treatments")
    }
    assert labels == {
        "related": ["About costs", "empty"],
        "translation_of": ["About costs", "empty"],
        "treatments": ["Neural cells"],
    }


# --- Translations -------------------------------------------------------------------------------


def originals(form):
    return [label for value, label in form.fields["translation_of"].choices if value]


def test_a_translation_is_not_offered_as_an_original(client, now, editor, guide):
    builders.guide("arabic", now=now, language="ar", translation_of=guide)
    assert originals(shown(client.get(ADD))) == ["risks"]
    refused = client.post(ADD, typed(slug="new", translation_of=Guide.objects.get(slug="arabic").pk))
    assert shown(refused).errors == {
        "translation_of": ["Choose one of the list. None of them is a translation."]
    }


def test_a_guide_with_translations_is_offered_no_original(client, now, editor, guide):
    builders.guide("arabic", now=now, language="ar", translation_of=guide)
    builders.guide("other", now=now, language="ar")
    form = shown(client.get(page(guide)))
    assert (originals(form), str(form.fields["translation_of"].help_text)) == (
        [],
        "Other guides are translations of this one, so it cannot be a translation itself.",
    )


def test_a_published_guide_is_offered_originals_in_another_language(client, now, editor, guide):
    builders.published(guide, now=now)
    builders.guide("arabic", now=now, language="ar")
    builders.guide("english", now=now)
    assert originals(shown(client.get(page(guide)))) == ["arabic"]


def test_a_translation_is_in_another_language_than_its_original(client, now, editor, guide):
    refused = client.post(ADD, typed(slug="new", translation_of=guide.pk))
    assert (refused.status_code, shown(refused).errors) == (
        422,
        {"translation_of": ["This guide is in the same language. A translation is in another one."]},
    )


def test_an_original_does_not_take_the_language_of_its_translation(client, now, editor, guide):
    builders.guide("arabic", now=now, language="ar", translation_of=guide)
    refused = client.post(page(guide), typed(client.get(page(guide)), language="ar"))
    assert shown(refused).errors == {"language": ["One of its translations is in this language."]}


def test_a_guide_that_readers_saw_keeps_its_language(client, now, editor, guide):
    gone = builders.published(guide, now=now)
    publishing.withdraw(gone, reason="A dose is wrong.", by=editor, now=now)
    opened = client.get(page(guide))
    assert shown(opened).fields["language"].choices == [("en-gb", "English")]
    refused = client.post(page(guide), typed(opened, language="ar"))
    guide.refresh_from_db()
    assert (refused.status_code, guide.language) == (422, "en-gb")
    assert shown(refused).errors == {
        "language": ["Readers have seen it in this language, so it stays. Begin a new guide for another."]
    }


def test_an_editor_says_whether_a_quote_is_offered(client, now, editor):
    treatment = builders.treatment("cells", now=now)
    builders.draft(treatment, by=editor, now=now)
    address = reverse("admin:articles_treatment_change", args=[treatment.pk])
    opened = client.get(address)
    fields = typed(opened, **kept(opened))
    client.post(address, fields)
    treatment.refresh_from_db()
    assert treatment.quote_offered is False


def test_a_guide_whose_only_draft_was_discarded_is_called_by_its_address(client, now, editor, guide):
    publishing.discard(builders.draft(guide, by=editor, now=now), by=editor, now=now)
    response = client.get(page(guide))
    assert response.context_data["title"] == "risks"
    assert client.post(page(guide), typed(response, title="Begun again")).status_code == 302
    assert guide.revisions.first().title == "Begun again"


def test_the_preview_knows_the_way_back(client, now, editor, guide):
    draft = builders.draft(guide, by=editor, now=now)
    response = client.get(reverse("admin:articles_guide_preview", args=[guide.pk, draft.number]))
    assert response.context_data["preview_back"] == page(guide)
    assert f'<a href="{page(guide)}">' in response.content.decode()


def test_a_new_guide_without_an_address_gets_it_from_its_title(client, editor):
    client.post(ADD, typed(title="Étretat: risks & costs", slug=""))
    assert Guide.objects.get().slug == "etretat-risks-costs"


def test_a_title_that_gives_no_address_is_told_at_the_address(client, editor):
    response = client.post(ADD, typed(title="風險", slug=""))
    assert response.status_code == 422
    assert response.context_data["errors"] == [
        ("id_slug", "Address: Give it an address, such as “stroke-and-travel”.")
    ]


def test_only_who_may_write_or_review_is_offered_to_look_after_a_text(client, now, editor, guide):
    field = shown(client.get(page(guide))).fields["owners"]
    assert [group.name for group in field.queryset] == [roles.EDITOR, roles.REVIEWER]


def test_what_is_too_long_is_told_in_plain_words(client, editor):
    response = client.post(ADD, typed(title="x" * 161))
    assert response.context_data["errors"] == [("id_title", "Title: Write 160 signs at most; these are 161.")]


def test_a_quote_for_another_way_is_refused_at_its_box(client, now, editor):
    treatment = builders.treatment("rehabilitation", now=now)
    address = reverse("admin:articles_treatment_change", args=[treatment.pk])
    said = typed(client.get(address), standing="alternative", quote_offered="on", slug="rehabilitation")
    response = client.post(address, said)
    assert (response.status_code, response.context_data["errors"]) == (
        422,
        [
            (
                "id_quote_offered",
                "A quote may be asked for: A quote is for treatments with cells only. Untick this.",
            )
        ],
    )


def test_who_only_reads_what_is_live_does_not_read_what_happened_to_drafts(client, now, guide):
    client.force_login(builders.staff(roles.COORDINATOR))
    unpublished = builders.guide("new", now=now)
    history = "admin:articles_guide_history"
    assert client.get(reverse(history, args=[unpublished.pk])).status_code == 403
    assert "Who did what" not in client.get(page(unpublished)).text
    builders.published(unpublished, now=now)
    assert client.get(reverse(history, args=[unpublished.pk])).status_code == 200
    assert "Who did what" in client.get(page(unpublished)).text


def test_a_planned_publication_stands_at_the_head_of_the_page(client, now, editor, guide):
    revision = builders.approved(builders.guide("planned", now=now), now=now)
    later = timezone.now() + dt.timedelta(days=3)
    publishing.publish(revision, at=later, by=editor, now=now)
    said = f"Version 1 will be published on {date_format(timezone.localtime(later), 'j F Y, H:i')}"
    assert (
        said in client.get(page(revision.subject)).text.partition('class="standing"')[2].partition("</p>")[0]
    )


def test_what_is_wrong_under_a_live_text_stands_before_the_buttons(client, now, editor, reviewer):
    source = builders.source("met", main_measure="met")
    live = builders.published(builders.guide("live", now=now), now=now)
    builders.claim(live, source, direction="benefit", sentence="More people walk.")
    GuideRevision.objects.filter(pk=live.pk).update(benefits=1, harms=1)
    client.force_login(reviewer)
    shown_now = client.get(page(live.subject))
    assert shown_now.context_data["unsupported"] == []
    sources.change(source, {"state": "retracted"}, reason="The journal found fraud.", by=editor, now=now)
    shown_now = client.get(page(live.subject))
    assert [claim.sentence for claim in shown_now.context_data["unsupported"]] == ["More people walk."]
    assert "1 benefit that readers see stands on no source that shows it now:" in shown_now.text
    assert shown_now.text.index('id="checks"') < shown_now.text.index('class="steps"')


def test_marks_given_before_changes_were_asked_for_are_offered_to_check_again(
    client, now, editor, reviewer, guide
):
    first = publishing.submit(builders.draft(guide, by=editor, now=now), by=editor, now=now)
    client.force_login(reviewer)
    marks = {"approve-aims_score": "4", "approve-aims_where": "The risks", "approve-dates_score": "6"}
    said = marks | {"ask-for-changes-note": "Say how old."}
    assert client.post(step(first, "ask-for-changes"), said).status_code == 302
    first.refresh_from_db()
    kept = [{"question": "aims", "score": 4, "where": "The risks"}]
    assert (first.discern, first.discern_total, first.discern_on) == (kept, None, None)
    publishing.submit(builders.draft(guide, by=editor, now=now), by=editor, now=now)
    shown_now = client.get(page(guide))
    asked = next(o.form for o in shown_now.context_data["offers"] if o.step.name == "approve")
    first_two = [(q.score.value(), q.where.value(), q.earlier) for q in asked.groups[0].questions[:2]]
    assert first_two == [(4, "The risks", True), (None, None, False)]
    assert shown_now.text.count("From version 1: check again.") == 1


def test_answers_of_the_approved_version_are_offered_to_check_again(client, now, editor, reviewer, guide):
    two = "<h2>The risks</h2><p>Two of 23 people died [@trial-1].</p><h2>Old</h2><p>Words.</p>"
    marks = [one | {"where": "Old"} if one["question"] == "aims" else one for one in builders.discern()]
    sent = publishing.submit(builders.draft(guide, by=editor, now=now, body=two), by=editor, now=now)
    approved = builders.approve(
        sent, discern=marks, next_review_on=now.date() + dt.timedelta(days=90), by=reviewer, now=now
    )
    publishing.publish(approved, by=editor, now=now)
    publishing.submit(builders.draft(guide, by=editor, now=now), by=editor, now=now)
    client.force_login(reviewer)
    shown_now = client.get(page(guide))
    asked = next(o.form for o in shown_now.context_data["offers"] if o.step.name == "approve")
    first_two = [(q.score.value(), q.where.value(), q.earlier) for q in asked.groups[0].questions[:2]]
    assert first_two == [(4, None, True), (4, "Key points", True)]
    assert shown_now.text.count("From version 1: check again.") == 15


def test_a_reviewer_who_wrote_in_the_text_is_offered_no_earlier_answers(client, now, editor, guide):
    builders.published(guide, now=now, by=editor)
    both = builders.staff(roles.EDITOR, roles.REVIEWER)
    publishing.submit(builders.draft(guide, by=both, now=now), by=editor, now=now)
    client.force_login(both)
    assert "approve" not in offered(client.get(page(guide)))


def test_asking_for_changes_without_a_note_keeps_the_marks_on_the_page(client, now, editor, reviewer, guide):
    sent = publishing.submit(builders.draft(guide, by=editor, now=now), by=editor, now=now)
    client.force_login(reviewer)
    refused = client.post(step(sent, "ask-for-changes"), {"approve-aims_score": "4", "approve-note": "Hm."})
    asked = next(o.form for o in refused.context_data["offers"] if o.step.name == "approve")
    assert (refused.status_code, asked["aims_score"].value(), asked["note"].value()) == (422, "4", "Hm.")
