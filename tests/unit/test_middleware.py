import uuid

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpResponse
from django.test import RequestFactory

from portal.middleware import ClientAddress, RequestId
from portal.tracing import request_id


def answered(middleware, **headers):
    """The request as the view saw it, and the answer."""
    seen = []

    def view(request):
        request.number = request_id.get()
        seen.append(request)
        return HttpResponse()

    response = middleware(view)(RequestFactory().get("/", **headers))
    return seen[0], response


def test_every_request_has_a_number_of_its_own():
    (first, first_answer), (second, _answer) = answered(RequestId), answered(RequestId)
    assert first_answer["X-Request-ID"] == first.number == str(uuid.UUID(first.number))
    assert first.number != second.number


def test_a_number_from_outside_is_not_taken():
    request, answer = answered(RequestId, HTTP_X_REQUEST_ID="forged\nline")
    assert "forged" not in request.number + answer["X-Request-ID"]


def test_afterwards_there_is_no_number():
    answered(RequestId)
    assert request_id.get() == "-"


def test_a_proxy_of_ours_is_believed(settings):
    settings.TRUSTED_PROXIES = ["10.0.0.0/8"]
    request, _answer = answered(
        ClientAddress,
        REMOTE_ADDR="10.0.0.1",
        HTTP_X_FORWARDED_FOR="203.0.113.5",
        HTTP_X_FORWARDED_PROTO="https",
    )
    assert (request.client_address, request.META["HTTP_X_FORWARDED_PROTO"]) == ("203.0.113.5", "https")


def test_a_stranger_is_not(settings):
    settings.TRUSTED_PROXIES = ["10.0.0.0/8"]
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    request, _answer = answered(
        ClientAddress,
        REMOTE_ADDR="203.0.113.5",
        HTTP_X_FORWARDED_FOR="198.51.100.1",
        HTTP_X_FORWARDED_PROTO="https",
    )
    assert (request.client_address, request.is_secure()) == ("203.0.113.5", False)


def test_the_site_does_not_start_with_a_network_that_is_none(settings):
    settings.TRUSTED_PROXIES = ["proxy.example.org"]
    with pytest.raises(ImproperlyConfigured, match=r"TRUSTED_PROXIES: 'proxy\.example\.org'.*10\.0\.0\.0/8"):
        ClientAddress(HttpResponse)
