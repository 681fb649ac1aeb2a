"""What every public reading page has in common: anybody may keep it, nobody is followed by it."""

from collections.abc import Callable
from functools import wraps

from django.http import HttpRequest, HttpResponse
from django.utils.cache import set_response_etag
from django.views.decorators.cache import cache_control
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

View = Callable[..., HttpResponse]


def reading_page(view: View) -> View:
    """The view, answering GET and HEAD only, compressed, and checked again by caches on each visit."""
    kept = cache_control(public=True, max_age=0, must_revalidate=True)(_named_by_content(view))
    # csrf_exempt: nothing here changes anything, and a stray POST deserves 405 rather than 403.
    return csrf_exempt(require_safe(gzip_page(kept)))


def _named_by_content(view: View) -> View:
    @wraps(view)
    def named(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        response = view(request, *args, **kwargs)
        # Before gzip, whose output differs each time: otherwise no visitor ever gets a 304.
        set_response_etag(response)
        return response

    return named
