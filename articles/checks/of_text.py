"""What stands between the words of a text and its readers. Pure.

No check looks for pictures without words: a text cannot hold pictures at all. portal.rich_text takes
every one out when the text is saved and tells the editor so; the pictures of a page are drawn by the
server, which writes the words for each.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from itertools import pairwise
from urllib.parse import unquote, urlsplit

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.figures import figure_in
from portal.wording import promises_in

from ..body import MOST_HEADINGS, PAGE_IDS, Heading, Rendered
from .blocks import Block, blocks_of, links_of
from .findings import (
    Content,
    Known,
    Problem,
    claim_place,
    heading_of,
    heading_place,
    lines,
    own_passages,
    place_of,
    spot_under,
    text_passages,
)
from .readability import grade, sentences
from .statements import read

ENOUGH_KEY_POINTS = 3
ENOUGH_QUESTIONS = 3
# What readers must find in a text on a treatment, under a heading that `parts` names.
PARTS: dict[str, str | Promise] = {
    "without_treatment": gettext_lazy("What happens without the treatment"),
    "alternatives": gettext_lazy("What else there is"),
    "not_known": gettext_lazy("What is not known"),
}
# School years. The texts that this began with ask for 2.8 to 5.2; a reading age of 9 to 11 is about 4 to 6.
# A page on trials needs its long words, so the warning comes well above that, and the stop where a text
# asks for more than most adults read with ease.
HARD_GRADE, TOO_HARD_GRADE = 8, 10
# Nobody can type or read out a longer one; and the file of a guide cannot be made with one of 8,000 bytes.
LONGEST_LINK = 1_000
BULLET = re.compile(r"[·•▪‣§]\s*(?=\S)")
FOOTNOTE = re.compile(r"\[\d{1,3}\]")
# The code of the warning that a source is no longer what it was.
AGED = "source_not_current"
CORRECTED = "source_corrected"


# --- Parts --------------------------------------------------------------------------------------


def missing_fields(content: Content, rendered: Rendered, known: Known) -> Iterator[Problem]:
    needed = {
        "title": (_("The title"), _("Give it a title.")),
        "summary": (_("The summary"), _("Say in one or two sentences what readers learn here.")),
        "key_points": (_("The key points"), _("Add the key points: what to know if one reads nothing else.")),
    }
    if known.with_cells:
        needed |= {
            "cell_type": (_("Cell type"), _("Say which cells these are.")),
            "donor": (_("Own or donor cells"), _("Say whose cells these are.")),
            "route": (_("How given"), _("Say how the cells are given.")),
            "approval": (_("Where it is approved"), _("Say where this is approved, and where not.")),
        }
    for name, (place, message) in needed.items():
        if not content.get(name):
            yield Problem(f"no_{name}", "blocking", message, place)
    if not rendered.word_count:
        yield Problem("no_body", "blocking", _("There is no text yet."), _("The text"))


def missing_parts(content: Content, rendered: Rendered, known: Known) -> Iterator[Problem]:
    """What readers of a text on a treatment must be told, and the headings that are said to tell it."""
    given = content.get("parts")
    parts = given if isinstance(given, dict) else {}
    for name, label in PARTS.items():
        heading = str(parts.get(name) or "").strip()
        if heading:
            yield from _part_under(heading, str(label), rendered)
        elif needs_parts(content, known):
            message = _("Readers are not told this yet.")
            instead = _("Write it under a heading of its own, and choose that heading here.")
            yield Problem("missing_part", "blocking", message, str(label), instead)


def needs_parts(content: Content, known: Known) -> bool:
    return known.with_cells or bool(read(content.get("claims")))


def _part_under(heading: str, label: str, rendered: Rendered) -> Iterator[Problem]:
    sections = rendered.sections
    found = [at for at, section in enumerate(sections) if same(section.heading, heading)]
    if not found:
        message = _("There is no heading “%(heading)s” in the text.") % {"heading": heading}
        yield Problem(
            "part_without_heading", "blocking", message, label, _("Choose the heading that says it.")
        )
    elif not any(_words_under(at, rendered) for at in found):
        message = _("There are no words under “%(heading)s” yet.") % {"heading": heading}
        yield Problem("part_without_words", "blocking", message, label, _("Write them."))


def _words_under(at: int, rendered: Rendered) -> bool:
    """Whether words stand under this heading or under a smaller one that belongs to it."""
    first, *after = rendered.sections[at:]
    smaller = []
    for section in after:
        if section.level <= first.level:
            break
        smaller.append(section)
    return any(section.text for section in (first, *smaller))


def same(one: str, other: str) -> bool:
    return " ".join(one.split()).casefold() == " ".join(other.split()).casefold()


def thin_parts(content: Content, rendered: Rendered, known: Known) -> Iterator[Problem]:
    if 0 < len(lines(content, "key_points")) < ENOUGH_KEY_POINTS:
        message = _("Three to six key points help most.")
        yield Problem("few_key_points", "warning", message, _("The key points"), key="key points")
    if len(lines(content, "questions")) < ENOUGH_QUESTIONS:
        severity = "blocking" if needs_parts(content, known) else "warning"
        message = _("Add at least three questions that readers can ask a doctor or a clinic.")
        place = _("Questions to ask")
        yield Problem("few_questions", severity, message, place, key="questions")  # type: ignore[arg-type]


# --- Citations ----------------------------------------------------------------------------------


def citations(content: Content, rendered: Rendered, known: Known) -> Iterator[Problem]:
    yield from unknown_citations(rendered)
    if rendered.word_count and not rendered.citation_keys:
        message = _("No source is cited. Every statement of fact needs one.")
        instead = _("Write the key of its source behind the statement, as [@key].")
        yield Problem("no_citation", "blocking", message, _("The text"), instead)


def unknown_citations(rendered: Rendered, *, easy: bool = False) -> Iterator[Problem]:
    for key in rendered.unknown_keys:
        message = _("There is no source with the key “%(key)s”.") % {"key": key}
        instead = _("Write the key of a record of the list, or add the record first.")
        yield Problem("unknown_citation", "blocking", message, place_of(key, rendered, easy=easy), instead)


def stray_marks(content: Content, rendered: Rendered, known: Known) -> Iterator[Problem]:
    """Citations where they cannot work, and citations with a slip in them."""
    for place, text in (*own_passages(content), *claim_passages(content)):
        if "[@" in text:
            message = _("Citations work in the text only; move the statement or the citation there.")
            yield Problem("citation_outside_text", "blocking", message, place)
    for place, text in all_text(rendered, known):
        if "[@" in text:  # those that were written well are no longer in it
            message = _("A citation is written as [@key], with the key of a source and nothing else.")
            yield Problem("broken_citation", "blocking", message, place)


def typed_marks(content: Content, rendered: Rendered, known: Known) -> Iterator[Problem]:
    """What a word processor leaves of its lists and footnotes: signs that look so and are none."""
    for name, easy in (("body", False), ("easy_body", True)):
        for block in (block for html in lines(content, name) for block in blocks_of(html)):
            yield from _typed(block, easy=easy)


def _typed(block: Block, *, easy: bool) -> Iterator[Problem]:
    place, spot = heading_place(block.heading, easy=easy), spot_under(block.heading, easy=easy)
    if block.kind == "words" and (bullet := BULLET.match(block.text)):
        message = _("A line begins with “%(sign)s”: “%(words)s”")
        said = {"sign": bullet[0].strip(), "words": quoted(block.text)}
        instead, key = _("Make it a list, without the sign."), f"{spot}\n{block.text}"
        yield Problem("typed_bullet", "warning", message % said, place, instead, key=key)
    for mark in dict.fromkeys(FOOTNOTE.findall(block.text)):
        message = _("The mark “%(mark)s” leads readers to no source.")
        instead = _("Write the key of the source instead, as [@key].")
        key = f"{spot}\n{mark}"
        yield Problem("typed_footnote", "warning", message % {"mark": mark}, place, instead, key=key)


def aged_sources(content: Content, rendered: Rendered, known: Known) -> Iterator[Problem]:
    """Sources that are no longer what they were, wherever they stand."""
    for key, place, spot in _cited_places(content, rendered, known):
        state = known.sources[key].state if key in known.sources else "current"
        if state != "current":
            about = f"{spot}\n{key} {state}"
            yield Problem(AGED, "warning", aged(key, state), place, _advice(state), key=about)


def agreed_to(overrides: Iterable[Mapping[str, str]], key: str, state: str) -> bool:
    """Whether somebody gave a reason for citing a source in this state, wherever it stands."""
    about = f"\n{key} {state}"
    return any(one["code"] == AGED and one.get("key", "").endswith(about) for one in overrides)


def aged(key: str, state: str) -> str:
    """What is said of a source in this state, wherever it stands."""
    return {
        "retracted": _("The source “%(key)s” was retracted."),
        "superseded": _("The source “%(key)s” was superseded by a newer one."),
        "terminated": _("The source “%(key)s” is a trial that was stopped early."),
    }.get(state, _("The source “%(key)s” is not current.")) % {"key": key}


def corrected_sources(content: Content, rendered: Rendered, known: Known) -> Iterator[Problem]:
    """Sources whose record says another thing now: whoever reviews the text is told, once for each."""
    cited = reversed(list(_cited_places(content, rendered, known)))
    places = {key: place for key, place, _spot in cited}
    for key, (facts, mark) in known.corrected.items():
        instead = _("Look it up in the source, and see that the text and its claims still hold.")
        place, about = places.get(key, ""), f"{key} {mark}"
        yield Problem(CORRECTED, "warning", corrected(key, facts), place, instead, key=about)


def agreed_to_correction(overrides: Iterable[Mapping[str, str]], key: str, mark: str) -> bool:
    """Whether somebody gave a reason for citing a source whose record was changed in this way."""
    about = f"{key} {mark}"
    return any(one["code"] == CORRECTED and one.get("key", "") == about for one in overrides)


def corrected(key: str, facts: str) -> str:
    return _("The record of the source “%(key)s” was changed: %(facts)s.") % {"key": key, "facts": facts}


def _advice(state: str) -> str:
    if state == "terminated":
        return _("Say beside it that the trial was stopped.")
    return _("Cite a source that is current, or say beside it what became of this one.")


def _cited_places(content: Content, rendered: Rendered, known: Known) -> Iterator[tuple[str, str, str]]:
    """Each source that is cited, with its place in words and as a key has it."""
    for key in rendered.citation_keys:
        yield key, place_of(key, rendered), spot_under(heading_of(key, rendered))
    for statement in read(content.get("claims")):
        for key in statement.sources:
            yield key, claim_place(statement.number), f"claim {statement.number}"
    if known.easy:
        for key in known.easy.citation_keys:
            spot = spot_under(heading_of(key, known.easy), easy=True)
            yield key, place_of(key, known.easy, easy=True), spot


# --- Numbers ------------------------------------------------------------------------------------


def uncited_numbers(content: Content, rendered: Rendered, known: Known) -> Iterator[Problem]:
    yield from numbers_in(lines(content, "body"))


def numbers_in(texts: Iterable[str], *, easy: bool = False) -> Iterator[Problem]:
    """The sentences of these texts that hold a figure, in a block that cites nothing."""
    for block in (block for html in texts for block in blocks_of(html)):
        if block.kind != "heading" and not block.citations:
            yield from _uncited(block, easy)


def _uncited(block: Block, easy: bool) -> Iterator[Problem]:
    place = heading_place(block.heading, easy=easy)
    for sentence in sentences(block.text):
        figure = figure_in(FOOTNOTE.sub("", sentence))
        if figure == "counted":
            message = _("This names people, a share or money without a source: “%(words)s”")
            code, severity = "uncited_number", "blocking"
        elif figure:
            message = _("Does this number need a source? “%(words)s”")
            code, severity = "number_to_check", "warning"
        else:
            continue
        instead = _("Write the key of its source behind it, as [@key], or say it without the number.")
        words = quoted(sentence)
        about = f"{spot_under(block.heading, easy=easy)}\n{words}"
        yield Problem(code, severity, message % {"words": words}, place, instead, key=about)  # type: ignore[arg-type]


def quoted(sentence: str) -> str:
    return sentence if len(sentence) <= 200 else sentence[:199].rsplit(" ", 1)[0] + "…"


# --- Headings -----------------------------------------------------------------------------------


def heading_order(content: Content, rendered: Rendered, known: Known) -> Iterator[Problem]:
    yield from small_headings_first(rendered)


def small_headings_first(rendered: Rendered, *, easy: bool = False) -> Iterator[Problem]:
    levels = [("", 1), *((heading["text"], heading["level"]) for heading in rendered.contents)]
    for (_before, upper), (text, level) in pairwise(levels):
        if level > upper + 1:
            message = _("This small heading has no larger heading above it.")
            instead = _("Make it a larger heading.")
            yield Problem("heading_order", "blocking", message, heading_place(text, easy=easy), instead)


def number_of_headings(content: Content, rendered: Rendered, known: Known) -> Iterator[Problem]:
    if sum(1 for section in rendered.sections if section.heading) > MOST_HEADINGS:
        message = _("No more than %(most)s headings fit.") % {"most": MOST_HEADINGS}
        yield Problem("too_many_headings", "blocking", message, _("The text"))


# --- Links --------------------------------------------------------------------------------------


def long_links(content: Content, rendered: Rendered, known: Known) -> Iterator[Problem]:
    for name, easy in (("body", False), ("easy_body", True)):
        for address, heading in (link for html in lines(content, name) for link in links_of(html)):
            if len(address) > LONGEST_LINK:
                message = _("A link here has %(length)s signs; %(longest)s fit.") % {
                    "length": len(address),
                    "longest": LONGEST_LINK,
                }
                instead = _("Most of it can usually go: try the address without what stands behind its “?”.")
                yield Problem("long_link", "blocking", message, heading_place(heading, easy=easy), instead)


def broken_links(content: Content, rendered: Rendered, known: Known) -> Iterator[Problem]:
    for name, easy, made in (("body", False, rendered), ("easy_body", True, known.easy)):
        ids = places_on_page(made.contents if made else (), claims=len(read(content.get("claims"))))
        for address, heading in (link for html in lines(content, name) for link in links_of(html)):
            yield from _broken(address, heading_place(heading, easy=easy), ids, known)


def _broken(address: str, place: str, ids: Collection[str], known: Known) -> Iterator[Problem]:
    same_page = address.startswith("#")
    path, anchor = (known.own_address, address[1:]) if same_page else own_path(address, known.site)
    if path is None:
        return
    if path != known.own_address and path not in known.addresses:
        message = _("The link “%(address)s” leads to no page that readers can see.") % {"address": address}
        instead = _("Correct the address, or publish that page first.")
        yield Problem("broken_link", "blocking", message, place, instead)
    elif path == known.own_address and anchor and unquote(anchor) not in ids:
        message = _("There is no “#%(anchor)s” on this page.") % {"anchor": anchor}
        yield Problem("broken_link", "blocking", message, place, _("Link to a heading of this text."))
    elif anchor and unquote(anchor) not in known.places.get(path, {unquote(anchor)}):
        message = _("There is no “#%(anchor)s” on the page “%(path)s”.") % {"anchor": anchor, "path": path}
        yield Problem("broken_link", "blocking", message, place, _("Link to a heading of that page."))


def places_on_page(headings: Iterable[Heading], *, claims: int) -> set[str]:
    """Where a link to the page of a guide or treatment may lead."""
    claimed = {f"claim-{number}" for number in range(1, claims + 1)}
    return {*PAGE_IDS, *claimed, *(heading["id"] for heading in headings)}


def own_path(address: str, site: str) -> tuple[str | None, str]:
    """The path and anchor of a link to our own pages; (None, "") for any other."""
    try:
        parts = urlsplit(address.removeprefix(site) if site else address)
    except ValueError:  # such as a bracket that is not closed
        return None, ""
    if parts.scheme or parts.netloc:
        return None, ""
    return parts.path or "/", parts.fragment


# --- Words --------------------------------------------------------------------------------------


def forbidden_words(content: Content, rendered: Rendered, known: Known) -> Iterator[Problem]:
    for place, text in (*own_passages(content), *claim_passages(content), *all_text(rendered, known)):
        for message, instead in promises_in(text):
            yield Problem("forbidden_words", "blocking", message, place, instead)


def claim_passages(content: Content) -> Iterator[tuple[str, str]]:
    for statement in read(content.get("claims")):
        for words in (statement.sentence, statement.group, statement.other, statement.caveat):
            yield claim_place(statement.number), words


def all_text(rendered: Rendered, known: Known) -> Iterator[tuple[str, str]]:
    yield from text_passages(rendered)
    if known.easy:
        yield from text_passages(known.easy, easy=True)


def reading_grade(content: Content, rendered: Rendered, known: Known) -> Iterator[Problem]:
    found = grade_of(rendered) if known.english else None
    if found is None or found <= HARD_GRADE:
        return
    message = _("Its reading grade is %(found)s; %(most)s is the most that readers here should need.")
    instead = _("Make the sentences shorter and the words easier.")
    said = message % {"found": found, "most": HARD_GRADE}
    if found > TOO_HARD_GRADE:
        yield Problem("grade_too_high", "blocking", said, _("The text"), instead)
    else:
        yield Problem("grade_high", "warning", said, _("The text"), instead, key=str(found))


def grade_of(rendered: Rendered):
    """The reading grade of what stands under the headings."""
    return grade("\n".join(section.text for section in rendered.sections))


Check = Callable[[Content, Rendered, Known], Iterator[Problem]]
