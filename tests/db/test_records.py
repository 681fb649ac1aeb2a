"""What must never be true is refused by the database itself, on SQLite and on PostgreSQL."""

import datetime as dt
import re
from importlib import import_module

import pytest
from django.apps import apps
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, models, transaction
from django.urls import get_resolver

from articles.models import (
    Claim,
    Confirmation,
    EvidenceFlag,
    Guide,
    GuideRevision,
    Reminder,
    RevisionState,
    SlugRedirect,
    Source,
    Treatment,
    TreatmentRevision,
    TrialCriteria,
)
from articles.revisions import Frozen
from portal import audit
from portal.append_only import AppendOnly
from portal.models import TAKEN, AuditEvent, OutboxMessage, Page
from quotes.models import Consent, QuoteRequest, StageChange
from tests import builders

pytestmark = pytest.mark.django_db

OURS = ("portal", "articles", "quotes")


def refusal(act) -> str:
    """The database's own words when it refuses `act`."""
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        act()
    return str(refused.value)


def check_refused(name, act):
    assert name in refusal(act)


def twice_refused(name, columns, act):
    """SQLite names the columns of what must be unique, PostgreSQL the constraint."""
    words = refusal(act)
    if connection.vendor == "sqlite":
        table, *names = columns.split()
        assert words == "UNIQUE constraint failed: " + ", ".join(f"{table}.{column}" for column in names)
    else:
        assert f'"{name}"' in words


# --- Letters ------------------------------------------------------------------------------------


def letter(now, **fields):
    plain = {"template": "x", "to_address": "a@b.example", "created_at": now, "next_attempt_at": now}
    return OutboxMessage.objects.create(message_id=f"<{next(builders.numbers)}@x>", **plain | fields)


def test_a_sent_letter_has_a_time(now):
    check_refused("outbox_sent_has_time", lambda: letter(now, state="sent"))


def test_a_letter_is_in_a_state_that_exists(now):
    check_refused("outbox_state_known", lambda: letter(now, state="lost"))


def test_a_letter_not_sent_has_no_time(now):
    check_refused("outbox_sent_has_time", lambda: letter(now, state="failed", sent_at=now))


# --- Leads --------------------------------------------------------------------------------------


def change_lead(now, **fields):
    lead = builders.lead(now=now)
    return lambda: QuoteRequest.objects.filter(pk=lead.pk).update(**fields)


def test_a_lead_is_in_a_stage_that_exists(now):
    check_refused("lead_stage_known", change_lead(now, stage="won"))


def test_a_request_for_somebody_else_says_who_that_is(now):
    check_refused("lead_other_has_relationship", change_lead(now, for_whom="other", relationship=""))


def test_a_request_for_oneself_names_no_relationship(now):
    check_refused("lead_other_has_relationship", change_lead(now, for_whom="me", relationship="child"))


@pytest.mark.parametrize(
    ("for_whom", "relationship", "person_knows"), [("other", "child", ""), ("me", "", "not_sure")]
)
def test_whether_the_person_knows_is_said_exactly_when_there_is_another(
    now, for_whom, relationship, person_knows
):
    check_refused(
        "lead_other_says_who_knows",
        change_lead(now, for_whom=for_whom, relationship=relationship, person_knows=person_knows),
    )


def test_no_more_than_six_travel_along(now):
    check_refused("lead_companions_can_be_housed", change_lead(now, companions=7))


@pytest.mark.parametrize("channel", ["phone", "message"])
def test_who_is_phoned_or_texted_gave_a_number(now, channel):
    check_refused("lead_phone_channel_has_number", change_lead(now, channel=channel, phone=""))


def test_who_is_not_to_be_phoned_is_not_phoned(now):
    check_refused(
        "lead_not_phoned_when_refused",
        change_lead(now, channel="phone", phone="+4930123456", do_not_phone=True),
    )


def consent(now, **fields):
    plain = {"kind": "news", "given": False, "text_version": "2026-11-20", "at": now}
    return lambda: Consent.objects.create(lead=builders.lead(now=now), **plain | fields)


@pytest.mark.parametrize("kind", ["", "photos"])
def test_a_consent_is_of_a_kind_that_exists(now, kind):
    check_refused("consent_kind_known", consent(now, kind=kind))


