import datetime as dt
import re

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group
from django.db import connection
from django.db.models.signals import pre_save
from django.template.response import TemplateResponse
from django.urls import reverse

from articles.models import Topic
from portal import roles
from portal.admin import when_shown
from portal.models import AuditEvent, OutboxMessage, Page, TokenBucket, User
from portal.staff_site import PER_ADDRESS, may_try
from tests import builders

pytestmark = pytest.mark.django_db

PASSWORD = "a long enough secret"
SIGN_IN = "/admin/login/"
TOO_MANY = "Too many attempts to sign in. Please wait a few minutes and try again."
WRONG = "Please enter the correct username and password for a staff account."


@pytest.fixture
def root(client):
    person = User.objects.create_superuser("root", "root@clinic.example", PASSWORD)
    client.force_login(person)
    return person


def sign_in(client, *, username="eda", password="wrong", address="192.0.2.1"):  # noqa: S107
    return client.post(SIGN_IN, {"username": username, "password": password}, REMOTE_ADDR=address)


def events():
    return list(AuditEvent.objects.order_by("pk").values_list("action", "target_label", "detail"))


def actions():
    return [action for action, _label, _detail in events()]


# --- Signing in ---------------------------------------------------------------------------------


def test_sign_in_leads_to_the_first_page_and_into_the_trail(client):
    builders.staff(roles.EDITOR, username="eda", password=PASSWORD)
    response = sign_in(client, password=PASSWORD)
    assert (response.status_code, response["Location"]) == (302, "/admin/")
    assert events() == [("staff.signed_in", "eda", {})]


def test_wrong_password_is_refused_with_a_message(client):
    builders.staff(roles.EDITOR, username="eda", password=PASSWORD)
    response = sign_in(client)
    assert response.status_code == 422
    assert WRONG in response.content.decode()
    assert events() == []


def test_eleventh_try_on_one_name_from_one_address_is_refused_even_with_the_password(client):
    builders.staff(roles.EDITOR, username="eda", password=PASSWORD)
    statuses = [sign_in(client).status_code for _try in range(10)]
    response = sign_in(client, username="EDA", password=PASSWORD)
    assert statuses == [422] * 10
    assert (response.status_code, response["Retry-After"]) == (429, "120")
    assert TOO_MANY in response.content.decode()


def test_nobody_is_locked_out_by_tries_from_elsewhere(client):
    builders.staff(roles.EDITOR, username="eda", password=PASSWORD)
    assert [sign_in(client).status_code for _try in range(11)] == [422] * 10 + [429]
    assert sign_in(client, password=PASSWORD, address="192.0.2.2").status_code == 302


def trying(rf, address):
    request = rf.post(SIGN_IN)
    request.client_address = address
    return request


def test_hundred_and_first_try_on_one_name_is_refused_wherever_it_comes_from(rf, now):
    allowed = [may_try(trying(rf, f"192.0.2.{n}"), "eda", now=now) for n in range(101)]
    assert allowed == [True] * 100 + [False]
    assert may_try(trying(rf, "192.0.2.200"), "eda", now=now + dt.timedelta(seconds=12))


def test_a_refused_machine_takes_nothing_from_the_name(rf, now):
    for _try in range(200):
        may_try(trying(rf, "192.0.2.1"), "eda", now=now)
    allowed = [may_try(trying(rf, f"192.0.2.{n}"), "eda", now=now) for n in range(2, 93)]
    assert allowed == [True] * 90 + [False]


def test_a_sign_in_that_succeeds_gives_all_tries_back(client):
    builders.staff(roles.EDITOR, username="eda", password=PASSWORD)
    for _try in range(9):
        sign_in(client)
    sign_in(client, password=PASSWORD)
    client.logout()
    assert [sign_in(client).status_code for _try in range(10)] == [422] * 10


def test_after_a_sign_in_only_the_tries_of_its_address_are_counted(client):
    builders.staff(roles.EDITOR, username="eda", password=PASSWORD)
    sign_in(client)
    assert TokenBucket.objects.count() == 3
    sign_in(client, password=PASSWORD)
    left = TokenBucket.objects.get().tokens
    assert round(left) == PER_ADDRESS.capacity - 2


