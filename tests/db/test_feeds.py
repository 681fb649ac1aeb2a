import datetime as dt

import pytest
from lxml import etree, html

from tests import builders

pytestmark = pytest.mark.django_db

ATOM = "{http://www.w3.org/2005/Atom}"


def entries(response):
    return [
        entry.findtext(f"{ATOM}title") for entry in etree.fromstring(response.content).iter(f"{ATOM}entry")
    ]


def published(slug, now, **changes):
    return builders.published(builders.guide(slug, now=now), now=now, **changes)


def test_the_feed_has_what_is_live_the_newest_first(client, now):
    published("old", now, title="Old")
    published("new", now + dt.timedelta(hours=1), title="New")
    builders.approved(builders.guide("hidden", now=now), now=now)
    assert entries(client.get("/feeds/guides.atom")) == ["New", "Old"]


def test_an_entry_says_where_when_and_what(client, now, settings):
    settings.SITE_URL = "https://look.example"
    published("risks", now, title="Risks", summary="What can go wrong.", change_note="New trial added")
    entry = etree.fromstring(client.get("/feeds/guides.atom").content).find(f"{ATOM}entry")
    assert {
        "link": entry.find(f"{ATOM}link").get("href"),
        "id": entry.findtext(f"{ATOM}id"),
        "updated": entry.findtext(f"{ATOM}updated"),
        "summary": entry.findtext(f"{ATOM}summary"),
    } == {
        "link": "https://look.example/guides/risks/",
        "id": "https://look.example/guides/risks/#1",
        "updated": now.isoformat(),
        "summary": "What can go wrong. Changed: New trial added",
    }


def test_a_topic_has_a_feed_of_its_own(client, now):
    topic = builders.topic(slug="safety", name="Safety")
    topic.guides.add(published("risks", now, title="Risks").subject)
    published("costs", now, title="Costs")
    response = client.get("/feeds/topics/safety.atom")
    assert entries(response) == ["Risks"]
    feed = etree.fromstring(response.content)
    assert feed.findtext(f"{ATOM}title") == "Guides on Safety – Second Look"
    assert client.get("/feeds/topics/nothing.atom").status_code == 404


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("guides.rss", "application/rss+xml; charset=utf-8"),
        ("guides.atom", "application/atom+xml; charset=utf-8"),
    ],
)
def test_both_kinds_say_what_they_are(client, address, kind):
    assert client.get(f"/feeds/{address}")["Content-Type"] == kind


def test_an_empty_rss_feed_is_one(client, settings):
    settings.SITE_URL = "https://look.example"
    channel = etree.fromstring(client.get("/feeds/guides.rss").content).find("channel")
    assert channel.findtext("link") == "https://look.example/guides/"
    assert channel.find("item") is None


def test_a_feed_costs_the_same_queries_for_one_guide_and_for_three(client, now, django_assert_num_queries):
    published("one", now)
    with django_assert_num_queries(1):
        client.get("/feeds/guides.atom")
    published("two", now)
    published("three", now)
    with django_assert_num_queries(1):
        client.get("/feeds/guides.atom")


def test_pages_name_the_feed(client):
    head = html.fromstring(client.get("/guides/").content).find("head")
    named = [link for link in head.iter("link") if link.get("rel") == "alternate"]
    assert [(link.get("type"), link.get("href")) for link in named] == [
        ("application/atom+xml", "/feeds/guides.atom")
    ]
