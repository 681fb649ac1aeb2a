import datetime as dt
from contextlib import suppress

import pytest

from portal import audit, roles
from portal.models import AuditEvent, OutboxMessage, TokenBucket
from quotes import consents, desk, links, pipeline, progress
from quotes.models import OPEN, Consent, Note, PrivateLink, QuoteRequest, Stage, StageChange
from tests import builders
from tests.simultaneous import at_once

pytestmark = pytest.mark.django_db

STAGES = list(Stage)


@pytest.fixture
def coordinator():
    return builders.staff(roles.COORDINATOR, username="cora")


@pytest.fixture
def later(now):
    return now + dt.timedelta(hours=1)


def lead_in(stage: str, *, now: dt.datetime) -> QuoteRequest:
    lead = builders.lead(now=now)
    QuoteRequest.objects.filter(pk=lead.pk).update(stage=stage)
    OutboxMessage.objects.all().delete()
    return QuoteRequest.objects.get(pk=lead.pk)


def trail(lead: QuoteRequest) -> list[tuple[str, str, dict]]:
    events = audit.trail_of(lead).values_list("action", "actor_name", "detail")
    return list(events)


# --- Submit -------------------------------------------------------------------------------------


def test_a_request_is_kept_as_it_was_answered(now):
    answers = builders.answers(months_since_stroke=None, phone="+442079460018", message="By train, please.")
    lead = QuoteRequest.objects.get(pk=pipeline.submit(answers, secret="s", now=now).pk)
    assert {name: getattr(lead, name) for name in pipeline.ANSWERS} == {
        name: answers[name] for name in pipeline.ANSWERS
    }


def test_a_new_request_is_received_and_promised_an_answer_in_three_working_days(now):
    lead = builders.lead(now=now)
    assert (lead.stage, lead.stage_since, lead.submitted_at) == (Stage.RECEIVED, now, now)
    assert lead.answer_due_on == dt.date(2026, 11, 25)


def test_a_new_request_has_one_private_link_by_the_digest_of_its_secret(now):
    lead = builders.lead(now=now, secret="the secret")
    assert list(PrivateLink.objects.values_list("lead", "digest", "created_at", "revoked_at")) == [
        (lead.pk, links.digest("the secret"), now, None)
    ]


def test_the_secret_itself_is_in_no_row_of_the_lead(now):
    lead = builders.lead(now=now, secret="the secret")
    values = [
        *QuoteRequest.objects.values_list(),
        *PrivateLink.objects.values_list(),
        *AuditEvent.objects.values_list(),
    ]
    assert lead.submission == links.digest("the secret")
    assert not any("the secret" in str(value) for row in values for value in row)


def test_a_new_request_begins_its_history_and_its_trail(now):
    lead = builders.lead(now=now)
    assert list(StageChange.objects.values_list("lead", "from_stage", "to_stage", "by", "at")) == [
        (lead.pk, "", "received", None, now)
    ]
    assert trail(lead) == [("lead.submitted", "requester", {})]


@pytest.mark.parametrize(("news", "kinds"), [(False, ["health"]), (True, ["health", "news"])])
def test_each_consent_given_is_an_act_of_its_own(now, news, kinds):
    lead = builders.lead(now=now, news=news)
    acts = Consent.objects.values_list("lead", "kind", "given", "text_version", "at")
    assert list(acts) == [(lead.pk, kind, True, consents.CURRENT, now) for kind in kinds]


def test_without_consent_for_the_health_answers_nothing_is_kept(now):
    with pytest.raises(pipeline.PipelineError):
        builders.lead(now=now, health=False)
    assert QuoteRequest.objects.count() == 0


def test_the_same_secret_finds_the_first_request(now, later):
    first = builders.lead(now=now, secret="s", name="Ada Example")
    second = builders.lead(now=later, secret="s", name="Somebody Else")
    assert (second.pk, second.name, second.submitted_at) == (first.pk, "Ada Example", now)
    assert (StageChange.objects.count(), AuditEvent.objects.count(), OutboxMessage.objects.count()) == (
        1,
        1,
        2,
    )