def test_thirty_first_try_from_one_address_is_refused(rf, now):
    request = trying(rf, "192.0.2.1")
    allowed = [may_try(request, f"name{n}", now=now) for n in range(31)]
    assert allowed == [True] * 30 + [False]
    assert may_try(request, "name31", now=now + dt.timedelta(seconds=40))


def test_a_new_password_is_kept_by_argon2():
    assert builders.staff(password=PASSWORD).password.startswith("argon2$argon2id$")


def test_somebody_without_staff_status_is_not_let_in(client):
    client.force_login(builders.staff(username="eda", is_staff=False))
    response = client.get("/admin/")
    assert (response.status_code, response["Location"]) == (302, "/admin/login/?next=/admin/")


NEW = {"new_password1": "Fjord-lantern-92", "new_password2": "Fjord-lantern-92"}


def change_password(client, old, **new):
    return client.post("/admin/password_change/", {"old_password": old} | NEW | new)


def test_a_changed_password_is_in_the_trail(client):
    builders.staff(roles.EDITOR, username="eda", password=PASSWORD)
    client.login(username="eda", password=PASSWORD)
    answer = change_password(client, PASSWORD)
    assert (answer.status_code, answer["Location"]) == (302, "/admin/password_change/done/")
    assert events() == [("staff.password_changed", "eda", {})]


def test_the_old_password_cannot_be_guessed_at_an_open_desk(client):
    builders.staff(roles.EDITOR, username="eda", password=PASSWORD)
    client.login(username="eda", password=PASSWORD)
    assert [change_password(client, "wrong").status_code for _try in range(10)] == [200] * 10
    refused = change_password(client, PASSWORD)
    assert (refused.status_code, refused["Retry-After"]) == (429, "120")
    assert events() == []


def test_who_knows_the_old_password_may_try_new_ones(client):
    builders.staff(roles.EDITOR, username="eda", password=PASSWORD)
    client.login(username="eda", password=PASSWORD)
    answers = [change_password(client, PASSWORD, new_password2="other") for _try in range(12)]
    assert [answer.status_code for answer in answers] == [200] * 12


# --- What is recorded ---------------------------------------------------------------------------


def test_opening_a_record_is_recorded_once_it_was_shown(client, root):
    other = builders.staff(roles.EDITOR, username="eda")
    assert client.get(f"/admin/portal/user/{other.pk}/change/").status_code == 200
    assert events() == [("staff.opened", "eda", {})]


@pytest.mark.parametrize(("status", "noted"), [(200, 1), (409, 1), (422, 1), (403, 0), (404, 0), (500, 0)])
def test_whatever_the_answer_a_record_that_was_shown_was_opened(status, noted):
    page = TemplateResponse(None, "admin/_trail.html", {}, status=status)
    called = []
    when_shown(page, called.append).render()
    assert len(called) == noted


def test_a_record_shown_with_errors_is_recorded_too(client, root):
    other = builders.staff(roles.EDITOR, username="eda")
    shown = client.post(f"/admin/portal/user/{other.pk}/change/", {"username": ""})
    assert (shown.status_code, events()) == (422, [("staff.opened", "eda", {})])


def test_a_refused_opening_is_not_recorded(client):
    other = builders.staff(roles.EDITOR, username="eda")
    client.force_login(builders.staff(roles.COORDINATOR))
    assert client.get(f"/admin/portal/user/{other.pk}/change/").status_code == 403
    assert events() == []


def test_opening_what_is_not_there_is_not_recorded(client, root):
    assert client.get("/admin/portal/user/999999/change/").status_code == 302
    assert events() == []


def test_listing_is_recorded_with_filters_and_count_but_not_what_was_searched(client, root):
    builders.staff(roles.EDITOR, username="eda")
    builders.staff(roles.EDITOR, username="eli")
    assert client.get("/admin/portal/user/?is_active__exact=1&q=eda").status_code == 200
    detail = {"filters": {"is_active__exact": "1"}, "searched": True, "count": 1}
    assert events() == [("staff.listed", "", detail)]


