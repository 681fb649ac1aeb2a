"""The verbs of a lead: each owns the change, the trail and the letters, in one transaction.

`by` is a member of staff, None for the machine, or "requester".
"""

import datetime as dt
import re
from collections.abc import Collection, Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from portal import audit, throttle
from portal.models import User

from . import consents, links, notices, working_days
from .models import ClosedFor, Consent, Note, PrivateLink, QuoteRequest, Stage, StageChange

ANSWER_WITHIN_WORKING_DAYS = 3
# After each step of ours the requester hears again within so many; the private page names the day.
NEXT_WORD_WITHIN_WORKING_DAYS = 5

# Who comes back to a lead within this time, as after each button, has not opened it once more.
SAME_OPENING = dt.timedelta(minutes=30)

# The same note of the same author within this time is the same press of the button.
SAME_PRESS = dt.timedelta(minutes=1)

# What staff may do. Withdrawing is the requester's (`withdraw`), and what is withdrawn stays so.
ALLOWED: dict[str, tuple[Stage, ...]] = {
    Stage.RECEIVED: (Stage.IN_TOUCH, Stage.WAITING, Stage.PREPARING, Stage.CLOSED),
    Stage.IN_TOUCH: (Stage.WAITING, Stage.PREPARING, Stage.CLOSED),
    Stage.WAITING: (Stage.IN_TOUCH, Stage.PREPARING, Stage.CLOSED),
    Stage.PREPARING: (Stage.QUOTED, Stage.IN_TOUCH, Stage.WAITING, Stage.CLOSED),
    Stage.QUOTED: (Stage.IN_TOUCH, Stage.PREPARING, Stage.CLOSED),
    Stage.CLOSED: (Stage.IN_TOUCH,),
    Stage.WITHDRAWN: (),
}
# The steps after which the next word is ours, by a new day.
RENEW_THE_PROMISE = (Stage.IN_TOUCH, Stage.PREPARING)

# One family may ask for two people and correct itself; a clinic's waiting room shares one address. Nobody is
# told to wait longer than the answers of an unsent request are kept.
PER_ADDRESS = throttle.Rate(20, dt.timedelta(hours=1))
PER_EMAIL = throttle.Rate(5, dt.timedelta(hours=5))

# The answers that become columns of a QuoteRequest, under the same names.
ANSWERS: tuple[str, ...] = (
    *QuoteRequest.PERSONAL,
    "treatment",
    "destination",
    "wanted_when",
    "companions",
    "country",
    "language",
)


class PipelineError(Exception):
    """A verb refused; the message is for people."""


class IllegalMove(PipelineError):
    """The lead may not go from where it is to there, or somebody moved it meanwhile."""

    def __init__(self, from_stage: str, to_stage: str) -> None:
        labels = dict(Stage.choices)
        super().__init__(
            _("This request cannot go from “%(from)s” to “%(to)s”. It may have been moved meanwhile.")
            % {"from": labels.get(from_stage, from_stage), "to": labels.get(to_stage, to_stage)}
        )


class NotedAlready(PipelineError):
    """The same note of the same author is there: a button pressed again."""

    def __init__(self) -> None:
        super().__init__(_("You wrote this same note a moment ago. It is kept once."))


class TooMany(PipelineError):
    """The limit of requests for an address or an e-mail is reached; nothing was saved."""

    def __init__(self, rate: throttle.Rate) -> None:
        self.rate = rate
        super().__init__(_("Too many requests were sent from here in a short time."))


def submitted(secret: str) -> QuoteRequest | None:
    """The lead that was made with this secret, if there is one."""
    return QuoteRequest.objects.filter(submission=links.digest(secret)).first()


def submit(answers: Mapping[str, Any], *, secret: str, now: dt.datetime, sender: str = "") -> QuoteRequest:
    """Make the lead, or find the one that the same secret made before.

    `answers` holds every name in ANSWERS, `health` and `news` (booleans) and `consent_version`.
    `sender` is the client's network address, for the limit. Raises PipelineError without consent, TooMany.
    """
    if not answers["health"]:
        raise PipelineError(_("Without consent to use the health answers there can be no quote."))
    try:
        return submitted(secret) or _receive(answers, secret=secret, now=now, sender=sender)
    except IntegrityError:  # the same button, pressed twice at once: the other press made the lead
        lead = submitted(secret)
        if lead is None:
            raise
        return lead


