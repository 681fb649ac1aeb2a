"""A text in its smallest blocks: each paragraph, list item and table row, with what is cited in it. Pure.

A line that ends with a colon leads in the list or table after it: what it cites holds for each item.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

from portal.rich_text import HEADINGS, LISTS, tree_of

from ..body import lines_of
from ..citations import CITATION, CITATIONS, words_of

# What the line before a list or table cites, looked up once for each.
LedIn = dict[etree._Element, tuple[str, ...]]
WHOLE = {"p", "li", "blockquote"}


@dataclass(frozen=True)
class Block:
    """`kind` is "heading", "row" or "words"; `heading` is the one it stands under."""

    kind: str
    heading: str
    text: str
    citations: tuple[str, ...] = ()


def blocks_of(html: str) -> list[Block]:
    """The blocks of a text in reading order; words of an inner list or table are its own. Never raises."""
    return [block for block in _blocks(tree_of(html)) if block.text]


def links_of(html: str) -> list[tuple[str, str]]:
    """Where the links of a text lead: (address, heading it stands under)."""
    found = []
    heading = ""
    for element in tree_of(html).iter():
        if element.tag in HEADINGS:
            heading = words_of(element)
        elif element.tag == "a" and (address := element.get("href")):
            found.append((address, heading))
    return found


def _blocks(root: etree._Element) -> Iterator[Block]:
    heading = ""
    led_in: LedIn = {}
    for element in root.iter():
        if element.tag in HEADINGS:
            heading = words_of(element)
            yield Block("heading", heading, heading)
        elif element.tag == "tr":
            yield _row(element, heading, led_in)
        elif element.tag in WHOLE and next(element.iterancestors("tr"), None) is None:
            yield _words(element, heading, led_in)


def _row(row: etree._Element, heading: str, led_in: LedIn) -> Block:
    """A row with its citations; the first row, which names the columns, is covered by any of its table."""
    table = next(row.iterancestors("table"), row)
    is_first = next(table.iter("tr"), row) is row
    text = "\n".join(line for cell in row for line in lines_of(cell))
    return Block("row", heading, text, _cited(table if is_first else row) + _led_in_by(table, led_in))


def _words(element: etree._Element, heading: str, led_in: LedIn) -> Block:
    written = element.text or ""
    for child in element:
        if child.tag == "br":
            written += "\n"
        elif child.tag not in WHOLE | LISTS | {"table"}:
            written += "".join(map(str, child.itertext()))
        written += child.tail or ""
    lines = (" ".join(line.split()) for line in CITATIONS.sub("", written).split("\n"))
    around = next(element.iterancestors(*LISTS), None)
    cited = tuple(CITATION.findall(written)) + (() if around is None else _led_in_by(around, led_in))
    return Block("words", heading, "\n".join(filter(None, lines)), cited)


def _led_in_by(element: etree._Element, led_in: LedIn) -> tuple[str, ...]:
    if element not in led_in:
        before = element.getprevious()
        leads = before is not None and before.tag == "p" and words_of(before).endswith(":")
        led_in[element] = _cited(before) if before is not None and leads else ()
    return led_in[element]


def _cited(element: etree._Element) -> tuple[str, ...]:
    return tuple(CITATION.findall("".join(map(str, element.itertext()))))
