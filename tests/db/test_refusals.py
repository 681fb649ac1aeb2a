"""What staff are shown when a form came too late, or a page belongs to another role."""

import datetime as dt
import re

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from articles.models import Topic
from portal import refusals, roles
from portal.models import User
from tests import builders

pytestmark = pytest.mark.django_db

ADD = "/admin/articles/topic/add/"
TYPED = {"slug": "costs", "name": 'The "real" <costs>', "description": "One line.\r\nAnother line."}
HERE = {"origin": "http://testserver"}


@pytest.fixture
def strict() -> Client:
    return Client(enforce_csrf_checks=True)


def hidden(page) -> dict[str, str]:
    """The fields of the form on the page, as a browser would send them."""
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page.text)
    undo = {"&lt;": "<", "&gt;": ">", "&quot;": '"', "&#x27;": "'"}
    return {name: re.sub("&[^;]+;", lambda sign: undo[sign[0]], value) for name, value in found}


# --- Sessions -----------------------------------------------------------------------------------


def ends_at() -> dt.datetime:
    return Session.objects.get().expire_date


def test_a_session_ends_eight_hours_after_it_was_last_used(client, editor):
    client.force_login(editor)
    Session.objects.update(expire_date=timezone.now() + dt.timedelta(minutes=1))
    User.objects.update(last_login=timezone.now() - dt.timedelta(hours=7))
    page = client.get("/admin/")
    left = ends_at() - timezone.now()
    assert dt.timedelta(hours=7, minutes=59) < left <= dt.timedelta(hours=8)
    assert page.cookies["sessionid"]["max-age"] == 8 * 60 * 60


def test_a_session_is_written_once_in_five_minutes(now):
    session, person = Client().session, User(last_login=now)
    written = []
    for minutes in (0, 4, 5, 6, 9, 10):
        session.modified = False
        refusals.renew(session, person, now=now + dt.timedelta(minutes=minutes))
        written.append(session.modified)
    assert written == [False, False, True, False, False, True]


def test_a_reading_page_renews_nothing(client, editor):
    client.force_login(editor)
    page = client.get("/")
    assert (dict(page.cookies), page["Vary"]) == ({}, "Accept-Encoding")


# --- A form that came too late ------------------------------------------------------------------


def test_a_form_from_before_a_new_sign_in_is_offered_again_and_nothing_is_saved(strict, editor):
    strict.force_login(editor)
    page = strict.post(f"{ADD}?_changelist_filters=q", TYPED | {"csrfmiddlewaretoken": "old"}, headers=HERE)
    assert (page.status_code, page["Cache-Control"]) == (403, "no-store")
    assert f'action="{ADD}?_changelist_filters=q"' in page.text
    kept = hidden(page)
    assert kept.pop("csrfmiddlewaretoken") != "old"
    assert kept == TYPED
    assert Topic.objects.count() == 0


def test_sent_again_it_is_saved(strict, editor):
    strict.force_login(editor)
    page = strict.post(ADD, TYPED, headers=HERE)
    assert strict.post(ADD, hidden(page), headers=HERE).status_code == 302
    assert Topic.objects.get().name == TYPED["name"]


@pytest.mark.parametrize("headers", [{}, {"origin": "https://elsewhere.example"}])
def test_what_another_site_made_up_is_never_offered(strict, editor, headers):
    strict.force_login(editor)
    page = strict.post(ADD, TYPED, headers=headers)
    assert page.status_code == 403
    assert "costs" not in page.text
    assert "This form was too old" in page.text


@pytest.mark.parametrize(
    "path", ["/admin/login/", "/admin/password_change/", "/admin/portal/user/add/", "/admin/auth/group/add/"]
)
def test_passwords_and_accounts_are_never_offered(strict, path):
    strict.force_login(User.objects.create_superuser("root"))
    page = strict.post(path, {"username": "eda-typed", "password1": "typed-secret"}, headers=HERE)
    assert page.status_code == 403
    assert ("typed" in page.text, "Send it again" in page.text) == (False, False)


def test_a_field_with_a_password_is_left_out_of_any_form(strict, editor):
    strict.force_login(editor)
    page = strict.post(ADD, TYPED | {"new_password": "typed-secret"}, headers=HERE)
    assert "typed-secret" not in page.text


def test_readers_get_their_own_page(strict):
    page = strict.post("/quote/", {}, headers=HERE)
    assert "Please send the form again" in page.text


def test_a_form_sent_without_a_session_is_kept_until_the_person_is_back(client, editor):
    page = client.post(ADD, TYPED)
    assert (page.status_code, page["Cache-Control"]) == (403, "no-store")
    assert "Nothing was saved." in page.text
    assert "Sign in in a new tab" in page.text
    kept = hidden(page)
    assert {name: kept[name] for name in TYPED} == TYPED
    assert Topic.objects.count() == 0
    client.force_login(editor)
    assert client.post(ADD, kept).status_code == 302
    assert Topic.objects.get().slug == "costs"


def test_an_account_sent_without_a_session_leads_to_the_sign_in_which_says_so(client):
    page = client.post("/admin/portal/user/add/", {"username": "eda"}, follow=True)
    assert page.redirect_chain == [("/admin/login/?next=%2Fadmin%2Fportal%2Fuser%2Fadd%2F&unsaved=1", 302)]
    assert "You were signed out, so nothing was saved." in page.text


def test_a_plain_sign_in_says_nothing_of_it(client):
    assert "nothing was saved" not in client.get("/admin/login/").text


def test_signing_out_twice_leads_to_the_sign_in(client):
    assert client.post("/admin/logout/", follow=True).redirect_chain == [
        ("/admin/", 302),
        ("/admin/login/?next=/admin/", 302),
    ]


def test_the_page_after_signing_out_has_our_words(client, editor):
    client.force_login(editor)
    page = client.post("/admin/logout/")
    assert "quality time" not in page.text
    assert "<h1>You are signed out</h1>" in page.text


# --- A page of another role ---------------------------------------------------------------------


def refused(client, path, *held):
    client.force_login(builders.staff(*held))
    page = client.get(path)
    assert page.status_code == 403
    return re.sub(r"<[^>]+>", "", page.text)


def test_a_page_of_another_role_says_whose_it_is_and_who_gives_it(client):
    User.objects.create_superuser("root", first_name="Rosa", last_name="Root")
    words = refused(client, "/admin/quotes/quoterequest/", roles.EDITOR)
    assert "Your role is Editor. It does not open this page or allow this step." in words
    assert "Who may: Coordinator, Manager" in words
    assert "by a superuser: Rosa Root." in words
    assert "Back to your first page" in words


def test_accounts_are_made_by_superusers_only(client):
    assert "Who may: superusers only" in refused(client, "/admin/portal/user/add/", roles.MANAGER)


def test_nothing_is_deleted_by_anybody(client, editor):
    path = f"/admin/portal/user/{editor.pk}/delete/"
    assert "Who may: Nobody: nothing is deleted here." in refused(client, path, roles.MANAGER)


def test_an_address_that_does_not_tell_names_nobody(client, now):
    revision = builders.published(builders.guide(now=now), now=now)
    preview = reverse("admin:articles_guide_preview", args=[revision.subject_id, revision.number])
    assert "Who may" not in refused(client, preview, roles.COORDINATOR)
