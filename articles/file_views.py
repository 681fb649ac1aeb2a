"""Guides as files to keep: what a page says, as a PDF."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from portal.reading import reading_page

from . import pages
from .guide_pdf import easy_pdf, guide_pdf
from .models import Guide
from .views import readable


@reading_page
def guide_file(request: HttpRequest, slug: str) -> HttpResponse:
    """The live guide as a PDF; what `guide` answers for an old address or a withdrawn text."""
    found = readable(request, Guide, slug)
    if isinstance(found, HttpResponse):
        return found
    page = pages.guide_page(found.live_revision, today=timezone.localdate())
    return file_of(guide_pdf(page), slug)


@reading_page
def easy_file(request: HttpRequest, slug: str) -> HttpResponse:
    """Its easy version as a PDF; a guide without one leads to the file of its text."""
    found = readable(request, Guide, slug)
    if isinstance(found, HttpResponse):
        return found
    if not found.live_revision.easy_body:
        return redirect("articles:guide_pdf", slug)
    page = pages.easy_page(found.live_revision, today=timezone.localdate())
    return file_of(easy_pdf(page), f"{slug}-easy")


def file_of(pdf: bytes, name: str) -> HttpResponse:
    headers = {"Content-Disposition": f'inline; filename="{name}.pdf"', "X-Robots-Tag": "noindex"}
    return HttpResponse(pdf, content_type="application/pdf", headers=headers)
