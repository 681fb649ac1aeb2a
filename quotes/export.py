"""Leads as a CSV file, written row by row, in which no spreadsheet finds anything to execute.

The file holds what a manager counts with: only fields that `QuoteRequest` declares safe. No name, address,
number, message or health answer leaves the portal this way; who needs one opens the record, and that is seen.

A cell whose first sign, leading blanks aside, could begin a formula gets an apostrophe in front, without
exception: a phone number “+49…” too, because “+49-1+cmd…” is written with the same signs. Whoever reads the
file by program takes the apostrophe away again.
"""

from __future__ import annotations

import csv
import datetime as dt
import re
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django_countries import countries

from .models import QuoteRequest, QuoteRequestQuerySet

Cell = str | int | Decimal | dt.date | Promise | None

# Blanks also in the wide sense: spreadsheets skip marks without width. The second row of signs is their
# full-width form, which East Asian editions read alike.
BEGINS_A_FORMULA = re.compile(r"[\s\x00\u200b-\u200f\u2060\ufeff]*[=+\-@\uff1d\uff0b\uff0d\uff20]|[\t\r\n]")
ROWS_AT_ONCE = 500


def harmless(cell: Cell) -> str:
    """The cell as text. Numbers stay as they are; text that could begin a formula gets an apostrophe."""
    if cell is None:
        return ""
    if isinstance(cell, int | Decimal):
        return str(cell)
    if isinstance(cell, dt.datetime):
        return timezone.localtime(cell).strftime("%Y-%m-%d %H:%M")
    text = str(cell)
    return f"'{text}" if BEGINS_A_FORMULA.match(text) else text


class _Line:
    """What csv.writer needs to write to, keeping nothing: the line comes back from `writerow`."""

    def write(self, line: str) -> str:
        return line


def csv_lines(header: Iterable[Cell], rows: Iterable[Iterable[Cell]]) -> Iterator[str]:
    """Header and rows as lines of a CSV file, one at a time, after the mark by which Excel knows UTF-8."""
    write = csv.writer(_Line(), quoting=csv.QUOTE_ALL).writerow
    yield "\ufeff" + write([harmless(cell) for cell in header])
    for row in rows:
        yield write([harmless(cell) for cell in row])


# Field of QuoteRequest -> what its cell says. A test holds that every key is declared safe.
COLUMNS: dict[str, Callable[[QuoteRequest], Cell]] = {
    "reference": lambda lead: lead.reference,
    "stage": lambda lead: lead.get_stage_display(),
    "stage_since": lambda lead: lead.stage_since,
    "submitted_at": lambda lead: lead.submitted_at,
    "answer_due_on": lambda lead: lead.answer_due_on,
    "assignee": lambda lead: lead.assignee.get_username() if lead.assignee else _("nobody"),
    "treatment": lambda lead: lead.treatment.name if lead.treatment else _("not sure"),
    "destination": lambda lead: lead.destination.name if lead.destination else _("not sure"),
    "wanted_when": lambda lead: lead.get_wanted_when_display(),
    "companions": lambda lead: lead.companions,
    "country": lambda lead: countries.name(lead.country),
    "language": lambda lead: lead.language,
}


def lead_lines(leads: QuoteRequestQuerySet) -> Iterator[str]:
    """These leads as lines of a CSV file, read from the database a few hundred at a time."""
    names = {field.name: field.verbose_name for field in QuoteRequest._meta.fields}
    rows = leads.select_related("assignee", "treatment__live_revision", "destination").only(
        *COLUMNS,
        "assignee__username",
        "treatment__slug",
        "treatment__live_revision__title",
        "destination__name",
    )
    return csv_lines(
        [names[column] for column in COLUMNS],
        ([cell(lead) for cell in COLUMNS.values()] for lead in rows.iterator(chunk_size=ROWS_AT_ONCE)),
    )
