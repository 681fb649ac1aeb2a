"""Claims as rows: made of what an editor wrote when the text is submitted, frozen from then on.

Called inside the transaction of a verb (articles.publishing).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from .checks import statements
from .checks.findings import Evidence
from .checks.statements import BENEFIT, HARM, Statement
from .claims import Claim
from .models import Source, TreatmentRevision
from .shapes import AnyRevision


def state(revision: AnyRevision) -> None:
    """Make the rows of a revision's claims; the checks have passed them, and the database checks again."""
    written = statements.read(revision.claims)
    sources = {source.key: source for source in Source.objects.filter(key__in=statements.keys_of(written))}
    facts = {key: fact_of(source) for key, source in sources.items()}
    for statement in written:
        claim = _row(revision, statement)
        claim.source = sources[statement.sources[0]]
        if statement.direction == BENEFIT:
            claim.weakness = statements.weakness(statement.sources, facts)
            showing = (key for key in statement.sources if statements.shows_it([key], facts))
            claim.shown_by = sources.get(next(showing, ""))
        claim.save()
        claim.sources.set([sources[key] for key in statement.sources])


def counts(revision: AnyRevision) -> dict[str, int]:
    """How many benefits and harms a revision names, by the fields that hold it."""
    directions = [statement.direction for statement in statements.read(revision.claims)]
    return {"benefits": directions.count(BENEFIT), "harms": directions.count(HARM)}


def facts(keys: Iterable[str]) -> dict[str, Evidence]:
    """What the checks must know of these sources, by key; those that do not exist are left out."""
    return {source.key: fact_of(source) for source in Source.objects.filter(key__in=set(keys))}


def fact_of(source: Source) -> Evidence:
    return Evidence(source.kind, source.control, source.main_measure, source.state)


def _row(revision: AnyRevision, statement: Statement) -> Claim:
    on_treatment = isinstance(revision, TreatmentRevision)
    whose: dict[str, Any] = {"treatment_revision" if on_treatment else "guide_revision": revision}
    whose["treatment_id"] = revision.subject_id if on_treatment else statement.treatment
    return Claim(
        **whose,
        position=statement.number,
        direction=statement.direction,
        sentence=statement.sentence,
        count=statement.count,
        of=statement.of,
        group=statement.group,
        other=statement.other,
        other_count=statement.other_count,
        other_of=statement.other_of,
        how_sure=statement.how_sure,
        caveat=statement.caveat,
    )
