"""Treatments side by side: two to four with cells, and always beside them the other ways.

However many are chosen, the page costs the same few queries: the treatments, their texts, the sources and
what these tested.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from . import freshness, pages, shown_claims
from .checks import statements
from .claims import Direction
from .models import EvidenceFlag, SlugRedirect, Source, Treatment, TreatmentRevision, TrialCriteria
from .shown_claims import Known, ShownClaim

FEWEST, MOST = 2, 4
# "cells" after "alternative" in the alphabet: treatments with cells first, each kind by its title.
IN_ORDER = ("-standing", "live_revision__title", "slug")
NOT_COMPARED = ("body", "rendered", "contents", "key_points", "glossary", "overrides", "discern")


@dataclass(frozen=True)
class Column:
    """One treatment in the comparison."""

    treatment: Treatment
    text: TreatmentRevision
    trials: list[Source]
    claims: list[ShownClaim]
    changes: list[EvidenceFlag]
    checked_on: dt.date | None
    overdue: bool

    @property
    def counted(self) -> list[Source]:
        """Those of its trials whose number of people we know."""
        return [trial for trial in self.trials if trial.people is not None]

    @property
    def people(self) -> int:
        """In these together."""
        return sum(trial.people or 0 for trial in self.counted)

    @property
    def results(self) -> list[tuple[str, str, int]]:
        """How many trials came out how: (value, words, number), the best first."""
        counted = Counter((trial.main_measure, str(trial.result)) for trial in self.trials)
        best_first = Source.MainMeasure.values
        in_order = sorted(counted.items(), key=lambda item: (best_first.index(item[0][0]), item[0][1]))
        return [(value, words, number) for (value, words), number in in_order]

    @property
    def after_clot(self) -> list[Source]:
        """Its trials that take in people after a clot."""
        return self._taking(TrialCriteria.Stroke.CLOT)

    @property
    def after_bleed(self) -> list[Source]:
        """Its trials that take in people after a bleed."""
        return self._taking(TrialCriteria.Stroke.BLEED)

    @property
    def bleed_without_result(self) -> bool:
        """Whether of those after a bleed none has a result yet."""
        return all(trial.main_measure == Source.MainMeasure.NOT_REPORTED for trial in self.after_bleed)

    @property
    def kind_not_recorded(self) -> int:
        """Of how many of its trials we have no record of whom they take in."""
        return len(self.trials) - len({*self.after_clot, *self.after_bleed})

    def of(self, direction: Direction) -> list[ShownClaim]:
        return [claim for claim in self.claims if claim.direction == direction]

    def _taking(self, stroke: str) -> list[Source]:
        kinds = (stroke, TrialCriteria.Stroke.EITHER)
        told = [(trial, getattr(trial, "criteria", None)) for trial in self.trials]
        return [trial for trial, criteria in told if criteria and criteria.stroke in kinds]


@dataclass(frozen=True)
class Direct:
    """A row of claims: what each column states in this direction."""

    direction: Direction
    cells: list[tuple[Column, list[ShownClaim]]]


def page(asked: Sequence[str], *, ticked: Iterable[str], today: dt.date) -> dict[str, Any]:
    """All that articles/compare.html needs.

    `asked` holds addresses of treatments as they came; with none of them the page is a form only.
    `problem` says why they cannot be compared. `ticked` are proposed in the form. `used` is what of all this
    changed the page, in the order in which the form sends it.
    """
    known = list(pages.with_live_text(Treatment.objects).order_by(*IN_ORDER))
    cells = {treatment.slug: treatment for treatment in known if treatment.is_cells}
    others = [treatment for treatment in known if not treatment.is_cells]
    slugs = [slug for slug in now_at(asked, known) if slug not in {other.slug for other in others}]
    chosen = [cells[slug] for slug in slugs if slug in cells]
    proposed = [] if slugs else [slug for slug in dict.fromkeys(ticked) if slug in cells]
    problem = problem_with(slugs, chosen)
    columns = columns_of([*chosen, *others], today=today) if chosen and not problem else []
    return {
        "choices": list(cells.values()),
        "others": others,
        "ticked": {*slugs, *proposed},
        "used": in_one_order([*slugs, *proposed[:MOST]], known),
        "problem": problem,
        "columns": columns,
        "rows": [
            Direct(direction, [(c, c.of(direction)) for c in columns]) for direction in shown_claims.IN_ORDER
        ],
        "no_quote": any(column.overdue for column in columns),
        "demonstration": any(column.text.demonstration for column in columns),
        "trail": [
            pages.home_step(),
            (_("Treatments"), reverse("articles:treatments")),
            (_("Side by side"), ""),
        ],
    }


def in_one_order(slugs: Sequence[str], known: Iterable[Treatment]) -> list[str]:
    return [treatment.slug for treatment in known if treatment.slug in slugs]


def now_at(asked: Iterable[str], known: Iterable[Treatment]) -> list[str]:
    """The addresses asked for, each once, old ones replaced by those that they lead to now."""
    here = {treatment.slug for treatment in known}
    slugs = list(dict.fromkeys(slug for slug in asked if slug))
    strange = [slug for slug in slugs if slug not in here and "\0" not in slug][: MOST + 1]
    if not strange:
        return slugs
    moved = SlugRedirect.objects.filter(kind=SlugRedirect.Kind.TREATMENT, old_slug__in=strange)
    leads_to = dict(moved.values_list("old_slug", "new_slug"))
    return list(dict.fromkeys(leads_to.get(slug, slug) for slug in slugs))


def problem_with(slugs: Sequence[str], chosen: Sequence[Treatment]) -> str:
    """Why this choice cannot be compared, in words; empty where it can, or where nothing is chosen."""
    if len(chosen) < len(slugs):
        return _("We have no page on one of the treatments you asked for. Choose from this list.")
    if slugs and len(chosen) < FEWEST:
        return _("Choose one more: two treatments or more can be put side by side.")
    if len(chosen) > MOST:
        return ngettext(
            "You chose %(number)s. Take one away: no more than %(most)s fit side by side.",
            "You chose %(number)s. No more than %(most)s fit side by side.",
            len(chosen) - MOST,
        ) % {"number": len(chosen), "most": MOST}
    return ""


def columns_of(treatments: Sequence[Treatment], *, today: dt.date) -> list[Column]:
    """The columns in this order."""
    texts = texts_of(treatments)
    sources = sources_under(texts.values())
    changes = changes_under(treatments)
    return [
        column(treatment, texts[treatment.pk], sources, changes.get(treatment.pk, []), today=today)
        for treatment in treatments
    ]


def column(
    treatment: Treatment,
    text: TreatmentRevision,
    sources: Mapping[str, Source],
    changes: list[EvidenceFlag],
    *,
    today: dt.date,
) -> Column:
    claims = statements.read(text.claims)
    keys = statements.keys_under(text.citation_keys, claims)
    cited = [sources[key] for key in keys if key in sources]
    changed = {change.source.key for change in changes}
    return Column(
        treatment=treatment,
        text=text,
        # What it cites beside them are trials of other cells.
        trials=[source for source in cited if pages.is_trial(source) and pages.tested(source, treatment)],
        claims=shown_claims.shown(claims, Known(sources, flagged=changed)),
        changes=changes,
        checked_on=freshness.checked_on(text, (once.at for once in text.confirmations.all())),
        overdue=text.is_overdue(today),
    )


def texts_of(treatments: Sequence[Treatment]) -> dict[int, TreatmentRevision]:
    """Their live texts by the number of the treatment."""
    live = TreatmentRevision.objects.filter(pk__in=[treatment.live_revision_id for treatment in treatments])
    return {text.subject_id: text for text in live.defer(*NOT_COMPARED).prefetch_related("confirmations")}


def sources_under(texts: Iterable[TreatmentRevision]) -> dict[str, Source]:
    keys = {
        key
        for text in texts
        for key in statements.keys_under(text.citation_keys, statements.read(text.claims))
    }
    sources = Source.objects.filter(key__in=keys).select_related("criteria").prefetch_related("treatments")
    return sources.in_bulk(field_name="key")


def changes_under(treatments: Iterable[Treatment]) -> dict[int, list[EvidenceFlag]]:
    """What is not settled under these, by the number of the treatment; no query where nothing is flagged."""
    flagged = [treatment.pk for treatment in treatments if treatment.flagged_at]
    if not flagged:
        return {}
    found: dict[int, list[EvidenceFlag]] = {pk: [] for pk in flagged}
    for flag in EvidenceFlag.objects.open().filter(treatment__in=flagged).select_related("source"):
        found[flag.treatment_id].append(flag)
    return found
