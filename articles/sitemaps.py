"""Guides, treatments and sources for the sitemap, each with the day its page last changed."""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar

from django.db.models import Max

from portal.sitemaps import OurSitemap

from . import pages
from .models import Guide, Source, Treatment


class SubjectSitemap(OurSitemap):
    model: ClassVar[type[Guide | Treatment]]

    def items(self) -> Any:
        live = pages.with_live_text(self.model._default_manager)
        return live.annotate(confirmed_at=Max("live_revision__confirmations__at")).order_by("slug")

    def lastmod(self, item: Any) -> dt.datetime:
        """When its text was published or, later, found to hold still."""
        return max(filter(None, (item.live_revision.published_at, item.confirmed_at)))


class GuideSitemap(SubjectSitemap):
    model = Guide


class EasySitemap(GuideSitemap):
    """The guides in easy words, which have addresses of their own."""

    def items(self) -> Any:
        return super().items().exclude(live_revision__easy_body="")

    def location(self, item: Guide) -> str:
        return item.get_easy_url()


class TreatmentSitemap(SubjectSitemap):
    model = Treatment


class SourceSitemap(OurSitemap):
    def items(self) -> Any:
        return Source.objects.order_by("key")

    def lastmod(self, item: Source) -> dt.datetime:
        """When its record last changed, be it that somebody found it right and noted the day."""
        return item.changed_at
