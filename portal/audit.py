"""The trail: who did or looked at what, when. Written inside the transaction of what it tells about."""

import datetime as dt
from typing import Any, Literal

from django.db.models import Model, QuerySet
from django.utils.text import Truncator

from .models import AuditEvent, User
from .tracing import request_id

# Staff, the machine itself (None), or a requester, who has no account.
Actor = User | Literal["requester"] | None

# Of a long text the trail keeps so many signs, before and after.
KEPT = 160


def record(
    action: str,
    target: Model | type[Model],
    *,
    by: Actor,
    now: dt.datetime,
    detail: dict | None = None,
) -> AuditEvent:
    """Add one event. `target` is the record, or its model where a whole list was looked at or exported.

    `detail` names what happened in words safe to keep for ever, never the value of a personal field.
    """
    return AuditEvent.objects.create(
        at=now,
        action=action,
        detail=detail or {},
        request_id=_request_number(),
        **_actor(by),
        **_target(target),
    )


def in_brief(value: Any) -> Any:
    """A value of something that readers see, short enough for the trail."""
    if value is None or isinstance(value, int):
        return value
    words = ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
    return Truncator(words).chars(KEPT)


def trail_of(target: Model) -> QuerySet[AuditEvent]:
    """All events of one record, newest first."""
    return AuditEvent.objects.filter(target_type=target._meta.label_lower, target_id=str(target.pk))


def openings_of(target: Model) -> QuerySet[AuditEvent]:
    """When and by whom the record was looked at, newest first."""
    return trail_of(target).filter(action__endswith=".opened")


def _actor(by: Actor) -> dict[str, object]:
    if isinstance(by, User):
        return {"actor_id": by.pk, "actor_name": by.public_name[:150], "actor_role": by.role[:150]}
    return {"actor_id": None, "actor_name": by or "machine", "actor_role": ""}


def _target(target: Model | type[Model]) -> dict[str, str]:
    kind = target._meta.label_lower
    if isinstance(target, type):
        return {"target_type": kind, "target_id": "", "target_label": ""}
    return {"target_type": kind, "target_id": str(target.pk), "target_label": str(target)[:160]}


def _request_number() -> str:
    number = request_id.get()
    return "" if number == "-" else number