@transaction.atomic
def _receive(answers: Mapping[str, Any], *, secret: str, now: dt.datetime, sender: str) -> QuoteRequest:
    lead = from_answers(answers, now=now)
    lead.reference = _free_reference()
    lead.submission = links.digest(secret)
    lead.save(force_insert=True)
    _hold_to_limits(lead, sender=sender, now=now)
    PrivateLink.objects.create(lead=lead, digest=lead.submission, created_at=now)
    StageChange.objects.create(lead=lead, to_stage=lead.stage, at=now)
    for kind in (consents.HEALTH, consents.NEWS):
        if answers[kind]:
            Consent.objects.create(
                lead=lead, kind=kind, given=True, text_version=answers["consent_version"], at=now
            )
    audit.record("lead.submitted", lead, by="requester", now=now)
    notices.received(lead, secret=secret, now=now)
    return lead


def from_answers(answers: Mapping[str, Any], *, now: dt.datetime) -> QuoteRequest:
    """The lead that these answers would make; nothing is saved, no reference given."""
    return QuoteRequest(
        stage=Stage.RECEIVED,
        stage_since=now,
        submitted_at=now,
        answer_due_on=working_days.after(timezone.localdate(now), ANSWER_WITHIN_WORKING_DAYS),
        **{name: answers[name] for name in ANSWERS},
    )


def _free_reference() -> str:
    reference = links.reference()
    while QuoteRequest.objects.filter(reference=reference).exists():
        reference = links.reference()
    return reference


def _hold_to_limits(lead: QuoteRequest, *, sender: str, now: dt.datetime) -> None:
    # After the insert: of twenty presses at once only the one that made the lead is counted.
    for scope, key, rate in (
        ("quotes.send.address", sender, PER_ADDRESS),
        ("quotes.send.email", _mailbox(lead.email), PER_EMAIL),
    ):
        if key and not throttle.allow(scope, key, rate=rate, now=now):
            raise TooMany(rate)


def _mailbox(email: str) -> str:
    """'ada+quote@home.example' → 'ada@home.example': to most mail servers both are one mailbox."""
    return re.sub(r"(?<=.)\+[^@]*(?=@)", "", email)


@transaction.atomic
def move(lead: QuoteRequest, to: str, *, by: audit.Actor, now: dt.datetime, reason: str = "") -> None:
    """Staff move the lead along ALLOWED. Raises IllegalMove, also when a colleague was quicker.

    Closing needs a `reason` out of ClosedFor, which the requester reads; PipelineError without one.

    A step in RENEW_THE_PROMISE promises the next word anew, also where it opens the lead again. Any other
    leaves the promised day as it was: while the requester has the next step it pauses.
    """
    if to not in ALLOWED.get(lead.stage, ()):
        raise IllegalMove(lead.stage, to)
    if to == Stage.CLOSED and reason not in ClosedFor.values:
        raise PipelineError(_("Say why the request is closed. The requester reads it."))
    from_stage = _step(lead, Stage(to), by=by, now=now, reason=reason if to == Stage.CLOSED else "")
    if to in RENEW_THE_PROMISE:
        lead.answer_due_on = next_word_on(now)
        lead.save(update_fields=["answer_due_on"])
    audit.record("lead.moved", lead, by=by, now=now, detail={"from": from_stage, "to": str(to)})
    if to == Stage.CLOSED:
        notices.closed(lead, reason=reason, now=now)


def next_word_on(now: dt.datetime) -> dt.date:
    """The day by which the requester hears again, after a step of ours at `now`."""
    return working_days.after(timezone.localdate(now), NEXT_WORD_WITHIN_WORKING_DAYS)


@transaction.atomic
def renew_promise(lead: QuoteRequest, *, by: audit.Actor, now: dt.datetime) -> None:
    """We answered and the next step is still ours: promise the next word anew; twice on a day is once.

    Raises PipelineError where the stage promises no next word, or a colleague moved the lead meanwhile.
    """
    until = next_word_on(now)
    answered = QuoteRequest.objects.filter(pk=lead.pk, stage=lead.stage, stage__in=RENEW_THE_PROMISE)
    if not answered.update(answer_due_on=until):
        raise PipelineError(_("There is no promised day to renew now. The request may have been moved."))
    if lead.answer_due_on != until:
        audit.record("lead.answered", lead, by=by, now=now, detail={"until": until.isoformat()})
    lead.answer_due_on = until


@transaction.atomic
def withdraw(lead: QuoteRequest, *, now: dt.datetime) -> None:
    """The requester withdraws the request, open or closed; twice is once. Every consent ends with it.

    The stage is read anew: neither a second press nor a step of staff meanwhile stands in the way.
    """
    if from_stage := _take_back(lead, by="requester", now=now):
        audit.record("lead.withdrawn", lead, by="requester", now=now, detail={"from": from_stage})
        notices.withdrawn(lead, now=now)


