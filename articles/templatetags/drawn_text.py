"""What stands around a text in many small parts, as HTML: its contents list, the words that it explains."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django import template
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from portal.markup import each, filled, joined
from portal.templatetags.languages import in_language

register = template.Library()


@register.simple_tag
def contents_in(
    headings: Iterable[Mapping[str, object]], own_parts: Iterable[tuple[object, str]]
) -> SafeString:
    """Links to the headings of a text, then to the parts that the page adds: (label, id)."""
    under = SafeString(' class="contents-under"')
    rows = [
        *((under if heading["level"] == 3 else "", heading["id"], heading["text"]) for heading in headings),
        *(("", place, label) for label, place in own_parts),
    ]
    return filled("<ul>{}</ul>", each('<li{}><a href="#{}">{}</a></li>', rows))


@register.simple_tag
def words_in(glossary: Iterable[Mapping[str, str]]) -> SafeString:
    """The words of a text with their meanings, and the way back to where each stands."""
    all_words, close, more = reverse("articles:glossary"), _("Close"), _("All words")
    back = _("Back to “%(term)s”")
    return joined(
        filled(
            '<div class="word" id="word-{0}"><dt>{1}</dt><dd id="meaning-{0}">{2}</dd><dd class="word-back">'
            '<a href="#from-{0}"><span class="word-close">{3}</span> <span class="word-return">{4}</span></a>'
            ' <a href="{5}#term-{0}">{6}<span class="visually-hidden">: {1}</span></a></dd></div>',
            *(word["id"], word["term"], word["explanation"]),
            *(close, back % {"term": word["term"]}, all_words, more),
        )
        for word in glossary
    )


@register.simple_tag
def links_in(subjects: Iterable[Any]) -> SafeString:
    """Guides or treatments by their titles; a guide in another language says so."""
    rows = (
        (
            subject.get_absolute_url(),
            in_language(getattr(subject, "language", "")),
            subject.live_revision.title,
        )
        for subject in subjects
    )
    return filled("<ul>{}</ul>", each('<li><a href="{}"{}>{}</a></li>', rows))
