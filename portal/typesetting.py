"""Clean HTML as a printed document: a tagged PDF that a screen reader can read and an office can file. Pure.

Typst sets it. Words never meet its markup: each run of text is a string literal, so nothing that staff or
readers write can be a command. Latin letters are set in the face that the compiler brings, Arabic ones in
the one beside this module.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import typst
from lxml import etree

from .rich_text import tree_of

FONTS = Path(__file__).parent / "fonts"
ESCAPED = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": " ", "\t": " "}
MARKS = {"strong": "strong", "em": "emph"}
INLINE = {"a", "br", "em", "strong"}

PAGE = """\
#set document(title: {title}, author: {author}, date: none)
#set page(paper: "a4", margin: (x: 2.2cm, y: 2.4cm), footer: context [
  #set text(size: 8.5pt)
  #grid(columns: (1fr, auto), column-gutter: 1em, [{foot}], counter(page).display("1 / 1", both: true))
])
#set text(font: ("Libertinus Serif", "Noto Naskh Arabic"), size: {size}, lang: {language}, hyphenate: false)
#set par(leading: 0.75em, spacing: 1.15em)
#set list(spacing: 0.75em)
#set table(stroke: 0.5pt + luma(150), inset: 6pt)
#show heading: set block(above: 1.5em, below: 0.8em)
#show table: set text(size: 9.5pt)
#show table: set par(justify: false)
"""


class CannotBeSet(Exception):
    """The typesetter gives up on this document; the message is its own."""


def literal(text: str) -> str:
    """The text as a string of the typesetter's code."""
    return '"' + "".join(ESCAPED.get(sign, sign) for sign in text) + '"'


def words(text: str) -> str:
    """The text as content; what stands behind it cannot become part of the expression."""
    return f"#{literal(text)};" if text else ""


def heading(text: str, level: int) -> str:
    return f"#heading(level: {level})[{words(text)}]\n\n"


def paragraph(*pieces: str) -> str:
    return "".join(pieces) + "\n\n"


def strong(text: str) -> str:
    return f"#strong[{words(text)}]"


def link(address: str, text: str) -> str:
    return underlined(address, words(text))


def underlined(address: str, content: str) -> str:
    return f"#underline[#link({literal(address)})[{content}]]"


def bullets(items: Iterable[str]) -> str:
    """A list of contents that are set already."""
    return "#list(" + ", ".join(f"[{item}]" for item in items) + ")\n\n"


def document(
    parts: Iterable[str], *, title: str, author: str, language: str, foot: str, size: str = "11pt"
) -> str:
    """The whole source, ready for `printed`. `language` is a code such as "en-gb"."""
    page = PAGE.format(
        title=literal(title),
        author=literal(author),
        language=literal(language.partition("-")[0]),
        foot=words(foot),
        size=size,
    )
    return page + "".join(parts)


def printed(source: str) -> bytes:
    """The PDF, tagged; with the mark of PDF/UA-1 where it keeps its rules. Raises CannotBeSet.

    Where it cannot, a sign of a script that no face here has (an empty box then) or a small heading that
    comes first, the document does not claim what it does not keep.
    """
    try:
        return _compiled(source, pdf_standards="ua-1")
    except CannotBeSet as error:
        if "PDF/UA-1 error" not in str(error):
            raise
        return _compiled(source)


def _compiled(source: str, **how: Any) -> bytes:
    try:
        return typst.compile(source.encode(), font_paths=faces(), format="pdf", **how)
    except typst.TypstError as error:
        raise CannotBeSet(str(error)) from error


@cache
def faces() -> typst.Fonts:
    """Read once: it takes longer than setting a page."""
    return typst.Fonts(include_system_fonts=False, font_paths=[str(FONTS)])


# --- HTML ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Composer:
    """Sets rich text. `site` goes before links to our own pages; `run` sets a run of words."""

    site: str
    run: Callable[[str], str] = words

    def of_html(self, html: str) -> str:
        return "".join(self.block(element) for element in tree_of(html))

    def block(self, element: etree._Element) -> str:
        match element.tag:
            case "h2" | "h3":
                return f"#heading(level: {element.tag[1]})[{self.inline(element)}]\n\n"
            case "ul" | "ol":
                kind = "list" if element.tag == "ul" else "enum"
                return f"#{kind}(" + ", ".join(f"[{self.inside(item)}]" for item in element) + ")\n\n"
            case "blockquote":
                return f"#quote(block: true)[{self.inside(element)}]\n\n"
            case "table":
                return self.table(element)
        return paragraph(self.inline(element))

    def inside(self, element: etree._Element) -> str:
        """What a list item, a cell or a quotation holds: words, blocks, or both."""
        pieces = [self.run(element.text or "")]
        for child in element:
            pieces.append(self.mark(child) if child.tag in INLINE else f"\n\n{self.block(child)}")
            pieces.append(self.run(child.tail or ""))
        return "".join(pieces)

    def inline(self, element: etree._Element) -> str:
        pieces = [self.run(element.text or "")]
        for child in element:
            pieces += [self.mark(child), self.run(child.tail or "")]
        return "".join(pieces)

    def mark(self, element: etree._Element) -> str:
        content = self.inline(element)
        match element.tag:
            case "br":
                return "#linebreak();"
            case "a":
                return self.anchor(element.get("href", ""), content)
        return f"#{MARKS[element.tag]}[{content}]" if element.tag in MARKS else content

    def anchor(self, address: str, content: str) -> str:
        """A link to the whole address: on paper no place in the page can be pressed."""
        if not content or not address or address.startswith("#"):
            return content
        whole = self.site + address if address.startswith("/") else address
        return underlined(whole, content)

    def table(self, element: etree._Element) -> str:
        rows = [[f"[{self.inside(cell)}]" for cell in row] for row in element.iter("tr")]
        width = max(map(len, rows))
        head, *others = [row + ["[]"] * (width - len(row)) for row in rows]
        cells = "".join(f", {cell}" for row in others for cell in row)
        return f"#table(columns: (1fr,) * {width}, table.header({', '.join(head)}){cells})\n\n"
