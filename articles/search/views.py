"""The search page. Whatever is typed or stands in the address, it answers."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from portal.reading import reading_page

from .. import pages, search
from ..models import Guide, SearchEntry, Topic
from ..texts import printable
from ..views import chosen
from . import nearby
from . import words as search_words

Kind = SearchEntry.Kind
# As links to narrow the results; the choices of the field name one.
IN_PLURAL: dict[str, str | Promise] = {
    "": _("Everything"),
    Kind.GUIDE: _("Guides"),
    Kind.TREATMENT: _("Treatments"),
    Kind.SOURCE: _("Evidence"),
    Kind.WORD: _("Words explained"),
}
TO_START_WITH = (
    "questions-before-you-pay",
    "stem-cells-for-stroke-benefits-and-risks",
    "what-a-trip-really-costs",
)
AUDIENCES = [choice for choice in Guide.Audience.choices if choice[0] != Guide.Audience.EVERYONE]


# What people type is without end: nothing of it is kept.
@reading_page(params=("q", "kind", "topic", "audience", "page", "as_typed"), kept=False)
def find(request: HttpRequest) -> HttpResponse:
    typed = printable(request.GET.get("q", ""))
    topics = {topic.slug: topic for topic in Topic.objects.all()}
    filters = {
        "kind": chosen(request, "kind", dict(Kind.choices)),
        "topic": chosen(request, "topic", topics),
        "audience": chosen(request, "audience", dict(AUDIENCES)),
    }
    found = search.query(
        typed,
        kind=filters["kind"],
        topic=topics[filters["topic"]].pk if filters["topic"] else None,
        audience=filters["audience"],
        page=request.GET.get("page"),
        as_typed=bool(request.GET.get("as_typed")),
    )
    shown = {
        "typed": typed[: search_words.LONGEST_QUERY],
        "is_cut": search_words.is_cut(typed),
        "is_empty": not found.number_of() and search_words.says_nothing(typed),
        "found": found,
        "page_obj": found.page,
        "kinds": _kinds(found, filters),
        "chosen": filters,
        "narrowed": any(filters.values()),
        "above": nearby.above(typed) if found.page.number == 1 and not any(filters.values()) else [],
        "help_now": search_words.despairs(typed),
        "other_language": search_words.is_in_another_language(typed),
        "other_script": search_words.is_in_another_script(typed),
        "topics": topics.values(),
        "audiences": AUDIENCES,
        "longest": search_words.LONGEST_QUERY,
        "to_start_with": [] if found.page.object_list else _to_start_with(),
        "canonical_url": _canonical(typed, filters, found.page.number),
    }
    return render(request, "articles/search.html", shown)


def _kinds(found: search.Found, filters: dict[str, str]) -> list[dict[str, Any]]:
    """The links that narrow the results to one kind, each with how many there are."""
    return [
        {
            "kind": kind,
            "name": name,
            "number": found.number_of(kind),
            "more": found.has_more_of(kind),
            "is_chosen": kind == filters["kind"],
        }
        for kind, name in IN_PLURAL.items()
    ]


def _to_start_with() -> list[Guide]:
    return list(pages.with_live_text(Guide.objects).filter(slug__in=TO_START_WITH).order_by("slug"))


def _canonical(typed: str, filters: dict[str, str], page: int) -> str:
    asked = {"q": typed[: search_words.LONGEST_QUERY], **filters, "page": page if page > 1 else ""}
    query = urlencode({name: value for name, value in asked.items() if value})
    return settings.SITE_URL + reverse("articles:search") + (f"?{query}" if query else "")
