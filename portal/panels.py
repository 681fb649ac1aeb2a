"""What the panels of the first page are made of: a few lines, each with its link and how it stands."""

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

LINES = 10  # of each panel; its link leads to the rest
# Of an author: what their public name is made of.
NAME = ("byline", "first_name", "last_name", "username")

Words = str | Promise


@dataclass(frozen=True)
class Line:
    """One thing to do: where, what, and how it stands; `late` when it should have been done."""

    label: str
    url: str
    facts: str
    clock: Words = ""
    late: bool = False


@dataclass(frozen=True)
class Panel:
    name: str
    title: Words
    lines: list[Line]
    empty: Words
    url: str = ""
    total: int = 0
    # Of lines that each count several, none is left out.
    grouped: bool = False

    @property
    def more(self) -> int:
        return 0 if self.grouped else max(0, self.total - len(self.lines))


def earliest(chosen: Iterable[QuerySet[Any]], moment: Callable[[Any], Any]) -> list[Any]:
    """The first lines of several lists, each in the order of `moment`, as one."""
    return sorted((record for found in chosen for record in found[:LINES]), key=moment)[:LINES]


def joined(facts: Iterable[Words]) -> str:
    return " · ".join(str(fact) for fact in facts if fact)


def day(moment: dt.date | dt.datetime | None) -> str:
    if isinstance(moment, dt.datetime):
        moment = timezone.localdate(moment)
    return date_format(moment, "j F Y") if moment else ""


def moment(at: dt.datetime) -> str:
    return date_format(timezone.localtime(at), "j F Y, H:i")


def in_days(days: int) -> str:
    """How far a date is, in words: 'due today', 'due in 3 days', '2 days over'."""
    if days == 0:
        return _("due today")
    if days < 0:
        return ngettext("%d day over", "%d days over", -days) % -days
    return ngettext("due in %d day", "due in %d days", days) % days
