"""The claims of a text as a page shows them: figures, pictures, sources, what has changed under them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from . import icon_arrays, stating
from .checks import statements
from .checks.statements import Statement
from .claims import Direction, HowSure
from .models import Source, Treatment

# Harms stand beside benefits: in this order two columns hold the one and the other.
IN_ORDER = (Direction.BENEFIT, Direction.HARM, Direction.NO_EFFECT, Direction.NOT_KNOWN)


@dataclass(frozen=True)
class Backing:
    """A source under a claim; `number` is the one it has among the references, 0 where there are none."""

    source: Source
    number: int = 0


@dataclass(frozen=True)
class Group:
    """Figures in words: "12 of 104 people", "with placebo"; `got` is empty where they are of all."""

    people: str
    got: str

    def __str__(self) -> str:
        return f"{self.people} {self.got}".rstrip()


@dataclass(frozen=True)
class ShownClaim:
    """A claim as it was written, with the records that it names; `changed` are its flagged sources."""

    written: Statement
    backing: tuple[Backing, ...]
    changed: tuple[Source, ...]
    treatment: Treatment | None

    @property
    def direction(self) -> Direction:
        return Direction(self.written.direction)

    @property
    def says_how_sure(self) -> bool:
        """Not of what nobody knows: "very sure that nobody knows" would read as a contradiction."""
        return bool(self.written.how_sure) and self.direction != Direction.NOT_KNOWN

    @property
    def sure(self) -> str:
        """How sure, in one word: "low"."""
        return self._sure_in_words[0]

    @property
    def sure_means(self) -> str:
        """What that word means: "more studies will probably change this"."""
        return self._sure_in_words[2]

    @cached_property
    def _sure_in_words(self) -> tuple[str, str, str]:
        level = self.written.how_sure
        return str(HowSure(level).label).partition(": ") if level else ("", "", "")

    @cached_property
    def lacking(self) -> str:
        """Beside a benefit that its sources do not show: what they lack, as the records have them now."""
        if self.direction != Direction.BENEFIT:
            return ""
        facts = {backing.source.key: stating.fact_of(backing.source) for backing in self.backing}
        return statements.lacking(self.written.sources, facts)

    @property
    def beside(self) -> str:
        """All that must be said beside it: what our records say, then what the editor wrote."""
        return " ".join(filter(None, (self.lacking, self.written.caveat)))

    @cached_property
    def figures(self) -> tuple[tuple[int, int], ...]:
        """(count, of) of those it is about, and of those it compares them with."""
        own, other = (self.written.count, self.written.of), (self.written.other_count, self.written.other_of)
        return tuple((count, of) for count, of in (own, other) if count is not None and of and count <= of)

    @cached_property
    def groups(self) -> tuple[Group, ...]:
        """The same, in words: how many people, and what they got."""
        got = (self._first_got(), _("with %(other)s") % {"other": self.written.other})
        return tuple(Group(people(*figure), what) for figure, what in zip(self.figures, got, strict=False))

    def _first_got(self) -> str:
        if self.written.group:
            return _("with %(other)s") % {"other": self.written.group}
        return _("with the treatment") if len(self.figures) > 1 else ""

    @cached_property
    def pictures(self) -> tuple[icon_arrays.Picture, ...]:
        return icon_arrays.pictures(self.figures)


@dataclass(frozen=True)
class Known:
    """The records that claims name: sources and numbers of references by key, treatments by number."""

    sources: Mapping[str, Source]
    numbers: Mapping[str, int] = field(default_factory=dict)
    treatments: Mapping[int, Treatment] = field(default_factory=dict)
    flagged: Collection[str] = ()


def shown(claims: Iterable[Statement], known: Known) -> list[ShownClaim]:
    """The claims that can be shown; a draft's unfinished ones are left out."""
    return [
        ShownClaim(
            written=written,
            backing=tuple(_backing(written, known)),
            changed=tuple(
                known.sources[key] for key in written.sources if key in known.flagged and key in known.sources
            ),
            treatment=known.treatments.get(written.treatment or 0),
        )
        for written in claims
        if written.can_be_shown
    ]


def grouped(claims: Iterable[ShownClaim]) -> list[tuple[Direction, list[ShownClaim]]]:
    """The claims by direction, benefits and harms first; no direction that none of them has."""
    by_direction: defaultdict[Direction, list[ShownClaim]] = defaultdict(list)
    for claim in claims:
        by_direction[claim.direction].append(claim)
    return [(direction, by_direction[direction]) for direction in IN_ORDER if by_direction[direction]]


def alike(claims: Iterable[ShownClaim]) -> list[list[ShownClaim]]:
    """The claims, those together that say the same of different treatments; in the order of the first."""
    found: list[tuple[Statement, list[ShownClaim]]] = []
    for claim in claims:
        said = replace(claim.written, number=0, treatment=None)
        same = next((others for other, others in found if other == said), None)
        if same is None:
            found.append((said, [claim]))
        else:
            same.append(claim)
    return [same for _said, same in found]


def treatments_named(claims: Iterable[Statement]) -> set[int]:
    """The numbers of the treatments that these claims are about."""
    return {written.treatment for written in claims if written.treatment}


def _backing(written: Statement, known: Known) -> Iterator[Backing]:
    for key in written.sources:
        if key in known.sources:
            yield Backing(known.sources[key], known.numbers.get(key, 0))


def people(count: int, of: int) -> str:
    words = ngettext("%(number)s of %(people)s person", "%(number)s of %(people)s people", of)
    return words % {"number": count, "people": of}
