"""What the answers of this app have in common: redirects after a POST, pages that only a secret opens."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from portal import throttle

View = Callable[..., HttpResponse]
show_or_answer = require_http_methods(["GET", "HEAD", "POST"])


class SeeOther(HttpResponseRedirect):
    """After a POST: the next page is fetched by GET, also by clients that take 302 at its word."""

    status_code = 303


def unlisted(view: View) -> View:
    """For pages that a secret opens: no cache keeps them, no search engine lists them."""

    @never_cache
    @wraps(view)
    def shown(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(request, *args, **kwargs)
        response["X-Robots-Tag"] = "noindex, nofollow"
        response.setdefault("Referrer-Policy", "no-referrer")
        return response

    return shown


def client_address(request: HttpRequest) -> str:
    return request.client_address  # type: ignore[attr-defined]


def too_many(response: HttpResponse, rate: throttle.Rate) -> HttpResponse:
    """Tell programs too how long to wait."""
    response["Retry-After"] = str(rate.seconds)
    return response
