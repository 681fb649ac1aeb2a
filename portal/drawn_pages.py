"""Finished reading pages in the database: what a reader gets where the cache has nothing.

Only the worker draws ahead (portal.drawing_ahead). A visit never writes here, so nobody can fill the table,
and no reader waits for a lock.
"""

from __future__ import annotations

from typing import NamedTuple

from .models import DrawnPage

# A page is the same for everybody, so the next one may be told what this one was told.
Headers = tuple[tuple[str, str], ...]


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


def keep(path: str, key: str, page: Kept) -> None:
    """Instead of what was kept of this path before."""
    row = {"key": key, "mark": page.mark, "headers": page.headers, "body": page.body}
    DrawnPage.objects.update_or_create(path=path, defaults=row)


def forget_all_but(mark: str) -> None:
    """What an earlier edition left: pages that are no longer there, or that no longer are drawn ahead."""
    DrawnPage.objects.exclude(mark=mark).delete()
