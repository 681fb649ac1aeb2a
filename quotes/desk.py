"""A lead as a coordinator reads it: the promised time, what calls for care, how to reach people, its history.

Everything here is words; no code of the database reaches the page. The answers themselves: quotes.summary.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from copy import copy
from dataclasses import dataclass
from urllib.parse import quote

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from portal.models import AuditEvent, User

from . import pipeline, progress, summary, time_zones
from .models import Certainty, ClosedFor, QuoteRequest, Stage, StageChange

Words = str | Promise


@dataclass(frozen=True)
class Clock:
    """How the promised time stands. `state` is one of over, today, running, paused, stopped."""

    state: str
    words: Words


def clock(lead: QuoteRequest, *, now: dt.datetime) -> Clock:
    """The promise as it stands now. It pauses while the requester has the next step.

    It is the day that the requester reads on the private page, and late once it is late there.
    """
    if lead.stage in (Stage.WAITING, Stage.QUOTED):
        return Clock("paused", _("paused"))
    if lead.stage in (Stage.CLOSED, Stage.WITHDRAWN):
        return Clock("stopped", _("no longer running"))
    days = progress.days_left(lead, now=now)
    if days == 0:
        return Clock("today", _("due today"))
    if days < 0:
        return Clock("over", ngettext("%d day over", "%d days over", -days) % -days)
    return Clock("running", ngettext("due in %d day", "due in %d days", days) % days)


@dataclass(frozen=True)
class Told:
    """Something that staff can do to a lead, and what its requester then reads."""

    what: str
    label: Words
    words: Words


def moves(lead: QuoteRequest, *, now: dt.datetime) -> list[Told]:
    """Where the lead may go, but for closing, which asks why."""
    ways = [to for to in pipeline.ALLOWED.get(lead.stage, ()) if to != Stage.CLOSED]
    return [Told(to.value, to.label, would_read(lead, to, now=now)) for to in ways]


def closings(lead: QuoteRequest) -> list[Told]:
    """The reasons for which the lead may be closed now."""
    may_close = Stage.CLOSED in pipeline.ALLOWED.get(lead.stage, ())
    reasons = ClosedFor if may_close else ()
    return [Told(reason.value, reason.label, progress.closed_because(reason)) for reason in reasons]


def after_answering(lead: QuoteRequest, *, now: dt.datetime) -> str:
    """What they read once the promise is renewed; "" where there is none to renew."""
    return would_read(lead, Stage(lead.stage), now=now) if lead.stage in pipeline.RENEW_THE_PROMISE else ""


def after_withdrawing(lead: QuoteRequest, *, now: dt.datetime) -> str:
    """What they read once it is withdrawn for them; "" where it is."""
    return "" if lead.stage == Stage.WITHDRAWN else would_read(lead, Stage.WITHDRAWN, now=now)


def would_read(lead: QuoteRequest, to: Stage, *, now: dt.datetime) -> str:
    """The private page as a move to this stage would make it."""
    moved = copy(lead)
    moved.stage = to
    if to in pipeline.RENEW_THE_PROMISE:
        moved.answer_due_on = pipeline.next_word_on(now)
    status = progress.status(moved, now=now)
    return f"{status.title}. {status.following}"


@dataclass(frozen=True)
class Care:
    """An answer that changes what may be done, and why."""

    answer: Words
    reason: Words


CALLS_FOR_CARE: tuple[tuple[str, str, Care], ...] = (
    (
        "person_knows",
        Certainty.NO,
        Care(
            _("The person does not know of this request"),
            _("Speak to the requester only. Ask how and when the person will be told."),
        ),
    ),
    (
        "can_decide",
        Certainty.NO,
        Care(
            _("The person cannot decide for themself"),
            _("Only somebody with the legal right may decide for them. Ask first who that is."),
        ),
    ),
    (
        "cancer",
        Certainty.YES,
        Care(
            _("Cancer, now or before"),
            _("Some cells can grow into tumours; trials leave people with cancer out. Doctor first."),
        ),
    ),
    (
        "pregnancy",
        Certainty.YES,
        Care(
            _("Pregnancy"),
            _("What these treatments do in pregnancy is not known. Doctor first."),
        ),
    ),
    (
        "seizures",
        Certainty.YES,
        Care(
            _("Seizures"),
            _("Seizures can come back after a treatment of the brain, and on a flight. Doctor first."),
        ),
    ),
    (
        "blood_thinners",
        Certainty.YES,
        Care(
            _("Blood thinners"),
            _("Needles can cause bleeding; stopping the medicine can cause a stroke. Doctor first."),
        ),
    ),
    (
        "other_brain_disease",
        Certainty.YES,
        Care(
            _("Another disease of the brain"),
            _("Ask which one: what is known about stroke may not hold for this person."),
        ),
    ),
    (
        "can_travel",
        Certainty.NO,
        Care(
            _("The person cannot travel"),
            _("Do not quote a journey before a doctor says that it is possible."),
        ),
    ),
)


def care(lead: QuoteRequest) -> list[Care]:
    """The answers that call for care, the gravest for what may be done first."""
    return [care for name, answer, care in CALLS_FOR_CARE if getattr(lead, name) == answer]


def unsure(lead: QuoteRequest) -> list[Words]:
    """The safety questions answered “not sure”: to be asked again, gently."""
    names = [name for name, _answer, _care in CALLS_FOR_CARE]
    return [summary.label(name) for name in names if getattr(lead, name) == Certainty.NOT_SURE]


BY: dict[str, Words] = {
    QuoteRequest.Channel.EMAIL: _("By e-mail only"),
    QuoteRequest.Channel.PHONE: _("By phone call only"),
    QuoteRequest.Channel.MESSAGE: _("By text message only"),
}
SCHEME: dict[str, str] = {
    QuoteRequest.Channel.EMAIL: "mailto",
    QuoteRequest.Channel.PHONE: "tel",
    QuoteRequest.Channel.MESSAGE: "sms",
}
AT: dict[str, Words] = {
    QuoteRequest.Hours.ANY: _("at any time of the day"),
    QuoteRequest.Hours.MORNING: _("in the morning (8 to 12)"),
    QuoteRequest.Hours.AFTERNOON: _("in the afternoon (12 to 17)"),
    QuoteRequest.Hours.EVENING: _("in the evening (17 to 20)"),
}
BETWEEN: dict[str, tuple[int, int]] = {
    QuoteRequest.Hours.ANY: (8, 20),
    QuoteRequest.Hours.MORNING: (8, 12),
    QuoteRequest.Hours.AFTERNOON: (12, 17),
    QuoteRequest.Hours.EVENING: (17, 20),
}


@dataclass(frozen=True)
class ContactRules:
    """What the requester allows. `there` is empty where the time zone is not known.

    An e-mail keeps no hours: nobody is woken by one.
    """

    address: str
    link: str
    rule: Words
    do_not_phone: bool
    keeps_hours: bool
    there: str
    within_hours: bool


def contact_rules(lead: QuoteRequest, *, now: dt.datetime) -> ContactRules:
    """How and when the requester may be reached, and whether that is now."""
    clock = time_zones.known(lead.time_zone)
    there = now.astimezone(clock) if clock else None
    first, last = BETWEEN[lead.hours]
    by_mail = lead.channel == QuoteRequest.Channel.EMAIL
    address = lead.email if by_mail else lead.phone
    return ContactRules(
        address=address,
        link=f"{SCHEME[lead.channel]}:{quote(address, safe='@+')}",
        rule=BY[lead.channel] if by_mail else rule_with_hours(lead),
        do_not_phone=lead.do_not_phone,
        keeps_hours=not by_mail,
        there=date_format(there, "l, H:i") if there else "",
        within_hours=there is not None and first <= there.hour < last,
    )


def rule_with_hours(lead: QuoteRequest) -> str:
    said = {"by": BY[lead.channel], "at": AT[lead.hours], "zone": zone_there(lead)}
    return _("%(by)s, %(at)s, %(zone)s") % said


def zone_there(lead: QuoteRequest) -> Words:
    if not lead.time_zone:
        return _("in a time zone that they have yet to tell us")
    return _("%(zone)s time") % {"zone": lead.time_zone.replace("_", " ")}


LETTERS: dict[str, Words] = {
    "quotes/received": _("to the requester: request received"),
    "quotes/received_staff": _("to staff: request received"),
    "quotes/withdrawn": _("to the requester: request withdrawn"),
    "quotes/withdrawn_staff": _("to staff: request withdrawn"),
    "quotes/closed": _("to the requester: request closed"),
    "quotes/new_link": _("to the requester: new private link"),
}


def letter(template: str) -> Words:
    """What a letter about the lead says, and to which side."""
    return LETTERS.get(template, template)


def mover(step: StageChange) -> Words:
    """Who took a step; where no member of staff did, it was the requester or the portal itself."""
    if step.by is not None:
        return called(step.by)
    return _("the requester") if step.to_stage in (Stage.RECEIVED, Stage.WITHDRAWN) else _("the portal")


def called(member: User | None) -> Words:
    """A colleague's name as colleagues read it."""
    return member.public_name if member else _("nobody")


