"""The reading side: what is live, and nothing else."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone

from portal.paging import canonical, page_of
from portal.reading import keep_not, reading_page

from . import comparing, pages
from .models import Guide, Source, Topic, Treatment
from .readable import of_live

# As many as there are, for a long while: nobody looks for one guide on a second page.
PER_PAGE = 24
SOURCES_PER_PAGE = 30


@reading_page(params=("topic", "treatment", "for", "easy", "page"))
def guides(request: HttpRequest) -> HttpResponse:
    topics = {topic.slug: topic.name for topic in Topic.objects.all()}
    treatments = {treatment.slug: treatment.name for treatment in pages.with_live_text(Treatment.objects)}
    found = pages.guides_with_live_text(Guide.objects).order_by("-live_revision__reviewed_at", "slug")
    filters = {
        "topic": chosen(request, "topic", topics),
        "treatment": chosen(request, "treatment", treatments),
        "audience": chosen(request, "for", dict(Guide.Audience.choices)),
        "easy": chosen(request, "easy", {"1": True}),
    }
    if filters["topic"]:
        found = found.filter(topics__slug=filters["topic"])
    if filters["treatment"]:
        found = found.filter(treatments__slug=filters["treatment"])
    if filters["audience"]:
        # What is written for everyone is also written for each.
        found = found.filter(audience__in={filters["audience"], Guide.Audience.EVERYONE})
    if filters["easy"]:
        found = found.filter(has_easy=True)
    page = page_of(request, found, PER_PAGE)
    shown = {
        "page_obj": page,
        "canonical_url": canonical(request, page),
        "demonstration": any(guide.live_revision.demonstration for guide in page),
        "chosen": filters,
        "filtered": any(filters.values()),
        "topics": topics.items(),
        "treatments": treatments.items(),
        "audiences": Guide.Audience.choices,
    }
    return render(request, "articles/guides.html", shown)


@reading_page
@of_live(Guide)
def guide(request: HttpRequest, found: Any) -> HttpResponse:
    page = pages.guide_page(found.live_revision, today=timezone.localdate())
    return render(request, "articles/guide.html", page)


@reading_page
@of_live(Guide)
def guide_easy(request: HttpRequest, found: Any) -> HttpResponse:
    if not found.live_revision.easy_body:
        return render(request, "articles/no_easy.html", {"guide": found}, status=404)
    page = pages.easy_page(found.live_revision, today=timezone.localdate())
    return render(request, "articles/easy.html", page)


@reading_page(params=("page",))
def treatments(request: HttpRequest) -> HttpResponse:
    found = pages.with_live_text(Treatment.objects).order_by(*comparing.IN_ORDER)
    page = page_of(request, found, PER_PAGE)
    shown = {
        "page_obj": page,
        "canonical_url": canonical(request, page),
        "cells": [treatment for treatment in page if treatment.is_cells],
        "alternatives": [treatment for treatment in page if not treatment.is_cells],
    }
    return render(request, "articles/treatments.html", shown)


@reading_page(params=("t", "with"))
def compare(request: HttpRequest) -> HttpResponse:
    asked, ticked = request.GET.getlist("t"), request.GET.getlist("with")
    page = comparing.page(asked, ticked=ticked, today=timezone.localdate())
    if [*asked, *ticked] != page["used"]:
        keep_not(request)
    cells = [column.treatment.slug for column in page["columns"] if column.treatment.is_cells]
    page["on_paper"] = settings.SITE_URL + reverse("articles:compare", query={"t": cells})
    return render(request, "articles/compare.html", page, status=422 if page["problem"] else 200)


@reading_page
@of_live(Treatment)
def treatment(request: HttpRequest, found: Any) -> HttpResponse:
    page = pages.treatment_page(found.live_revision, today=timezone.localdate())
    return render(request, "articles/treatment.html", page)


@reading_page(params=("kind", "result", "state", "page"))
def sources(request: HttpRequest) -> HttpResponse:
    found = Source.objects.strongest_first()
    filters = {
        "kind": chosen(request, "kind", dict(Source.Kind.choices)),
        "main_measure": chosen(request, "result", dict(Source.MainMeasure.choices)),
        "state": chosen(request, "state", dict(Source.State.choices)),
    }
    found = found.filter(**{name: value for name, value in filters.items() if value})
    page = page_of(request, found, SOURCES_PER_PAGE)
    shown = {
        "page_obj": page,
        "canonical_url": canonical(request, page),
        "chosen": filters,
        "filtered": any(filters.values()),
        "kinds": Source.Kind.choices,
        "results": Source.MainMeasure.choices,
        "states": Source.State.choices,
    }
    return render(request, "articles/sources.html", shown)


@reading_page
def source(request: HttpRequest, key: str) -> HttpResponse:
    found = get_object_or_404(Source.objects.select_related("superseded_by"), key=key)
    return render(request, "articles/source.html", pages.source_page(found))


@reading_page
def glossary(request: HttpRequest) -> HttpResponse:
    return render(request, "articles/glossary.html", pages.glossary_page())


def chosen(request: HttpRequest, name: str, choices: dict[str, Any]) -> str:
    """The filter's value when it is one of the choices; anything else means no filter."""
    value = request.GET.get(name, "")
    if request.GET.getlist(name) not in ([], [""], [value] if value in choices else []):
        keep_not(request)
    return value if value in choices else ""
