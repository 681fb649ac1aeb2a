"""E-mail addresses on a narrow page."""

import re

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

register = template.Library()


@register.filter
def breakable(address: str) -> SafeString:
    """May go on in a new line after “@” or “.”, so that each part can be read whole and compared."""
    parts = [(_whole(part),) for part in re.split(r"(?<=[@.])", address)]
    return format_html("<bdi>{}</bdi>", format_html_join(mark_safe("<wbr>"), "{}", parts))


def _whole(part: str) -> str:
    # At a hyphen browsers break by themselves, and nobody could tell whose hyphen it is.
    return format_html('<span class="whole">{}</span>', part) if "-" in part else part