def test_a_consent_names_the_words_it_was_given_to(now):
    check_refused("consent_names_its_words", consent(now, text_version=""))


@pytest.mark.parametrize(("from_stage", "to_stage"), [("won", "closed"), ("closed", "won"), ("closed", "")])
def test_a_step_leads_from_and_to_stages_that_exist(now, from_stage, to_stage):
    lead = builders.lead(now=now)
    check_refused(
        "stagechange_stages_known",
        lambda: StageChange.objects.create(
            lead=lead,
            from_stage=from_stage,
            to_stage=to_stage,
            reason="done" if to_stage == "closed" else "",
            at=now,
        ),
    )


@pytest.mark.parametrize(
    ("to_stage", "reason"), [("closed", ""), ("closed", "bored"), ("waiting", "done"), ("withdrawn", "asked")]
)
def test_a_step_says_why_exactly_when_it_closes(now, to_stage, reason):
    lead = builders.lead(now=now)
    check_refused(
        "stagechange_closed_says_why",
        lambda: StageChange.objects.create(
            lead=lead, from_stage="in_touch", to_stage=to_stage, reason=reason, at=now
        ),
    )


# --- Sources and addresses ----------------------------------------------------------------------


def test_a_fixed_page_takes_no_address_of_another_part(now):
    fields = {"title": "x", "summary": "x", "body": "", "updated_at": now}
    check_refused("page_address_free", lambda: Page.objects.create(slug="guides", **fields))


def test_whose_address_is_taken_is_told_in_words(now):
    page = Page(slug="guides", title="x", summary="x", body="x", updated_at=now)
    with pytest.raises(ValidationError) as refused:
        page.full_clean()
    assert refused.value.messages == ["This address belongs to another part of the site. Choose another."]


def test_every_first_word_of_another_address_is_taken():
    words = {re.match(r"\^?([-\w]*)", str(entry.pattern))[1] for entry in get_resolver().url_patterns}
    words |= {str(entry.pattern).partition("/")[0] for entry in import_module("articles.urls").urlpatterns}
    with_dots = {
        "",
        "sitemap",
        "sitemap-",
        "robots",
    }  # those in .xml are no slugs, .well-known begins with a dot
    to_come = {"estimate"}
    assert words - with_dots | to_come | {settings.STATIC_URL.strip("/")} == set(TAKEN)


def test_a_superseded_source_names_its_successor():
    check_refused("source_superseded_names_successor", lambda: builders.source(state=Source.State.SUPERSEDED))


def test_a_source_does_not_supersede_itself():
    source = builders.source()
    check_refused(
        "source_not_superseded_by_itself",
        lambda: Source.objects.filter(pk=source.pk).update(superseded_by=source),
    )


def test_a_guide_is_not_its_own_translation(now):
    guide = builders.guide(now=now)
    check_refused(
        "guide_not_its_own_translation",
        lambda: Guide.objects.filter(pk=guide.pk).update(translation_of=guide),
    )


def test_a_guide_has_one_translation_into_each_language(now):
    guide = builders.guide(now=now)
    builders.guide(now=now, language="ar", translation_of=guide)
    twice_refused(
        "guide_one_translation",
        "articles_guide translation_of_id language",
        lambda: builders.guide(now=now, language="ar", translation_of=guide),
    )


def test_an_old_address_leads_elsewhere():
    check_refused(
        "slugredirect_leads_elsewhere",
        lambda: SlugRedirect.objects.create(kind="guide", old_slug="same", new_slug="same"),
    )


def test_an_old_address_leads_to_one_place():
    redirect = {"kind": "guide", "old_slug": "old", "new_slug": "new"}
    SlugRedirect.objects.create(**redirect)
    twice_refused(
        "slugredirect_old",
        "articles_slugredirect kind old_slug",
        lambda: SlugRedirect.objects.create(**redirect | {"new_slug": "other"}),
    )


# --- Revisions ----------------------------------------------------------------------------------

BOTH = pytest.mark.parametrize(
    ("kind", "subject_of"),
    [(GuideRevision, Guide), (TreatmentRevision, Treatment)],
    ids=["guide", "treatment"],
)


@pytest.fixture
def editor():
    return builders.staff(username="editor")


@pytest.fixture
def reviewer():
    return builders.staff(username="reviewer")


