"""Two databases that find the same: how each keeps the words of an entry, and how each is asked.

Both hold one table of words apart from Django's, so that Django never rebuilds it: on PostgreSQL a
tsvector (array of lexemes) with a GIN index, on SQLite an FTS5 table. They only say which entries have the
words. In which order these stand is one SQL expression that both compute alike: neither ts_rank nor bm25
is known to the other database. The words of a title are kept twice, and found first.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

from django.db import connection

from ..search_entries import SearchEntry, SearchWord
from . import spelling
from . import words as search_words
from .meanings import FILLERS
from .words import Term

Kind = SearchEntry.Kind
TABLE = "articles_search_words"
# Of each kind at most so many are ranked and counted. A word of every page would take seconds otherwise.
RANKED = 500
MOST_STEMS = 20_000  # of one entry; a tsvector holds one megabyte
AT_A_TIME = 500
ALIKE = 10
# What a word adds to a page's place by where it stands: in the title, above the text, or often.
WHOLE, BEGUN, MEANT = (8, 4, 2), (6, 3, 1), (5, 3, 1)
LEADING = (10, 5, 3)  # what an everyday word means, where that is looked for first
SUBJECT = (2, 1, 0)  # what nearly every page is about, beside another word
OF_TITLE = 3  # a title that is the query and nothing else
# Enough that a guide that says it above its text, or often, comes before the word explained: who types an
# everyday word asks what it means for them.
OF_KIND = {Kind.GUIDE: 11, Kind.TREATMENT: 8, Kind.WORD: 2, Kind.SOURCE: 0}


@dataclass(frozen=True)
class Asked:
    """What the index is asked: words, how many of them must be there, and marks that an entry must bear.

    All of the words but for so many `missing`; of each group of marks one is enough.
    """

    terms: tuple[Term, ...]
    missing: int = 0
    marks: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True)
class Indexed:
    """What the index keeps of one entry."""

    number: int
    title: Sequence[str]
    words: Sequence[str]
    marks: Sequence[str]


@dataclass
class Statement:
    sql: str
    parameters: list[Any] = field(default_factory=list)


class Postgres:
    """Lexemes: each stem; the stems of the title again after ^; marks after =."""

    # The planner thinks a limit near and does not know what it takes to unpack an entry's words: it would
    # read all of them. One question with the next statement; it holds until that, or its transaction, ends.
    FIRST = "SET LOCAL enable_seqscan = off; "
    MATCHING = f"SELECT entry_id FROM {TABLE} WHERE words @@ %s::tsquery"  # noqa: S608

    def write(self, cursor: Any, rows: Iterable[Indexed]) -> None:
        cursor.executemany(
            f"INSERT INTO {TABLE} (entry_id, words) VALUES (%s, array_to_tsvector(%s))"  # noqa: S608
            " ON CONFLICT (entry_id) DO UPDATE SET words = excluded.words",
            [(row.number, self._lexemes(row)) for row in rows],
        )

    def erase(self, cursor: Any, numbers: Sequence[int]) -> None:
        cursor.execute(f"DELETE FROM {TABLE} WHERE entry_id = ANY(%s)", [list(numbers)])  # noqa: S608

    def in_title(self, asked: Asked) -> str:
        return " & ".join([*self._marks(asked), self._words(asked, "^")])

    def elsewhere(self, asked: Asked) -> str:
        return " & ".join([*self._marks(asked), self._words(asked), "!" + self._words(asked, "^")])

    def alike(self, cursor: Any, word: str) -> list[str]:
        cursor.execute(
            "SELECT word FROM articles_searchword WHERE word %% %s AND entries > 0"  # noqa: S608
            f' ORDER BY similarity(word, %s) DESC, entries DESC, word COLLATE "C" LIMIT {ALIKE}',
            [word, word],
        )
        return [found for (found,) in cursor]

    def hold_counting(self, cursor: Any) -> None:
        # Of the locks that stand in nobody's way but their own.
        cursor.execute("LOCK TABLE articles_searchword IN SHARE UPDATE EXCLUSIVE MODE")

    @staticmethod
    def _lexemes(row: Indexed) -> list[str]:
        return [*row.words, *(f"^{stem}" for stem in row.title), *(f"={mark}" for mark in row.marks)]

    @staticmethod
    def _marks(asked: Asked) -> list[str]:
        return ["(" + " | ".join(f"'={mark}'" for mark in group) + ")" for group in asked.marks]

    def _words(self, asked: Asked, sign: str = "") -> str:
        # Words are letters and digits only: nothing in them ends the quotes.
        each = ["(" + " | ".join(self._forms(term, sign)) + ")" for term in asked.terms]
        return "(" + " | ".join(" & ".join(enough) for enough in _enough(each, asked)) + ")"

    @staticmethod
    def _forms(term: Term, sign: str) -> Iterator[str]:
        yield from (f"'{sign}{stem}'" for stem in (term.stem, *term.also))
        if term.beginning:
            yield f"'{sign}{term.beginning}':*"


class Sqlite:
    """Three columns: the stems of the title, all stems, the marks."""

    FIRST = ""
    MATCHING = f"SELECT rowid AS entry_id FROM {TABLE} WHERE {TABLE} MATCH %s"  # noqa: S608

    def write(self, cursor: Any, rows: Iterable[Indexed]) -> None:
        kept = list(rows)
        self.erase(cursor, [row.number for row in kept])
        cursor.executemany(
            f"INSERT INTO {TABLE} (rowid, title, words, marks) VALUES (%s, %s, %s, %s)",  # noqa: S608
            [(row.number, *(" ".join(part) for part in (row.title, row.words, row.marks))) for row in kept],
        )

    def erase(self, cursor: Any, numbers: Sequence[int]) -> None:
        cursor.executemany(f"DELETE FROM {TABLE} WHERE rowid = %s", [(number,) for number in numbers])  # noqa: S608

    def in_title(self, asked: Asked) -> str:
        return " AND ".join([*self._marks(asked), self._words(asked, "title")])

    def elsewhere(self, asked: Asked) -> str:
        here = " AND ".join([*self._marks(asked), self._words(asked, "words")])
        return f"({here}) NOT {self._words(asked, 'title')}"

    def alike(self, cursor: Any, word: str) -> list[str]:
        cursor.execute("SELECT word, entries FROM articles_searchword WHERE entries > 0")
        ranked = ((-search_words.similarity(word, other), -entries, other) for other, entries in cursor)
        near = (found for found in ranked if -found[0] >= search_words.SIMILAR_ENOUGH)
        return [other for _share, _entries, other in heapq.nsmallest(ALIKE, near)]

    def hold_counting(self, cursor: Any) -> None:
        """A transaction holds the whole database."""

    @staticmethod
    def _marks(asked: Asked) -> list[str]:
        return ["{marks} : (" + " OR ".join(f'"{mark}"' for mark in group) + ")" for group in asked.marks]

    def _words(self, asked: Asked, column: str) -> str:
        each = ["(" + " OR ".join(self._forms(term)) + ")" for term in asked.terms]
        either = ("(" + " AND ".join(enough) + ")" for enough in _enough(each, asked))
        return f"({{{column}}} : (" + " OR ".join(either) + "))"

    @staticmethod
    def _forms(term: Term) -> Iterator[str]:
        yield from (f'"{stem}"' for stem in (term.stem, *term.also))
        if term.beginning:
            yield f'"{term.beginning}" *'


def _enough(words: Sequence[str], asked: Asked) -> Iterator[tuple[str, ...]]:
    """Each choice of the words that is enough of them."""
    return combinations(words, max(1, len(words) - asked.missing))


def engine() -> Postgres | Sqlite:
    return Postgres() if connection.vendor == "postgresql" else Sqlite()


# --- The statement that finds and ranks ---------------------------------------------------------


def statement(asked: Asked) -> Statement:
    """The numbers of what is found with their kinds, best first: at most RANKED of each kind and one more."""
    found = Statement("")
    branches = [_of_kind(found, asked, kind) for kind in Kind.values]
    points = _points(found, asked.terms)
    found.sql = (
        f"{engine().FIRST}SELECT entry.id, entry.kind, {points} AS points"  # noqa: S608 - words only as parameters
        f" FROM ({' UNION ALL '.join(branches)}) found"
        " JOIN articles_searchentry entry ON entry.id = found.entry_id"
        f" ORDER BY points DESC, {_of_its_kind()} DESC, entry.checked_on DESC NULLS LAST, entry.id"
    )
    # The points stand first in the statement, the branches after them.
    of_branches = 2 * len(branches)
    found.parameters = found.parameters[of_branches:] + found.parameters[:of_branches]
    return found


def _of_kind(found: Statement, asked: Asked, kind: str) -> str:
    """Those with the words in the title, then the others, until there are enough."""
    of_kind = Asked(asked.terms, asked.missing, ((mark("kind", kind),), *asked.marks))
    using = engine()
    found.parameters += [using.in_title(of_kind), using.elsewhere(of_kind)]
    both = f"SELECT entry_id FROM ({using.MATCHING}) a UNION ALL SELECT entry_id FROM ({using.MATCHING}) b"  # noqa: S608
    return f"SELECT entry_id FROM (SELECT entry_id FROM ({both}) c LIMIT {RANKED + 1}) d"  # noqa: S608


def _points(found: Statement, terms: Sequence[Term]) -> str:
    """What each word adds, by the best place in which it stands; all of the title; and the kind of page."""
    sums = [_points_of(found, term) for term in terms]
    found.parameters.append(between_blanks(term.stem for term in terms))
    return " + ".join([*sums, f"CASE WHEN entry.title_stems = %s THEN {OF_TITLE} ELSE 0 END", _of_its_kind()])


def _points_of(found: Statement, term: Term) -> str:
    cases = sorted(_cases(term), key=lambda case: -case[0])
    found.parameters += [like for _points, _column, like in cases]
    whens = (f"WHEN entry.{column}_stems LIKE %s THEN {points}" for points, column, _like in cases)
    return f"CASE {' '.join(whens)} ELSE 0 END"


def _cases(term: Term) -> Iterator[tuple[int, str, str]]:
    """Points, where, and what stands there."""
    forms = [(SUBJECT if term.is_subject else WHOLE, f"% {term.stem} %")]
    if term.beginning:
        forms.append((SUBJECT if term.is_subject else BEGUN, f"% {term.beginning}%"))
    forms += [(LEADING if term.leads else MEANT, f"% {stem} %") for stem in term.also]
    for points, like in forms:
        yield from zip(points, ("title", "summary", "often"), (like,) * 3, strict=True)


def _of_its_kind() -> str:
    cases = " ".join(f"WHEN '{kind}' THEN {points}" for kind, points in OF_KIND.items())
    return f"CASE entry.kind {cases} END"


def between_blanks(stems: Iterable[str]) -> str:
    return f" {' '.join(stems)} "


def mark(name: str, value: str | int) -> str:
    return f"{name}{value}"


# --- Keeping ------------------------------------------------------------------------------------


def write(rows: Iterable[Indexed]) -> None:
    with connection.cursor() as cursor:
        engine().write(cursor, rows)


def erase(numbers: Sequence[int]) -> None:
    with connection.cursor() as cursor:
        engine().erase(cursor, numbers)


def run(asked: Statement) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(asked.sql, asked.parameters)
        return cursor.fetchall()


def alike(word: str) -> list[str]:
    """A few words of the texts that look like this one; of equals the commonest, then the first."""
    with connection.cursor() as cursor:
        found = engine().alike(cursor, word)
    return [*found, *(other for other in _as_short(word) if other not in found)]


def _as_short(word: str) -> list[str]:
    """Of a short word those of its length that begin alike and differ by a letter: "safe" for "sefe"."""
    if len(word) > spelling.SHORT:
        return []
    begun = SearchWord.objects.filter(word__startswith=word[0], entries__gt=0)
    near = [
        (-count, other)
        for other, count in begun.values_list("word", "entries")
        if abs(len(other) - len(word)) <= 1
        and other not in FILLERS
        and spelling.letters_off(word, other) == 1
    ]
    return [other for _count, other in sorted(near)[:ALIKE]]


def add_to_words(changes: dict[str, int]) -> None:
    """Count these words in so many entries more or fewer. Everybody in one order: nobody waits in a ring."""
    ordered = sorted(changes.items())
    with connection.cursor() as cursor:
        for start in range(0, len(ordered), AT_A_TIME):
            rows = ordered[start : start + AT_A_TIME]
            cursor.execute(
                "INSERT INTO articles_searchword (word, stem, entries) VALUES "  # noqa: S608
                + ", ".join(["(%s, %s, %s)"] * len(rows))
                + " ON CONFLICT (word) DO UPDATE"
                " SET entries = articles_searchword.entries + excluded.entries, stem = excluded.stem",
                [value for word, by in rows for value in (word, search_words.stem(word), by)],
            )


def one_counts_at_a_time() -> None:
    """Until the transaction ends nobody else counts all words; publishing goes on."""
    with connection.cursor() as cursor:
        engine().hold_counting(cursor)
