"""The steps of a request as plain keys: which there are, which comes next, what is missing. Pure."""

from collections.abc import Collection

STEPS: tuple[str, ...] = ("signs", "who", "stroke", "safety", "wishes", "contact", "consent")
CHECK = "check"


def number(step: str) -> int:
    """Its place, counted from 1. ValueError for a step that there is not."""
    return STEPS.index(step) + 1


def before(step: str) -> str | None:
    """The step to go back to; None before the first. The check comes after the last."""
    place = len(STEPS) if step == CHECK else STEPS.index(step)
    return STEPS[place - 1] if place else None


def first_missing(answered: Collection[str]) -> str | None:
    """The first step without an answer; None when all are there."""
    return next((step for step in STEPS if step not in answered), None)


def following(answered: Collection[str]) -> str:
    """Where to go from a step just answered: on to what is missing, else back to the check."""
    return first_missing(answered) or CHECK


def may_open(step: str, answered: Collection[str]) -> bool:
    """A step opens when all before it are answered; the check when all are."""
    missing = first_missing(answered)
    if missing is None or step == missing:
        return True
    return step != CHECK and number(step) < number(missing)