def test_a_change_of_what_readers_see_is_recorded_from_what_to_what(client, root):
    term = {"slug": "costs", "name": "Costs", "description": ""}
    client.post("/admin/articles/topic/add/", term)
    topic = reverse("admin:articles_topic_change", args=[1]).replace("/1/", "/{}/")
    pk = AuditEvent.objects.get().target_id
    opened = client.get(topic.format(pk)).context["adminform"].form.initial["opened"]
    client.post(topic.format(pk), term | {"name": "What it costs", "opened": opened})
    assert events() == [
        ("topic.added", "Costs", {}),
        (
            "topic.changed",
            "What it costs",
            {"fields": ["name"], "changes": {"name": ["Costs", "What it costs"]}},
        ),
    ]


def test_history_says_who_did_what(client, root):
    client.post("/admin/articles/topic/add/", {"slug": "costs", "name": "Costs", "description": ""})
    pk = AuditEvent.objects.get().target_id
    page = client.get(f"/admin/articles/topic/{pk}/history/").content.decode()
    assert re.findall(r"<td>(root) <span class=\"quiet\">(.*?)</span></td>\s*<td>(.*?)</td>", page) == [
        ("root", "Administrator", "added it")
    ]


# --- Staff, groups, pages, letters, trail -------------------------------------------------------


def test_nothing_can_be_deleted_in_the_admin(rf, root):
    request = rf.get("/admin/")
    request.user = root
    deletable = [
        model.__name__ for model, made in admin.site._registry.items() if made.has_delete_permission(request)
    ]
    assert deletable == []


@pytest.mark.parametrize("path", ["/admin/portal/user/add/", "/admin/auth/group/add/"])
def test_only_superusers_make_accounts_and_groups(client, path):
    person = builders.staff(*roles.ALL)
    client.force_login(person)
    assert client.get(path).status_code == 403


def test_a_manager_sees_staff_without_anything_of_their_passwords(client):
    other = builders.staff(roles.EDITOR, username="eda", password=PASSWORD)
    client.force_login(builders.staff(roles.MANAGER))
    page = client.get(f"/admin/portal/user/{other.pk}/change/")
    assert page.status_code == 200
    assert "argon2" not in page.content.decode()
    posted = client.post(f"/admin/portal/user/{other.pk}/change/", {"username": "changed"})
    assert posted.status_code == 403


def test_a_superuser_makes_a_member_of_staff_with_byline_and_role(client, root):
    editors = Group.objects.get(name=roles.EDITOR)
    response = client.post(
        "/admin/portal/user/add/",
        {
            "username": "eda",
            "password1": "Fjord-lantern-92",
            "password2": "Fjord-lantern-92",
            "byline": "Dr E. Example, neurologist",
            "is_staff": "on",
            "groups": [editors.pk],
        },
    )
    made = User.objects.get(username="eda")
    assert (response.status_code, made.public_name, made.role) == (
        302,
        "Dr E. Example, neurologist",
        "Editor",
    )


def test_a_letter_never_shows_what_it_says(client, failed_letter):
    client.force_login(builders.staff(roles.COORDINATOR))
    pages = [client.get(f"/admin/portal/outboxmessage/{end}") for end in ("", f"{failed_letter.pk}/change/")]
    assert [page.status_code for page in pages] == [200, 200]
    assert [page.content.decode().count("private-secret") for page in pages] == [0, 0]


def test_who_may_not_see_leads_does_not_read_who_wrote_them(client, failed_letter):
    """The reference is the lead's: beside it an address would say who asked."""
    asked = ("", f"{failed_letter.pk}/change/", "?q=ada@home.example")
    shown = {}
    for role in (roles.COORDINATOR, roles.AUDITOR):
        client.force_login(builders.staff(role))
        pages = [client.get(f"/admin/portal/outboxmessage/{end}") for end in asked]
        shown[role] = [page.content.decode().count(">ada@home.example<") for page in pages]
        found = pages[-1].context_data["cl"].result_count
        shown[role].append(found)
    assert shown == {roles.COORDINATOR: [1, 1, 1, 1], roles.AUDITOR: [0, 0, 0, 0]}


