import os
import re
from collections.abc import Callable, Iterable
from typing import Any

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
django = get_wsgi_application()

from . import reading  # noqa: E402 - it needs the apps

reading.this_release()

BOUNDARY = re.compile(r";\s*boundary=(?:\"[^\"]*\"|[^;\s]*)", re.IGNORECASE)


def application(environ: dict[str, Any], start_response: Callable) -> Iterable[bytes]:
    """The site; everything in it is UTF-8, whatever charset a visitor claims.

    Django believes a charset parameter while it makes the request, before any of our code can answer:
    "charset=hex" ends in a 500, "charset=utf-7" brings texts that no database takes.
    """
    kind, _, parameters = environ.get("CONTENT_TYPE", "").partition(";")
    boundary = BOUNDARY.search(f";{parameters}")
    environ["CONTENT_TYPE"] = kind + (boundary[0] if boundary else "")
    return django(environ, start_response)
