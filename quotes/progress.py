"""Where a request stands, told to its requester: what has happened, what comes next and by when."""

import datetime as dt
from dataclasses import dataclass

from django.utils import formats, timezone
from django.utils.translation import gettext as _

from . import time_zones
from .models import QuoteRequest, Stage, StageChange


@dataclass(frozen=True)
class Status:
    """The stage in a few words, and what happens next."""

    title: str
    following: str


def status(lead: QuoteRequest, *, now: dt.datetime) -> Status:
    """What the requester reads first."""
    words = {
        Stage.RECEIVED: (_("We have received your request"), _answer_promised(lead, now)),
        Stage.IN_TOUCH: (_("We are in touch with you"), _after_silence(lead)),
        Stage.WAITING: (
            _("We are waiting for your answer"),
            _("We asked you something. Your request stays open until you answer. There is no hurry."),
        ),
        Stage.PREPARING: (_("We are preparing your quote"), _after_silence(lead)),
        Stage.CLOSED: (
            _("Your request is closed"),
            _("Nothing more happens. If you want to go on, write to us, and we open it again."),
        ),
        Stage.WITHDRAWN: (
            _("You have withdrawn your request"),
            _("Nothing more happens, and nobody contacts you about it. You can begin a new one at any time."),
        ),
    }
    return Status(*words[Stage(lead.stage)])


def _answer_promised(lead: QuoteRequest, now: dt.datetime) -> str:
    day = {"day": _day(lead.answer_due_on)}
    if now.astimezone(clock_of(lead)).date() > lead.answer_due_on:
        return _("A coordinator should have answered you by %(day)s. We are late, and we are sorry.") % day
    return _("A coordinator reads your request and answers you by %(day)s.") % day


def _after_silence(lead: QuoteRequest) -> str:
    return _("If you have heard nothing by %(day)s, please write to us.") % {"day": _day(lead.answer_due_on)}


def timeline(lead: QuoteRequest) -> list[tuple[str, dt.datetime]]:
    """What has happened, oldest first, by the clock of `clock_of`."""
    zone = clock_of(lead)
    return [(_happened(change), change.at.astimezone(zone)) for change in lead.stage_changes.all()]


def _happened(change: StageChange) -> str:
    if not change.from_stage:
        return _("You sent your request")
    if change.from_stage == Stage.CLOSED:
        return _("We opened your request again")
    words = {
        Stage.IN_TOUCH: _("We got in touch with you"),
        Stage.WAITING: _("We asked you something"),
        Stage.PREPARING: _("We began to prepare your quote"),
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