def test_a_coordinator_sends_a_failed_letter_again(client, failed_letter):
    client.force_login(builders.staff(roles.COORDINATOR))
    chosen = {"action": "send_again", "_selected_action": [failed_letter.pk]}
    page = client.post("/admin/portal/outboxmessage/", chosen, follow=True)
    failed_letter.refresh_from_db()
    assert failed_letter.state == OutboxMessage.State.WAITING
    assert "1 letter will be sent again." in page.content.decode()
    assert actions() == ["letter.retried", "letter.listed"]


def test_sending_again_what_has_not_failed_says_so(client, failed_letter):
    OutboxMessage.objects.update(state=OutboxMessage.State.WAITING)
    client.force_login(builders.staff(roles.COORDINATOR))
    chosen = {"action": "send_again", "_selected_action": [failed_letter.pk]}
    page = client.post("/admin/portal/outboxmessage/", chosen, follow=True)
    assert "None of the chosen letters can be sent again." in page.content.decode()


def test_an_auditor_may_read_letters_but_not_send_them_again(client, failed_letter):
    client.force_login(builders.staff(roles.AUDITOR))
    chosen = {"action": "send_again", "_selected_action": [failed_letter.pk]}
    client.post("/admin/portal/outboxmessage/", chosen)
    failed_letter.refresh_from_db()
    assert failed_letter.state == OutboxMessage.State.FAILED


def test_letters_and_trail_are_read_only_even_for_a_superuser(client, root, failed_letter):
    client.get("/admin/portal/user/")
    event = AuditEvent.objects.get()
    addresses = (
        "/admin/portal/outboxmessage/add/",
        f"/admin/portal/outboxmessage/{failed_letter.pk}/change/",
        "/admin/portal/auditevent/add/",
        f"/admin/portal/auditevent/{event.pk}/change/",
    )
    assert [client.post(address, {}).status_code for address in addresses] == [403] * 4


def test_the_auditor_reads_and_filters_the_trail(client, root):
    client.get("/admin/portal/user/")
    client.force_login(builders.staff(roles.AUDITOR))
    page = client.get("/admin/portal/auditevent/?action=staff.listed")
    assert page.context_data["cl"].result_count == 1


# --- What an address may ask for ----------------------------------------------------------------


def listing(model):
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")


def test_no_list_is_narrowed_by_a_field_that_is_no_filter_of_it(client, root):
    asked = {
        f"{listing(model)}?{field.name}__regex=("
        for model in admin.site._registry
        for field in model._meta.concrete_fields
    }
    answers = {address: client.get(address) for address in asked}
    wrong = {
        address: answer.status_code
        for address, answer in answers.items()
        if (answer.status_code, answer.get("Location", "").partition("?")[2]) not in ((302, "e=1"), (400, ""))
    }
    assert wrong == {}


@pytest.mark.parametrize("guess", ["^https", "^nothing"])
def test_a_letter_s_secret_cannot_be_guessed_through_the_list(client, failed_letter, guess):
    client.force_login(builders.staff(roles.AUDITOR))
    answer = client.get(f"/admin/portal/outboxmessage/?context__link__regex={guess}")
    assert (answer.status_code, answer["Location"]) == (302, "/admin/portal/outboxmessage/?e=1")


@pytest.mark.parametrize(
    "question",
    ["action=%00", "at__gte=0001-01-01T00:00:00%2B14:00", "p=0", "p=99999999999999999999", "q=%00"],
)
def test_what_no_database_can_look_for_is_refused_kindly(client, root, question):
    client.get("/admin/portal/user/")
    client.get("/admin/portal/user/")
    assert client.get(f"/admin/portal/auditevent/?{question}", follow=True).status_code == 200


