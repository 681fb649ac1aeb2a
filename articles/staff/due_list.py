"""One list of all that must be checked again, guides and treatments together, by the day."""

import datetime as dt
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import CharField, F, QuerySet, Value
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from ..models import Guide, Treatment

PER_PAGE = 100
WHICH = {"": _("Overdue, or due within 30 days"), "overdue": _("Overdue"), "due": _("Due within 30 days")}


def of(request: HttpRequest, *, today: dt.date) -> dict[str, Any]:
    """What the page shows; ?which= narrows it, ?page= leafs through it."""
    asked = request.GET.get("which", "")
    which = asked if asked in WHICH else ""
    page = Paginator(due(which, today), PER_PAGE).get_page(request.GET.get("page"))
    return {
        "title": _("To be checked again"),
        "choices": [(name, words, name == which) for name, words in WHICH.items()],
        "which": which,
        "page": page,
        "rows": rows(page, today),
    }


def due(which: str, today: dt.date) -> QuerySet[Any]:
    """Guides and treatments in one query, the longest overdue first."""
    guides, treatments = (of_kind(model, which, today) for model in (Guide, Treatment))
    return guides.union(treatments, all=True).order_by("again", "kind", "pk")


def of_kind(model: Any, which: str, today: dt.date) -> QuerySet[Any]:
    found = model.objects.review_overdue(today) if which == "overdue" else model.objects.review_due(today)
    if which == "due":
        found = found.exclude(live_revision__next_review_on__lt=today)
    return found.order_by().values(
        "pk",
        kind=Value(model._meta.model_name, output_field=CharField()),
        called=F("live_revision__title"),
        again=F("live_revision__next_review_on"),
        owners_name=F("owners__name"),
        flagged=F("flagged_at"),
    )


def rows(page: Page, today: dt.date) -> list[dict[str, Any]]:
    """Each with its address, its kind in words and how late it is."""
    kinds = {model._meta.model_name: model._meta.verbose_name for model in (Guide, Treatment)}
    return [
        row
        | {
            "url": reverse(f"admin:articles_{row['kind']}_change", args=[row["pk"]]),
            "kind": kinds[row["kind"]],
            "late": row["again"] < today,
        }
        for row in page
    ]
