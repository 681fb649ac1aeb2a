"""Guides as files to keep: what a page says, as a PDF."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from portal.reading import reading_page

from . import pages
from .guide_pdf import easy_pdf, guide_pdf
from .models import Guide
from .readable import of_live


@reading_page
@of_live(Guide)
def guide_file(request: HttpRequest, guide: Any) -> HttpResponse:
    """The live guide as a PDF."""
    page = pages.guide_page(guide.live_revision, today=timezone.localdate())
    return file_of(guide_pdf(page), guide.slug)


@reading_page
@of_live(Guide)
def easy_file(request: HttpRequest, guide: Any) -> HttpResponse:
    """Its easy version as a PDF; a guide without one leads to the file of its text."""
    if not guide.live_revision.easy_body:
        return redirect("articles:guide_pdf", guide.slug)
    page = pages.easy_page(guide.live_revision, today=timezone.localdate())
    return file_of(easy_pdf(page), f"{guide.slug}-easy")


def file_of(pdf: bytes, name: str) -> HttpResponse:
    headers = {"Content-Disposition": f'inline; filename="{name}.pdf"', "X-Robots-Tag": "noindex"}
    return HttpResponse(pdf, content_type="application/pdf", headers=headers)