def test_another_secret_is_another_request(now):
    assert builders.lead(now=now).reference != builders.lead(now=now).reference


def test_a_request_that_was_never_sent_is_not_found(now):
    builders.lead(now=now, secret="s")
    assert pipeline.submitted("t") is None


# --- Limits -------------------------------------------------------------------------------------


def test_one_e_mail_address_may_ask_five_times_and_then_once_an_hour(now):
    for _ in range(5):
        builders.lead(now=now, email="ada@home.example")
    with pytest.raises(pipeline.TooMany) as refusal:
        builders.lead(now=now, email="ADA@home.example")
    assert refusal.value.rate.wait == dt.timedelta(hours=1)
    assert QuoteRequest.objects.count() == 5
    builders.lead(now=now + refusal.value.rate.wait, email="ada@home.example")


def test_tags_behind_a_plus_share_the_limit_of_their_mailbox_and_are_kept_as_typed(now):
    tagged = [f"ada+{number}@home.example" for number in range(5)]
    assert [builders.lead(now=now, email=email).email for email in tagged] == tagged
    for email in ("ada@home.example", "Ada+x+y@home.example"):
        with pytest.raises(pipeline.TooMany):
            builders.lead(now=now, email=email)
    builders.lead(now=now, email="ada@work.example")
    builders.lead(now=now, email="+ada@home.example")


def test_one_network_address_may_ask_twenty_times_an_hour(now):
    for _ in range(20):
        pipeline.submit(builders.answers(), secret=links.make(), now=now, sender="192.0.2.1")
    with pytest.raises(pipeline.TooMany) as refusal:
        pipeline.submit(builders.answers(), secret=links.make(), now=now, sender="192.0.2.1")
    assert refusal.value.rate.wait == dt.timedelta(minutes=3)
    assert (QuoteRequest.objects.count(), OutboxMessage.objects.count()) == (20, 40)


def test_sending_the_same_request_again_counts_for_no_limit(now):
    for _ in range(10):
        builders.lead(now=now, secret="s", email="ada@home.example")
    assert list(TokenBucket.objects.values_list("tokens", flat=True)) == [4.0]


# --- Move ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stage", "reachable"),
    [
        ("received", ["in_touch", "waiting", "preparing", "closed"]),
        ("in_touch", ["waiting", "preparing", "closed"]),
        ("waiting", ["in_touch", "preparing", "closed"]),
        ("preparing", ["quoted", "in_touch", "waiting", "closed"]),
        ("quoted", ["in_touch", "preparing", "closed"]),
        ("closed", ["in_touch"]),
        ("withdrawn", []),
    ],
)
def test_staff_move_a_lead_along_the_allowed_stages_only(stage, reachable, coordinator, now, later):
    moved = []
    for to in STAGES:
        lead = lead_in(stage, now=now)
        try:
            pipeline.move(lead, to, by=coordinator, now=later, reason="done")
        except pipeline.IllegalMove:
            assert QuoteRequest.objects.get(pk=lead.pk).stage == stage
        else:
            assert QuoteRequest.objects.get(pk=lead.pk).stage == to
            moved.append(to)
    assert sorted(moved) == sorted(reachable)


def test_a_move_leaves_history_and_trail(coordinator, now, later):
    lead = builders.lead(now=now)
    pipeline.move(lead, Stage.WAITING, by=coordinator, now=later)
    assert (lead.stage, lead.stage_since) == ("waiting", later)
    change = StageChange.objects.last()
    assert (change.from_stage, change.to_stage, change.by, change.at) == (
        "received",
        "waiting",
        coordinator,
        later,
    )
    assert trail(lead)[0] == ("lead.moved", "cora", {"from": "received", "to": "waiting"})


