"""What stands under a text: its references, each with a number, and its claims, which point to these."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from . import shown_claims
from .checks import statements
from .checks.statements import Statement
from .claims import Direction
from .models import EvidenceFlag, Source, Treatment
from .shown_claims import Known, ShownClaim

CITED_AT = re.compile(r'id="(cite-(\d+)-\d+)"')


@dataclass(frozen=True)
class Reference:
    """One numbered entry under a text; `uses` are the addresses of the places that cite it."""

    number: int
    source: Source | None
    uses: tuple[str, ...]
    changed: EvidenceFlag | None = None


def references_of(
    revision: Any, claims: Sequence[Statement], changes: Iterable[EvidenceFlag]
) -> list[Reference]:
    """What the text cites, then what stands under its claims only; each with the places that use it."""
    keys = statements.keys_under(revision.citation_keys, claims)
    return numbered(keys, revision.rendered, claims=claims, changes=changes)


def numbered(
    keys: Sequence[str], html: str, *, claims: Iterable[Statement] = (), changes: Iterable[EvidenceFlag] = ()
) -> list[Reference]:
    """One reference for each key, in this order; one query."""
    sources = Source.objects.filter(key__in=keys).in_bulk(field_name="key")
    changed = {change.source.key: change for change in changes}
    uses: defaultdict[str, list[str]] = defaultdict(list)
    for address, number in CITED_AT.findall(html):
        uses[keys[int(number) - 1]].append(address)
    shown = (claim for claim in claims if claim.can_be_shown)
    for key, place in ((key, claim.number) for claim in shown for key in claim.sources if key in sources):
        uses[key].append(f"claim-{place}")
    return [
        Reference(number, sources.get(key), tuple(uses[key]), changed.get(key))
        for number, key in enumerate(keys, 1)
    ]


def groups_of(
    claims: Iterable[Statement],
    references: Iterable[Reference],
    changes: Iterable[EvidenceFlag],
    treatments: Mapping[int, Treatment],
) -> list[tuple[Direction, list[ShownClaim]]]:
    """The claims of a text by direction, each with the numbers of its sources."""
    cited = [(reference.number, reference.source) for reference in references if reference.source]
    known = Known(
        sources={source.key: source for _number, source in cited},
        numbers={source.key: number for number, source in cited},
        treatments=treatments,
        flagged={change.source.key for change in changes},
    )
    return shown_claims.grouped(shown_claims.shown(claims, known))
