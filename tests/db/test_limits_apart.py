"""Whoever uses up the limit of one address takes nothing from another."""

import pytest

from portal.models import TokenBucket
from tests.requester import TYPED

pytestmark = pytest.mark.django_db


@pytest.fixture(params=["straight to us", "behind our proxy"])
def coming_from(request, settings):
    """What a request carries that comes from this address."""
    settings.TRUSTED_PROXIES = ["10.0.0.1"]
    if request.param == "straight to us":
        return lambda address: {"REMOTE_ADDR": address}
    return lambda address: {"REMOTE_ADDR": "10.0.0.1", "HTTP_X_FORWARDED_FOR": address}


def answers(client, **origin):
    return client.post("/quote/signs/", TYPED["signs"], **origin).status_code


def guesses(client, **origin):
    return client.get("/quote/s/guess/", **origin).status_code


@pytest.mark.parametrize(("ask", "given"), [(answers, 303), (guesses, 404)])
def test_two_addresses_do_not_share_a_limit(client, coming_from, ask, given):
    one, other = coming_from("192.0.2.1"), coming_from("192.0.2.2")
    first = ask(client, **one)
    TokenBucket.objects.update(tokens=-9)
    assert [first, ask(client, **one), ask(client, **other)] == [given, 429, given]