@pytest.mark.parametrize(
    ("to", "promised"),
    [
        ("in_touch", dt.date(2026, 11, 30)),
        ("preparing", dt.date(2026, 11, 30)),
        ("waiting", dt.date(2026, 11, 25)),
    ],
)
def test_a_step_after_which_we_have_the_next_word_promises_it_anew(coordinator, now, to, promised):
    lead = builders.lead(now=now)
    pipeline.move(lead, to, by=coordinator, now=now + dt.timedelta(days=3))
    assert QuoteRequest.objects.get().answer_due_on == promised


def test_a_lead_opened_again_promises_the_next_word_anew(coordinator, now):
    lead = builders.lead(now=now)
    pipeline.move(lead, Stage.CLOSED, by=coordinator, now=now, reason="done")
    reopened_at = now + dt.timedelta(days=30)
    pipeline.move(lead, Stage.IN_TOUCH, by=coordinator, now=reopened_at)
    assert QuoteRequest.objects.get().answer_due_on == dt.date(2026, 12, 25)
    assert desk.clock(lead, now=reopened_at).words == "due in 5 days"
    assert progress.status(lead, now=reopened_at).following == (
        "If you have heard nothing by 25 December 2026, please write to us."
    )


@pytest.mark.parametrize("reason", ["", "bored"])
def test_without_a_reason_that_the_requester_can_read_nothing_is_closed(coordinator, now, reason):
    lead = builders.lead(now=now)
    with pytest.raises(pipeline.PipelineError) as refusal:
        pipeline.move(lead, Stage.CLOSED, by=coordinator, now=now, reason=reason)
    assert str(refusal.value) == "Say why the request is closed. The requester reads it."
    assert (QuoteRequest.objects.get().stage, StageChange.objects.count()) == ("received", 1)


@pytest.mark.parametrize(("to", "kept"), [("closed", "twice"), ("waiting", "")])
def test_only_closing_keeps_the_reason(coordinator, now, later, to, kept):
    lead = builders.lead(now=now)
    pipeline.move(lead, to, by=coordinator, now=later, reason="twice")
    assert StageChange.objects.last().reason == kept


def test_a_lead_moved_by_a_colleague_meanwhile_is_not_moved_again(coordinator, now, later):
    seen = builders.lead(now=now)
    pipeline.move(QuoteRequest.objects.get(pk=seen.pk), Stage.IN_TOUCH, by=coordinator, now=later)
    with pytest.raises(pipeline.IllegalMove) as refusal:
        pipeline.move(seen, Stage.PREPARING, by=coordinator, now=later)
    assert str(refusal.value) == (
        "This request cannot go from “received” to “quote being prepared”. It may have been moved meanwhile."
    )
    assert (QuoteRequest.objects.get().stage, StageChange.objects.count()) == ("in_touch", 2)


def test_a_stage_that_there_is_not_is_refused(coordinator, now):
    lead = builders.lead(now=now)
    with pytest.raises(pipeline.IllegalMove):
        pipeline.move(lead, "sold", by=coordinator, now=now)


# --- Withdraw -----------------------------------------------------------------------------------


@pytest.mark.parametrize("stage", [*OPEN, Stage.CLOSED])
def test_a_request_can_be_withdrawn_open_or_closed(stage, now, later):
    lead = lead_in(stage, now=now)
    pipeline.withdraw(lead, now=later)
    lead.refresh_from_db()
    assert (lead.stage, lead.stage_since) == ("withdrawn", later)
    assert trail(lead)[0] == ("lead.withdrawn", "requester", {"from": stage})
    change = StageChange.objects.last()
    assert (change.from_stage, change.to_stage, change.by) == (stage, "withdrawn", None)


@pytest.mark.parametrize("kinds", [["health"], ["health", "news"]])
def test_every_consent_ends_with_the_request(now, later, kinds):
    lead = builders.lead(now=now, news="news" in kinds)
    pipeline.withdraw(lead, now=later)
    pipeline.withdraw(lead, now=later)
    acts = lead.consents.order_by("pk").values_list("kind", "given", "text_version", "at")
    given = [(kind, True, consents.CURRENT, now) for kind in kinds]
    ended = [(kind, False, consents.CURRENT, later) for kind in kinds]
    assert list(acts) == given + ended


