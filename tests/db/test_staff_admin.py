"""Accounts in the admin: what a new one has, what cannot be taken away, what the trail says of it."""

import re

import pytest
from django.contrib.auth.models import Group

from portal import roles
from portal.models import AuditEvent, User
from tests import builders

pytestmark = pytest.mark.django_db

ADD = "/admin/portal/user/add/"
PASSWORDS = {"password1": "Fjord-lantern-92", "password2": "Fjord-lantern-92"}
OWN = "You cannot take this from yourself. Ask another superuser."
LAST = "This is the last superuser. Make another one first."
ALL_RIGHTS = {"is_active": "on", "is_staff": "on", "is_superuser": "on"}


@pytest.fixture
def root(client):
    person = User.objects.create_superuser("root", "root@clinic.example", "x")
    client.force_login(person)
    return person


def change(client, person, **fields):
    kept = {"username": person.username, "email": person.email}
    return client.post(f"/admin/portal/user/{person.pk}/change/", kept | fields)


def errors(response) -> dict[str, list[str]]:
    return dict(response.context_data["adminform"].form.errors)


def test_a_new_account_may_sign_in_unless_told_otherwise(client, root):
    form = client.get(ADD).text
    assert re.search(r'<input type="checkbox" name="is_staff"[^>]*checked', form)
    assert "Without this mark nobody signs in to the staff pages." in form


@pytest.mark.parametrize("end", ["add/", "{}/password/"])
def test_nobody_is_offered_a_way_in_without_a_password(client, root, end):
    person = builders.staff(password="Fjord-lantern-92")
    page = client.get("/admin/portal/user/" + end.format(person.pk)).text
    assert re.findall(r"SSO|LDAP|[Pp]assword-based|usable_password", page) == []


def test_a_password_is_set_by_a_superuser(client, root):
    person = builders.staff(username="eda", password="Fjord-lantern-92")
    new = {"password1": "Harbour-lantern-93", "password2": "Harbour-lantern-93"}
    assert client.post(f"/admin/portal/user/{person.pk}/password/", new).status_code == 302
    person.refresh_from_db()
    assert person.check_password("Harbour-lantern-93")
    event = AuditEvent.objects.get(action="staff.changed")
    assert (event.target_label, event.detail) == ("eda", {"fields": ["password"]})


def test_an_empty_password_is_refused(client, root):
    person = builders.staff(username="eda", password="Fjord-lantern-92")
    page = client.post(f"/admin/portal/user/{person.pk}/password/", {"unset-password": "1"})
    assert set(page.context_data["form"].errors) == {"password1", "password2"}


@pytest.mark.parametrize("right", ALL_RIGHTS)
def test_nobody_takes_the_keys_from_themselves(client, root, right):
    User.objects.create_superuser("second")
    kept = {name: on for name, on in ALL_RIGHTS.items() if name != right}
    assert errors(change(client, root, **kept)) == {right: [OWN]}


def test_a_superuser_who_is_not_the_last_can_be_let_go(client, root):
    other = User.objects.create_superuser("second")
    assert change(client, other, is_staff="on", is_superuser="on").status_code == 302
    other.refresh_from_db()
    assert not other.is_active


def test_the_last_superuser_keeps_the_keys(client, root):
    """Who asks was let go a moment ago, while the page was open."""
    last = User.objects.create_superuser("last")
    form = client.get(f"/admin/portal/user/{last.pk}/change/").context_data["adminform"].form
    User.objects.filter(pk=root.pk).update(is_superuser=False)
    posted = type(form)({"username": "last", "is_active": "on", "is_staff": "on"}, instance=last)
    assert posted.errors == {"is_superuser": [LAST]}


def test_other_staff_can_be_let_go(client, root):
    assert change(client, builders.staff(username="eda"), is_staff="on").status_code == 302
    assert not User.objects.get(username="eda").is_active


# --- The trail ----------------------------------------------------------------------------------


def noted(action):
    return AuditEvent.objects.get(action=action).detail


def group(name):
    return Group.objects.get(name=name).pk


def test_the_trail_names_the_roles_that_were_given_and_taken(client, root):
    person = builders.staff(roles.EDITOR, roles.AUDITOR, username="eda")
    chosen = [group(roles.AUDITOR), group(roles.MANAGER), group(roles.COORDINATOR)]
    change(client, person, is_active="on", is_staff="on", groups=chosen)
    assert noted("staff.changed") == {
        "fields": ["groups"],
        "roles_given": ["Coordinator", "Manager"],
        "roles_taken": ["Editor"],
    }


@pytest.mark.parametrize(("before", "after", "word"), [(False, "on", "given"), (True, "", "taken")])
def test_the_trail_says_when_somebody_is_made_a_superuser_or_no_longer_is(client, root, before, after, word):
    person = builders.staff(username="eda", is_superuser=before)
    rights = {"is_active": "on", "is_staff": "on"} | ({"is_superuser": after} if after else {})
    change(client, person, **rights)
    assert noted("staff.changed") == {"fields": ["is_superuser"], "superuser": word}


def test_the_trail_names_the_roles_of_a_new_account(client, root):
    fields = PASSWORDS | {"username": "eda", "is_staff": "on", "groups": [group(roles.EDITOR)]}
    assert client.post(ADD, fields).status_code == 302
    assert noted("staff.added") == {"roles_given": ["Editor"]}


def test_a_list_of_staff_can_be_narrowed_to_a_role_and_to_none(client, root):
    builders.staff(roles.EDITOR, username="eda")
    found = {
        asked: [
            person.username
            for person in client.get(f"/admin/portal/user/?role={asked}").context_data["cl"].queryset
        ]
        for asked in ("Editor", "none")
    }
    assert found == {"Editor": ["eda"], "none": ["root"]}
