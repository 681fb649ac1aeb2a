"""What stands between a draft and its readers: checks, each with a place and how to mend it. Pure.

This is the list; the checks are in articles.checks.of_text, checks_of_claims and checks_of_easy. Blocking
ones stop `submit` and `publish`; a warning may stand for a reason that the reviewer agrees to.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator

from django.utils.translation import gettext as _

from portal.wording import FORBIDDEN as FORBIDDEN
from portal.wording import Forbidden as Forbidden
from portal.wording import promises as promises

from ..body import Rendered
from . import of_claims as of_claims
from . import of_text as of_text
from .findings import Content as Content
from .findings import Evidence as Evidence
from .findings import Known as Known
from .findings import Problem as Problem
from .findings import Severity as Severity
from .findings import claim_place, key_point_place, lines, question_place, text_passages
from .findings import name_of as name_of
from .of_easy import easy_version
from .of_text import PARTS as PARTS
from .of_text import Check
from .of_text import grade_of as grade_of
from .statements import read

CHECKS: tuple[Check, ...] = (
    of_text.missing_fields,
    of_text.missing_parts,
    of_text.thin_parts,
    of_text.citations,
    of_text.stray_marks,
    of_text.typed_marks,
    of_text.uncited_numbers,
    of_text.aged_sources,
    of_text.corrected_sources,
    of_text.heading_order,
    of_text.number_of_headings,
    of_text.long_links,
    of_text.broken_links,
    of_text.forbidden_words,
    of_text.reading_grade,
    of_claims.claims,
    of_claims.benefits_and_harms,
    of_claims.praise_without_harms,
    easy_version,
)


def problems(content: Content, rendered: Rendered, known: Known) -> list[Problem]:
    """Everything to mend before readers may see this, in the order of the page; each once.

    Never raises, whatever stands in `content`.

    `content` holds the fields of a revision by name (Revision.CONTENT); `rendered` is its body, rendered.
    """
    found = (problem for check in CHECKS for problem in check(content, rendered, known))
    order = {place: at for at, place in enumerate(dict.fromkeys(_places(content, rendered, known)))}
    return sorted(dict.fromkeys(found), key=lambda problem: order.get(problem.place, len(order)))


def _places(content: Content, rendered: Rendered, known: Known) -> Iterator[str]:
    """Where problems stand, as somebody comes upon them who reads the page from the top."""
    yield from (_("The title"), _("The summary"), _("Cell type"), _("Own or donor cells"), _("How given"))
    yield from (_("Where it is approved"), _("The key points"))
    yield from (key_point_place(number) for number, _words in enumerate(lines(content, "key_points"), 1))
    yield _("The text")
    yield from (place for place, _words in text_passages(rendered))
    yield from map(str, PARTS.values())
    yield _("The claims")
    yield from (claim_place(statement.number) for statement in read(content.get("claims")))
    yield _("Questions to ask")
    yield from (question_place(number) for number, _words in enumerate(lines(content, "questions"), 1))
    yield from (_("Easy version"), _("Easy version, the summary"))
    if known.easy:
        yield from (place for place, _words in text_passages(known.easy, easy=True))
    yield _("What changed")


def blocking(found: Iterable[Problem]) -> list[Problem]:
    """Those that stop submitting and publishing."""
    return [problem for problem in found if problem.severity == "blocking"]


def warnings(found: Iterable[Problem]) -> list[Problem]:
    """Those that may stand for a reason."""
    return [problem for problem in found if problem.severity == "warning"]


def review_date(next_review_on: dt.date | None, *, shown_on: dt.date) -> Iterator[Problem]:
    """Whether a text that readers see from that day on says when it will be checked again."""
    if next_review_on is None:
        message = _("It has no day by which it is to be checked again.")
        yield Problem("review_date_missing", "blocking", message, _("Check again by"), _("Set the day."))
    elif next_review_on < shown_on:
        message = _("Its next review is before the day readers would see it.")
        instead = _("Have it reviewed again.")
        yield Problem("review_date_passed", "blocking", message, _("Check again by"), instead)
