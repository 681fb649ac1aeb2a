"""What an editor wrote in a revision, field by field, for staff to read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from django.utils.functional import Promise
from django.utils.safestring import mark_safe

from ..citations import CITATION, link_citations
from ..models import Source
from ..texts import AnyRevision
from .claim_lines import backing, claim_lines, part_lines


@dataclass(frozen=True)
class Passage:
    """One field of a revision to read: words, a list, claims, or rich text (clean since it was saved)."""

    label: str | Promise
    words: str = ""
    items: Sequence[str] = ()
    html: str = ""
    claims: Sequence[tuple[str, Sequence[Source]]] = ()


def passages(revision: AnyRevision) -> list[Passage]:
    """All that an editor wrote, in the order of the form."""
    return [_passage(revision, name) for name in revision.CONTENT]


def _passage(revision: AnyRevision, name: str) -> Passage:
    label = cast("str | Promise", revision._meta.get_field(name).verbose_name)  # type: ignore[union-attr]
    value = getattr(revision, name)
    if name == "claims":
        under = backing(claim.get("sources") or () for claim in value)
        return Passage(label, claims=list(zip(claim_lines(value), under, strict=True)))
    if name == "parts":
        return Passage(label, items=part_lines(value))
    if name in ("body", "easy_body"):
        found = Source.objects.filter(key__in=set(CITATION.findall(value)))
        linked = link_citations(value, {source.key: source.get_absolute_url() for source in found})
        return Passage(label, html=mark_safe(linked))  # noqa: S308 - cleaned on the way, our own links added
    if isinstance(value, list):
        return Passage(label, items=value)
    display = getattr(revision, f"get_{name}_display", None)
    return Passage(label, words=str(display() if display else value))
