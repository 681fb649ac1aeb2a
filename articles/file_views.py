"""Guides as files to keep: what a page says, as a PDF."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from portal.reading import reading_page
from portal.typesetting import CannotBeSet

from . import pages
from .guide_pdf import easy_pdf, guide_pdf
from .models import Guide
from .pages import Context
from .readable import of_live

logger = logging.getLogger(__name__)


@reading_page
@of_live(Guide)
def guide_file(request: HttpRequest, guide: Any) -> HttpResponse:
    """The live guide as a PDF."""
    page = pages.guide_page(guide.live_revision, today=timezone.localdate())
    return file_of(request, guide_pdf, page, name=guide.slug, back=guide.get_absolute_url())


@reading_page
@of_live(Guide)
def easy_file(request: HttpRequest, guide: Any) -> HttpResponse:
    """Its easy version as a PDF; a guide without one leads to the file of its text."""
    if not guide.live_revision.easy_body:
        return redirect("articles:guide_pdf", guide.slug)
    page = pages.easy_page(guide.live_revision, today=timezone.localdate())
    return file_of(request, easy_pdf, page, name=f"{guide.slug}-easy", back=guide.get_easy_url())


def file_of(
    request: HttpRequest, made: Callable[[Context], bytes], page: Context, *, name: str, back: str
) -> HttpResponse:
    """The file; where the typesetter gives up on it, a page that leads `back` to what it would have said."""
    try:
        pdf = made(page)
    except CannotBeSet as refusal:
        logger.error("the PDF of %s cannot be set: %s", name, refusal)
        shown = {"guide": page["revision"].subject, "title": page["revision"].title, "back": back}
        return render(request, "articles/no_file.html", shown, status=503)
    headers = {"Content-Disposition": f'inline; filename="{name}.pdf"', "X-Robots-Tag": "noindex"}
    return HttpResponse(pdf, content_type="application/pdf", headers=headers)
