"""Finished reading pages in the database: what a reader gets where the cache has nothing.

Only the worker draws ahead (portal.drawing_ahead). A visit never writes here, so nobody can fill the table,
and no reader waits for a lock.
"""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

from .models import DrawnPage

# A page is the same for everybody, so the next one may be told what this one was told.
Headers = tuple[tuple[str, str], ...]
# Its key holds the day; one of them has 25 hours where clocks are put back.
HOLDS_AT_MOST = dt.timedelta(hours=25)


class Kept(NamedTuple):
    """A finished page: the mark of the edition it was drawn from, its headers, its gzipped body."""

    mark: str
    headers: Headers
    body: bytes


def take(key: str, mark: str) -> Kept | None:
    """The page under this key, if it was drawn from this edition; one query."""
    found = DrawnPage.objects.filter(key=key, mark=mark).values_list("headers", "body")
    for headers, body in found:
        return Kept(mark, tuple((name, value) for name, value in headers), bytes(body))
    return None


def keep(path: str, key: str, page: Kept, now: dt.datetime) -> None:
    """Instead of what an earlier edition had under this key."""
    row = {"path": path, "mark": page.mark, "headers": page.headers, "body": page.body, "drawn_at": now}
    DrawnPage.objects.update_or_create(key=key, defaults=row)


def forget_old(now: dt.datetime) -> None:
    """Pages of days that are over. No other worker misses them, whatever edition or release it draws."""
    DrawnPage.objects.filter(drawn_at__lt=now - HOLDS_AT_MOST).delete()
