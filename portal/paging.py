from typing import Any

from django.conf import settings
from django.core.paginator import Page, Paginator
from django.http import HttpRequest

from .reading import keep_not


def page_of(request: HttpRequest, queryset: Any, per_page: int) -> Page:
    """The page that ?page= asks for; the first for what is no number, the last for one out of range."""
    page = Paginator(queryset, per_page).get_page(request.GET.get("page"))
    if request.GET.getlist("page") not in ([], [str(page.number)]):
        keep_not(request)
    return page


def canonical(request: HttpRequest, page: Page) -> str:
    """The address of this page of a list: filters are ways of looking at it, its pages are not."""
    number = f"?page={page.number}" if page.number > 1 else ""
    return settings.SITE_URL + request.path + number
