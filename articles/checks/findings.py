"""What a check finds, what it may know, and how places are named. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from django.utils.translation import gettext as _

from ..body import Rendered

Severity = Literal["blocking", "warning"]
Content = Mapping[str, object]


@dataclass(frozen=True)
class Problem:
    """One thing to mend: where, in words that an editor sees on the page, what is wrong, and how to mend it.

    `code` names the kind; `name` this one finding: a reason that is given for it excuses no other.
    `key` says what it is about and where, of a warning always, in no language but the text's own: so it
    keeps its name when we say it in other words. `about` is the name of the warning whose reason is found
    wanting.
    """

    code: str
    severity: Severity
    message: str
    place: str = ""
    instead: str = ""
    about: str = ""
    key: str = ""

    @property
    def name(self) -> str:
        return name_of(self.code, self.key or f"{self.place}\n{self.message}")

    def __str__(self) -> str:
        said = f"{self.place}: {self.message}" if self.place else self.message
        return f"{said} {self.instead}" if self.instead else said


def name_of(code: str, key: str) -> str:
    """Short enough for a form: the kind, and a mark of what it is about."""
    return f"{code}-{hashlib.sha256(key.encode()).hexdigest()[:12]}"


@dataclass(frozen=True)
class Evidence:
    """What the checks must know of a source; the words are those of the record (articles.evidence.Source)."""

    kind: str
    control: str = "not_applicable"
    main_measure: str = "not_applicable"
    state: str = "current"


@dataclass(frozen=True)
class Known:
    """What the checks must know beside the text itself.

    `sources` holds, by key, those that exist; `addresses` those of our own pages under the links of the
    text that open; `places` what is on those that are linked to with a “#”, by address; `own_address` its
    own page; `treatments` the names of those that exist, by number,
    `other_ways` the numbers of those among them without cells; `easy` the easy version, rendered;
    `corrected` says, by key, what facts of a source changed since a reviewer last agreed to its use: in words
    and as a mark.
    """

    sources: Mapping[str, Evidence] = field(default_factory=dict)
    corrected: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    addresses: Collection[str] = ()
    places: Mapping[str, Collection[str]] = field(default_factory=dict)
    own_address: str = ""
    site: str = ""
    is_treatment: bool = False
    with_cells: bool = False
    treatments: Mapping[int, str] = field(default_factory=dict)
    other_ways: Collection[int] = ()
    easy: Rendered | None = None
    english: bool = True


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
        "approval": _("Where it is approved"),
        "change_note": _("What changed"),
        "easy_summary": _("Easy version, the summary"),
    }
    for name, place in single.items():
        for text in lines(content, name):
            yield place, text
    for number, text in enumerate(lines(content, "key_points"), 1):
        yield key_point_place(number), text
    for number, text in enumerate(lines(content, "questions"), 1):
        yield question_place(number), text


def text_passages(rendered: Rendered, *, easy: bool = False) -> Iterator[tuple[str, str]]:
    """The sections of the text: (place, words)."""
    for section in rendered.sections:
        yield heading_place(section.heading, easy=easy), f"{section.heading}\n{section.text}"


def heading_place(heading: str, *, easy: bool = False) -> str:
    if not heading:
        return _("Easy version, the beginning") if easy else _("The beginning of the text")
    words = _("Easy version, under “%(heading)s”") if easy else _("Under “%(heading)s”")
    return words % {"heading": heading}


def place_of(key: str, rendered: Rendered, *, easy: bool = False) -> str:
    """The heading under which this key is cited."""
    return heading_place(heading_of(key, rendered), easy=easy)


def heading_of(key: str, rendered: Rendered) -> str:
    return next((s.heading for s in rendered.sections if key in s.citations), "")


def spot_under(heading: str, *, easy: bool = False) -> str:
    """A heading's place for the key of a warning."""
    return f"{'easy' if easy else 'text'}: {heading}"


def key_point_place(number: int) -> str:
    return _("Key point %(number)s") % {"number": number}


def question_place(number: int) -> str:
    return _("Question %(number)s") % {"number": number}


def claim_place(number: int) -> str:
    return _("Claim %(number)s") % {"number": number}
