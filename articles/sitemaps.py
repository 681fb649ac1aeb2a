"""Guides, treatments and sources for the sitemap, each with the day its page last changed."""

from __future__ import annotations

import datetime as dt
from typing import Any

from portal.sitemaps import OurSitemap

from . import pages
from .models import Guide, Source, Treatment


class GuideSitemap(OurSitemap):
    def items(self) -> Any:
        return pages.with_live_text(Guide.objects).order_by("slug")

    def lastmod(self, item: Guide | Treatment) -> dt.datetime | None:
        return item.live_revision.published_at if item.live_revision else None


class TreatmentSitemap(GuideSitemap):
    def items(self) -> Any:
        return pages.with_live_text(Treatment.objects).order_by("slug")


class SourceSitemap(OurSitemap):
    def items(self) -> Any:
        return Source.objects.order_by("key")

    def lastmod(self, item: Source) -> dt.date:
        return item.checked_on
