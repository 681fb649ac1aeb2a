"""What stands between a draft and its readers: checks, each with a place and how to mend it. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from django.utils.translation import gettext as _

from portal.wording import FORBIDDEN as FORBIDDEN
from portal.wording import Forbidden as Forbidden
from portal.wording import promises as promises

from .body import MOST_HEADINGS, Rendered

Severity = Literal["blocking", "warning"]
Content = Mapping[str, object]

ENOUGH_KEY_POINTS = 3
ENOUGH_QUESTIONS = 3


@dataclass(frozen=True)
class Problem:
    """One thing to mend. `place` says where, in words that an editor sees on the page."""

    code: str
    severity: Severity
    message: str
    place: str = ""

    def __str__(self) -> str:
        return f"{self.place}: {self.message}" if self.place else self.message


def problems(content: Content, rendered: Rendered) -> list[Problem]:
    """Everything to mend before readers may see this, in the order of the page.

    `content` holds the fields of a revision by name (Revision.CONTENT); `rendered` is its body, rendered.
    """
    return [problem for check in CHECKS for problem in check(content, rendered)]


def blocking(found: Iterable[Problem]) -> list[Problem]:
    """Those that stop submitting and publishing."""
    return [problem for problem in found if problem.severity == "blocking"]


def missing_parts(content: Content, rendered: Rendered) -> Iterator[Problem]:
    needed = {
        "title": (_("The title"), _("Give it a title.")),
        "summary": (_("The summary"), _("Say in one or two sentences what readers learn here.")),
        "key_points": (_("The key points"), _("Add the key points: what to know if one reads nothing else.")),
        "cell_type": (_("Cell type"), _("Say which cells these are.")),
        "donor": (_("Own or donor cells"), _("Say whose cells these are.")),
        "route": (_("How given"), _("Say how the cells are given.")),
    }
    for name, (place, message) in needed.items():
        if name in content and not content[name]:
            yield Problem(f"no_{name}", "blocking", message, place)
    if not rendered.word_count:
        yield Problem("no_body", "blocking", _("There is no text yet."), _("The text"))


def thin_parts(content: Content, rendered: Rendered) -> Iterator[Problem]:
    if 0 < len(lines(content, "key_points")) < ENOUGH_KEY_POINTS:
        yield Problem(
            "few_key_points", "warning", _("Three to six key points help most."), _("The key points")
        )
    if "questions" in content and len(lines(content, "questions")) < ENOUGH_QUESTIONS:
        message = _("Add questions that readers can ask a doctor or a clinic.")
        yield Problem("few_questions", "warning", message, _("Questions to ask"))


def citations(content: Content, rendered: Rendered) -> Iterator[Problem]:
    for key in rendered.unknown_keys:
        message = _("There is no source with the key “%(key)s”.") % {"key": key}
        yield Problem("unknown_citation", "blocking", message, place_of(key, rendered))
    if rendered.word_count and not rendered.citation_keys:
        message = _("No source is cited. Every statement of fact needs one.")
        yield Problem("no_citation", "blocking", message, _("The text"))


def stray_marks(content: Content, rendered: Rendered) -> Iterator[Problem]:
    """Citations where they cannot work, and citations with a slip in them."""
    for place, text in own_passages(content):
        if "[@" in text:
            message = _("Citations work in the text only; move the statement or the citation there.")
            yield Problem("citation_outside_text", "blocking", message, place)
    for place, text in text_passages(rendered):
        if "[@" in text:  # those that were written well are no longer in it
            message = _("A citation is written as [@key], with the key of a source and nothing else.")
            yield Problem("broken_citation", "blocking", message, place)


def heading_order(content: Content, rendered: Rendered) -> Iterator[Problem]:
    levels = [("", 1), *((heading["text"], heading["level"]) for heading in rendered.contents)]
    for (_before, upper), (text, level) in pairwise(levels):
        if level > upper + 1:
            message = _("This small heading has no larger heading above it.")
            yield Problem("heading_order", "blocking", message, heading_place(text))


def number_of_headings(content: Content, rendered: Rendered) -> Iterator[Problem]:
    if sum(1 for section in rendered.sections if section.heading) > MOST_HEADINGS:
        message = _("No more than %(most)s headings fit.") % {"most": MOST_HEADINGS}
        yield Problem("too_many_headings", "blocking", message, _("The text"))


def forbidden_words(content: Content, rendered: Rendered) -> Iterator[Problem]:
    for place, text in (*own_passages(content), *text_passages(rendered)):
        for message in promises(text):
            yield Problem("forbidden_words", "blocking", message, place)


CHECKS: tuple[Callable[[Content, Rendered], Iterator[Problem]], ...] = (
    missing_parts,
    thin_parts,
    citations,
    stray_marks,
    heading_order,
    number_of_headings,
    forbidden_words,
)


# --- Where things stand -------------------------------------------------------------------------


def lines(content: Content, name: str) -> list[str]:
    """A field's text as lines: a list as it is, a text as one line."""
    value = content.get(name) or []
    return [str(line) for line in value] if isinstance(value, list | tuple) else [str(value)]


def own_passages(content: Content) -> Iterator[tuple[str, str]]:
    """The fields beside the text: (place, words)."""
    single = {
        "title": _("The title"),
        "summary": _("The summary"),
        "cell_type": _("Cell type"),
        "route": _("How given"),
        "change_note": _("What changed"),
    }
    for name, place in single.items():
        for text in lines(content, name):
            yield place, text
    for number, text in enumerate(lines(content, "key_points"), 1):
        yield _("Key point %(number)s") % {"number": number}, text
    for number, text in enumerate(lines(content, "questions"), 1):
        yield _("Question %(number)s") % {"number": number}, text


def text_passages(rendered: Rendered) -> Iterator[tuple[str, str]]:
    """The sections of the text: (place, words)."""
    for section in rendered.sections:
        yield heading_place(section.heading), f"{section.heading}\n{section.text}"


def heading_place(heading: str) -> str:
    return _("Under “%(heading)s”") % {"heading": heading} if heading else _("The beginning of the text")


def place_of(key: str, rendered: Rendered) -> str:
    """The heading under which this key is cited."""
    return next(heading_place(s.heading) for s in rendered.sections if key in s.citations)
