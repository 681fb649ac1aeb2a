"""What staff can do with a source record: add it, correct it, say that its state has changed.

A change of its state, or of a fact that claims lean on (evidence.FACTS), flags all that readers see that
stands on the source (articles.flags), and whoever reviews a text is told of it (articles.facts). The live
benefits that it leaves without a strong source are also handed back; Claim.objects.overstated() finds them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from portal import audit, edition
from portal.models import AuditEvent, User

from . import facts as records
from . import flags, search
from .checks import quality
from .evidence import FACTS
from .models import Claim, GuideRevision, Source, Treatment
from .versions import PublishingError, may, said

# What readers see of a record at once, so that it promises no more than a reviewed text may.
SEEN = ("plain_title", "finding")
OF_WEIGHT = {"control", "kind", "main_measure"}
# So long whoever set a state may take it back alone: it was the wrong record, and little was read meanwhile.
SLIP = dt.timedelta(minutes=15)


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

    With another `state` a `reason` is needed, and where submitted texts stand on the source also with other
    facts that claims lean on; whatever readers see that stands on it is flagged. PublishingError, and nothing
    written, without it, for a state that this person may not set (`may_not_state`), or when the words
    promise too much.
    """
    _refuse_promises(changes)
    current = Source.objects.select_for_update(no_key=True).get(pk=source.pk)
    columns, tested = _apart(changes)
    new = {name: value for name, value in columns.items() if getattr(current, name) != value}
    if "key" in new:
        raise PublishingError(_("Texts cite the key, so it stays."))
    why = said(reason, missing=missing) if (missing := needs_reason(current, new)) else ""
    if "state" in new and (fault := may_not_state(current, new["state"], by=by, now=now)):
        raise PublishingError(fault)
    before = {name: getattr(current, name) for name in new}
    for name, value in new.items():
        setattr(current, name, value)
    current.save(update_fields=list(new))
    if tested is not None and set(tested) != set(current.treatments.all()):
        current.treatments.set(tested)
        before["treatments"] = tested
    if before:
        Source.objects.filter(pk=current.pk).update(changed_at=now)
    source.refresh_from_db()
    told = _told(source, before, why=why, by=by, now=now)
    search.index(source)
    edition.renew()
    return told


def _apart(values: Mapping[str, Any]) -> tuple[dict[str, Any], Collection[Treatment] | None]:
    """The columns, and the treatments that it tested: None where nothing is said of them."""
    columns = dict(values)
    return columns, columns.pop("treatments", None)


def needs_reason(source: Source, changed: Collection[str]) -> str:
    """What to ask of whoever changes these fields; empty where no reason is needed."""
    if "state" in changed:
        return _("Say why the state changes.")
    if set(FACTS) & set(changed) and flags.leaned_on(source):
        return _("Say why this changes: texts that were submitted or that readers see lean on it.")
    return ""


def may_not_state(source: Source, to: str, *, by: User, now: dt.datetime) -> str:
    """Why this person may not set the state now; empty where they may.

    Anybody who may state at all says that a source is worse than it was. Back to a better state leads a
    medical reviewer who did not set this one, or for a short time whoever mistook the source for another.
    """
    if source.is_current or to == Source.State.RETRACTED:
        return ""
    settings = list(_settings_of(source))
    if settings and _is_slip(settings[0], to, by=by, now=now):
        return ""
    if by.pk in {event.actor_id for event in settings}:
        return _(
            "You said that it is in this state, so another medical reviewer must say that it no longer is."
        )
    if not may(by, "review", GuideRevision):
        return _("Only a medical reviewer may say that it is no longer in this state.")
    return ""


def _is_slip(set_by: AuditEvent, to: str, *, by: User, now: dt.datetime) -> bool:
    return set_by.actor_id == by.pk and set_by.detail["from"] == to and now - set_by.at <= SLIP


def _settings_of(source: Source) -> Iterator[AuditEvent]:
    """When the source was said to be in the state that it is in, and by whom; the newest first."""
    events = audit.trail_of(source).filter(action=flags.STATE_CHANGED).order_by("-at", "-pk")
    return (event for event in events if event.detail["to"] == source.state)


def _told(source: Source, before: Mapping[str, Any], *, why: str, by: User, now: dt.datetime) -> Changed:
    """Flag what stands on the source, and leave the trail; `before` holds what was, of all that is new."""
    if not before:
        return Changed()
    changes = {name: [was, getattr(source, name)] for name, was in before.items() if name != "treatments"}
    facts = {name: change for name, change in changes.items() if name in FACTS}
    detail: dict[str, Any] = {"fields": sorted(before)}
    if changes:
        detail |= {"changes": _short(changes)}
    if why and "state" not in before:
        detail |= {"reason": why}
    audit.record(records.CHANGED, source, by=by, now=now, detail=detail)
    flagged: dict[str, int] = {}
    if "state" in before or facts:
        was = before.get("state", source.state)
        flagged = flags.source_changed(source, was=was, facts=facts, by=by, now=now)
    if "state" in before:
        detail = {"from": was, "to": source.state, "reason": why} | flagged
        audit.record(flags.STATE_CHANGED, source, by=by, now=now, detail=detail)
    weighed = list(flags.claims_on(source).overstated()) if OF_WEIGHT & set(before) else []
    return Changed(sorted(before), flagged, weighed)


def _short(changes: Mapping[str, list[Any]]) -> dict[str, list[Any]]:
    """As the trail keeps it. The facts stay whole: what was agreed to is compared with them."""
    return {
        name: change if name in FACTS else [audit.in_brief(value) for value in change]
        for name, change in changes.items()
    }


def _refuse_promises(values: Mapping[str, Any]) -> None:
    for name in SEEN:
        for message in quality.promises(values.get(name, "")):
            raise PublishingError(message)
