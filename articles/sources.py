"""What staff can do with a source record: add it, correct it, say that its state has changed.

A change of state flags all that readers see that stands on the source (articles.flags). A correction of
its main measure or control group flags nothing, for a flag tells of two states: the live benefits that it
leaves without a strong source are handed back, and found at any time by Claim.objects.overstated().
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from portal import audit, edition
from portal.models import User

from . import flags, search
from .checks import quality
from .models import Claim, Source, Treatment
from .versions import PublishingError, said

# What readers see of a record at once, so that it promises no more than a reviewed text may.
SEEN = ("plain_title", "finding")
OF_WEIGHT = {"control", "kind", "main_measure"}


@dataclass(frozen=True)
class Changed:
    """What a change did: the new fields, how many of each kind are flagged, benefits now overstated."""

    fields: list[str] = field(default_factory=list)
    flagged: dict[str, int] = field(default_factory=dict)
    overstated: list[Claim] = field(default_factory=list)


@transaction.atomic
def add(values: Mapping[str, Any], *, by: User, now: dt.datetime) -> Source:
    """Make a record with these values, by field name; `treatments` are those that it tested.

    PublishingError when its words promise too much.
    """
    _refuse_promises(values)
    columns, tested = _apart(values)
    source = Source.objects.create(**columns, changed_at=now)
    source.treatments.set(tested or ())
    audit.record("source.added", source, by=by, now=now)
    search.index(source)
    edition.renew()
    return source


@transaction.atomic
def change(
    source: Source, changes: Mapping[str, Any], *, reason: str = "", by: User, now: dt.datetime
) -> Changed:
    """Write these values, by field name; of those that are new the trail says which.

    With another `state` a `reason` is needed, and whatever readers see that stands on the source is flagged.
    PublishingError, and nothing written, without it or when the words promise too much.
    """
    _refuse_promises(changes)
    current = Source.objects.select_for_update(no_key=True).get(pk=source.pk)
    columns, tested = _apart(changes)
    new = {name: value for name, value in columns.items() if getattr(current, name) != value}
    if "key" in new:
        raise PublishingError(_("Texts cite the key, so it stays."))
    was = current.state
    why = said(reason, missing=_("Say why the state changes.")) if "state" in new else ""
    for name, value in new.items():
        setattr(current, name, value)
    current.save(update_fields=list(new))
    if tested is not None and set(tested) != set(current.treatments.all()):
        current.treatments.set(tested)
        new["treatments"] = tested
    if new:
        Source.objects.filter(pk=current.pk).update(changed_at=now)
    source.refresh_from_db()
    told = _told(source, new, was=was, why=why, by=by, now=now)
    search.index(source)
    edition.renew()
    return told


def _apart(values: Mapping[str, Any]) -> tuple[dict[str, Any], Collection[Treatment] | None]:
    """The columns, and the treatments that it tested: None where nothing is said of them."""
    columns = dict(values)
    return columns, columns.pop("treatments", None)


def _told(
    source: Source, new: Mapping[str, Any], *, was: str, why: str, by: User, now: dt.datetime
) -> Changed:
    """Flag what stands on the source, and leave the trail."""
    flagged: dict[str, int] = {}
    if new:
        audit.record("source.changed", source, by=by, now=now, detail={"fields": sorted(new)})
    if "state" in new:
        flagged = flags.source_changed(source, was=was, by=by, now=now)
        detail = {"from": was, "to": source.state, "reason": why} | flagged
        audit.record(flags.STATE_CHANGED, source, by=by, now=now, detail=detail)
    weighed = list(flags.claims_on(source).overstated()) if OF_WEIGHT & set(new) else []
    return Changed(sorted(new), flagged, weighed)


def _refuse_promises(values: Mapping[str, Any]) -> None:
    for name in SEEN:
        for message in quality.promises(values.get(name, "")):
            raise PublishingError(message)
