"""How far a live text holds today: when it was checked, what has happened to it, what changed under it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef
from django.utils import timezone

from .models import EvidenceFlag, RevisionState


@dataclass(frozen=True)
class Happening:
    """One line of the public history: a version that readers saw, or that one was found to hold still."""

    at: dt.datetime
    revision: int
    note: str = ""
    confirmed: bool = False
    # Of a confirmation: whether it settled that a source had changed.
    source_changed: bool = False


def history_of(subject: Any) -> list[Happening]:
    """What was published and what was confirmed, newest first; one query."""
    published = subject.revisions.filter(state=RevisionState.PUBLISHED).order_by("number")
    settled = EvidenceFlag.objects.filter(
        settled_how=EvidenceFlag.Settled.CONFIRMED,
        settled_at=OuterRef("confirmations__at"),
        **{subject._meta.model_name: OuterRef("subject")},
    )
    rows = published.values_list("pk", "published_at", "change_note", "confirmations__at", Exists(settled))
    found = {Happening(at=at, revision=pk, note=note) for pk, at, note, *_confirmed in rows}
    found |= {
        Happening(at=at, revision=pk, confirmed=True, source_changed=changed)
        for pk, _at, _note, at, changed in rows
        if at
    }
    return sorted(found, key=lambda happening: (happening.at, happening.revision), reverse=True)


def first_published(history: Iterable[Happening]) -> dt.datetime | None:
    return min((happening.at for happening in history if not happening.confirmed), default=None)


def confirmed_at(revision: Any, history: Iterable[Happening]) -> list[dt.datetime]:
    """The times at which somebody found this text to hold still."""
    return [
        happening.at for happening in history if happening.confirmed and happening.revision == revision.pk
    ]


def checked_on(revision: Any, confirmed: Iterable[dt.datetime]) -> dt.date | None:
    """The day of the review, or of the latest time at which the text was confirmed."""
    latest = max(confirmed, default=None)
    return timezone.localdate(latest) if latest else revision.checked_on


def changes_under(subject: Any) -> list[EvidenceFlag]:
    """What has changed under the live text and is not settled yet; no query where nothing has."""
    return list(subject.flags.open().select_related("source")) if subject.flagged_at else []
