"""Error pages come when something is broken: none of these tests has a database."""

import datetime as dt

import pytest
from django.conf import settings
from django.test import Client, RequestFactory

from portal import views

NEW_LINK = "To ask for a new link, write to us"


@pytest.fixture
def visitor() -> Client:
    return Client(raise_request_exception=False, enforce_csrf_checks=True)


def test_a_lost_database_gives_a_plain_page_with_the_contact_address(visitor: Client):
    response = visitor.get("/about/")
    assert (response.status_code, response["Cache-Control"]) == (500, "no-store")
    assert "Something broke on our side" in response.text
    assert f'<a href="mailto:{settings.CONTACT_EMAIL}">' in response.text


def test_an_address_without_a_page_gives_404(visitor: Client):
    response = visitor.get("/no/such/page")
    assert (response.status_code, response["Cache-Control"]) == (404, "no-store")
    assert "<h1>There is no page at this address</h1>" in response.text
    assert NEW_LINK not in response.text


def test_a_host_that_is_not_ours_gives_400(visitor: Client):
    response = visitor.get("/", headers={"host": "elsewhere.example"})
    assert response.status_code == 400
    assert "<h1>We could not understand that request</h1>" in response.text


def test_a_form_without_its_token_gives_403_and_says_what_to_do(visitor: Client):
    response = visitor.post("/quote/")
    assert response.status_code == 403
    assert "<h1>Please send the form again</h1>" in response.text


@pytest.mark.parametrize("path", ["/quote/", "/quote/contact/", "/quote/check/"])
def test_a_form_of_a_quote_without_its_token_leads_back_to_itself(path: str):
    response = views.csrf_failure(RequestFactory().post(path))
    assert f'<a class="button" href="{path}">Load the form again</a>' in response.text
    assert "What you typed on this one page has to be typed again." in response.text


def test_new_signs_of_a_stroke_lead_to_the_emergency_page_also_without_the_token(visitor: Client):
    response = visitor.post("/quote/signs/?treatment=neural", {"new_signs": "yes"})
    assert (response.status_code, response["Location"]) == (303, "/emergency/")
    assert response["Cache-Control"] == "no-store"
    assert response.cookies.keys() == set()


@pytest.mark.parametrize(
    ("path", "answer"), [("/quote/signs/", "no"), ("/quote/who/", "yes"), ("/quote/s/signs/", "yes")]
)
def test_nothing_else_is_answered_without_the_token(visitor: Client, path: str, answer: str):
    assert visitor.post(path, {"new_signs": answer}).status_code == 403


@pytest.mark.parametrize("path", ["/quote/s/long-secret/withdraw/", "/admin/login/"])
def test_no_other_address_is_written_into_the_page_of_a_lost_token(path: str):
    response = views.csrf_failure(RequestFactory().post(path))
    assert response.status_code == 403
    assert "Load the form again" not in response.text
    assert "long-secret" not in response.text


def test_a_dead_private_link_says_how_to_get_a_new_one():
    response = views.not_found(RequestFactory().get("/quote/s/long-secret/"))
    assert response.status_code == 404
    assert NEW_LINK in response.text
    assert "long-secret" not in response.text


def test_a_role_that_may_not_gives_403():
    response = views.forbidden(RequestFactory().get("/admin/"))
    assert response.status_code == 403
    assert "<h1>You may not open this page</h1>" in response.text


def test_no_error_page_is_offered_to_search_machines():
    request = RequestFactory().get("/")
    pages = [views.bad_request, views.forbidden, views.not_found, views.server_error, views.csrf_failure]
    for page in pages:
        assert '<meta name="robots" content="noindex">' in page(request).text
        assert 'rel="canonical"' not in page(request).text


def test_security_txt_expires_within_a_year():
    now = dt.datetime(2026, 11, 20, 12, 30, tzinfo=dt.UTC)
    assert views.security_lines(now) == [
        f"Contact: mailto:{settings.CONTACT_EMAIL}",
        "Expires: 2027-11-19T00:00:00Z",
        "Preferred-Languages: en",
        f"Canonical: {settings.SITE_URL}/.well-known/security.txt",
    ]


def test_machines_find_security_txt_and_robots_txt(visitor: Client):
    found = visitor.get("/.well-known/security.txt")
    assert (found.status_code, found["Content-Type"]) == (200, "text/plain; charset=utf-8")
    assert visitor.get("/robots.txt").text.splitlines() == [
        "User-agent: *",
        "Disallow: /admin/",
        "Disallow: /quote/s/",
        f"Sitemap: {settings.SITE_URL}/sitemap.xml",
    ]
