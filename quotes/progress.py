"""Where a request stands, told to its requester: what has happened, what comes next and by when."""

import datetime as dt
from dataclasses import dataclass

from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from . import time_zones
from .models import ClosedFor, QuoteRequest, Stage, StageChange


@dataclass(frozen=True)
class Status:
    """The stage in a few words, and what happens next."""

    title: str
    following: str


def status(lead: QuoteRequest, *, now: dt.datetime) -> Status:
    """What the requester reads first."""
    stage = Stage(lead.stage)
    return Status(str(TITLES[stage]), _following(lead, stage, now))


TITLES = {
    Stage.RECEIVED: gettext_lazy("We have received your request"),
    Stage.IN_TOUCH: gettext_lazy("We are in touch with you"),
    Stage.WAITING: gettext_lazy("We are waiting for your answer"),
    Stage.PREPARING: gettext_lazy("We are preparing your quote"),
    Stage.QUOTED: gettext_lazy("We have sent you our quote"),
    Stage.CLOSED: gettext_lazy("Your request is closed"),
    Stage.WITHDRAWN: gettext_lazy("You have withdrawn your request"),
}
FOLLOWING = {
    Stage.WAITING: gettext_lazy(
        "We asked you something. Your request stays open until you answer. There is no hurry."
    ),
    Stage.QUOTED: gettext_lazy(
        "There is no hurry. If something in it is not clear, ask us. If you do not want to go on, "
        "tell us to stop, or withdraw your request on this page."
    ),
    Stage.WITHDRAWN: gettext_lazy(
        "Nothing more happens, and nobody contacts you about it. You can begin a new one at any time."
    ),
}
CLOSED_BECAUSE = {
    ClosedFor.DONE: gettext_lazy("We closed it because you have what you asked for."),
    ClosedFor.ASKED: gettext_lazy("We closed it because you asked us to."),
    ClosedFor.NO_ANSWER: gettext_lazy(
        "We closed it because we have not heard from you. That is all right: you can go on at any time."
    ),
    ClosedFor.CANNOT: gettext_lazy(
        "We closed it because we cannot make this quote. We are sorry. If you do not know why, ask us."
    ),
    ClosedFor.TWICE: gettext_lazy(
        "We closed it because you asked for the same in another request. We go on with that one."
    ),
}


def closed_because(reason: str) -> str:
    """Why we closed the request, as its requester reads it on the private page and in the letter."""
    return str(CLOSED_BECAUSE[ClosedFor(reason)])


def _following(lead: QuoteRequest, stage: Stage, now: dt.datetime) -> str:
    if stage == Stage.RECEIVED:
        return _answer_promised(lead, now)
    if stage in (Stage.IN_TOUCH, Stage.PREPARING):
        return _after_silence(lead)
    if stage == Stage.CLOSED:
        return _after_closing(_reason_of(lead))
    return str(FOLLOWING[stage])


def _answer_promised(lead: QuoteRequest, now: dt.datetime) -> str:
    day = {"day": _day(lead.answer_due_on)}
    if days_left(lead, now=now) < 0:
        return _("A coordinator should have answered you by %(day)s. We are late, and we are sorry.") % day
    return _("A coordinator reads your request and answers you by %(day)s.") % day


def days_left(lead: QuoteRequest, *, now: dt.datetime) -> int:
    """How many days the promise has left, by the clock of `clock_of`; below nought we are late.

    The one rule: what requesters read and what the desk works by must not differ by a night.
    """
    return (lead.answer_due_on - now.astimezone(clock_of(lead)).date()).days


def _reason_of(lead: QuoteRequest) -> str:
    closings = lead.stage_changes.filter(to_stage=Stage.CLOSED).order_by("-at", "-pk")
    return closings.values_list("reason", flat=True)[0]


def _after_closing(reason: str) -> str:
    following = _("Nothing more happens. If you want to go on, write to us, and we open it again.")
    return f"{closed_because(reason)} {following}"


def _after_silence(lead: QuoteRequest) -> str:
    return _("If you have heard nothing by %(day)s, please write to us.") % {"day": _day(lead.answer_due_on)}


def timeline(lead: QuoteRequest) -> list[tuple[str, dt.datetime]]:
    """What has happened, oldest first, by the clock of `clock_of`."""
    zone = clock_of(lead)
    return [(_happened(change), change.at.astimezone(zone)) for change in lead.stage_changes.all()]


def _happened(change: StageChange) -> str:
    if not change.from_stage:
        return _("You sent your request")
    if (change.from_stage, change.to_stage) == (Stage.CLOSED, Stage.IN_TOUCH):
        return _("We opened your request again")
    words = {
        Stage.IN_TOUCH: _("We got in touch with you"),
        Stage.WAITING: _("We asked you something"),
        Stage.PREPARING: _("We began to prepare your quote"),
        Stage.QUOTED: _("We sent you our quote"),
        Stage.CLOSED: _("We closed your request"),
        Stage.WITHDRAWN: _("You withdrew your request"),
    }
    return words.get(Stage(change.to_stage), _("We received your request"))


def clock_of(lead: QuoteRequest) -> dt.tzinfo:
    """The requester's own clock; this site's where theirs is not known."""
    return time_zones.known(lead.time_zone) or timezone.get_default_timezone()


def whose_clock(lead: QuoteRequest) -> str:
    """Says by which clock the times are."""
    zone = str(clock_of(lead))
    if time_zones.known(lead.time_zone):
        return _("Times are in your time zone (%(zone)s).") % {"zone": zone}
    return _("We do not know your time zone. Times are in ours (%(zone)s).") % {"zone": zone}


def _day(day: dt.date) -> str:
    return formats.date_format(day, "j F Y")
