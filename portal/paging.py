from typing import Any

from django.core.paginator import Page, Paginator
from django.http import HttpRequest


def page_of(request: HttpRequest, queryset: Any, per_page: int) -> Page:
    """The page that ?page= asks for; the first for what is no number, the last for one out of range."""
    return Paginator(queryset, per_page).get_page(request.GET.get("page"))