def holder(member: User | None, *, works: bool) -> Words:
    """Who has a lead; said so where they have left, or may no longer work leads."""
    if member is None or works:
        return called(member)
    return _("%(who)s (no longer here)") % {"who": called(member)}


@dataclass(frozen=True)
class Happening:
    """One event of a lead's history, as a sentence in two parts."""

    at: dt.datetime
    who: Words
    role: str
    what: Words


def history(events: Iterable[AuditEvent]) -> list[Happening]:
    """These events in words; asks once for the names of all who were given the lead."""
    events = list(events)
    given_to = [event.detail.get("assignee") for event in events if event.action == "lead.assigned"]
    names = {member.pk: called(member) for member in User.objects.filter(pk__in=filter(None, given_to))}
    return [
        Happening(event.at, who(event), event.actor_role, what_happened(event, names)) for event in events
    ]


def who(event: AuditEvent) -> Words:
    """The account's name; where there was none, which side it was."""
    return event.actor_name if event.actor_id else WITHOUT_ACCOUNT.get(event.actor_name, event.actor_name)


def what_happened(event: AuditEvent, names: Mapping[int, Words]) -> Words:
    if event.action == "lead.moved":
        stages = {side: Stage(event.detail[side]).label for side in ("from", "to")}
        return _("moved it from “%(from)s” to “%(to)s”") % stages
    if event.action == "lead.assigned":
        return _("gave it to %(who)s") % {"who": names.get(event.detail["assignee"], _("nobody"))}
    if event.action == "lead.contact_corrected":
        fields = ", ".join(summary.label(name) for name in event.detail["fields"])
        return _("corrected: %(fields)s") % {"fields": fields}
    if event.action == "lead.answered":
        until = date_format(dt.date.fromisoformat(event.detail["until"]), "j F Y")
        return _("answered, and promised the next word by %(day)s") % {"day": until}
    return HAPPENED.get(event.action, event.action)


WITHOUT_ACCOUNT: dict[str, Words] = {"requester": _("the requester"), "machine": _("the portal")}
HAPPENED: dict[str, Words] = {
    "lead.submitted": _("sent the request"),
    "lead.noted": _("wrote a note"),
    "lead.withdrawn": _("took the request back"),
    "lead.withdrawn_for_requester": _("took it back because the requester asked"),
    "lead.link_renewed": _("sent a new private link"),
    "lead.news_stopped": _("stopped the e-mails about the evidence"),
}
