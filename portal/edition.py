"""The edition: one mark for all that readers can see, another one after every change of it.

A page shows more than its own text: titles of other guides, sources, the footer. A list of what each page
depends on would one day miss something, which would then be stale for ever; one mark misses nothing, and
rendering again is cheap. The database alone says which mark holds; what processes tell each other through
the cache is only that it is time to look.

Each change adds a row, so that nobody waits for anybody: one row that all changed would be held by each
until its commit, and of two verbs that hold other things, too, the database would have to end one.
"""

from __future__ import annotations

import datetime as dt
import time
import uuid
from typing import NamedTuple

from django.db import transaction
from django.db.models import Count, Sum, Window
from django.utils import timezone

from . import shelf
from .models import Edition

# In the cache: something new each time the edition changes, to be compared and nothing else.
NEWS = "edition:news"
# What no news has told of (a process killed after its commit, a cache that was away, memory of another
# process) is seen after this many seconds.
LOOK_AGAIN_AFTER = 0.5
ROWS_KEPT = dt.timedelta(days=1)


class Now(NamedTuple):
    """What readers see now, and since when."""

    mark: str
    since: dt.datetime


def renew() -> None:
    """Readers will see something else. Called inside the transaction that changes it."""
    Edition.objects.create(mark=uuid.uuid4(), since=timezone.now())
    transaction.on_commit(_tell)


def current(news: str | None) -> Now | None:
    """The edition that holds, given what the cache has under NEWS; None before there was any.

    What is read from the database after this call is at least as new as the edition.
    """
    global _last  # what this process knows
    seen = _last
    if seen is None or seen.news != news or time.monotonic() - seen.at >= LOOK_AGAIN_AFTER:
        seen = _last = _look(news)
    return seen.edition


def holding() -> Now | None:
    """The edition that holds, for who has not asked the cache for the news together with a page."""
    return current(shelf.take([NEWS]).get(NEWS))


@transaction.atomic
def forget_old(now: dt.datetime) -> None:
    """Keep the table short, once a day at most: all that is kept is drawn anew afterwards."""
    if Edition.objects.filter(since__lt=now - 2 * ROWS_KEPT).exists():
        Edition.objects.filter(since__lt=now - ROWS_KEPT).delete()
        renew()


class _Look(NamedTuple):
    """What the database said. Of two threads that look at once the slower may be kept: its older news
    lets the next request look again."""

    news: str | None
    at: float
    edition: Now | None


_last: _Look | None = None


def _look(news: str | None) -> _Look:
    at = time.monotonic()  # before the database answers, so that no look seems younger than it is
    return _Look(news, at, _now())


def _now() -> Now | None:
    """Of the newest row, how many there are and their numbers together: a row that was begun earlier may be
    committed later, and others forgotten meanwhile."""
    counted = Edition.objects.annotate(rows=Window(Count("*")), numbers=Window(Sum("pk")))
    newest = counted.order_by("-pk").first()
    return Now(f"{newest.rows}:{newest.numbers}:{newest.mark.hex}", newest.since) if newest else None


def _tell() -> None:
    shelf.put(NEWS, uuid.uuid4().hex, seconds=None)