def test_a_consent_that_had_ended_before_is_not_ended_again(now, later):
    lead = builders.lead(now=now, news=True)
    Consent.objects.create(lead=lead, kind="news", given=False, text_version=consents.CURRENT, at=now)
    pipeline.withdraw(lead, now=later)
    acts = lead.consents.filter(at=later).values_list("kind", "given")
    assert list(acts) == [("health", False)]


def test_withdrawing_twice_is_withdrawing_once(now, later):
    lead = builders.lead(now=now)
    pipeline.withdraw(lead, now=later)
    pipeline.withdraw(lead, now=later)
    assert [action for action, _by, _detail in trail(lead)] == ["lead.withdrawn", "lead.submitted"]
    assert OutboxMessage.objects.filter(template__contains="withdrawn").count() == 2


def test_a_request_withdrawn_meanwhile_is_not_withdrawn_again(now, later):
    seen = builders.lead(now=now)
    pipeline.withdraw(QuoteRequest.objects.get(), now=later)
    pipeline.withdraw(seen, now=later)
    assert (seen.stage, seen.stage_since) == ("withdrawn", later)
    assert [action for action, _by, _detail in trail(seen)] == ["lead.withdrawn", "lead.submitted"]


def test_a_request_that_staff_moved_meanwhile_is_withdrawn_all_the_same(coordinator, now, later):
    seen = builders.lead(now=now)
    pipeline.move(QuoteRequest.objects.get(), Stage.PREPARING, by=coordinator, now=later)
    pipeline.withdraw(seen, now=later)
    assert trail(seen)[0] == ("lead.withdrawn", "requester", {"from": "preparing"})


def test_withdrawn_for_the_requester_all_is_as_withdrawn_but_the_trail_names_who_entered_it(
    coordinator, now, later
):
    lead = builders.lead(now=now, news=True)
    pipeline.withdraw_for_requester(lead, by=coordinator, now=later)
    assert (lead.stage, lead.stage_since) == ("withdrawn", later)
    assert trail(lead)[0] == ("lead.withdrawn_for_requester", "cora", {"from": "received"})
    assert StageChange.objects.last().by == coordinator
    ended = lead.consents.filter(given=False).values_list("kind", flat=True)
    assert list(ended) == ["health", "news"]
    letters = OutboxMessage.objects.order_by("pk").values_list("template", flat=True)
    assert list(letters)[2:] == ["quotes/withdrawn", "quotes/withdrawn_staff"]


def test_what_the_requester_withdrew_is_not_withdrawn_for_them_again(coordinator, now, later):
    lead = builders.lead(now=now)
    pipeline.withdraw(lead, now=now)
    pipeline.withdraw_for_requester(lead, by=coordinator, now=later)
    assert [action for action, _by, _detail in trail(lead)] == ["lead.withdrawn", "lead.submitted"]
    assert OutboxMessage.objects.filter(template__contains="withdrawn").count() == 2


# --- Promise ------------------------------------------------------------------------------------


@pytest.mark.parametrize("stage", [Stage.IN_TOUCH, Stage.PREPARING])
def test_an_answer_renews_the_promise_and_leaves_the_stage(stage, coordinator, now):
    lead = lead_in(stage, now=now)
    pipeline.renew_promise(lead, by=coordinator, now=now + dt.timedelta(days=3))
    kept = QuoteRequest.objects.get()
    assert (kept.stage, kept.stage_since, kept.answer_due_on) == (stage, now, dt.date(2026, 11, 30))
    assert lead.answer_due_on == kept.answer_due_on
    assert trail(lead)[0] == ("lead.answered", "cora", {"until": "2026-11-30"})
    assert StageChange.objects.count() == 1


