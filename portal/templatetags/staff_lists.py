"""The lists of the admin, for a screen of any width."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import template
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import mark_safe
from django.utils.text import capfirst

register = template.Library()


@register.filter
def labelled(cells: Iterable[str], headers: Iterable[Mapping[str, Any]]) -> list[str]:
    """The cells of one row, each with its column's name, which stands before it where rows are stacked."""
    return [with_label(cell, header) for cell, header in zip(cells, headers, strict=False)]


def with_label(cell: str, header: Mapping[str, Any]) -> str:
    # The box to tick needs no name, and its column's is a box itself; the row's own heading says what it is.
    if not str(cell).startswith("<td") or "action-select" in cell:
        return conditional_escape(cell)
    label = format_html('<td data-label="{}"', capfirst(header["text"]))
    return mark_safe(label + conditional_escape(cell)[len("<td") :])  # noqa: S308 - both halves are escaped
