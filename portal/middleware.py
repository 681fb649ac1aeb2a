import re
import uuid
from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponsePermanentRedirect
from django.http.response import HttpResponseBase
from django.middleware.common import CommonMiddleware

from . import proxies
from .tracing import request_id

PRIVATE = "/quote/s/"
HEALTH = ("/health/live", "/health/ready")
# What Django makes session keys of; a NUL in one would reach the database, and PostgreSQL takes none.
SESSION_KEY = re.compile(r"[a-z0-9]{8,64}")

Answer = Callable[[HttpRequest], HttpResponseBase]


class RequestId:
    """Gives every request a number of our own, in the log, the trail and the X-Request-ID header."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        number = str(uuid.uuid4())
        token = request_id.set(number)
        request.request_id = number  # type: ignore[attr-defined]
        try:
            response = self.get_response(request)
            response["X-Request-ID"] = number
            return response
        finally:
            request_id.reset(token)


class PrivateAddress:
    """Whatever the answer under a private link, no site, cache or search engine learns its address.

    Outside of all that may answer on its own: the ways to https and to a closing slash, refusals, failures.
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if request.path.startswith(PRIVATE):
            hide(response)
        return response


def hide(response: HttpResponseBase) -> None:
    # A view may have asked for less than the site's own policy, as the page with a form must.
    if response.get("Referrer-Policy", settings.SECURE_REFERRER_POLICY) == settings.SECURE_REFERRER_POLICY:
        response["Referrer-Policy"] = "no-referrer"
    if "no-store" not in response.get("Cache-Control", ""):
        response["Cache-Control"] = "no-store"
    response["X-Robots-Tag"] = "noindex, nofollow"


class ClientAddress:
    """Sets `request.client_address`; what a proxy of ours did not write is not believed.

    The proxy must drop header names with underscores, as nginx does: granian takes a visitor's
    X_Forwarded_For for the proxy's X-Forwarded-For.
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response
        try:
            self.trusted = proxies.networks(settings.TRUSTED_PROXIES)
        except ValueError as error:
            raise ImproperlyConfigured(
                f"TRUSTED_PROXIES: {error}. Set it, for example TRUSTED_PROXIES=10.0.0.0/8,192.0.2.7"
            ) from error

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        peer = request.META.get("REMOTE_ADDR", "")
        if not proxies.is_trusted(proxies.address_in(peer), self.trusted):
            # SECURE_PROXY_SSL_HEADER would take a visitor's word that the connection was safe.
            request.META.pop("HTTP_X_FORWARDED_PROTO", None)
        request.client_address = proxies.client_address(  # type: ignore[attr-defined]
            peer, request.META.get("HTTP_X_FORWARDED_FOR", ""), self.trusted
        )
        return self.get_response(request)


class SessionCookie:
    """Forgets a session cookie that no session of ours can have."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        key = request.COOKIES.get(settings.SESSION_COOKIE_NAME)
        if key and not SESSION_KEY.fullmatch(key):
            del request.COOKIES[settings.SESSION_COOKIE_NAME]
        return self.get_response(request)


class CommonByAnyName(CommonMiddleware):
    """Django's, that asks no watchman for the name of the site: a load balancer knows only an address."""

    def process_request(self, request: HttpRequest) -> HttpResponsePermanentRedirect | None:
        return None if request.path in HEALTH else super().process_request(request)
