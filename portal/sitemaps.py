"""The sitemap's ground: every address under SITE_URL, whatever host a request names."""

from __future__ import annotations

import datetime as dt
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.sitemaps import Sitemap
from django.urls import reverse

from .models import Page


class OurSitemap(Sitemap):
    def get_domain(self, site: Any = None) -> str:
        return urlsplit(settings.SITE_URL).netloc

    def get_protocol(self, protocol: str | None = None) -> str:
        return urlsplit(settings.SITE_URL).scheme


class EntrySitemap(OurSitemap):
    """The pages that are always there."""

    def items(self) -> list[str]:
        names = ["home", "emergency", "articles:guides", "articles:treatments", "articles:sources"]
        return [*names, "quotes:start"]

    def location(self, item: str) -> str:
        return reverse(item)


class PageSitemap(OurSitemap):
    def items(self) -> Any:
        return Page.objects.for_readers().order_by("slug")

    def lastmod(self, item: Page) -> dt.datetime:
        return item.updated_at
