"""What stands between an easy version and its readers. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from django.utils.translation import gettext as _

from ..body import Rendered
from .findings import Content, Known, Problem, heading_place, lines
from .of_text import grade_of, numbers_in, quoted, small_headings_first, unknown_citations
from .readability import long_sentences

HIGHEST_GRADE = Decimal("6.0")
MOST_WORDS = 15


def easy_version(content: Content, rendered: Rendered, known: Known) -> Iterator[Problem]:
    """Its own limits and the same rules as for the text; forbidden words and links are looked for with it."""
    summary = " ".join(lines(content, "easy_summary"))
    if known.easy is None or not known.easy.word_count:
        if summary:
            message = _("The easy version has a summary and no text.")
            yield Problem("easy_without_text", "blocking", message, _("Easy version"), _("Write the text."))
        return
    if not summary:
        message = _("The easy version has no summary.")
        instead = _("Say in one or two short sentences what it tells.")
        yield Problem("easy_without_summary", "blocking", message, _("Easy version"), instead)
    yield from _too_long(summary, known.easy)
    yield from _too_hard(known.easy, known)
    yield from unknown_citations(known.easy, easy=True)
    yield from small_headings_first(known.easy, easy=True)
    yield from numbers_in(lines(content, "easy_body"), easy=True)


def _too_long(summary: str, easy: Rendered) -> Iterator[Problem]:
    passages = [(_("Easy version, the summary"), summary)]
    for section in easy.sections:
        passages += [
            (heading_place(section.heading, easy=True), words) for words in (section.heading, section.text)
        ]
    for place, text in passages:
        for sentence in long_sentences(text, MOST_WORDS):
            message = _("This sentence has more than %(most)s words: “%(words)s”") % {
                "most": MOST_WORDS,
                "words": quoted(sentence),
            }
            yield Problem("easy_long_sentence", "blocking", message, place, _("Make two sentences of it."))


def _too_hard(easy: Rendered, known: Known) -> Iterator[Problem]:
    found = grade_of(easy) if known.english else None
    if found is not None and found > HIGHEST_GRADE:
        message = _("Its reading grade is %(found)s; %(most)s is the most for an easy version.") % {
            "found": found,
            "most": HIGHEST_GRADE,
        }
        instead = _("Use shorter words, and say one thing in each sentence.")
        yield Problem("easy_grade", "blocking", message, _("Easy version"), instead)
