"""Whether a link to one of our own pages leads readers to one."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import unquote

from django.urls import Resolver404, resolve

from portal.models import Page

from .models import Guide, RevisionState, SlugRedirect, Source, Treatment

# Two texts may link to each other, and one of them is published first: a page that is on its way counts.
WRITTEN = (RevisionState.DRAFT, RevisionState.IN_REVIEW, RevisionState.APPROVED)
APPROVED = (RevisionState.APPROVED,)


def opening(paths: Iterable[str], *, coming: Iterable[str]) -> set[str]:
    """Of these paths those that lead readers to a page, or will: to a text in one of the `coming` states."""
    states = list(coming)
    return {path for path in paths if _opens(path, states)}


def _opens(path: str, coming: list[str]) -> bool:
    try:
        match = resolve(unquote(path))
    except Resolver404:
        return False
    name, slug = match.view_name, match.kwargs.get("slug", "")
    if name.startswith("articles:guide") and slug:
        return _is_read(Guide, slug, coming)
    if name.startswith("articles:treatment") and slug:
        return _is_read(Treatment, slug, coming)
    if name == "articles:source":
        return Source.objects.filter(key=match.kwargs["key"]).exists()
    if name == "page":
        return Page.objects.filter(slug=slug, shown=True).exists()
    return not name.startswith("admin:")


def _is_read(model: type[Guide] | type[Treatment], slug: str, coming: list[str]) -> bool:
    old = SlugRedirect.objects.filter(kind=model._meta.model_name, old_slug=slug).first()
    slug = old.new_slug if old else slug
    subjects = model.objects.filter(slug=slug)
    on_the_way = subjects.filter(live_revision=None, revisions__state__in=coming)
    return subjects.live().exists() or on_the_way.exists()
