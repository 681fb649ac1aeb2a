"""What the trail remembers of a source's facts: which of those that claims lean on changed, since when."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from portal.models import AuditEvent

from .evidence import FACTS, Facts, together
from .models import RevisionState, Source
from .shapes import AnyRevision

CHANGED = "source.changed"


def changed_since(numbers: Collection[int], moment: dt.datetime | None) -> dict[int, Facts]:
    """By source what changed after this moment, and is not as it was again; ever, where there is none."""
    events = AuditEvent.objects.filter(
        target_type=Source._meta.label_lower, target_id__in=map(str, numbers), action=CHANGED
    )
    if moment is not None:
        events = events.filter(at__gt=moment)
    found: dict[int, Facts] = {}
    for number, detail in events.order_by("at", "pk").values_list("target_id", "detail"):
        changes = {name: change for name, change in detail.get("changes", {}).items() if name in FACTS}
        found[int(number)] = together(found.get(int(number), {}), changes)
    return {number: changes for number, changes in found.items() if changes}


def changed_under(revision: AnyRevision, numbers: Collection[int]) -> dict[int, Facts]:
    """What changed since a reviewer agreed to the text before this one, or confirmed that it still holds.

    Where there is none, nobody has agreed to any change on record.
    """
    published = revision.subject.revisions.filter(state=RevisionState.PUBLISHED, number__lt=revision.number)
    before = published.order_by("-number").first()
    if before is None:
        return changed_since(numbers, None)
    confirmed = before.confirmations.order_by("at").last()
    return changed_since(numbers, confirmed.at if confirmed else before.submitted_at)
