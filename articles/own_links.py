"""Links between our own pages: whether one leads readers to a page, and which texts lead to one."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from django.conf import settings
from django.db.models import Exists, F, OuterRef, Q, TextField, Value
from django.urls import Resolver404, resolve, reverse

from portal.models import Page

from .checks.blocks import links_of
from .checks.of_text import own_path, places_on_page
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
    subjects = _named(model, slug)
    on_the_way = subjects.filter(live_revision=None, revisions__state__in=coming)
    return subjects.live().exists() or on_the_way.exists()


def _named(model: type[Guide] | type[Treatment], slug: str) -> Any:
    """The one with this address, also where it is an old one."""
    old = SlugRedirect.objects.filter(kind=model._meta.model_name, old_slug=slug).first()
    return model.objects.filter(slug=old.new_slug if old else slug)


# --- What is on a page --------------------------------------------------------------------------

SUBJECTS: dict[str, type[Guide] | type[Treatment]] = {
    "articles:guide": Guide,
    "articles:guide_easy": Guide,
    "articles:treatment": Treatment,
}


def places_on(paths: Iterable[str]) -> dict[str, set[str]]:
    """Where a link may lead on each of these pages; those that are no guide or treatment are left out."""
    return {path: found for path in paths if (found := _places(path))}


def _places(path: str) -> set[str]:
    try:
        match = resolve(unquote(path))
    except Resolver404:
        return set()
    if match.view_name not in SUBJECTS:
        return set()
    subject = _named(SUBJECTS[match.view_name], match.kwargs["slug"]).first()
    text = (subject.live_revision or subject.revisions.kept().first()) if subject else None
    if text is None:
        return set()
    easy = match.view_name == "articles:guide_easy"
    headings = text.easy.get("contents", ()) if easy else text.contents
    return places_on_page(headings, claims=len(text.claims))


# --- Which texts lead to one --------------------------------------------------------------------

KINDS = ("guide", "treatment", "page")
NOTHING = Value("", TextField())


@dataclass(frozen=True)
class Leading:
    """A page that leads readers to another one: by a link in its text, or only by showing it beside."""

    kind: str
    number: int
    title: str
    in_text: bool


def leading_to(subject: Guide | Treatment) -> list[Leading]:
    """What readers see that leads to this guide or treatment; two queries, however many texts."""
    kind = str(subject._meta.model_name)
    old = SlugRedirect.objects.filter(kind=kind, new_slug=subject.slug).values_list("old_slug", flat=True)
    slugs = {subject.slug, *old}
    paths = [reverse(f"articles:{kind}", args=[slug]).rstrip("/") for slug in slugs]
    rows = _guides(subject, paths).union(_treatments(subject, paths), _pages(paths), all=True)
    found = [
        Leading(of, number, title, in_text=_links_to(kind, slugs, body + easy))
        for of, number, title, body, easy, beside in rows
        if (of, number) != (kind, subject.pk) and (beside or _links_to(kind, slugs, body + easy))
    ]
    return sorted(found, key=lambda one: (KINDS.index(one.kind), one.title, one.number))


def _guides(subject: Guide | Treatment, paths: Iterable[str]) -> Any:
    beside = (
        Guide.related.through.objects.filter(to_guide=subject, from_guide=OuterRef("pk"))
        if isinstance(subject, Guide)
        else Guide.treatments.through.objects.filter(treatment=subject, guide=OuterRef("pk"))
    )
    named = _naming("live_revision__body", paths) | _naming("live_revision__easy_body", paths)
    found = Guide.objects.live().annotate(beside=Exists(beside)).filter(named | Q(beside=True))
    return _rows("guide", found, "live_revision__", F("live_revision__easy_body"))


def _treatments(subject: Guide | Treatment, paths: Iterable[str]) -> Any:
    of_guide = subject.pk if isinstance(subject, Guide) else None
    beside = Guide.treatments.through.objects.filter(guide=of_guide, treatment=OuterRef("pk"))
    named = _naming("live_revision__body", paths)
    found = Treatment.objects.live().annotate(beside=Exists(beside)).filter(named | Q(beside=True))
    return _rows("treatment", found, "live_revision__")


def _pages(paths: Iterable[str]) -> Any:
    found = Page.objects.for_readers().filter(_naming("body", paths))
    return _rows("page", found.annotate(beside=Value(False)), "")


def _rows(kind: str, found: Any, text: str, easy: Any = NOTHING) -> Any:
    return found.order_by().values_list(
        Value(kind, TextField()), "pk", f"{text}title", f"{text}body", easy, "beside"
    )


def _naming(field: str, paths: Iterable[str]) -> Q:
    """The few that name an address somewhere; whether it is a link in them is read in the text."""
    named = Q()
    for path in paths:
        named |= Q(**{f"{field}__contains": path})
    return named


def _links_to(kind: str, slugs: Collection[str], html: str) -> bool:
    site = settings.SITE_URL.rstrip("/")
    linked = (own_path(address, site)[0] for address, _heading in links_of(html))
    return any(_is_page_of(path, kind, slugs) for path in linked if path)


def _is_page_of(path: str, kind: str, slugs: Collection[str]) -> bool:
    try:
        match = resolve(unquote(path).rstrip("/") + "/")
    except Resolver404:
        return False
    return match.view_name.startswith(f"articles:{kind}") and match.kwargs.get("slug") in slugs
