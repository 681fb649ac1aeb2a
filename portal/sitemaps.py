"""The sitemap's ground: every address under SITE_URL, whatever host a request names."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.sitemaps import Sitemap
from django.contrib.sitemaps.views import SitemapIndexItem
from django.urls import reverse

from .models import Page


class OurSitemap(Sitemap):
    # A file that a search engine reads in one breath; 50,000 would be allowed.
    limit = 5_000

    def get_domain(self, site: Any = None) -> str:
        return urlsplit(settings.SITE_URL).netloc

    def get_protocol(self, protocol: str | None = None) -> str:
        return urlsplit(settings.SITE_URL).scheme


def files_of(sitemaps: Mapping[str, type[OurSitemap]]) -> list[SitemapIndexItem]:
    """Every file of every sitemap. Without days: to know the newest, all their pages would be read."""
    return [
        SitemapIndexItem(f"{settings.SITE_URL}{reverse('sitemap', args=[section])}{page}")
        for section, sitemap in sitemaps.items()
        for page in ("", *(f"?p={number}" for number in range(2, sitemap().paginator.num_pages + 1)))
    ]


class EntrySitemap(OurSitemap):
    """The pages that are always there."""

    def items(self) -> list[str]:
        return [
            *("home", "emergency", "articles:guides", "articles:treatments", "articles:compare"),
            *("articles:sources", "articles:glossary", "articles:trials", "articles:offer", "quotes:start"),
        ]

    def location(self, item: str) -> str:
        return reverse(item)


class PageSitemap(OurSitemap):
    def items(self) -> Any:
        return Page.objects.for_readers().order_by("slug")

    def lastmod(self, item: Page) -> dt.datetime:
        return item.updated_at
