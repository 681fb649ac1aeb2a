"""The worker draws the pages of the sitemap before anybody asks for them.

After each change that readers see, at midnight and after an upgrade no kept page holds any more. Whoever came
first would wait while theirs is drawn; the worker comes first.
"""

from __future__ import annotations

import datetime as dt
import io
from collections import deque
from collections.abc import Callable, Iterable
from functools import cached_property
from urllib.parse import urlsplit

from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler, WSGIRequest
from django.utils import timezone

from . import drawn_pages, edition
from .reading import AHEAD, this_release


class Ahead:
    """How far one worker has come. `paths` gives the addresses of the pages, those most read first."""

    def __init__(self, paths: Callable[[], Iterable[str]]) -> None:
        this_release()
        self.paths = paths
        self.drawn_for: tuple[str, dt.date] | None = None  # the edition and the day
        self.left: deque[str] = deque()

    def go_on(self, *, limit: int) -> int:
        """See to so many pages; how many are left. Pages that another worker has drawn cost a query each."""
        now = edition.current(None)
        if now is None or not settings.KEEP_PAGES:
            return 0
        wanted = (now.mark, timezone.localdate())
        if wanted != self.drawn_for:
            self.drawn_for, self.left = wanted, deque(self.paths())
        if not self.left:
            return 0
        for _ in range(min(limit, len(self.left))):
            self.visit(self.left.popleft())
        if not self.left:
            drawn_pages.forget_all_but(now.mark)
        return len(self.left)

    def visit(self, path: str) -> None:
        """Ask for the page as a reader does; where it is none that is kept, nothing comes of it."""
        self.site.get_response(request_for(path))

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
