"""Whatever stands in an address or in a form, the answer is never a failure of ours."""

from collections.abc import Callable
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal import roles
from portal.models import User
from tests import builders

pytestmark = [
    pytest.mark.django_db,
    # A day without a time zone in a filter: Django takes it, and says so.
    pytest.mark.filterwarnings("ignore:DateTimeField"),
]

# One client and one database for all examples: each only adds to what is there.
many = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

ODD = [
    "\0",
    "(",
    "%",
    "'",
    '"',
    "..",
    "-1",
    "9" * 25,
    "null",
    "1e9",
    "٣",
    "0001-01-01T00:00+14:00",
    "10000-01-01",
]
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=40) | st.sampled_from(ODD)
QUERY = st.dictionaries(TEXT | st.sampled_from(["q", "page", "topic", "kind", "treatment"]), TEXT, max_size=4)


def survives(ask: Callable[..., Any], *asked: Any, **how: Any) -> None:
    assert ask(*asked, **how).status_code < 500


@many
@given(username=TEXT, password=TEXT, after=TEXT, address=st.ip_addresses().map(str))
def test_signing_in(client, username, password, after, address):
    form = {"username": username, "password": password, "next": after}
    survives(client.post, "/admin/login/", form, REMOTE_ADDR=address)


@many
@given(query=QUERY)
@pytest.mark.parametrize("path", ["/", "/guides/", "/treatments/", "/evidence/", "/search/", "/quote/"])
def test_the_query_of_a_page(client, path, query):
    survives(client.get, f"{path}?{urlencode(query)}")


@many
@given(word=TEXT)
@pytest.mark.parametrize("start", ["/", "/guides/", "/treatments/", "/evidence/", "/quote/", "/quote/s/"])
def test_the_last_word_of_an_address(client, start, word):
    survives(client.get, f"{start}{quote(word, safe='')}/")


@pytest.mark.parametrize("key", [r"\000\001abcdefgh", r"\377\376abcdefgh", "a" * 5000, "..........", ""])
@pytest.mark.parametrize("path", ["/quote/signs/", "/quote/sent/", "/admin/login/", "/admin/"])
def test_a_session_cookie_that_is_none_of_ours(client, path, key):
    survives(client.get, path, headers={"cookie": f'sessionid="{key}"'})


def parameters(made: admin.ModelAdmin) -> list[str]:
    """Names that this list, or Django's, might understand."""
    names = [field.name for field in made.model._meta.fields]
    endings = ("", "__exact", "__isnull", "__gte", "__lt", "__regex", "__in", "__year", "__pk__exact")
    of_fields = [name + ending for name in names for ending in endings]
    return [
        *of_fields,
        "q",
        "p",
        "o",
        "e",
        "all",
        "_facets",
        "_popup",
        "_to_field",
        "_changelist_filters",
        "stage",
        "waiting",
        "assignee",
        "treatment",
        "country",
        "state",
        "readers",
        "topics__id__exact",
    ]


@many
@given(choice=st.data())
@pytest.mark.parametrize("model", admin.site._registry, ids=lambda model: model.__name__)
def test_the_query_of_a_list(client, now, model, choice):
    if not User.objects.filter(username="root").exists():
        builders.lead(now=now)
        builders.draft(builders.guide(now=now), by=builders.staff(roles.EDITOR), now=now)
        client.force_login(User.objects.create_superuser("root"))
    names = st.sampled_from(parameters(admin.site._registry[model])) | TEXT
    query = choice.draw(st.dictionaries(names, TEXT, min_size=1, max_size=3))
    address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
    survives(client.get, f"{address}?{urlencode(query)}", follow=True)


def test_a_list_is_really_reached(client: Client):
    client.force_login(User.objects.create_superuser("root"))
    assert client.get("/admin/portal/user/?o=1").status_code == 200