def revision(kind, subject_of, now, author, **fields):
    """A revision of a subject of its own, unless one is given."""
    if "subject" not in fields:
        slug = f"subject-{next(builders.numbers)}"
        fields["subject"] = subject_of.objects.create(slug=slug, created_at=now)
    return kind.objects.create(
        **{"number": 1, "author": author, "created_at": now, "updated_at": now} | fields
    )


def reviewed(reviewer, now):
    return {
        "reviewed_by": reviewer,
        "reviewed_at": now,
        "next_review_on": now.date() + dt.timedelta(days=180),
        "discern": builders.discern(),
        "discern_total": 60,
        "discern_on": now.date(),
    }


@BOTH
def test_no_two_revisions_of_a_subject_have_one_number(kind, subject_of, now, editor):
    first = revision(kind, subject_of, now, editor, state=RevisionState.TAKEN_BACK)
    twice_refused(
        f"{kind._meta.model_name}_number",
        f"{kind._meta.db_table} subject_id number",
        lambda: revision(kind, subject_of, now, editor, subject=first.subject, number=first.number),
    )


@BOTH
@pytest.mark.parametrize("states", [("draft", "draft"), ("draft", "in_review"), ("in_review", "draft")])
def test_a_subject_has_one_open_draft(kind, subject_of, now, editor, states):
    first = revision(kind, subject_of, now, editor, state=states[0])
    twice_refused(
        f"{kind._meta.model_name}_one_open",
        f"{kind._meta.db_table} subject_id",
        lambda: revision(kind, subject_of, now, editor, subject=first.subject, number=2, state=states[1]),
    )


@BOTH
def test_a_revision_is_in_a_state_that_exists(kind, subject_of, now, editor):
    check_refused(
        f"{kind._meta.model_name}_state_known", lambda: revision(kind, subject_of, now, editor, state="lost")
    )


@BOTH
def test_nobody_reviews_what_they_wrote(kind, subject_of, now, editor):
    check_refused(
        f"{kind._meta.model_name}_reviewer_is_not_author",
        lambda: revision(kind, subject_of, now, editor, state="approved", **reviewed(editor, now)),
    )


@BOTH
def test_nobody_reviews_what_they_submitted(kind, subject_of, now, editor, reviewer):
    check_refused(
        f"{kind._meta.model_name}_reviewer_is_not_author",
        lambda: revision(
            kind, subject_of, now, editor, state="approved", submitted_by=reviewer, **reviewed(reviewer, now)
        ),
    )


@BOTH
@pytest.mark.parametrize("state", ["approved", "published"])
@pytest.mark.parametrize("missing", ["reviewed_by", "reviewed_at", "next_review_on"])
def test_what_is_approved_says_by_whom_when_and_until_when(
    kind, subject_of, now, editor, reviewer, state, missing
):
    published = {"published_by": editor, "published_at": now} if state == "published" else {}
    review = reviewed(reviewer, now) | {missing: None}
    check_refused(
        f"{kind._meta.model_name}_approved_has_review",
        lambda: revision(kind, subject_of, now, editor, state=state, **published, **review),
    )


@BOTH
@pytest.mark.parametrize("missing", ["published_by", "published_at"])
def test_what_is_published_says_by_whom_and_when(kind, subject_of, now, editor, reviewer, missing):
    published = {"published_by": editor, "published_at": now} | {missing: None}
    check_refused(
        f"{kind._meta.model_name}_published_has_time",
        lambda: revision(
            kind, subject_of, now, editor, state="published", **published, **reviewed(reviewer, now)
        ),
    )


@BOTH
@pytest.mark.parametrize("state", ["in_review", "approved", "published"])
def test_a_text_that_names_a_benefit_and_no_harm_is_not_reviewed(
    kind, subject_of, now, editor, reviewer, state
):
    published = {"published_by": editor, "published_at": now} if state == "published" else {}
    review = {} if state == "in_review" else reviewed(reviewer, now)
    check_refused(
        f"{kind._meta.model_name}_benefits_need_harms",
        lambda: revision(kind, subject_of, now, editor, state=state, benefits=1, **published, **review),
    )


@BOTH
@pytest.mark.parametrize(("total", "dated"), [(None, True), (60, False), (14, True), (76, True)], ids=str)
def test_a_score_has_its_day_and_is_one_that_can_be_reached(kind, subject_of, now, editor, total, dated):
    day = now.date() if dated else None
    check_refused(
        f"{kind._meta.model_name}_discern_whole",
        lambda: revision(kind, subject_of, now, editor, discern_total=total, discern_on=day),
    )


