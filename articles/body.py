"""Text of guides and treatments: what an editor wrote in, what readers see out. Pure.

What is stored is clean already (portal.rich_text). `render` adds what readers need and editors need not
write: heading addresses, a contents list, numbered citations, words explained, tables that scroll. Its
result is stored with the text, so no reader waits for it; a page of the admin renders once more, because
its checks tell what holds now: a source may have gone since.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import NotRequired, TypedDict

from django.utils.text import slugify
from lxml import etree

from portal.rich_text import HEADINGS, INLINE, UNPRINTABLE, Pieces, put_back, serialised, text_places, tree_of

from .citations import CITATION, CITATIONS, number_citations, words_of
from .tables import frame_tables

# Addresses that the page around the text uses; a heading never takes one of them.
PAGE_IDS = frozenset(
    {
        "also-here",
        "choose",
        "choose-error",
        "claims",
        "contents",
        "contents-wide",
        "free-quote",
        "help-now",
        "history",
        "key-points",
        "main",
        "other-trials",
        "questions",
        "references",
        "references-part",
        "related",
        "subjects",
        "trials",
        "trials-to-find",
        "useful",
        "words",
        "words-part",
    }
)
# A long guide has twenty; what comes after these has no address and is not in the contents list.
MOST_HEADINGS = 300
OUR_PREFIXES = re.compile(r"(ref|cite|claim|word|from|page)-")


class Heading(TypedDict):
    id: str
    text: str
    level: int
    # Of a heading that asks: the first paragraph under it, for machines.
    answer: NotRequired[str]


class Word(TypedDict):
    id: str
    term: str
    explanation: str


@dataclass(frozen=True)
class Term:
    """A word to explain, with its other spellings."""

    term: str
    explanation: str
    also: Sequence[str] = ()

    def spellings(self) -> list[str]:
        """Every way to write it, folded for comparing."""
        return [fold(word) for word in (self.term, *self.also) if isinstance(word, str) and fold(word)]


@dataclass(frozen=True)
class Section:
    """The text under one heading, as words; the first may have no heading."""

    heading: str
    level: int
    text: str
    citations: tuple[str, ...] = ()


@dataclass(frozen=True)
class Rendered:
    """`citation_keys` stand in the order of their numbers: the first is [1]."""

    html: str
    contents: list[Heading] = field(default_factory=list)
    citation_keys: list[str] = field(default_factory=list)
    unknown_keys: list[str] = field(default_factory=list)
    glossary: list[Word] = field(default_factory=list)
    plain_text: str = ""
    word_count: int = 0
    sections: tuple[Section, ...] = ()


def render(html: str, *, sources: Collection[str], terms: Iterable[Term] = ()) -> Rendered:
    """The text as readers see it. `sources` holds the keys that may be cited. Never raises.

    A citation of an unknown key stays visible in the text and is reported in `unknown_keys`.
    """
    root = tree_of(html)
    contents = name_headings(root)
    sections = tuple(sections_of(root))
    answer_questions(contents, sections)
    plain_text = "\n".join(filter(None, (line for s in sections for line in (s.heading, s.text))))
    frame_tables(root)
    cited, unknown = number_citations(root, sources)
    words = explain_words(root, terms)
    return Rendered(
        html=serialised(root),
        contents=contents,
        citation_keys=cited,
        unknown_keys=unknown,
        glossary=words,
        plain_text=plain_text,
        word_count=sum(1 for word in plain_text.split() if any(map(str.isalnum, word))),
        sections=sections,
    )


# --- Headings, sections, words ------------------------------------------------------------------


def name_headings(root: etree._Element) -> list[Heading]:
    """Give each heading an address, up to MOST_HEADINGS, and return the contents list."""
    contents: list[Heading] = []
    taken = dict.fromkeys(PAGE_IDS, 1)
    for heading in islice(root.iterchildren("h2", "h3"), MOST_HEADINGS):
        text = words_of(heading)
        heading.set("id", unused_id(text, taken))
        contents.append({"id": heading.get("id", ""), "text": text, "level": level_of(heading)})
    return contents


def answer_questions(contents: Iterable[Heading], sections: Iterable[Section]) -> None:
    """Put the beginning of its answer to each heading that is a question."""
    answered = [section for section in sections if section.heading]
    for heading, section in zip(contents, answered, strict=False):
        if heading["text"].endswith(("?", "؟")) and section.text:
            heading["answer"] = section.text.partition("\n")[0]


def level_of(heading: etree._Element) -> int:
    return 3 if heading.tag == "h3" else 2


def unused_id(text: str, taken: dict[str, int]) -> str:
    """A readable id for this text that is not in `taken` yet; it is added there.

    `taken` holds with each id the last number tried behind it, so that a thousand like headings are not
    counted from the beginning a thousand times.
    """
    stem = slugify(text, allow_unicode=True)[:60].strip("-_") or "section"
    if OUR_PREFIXES.match(stem):
        stem = f"section-{stem}"
    name = stem
    while name in taken:
        taken[stem] += 1
        name = f"{stem}-{taken[stem]}"
    taken[name] = 1
    return name


def sections_of(root: etree._Element) -> Iterator[Section]:
    blocks: list[etree._Element] = []
    for block in root:
        if block.tag in HEADINGS and blocks:
            yield section_of(blocks)
            blocks = []
        blocks.append(block)
    if blocks:
        yield section_of(blocks)


def section_of(blocks: list[etree._Element]) -> Section:
    heading = blocks[0] if blocks[0].tag in HEADINGS else None
    under = blocks if heading is None else blocks[1:]
    keys = [key for block in blocks for key in CITATION.findall("".join(map(str, block.itertext())))]
    return Section(
        heading="" if heading is None else words_of(heading),
        level=2 if heading is None else level_of(heading),
        text="\n".join(line for block in under for line in lines_of(block)),
        citations=tuple(dict.fromkeys(keys)),
    )


def lines_of(block: etree._Element) -> list[str]:
    """One line for each innermost block, so that words of neighbouring cells and items stay apart."""
    lines = [""]
    for event, element in etree.iterwalk(block, events=("start", "end")):
        if element.tag not in INLINE:
            lines.append("")
        lines[-1] += (
            element.text if event == "start" else element.tail if element is not block else ""
        ) or ""
    return [line for line in (" ".join(CITATIONS.sub("", line).split()) for line in lines) if line]


# --- Words explained ----------------------------------------------------------------------------


def explain_words(root: etree._Element, terms: Iterable[Term]) -> list[Word]:
    """Link the first use of each term to its explanation; return those used, by alphabet.

    The link leads to the entry in the page's list of words. Without style that is a list at the end; with
    it, the entry opens at the foot of the screen (:target), so the reader's place is kept, without script.
    """
    by_spelling = {spelling: term for term in reversed(list(terms)) for spelling in term.spellings()}
    if not by_spelling:
        return []
    pattern = spelling_pattern(by_spelling)
    words: dict[str, Word] = {}
    taken: dict[str, int] = {}
    for element, slot in text_places(root, skip={"a", "sup", "th"} | HEADINGS):
        text = getattr(element, slot) or ""
        pieces: Pieces = []
        position = 0
        for match in pattern.finditer(text):
            term = by_spelling.get(fold(match.group(0)))
            if term is None or term.term in words:
                continue
            name = unused_id(term.term, taken)
            word = Word(id=name, term=term.term, explanation=term.explanation)
            words[term.term] = word
            pieces += [text[position : match.start()], word_link(match.group(0), word)]
            position = match.end()
        if pieces:
            put_back(element, slot, [*pieces, text[position:]])
    return sorted(words.values(), key=lambda word: word["term"].casefold())


def word_link(text: str, word: Word) -> etree._Element:
    link = etree.Element(
        "a",
        {
            "class": "glossary-term",
            "id": f"from-{word['id']}",
            "href": f"#word-{word['id']}",
            "aria-describedby": f"meaning-{word['id']}",
        },
    )
    link.text = text
    return link


def fold(word: str) -> str:
    """A word as it is compared: small letters, single blanks, straight apostrophes."""
    return " ".join(UNPRINTABLE.sub("", word).replace("’", "'").casefold().split())


def spelling_pattern(spellings: Iterable[str]) -> re.Pattern[str]:
    """Matches any of these as whole words, the longest first; not as a part of a hyphenated word."""
    longest_first = sorted(spellings, key=len, reverse=True)
    choices = "|".join(re.escape(word).replace(r"\ ", r"\s+").replace("'", "['’]") for word in longest_first)
    return re.compile(rf"(?<![\w-])(?:{choices})(?![\w-])", re.IGNORECASE)
