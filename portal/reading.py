"""What every public reading page has in common: anybody may keep it, nobody is followed by it.

The site keeps them, too. A whole page is drawn once and then answered from the cache (portal.shelf), or
else from the database (portal.drawn_pages), until readers would see something else (portal.edition), the
day ends, after which banners may stand on it, or the program or its settings change (portal.release).
"""

from __future__ import annotations

import datetime as dt
import gzip
import hashlib
import re
from collections.abc import Callable
from functools import cache, partial, wraps
from typing import Any, overload
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse, QueryDict
from django.http.request import split_domain_port
from django.utils import timezone
from django.utils.cache import patch_cache_control, patch_vary_headers, set_response_etag
from django.utils.http import http_date
from django.utils.translation import get_language
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from . import drawn_pages, edition, release, shelf
from .drawn_pages import Kept

View = Callable[..., HttpResponse]

KEPT_FOR = 24 * 60 * 60.0  # seconds; its key holds the day
LONGEST_QUERY = 200
SECONDS_APART = dt.timedelta(seconds=2)
STARTED = timezone.now()
# "gzip", but not "gzip;q=0", which refuses it.
TAKES_GZIP = re.compile(r"\bgzip\b(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))")
# Most of what level 9 saves, in a third of the time.
COMPRESSION = 5
# What pages show of the settings.
SHOWN = (
    *("SITE_NAME", "SITE_URL", "CONTACT_EMAIL", "PROFESSIONAL_PROGRAMME_URL"),
    *("DEVELOPMENT", "LANGUAGE_CODE", "TIME_ZONE"),
)
# In the environment of a request with which the worker draws a page ahead.
AHEAD = "portal.ahead"


@overload
def reading_page(view: View) -> View: ...


@overload
def reading_page(*, params: tuple[str, ...] = ..., kept: bool = ...) -> Callable[[View], View]: ...


def reading_page(
    view: View | None = None, *, params: tuple[str, ...] = (), kept: bool = True
) -> View | Callable[[View], View]:
    """The view, answering GET and HEAD only, compressed, checked again by caches on each visit, and kept.

    It finds in `request.GET` only the parameters that it declares: what the key leaves out cannot change
    the page. A view whose parameters can take any value is `kept=False`, or says `keep_not` of a request
    with one that it ignored; otherwise anybody could fill the cache.
    """
    if view is None:
        return partial(_reading_page, params=params, kept=kept)
    return _reading_page(view, params=params, kept=kept)


