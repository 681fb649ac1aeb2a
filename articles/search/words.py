"""The language side of searching: from what people type and what texts say to words that can be compared.

All of it happens here and not in the database, so that every database finds the same.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from snowballstemmer.arabic_stemmer import ArabicStemmer
from snowballstemmer.english_stemmer import EnglishStemmer

from .meanings import DESPAIR, FILLERS, FOREIGN, LEADS, MEANINGS, PHRASES, SUBJECT
from .spelling import one_spelling

LONGEST_QUERY = 200
MOST_WORDS = 8
LONGEST_WORD = 40
# A beginning of two letters would find half of everything.
SHORTEST_BEGINNING = 3
SHORTEST_TO_SUGGEST = 4
SIMILAR_ENOUGH = 0.3
PASSAGE = 240
BEFORE = 60
HITS_LOOKED_AT = 60
LONGEST_IRREGULAR = 3
# Said in every text: finding it there says nothing.
COMMON = (
    "a about all also am an and any are as at be been being but by can could did do does doing for from had"
    " has have having he her his how i if in into is it its me my of on or our own s she so some such t"
    " than that the their them then there these they this those to too us was we were what when where which"
    " while who whom why will with would you your"
)
STOP = frozenset(COMMON.split())
# A letter or digit, then those and the signs that stand over or under them.
SIGNS = r"\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670"
WORD = rf"[^\W_](?:[^\W_]|[{SIGNS}])*"
WRITTEN = re.compile(WORD)
PLAIN = re.compile(r"[^\W_]+")


# The number of an article: one word, or the numbers in it would be found as if the text said them.
DOI = re.compile(r"(?:https?://(?:dx\.)?doi\.org/)?\b(10\.\d{4,9}/\S+)", re.IGNORECASE)
# The apostrophe of "can't" and "father's", however it is typed: without it each is one word.
CONTRACTED = re.compile(r"(?<=\w)['’ʼ`](?=(?:t|s|re|ve|ll|d|m)\b)", re.IGNORECASE)
# A sum of money: with its sign, with its commas, or nothing but a number too large for another thing.
AMOUNT = re.compile(r"[$€£¥]\s?\d[\d.,]*|\b\d{1,3}(?:,\d{3})+\b|^\s*(?!19|20)\d{4,6}\s*$")
# The number in "7 months ago": no page is about it.
HOW_LONG = re.compile(r"(?<= )\d{1,3} (?=(?:day|week|month|year)s? )")


@dataclass(frozen=True)
class Term:
    """One word that is looked for: its stem, and its letters where it may be the beginning of a word.

    `also` are stems of what the texts call it; `leads` where pages with those come first. `is_subject` where
    the query has other words that say more.
    """

    word: str
    stem: str
    beginning: str = ""
    also: tuple[str, ...] = ()
    leads: bool = False
    is_subject: bool = False

    def fits(self, word: str) -> bool:
        """Whether this plain word is meant."""
        found = stem(word)
        begun = bool(self.beginning) and one_spelling(word).startswith(self.beginning)
        return found == self.stem or begun or found in self.also


def terms(query: str) -> tuple[Term, ...]:
    """What a query asks for, each word once; the last one may be unfinished."""
    asked: dict[str, Term] = {}
    for word in asking(query):
        asked.setdefault(stem(word), _term(word))
    found = list(asked.values())[:MOST_WORDS]
    if found and len(found[-1].word) >= SHORTEST_BEGINNING:
        last = found.pop()
        found.append(replace(last, beginning=one_spelling(last.word)))
    says_more = any(term.stem not in SUBJECT for term in found)
    return tuple(replace(term, is_subject=says_more and term.stem in SUBJECT) for term in found)


def asking(query: str) -> list[str]:
    """The words of a query that say what it is about."""
    found = meaningful(_as_said(query[:LONGEST_QUERY]))
    return [word for word in found if word not in FILLERS] or found


def is_in_another_script(query: str) -> bool:
    """Whether any letter is not Latin: the pages have hardly any such words."""
    return any(sign.isalpha() and not unicodedata.name(sign, "").startswith("LATIN") for sign in query)


def _as_said(query: str) -> str:
    """The plain words of a query, with contractions, sums of money and phrases each as one word."""
    said = DESPAIR.sub("depression", _plain_line(query))
    said = HOW_LONG.sub("", said)
    for foreign, meant in FOREIGN:
        said = foreign.sub(meant, said)
    for phrase, meant in PHRASES:
        said = said.replace(f" {phrase} ", f" {meant} ")
    return said


def _plain_line(query: str) -> str:
    return f" {' '.join(words(AMOUNT.sub(' price ', CONTRACTED.sub('', query))))} "


def despairs(query: str) -> bool:
    """Whether these are the words of somebody who needs another person now, and no page."""
    return bool(DESPAIR.search(_plain_line(query[:LONGEST_QUERY])))


def is_in_another_language(query: str) -> bool:
    """Whether any of it is a word of another language that people type here often."""
    said = _plain_line(query[:LONGEST_QUERY])
    return any(foreign.search(said) for foreign, _meant in FOREIGN)


def says_nothing(query: str) -> bool:
    """Whether it has only words with which anything is asked."""
    return all(term.word in FILLERS for term in terms(query))


def _term(word: str) -> Term:
    also = _meanings().get(stem(word), ())
    return Term(
        word, stem(word), also=tuple(each for each in also if each != stem(word)), leads=word in LEADS
    )


@lru_cache(maxsize=1)
def _meanings() -> dict[str, tuple[str, ...]]:
    return {
        stem(word): tuple(map(stem, ours.split())) for everyday, ours in MEANINGS for word in everyday.split()
    }


def is_cut(query: str) -> bool:
    """Whether more was typed than is looked for."""
    return len(query) > LONGEST_QUERY or len(set(map(stem, asking(query)))) > MOST_WORDS


def meaningful(text: str) -> list[str]:
    """The plain words of a text in order, without those that every text has."""
    return [word for word in words(text) if word not in STOP]


def words(text: str) -> Iterator[str]:
    whole = DOI.sub(_one_word, unicodedata.normalize("NFC", text))
    for written in WRITTEN.findall(whole):
        yield from plain(written)


def _one_word(doi: re.Match[str]) -> str:
    return "".join(PLAIN.findall(doi.group(1)))


@lru_cache(maxsize=50_000)
def plain(written: str) -> tuple[str, ...]:
    """A word as it stands in a text, without capitals and accents; "½" is two words."""
    apart = unicodedata.normalize("NFKD", written.casefold())
    letters = "".join(sign for sign in apart if not unicodedata.combining(sign)).casefold()
    return tuple(word[:LONGEST_WORD] for word in PLAIN.findall(letters))


@lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """What a plain word shares with its other forms. A stemmer remembers its word: each call has its own."""
    if word.isascii():
        return word if word.isdigit() else EnglishStemmer().stemWord(one_spelling(word))
    if any("\u0600" <= letter <= "\u06ff" for letter in word):
        return ArabicStemmer().stemWord(word) or word
    return word


def stems(text: str) -> list[str]:
    return [stem(word) for word in meaningful(text)]


def worth_suggesting(text: str) -> set[str]:
    """The words of a text that may be proposed to somebody who mistyped."""
    return {
        word
        for word in meaningful(text)
        if SHORTEST_TO_SUGGEST <= len(word) < LONGEST_WORD and word.isalpha()
    }


# --- Words that look alike ----------------------------------------------------------------------


def similarity(one: str, other: str) -> float:
    """Of all groups of three letters in two words, the share that both have: what pg_trgm computes."""
    of_one, of_other = groups(one), groups(other)
    return len(of_one & of_other) / len(of_one | of_other)


@lru_cache(maxsize=1_000)
def groups(word: str) -> frozenset[str]:
    padded = f"  {word} "
    return frozenset(padded[start : start + 3] for start in range(len(padded) - 2))


def replaced(query: str, instead: dict[str, str]) -> str:
    """The query with other words for some; what is left is plain."""
    return " ".join(instead.get(word, word) for word in words(query[:LONGEST_QUERY]))


# --- What was found, marked ---------------------------------------------------------------------


def marked(text: str, asked: Collection[Term]) -> SafeString:
    """The text as HTML with the words that were asked for in <mark>. Each piece is escaped by itself."""
    text = unicodedata.normalize("NFC", text)
    pieces, done = [], 0
    for start, end, _term in hits(text, asked):
        pieces += [escape(text[done:start]), "<mark>", escape(text[start:end]), "</mark>"]
        done = end
    pieces.append(escape(text[done:]))
    return mark_safe("".join(pieces))  # noqa: S308 - escaped piece by piece, above


def hits(text: str, asked: Collection[Term]) -> Iterator[tuple[int, int, Term]]:
    """Where the words stand in a text, and which each is."""
    known: dict[str, Term | None] = {}  # most words of a text come again and again
    for found in _begun_alike(tuple(asked)).finditer(text):
        written = found.group()
        if written not in known:
            known[written] = meant(written, asked)
        if term := known[written]:
            yield *found.span(), term


@lru_cache(maxsize=100)
def _begun_alike(asked: tuple[Term, ...]) -> re.Pattern[str]:
    """Words that begin as a term does, or with signs that may be anything when plain: few enough to look at.

    Stems keep the first two letters of a word, short ones ("die" of "dying") the first.
    """
    wanted = {stem for term in asked for stem in (term.stem, *term.also)}
    letters = {stem[: 2 if len(stem) > LONGEST_IRREGULAR else 1] for stem in wanted}
    # One spelling is kept of two: "oedema" is found as "edema", "paediatric" as "pediatric".
    letters |= {
        other for begun in letters if begun[-1] == "e" for other in (begun[:-1] + "ae", begun[:-1] + "oe")
    }
    begun = "|".join([*map(re.escape, sorted(letters)), r".?[^\x00-\x7f]"])
    return re.compile(rf"(?<![^\W_])(?<![{SIGNS}])(?={begun}){WORD}", re.IGNORECASE | re.DOTALL)


def meant(written: str, asked: Collection[Term]) -> Term | None:
    """The term that this is; of several the one that was typed so."""
    fitting = [term for word in plain(written) for term in asked if term.fits(word)]
    typed = (term for term in fitting if any(stem(word) == term.stem for word in plain(written)))
    return next(typed, next(iter(fitting), None))


def passage(text: str, asked: Collection[Term]) -> str:
    """The stretch of a text that has most of the words that were asked for; "" where it has none."""
    text = unicodedata.normalize("NFC", text)
    places = [place for place, _one in zip(hits(text, asked), range(HITS_LOOKED_AT), strict=False)]
    if not places:
        return ""
    begin = max(
        places, key=lambda place: (_different_words(places, place[0]), _is_typed(text, place), -place[0])
    )[0]
    return _cut(text, max(0, begin - BEFORE))


def _is_typed(text: str, place: tuple[int, int, Term]) -> bool:
    """Whether the word itself stands there, and not another one for it."""
    begin, end, term = place
    return any(term.stem == stem(word) for word in plain(text[begin:end]))


def _different_words(places: list[tuple[int, int, Term]], start: int) -> int:
    end = start + PASSAGE - BEFORE
    return len({term for begin, _end, term in places if start <= begin < end})


def _cut(text: str, start: int) -> str:
    """From here on, between two words, with dots where something is left out."""
    if start:
        start = text.find(" ", start) + 1
    end = len(text) if len(text) <= start + PASSAGE else text.rfind(" ", start, start + PASSAGE)
    end = end if end > start else start + PASSAGE
    lines = " … ".join(text[start:end].strip().splitlines())
    return ("… " if start else "") + lines + (" …" if end < len(text) else "")
