"""The reading side: what is live, and nothing else."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone

from portal.paging import canonical, page_of
from portal.reading import reading_page

from . import pages
from .models import Guide, RevisionState, SlugRedirect, Source, Topic, Treatment

PER_PAGE = 12
SOURCES_PER_PAGE = 30


@reading_page
def guides(request: HttpRequest) -> HttpResponse:
    topics = {topic.slug: topic.name for topic in Topic.objects.all()}
    treatments = {treatment.slug: treatment.name for treatment in live(Treatment)}
    found = live(Guide).order_by("-live_revision__reviewed_at", "slug")
    filters = {
        "topic": chosen(request, "topic", topics),
        "treatment": chosen(request, "treatment", treatments),
        "audience": chosen(request, "for", dict(Guide.Audience.choices)),
    }
    if filters["topic"]:
        found = found.filter(topics__slug=filters["topic"])
    if filters["treatment"]:
        found = found.filter(treatments__slug=filters["treatment"])
    if filters["audience"]:
        # What is written for everyone is also written for each.
        found = found.filter(audience__in={filters["audience"], Guide.Audience.EVERYONE})
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
def treatments(request: HttpRequest) -> HttpResponse:
    found = live(Treatment).order_by("live_revision__title", "slug")
    page = page_of(request, found, PER_PAGE)
    shown = {"page_obj": page, "canonical_url": canonical(request, page)}
    return render(request, "articles/treatments.html", shown)


@reading_page
def treatment(request: HttpRequest, slug: str) -> HttpResponse:
    found = readable(request, Treatment, slug)
    if isinstance(found, HttpResponse):
        return found
    page = pages.treatment_page(found.live_revision, today=timezone.localdate())
    return render(request, "articles/treatment.html", page)


@reading_page
def sources(request: HttpRequest) -> HttpResponse:
    found = Source.objects.strongest_first()
    filters = {
        "kind": chosen(request, "kind", dict(Source.Kind.choices)),
        "main_measure": chosen(request, "result", dict(Source.MainMeasure.choices)),
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
    }
    return render(request, "articles/sources.html", shown)


@reading_page
def source(request: HttpRequest, key: str) -> HttpResponse:
    found = get_object_or_404(Source.objects.select_related("superseded_by"), key=key)
    return render(request, "articles/source.html", pages.source_page(found))


# --- What may be seen ---------------------------------------------------------------------------


def live(model: Any) -> Any:
    return pages.with_live_text(model.objects)


def chosen(request: HttpRequest, name: str, choices: dict[str, Any]) -> str:
    """The filter's value when it is one of the choices; anything else means no filter."""
    value = request.GET.get(name, "")
    return value if value in choices else ""


def readable(request: HttpRequest, model: Any, slug: str) -> Any:
    """The live subject; or the answer for an old address or a withdrawn text. Else 404."""
    with_people = model.objects.select_related("live_revision__author", "live_revision__reviewed_by")
    subject = with_people.filter(slug=slug).first()
    if subject is None:
        return moved(model, slug)
    if subject.live_revision is None:
        return gone(request, subject)
    subject.live_revision.subject = subject
    return subject


def moved(model: Any, slug: str) -> HttpResponsePermanentRedirect:
    kind = model._meta.model_name
    old = get_object_or_404(SlugRedirect, kind=kind, old_slug=slug)
    return HttpResponsePermanentRedirect(reverse(f"articles:{kind}", args=[old.new_slug]))


def gone(request: HttpRequest, subject: Any) -> HttpResponse:
    """For what readers saw once and see no more; 404 for what they never saw."""
    if not subject.revisions.filter(state=RevisionState.PUBLISHED).exists():
        raise Http404
    others = live(type(subject)).order_by("-live_revision__reviewed_at", "slug")[:5]
    return render(request, "articles/gone.html", {"others": others}, status=410)
