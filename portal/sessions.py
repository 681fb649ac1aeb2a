"""Sessions as Django's, but two pages of one visitor that save at once each change only their own keys."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from django.contrib.sessions.backends import db
from django.db import transaction

ABSENT = object()


class SessionStore(db.SessionStore):
    """Django writes back all that a page read when it began, also over what another saved meanwhile."""

    _read: dict[str, Any] = {}  # what the row held when this page read or wrote it last

    def load(self) -> dict[str, Any]:
        kept = super().load()
        self._read = deepcopy(kept)
        return kept

    @transaction.atomic
    def save(self, must_create: bool = False) -> None:
        if self.session_key is not None and not must_create:
            self._take_over(self._kept_by_now())
        super().save(must_create)
        self._read = deepcopy(dict(self.items()))

    def _kept_by_now(self) -> dict[str, Any]:
        # SQLite has no lock of a row; there the transaction holds the only write lock from its start.
        row = self.model.objects.select_for_update().filter(session_key=self.session_key).first()
        return self.decode(row.session_data) if row else {}

    def _take_over(self, kept: dict[str, Any]) -> None:
        """What this page left alone is as the others left it."""
        for key in kept.keys() | self._read.keys():
            if self.get(key, ABSENT) != self._read.get(key, ABSENT):
                continue
            if key in kept:
                self[key] = kept[key]
            else:
                self.pop(key, None)
