"""Tables of a text as readers get them: with headers, named, in a box of their own to scroll. Pure."""

from __future__ import annotations

from django.utils.translation import gettext as _
from lxml import etree

from .citations import words_of


def frame_tables(root: etree._Element) -> None:
    """Give each table headers and a box of its own to scroll in, named for screen readers."""
    for number, table in enumerate(list(root.iter("table")), 1):
        head_first_row(table)
        label_cells(table)
        for cell in table.iter("th"):
            if cell.get("scope") is None:
                cell.set("scope", "row")
        name = _("Table %(number)s: %(subject)s") % {"number": number, "subject": subject_of(table)}
        frame = etree.Element("div", {"class": "table-scroll", "role": "region", "aria-label": name})
        frame.tail, table.tail = table.tail, None
        table.addprevious(frame)
        frame.append(table)


def head_first_row(table: etree._Element) -> None:
    rows = [row for row in table.iter("tr") if nearest_table(row) is table]
    if len(rows) < 2:
        return
    parent = rows[0].getparent()
    for cell in rows[0]:
        cell.tag = "th"
        cell.set("scope", "col")
    if parent is not None and parent.tag != "thead":
        head = etree.Element("thead")
        head.append(rows[0])
        table.insert(0, head)
        if parent is not table and not len(parent):
            table.remove(parent)


def label_cells(table: etree._Element) -> None:
    """Name each row by its first cell and each cell by its column, for screens too narrow for columns."""
    rows = [row for row in table.iter("tr") if nearest_table(row) is table]
    names = [words_of(cell) for cell in rows[0]] if len(rows) > 1 else []
    if len(names) < 2:
        return
    table.set("class", "stacked")
    for row in rows[1:]:
        for cell, name in zip(row, names, strict=False):
            if cell.getprevious() is None:
                cell.tag = "th"
            elif name and cell.tag == "td":
                cell.set("data-label", name)


def nearest_table(row: etree._Element) -> etree._Element | None:
    return next(row.iterancestors("table"), None)


def subject_of(table: etree._Element) -> str:
    """The heading that the table stands under; without one, its first row."""
    top = table
    while (parent := top.getparent()) is not None and parent.getparent() is not None:
        top = parent
    heading = next(top.itersiblings("h2", "h3", preceding=True), None)
    first_row = next(table.iter("tr"), None)
    named = heading if heading is not None else first_row
    return shortened(words_of(named)) if named is not None else ""


def shortened(text: str) -> str:
    return text if len(text) <= 100 else text[:99].rsplit(" ", 1)[0] + "…"
