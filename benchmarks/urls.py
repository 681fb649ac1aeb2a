"""The whole site, and before it two views that do nothing but answer: one has it compressed already."""

import gzip
import os
import pickle
from functools import cache
from pathlib import Path

from django.http import HttpRequest, HttpResponse
from django.urls import include, path

from portal.reading import pressed


@cache
def page() -> tuple[bytes, dict[str, str]]:
    """Body and headers of a real guide page, as they were answered before."""
    return pickle.loads(Path(os.environ["BARE_PAGE"]).read_bytes())  # noqa: S301 # written by ourselves


def bare(request: HttpRequest) -> HttpResponse:
    body, headers = page()
    return HttpResponse(body, headers=headers)


def bare_compressing(request: HttpRequest) -> HttpResponse:
    """Compresses what it answers, as a page does that was drawn for this answer."""
    _body, headers = page()
    return HttpResponse(pressed(plain()), headers=headers)


@cache
def plain() -> bytes:
    return gzip.decompress(page()[0])


urlpatterns = [
    path("bare/", bare),
    path("bare/compressing/", bare_compressing),
    path("", include("portal.urls")),
]

handler400 = "portal.views.bad_request"
handler403 = "portal.views.forbidden"
handler404 = "portal.views.not_found"
handler500 = "portal.views.server_error"
