"""The claims of a text and its references as HTML.

A guide has dozens of both, each with several parts, and most of a page's time went into template nodes for
them. Everything that is not of this file passes through portal.markup, which escapes it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import unescape
from typing import Any

from django import template
from django.template.defaultfilters import capfirst, date
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import strip_tags
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from portal.markup import NOTHING, breaking, each, filled, joined

from .. import icon_arrays
from ..claims import Direction, HowSure
from ..icon_arrays import Picture
from ..models import Source
from ..shown_claims import Backing, Group, ShownClaim, alike, people

register = template.Library()
# Of one claim, and of a group of them.
NAMES = {
    Direction.BENEFIT: (gettext_lazy("Benefit"), gettext_lazy("Benefits")),
    Direction.HARM: (gettext_lazy("Harm"), gettext_lazy("Harms")),
    Direction.NO_EFFECT: (gettext_lazy("No clear effect"), gettext_lazy("No clear effect")),
    Direction.NOT_KNOWN: (gettext_lazy("Not known"), gettext_lazy("Not known")),
}
# A paragraph, or an item without one: what stands together in a text. (all of it but its end, its end)
BLOCK = re.compile(r"(<(p|li)\b[^>]*>(?:(?!<(?:p|li|ul|ol)\b).)*?)(</\2>)", re.DOTALL)
Groups = Iterable[tuple[Direction, Sequence[ShownClaim]]]


# --- Claims -------------------------------------------------------------------------------------


@register.simple_tag
def claims_in(groups: Groups) -> SafeString:
    """The claims by direction, each group under its heading; before them the figures that they draw with."""
    drawn = each(
        '<div class="claim-group"><h3>{}</h3>{}</div>',
        ((NAMES[direction][1], joined(map(_claim, alike(claims)))) for direction, claims in groups),
    )
    everything = [claim for _direction, claims in groups for claim in claims]
    pictured = any(claim.pictures for claim in everything)
    return filled(
        '{}{}<div class="claim-groups">{}</div>',
        *(_levels(everything), _figures() if pictured else NOTHING, drawn),
    )


def _levels(claims: Iterable[ShownClaim]) -> SafeString:
    """Once, what the words mean that stand beside each claim: how sure we are, the surest first."""
    means = {
        claim.written.how_sure: (claim.sure, claim.sure_means) for claim in claims if claim.says_how_sure
    }
    used = [means[level] for level in HowSure.values if level in means]
    if not used:
        return NOTHING
    words = each("<li><strong>{}</strong>: {}</li>", ((capfirst(sure), means) for sure, means in used))
    return filled('<div class="sure-levels"><p>{}</p><ul>{}</ul></div>', _("How sure we are:"), words)


@dataclass(frozen=True)
class DrawnText:
    """A text with pictures in it, what they are filled with, and those claims that are still to be drawn."""

    html: SafeString
    figures: SafeString
    left: list[ShownClaim]


@register.simple_tag
def told_in_pictures(html: str, claims: Iterable[ShownClaim]) -> DrawnText:
    """An easy text with a picture after the words that tell it, "12 of 104 people"; once drawn, not again."""
    drawn: set[tuple[int, int]] = set()

    def with_pictures(block: re.Match[str]) -> str:
        told = [
            figure for figure in icon_arrays.told_in(unescape(strip_tags(block[0]))) if figure not in drawn
        ]
        pictures = icon_arrays.pictures(told)
        if not pictures:
            return block[0]
        first, group = not drawn, '<div class="told">{}{}</div>'
        drawn.update(told)
        shown = filled(group, _what_figures_are() if first else NOTHING, _pictures_alone(pictures))
        return f"{block[1]}{shown}{block[3]}" if block[3] == "</li>" else f"{block[0]}{shown}"

    text = BLOCK.sub(with_pictures, html)
    left = [claim for claim in claims if not drawn.issuperset(claim.figures)]
    return DrawnText(SafeString(text), _figures() if drawn or left else NOTHING, left)


def _what_figures_are() -> SafeString:
    return filled("<p>{}</p>", _("Each small figure is a person. It happened to the filled ones."))


def _pictures_alone(pictures: Iterable[Picture]) -> SafeString:
    """With the bare figures: the words stand above them."""
    shown = joined(_picture(one, Group(people(one.count, one.of), "")) for one in pictures)
    return filled('<div class="people">{}</div>', shown)


@register.simple_tag
def figures_in(claims: Iterable[ShownClaim], full: str) -> SafeString:
    """The pictures of these claims, no words: `full` is the address of the text that has them."""
    link = _("What was counted")
    drawn = joined(
        filled(
            '<div class="claim claim-{0}"><p class="claim-direction">'
            '<span class="status-shape direction-{0}">{1}</span></p>{2}'
            '<p><a href="{3}#claim-{4}">{5}<span class="visually-hidden">: {1}</span></a></p></div>',
            *(claim.direction.value, name_of(claim.direction), _people(claim)),
            *(full, claim.written.number, link),
        )
        for claim in claims
    )
    return filled('<div class="easy-figures">{}</div>', drawn)


@register.simple_tag
def name_of(direction: Direction) -> Any:
    return NAMES[direction][0]


def _claim(same: Sequence[ShownClaim]) -> SafeString:
    """One block; where several claims say the same of several treatments, it names them all."""
    claim = same[0]
    written = claim.written
    parts = (
        _being_checked(claim) if claim.changed else NOTHING,
        filled('<p class="claim-sentence">{}{}</p>', _also_at(same[1:]), written.sentence),
        _people(claim),
        filled('<p class="claim-caveat"><strong>{}</strong> {}</p>', _("But:"), claim.beside)
        if claim.beside
        else NOTHING,
        _facts(same),
    )
    return filled(
        '<div class="claim claim-{0}{1}" id="claim-{2}"><p class="claim-direction">'
        '<span class="status-shape direction-{0}">{3}</span>{4}</p>{5}</div>',
        *(claim.direction.value, " claim-changed" if claim.changed else "", written.number),
        *(name_of(claim.direction), _how_sure(claim), joined(parts)),
    )


def _also_at(others: Sequence[ShownClaim]) -> SafeString:
    """Where the links to the other ones lead."""
    return each('<span id="claim-{}"></span>', ((other.written.number,) for other in others))


def _how_sure(claim: ShownClaim) -> SafeString:
    if not claim.says_how_sure:
        return NOTHING
    return filled(' <span class="claim-sure">{} <strong>{}</strong></span>', _("How sure:"), claim.sure)


def _being_checked(claim: ShownClaim) -> SafeString:
    """Seldom there, and shared with the comparison of treatments."""
    words = render_to_string("articles/_being_checked.html", {"claim": claim})
    return filled('<p class="claim-mark">{}</p>', words)


def _facts(same: Sequence[ShownClaim]) -> SafeString:
    rows = []
    if treatments := [claim.treatment for claim in same if claim.treatment]:
        links = each(
            '<dd><a href="{}">{}</a></dd>', ((one.get_absolute_url(), one.name) for one in treatments)
        )
        rows.append((ngettext("Treatment", "Treatments", len(treatments)), links))
    if backing := same[0].backing:
        rows.append((ngettext("Source", "Sources", len(backing)), joined(map(_backing, backing))))
    return (
        filled('<dl class="claim-facts">{}</dl>', each("<div><dt>{}</dt>{}</div>", rows)) if rows else NOTHING
    )


def _backing(backing: Backing) -> SafeString:
    source, number = backing.source, backing.number
    state = (
        NOTHING
        if source.is_current
        else filled(' <span class="claim-source-state">({})</span>', source.get_state_display())
    )
    return filled('<dd><a href="#ref-{0}">{0}. {1}</a>{2}</dd>', number, source.name, state)


# --- People -------------------------------------------------------------------------------------


def _figures() -> SafeString:
    """Once a page: the two small figures with which each picture is filled."""
    return filled(
        '<svg class="people-figures" width="0" height="0" aria-hidden="true" focusable="false">'
        "<defs>{}</defs></svg>",
        each(
            '<pattern id="{0}" width="{1}" height="{2}" patternUnits="userSpaceOnUse">'
            '<path class="{0}" d="{3}"></path></pattern>',
            (
                (name, icon_arrays.WIDTH, icon_arrays.HEIGHT, icon_arrays.FIGURE)
                for name in ("people-other", "people-filled")
            ),
        ),
    )


def _people(claim: ShownClaim) -> SafeString:
    if claim.pictures:
        drawn = zip(claim.pictures, claim.groups, strict=True)
        return filled('<div class="people">{}</div>', joined(_picture(*one) for one in drawn))
    items = each("<li>{}</li>", ((_group(group),) for group in claim.groups))
    return filled('<ul class="people-words">{}</ul>', items) if items else NOTHING


def _picture(picture: Picture, group: Group) -> SafeString:
    scale = filled(' <span class="soft">{}</span>', _scale(picture)) if picture.per_hundred else NOTHING
    return filled(
        '<figure class="people-group"><svg class="people-picture" role="img" aria-label="{0}"'
        ' viewBox="0 0 {1} {2}" width="{1}" height="{2}" focusable="false">'
        '<path fill="url(#people-other)" d="{3}"></path>'
        '<path fill="url(#people-filled)" d="{4}"></path></svg>'
        "<figcaption>{5}{6}</figcaption></figure>",
        *(group, picture.width, picture.height),
        *(picture.other_path, picture.filled_path),
        *(_group(group), scale),
    )


def _scale(picture: Picture) -> str:
    if picture.rounded:
        return _("Drawn as about %(filled)s of every 100.") % {"filled": picture.filled}
    return _("Drawn as %(filled)s of every 100.") % {"filled": picture.filled}


def _group(group: Group) -> SafeString:
    return filled("<strong>{}</strong> {}", group.people, group.got)


# --- References ---------------------------------------------------------------------------------


@register.simple_tag
def references_in(references: Iterable[Any]) -> SafeString:
    """What a text cites (articles.references), numbered, each with ways back to where it is used."""
    pages = reverse("articles:source", args=["key"]).removesuffix("key/")
    again = _("%(use)s, back to source %(number)s in the text")
    return filled(
        '<ol class="references">{}</ol>',
        each(
            '<li id="ref-{}">{}{}</li>',
            ((one.number, _source(one, pages), _uses(one, again)) for one in references),
        ),
    )


def _source(reference: Any, pages: str) -> SafeString | str:
    source = reference.source
    if source is None:
        return _("This source has been removed.")
    return filled(
        '{}<a href="{}{}/">{}</a>. {}{}. {}{}{}',
        *(f"{source.plain_title}: " if source.plain_title else "", pages, source.key, source.title),
        *(source.publisher, f", {source.year}" if source.year else "", _where(source)),
        *(state_of(source), _changed(reference.changed)),
    )


def _where(source: Source) -> SafeString:
    """Where it is to be read itself. A link would lead there; on paper only the words do."""
    if source.doi:
        return filled('<span class="soft">doi:{}</span>', breaking(source.doi))
    where = source.url or (f"PMID {source.pmid}" if source.pmid else source.registration)
    return filled('<span class="print-only">{}</span>', breaking(where)) if where else NOTHING


@register.simple_tag
def state_of(source: Any) -> SafeString:
    """What became of a source that is not current; of a search entry, of its source."""
    if source.state == Source.State.CURRENT:
        return NOTHING
    return filled(
        ' <strong class="status-shape status-{}">{}</strong>', source.state, source.get_state_display()
    )


def _changed(flag: Any) -> SafeString:
    if flag is None:
        return NOTHING
    words = _("Changed on %(date)s: we are checking what this means.")
    return filled(' <strong class="claim-mark">{}</strong>', words % {"date": date(flag.raised_at, "j F Y")})


def _uses(reference: Any, again: str) -> SafeString:
    if not reference.uses:
        return NOTHING
    number = reference.number
    links = each(
        '<a href="#{}" aria-label="{}">{}</a>',
        ((place, again % {"use": use, "number": number}, use) for use, place in enumerate(reference.uses, 1)),
    )
    return filled(' <span class="uses">{} {}</span>', _("Used in the text:"), links)
