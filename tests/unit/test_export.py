import csv
import datetime as dt
import io
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quotes.export import COLUMNS, csv_lines, harmless
from quotes.models import QuoteRequest


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        ("=HYPERLINK(1)", "'=HYPERLINK(1)"),
        ("+49 30 1234", "'+49 30 1234"),
        ("-1+cmd|' /C calc'!A0", "'-1+cmd|' /C calc'!A0"),
        ("@SUM(1)", "'@SUM(1)"),
        ("\t=1", "'\t=1"),
        ("\tplain", "'\tplain"),
        ("\rplain", "'\rplain"),
        ("  =1", "'  =1"),
        ("\u00a0=1", "'\u00a0=1"),
        ("\ufeff\u200b=1", "'\ufeff\u200b=1"),
        ("\uff1d1", "'\uff1d1"),
    ],
)
def test_text_that_could_begin_a_formula_gets_an_apostrophe(cell, written):
    assert harmless(cell) == written


@pytest.mark.parametrize(
    "cell", ["SL-4K7P-9W2R", "a=1", "1-2", "me@example.org", "", "'=1", "– none", " text"]
)
def test_other_text_stays_as_it_is(cell):
    assert harmless(cell) == cell


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        (None, ""),
        (-5, "-5"),
        (Decimal("-0.50"), "-0.50"),
        (dt.date(2026, 11, 20), "2026-11-20"),
        (dt.datetime(2026, 11, 20, 9, 5, tzinfo=dt.UTC), "2026-11-20 09:05"),
    ],
)
def test_numbers_and_dates_are_written_so_that_a_spreadsheet_sorts_them(cell, written):
    assert harmless(cell) == written


def test_lines_quote_every_cell_and_begin_with_the_mark_of_utf8():
    assert list(csv_lines(["reference", "country"], [["SL-1", 'a "b", c'], ["SL-2", None]])) == [
        '\ufeff"reference","country"\r\n',
        '"SL-1","a ""b"", c"\r\n',
        '"SL-2",""\r\n',
    ]


def test_rows_are_asked_for_one_at_a_time():
    asked = []

    def rows():
        for number in range(3):
            asked.append(number)
            yield [number]

    lines = csv_lines(["n"], rows())
    next(lines)
    next(lines)
    assert asked == [0]


@given(st.lists(st.text(), min_size=1))
def test_any_text_comes_back_from_the_file_harmless_and_whole(cells):
    text = "".join(csv_lines(["cell"], ([cell] for cell in cells))).removeprefix("\ufeff")
    read = [row[0] for row in csv.reader(io.StringIO(text, newline=""))][1:]
    assert all(cell.startswith("'") or cell.lstrip()[:1] not in tuple("=+-@") for cell in read)
    assert [was if now == was else f"'{was}" for was, now in zip(cells, read, strict=True)] == read


def test_the_file_of_leads_holds_no_personal_field():
    assert set(COLUMNS) - set(QuoteRequest.SAFE) == set()