def test_a_promise_renewed_twice_on_a_day_is_renewed_once(coordinator, now, later):
    lead = lead_in(Stage.IN_TOUCH, now=now)
    pipeline.renew_promise(lead, by=coordinator, now=now)
    pipeline.renew_promise(lead, by=coordinator, now=later)
    assert [action for action, _by, _detail in trail(lead)] == ["lead.answered", "lead.submitted"]


@pytest.mark.parametrize("stage", sorted(set(Stage) - {Stage.IN_TOUCH, Stage.PREPARING}))
def test_where_nothing_is_promised_nothing_is_renewed(stage, coordinator, now):
    lead = lead_in(stage, now=now)
    with pytest.raises(pipeline.PipelineError) as refusal:
        pipeline.renew_promise(lead, by=coordinator, now=now + dt.timedelta(days=3))
    assert str(refusal.value) == ("There is no promised day to renew now. The request may have been moved.")
    assert QuoteRequest.objects.get().answer_due_on == dt.date(2026, 11, 25)


def test_a_promise_of_a_lead_that_was_moved_meanwhile_stays(coordinator, now, later):
    seen = lead_in(Stage.IN_TOUCH, now=now)
    pipeline.move(QuoteRequest.objects.get(), Stage.WAITING, by=coordinator, now=now)
    with pytest.raises(pipeline.PipelineError):
        pipeline.renew_promise(seen, by=coordinator, now=later)
    assert trail(seen)[0][0] == "lead.moved"


# --- Open ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(("minutes", "openings"), [(0, 1), (29, 1), (30, 2), (31, 2)])
def test_who_comes_back_within_half_an_hour_has_opened_the_lead_once(coordinator, now, minutes, openings):
    lead = builders.lead(now=now)
    pipeline.opened(lead, by=coordinator, now=now)
    pipeline.opened(lead, by=coordinator, now=now + dt.timedelta(minutes=minutes))
    assert audit.openings_of(lead).count() == openings


def test_whoever_stays_all_day_is_recorded_every_half_hour(coordinator, now):
    lead = builders.lead(now=now)
    for minutes in range(0, 120, 10):
        pipeline.opened(lead, by=coordinator, now=now + dt.timedelta(minutes=minutes))
    assert audit.openings_of(lead).count() == 4


def test_the_first_opening_of_each_person_and_of_each_lead_is_recorded(coordinator, now):
    first, second = builders.lead(now=now), builders.lead(now=now)
    colleague = builders.staff(roles.COORDINATOR, username="carl")
    for lead in (first, second):
        for person in (coordinator, colleague):
            pipeline.opened(lead, by=person, now=now)
    opened = [("lead.opened", "carl", {}), ("lead.opened", "cora", {}), ("lead.submitted", "requester", {})]
    assert [trail(first), trail(second)] == [opened, opened]


# --- Assign, note -------------------------------------------------------------------------------


def test_a_lead_is_assigned_and_taken_back(coordinator, now):
    lead = builders.lead(now=now)
    pipeline.assign(lead, coordinator, by=coordinator, now=now)
    assert QuoteRequest.objects.get().assignee == coordinator
    pipeline.assign(lead, None, by=coordinator, now=now)
    assert QuoteRequest.objects.get().assignee is None
    assert trail(lead)[:2] == [
        ("lead.assigned", "cora", {"assignee": None}),
        ("lead.assigned", "cora", {"assignee": coordinator.pk}),
    ]


def test_a_lead_given_to_whom_has_it_already_is_not_given_again(coordinator, now):
    lead = builders.lead(now=now)
    pipeline.assign(lead, None, by=coordinator, now=now)
    for _again in range(2):
        pipeline.assign(lead, coordinator, by=coordinator, now=now)
    assert [action for action, _by, _detail in trail(lead)] == ["lead.assigned", "lead.submitted"]


