"""The worker draws the pages of the sitemap before anybody asks for them.

After each change that readers see, at midnight and after an upgrade no kept page holds any more. Whoever came
first would wait while theirs is drawn; the worker comes first.
"""

from __future__ import annotations

import datetime as dt
import io
from collections import Counter, deque
from collections.abc import Callable, Iterable
from functools import cached_property
from urllib.parse import urlsplit

from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler, WSGIRequest
from django.utils import timezone

from . import edition
from .reading import AHEAD, this_release

TRIES = 3


class Ahead:
    """How far one worker has come. `paths` gives the addresses of the pages, those one enters by first."""

    def __init__(self, paths: Callable[[], Iterable[str]]) -> None:
        this_release()
        self.paths = paths
        self.drawn_for: tuple[str, dt.date] | None = None  # the edition and the day
        self.left: deque[str] = deque()
        self.failed: Counter[str] = Counter()

    def draw_next(self) -> bool:
        """See to one page; whether there was one. What another worker has drawn costs a query."""
        now = edition.holding()
        if now is None or not settings.KEEP_PAGES:
            return False
        wanted = (now.mark, timezone.localdate())
        if wanted != self.drawn_for:
            self.drawn_for = wanted
            self.begin_again()
        if not self.left:
            return False
        path = self.left.popleft()
        if self.status_of(path) >= 500:
            self.try_later(path)
        return True

    def begin_again(self) -> None:
        """With the first page that was not reached: who edits all day keeps none waiting for ever."""
        waiting = self.left[0] if self.left else ""
        self.left, self.failed = deque(self.paths()), Counter()
        if waiting in self.left:
            self.left.rotate(-self.left.index(waiting))

    def try_later(self, path: str) -> None:
        """After all the others; what fails so often fails for everybody."""
        self.failed[path] += 1
        if self.failed[path] < TRIES:
            self.left.append(path)

    def status_of(self, path: str) -> int:
        """Ask for the page as a reader does; one that is kept is kept by that."""
        return self.site.get_response(request_for(path)).status_code

    @cached_property
    def site(self) -> WSGIHandler:
        return WSGIHandler()


def request_for(path: str) -> WSGIRequest:
    """A reader's request at SITE_URL, marked as ours: no visitor can set a name with a dot."""
    site = urlsplit(settings.SITE_URL)
    return WSGIRequest(
        {
            "REQUEST_METHOD": "GET",
            "PATH_INFO": path,
            "HTTP_HOST": site.netloc,
            "SERVER_NAME": site.hostname or "",
            "SERVER_PORT": str(site.port or ""),
            "REMOTE_ADDR": "127.0.0.1",
            "wsgi.url_scheme": site.scheme,
            "wsgi.input": io.BytesIO(),
            AHEAD: True,
        }
    )