def _reading_page(view: View, *, params: tuple[str, ...], kept: bool) -> View:
    @wraps(view)
    def page(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        request.GET = _declared(request.GET, params)  # type: ignore[assignment]
        key = _key(request) if kept and settings.KEEP_PAGES else None
        found = shelf.take([edition.NEWS, key]) if key else {}
        # Before anything is read for the page: never is an older text kept under a newer edition.
        now = edition.current(found.get(edition.NEWS)) if key else None
        finished = _finished(request, key, now, found.get(key)) if key and now else None
        if finished:
            return _timed(_answer(request, finished), now)
        return _timed(draw(request, key, now, *args, **kwargs), now)

    def draw(
        request: HttpRequest, key: str | None, now: edition.Now | None, /, *args: object, **kwargs: object
    ) -> HttpResponse:
        response = _named(view(request, *args, **kwargs), now, for_all=kept)
        if key and now and _may_be_kept(request, response):
            fresh = Kept(now.mark, tuple(response.items()), pressed(response.content))
            _keep(request, key, fresh)
            return _answer(request, fresh)
        return _compressed(request, response)

    # csrf_exempt: nothing here changes anything, and a stray POST deserves 405 rather than 403.
    return csrf_exempt(require_safe(page))


def keep_not(request: HttpRequest) -> None:
    """The answer to this request is good once: it came with a value that changes nothing."""
    request.may_be_kept = False  # type: ignore[attr-defined]


def _finished(request: HttpRequest, key: str, now: edition.Now, on_shelf: Any) -> Kept | None:
    """The page as it was drawn before, while it still holds: from the cache, else from the database."""
    if on_shelf and on_shelf[0] == now.mark and AHEAD not in request.META:
        return Kept(*on_shelf)
    drawn = None if request.GET else drawn_pages.take(key, now.mark)
    if drawn:
        shelf.put(key, tuple(drawn), seconds=KEPT_FOR)
    return drawn


def _keep(request: HttpRequest, key: str, page: Kept) -> None:
    shelf.put(key, tuple(page), seconds=KEPT_FOR)
    if AHEAD in request.META:
        drawn_pages.keep(request.path, key, page, timezone.now())


def _may_be_kept(request: HttpRequest, response: HttpResponse) -> bool:
    return response.status_code == 200 and not response.cookies and getattr(request, "may_be_kept", True)


def _last_changed(response: HttpResponse, *moments: dt.datetime) -> None:
    """Say when what the page shows last changed: the latest of these that is not to come."""
    past = [moment for moment in moments if moment <= timezone.now()]
    if past:
        response["Last-Modified"] = http_date(max(past).timestamp())


# --- Which page it is ---------------------------------------------------------------------------


def _declared(asked: QueryDict, params: tuple[str, ...]) -> QueryDict:
    if not asked:
        return asked
    known = QueryDict(mutable=True)
    for name in params:
        if name in asked:
            known.setlist(name, asked.getlist(name))
    known._mutable = False
    return known


def _key(request: HttpRequest) -> str | None:
    """Under which the page is kept; None where visitors could make up as many as they like."""
    host, _port = split_domain_port(request.get_host())
    query = request.GET.urlencode()
    if len(query) > LONGEST_QUERY:
        return None
    if host not in settings.ALLOWED_HOSTS and host != urlsplit(settings.SITE_URL).hostname:
        return None
    parts = (
        *(this_release(), timezone.localdate().isoformat(), get_language() or ""),
        *(request.scheme or "", host, request.path, query),
    )
    return "page:" + hashlib.sha256("\n".join(parts).encode()).hexdigest()


@cache
def this_release() -> str:
    """The mark of the program in this process; to be asked for as it starts, before newer files may come."""
    return release.mark(
        settings.BASE_DIR,
        ("portal", "articles", "quotes", "templates"),
        (getattr(settings, name) for name in SHOWN),
    )


# --- What is answered ---------------------------------------------------------------------------


def _named(response: HttpResponse, now: edition.Now | None, *, for_all: bool) -> HttpResponse:
    """Its own name and time, by which a browser asks whether it still holds."""
    # What somebody searched for is kept in their own browser only.
    whose = {"public" if for_all else "private": True}
    patch_cache_control(response, **whose, max_age=0, must_revalidate=True)
    patch_vary_headers(response, ["Accept-Encoding"])
    set_response_etag(response)
    # What a view knows of its own text is not enough: the page shows others, too, which change without it.
    del response["Last-Modified"]
    if now and response.status_code == 200:
        # Banners come at midnight; another program draws other pages.
        midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
        _last_changed(response, now.since, midnight, STARTED)
    return response


def _timed(response: HttpResponse, now: edition.Now | None) -> HttpResponse:
    """Without its time while that is new: it counts whole seconds, and in the same one more may change."""
    if now and dt.timedelta(0) <= timezone.now() - now.since < SECONDS_APART:
        del response["Last-Modified"]
    return response


def _answer(request: HttpRequest, page: Kept) -> HttpResponse:
    if _takes_gzip(request):
        return _as_gzip(HttpResponse(page.body, headers=dict(page.headers)))
    return HttpResponse(gzip.decompress(page.body), headers=dict(page.headers))


def _compressed(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    if response.content and _takes_gzip(request):
        response.content = pressed(response.content)
        return _as_gzip(response)
    return response


def _as_gzip(response: HttpResponse) -> HttpResponse:
    response["Content-Encoding"] = "gzip"
    # Another writing of the same page: it has the same name, but not byte for byte.
    response["ETag"] = f"W/{response['ETag']}"
    return response


def _takes_gzip(request: HttpRequest) -> bool:
    return bool(TAKES_GZIP.search(request.META.get("HTTP_ACCEPT_ENCODING", "")))


def pressed(body: bytes) -> bytes:
    """As every page is compressed."""
    return gzip.compress(body, COMPRESSION, mtime=0)