def test_who_no_longer_works_leads_may_keep_what_they_have(coordinator, now):
    lead = builders.lead(now=now)
    pipeline.assign(lead, coordinator, by=coordinator, now=now)
    coordinator.groups.clear()
    pipeline.assign(QuoteRequest.objects.get(), coordinator, by=None, now=now)
    assert QuoteRequest.objects.get().assignee == coordinator


def test_a_lead_that_a_colleague_took_meanwhile_is_left_to_them(coordinator, now):
    seen = builders.lead(now=now)
    other = builders.staff(roles.COORDINATOR)
    pipeline.assign(QuoteRequest.objects.get(), other, by=other, now=now)
    with pytest.raises(pipeline.PipelineError) as refusal:
        pipeline.assign(seen, coordinator, by=coordinator, now=now)
    assert str(refusal.value) == "Somebody else assigned this request meanwhile. Open it again."
    assert QuoteRequest.objects.get().assignee == other


@pytest.mark.parametrize(("role", "active"), [(roles.EDITOR, True), (roles.COORDINATOR, False)])
def test_a_lead_goes_only_to_somebody_who_may_work_on_it(role, active, coordinator, now):
    lead = builders.lead(now=now)
    person = builders.staff(role, is_active=active)
    with pytest.raises(pipeline.PipelineError) as refusal:
        pipeline.assign(lead, person, by=coordinator, now=now)
    assert str(refusal.value) == "This member of staff may not work on requests."
    assert QuoteRequest.objects.get().assignee is None


def test_a_note_is_kept_without_the_space_around_it(coordinator, now):
    lead = builders.lead(now=now)
    note = pipeline.add_note(lead, "  Wrote to Ada.\n", by=coordinator, now=now)
    assert list(Note.objects.values_list("lead", "author", "text", "at")) == [
        (lead.pk, coordinator.pk, "Wrote to Ada.", now)
    ]
    assert trail(lead)[0] == ("lead.noted", "cora", {"note": note.pk})


@pytest.mark.parametrize("text", ["", " \n\t", "x" * 4001])
def test_an_empty_or_endless_note_is_refused(text, coordinator, now):
    lead = builders.lead(now=now)
    with pytest.raises(pipeline.PipelineError) as refusal:
        pipeline.add_note(lead, text, by=coordinator, now=now)
    assert str(refusal.value) == "A note has between 1 and 4000 characters."
    assert Note.objects.count() == 0


@pytest.mark.parametrize(("seconds", "notes"), [(0, 1), (59, 1), (60, 2)])
def test_the_same_note_within_a_minute_is_refused(coordinator, now, seconds, notes):
    lead = builders.lead(now=now)
    pipeline.add_note(lead, "Wrote to Ada.", by=coordinator, now=now)
    with suppress(pipeline.NotedAlready):
        again = now + dt.timedelta(seconds=seconds)
        pipeline.add_note(lead, " Wrote to Ada. ", by=coordinator, now=again)
    assert Note.objects.count() == notes
    assert [action for action, _by, _detail in trail(lead)].count("lead.noted") == notes


def test_another_note_another_author_and_another_lead_are_no_repetition(coordinator, now):
    first, second = builders.lead(now=now), builders.lead(now=now)
    pipeline.add_note(first, "Wrote to Ada.", by=coordinator, now=now)
    pipeline.add_note(first, "Wrote to Bob.", by=coordinator, now=now)
    pipeline.add_note(first, "Wrote to Ada.", by=builders.staff(roles.COORDINATOR), now=now)
    pipeline.add_note(second, "Wrote to Ada.", by=coordinator, now=now)
    assert Note.objects.count() == 4


@pytest.mark.django_db(transaction=True)
def test_a_note_sent_five_times_at_once_is_written_once(now):
    lead = builders.lead(now=now)
    author = builders.staff(roles.COORDINATOR)

    def press(_finger: int) -> bool:
        try:
            pipeline.add_note(lead, "Wrote to Ada.", by=author, now=now)
        except pipeline.NotedAlready:
            return False
        return True

    assert sum(at_once(5, press)) == 1
    assert Note.objects.count() == 1