@transaction.atomic
def withdraw_for_requester(lead: QuoteRequest, *, by: User, now: dt.datetime) -> None:
    """Staff were asked to, by phone or by letter: as `withdraw`, and the trail names who entered it."""
    if from_stage := _take_back(lead, by=by, now=now):
        detail = {"from": from_stage}
        audit.record("lead.withdrawn_for_requester", lead, by=by, now=now, detail=detail)
        notices.withdrawn(lead, now=now)


def _take_back(lead: QuoteRequest, *, by: audit.Actor, now: dt.datetime) -> str:
    """The stage that was left; "" where it had been withdrawn before."""
    lead.refresh_from_db(from_queryset=QuoteRequest.objects.select_for_update())
    if lead.stage == Stage.WITHDRAWN:
        return ""
    end_consents(lead, Consent.Kind.values, now=now)
    return _step(lead, Stage.WITHDRAWN, by=by, now=now)


def end_consents(lead: QuoteRequest, kinds: Collection[str], *, now: dt.datetime) -> bool:
    """One more act for each of these consents that still counts, about the words that were agreed to."""
    newest = {act.kind: act for act in lead.consents.order_by("at", "pk")}
    ending = [act for kind, act in newest.items() if act.given and kind in kinds]
    for act in ending:
        Consent.objects.create(lead=lead, kind=act.kind, given=False, text_version=act.text_version, at=now)
    return bool(ending)


def _step(lead: QuoteRequest, to: Stage, *, by: audit.Actor, now: dt.datetime, reason: str = "") -> str:
    """Change the stage if it is still the one that was seen, write the history; the stage left."""
    from_stage = str(lead.stage)
    won = QuoteRequest.objects.filter(pk=lead.pk, stage=from_stage).update(stage=to, stage_since=now)
    if not won:
        raise IllegalMove(from_stage, to)
    staff = by if isinstance(by, User) else None
    StageChange.objects.create(lead=lead, from_stage=from_stage, to_stage=to, reason=reason, by=staff, at=now)
    lead.stage, lead.stage_since = to, now
    return from_stage


@transaction.atomic
def assign(lead: QuoteRequest, assignee: User | None, *, by: audit.Actor, now: dt.datetime) -> None:
    """Give the lead to a coordinator, or to nobody; to whom has it already is nothing new.

    Raises PipelineError when that person may not work leads or a colleague assigned it meanwhile.
    """
    if assignee == lead.assignee:
        return
    if assignee and not (assignee.is_active and assignee.has_perm("quotes.work_quoterequest")):
        raise PipelineError(_("This member of staff may not work on requests."))
    seen = QuoteRequest.objects.filter(pk=lead.pk, assignee=lead.assignee_id)
    if not seen.update(assignee=assignee):
        raise PipelineError(_("Somebody else assigned this request meanwhile. Open it again."))
    lead.assignee = assignee
    audit.record(
        "lead.assigned", lead, by=by, now=now, detail={"assignee": assignee.pk if assignee else None}
    )


def opened(lead: QuoteRequest, *, by: User, now: dt.datetime) -> None:
    """A member of staff looked at the lead; the requester reads when, and in which role."""
    lately = audit.openings_of(lead).filter(actor_id=by.pk, at__gt=now - SAME_OPENING)
    if not lately.exists():
        audit.record("lead.opened", lead, by=by, now=now)


@transaction.atomic
def add_note(lead: QuoteRequest, text: str, *, by: User, now: dt.datetime) -> Note:
    """Write a note for colleagues. Raises PipelineError when it is empty or too long, NotedAlready."""
    # Of several presses at once each waits here for the one before, and then finds its note.
    QuoteRequest.objects.select_for_update().get(pk=lead.pk)
    just_now = lead.notes.filter(author=by, at__gt=now - SAME_PRESS)
    if just_now.filter(text=text.strip()).exists():
        raise NotedAlready
    return keep_note(lead, text, by=by, now=now)


@transaction.atomic
def keep_note(lead: QuoteRequest, text: str, *, by: User, now: dt.datetime) -> Note:
    """As `add_note`, for a verb that does nothing the second time: its reason may be the same again."""
    note = text.strip()
    longest = Note._meta.get_field("text").max_length or 0
    if not 0 < len(note) <= longest:
        raise PipelineError(_("A note has between 1 and %(longest)s characters.") % {"longest": longest})
    written = Note.objects.create(lead=lead, author=by, text=note, at=now)
    audit.record("lead.noted", lead, by=by, now=now, detail={"note": written.pk})
    return written
