"""New and changed guides as feeds, Atom and RSS, all of them or those of one topic."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.conf import settings
from django.contrib.syndication.views import Feed
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import gettext as _

from . import pages
from .models import Guide, Topic

NEWEST = 30


class GuidesRss(Feed):
    """All guides, the one published last first. Every address is under SITE_URL, whatever host was asked."""

    address = "articles:guides_rss"
    description_template = None

    def get_object(self, request: HttpRequest, slug: str = "") -> Topic | None:
        return get_object_or_404(Topic, slug=slug) if slug else None

    def title(self, topic: Topic | None) -> str:
        if topic is None:
            return _("Guides – %(site)s") % {"site": settings.SITE_NAME}
        return _("Guides on %(topic)s – %(site)s") % {"topic": topic.name, "site": settings.SITE_NAME}

    def description(self, topic: Topic | None) -> str:
        if topic is not None and topic.description:
            return topic.description
        return _("Guides on medical treatment abroad, with the benefits, the risks and the sources.")

    subtitle = description

    def link(self, topic: Topic | None) -> str:
        only = f"?topic={topic.slug}" if topic else ""
        return f"{settings.SITE_URL}{reverse('articles:guides')}{only}"

    def feed_url(self, topic: Topic | None) -> str:
        return settings.SITE_URL + reverse(self.address, args=[topic.slug] if topic else [])

    def items(self, topic: Topic | None) -> Any:
        guides = pages.with_live_text(topic.guides if topic else Guide.objects)
        return guides.order_by("-live_revision__published_at", "slug")[:NEWEST]

    def item_title(self, item: Any) -> str:
        return item.live_revision.title

    def item_description(self, item: Any) -> str:
        """The summary, and what changed where this is not its first text."""
        note = item.live_revision.change_note
        changed = _("Changed: %(note)s") % {"note": note} if note else ""
        return " ".join(filter(None, [item.live_revision.summary, changed]))

    def item_link(self, item: Any) -> str:
        return settings.SITE_URL + item.get_absolute_url()

    def item_guid(self, item: Any) -> str:
        """Another one for each published text, so that readers of the feed hear of a change."""
        return f"{self.item_link(item)}#{item.live_revision.number}"

    item_guid_is_permalink = False

    def item_pubdate(self, item: Any) -> dt.datetime:
        return item.live_revision.published_at

    item_updateddate = item_pubdate


class GuidesAtom(GuidesRss):
    address = "articles:guides_atom"
    feed_type = Atom1Feed


class TopicRss(GuidesRss):
    address = "articles:topic_rss"


class TopicAtom(GuidesAtom):
    address = "articles:topic_atom"
