import datetime as dt
import re

import pytest
from django.forms.models import model_to_dict
from django.utils import timezone

from articles import reviews, sources
from articles.models import Source
from portal import roles
from portal.models import Page
from portal.sitemaps import OurSitemap
from tests import builders

pytestmark = pytest.mark.django_db
EASY = {"easy_summary": "What can go wrong.", "easy_body": "<h2>Cells</h2><p>They can do harm.</p>"}


@pytest.fixture(autouse=True)
def site(settings):
    settings.SITE_URL = "https://look.example"


def listed(client, address):
    """What stands in a sitemap: each address without its beginning, and its day."""
    xml = client.get(address).content.decode()
    found = re.findall(r"<loc>https://look\.example(.*?)</loc>(?:<lastmod>(.*?)</lastmod>)?", xml)
    assert len(found) == xml.count("<loc>")
    return dict(found)


def test_the_index_names_a_file_for_each_kind_of_page(client):
    assert list(listed(client, "/sitemap.xml")) == [
        f"/sitemap-{section}.xml"
        for section in ("entries", "guides", "easy", "treatments", "sources", "pages")
    ]


def test_a_long_list_goes_on_in_another_file(client, now, monkeypatch):
    monkeypatch.setattr(OurSitemap, "limit", 2)
    for slug in ("a", "b", "c"):
        builders.published(builders.guide(slug, now=now), now=now)
    assert "/sitemap-guides.xml?p=2" in listed(client, "/sitemap.xml")
    assert list(listed(client, "/sitemap-guides.xml")) == ["/guides/a/", "/guides/b/"]
    assert list(listed(client, "/sitemap-guides.xml?p=2")) == ["/guides/c/"]


def test_pages_that_are_always_there(client):
    assert listed(client, "/sitemap-entries.xml") == dict.fromkeys(
        (
            *("/", "/emergency/", "/guides/", "/treatments/", "/treatments/compare/", "/evidence/"),
            *("/glossary/", "/trials/", "/check-an-offer/", "/quote/"),
        ),
        "",
    )


def test_only_what_is_live_is_listed_with_the_day_it_was_published(client, now):
    builders.published(builders.guide("risks", now=now), now=now)
    builders.guide("unwritten", now=now)
    builders.published(builders.treatment("cells", now=now), now=now)
    builders.treatment("unwritten", now=now)
    today = timezone.localdate(now).isoformat()
    assert listed(client, "/sitemap-guides.xml") == {"/guides/risks/": today}
    assert listed(client, "/sitemap-treatments.xml") == {"/treatments/cells/": today}


def test_a_source_has_the_day_its_record_last_changed_for_readers(client, now):
    editor = builders.staff(roles.EDITOR)
    values = model_to_dict(builders.source("old"), exclude=["id", "key", "treatments", "superseded_by"])
    source = sources.add(values | {"key": "new"}, by=editor, now=now)
    Source.objects.get(key="old").delete()
    assert listed(client, "/sitemap-sources.xml") == {"/evidence/new/": "2026-11-20"}
    for days, change in ((1, {"finding": "It helped nobody."}), (2, {"checked_on": dt.date(2026, 11, 22)})):
        sources.change(source, change, by=editor, now=now + dt.timedelta(days=days))
        assert listed(client, "/sitemap-sources.xml") == {"/evidence/new/": f"2026-11-{20 + days}"}
    cells = builders.treatment("cells", now=now)
    sources.change(source, {"treatments": [cells]}, by=editor, now=now + dt.timedelta(days=3))
    assert listed(client, "/sitemap-sources.xml") == {"/evidence/new/": "2026-11-23"}


def test_a_source_saved_as_it_was_keeps_its_day(client, now):
    source = builders.source("trial-1", changed_at=now)
    later = now + dt.timedelta(days=1)
    sources.change(source, {"finding": source.finding}, by=builders.staff(), now=later)
    assert listed(client, "/sitemap-sources.xml") == {"/evidence/trial-1/": "2026-11-20"}


def test_a_text_that_was_confirmed_has_the_day_of_that(client, now):
    live = builders.published(builders.guide("risks", now=now), now=now)
    later = now + dt.timedelta(days=30)
    reviews.confirm_still_current(
        live,
        reason="Nothing new was found.",
        next_review_on=later.date() + dt.timedelta(days=90),
        by=builders.staff(roles.REVIEWER),
        now=later,
    )
    assert listed(client, "/sitemap-guides.xml") == {"/guides/risks/": later.date().isoformat()}


def test_easy_versions_are_listed_at_their_own_addresses(client, now):
    builders.published(builders.guide("plain", now=now), now=now)
    builders.published(builders.guide("risks", now=now), now=now, **EASY)
    assert list(listed(client, "/sitemap-easy.xml")) == ["/guides/risks/easy/"]


def test_fixed_pages_have_the_day_they_were_saved(client, now):
    Page.objects.create(slug="about", title="About us", updated_at=now)
    assert listed(client, "/sitemap-pages.xml") == {"/about/": timezone.localdate(now).isoformat()}


@pytest.mark.parametrize("name", ["sitemap", "sitemap-guides"])
def test_a_sitemap_is_read_only(client, name):
    assert client.post(f"/{name}.xml").status_code == 405


def test_no_other_file_is_there(client):
    assert client.get("/sitemap-leads.xml").status_code == 404
    assert client.get("/sitemap-guides.xml?p=junk").status_code == 404
