"""Any HTML made into a small, valid, bounded set of elements: what staff may write anywhere. Pure.

The one sanitiser: the editor's field, the texts of guides and treatments and the readable files of the
demonstration all pass through `clean`, which is idempotent.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from html.parser import HTMLParser

import nh3
from lxml import etree

RENAMED = {"h1": "h2", "h4": "h3", "h5": "h3", "h6": "h3", "b": "strong", "i": "em", "tfoot": "tbody"}
HEADINGS = {"h2", "h3"}
LISTS = {"ul", "ol"}
TABLE_PARTS = {"table", "thead", "tbody", "tr"}
TABLE_PLACES = {
    "thead": {"table"},
    "tbody": {"table"},
    "tr": {"thead", "tbody"},
    "td": {"tr"},
    "th": {"tr"},
}
INLINE = {"strong", "em", "a"}
# What may hold blocks as well as words.
CONTAINERS = {"div", "li", "td", "th", "blockquote"}
ALLOWED = {"p", "br", "li", "td", "th", "blockquote"} | HEADINGS | LISTS | TABLE_PARTS | INLINE
# A link in a list in a list in a table. The typesetter gives up on seventeen quotations in each other.
DEEPEST = 10
# The sanitiser takes seconds over deeply nested texts longer than this; a long guide has 30,000 signs.
LONGEST = 150_000

UNPRINTABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# Backslashes and inner blanks are refused: browsers read "/\host" and "/<tab>/host" as another site.
# So are the places that word processors make ("#_ftn1"): no heading of ours is called so.
SAFE_LINK = re.compile(
    r"https://[^\s\\]+|mailto:[^\s\\]+@[^\s\\]+|/(?!/)[^\s\\]*|#[^\s\\#_][^\s\\#]*", re.IGNORECASE
)

PLAIN_HTTP = re.compile(r"http://", re.IGNORECASE)
# What people paste for a link to another site: without its scheme, or with the old one.
FILE_NAME = r"[^/]*\.(?:html?|php|pdf|docx?|xlsx?|odt|txt|png|jpe?g)"
MEANT = re.compile(
    rf"http://[^\s\\]+|(?!{FILE_NAME}$)(?:[a-z0-9-]+\.)+[a-z]{{2,24}}(?:[/?#][^\s\\]*)?", re.IGNORECASE
)


def clean(html: str) -> str:
    """Any text as safe, valid HTML of the few elements that guides use. Never raises; idempotent."""
    return serialised(tree_of(html))


def tree_of(html: str) -> etree._Element:
    """The tree of a cleaned text under a nameless root."""
    safe = nh3.clean(
        UNPRINTABLE.sub("", html),
        tags=ALLOWED | set(RENAMED),
        attributes={"a": {"href"}, "th": {"scope"}},
        url_schemes={"http", "https", "mailto"},
        link_rel=None,
    )
    builder = TreeBuilder()
    builder.feed(UNPRINTABLE.sub("", safe))
    builder.close()
    drop_empty(builder.root)
    return builder.root


class TreeBuilder(HTMLParser):
    """Puts the sanitiser's elements where HTML allows them, however they came.

    The sanitiser gives well-nested text as a browser would read it, but it only takes elements away: what
    stood around a list item or a row may be gone, blocks may stand inside links and words inside lists and
    tables, and nesting has no end. A tag that does not fit is opened elsewhere or left out; words stay.
    """

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = etree.Element("div")
        self.open = [self.root]
        # One entry for each start tag read, so that an end tag closes its own element and no other.
        self.begun: list[etree._Element | None] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        name = RENAMED.get(tag, tag)
        if name == "br":
            self.add_break()
        else:
            self.begun.append(self.start(name, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        element = self.begun.pop()
        if element is not None and element in self.open:
            del self.open[self.open.index(element) :]

    def handle_data(self, words: str) -> None:
        if words.isspace() and self.open[-1].tag in LISTS | TABLE_PARTS | {"div"}:
            return
        if self.open[-1].tag in TABLE_PARTS:
            self.put_before_table(words)
        else:
            self.make_room_for_words()
            append_text(self.open[-1], words)

    def start(self, name: str, attributes: dict[str, str | None]) -> etree._Element | None:
        if name in INLINE:
            return self.start_inline(name, attributes)
        if name in TABLE_PLACES:
            return self.start_table_part(name, attributes)
        if name == "li":
            return self.start_item()
        return self.start_block(name)

    def start_inline(self, name: str, attributes: dict[str, str | None]) -> etree._Element | None:
        link = safe_link(attributes.get("href") or "") if name == "a" else ""
        # A link may stand inside a link: what stood between them, such as <object>, is gone.
        already = any(element.tag == name for element in self.open)
        if link is None or already or self.open[-1].tag in TABLE_PARTS:
            return None
        self.make_room_for_words()
        return self.push(name, {"href": link} if link else {})

    def start_table_part(self, name: str, attributes: dict[str, str | None]) -> etree._Element | None:
        if self.open[-1].tag not in TABLE_PLACES[name]:  # its table was nested too deeply
            return None
        scope = attributes.get("scope") if name == "th" else None
        return self.push(name, {"scope": scope} if scope in ("row", "col") else {})

    def start_item(self) -> etree._Element | None:
        if self.open[-1].tag == "li":
            self.open.pop()
        return self.push("li") if self.open[-1].tag in LISTS else self.start_block("p")

    def start_block(self, name: str) -> etree._Element | None:
        while self.open[-1].tag not in CONTAINERS | LISTS | TABLE_PARTS:
            self.open.pop()
        if self.open[-1].tag in TABLE_PARTS:
            return None
        if self.open[-1].tag in LISTS:
            self.push("li")
        if name in HEADINGS and self.open[-1] is not self.root:
            name = "p"
        return self.push(name)

    def push(self, name: str, attributes: dict[str, str] | None = None) -> etree._Element | None:
        if len(self.open) > DEEPEST:
            return None
        self.open.append(etree.SubElement(self.open[-1], name, attributes or {}))
        return self.open[-1]

    def make_room_for_words(self) -> None:
        if self.open[-1] is self.root:
            self.push("p")
        elif self.open[-1].tag in LISTS:
            self.push("li")

    def add_break(self) -> None:
        if self.open[-1].tag not in LISTS | TABLE_PARTS | {"div"}:
            etree.SubElement(self.open[-1], "br")

    def put_before_table(self, words: str) -> None:
        table = next(element for element in reversed(self.open) if element.tag == "table")
        paragraph = etree.Element("p")
        paragraph.text = words
        table.addprevious(paragraph)


def safe_link(address: str) -> str | None:
    """The address when it leads to https, mailto, a path of ours or a place on the page, or is meant to."""
    address = address.strip()
    if MEANT.fullmatch(address):
        address = f"https://{PLAIN_HTTP.sub('', address)}"
    return address if SAFE_LINK.fullmatch(address) else None


def append_text(element: etree._Element, words: str) -> None:
    if len(element):
        element[-1].tail = (element[-1].tail or "") + words
    else:
        element.text = (element.text or "") + words


def drop_empty(root: etree._Element) -> None:
    """Remove elements that hold no words: editors leave empty paragraphs and headings behind."""
    keep = {"td", "th", "br"}
    for element in reversed(list(root.iterdescendants())):
        held = any(child.tag != "br" for child in element) or any(map(str.strip, element.itertext()))
        if element.tag not in keep and not held:
            remove(element)


def remove(element: etree._Element) -> None:
    """Take an element out and leave what follows it."""
    parent = element.getparent()
    if parent is None:
        return
    before = element.getprevious()
    tail = element.tail or ""
    parent.remove(element)
    if before is not None:
        before.tail = (before.tail or "") + tail
    else:
        parent.text = (parent.text or "") + tail


def serialised(root: etree._Element) -> str:
    return "".join(etree.tostring(child, method="html", encoding="unicode") for child in root)


# --- Words in a tree, and elements put in their place ---------------------------------------------

Pieces = list["str | etree._Element"]


def text_places(root: etree._Element, skip: Collection[str] = ()) -> list[tuple[etree._Element, str]]:
    """Every place that holds words, in reading order, as (element, "text" or "tail"); none inside `skip`."""
    places: list[tuple[etree._Element, str]] = []
    hidden = 0
    for event, element in etree.iterwalk(root, events=("start", "end")):
        hidden += (element.tag in skip) * (1 if event == "start" else -1)
        if not hidden and (event == "start" or element is not root):
            places.append((element, "text" if event == "start" else "tail"))
    return places


def put_back(element: etree._Element, slot: str, pieces: Pieces) -> None:
    """Put words and elements where only words were."""
    following = ""
    for piece in reversed(pieces):
        if isinstance(piece, str):
            following = piece + following
            continue
        setattr(element, slot, None)
        piece.tail = following or None
        following = ""
        if slot == "text":
            element.insert(0, piece)
        else:
            element.addnext(piece)
    setattr(element, slot, following or None)


# --- What cleaning takes away -------------------------------------------------------------------

# Elements whose going nobody needs to hear of: their words stay where they were.
UNMISSED = {
    "div",
    "span",
    "section",
    "article",
    "header",
    "footer",
    "main",
    "font",
    "u",
    "html",
    "head",
    "body",
}
UNMISSED |= {"colgroup", "col", "caption", "figure", "figcaption", "hr", "meta", "title", "dl", "dt", "dd"}


@dataclass
class Losses:
    """What a written text has and its cleaned form has not, for telling who wrote it."""

    links_changed: list[tuple[str, str]] = field(default_factory=list)  # (as written, as kept)
    links_removed: list[tuple[str, str]] = field(default_factory=list)  # (as written, its words)
    merged_cells: bool = False
    elements: list[str] = field(default_factory=list)


def losses(html: str) -> Losses:
    """What `clean` will change in this text or leave out of it. Never raises."""
    reader = LossReader()
    reader.feed(UNPRINTABLE.sub("", html))
    reader.close()
    return reader.found


class LossReader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found = Losses()
        self.removed: str | None = None  # the address of the link that is open and will go
        self.words = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        if tag == "a" and (address := (attributes.get("href") or "").strip()):
            self.note_link(address)
        if tag in {"td", "th"} and any(attributes.get(name, "1") != "1" for name in ("colspan", "rowspan")):
            self.found.merged_cells = True
        known = tag in ALLOWED or tag in RENAMED or tag in UNMISSED
        if not known and tag not in self.found.elements:
            self.found.elements.append(tag)

    def handle_data(self, data: str) -> None:
        self.words += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "a" and self.removed is not None:
            self.found.links_removed.append((self.removed, " ".join(self.words.split())))
            self.removed = None

    def note_link(self, address: str) -> None:
        kept = safe_link(address)
        self.words = ""
        self.removed = address if kept is None else None
        if kept is not None and kept != address:
            self.found.links_changed.append((address, kept))