UNSCORED = [
    {"discern": []},
    {"discern": builders.discern()[:14]},
    {"discern_total": None, "discern_on": None},
]


@BOTH
@pytest.mark.parametrize("state", ["approved", "published"])
@pytest.mark.parametrize("lacking", UNSCORED, ids=["none", "fourteen", "no sum"])
def test_what_is_approved_has_all_fifteen_scores(kind, subject_of, now, editor, reviewer, state, lacking):
    review = reviewed(reviewer, now) | {"published_by": editor, "published_at": now}
    check_refused(
        f"{kind._meta.model_name}_approved_has_scores",
        lambda: revision(kind, subject_of, now, editor, state=state, **review | lacking),
    )
    in_review = revision(kind, subject_of, now, editor, state="in_review")
    check_refused(
        f"{kind._meta.model_name}_approved_has_scores",
        lambda: kind.objects.filter(pk=in_review.pk).update(state=state, **review | lacking),
    )


@BOTH
def test_scores_once_given_do_not_go(kind, subject_of, now, editor, reviewer):
    approved = revision(kind, subject_of, now, editor, state="approved", **reviewed(reviewer, now))
    check_refused(
        f"{kind._meta.model_name}_approved_has_scores",
        lambda: kind.objects.filter(pk=approved.pk).update(discern=[]),
    )


@BOTH
def test_nobody_reviews_what_they_wrote_in(kind, subject_of, now, editor, reviewer):
    in_review = revision(kind, subject_of, now, editor, state="in_review")
    in_review.writers.add(editor, reviewer)
    check_refused(
        f"{kind._meta.model_name}_reviewer_wrote_nothing",
        lambda: kind.objects.filter(pk=in_review.pk).update(state="approved", **reviewed(reviewer, now)),
    )


@BOTH
def test_nobody_becomes_a_writer_of_what_they_reviewed(kind, subject_of, now, editor, reviewer):
    approved = revision(kind, subject_of, now, editor, state="approved", **reviewed(reviewer, now))
    name = f"{kind._meta.model_name}_reviewer_wrote_nothing"
    check_refused(name, lambda: approved.writers.add(reviewer))
    approved.writers.add(editor)
    check_refused(name, lambda: kind.writers.through.objects.update(user=reviewer))


def test_another_way_than_cells_offers_no_quote(now):
    treatment = builders.treatment(now=now)
    check_refused(
        "treatment_alternative_has_no_quote",
        lambda: Treatment.objects.filter(pk=treatment.pk).update(standing="alternative"),
    )


# --- Claims -------------------------------------------------------------------------------------


def text_of(kind, now):
    """A submitted text of this kind: "guide" or "treatment"."""
    subject = builders.guide(now=now) if kind == "guide" else builders.treatment(now=now)
    return builders.approved(subject, now=now)


def claim(now, **fields):
    """Making a claim of harm with these changes."""
    text = fields.pop("text", None) or text_of("guide", now)
    source = fields.pop("source") if "source" in fields else builders.source()
    plain = {
        "guide_revision": text,
        "position": 1,
        "direction": "harm",
        "sentence": "Two people died.",
        "how_sure": "low",
        "treatment": builders.treatment(now=now),
        "source": source,
    }
    return lambda: Claim.objects.create(**plain | fields)


def test_a_claim_without_a_source_is_refused(now):
    assert "source_id" in refusal(claim(now, source=None))


@pytest.mark.parametrize("texts", [0, 2])
def test_a_claim_belongs_to_one_text(now, texts):
    fields = {"guide_revision": None} if not texts else {"treatment_revision": text_of("treatment", now)}
    check_refused("claim_of_one_text", claim(now, **fields))


@pytest.mark.parametrize("kind", ["guide", "treatment"])
def test_no_two_claims_of_a_text_have_one_place(now, kind):
    whose = {"guide_revision": None, f"{kind}_revision": text_of(kind, now)}
    claim(now, **whose)()
    twice_refused(
        f"claim_place_in_{kind}", f"articles_claim {kind}_revision_id position", claim(now, **whose)
    )


