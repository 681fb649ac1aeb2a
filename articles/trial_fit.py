"""Whether what a person says of themselves fits what a trial's register asks. Pure; nothing is kept."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Any, Protocol

from django.utils.translation import gettext_lazy as _

DAY = 24
YEAR = 365 * DAY
# Trials open, pause and close: a copy of a register that is older than this says so.
OLD_AFTER = dt.timedelta(days=180)
MONTH = YEAR // 12
ADULT = 18

# Since when, as people know it: from so many hours, and below so many (None: no end).
SINCE: dict[str, tuple[str | Any, int, int | None]] = {
    "days": (_("less than 2 days"), 0, 2 * DAY),
    "week": (_("2 days to 1 week"), 2 * DAY, 7 * DAY),
    "month": (_("1 week to 1 month"), 7 * DAY, MONTH),
    "quarter": (_("1 to 3 months"), MONTH, 3 * MONTH),
    "half_year": (_("3 to 6 months"), 3 * MONTH, 6 * MONTH),
    "year": (_("6 months to 1 year"), 6 * MONTH, YEAR),
    "two_years": (_("1 to 2 years"), YEAR, 2 * YEAR),
    "five_years": (_("2 to 5 years"), 2 * YEAR, 5 * YEAR),
    "longer": (_("more than 5 years"), 5 * YEAR, None),
}


class Fit(Enum):
    YES = "yes"
    NO = "no"
    NOT_SAID = "not_said"  # by the register, or by the person


class Criteria(Protocol):
    """What of articles.models.TrialCriteria is compared."""

    stroke: str
    since_from_hours: int | None
    since_to_hours: int | None
    age_from: int | None
    age_to: int | None
    checked_on: dt.date


@dataclass(frozen=True)
class Person:
    """`since` is a key of SINCE; `stroke` is "clot", "bleed" or "not_sure"; age in years."""

    since: str
    stroke: str
    age: int

    @property
    def is_child(self) -> bool:
        return self.age < ADULT


@dataclass(frozen=True)
class Verdict:
    """What each point says about one trial; `is_old`: its register may say something else by now."""

    criteria: Any
    since: Fit
    stroke: Fit
    age: Fit
    is_old: bool

    @property
    def may_fit(self) -> bool:
        return Fit.NO not in (self.since, self.stroke, self.age)


def taking(stroke: str, trials: Iterable[Criteria]) -> int:
    """How many of these take in people after this kind of stroke."""
    return sum(trial.stroke in ("either", stroke) for trial in trials)


def judged(person: Person, trials: Iterable[Criteria], *, today: dt.date) -> list[Verdict]:
    return [
        Verdict(
            criteria=trial,
            since=since_fit(person, trial),
            stroke=stroke_fit(person, trial),
            age=age_fit(person, trial),
            is_old=today - trial.checked_on > OLD_AFTER,
        )
        for trial in trials
    ]


def since_fit(person: Person, trial: Criteria) -> Fit:
    """Yes where some of the time that the person named lies within what the trial asks."""
    if trial.since_from_hours is None and trial.since_to_hours is None:
        return Fit.NOT_SAID
    _label, least, below = SINCE[person.since]
    too_early = below is not None and trial.since_from_hours is not None and below <= trial.since_from_hours
    too_late = trial.since_to_hours is not None and least > trial.since_to_hours
    return Fit.NO if too_early or too_late else Fit.YES


def stroke_fit(person: Person, trial: Criteria) -> Fit:
    if trial.stroke == "not_said" or person.stroke == "not_sure":
        return Fit.YES if trial.stroke == "either" else Fit.NOT_SAID
    return Fit.YES if trial.stroke in ("either", person.stroke) else Fit.NO


def age_fit(person: Person, trial: Criteria) -> Fit:
    if trial.age_from is None and trial.age_to is None:
        return Fit.NOT_SAID
    too_young = trial.age_from is not None and person.age < trial.age_from
    too_old = trial.age_to is not None and person.age > trial.age_to
    return Fit.NO if too_young or too_old else Fit.YES
