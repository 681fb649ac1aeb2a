"""The reading side: what is live, and nothing else."""

from __future__ import annotations

from typing import Any, cast

from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponsePermanentRedirect,
)
from django.shortcuts import get_object_or_404, render
from django.urls import ResolverMatch, reverse
from django.utils import timezone

from portal.paging import canonical, page_of
from portal.reading import keep_not, reading_page

from . import comparing, pages
from .models import Guide, RevisionState, SlugRedirect, Source, Topic, Treatment

# As many as there are, for a long while: nobody looks for one guide on a second page.
PER_PAGE = 24
SOURCES_PER_PAGE = 30


@reading_page(params=("topic", "treatment", "for", "easy", "page"))
def guides(request: HttpRequest) -> HttpResponse:
    topics = {topic.slug: topic.name for topic in Topic.objects.all()}
    treatments = {treatment.slug: treatment.name for treatment in live(Treatment)}
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
def guide(request: HttpRequest, slug: str) -> HttpResponse:
    found = readable(request, Guide, slug)
    if isinstance(found, HttpResponse):
        return found
    page = pages.guide_page(found.live_revision, today=timezone.localdate())
    return render(request, "articles/guide.html", page)


@reading_page
def guide_easy(request: HttpRequest, slug: str) -> HttpResponse:
    found = readable(request, Guide, slug)
    if isinstance(found, HttpResponse):
        return found
    if not found.live_revision.easy_body:
        return render(request, "articles/no_easy.html", {"guide": found}, status=404)
    page = pages.easy_page(found.live_revision, today=timezone.localdate())
    return render(request, "articles/easy.html", page)


@reading_page(params=("page",))
def treatments(request: HttpRequest) -> HttpResponse:
    found = live(Treatment).order_by(*comparing.IN_ORDER)
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
    return render(request, "articles/compare.html", page, status=422 if page["problem"] else 200)


@reading_page
def treatment(request: HttpRequest, slug: str) -> HttpResponse:
    found = readable(request, Treatment, slug)
    if isinstance(found, HttpResponse):
        return found
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


# --- What may be seen ---------------------------------------------------------------------------


def live(model: Any) -> Any:
    return pages.with_live_text(model.objects)


def chosen(request: HttpRequest, name: str, choices: dict[str, Any]) -> str:
    """The filter's value when it is one of the choices; anything else means no filter."""
    value = request.GET.get(name, "")
    if request.GET.getlist(name) not in ([], [""], [value] if value in choices else []):
        keep_not(request)
    return value if value in choices else ""


def readable(request: HttpRequest, model: Any, slug: str) -> Any:
    """The live subject; or the answer for an old address or a withdrawn text. Else 404."""
    with_people = model.objects.select_related("live_revision__author", "live_revision__reviewed_by")
    subject = with_people.filter(slug=slug).first()
    if subject is None:
        return moved(request, model, slug)
    if subject.live_revision is None:
        return gone(request, subject)
    subject.live_revision.subject = subject
    return subject


def moved(request: HttpRequest, model: Any, slug: str) -> HttpResponsePermanentRedirect:
    """To the same page, file or version at the new address."""
    old = get_object_or_404(SlugRedirect, kind=model._meta.model_name, old_slug=slug)
    page = cast("ResolverMatch", request.resolver_match).view_name
    to = reverse(page, args=[old.new_slug])
    return HttpResponsePermanentRedirect(to, preserve_request=request.method == "POST")


def gone(request: HttpRequest, subject: Any) -> HttpResponse:
    """For what readers saw once and see no more; 404 for what they never saw."""
    if not subject.revisions.filter(state=RevisionState.PUBLISHED).exists():
        raise Http404
    others = live(type(subject)).order_by("-live_revision__reviewed_at", "slug")[:5]
    return render(request, "articles/gone.html", {"others": others}, status=410)