@pytest.mark.parametrize(
    ("rule", "fields"),
    [
        ("claim_direction_known", {"direction": ""}),
        ("claim_direction_known", {"direction": "wonder"}),
        ("claim_how_sure_known", {"how_sure": ""}),
        ("claim_how_sure_known", {"direction": "no_effect", "how_sure": ""}),
        ("claim_how_sure_known", {"how_sure": "quite"}),
        ("claim_says_something", {"sentence": ""}),
        ("claim_benefit_is_shown", {"direction": "benefit"}),
        ("claim_figures_whole", {"count": 12}),
        ("claim_figures_whole", {"of": 12}),
        ("claim_figures_whole", {"count": 13, "of": 12}),
        ("claim_figures_whole", {"count": 0, "of": 0}),
        ("claim_other_figures_whole", {"count": 1, "of": 2, "other": "placebo", "other_count": 1}),
        ("claim_other_figures_whole", {"count": 1, "of": 2, "other_count": 1, "other_of": 2}),
        ("claim_other_figures_whole", {"other": "placebo", "other_count": 1, "other_of": 2}),
        (
            "claim_other_figures_whole",
            {"count": 1, "of": 2, "other": "placebo", "other_count": 3, "other_of": 2},
        ),
    ],
)
def test_what_a_claim_may_not_be(now, rule, fields):
    check_refused(rule, claim(now, **fields))


@pytest.mark.parametrize("weakness", ["missed", "no_control", "both"])
def test_a_weak_benefit_says_so_though_a_source_shows_it(now, weakness):
    strong = builders.source(main_measure="met")
    benefit = {"direction": "benefit", "source": strong, "shown_by": strong, "weakness": weakness}
    check_refused("claim_weak_benefit_says_so", claim(now, **benefit))


WEAK = [
    {"main_measure": "missed"},
    {"main_measure": "not_reported"},
    {"main_measure": "met", "control": "none"},
    {"main_measure": "met", "kind": "observation"},
    {"kind": "review", "main_measure": "missed"},
]


@pytest.mark.parametrize("facts", WEAK)
@pytest.mark.parametrize("caveat", ["", "It was not shown."])
def test_the_database_takes_no_source_for_a_proof_that_shows_no_benefit(now, facts, caveat):
    weak = builders.source(**facts)
    benefit = {"direction": "benefit", "caveat": caveat, "source": weak, "shown_by": weak}
    check_refused("claim_shown_by_shows_it", claim(now, **benefit))


@pytest.mark.parametrize(
    "facts", [{"main_measure": "met"}, {"kind": "review", "main_measure": "not_applicable"}]
)
def test_a_benefit_that_a_source_shows_needs_no_other_word(now, facts):
    strong = builders.source(**facts)
    made = claim(now, direction="benefit", source=strong, shown_by=strong)()
    assert Claim.objects.get().shown_by == made.shown_by == strong


def test_no_row_of_a_claim_is_changed_or_removed_in_bulk(now):
    claim(now)()
    for change in (lambda: Claim.objects.update(direction="benefit"), lambda: Claim.objects.all().delete()):
        with pytest.raises(Frozen):
            change()


def test_of_what_nobody_knows_no_certainty_is_kept(now):
    assert claim(now, direction="not_known", how_sure="")().how_sure == ""


# --- What trials ask ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "fields"),
    [
        ("trialcriteria_since_in_order", {"since_from_hours": 37, "since_to_hours": 36}),
        ("trialcriteria_ages_in_order", {"age_from": 81, "age_to": 80}),
    ],
)
def test_bounds_of_a_trial_are_in_order(now, rule, fields):
    plain = {"stroke": "clot", "recruiting": "open", "places": "Japan", "checked_on": now.date()}
    check_refused(rule, lambda: TrialCriteria.objects.create(source=builders.source(), **plain | fields))


# --- What happens to live texts -----------------------------------------------------------------


def flag(now, **fields):
    plain = {"from_state": "current", "to_state": "retracted", "raised_at": now}
    source = fields.pop("source", None) or builders.source()
    return lambda: EvidenceFlag.objects.create(source=source, **plain | fields)


def flagged(now, kind):
    """Something that a flag can be on, by its field."""
    if kind == "claim":
        return claim(now)()
    return builders.guide(now=now) if kind == "guide" else builders.treatment(now=now)


def test_a_flag_is_on_something(now):
    check_refused("evidenceflag_on_one", flag(now))


