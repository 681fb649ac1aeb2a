"""The trail in the admin: names, words, links, and what can be searched."""

import re

import pytest

from portal import audit, roles
from portal.models import AuditEvent, User
from quotes import pipeline
from quotes.models import QuoteRequest, Stage
from tests import builders

pytestmark = pytest.mark.django_db

TRAIL = "/admin/portal/auditevent/"


@pytest.fixture
def manager(client):
    person = builders.staff(roles.MANAGER, username="mani", first_name="Mani", last_name="Major")
    client.force_login(person)
    return person


@pytest.fixture
def eda():
    return builders.staff(roles.EDITOR, username="eda", first_name="Eda", last_name="Example")


def rows(client, asked="") -> list[list[str]]:
    page = client.get(f"{TRAIL}{asked}").text
    table = page[page.index("<tbody>") : page.index("</tbody>")] if "<tbody>" in page else ""
    return [
        [
            " ".join(re.sub(r"<[^>]+>", " ", cell).split())
            for cell in re.findall(r"<t[hd].*?</t[hd]>", row, re.S)
        ]
        for row in re.findall(r"<tr>.*?</tr>", table, re.S)
    ]


def record_page(client, event) -> str:
    page = client.get(f"{TRAIL}{event.pk}/change/").text
    return " ".join(re.sub(r"<[^>]+>", " ", page.partition('class="breadcrumbs"')[2]).split())


def test_the_list_is_in_words(client, manager, eda, now):
    topic = builders.topic(name="Costs")
    audit.record("topic.changed", topic, by=eda, now=now, detail={"fields": ["name", "slug"]})
    assert rows(client) == [
        ["20 November 2026, 12:00", "Eda Example", "Editor", "changed it (name, address)", "Topic Costs"]
    ]


def test_a_record_that_is_there_is_linked_and_one_that_is_gone_is_not(client, manager, eda, now):
    topic = builders.topic()
    there = audit.record("topic.changed", topic, by=eda, now=now)
    AuditEvent.objects.create(
        at=now, actor_name="x", action="topic.changed", target_type="articles.topic", target_id="999999"
    )
    AuditEvent.objects.create(
        at=now, actor_name="x", action="old.made", target_type="gone.thing", target_id="1"
    )
    page = client.get(TRAIL).text
    assert re.findall(r'href="(/admin/articles/\w+/\d+/change/)">[^<]', page) == [
        f"/admin/articles/topic/{there.target_id}/change/"
    ]


def test_a_record_that_the_reader_may_not_open_is_not_linked(client, now):
    lead = builders.lead(now=now)
    client.force_login(builders.staff(roles.AUDITOR))
    assert f"/admin/quotes/quoterequest/{lead.pk}/" not in client.get(TRAIL).text


def test_a_lead_s_event_has_the_words_of_its_history_everywhere(client, manager, now):
    lead = builders.lead(now=now)
    pipeline.move(lead, Stage.IN_TOUCH, by=manager, now=now)
    event = AuditEvent.objects.get(action="lead.moved")
    said = "moved it from “received” to “in touch”"
    assert said in rows(client, "?action=lead.moved")[0]
    assert said in record_page(client, event)
    history = client.get(f"/admin/quotes/quoterequest/{lead.pk}/history/").text
    assert said in history
    assert "the requester" in history


def test_an_event_s_page_has_no_code_of_ours(client, manager, eda, now):
    audit.record(
        "staff.listed", User, by=eda, now=now, detail={"filters": {"role": "x"}, "searched": True, "count": 3}
    )
    words = record_page(client, AuditEvent.objects.get(action="staff.listed"))
    assert "looked at the list" in words
    assert "3 records; only some, by role; searched" in words
    assert re.findall(r"staff\.listed|portal\.user|[{}]|Detail", words) == []
    assert "An event of the trail" in words


def test_the_name_stays_as_it_was_at_the_time(eda, now):
    event = audit.record("topic.opened", builders.topic(), by=eda, now=now)
    User.objects.filter(pk=eda.pk).update(last_name="Married")
    event.refresh_from_db()
    assert event.actor_name == "Eda Example"


@pytest.mark.parametrize("asked", ["Eda", "example", "Eda Example", "eda", "Eda+Married", "Married"])
def test_a_person_is_found_by_any_of_their_names(client, manager, eda, now, asked):
    audit.record("topic.opened", builders.topic(), by=eda, now=now)
    audit.record("topic.opened", builders.topic(), by=manager, now=now)
    User.objects.filter(pk=eda.pk).update(last_name="Married", byline="Eda Married, MD")
    assert [row[1] for row in rows(client, f"?q={asked}")] == ["Eda Example"]


def test_the_filters_are_in_words(client, manager, eda, now):
    audit.record("topic.changed", builders.topic(), by=eda, now=now)
    audit.record("lead.submitted", QuoteRequest, by="requester", now=now)
    page = client.get(TRAIL).text
    offered = re.findall(r'<a href="\?(?:action|actor_role|target_type)=[^"]*">([^<]*)</a>', page)
    assert offered == [
        "Lead: sent the request",
        "Topic: changed it",
        "Editor",
        "Without a role",
        "Lead",
        "Topic",
    ]


def test_what_has_no_role_can_be_asked_for(client, manager, eda, now):
    audit.record("topic.changed", builders.topic(), by=eda, now=now)
    audit.record("lead.submitted", QuoteRequest, by="requester", now=now)
    assert [row[1] for row in rows(client, "?actor_role=none")] == ["the requester"]


def test_the_list_has_its_own_title_and_counts_events(client, manager, eda, now):
    audit.record("topic.changed", builders.topic(), by=eda, now=now)
    audit.record("topic.opened", builders.topic(), by=eda, now=now)
    page = client.get(TRAIL).text
    assert "<h1>Trail</h1>" in page
    assert "2 events" in page
