"""Words explained, as one list by their letters. Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from itertools import groupby
from typing import NamedTuple

from .body import unused_id

OTHERS = "0-9"


class Entry(NamedTuple):
    """`id` is its address on the page, the same as under a text that explains the word."""

    id: str
    term: str
    explanation: str


def by_letter(terms: Iterable[tuple[str, str]]) -> list[tuple[str, list[Entry]]]:
    """The (term, explanation) pairs in order, under the letter they begin with; OTHERS for anything else."""
    taken: dict[str, int] = {}
    in_order = sorted(terms, key=lambda pair: (letter_of(pair[0]), plain(pair[0])))
    entries = [Entry(unused_id(term, taken), term, explanation) for term, explanation in in_order]
    return [
        (letter, list(same)) for letter, same in groupby(entries, key=lambda entry: letter_of(entry.term))
    ]


def letter_of(term: str) -> str:
    first = plain(term)[:1].upper()
    return first if first.isalpha() else OTHERS


def plain(term: str) -> str:
    """A word as it is put in order: no capitals, no accents."""
    return unicodedata.normalize("NFKD", term.strip()).casefold()