def test_a_flag_is_on_one_thing_only(now):
    both = {kind: flagged(now, kind) for kind in ("guide", "treatment")}
    check_refused("evidenceflag_on_one", flag(now, **both))


def test_a_flag_tells_of_a_change(now):
    check_refused("evidenceflag_a_change", flag(now, guide=flagged(now, "guide"), to_state="current"))


@pytest.mark.parametrize("settled", [{"settled_how": "revised"}, {"settled_at": True}])
def test_a_settled_flag_says_when_and_how(now, settled):
    when = {"settled_at": now} if "settled_at" in settled else settled
    check_refused("evidenceflag_settled_whole", flag(now, guide=flagged(now, "guide"), **when))


@pytest.mark.parametrize("kind", ["guide", "treatment", "claim"])
def test_one_question_is_open_for_a_source_and_what_stands_on_it(now, kind):
    same = {"source": builders.source(), kind: flagged(now, kind)}
    flag(now, **same)()
    twice_refused(
        f"evidenceflag_one_open_{kind}", f"articles_evidenceflag source_id {kind}_id", flag(now, **same)
    )


def confirmation(now, **fields):
    plain = {
        "guide_revision": text_of("guide", now),
        "by": builders.staff(),
        "at": now,
        "reason": "Read again.",
        "next_review_on": now.date(),
    }
    return lambda: Confirmation.objects.create(**plain | fields)


@pytest.mark.parametrize("texts", [0, 2])
def test_a_confirmation_is_of_one_text(now, texts):
    fields = {"guide_revision": None} if not texts else {"treatment_revision": text_of("treatment", now)}
    check_refused("confirmation_of_one_text", confirmation(now, **fields))


def test_a_confirmation_says_why(now):
    check_refused("confirmation_has_reason", confirmation(now, reason=""))


def reminder(now, **fields):
    plain = {"step": "on_the_day", "due_on": now.date(), "sent_at": now}
    return lambda: Reminder.objects.create(**plain | fields)


@pytest.mark.parametrize("kinds", [(), ("guide", "treatment")])
def test_a_reminder_is_of_one_text(now, kinds):
    texts = {f"{kind}_revision": text_of(kind, now) for kind in kinds}
    check_refused("reminder_of_one_text", reminder(now, **texts))


@pytest.mark.parametrize("kind", ["guide", "treatment"])
def test_the_letters_of_one_step_are_owed_once(now, kind):
    same = {f"{kind}_revision": text_of(kind, now)}
    reminder(now, **same)()
    twice_refused(
        f"reminder_once_{kind}",
        f"articles_reminder {kind}_revision_id step due_on",
        reminder(now, **same),
    )


# --- What is unique in one column ---------------------------------------------------------------


def test_one_press_of_the_button_makes_one_lead(now):
    first, second = builders.lead(now=now), builders.lead(now=now)
    twice_refused(
        "quotes_quoterequest_submission_key",
        "quotes_quoterequest submission",
        lambda: QuoteRequest.objects.filter(pk=second.pk).update(submission=first.submission),
    )


def test_one_reference_names_one_lead(now):
    first, second = builders.lead(now=now), builders.lead(now=now)
    twice_refused(
        "quotes_quoterequest_reference_key",
        "quotes_quoterequest reference",
        lambda: QuoteRequest.objects.filter(pk=second.pk).update(reference=first.reference),
    )


def test_one_message_id_names_one_letter(now):
    first, second = letter(now), letter(now)
    twice_refused(
        "portal_outboxmessage_message_id_key",
        "portal_outboxmessage message_id",
        lambda: OutboxMessage.objects.filter(pk=second.pk).update(message_id=first.message_id),
    )


# --- All of them --------------------------------------------------------------------------------

