"""What of a guide, a treatment, a source or a word is searched, and what a list of results shows of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.urls import reverse
from lxml.html import fragment_fromstring

from ..body import unused_id
from ..citations import CITATIONS
from ..models import GlossaryTerm, Guide, SearchEntry, Source, Treatment
from . import words as search_words
from .engines import MOST_STEMS, Indexed, between_blanks, mark

Kind = SearchEntry.Kind
Findable = Guide | Treatment | Source | GlossaryTerm
KINDS: dict[type[Any], Kind] = {
    Guide: Kind.GUIDE,
    Treatment: Kind.TREATMENT,
    Source: Kind.SOURCE,
    GlossaryTerm: Kind.WORD,
}
OFTEN = 3
HEADINGS = ("h2", "h3", "h4")
ENDS_A_LINE = {*HEADINGS, "p", "li", "td", "th", "blockquote", "br"}


def entry_of(thing: Any) -> SearchEntry | None:
    """The entry to keep, not saved; None for what readers do not see."""
    if isinstance(thing, Source):
        return _of_source(thing)
    if isinstance(thing, GlossaryTerm):
        return _of_word(thing)
    return _of_subject(thing) if thing.live_revision_id else None


def marks_of(thing: Any) -> list[str]:
    """What results can be narrowed to."""
    marks = [mark("kind", KINDS[type(thing)])]
    if isinstance(thing, Guide):
        marks += [mark("topic", topic.pk) for topic in thing.topics.all()] + [mark("for", thing.audience)]
    return marks


def indexed(entry: SearchEntry, marks: Iterable[str]) -> Indexed:
    """What the index keeps of a saved entry."""
    all_stems = dict.fromkeys(search_words.stems(everything(entry)))
    return Indexed(entry.pk, entry.title_stems.split(), list(all_stems)[:MOST_STEMS], list(marks))


def everything(entry: SearchEntry) -> str:
    return f"{entry.title}\n{entry.summary}\n{entry.text}"


# --- Of each kind -------------------------------------------------------------------------------


def _of_subject(subject: Any) -> SearchEntry:
    live = subject.live_revision
    headings, body = _read(live.body)
    above, beside = _said_beside(live)
    _easy_headings, easy = _read(getattr(live, "easy_body", ""))
    lines = [*above, body, *beside, getattr(live, "easy_summary", ""), easy]
    return _entry(
        subject,
        path=subject.get_absolute_url(),
        language=getattr(subject, "language", settings.LANGUAGE_CODE),
        title=live.title,
        summary=live.summary,
        text="\n".join(filter(None, lines)),
        above="\n".join(above),
        headings=headings,
        checked_on=live.checked_on,
    )


def _said_beside(live: Any) -> tuple[list[str], list[str]]:
    """What stands above the text of a revision, and what below it."""
    points = [str(point) for point in live.key_points]
    claims = [f"{claim.get('sentence', '')} {claim.get('caveat', '')}".strip() for claim in live.claims]
    of_treatment = [getattr(live, name, "") for name in ("cell_type", "route", "approval")]
    return [*points, *claims], [*of_treatment, *map(str, live.questions)]


def _of_source(source: Source) -> SearchEntry:
    facts = [
        *(source.title, source.publisher, str(source.year or ""), source.get_kind_display()),
        *(source.design, source.time_since_stroke, source.get_main_measure_display()),
        *(source.key, source.registration, source.doi, source.pmid),
    ]
    return _entry(
        source,
        path=source.get_absolute_url(),
        title=source.name,
        summary=source.finding,
        text=" · ".join(filter(None, facts)),
        state="" if source.is_current else source.state,
        checked_on=source.checked_on,
    )


def _of_word(word: GlossaryTerm) -> SearchEntry:
    also = word.also if isinstance(word.also, list) else []
    return _entry(
        word, path=path_of(word), title=word.term, summary=word.explanation, text=", ".join(map(str, also))
    )


def path_of(word: GlossaryTerm) -> str:
    """Its place in the list of words (articles.glossary)."""
    return f"{reverse('articles:glossary')}#term-{unused_id(word.term, {})}"


def _entry(thing: Any, *, above: str = "", headings: str = "", **shown: Any) -> SearchEntry:
    stems = {
        "title_stems": search_words.stems(shown["title"]),
        "summary_stems": dict.fromkeys(search_words.stems(f"{shown['summary']}\n{above}")),
        "often_stems": dict.fromkeys([*search_words.stems(headings), *_often(shown["text"])]),
    }
    return SearchEntry(
        kind=KINDS[type(thing)],
        number=thing.pk,
        **{"language": settings.LANGUAGE_CODE} | shown,
        **{name: between_blanks(each) for name, each in stems.items()},
    )


def _often(text: str) -> list[str]:
    return [stem for stem, times in Counter(search_words.stems(text)).items() if times >= OFTEN]


def _read(html: str) -> tuple[str, str]:
    """The headings of a text, and all of it, as plain words."""
    if not html:
        return "", ""
    root = fragment_fromstring(html, create_parent=True)
    for element in root.iter(*ENDS_A_LINE):
        element.tail = "\n" + (element.tail or "")
    headings = "\n".join("".join(heading.itertext()) for heading in root.iter(*HEADINGS))
    text = CITATIONS.sub("", "".join(root.itertext()))
    return headings, "\n".join(line for line in (" ".join(each.split()) for each in text.split("\n")) if line)
