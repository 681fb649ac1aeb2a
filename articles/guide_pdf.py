"""A guide on paper: what its page says, set as one document. Made of the same context as the page."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import Any

from django.conf import settings
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from portal.typesetting import (
    Composer,
    bullets,
    document,
    heading,
    link,
    paragraph,
    printed,
    strong,
    words,
)

from .citations import CITATION, CITATIONS
from .claims import Direction, HowSure
from .models import EvidenceFlag
from .pages import Context
from .references import Reference
from .shown_claims import ShownClaim


def guide_pdf(page: Context) -> bytes:
    """The PDF of a guide, from the context of its page (articles.pages.guide_page)."""
    with translation.override(page["words_language"]):
        return printed(source_of(page, parts_of(page), address=page["subject"].get_absolute_url()))


def easy_pdf(page: Context) -> bytes:
    """The PDF of its easy version, in larger letters, from articles.pages.easy_page."""
    with translation.override(page["words_language"]):
        address = page["guide"].get_easy_url()
        return printed(source_of(page, easy_parts_of(page), address=address, size="16pt"))


def source_of(page: Context, parts: Iterable[str], *, address: str, size: str = "11pt") -> str:
    revision = page["revision"]
    address = settings.SITE_URL + address
    foot = _("%(site)s. Checked on %(date)s. The newest version: %(address)s") % {
        "site": settings.SITE_NAME,
        "date": day(page["checked_on"]),
        "address": address,
    }
    return document(
        parts,
        title=revision.title,
        author=settings.SITE_NAME,
        language=page["text_language"],
        foot=foot,
        size=size,
    )


def parts_of(page: Context) -> Iterator[str]:
    revision, numbers = page["revision"], {key: n for n, key in enumerate(page["revision"].citation_keys, 1)}
    yield heading(revision.title, 1)
    yield paragraph(words(revision.summary))
    yield from warnings(page)
    yield paragraph(words(checked_by(page)))
    if revision.key_points:
        yield heading(_("Key points"), 2)
        yield bullets(words(point) for point in revision.key_points)
    yield Composer(settings.SITE_URL, run=lambda text: cited(text, numbers)).of_html(revision.body)
    yield from claims(page["groups"])
    if revision.questions:
        yield heading(_("Questions to ask"), 2)
        yield bullets(words(question) for question in revision.questions)
    yield from words_explained(revision.glossary)
    yield from references(page["references"])
    yield disclaimer()


def easy_parts_of(page: Context) -> Iterator[str]:
    revision = page["revision"]
    yield paragraph(strong(_("Easy version")))
    yield heading(revision.title, 1)
    yield paragraph(strong(revision.easy_summary))
    yield from warnings(page)
    yield Composer(settings.SITE_URL, run=lambda text: cited(text, {})).of_html(revision.easy_body)
    yield from words_explained(page["glossary"])
    yield from references(page["references"], title=_("Where this comes from"))
    yield disclaimer()


def checked_by(page: Context) -> str:
    """Who reviewed it, on which day, and when it must be checked next."""
    revision = page["revision"]
    said = []
    if revision.reviewed_by:
        said.append(_("Reviewed by %(name)s") % {"name": revision.reviewed_by.public_name})
    if page["checked_on"]:
        said.append(_("Checked on %(date)s") % {"date": day(page["checked_on"])})
    if revision.next_review_on:
        said.append(_("Next check by %(date)s") % {"date": day(revision.next_review_on)})
    return " · ".join(said)


def words_explained(glossary: Iterable[Any]) -> Iterator[str]:
    stated = [f"{strong(word['term'])}{words(': ' + word['explanation'])}" for word in glossary]
    if stated:
        yield heading(_("Words explained"), 2)
        yield bullets(stated)


def disclaimer() -> str:
    return paragraph(
        words(
            _(
                "This page is information. It is not medical advice, and it does not take the place of your"
                " own doctor. We do not recommend any clinic."
            )
        )
    )


def day(date: dt.date) -> str:
    return date_format(date, "j F Y")


def warnings(page: Context) -> Iterator[str]:
    """What readers must know before they rely on it."""
    revision = page["revision"]
    if revision.demonstration:
        said = _(
            "written from published sources, not yet signed off by a clinician. Do not base a decision on it."
        )
        yield paragraph(strong(_("Demonstration text:")), words(f" {said}"))
    if page["overdue"]:
        said = _("It should have been checked by %(date)s. Something in it may be out of date.") % {
            "date": day(revision.next_review_on)
        }
        yield paragraph(strong(_("This page is waiting to be checked again.")), words(f" {said}"))
    if page["changes"]:
        yield paragraph(strong(_("A source of this page has changed")))
        yield bullets(words(change_in_words(change)) for change in page["changes"])
        yield paragraph(words(_("We are checking what this means for this page.")))


def change_in_words(change: EvidenceFlag) -> str:
    """Which source of the text is now what, and since when."""
    since = day(timezone.localdate(change.raised_at))
    said = _("%(now)s (since %(date)s).") % {"now": change.now, "date": since}
    return f"{change.source.name} {said}"


def claims(groups: Iterable[tuple[Direction, list[ShownClaim]]]) -> Iterator[str]:
    """The claims by direction, as on the page."""
    for place, (direction, stated) in enumerate(groups):
        if not place:
            yield heading(_("What studies found"), 2)
        yield heading(str(direction.label).capitalize(), 3)
        yield bullets(map(claim_in_words, stated))


def claim_in_words(claim: ShownClaim) -> str:
    """Sentence, people, what it lacks, which treatment, how sure, what changed, where from: in one breath."""
    written = claim.written
    said = [
        f"{', '.join(map(str, claim.groups))}." if claim.groups else "",
        _("But: %(caveat)s") % {"caveat": claim.beside} if claim.beside else "",
        _("Treatment: %(name)s.") % {"name": claim.treatment.name} if claim.treatment else "",
        _("How sure: %(how)s.") % {"how": HowSure(written.how_sure).label} if claim.says_how_sure else "",
        *being_checked(claim),
    ]
    numbers = {backing.source.key: backing.number for backing in claim.backing}
    return (
        strong(written.sentence)
        + words(" " + " ".join(filter(None, said)))
        + reference_marks(written.sources, numbers)
    )


def being_checked(claim: ShownClaim) -> Iterator[str]:
    """What has become of its sources since."""
    if claim.changed:
        yield _("We are checking this again.")
    for source in claim.changed:
        state = {"name": source.name, "state": source.get_state_display()}
        if source.is_current:
            yield _("The record of its source “%(name)s” changed.") % state
        else:
            yield _("Its source “%(name)s” is now %(state)s.") % state


def cited(text: str, numbers: dict[str, int]) -> str:
    """A run of words with its citations as raised numbers that lead to the reference."""
    pieces, position = [], 0
    for run in CITATIONS.finditer(text):
        pieces.append(words(text[position : run.start()]))
        pieces.append(reference_marks(CITATION.findall(run.group(0)), numbers))
        position = run.end()
    return "".join([*pieces, words(text[position:])])


def reference_marks(keys: Iterable[str], numbers: dict[str, int]) -> str:
    found = sorted({numbers[key] for key in keys if key in numbers})
    marks = words(", ").join(f"#link(<ref-{number}>)[{number}]" for number in found)
    return f"#super[{marks}]" if found else ""


def references(found: list[Reference], *, title: str = "") -> Iterator[str]:
    if not found:
        return
    yield heading(title or _("References"), 2)
    for reference in found:
        yield f"#block[{words(f'{reference.number}. ')}{described(reference)}] <ref-{reference.number}>\n\n"


def described(reference: Reference) -> str:
    """The source in words, with its address on our site."""
    source = reference.source
    if source is None:
        return words(_("This source is no longer in our records."))
    parts = [source.title, source.publisher, str(source.year or "")]
    state = "" if source.is_current else f" ({source.get_state_display()})"
    address = settings.SITE_URL + source.get_absolute_url()
    return words(". ".join(filter(None, parts)) + f"{state}. ") + link(address, address)