TESTED = {
    "outbox_sent_has_time",
    "outbox_state_known",
    "page_address_free",
    "lead_stage_known",
    "lead_other_has_relationship",
    "lead_other_says_who_knows",
    "lead_companions_can_be_housed",
    "consent_kind_known",
    "consent_names_its_words",
    "stagechange_stages_known",
    "stagechange_closed_says_why",
    "lead_phone_channel_has_number",
    "lead_not_phoned_when_refused",
    "source_superseded_names_successor",
    "source_not_superseded_by_itself",
    "guide_not_its_own_translation",
    "guide_one_translation",
    "slugredirect_old",
    "slugredirect_leads_elsewhere",
    "treatment_alternative_has_no_quote",
    "claim_of_one_text",
    "claim_place_in_guide",
    "claim_place_in_treatment",
    "claim_direction_known",
    "claim_how_sure_known",
    "claim_says_something",
    "claim_weak_benefit_says_so",
    "claim_benefit_is_shown",
    "claim_figures_whole",
    "claim_other_figures_whole",
    "trialcriteria_since_in_order",
    "trialcriteria_ages_in_order",
    "evidenceflag_on_one",
    "evidenceflag_a_change",
    "evidenceflag_settled_whole",
    "evidenceflag_one_open_guide",
    "evidenceflag_one_open_treatment",
    "evidenceflag_one_open_claim",
    "confirmation_of_one_text",
    "confirmation_has_reason",
    "reminder_of_one_text",
    "reminder_once_guide",
    "reminder_once_treatment",
    "searchentry_one",
    *(
        f"{kind}_{rule}"
        for kind in ("guiderevision", "treatmentrevision")
        for rule in (
            "state_known",
            "number",
            "one_open",
            "reviewer_is_not_author",
            "approved_has_review",
            "published_has_time",
            "benefits_need_harms",
            "discern_whole",
        )
    ),
}


def test_every_constraint_of_the_records_is_tried_here():
    declared = {
        constraint.name
        for app in OURS
        for model in apps.get_app_config(app).get_models()
        for constraint in model._meta.constraints
    }
    assert declared == TESTED


# --- What is only added to ----------------------------------------------------------------------


@pytest.fixture
def happened(now, editor):
    """Of each kind at least one row."""
    lead = builders.lead(now=now)
    audit.record("lead.opened", lead, by=editor, now=now)
    return lead


@pytest.mark.parametrize("model", [AuditEvent, Consent, StageChange])
@pytest.mark.parametrize(
    "tamper",
    [
        lambda row: row.save(),
        lambda row: row.save(update_fields=["at"]),
        lambda row: row.delete(),
        lambda row: type(row).objects.update(at=row.at),
        lambda row: type(row).objects.filter(pk=row.pk).delete(),
        lambda row: type(row).objects.bulk_update([row], ["at"]),
        lambda row: type(row)._base_manager.update(at=row.at),
    ],
    ids=["save", "save one field", "delete", "update", "delete rows", "bulk update", "base manager"],
)
def test_what_happened_is_only_added_to(happened, now, model, tamper):
    kept = list(model.objects.values())
    row = model.objects.first()
    row.at = now - dt.timedelta(days=1)
    with pytest.raises(AppendOnly):
        tamper(row)
    assert list(model.objects.values()) == kept != []


def test_the_rows_of_a_lead_are_only_added_to_through_the_lead_too(happened):
    for rows in (happened.consents, happened.stage_changes):
        with pytest.raises(AppendOnly):
            rows.all().delete()
        with pytest.raises(AppendOnly):
            rows.update(at=happened.submitted_at)


@pytest.mark.parametrize(
    "erase", [lambda lead: lead.delete(), lambda lead: QuoteRequest.objects.filter(pk=lead.pk).delete()]
)
def test_erasing_a_lead_takes_its_history_along_and_leaves_the_trail(happened, erase):
    trail = list(AuditEvent.objects.values())
    erase(happened)
    assert (StageChange.objects.count(), Consent.objects.count()) == (0, 0)
    assert list(AuditEvent.objects.values()) == trail


# --- What makes lists quick ---------------------------------------------------------------------


@pytest.mark.skipif(
    "connection.vendor != 'postgresql'", reason="SQLite does not say which index it would use"
)
def test_the_desk_s_list_reads_open_leads_in_the_order_of_their_promise():
    with connection.cursor() as cursor:
        for way in ("seqscan", "bitmapscan", "sort"):
            cursor.execute(f"SET LOCAL enable_{way} = off")
    plan = QuoteRequest.objects.open()[:30].explain()
    assert ("lead_open_by_promise" in plan, "Sort" in plan) == (True, False)


def test_the_trail_points_to_nothing_that_could_take_it_along():
    assert [
        field.name for field in AuditEvent._meta.get_fields() if isinstance(field, models.ForeignKey)
    ] == []