@pytest.mark.parametrize("model", admin.site._registry, ids=lambda model: model.__name__)
def test_a_nul_is_refused_by_every_filter(client, now, root, failed_letter, model):
    builders.lead(now=now)
    filters = admin.site._registry[model].list_filter
    names = [name for name in filters if isinstance(name, str)]
    asked = [f"{listing(model)}?{name}=%00" for name in [*names, "state", "stage", "readers"]]
    answers = [client.get(address) for address in asked]
    assert {(answer.status_code, answer["Location"].partition("?")[2]) for answer in answers} == {
        (302, "e=1")
    }


@pytest.mark.parametrize("words", ["a" * 60_000, "a " * 1200, "a" * 101])
def test_a_search_of_more_than_a_hundred_signs_is_not_begun(client, root, words):
    page = client.get("/admin/portal/page/", {"q": words})
    assert (page.status_code, page.context_data["cl"].query) == (200, "")
    assert "at most 100 characters" in page.content.decode()


@pytest.mark.parametrize("chosen", [["abc"], [""], ["\0"], ["9" * 25], ["1", "x"]])
@pytest.mark.parametrize("across", [{}, {"select_across": "1"}])
def test_an_action_on_what_is_no_record_is_refused(client, root, failed_letter, chosen, across):
    form = {"action": "send_again", "_selected_action": chosen, "index": "0"} | across
    assert client.post("/admin/portal/outboxmessage/", form).status_code == 400
    failed_letter.refresh_from_db()
    assert failed_letter.state == OutboxMessage.State.FAILED


def test_a_choice_too_big_for_a_number_is_refused(client, root):
    other = builders.staff(roles.EDITOR, username="eda")
    form = {"username": "eda", "groups": ["9" * 23]}
    # PostgreSQL knows no such group; SQLite cannot even look for it.
    status = {"postgresql": 422, "sqlite": 400}[connection.vendor]
    assert client.post(f"/admin/portal/user/{other.pk}/change/", form).status_code == status
    draft = {"slug": "new", "title": "New", "topics": ["9" * 23]}
    assert client.post("/admin/articles/guide/add/", draft).status_code in (422, 400)
    assert set(other.groups.values_list("name", flat=True)) == {roles.EDITOR}


@pytest.mark.parametrize("kind", ["1", "abc", "9" * 23])
@pytest.mark.parametrize("number", ["1", "abc", "9" * 23])
def test_the_admin_leads_nowhere_by_kind_and_number(client, root, kind, number):
    assert client.get(f"/admin/r/{kind}/{number}/").status_code == 404


def test_a_page_links_to_itself_on_the_site(client, root, now):
    page = Page.objects.create(slug="about", title="About", summary="We", body="", updated_at=now)
    shown = client.get(f"/admin/portal/page/{page.pk}/change/").content.decode()
    assert 'href="/about/" class="viewsitelink"' in shown


def test_who_saves_the_same_a_moment_later_is_told(client, root):
    """A colleague's topic comes between the check and the saving."""

    def colleague_is_faster(instance, **_signal):
        Topic.objects.bulk_create([Topic(slug=instance.slug, name=instance.name)])

    pre_save.connect(colleague_is_faster, sender=Topic)
    try:
        page = client.post(
            "/admin/articles/topic/add/", {"slug": "a", "name": "A", "description": ""}, follow=True
        )
    finally:
        pre_save.disconnect(colleague_is_faster, sender=Topic)
    assert page.redirect_chain == [("/admin/articles/topic/", 302)]
    assert "Somebody saved the same at this moment; nothing of yours was saved." in page.content.decode()
    assert "topic.added" not in actions()


# --- The content policy -------------------------------------------------------------------------


def test_the_editor_s_import_map_carries_the_nonce_of_the_policy(client, root):
    page = client.get("/admin/portal/page/add/")
    policy = page["Content-Security-Policy"]
    nonces = re.findall(r'<script type="importmap" nonce="([^"]+)">', page.content.decode())
    assert len(nonces) == 1
    assert f"'nonce-{nonces[0]}'" in policy


def test_the_admin_reads_from_right_to_left_in_arabic(client, root, settings):
    settings.LANGUAGE_CODE = "ar"
    page = client.get("/admin/").content.decode()
    assert 'dir="rtl"' in page
    assert "admin/css/rtl.css" in page
