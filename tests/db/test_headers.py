"""What every answer tells the browser to refuse, exactly."""

import re

import pytest
from django.db import DatabaseError, connection
from django.test import Client

from portal import roles
from tests import builders

pytestmark = pytest.mark.django_db

POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "font-src": "'self'",
    "connect-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
    "object-src": "'none'",
}
ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Strict-Transport-Security": "max-age=31536000",
}
OF_PAGES = ALWAYS | {"X-Frame-Options": "DENY"}
PAGES = {
    "/": 200,
    "/guides/risks/": 200,
    "/quote/signs/": 200,
    "/admin/login/": 200,
    "/health/live": 200,
    "/no-such-page/": 404,
}


@pytest.fixture
def ask(client, now, settings):
    """Asks by https, as everybody does in production."""
    settings.SECURE_HSTS_SECONDS = 31_536_000
    builders.published(builders.guide("risks", now=now), now=now)
    return lambda path: client.get(path, secure=True)


def policy(response) -> dict[str, str]:
    lines = response["Content-Security-Policy"].split("; ")
    return {name: sources for name, _space, sources in (line.partition(" ") for line in lines)}


def told(response) -> dict[str, str]:
    return {name: response[name] for name in OF_PAGES if response.has_header(name)}


@pytest.mark.parametrize(("path", "status"), PAGES.items())
def test_a_page_lets_nothing_in_from_elsewhere(ask, path, status):
    page = ask(path)
    assert (page.status_code, policy(page), told(page)) == (status, POLICY, OF_PAGES)


def test_a_private_link_is_not_passed_on_even_within_the_site(ask):
    assert told(ask("/quote/s/no-such-link/")) == OF_PAGES | {"Referrer-Policy": "no-referrer"}


def hidden(response) -> tuple[str, bool, str]:
    """What keeps an address with a secret from other sites, from caches and from search engines."""
    kept = "no-store" in response.get("Cache-Control", "")
    return response["Referrer-Policy"], kept, response["X-Robots-Tag"]


HIDDEN = ("no-referrer", True, "noindex, nofollow")


@pytest.mark.parametrize("path", ["/quote/s/secret", "/quote/s/secret/", "/quote/s/secret/x/", "/quote/s/"])
def test_no_answer_under_a_private_link_gives_it_away(ask, path):
    assert hidden(ask(path)) == HIDDEN


def test_neither_does_the_way_to_https(client, settings):
    settings.SECURE_SSL_REDIRECT = True
    response = client.get("/quote/s/secret/")
    assert (response.status_code, hidden(response)) == (301, HIDDEN)


def test_neither_does_a_refused_form():
    response = Client(enforce_csrf_checks=True).post("/quote/s/secret/withdraw/")
    assert (response.status_code, hidden(response)) == (403, HIDDEN)


def test_neither_does_a_failure():
    client = Client(raise_request_exception=False)
    with connection.execute_wrapper(broken):
        response = client.get("/quote/s/" + "s" * 32 + "/")
    assert (response.status_code, hidden(response)) == (500, HIDDEN)


def broken(*_query):
    raise DatabaseError("away")


def test_other_pages_are_left_as_they_are(ask):
    response = ask("/quote/signs/")
    assert (response["Referrer-Policy"], response.has_header("X-Robots-Tag")) == ("same-origin", False)


def test_a_static_file_is_taken_for_what_it_is(ask):
    response = ask("/static/portal/portal.css")
    response.close()
    assert (response.status_code, response["Content-Type"]) == (200, 'text/css; charset="utf-8"')
    assert told(response) == ALWAYS


def test_only_the_editor_in_the_admin_gets_a_nonce_new_each_time(ask, client):
    client.force_login(builders.staff(roles.EDITOR))
    sources = [policy(ask("/admin/portal/page/add/")) for _time in range(2)]
    nonces = [re.fullmatch(r"'self' 'nonce-([^']{20,})'", found["script-src"])[1] for found in sources]
    assert nonces[0] != nonces[1]
    assert [found | {"script-src": "'self'"} for found in sources] == [POLICY, POLICY]


def test_without_https_no_browser_is_told_to_insist_on_it(client):
    assert not client.get("/").has_header("Strict-Transport-Security")
