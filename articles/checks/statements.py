"""Claims as an editor wrote them, read with care, and how much their sources bear. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from .findings import Evidence
from .reasons import words_in

BENEFIT, HARM, NOT_KNOWN = "benefit", "harm", "not_known"
DIRECTIONS = ("benefit", "no_effect", "harm", "not_known")
HOW_SURE = ("high", "moderate", "low", "very_low")
# Only these compare people, or weigh those that did: no regulator, price or case report shows a benefit.
CAN_SHOW_BENEFIT = frozenset({"trial", "review", "guideline"})
GROUPS = frozenset({"placebo", "sham", "usual_care"})
# What is said beside a weak benefit must be a sentence.
FEWEST_WORDS_BESIDE = 4
FIGURES = ("count", "of", "other_count", "other_of")
# The largest number that a record holds.
LARGEST = 2_147_483_647


@dataclass(frozen=True)
class Statement:
    """One written claim; whatever is not what it should be is empty. `number` counts from 1.

    `misread` are the words that a draft holds in place of figures, by the figure's name.
    """

    number: int
    direction: str = ""
    sentence: str = ""
    count: int | None = None
    of: int | None = None
    group: str = ""
    other: str = ""
    other_count: int | None = None
    other_of: int | None = None
    how_sure: str = ""
    treatment: int | None = None
    sources: tuple[str, ...] = ()
    caveat: str = ""
    misread: Mapping[str, str] = field(default_factory=dict, hash=False)

    @property
    def can_be_shown(self) -> bool:
        """A draft's may still lack what no page can do without."""
        return bool(self.sentence and self.direction)


def read(claims: object) -> list[Statement]:
    """The claims of a revision in their order; nothing that was stored in their place makes this fail."""
    written = claims if isinstance(claims, list | tuple) else []
    return [
        _statement(number, one if isinstance(one, Mapping) else {}) for number, one in enumerate(written, 1)
    ]


def keys_of(claims: Iterable[Statement]) -> list[str]:
    """The keys of all sources under these claims, each once, in the order of the claims."""
    return list(dict.fromkeys(key for claim in claims for key in claim.sources))


def keys_under(cited: Iterable[str], claims: Iterable[Statement]) -> list[str]:
    """The keys under a text in the order of their numbers: what it cites, then what only its claims name."""
    return list(dict.fromkeys([*cited, *keys_of(claims)]))


def _statement(number: int, written: Mapping[str, object]) -> Statement:
    sources = written.get("sources")
    keys = [key for key in sources if isinstance(key, str)] if isinstance(sources, list | tuple) else []
    return Statement(
        number=number,
        direction=_choice(written.get("direction"), DIRECTIONS),
        sentence=_words(written.get("sentence")),
        count=_whole(written.get("count")),
        of=_whole(written.get("of")),
        group=_words(written.get("group")),
        other=_words(written.get("other")),
        other_count=_whole(written.get("other_count")),
        other_of=_whole(written.get("other_of")),
        how_sure=_choice(written.get("how_sure"), HOW_SURE),
        treatment=_whole(written.get("treatment")),
        sources=tuple(dict.fromkeys(filter(None, map(str.strip, keys)))),
        caveat=_words(written.get("caveat")),
        misread={name: words for name in FIGURES if (words := _words(written.get(name)))},
    )


def _words(value: object) -> str:
    return value.strip() if isinstance(value, str) else ""


def _choice(value: object, choices: Iterable[str]) -> str:
    return value if isinstance(value, str) and value in choices else ""


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= LARGEST else None


# --- What its sources bear ----------------------------------------------------------------------


def bearing(keys: Iterable[str], sources: Mapping[str, Evidence]) -> list[Evidence]:
    """Those of the sources that can show a benefit at all."""
    found = (sources[key] for key in keys if key in sources)
    return [source for source in found if source.kind in CAN_SHOW_BENEFIT]


def weakness(keys: Iterable[str], sources: Mapping[str, Evidence]) -> str:
    """What all that could bear a benefit have against them: "missed", "no_control", "both", or ""."""
    faults = [_faults(source) for source in bearing(keys, sources)]
    if not faults or not all(faults):
        return ""
    found = set().union(*faults)
    return "both" if len(found) > 1 else found.pop()


def shows_it(keys: Iterable[str], sources: Mapping[str, Evidence]) -> bool:
    """Whether one of them compared people and met its main measure, or weighed studies that did."""
    return any(map(_shows, bearing(keys, sources)))


def lacking(keys: Iterable[str], sources: Mapping[str, Evidence]) -> str:
    """What readers are told beside a benefit that its sources do not show; empty where they do."""
    if shows_it(keys, sources):
        return ""
    return {
        "missed": _("The trials under this missed the goal that they had set themselves."),
        "no_control": _("Nothing under this had a comparison group."),
        "both": _(
            "The trials under this missed the goal that they had set themselves or had no comparison group."
        ),
        "": _("No trial under this is known to have met the goal that it had set itself."),
    }[weakness(keys, sources)]


def says_enough(caveat: str) -> bool:
    """Whether these words say something against a benefit."""
    return words_in(caveat) >= FEWEST_WORDS_BESIDE


def _faults(source: Evidence) -> set[str]:
    """What a source has against it. A review of studies, and a guideline, need no group of their own."""
    faults = set()
    if source.control == "none" or source.main_measure == "no_control":
        faults.add("no_control")
    if source.main_measure == "missed":
        faults.add("missed")
    return faults


def _shows(source: Evidence) -> bool:
    if _faults(source):
        return False
    if source.kind == "trial":
        return source.main_measure == "met" and source.control in GROUPS
    return source.main_measure in ("met", "not_applicable")
