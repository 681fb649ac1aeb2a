"""What stands against an approval, and what a revision keeps of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from .checks import discern, of_text, quality
from .checks.discern import Answer
from .checks.findings import Known, own_passages
from .checks.quality import Problem
from .shapes import AnyRevision, printable
from .texts import Made

# What reviewers are proposed; they choose.
REVIEW_AGAIN_AFTER = dt.timedelta(days=182)
LONGEST_WITHOUT_REVIEW = dt.timedelta(days=731)  # two years, one of them a leap year


def problems(
    revision: AnyRevision,
    made: Made,
    next_review_on: dt.date | None,
    answers: Sequence[Answer],
    *,
    agrees: bool,
    now: dt.datetime,
) -> Iterator[Problem]:
    """Why this text may not be approved so: the day, the answers, the warnings that were left standing."""
    yield from review_day(next_review_on, now)
    for message in discern.problems(answers, places_in(revision, made)):
        yield Problem("discern", "blocking", message, _("The fifteen questions"))
    if revision.overrides and not agrees:
        message = _("Warnings were left standing. Say that you agree with the reasons, or ask for changes.")
        yield Problem("overrides", "blocking", message, _("Warnings left standing"))


def places_in(revision: AnyRevision, made: Made) -> discern.Places:
    """What the reviewer of this text may point to."""
    content, known = revision.content(), Known(easy=made.easy)
    passages = (
        *own_passages(content),
        *of_text.claim_passages(content),
        *of_text.all_text(made.body, known),
    )
    shown = (made.body, made.easy) if made.easy else (made.body,)
    headings = [section.heading for rendered in shown for section in rendered.sections]
    return discern.Places(headings, (words for _place, words in passages))


def review_day(chosen: dt.date | None, now: dt.datetime) -> Iterator[Problem]:
    """What is wrong with the day by which a text is to be checked again."""
    place = _("Check again by")
    if chosen is None:
        yield from quality.review_date(None, shown_on=timezone.localdate(now))
    elif chosen <= timezone.localdate(now):
        yield Problem("review_date_passed", "blocking", _("The next review must be after today."), place)
    elif chosen > latest_review(now):
        yield Problem("review_date_far", "blocking", too_far(now), place)


def scored(answers: Sequence[Answer], today: dt.date) -> dict[str, Any]:
    """What a revision keeps of the reviewer's answers, by field."""
    found = kept(answers)
    return {"discern": found, "discern_total": discern.total(found), "discern_on": today}


def kept(answers: Sequence[Answer]) -> list[Answer]:
    """The answers as a revision holds them; some of the fifteen may be missing where a text went back."""
    return [
        Answer(question=one["question"], score=one["score"], where=printable(one["where"])) for one in answers
    ]


def latest_review(now: dt.datetime) -> dt.date:
    """The last day that a reviewer may set for the next review."""
    return timezone.localdate(now) + LONGEST_WITHOUT_REVIEW


def too_far(now: dt.datetime) -> str:
    return _("Choose a day within two years, by %(latest)s.") % {
        "latest": date_format(latest_review(now), "j F Y")
    }
