"""[@key] in a text: found, left out, linked for staff, numbered for readers. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping

from django.utils.translation import gettext as _
from lxml import etree

from portal.rich_text import Pieces, put_back, serialised, text_places, tree_of

CITATION = re.compile(r"\[@\s*([\w-]{1,60})\s*\]")
# The look-behind keeps a long run of blanks from being tried again at each of them.
CITATIONS = re.compile(rf"(?:(?<!\s)\s+)?{CITATION.pattern}(?:[\s,;]*{CITATION.pattern})*")


def words_of(element: etree._Element) -> str:
    """The element's words on one line, citations left out."""
    return " ".join(CITATIONS.sub("", "".join(map(str, element.itertext()))).split())


def number_citations(root: etree._Element, sources: Collection[str]) -> tuple[list[str], list[str]]:
    """Turn [@key] into numbered links; return the known keys by number, and the unknown ones."""
    move_citations_out_of_links(root)
    cited: dict[str, int] = {}
    unknown: dict[str, None] = {}
    for element, slot in text_places(root, skip={"a"}):
        text = getattr(element, slot) or ""
        if "[@" in text:
            put_back(element, slot, cite(text, sources, cited, unknown))
    return list(cited), list(unknown)


def move_citations_out_of_links(root: etree._Element) -> None:
    """A link may not stand inside a link."""
    for link in root.iter("a"):
        markers = "".join(match.group(0) for match in CITATION.finditer("".join(map(str, link.itertext()))))
        if not markers:
            continue
        for element, slot in text_places(link):
            setattr(element, slot, CITATIONS.sub("", getattr(element, slot) or ""))
        link.tail = markers + (link.tail or "")


def cite(text: str, sources: Collection[str], cited: dict[str, int], unknown: dict[str, None]) -> Pieces:
    """The text in pieces: words, and one <sup> for each run of citations."""
    pieces: Pieces = []
    position = 0
    for run in CITATIONS.finditer(text):
        keys = [match.group(1) for match in CITATION.finditer(run.group(0))]
        strange = [key for key in keys if key not in sources]
        unknown.update(dict.fromkeys(strange))
        known = [key for key in dict.fromkeys(keys) if key in sources]
        pieces.append(text[position : run.start()])
        if known:
            pieces.append(citation_mark(known, cited))
        pieces.extend(f" [@{key}]" for key in strange)
        position = run.end()
    pieces.append(text[position:])
    return pieces


def link_citations(html: str, addresses: Mapping[str, str]) -> str:
    """The text as written, cleaned, each [@key] that has an address a link: for who checks the sources."""
    root = tree_of(html)
    for element, slot in text_places(root, skip={"a"}):
        text = getattr(element, slot) or ""
        if "[@" in text:
            put_back(element, slot, list(linked(text, addresses)))
    return serialised(root)


def linked(text: str, addresses: Mapping[str, str]) -> Iterator[str | etree._Element]:
    position = 0
    for match in CITATION.finditer(text):
        if address := addresses.get(match.group(1)):
            yield text[position : match.start()]
            link = etree.Element("a", {"href": address})
            link.text = match.group(0)
            yield link
            position = match.end()
    yield text[position:]


def citation_mark(keys: list[str], cited: dict[str, int]) -> etree._Element:
    """<sup> with a link to each reference. `cited` counts the uses of each key; its order numbers them."""
    mark = etree.Element("sup", {"class": "citation"})
    for key in keys:
        cited[key] = cited.get(key, 0) + 1
    numbers = {key: number for number, key in enumerate(cited, 1) if key in keys}
    for key in sorted(keys, key=numbers.__getitem__):
        number = str(numbers[key])
        if len(mark):
            mark[-1].tail = ", "
        link = etree.SubElement(mark, "a", {"id": f"cite-{number}-{cited[key]}", "href": f"#ref-{number}"})
        prefix = etree.SubElement(link, "span", {"class": "visually-hidden"})
        prefix.text = _("Source") + " "
        prefix.tail = number
    return mark
