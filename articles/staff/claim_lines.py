"""Claims and the places of needed parts as staff read and compare them: one line each."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from unicodedata import bidirectional

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from ..checks.quality import PARTS
from ..claims import Direction, HowSure
from ..models import Source, Treatment

A_KEY = re.compile(r"[-\w]{1,60}")
Claims = Iterable[Mapping[str, Any]]


def claim_lines(claims: Claims) -> list[str]:
    """Each claim in readable words; what is not filled in is left out."""
    claims = list(claims)
    treatments = _names({claim.get("treatment") for claim in claims} - {None})
    return [" ".join(_said(claim, treatments)) for claim in claims]


def backing(keys_of_claims: Iterable[Iterable[str]]) -> list[list[Source]]:
    """The sources named under each claim, in one query; what is no source is left out."""
    named = [[key for key in keys if A_KEY.fullmatch(key)] for keys in keys_of_claims]
    wanted = {key for keys in named for key in keys}
    found = {source.key: source for source in Source.objects.filter(key__in=wanted)} if wanted else {}
    return [[found[key] for key in keys if key in found] for keys in named]


def part_lines(parts: Mapping[str, str]) -> list[str]:
    """Each needed part that is somewhere, with its heading, in the order of quality.PARTS."""
    return [f"{words}: “{parts[name]}”" for name, words in PARTS.items() if parts.get(name)]


def _names(numbers: set[Any]) -> dict[int, str]:
    if not numbers:
        return {}
    return {treatment.pk: treatment.name for treatment in Treatment.objects.named().filter(pk__in=numbers)}


def _said(claim: Mapping[str, Any], treatments: Mapping[int, str]) -> Iterator[str]:
    direction = dict(Direction.choices).get(claim.get("direction", ""), _("no direction yet"))
    claim = dict(claim) | {
        name: isolated(claim.get(name, "")) for name in ("sentence", "group", "other", "caveat")
    }
    yield f"{capfirst(str(direction))}: {claim['sentence']}"
    if figures := _figures(claim, "count", "of"):
        yield _("%(count)s of %(of)s people.") % figures
    if claim.get("group"):
        yield _("They got: %(group)s.") % claim
    if claim.get("other"):
        yield _("Compared with: %(other)s.") % claim
    if figures := _figures(claim, "other_count", "other_of"):
        yield _("There %(count)s of %(of)s.") % figures
    if claim.get("how_sure"):
        yield _("How sure: %(words)s.") % {"words": dict(HowSure.choices).get(claim["how_sure"], "–")}
    if name := treatments.get(claim.get("treatment") or 0):
        yield _("Treatment: %(name)s.") % {"name": isolated(name)}
    if claim.get("sources"):
        yield _("Sources: %(keys)s.") % {"keys": ", ".join(claim["sources"])}
    if claim.get("caveat"):
        yield _("Said beside it: %(caveat)s") % claim


def isolated(words: str) -> str:
    """Words that run from right to left, so marked that the figures after them stay in their order."""
    runs_left = any(bidirectional(sign) in ("R", "AL") for sign in words)
    return f"\N{FIRST STRONG ISOLATE}{words}\N{POP DIRECTIONAL ISOLATE}" if runs_left else words


def _figures(claim: Mapping[str, Any], count: str, of: str) -> dict[str, Any]:
    """Both figures, a dash for the missing one; nothing where there is neither."""
    found = {"count": claim.get(count), "of": claim.get(of)}
    if found["count"] is None and found["of"] is None:
        return {}
    return {name: "–" if figure is None else figure for name, figure in found.items()}
