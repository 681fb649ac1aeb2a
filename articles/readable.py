"""What stands at the address of a guide or treatment: its live text, its new address, or that it is gone."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import ResolverMatch, reverse

from . import pages
from .models import RevisionState, SlugRedirect

View = Callable[..., HttpResponse]


def of_live(model: Any) -> Callable[[View], View]:
    """The decorated view gets the live guide or treatment itself, where its address has the slug.

    It is not asked for an old address, a withdrawn text, or what there never was.
    """

    def decorated(show: View) -> View:
        @wraps(show)
        def view(request: HttpRequest, slug: str) -> HttpResponse:
            with_people = model.objects.select_related("live_revision__author", "live_revision__reviewed_by")
            subject = with_people.filter(slug=slug).first()
            if subject is None:
                return moved(request, model, slug)
            if subject.live_revision is None:
                return gone(request, subject)
            subject.live_revision.subject = subject
            return show(request, subject)

        return view

    return decorated


def moved(request: HttpRequest, model: Any, slug: str) -> HttpResponsePermanentRedirect:
    """To the same page, file or version at the new address; 404 where there was none."""
    old = get_object_or_404(SlugRedirect, kind=model._meta.model_name, old_slug=slug)
    page = cast("ResolverMatch", request.resolver_match).view_name
    to = reverse(page, args=[old.new_slug])
    return HttpResponsePermanentRedirect(to, preserve_request=request.method == "POST")


def gone(request: HttpRequest, subject: Any) -> HttpResponse:
    """For what readers saw once and see no more; 404 for what they never saw."""
    if not subject.revisions.filter(state=RevisionState.PUBLISHED).exists():
        raise Http404
    newest = pages.with_live_text(type(subject).objects).order_by("-live_revision__reviewed_at", "slug")
    return render(request, "articles/gone.html", {"others": newest[:5]}, status=410)
