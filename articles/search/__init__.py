"""Finding guides, treatments, sources and words: kept up to date by the verbs that change them.

`index` and `remove` belong into the transaction of whatever changes what readers see; `rebuild` makes all
of it again while the site serves. `query` answers any input at all.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.core.paginator import Page, Paginator
from django.db import transaction
from django.db.models import Q, TextField, Value
from django.db.models.functions import Cast
from django.utils.safestring import SafeString

from ..models import Guide, SearchEntry, SearchWord, Treatment
from . import engines as search_engines
from . import spelling
from . import texts as search_texts
from . import words as search_words
from .engines import RANKED, Asked, Statement, mark
from .words import Term

Kind = SearchEntry.Kind
PER_PAGE = 10
# A batch of a rebuild holds its rows for a moment only.
AT_A_TIME = 100
# Of more words that nobody has written the reader must see to it.
MOST_SUGGESTIONS = 3
# Of two words one is no answer to both.
FEW_WORDS = 2


# --- Keeping it up to date ----------------------------------------------------------------------


@transaction.atomic
def index(*things: search_texts.Findable) -> None:
    """Make these as they are now findable; what readers do not see is found no more."""
    made = [(thing, search_texts.entry_of(thing)) for thing in things]
    earlier = _held(things)
    changes: Counter[str] = Counter()
    for thing, entry in made:
        changes.update(_words_of(entry) if entry else ())
        changes.subtract(_words_of(earlier[thing]) if thing in earlier else ())
    _save([(thing, entry) for thing, entry in made if entry])
    _erase([earlier[thing].pk for thing, entry in made if not entry and thing in earlier])
    search_engines.add_to_words({word: by for word, by in changes.items() if by})


@transaction.atomic
def remove(*things: search_texts.Findable) -> None:
    """These are found no more. Before a record is deleted, while it has its number."""
    earlier = _held(things).values()
    found = Counter(word for entry in earlier for word in _words_of(entry))
    search_engines.add_to_words({word: -number for word, number in found.items()})
    _erase([entry.pk for entry in earlier])


def rebuild() -> int:
    """Make the whole index again, a few at a time; return how many entries there are.

    Searching and publishing go on meanwhile; whoever commits first, the index says what readers see.
    """
    for model in search_texts.KINDS:
        _rebuild_kind(model)
    _count_words_again()
    _forget_words()
    return SearchEntry.objects.count()


def _held(things: Iterable[search_texts.Findable]) -> dict[search_texts.Findable, SearchEntry]:
    """What is kept of these, until the transaction ends."""
    by_name = {(search_texts.KINDS[type(thing)], thing.pk): thing for thing in things}
    of_these = Q(pk__in=[])
    for kind, number in by_name:
        of_these |= Q(kind=kind, number=number)
    entries = SearchEntry.objects.select_for_update().filter(of_these).order_by("pk")
    return {by_name[Kind(entry.kind), entry.number]: entry for entry in entries}


def _words_of(entry: SearchEntry) -> set[str]:
    return search_words.worth_suggesting(search_texts.everything(entry))


def _save(entries: Sequence[tuple[Any, SearchEntry]]) -> None:
    columns = [f.name for f in SearchEntry._meta.fields if f.name not in ("id", "kind", "number")]
    SearchEntry.objects.bulk_create(
        [entry for _thing, entry in entries],
        update_conflicts=True,
        unique_fields=["kind", "number"],
        update_fields=columns,
    )
    search_engines.write(
        [search_texts.indexed(entry, search_texts.marks_of(thing)) for thing, entry in entries]
    )


def _erase(numbers: Sequence[int]) -> None:
    search_engines.erase(numbers)
    SearchEntry.objects.filter(pk__in=numbers).delete()


def _rebuild_kind(model: Any) -> None:
    last = 0
    while numbers := list(
        model.objects.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:AT_A_TIME]
    ):
        _rebuild_few(model, numbers)
        _forget_others(model, last, numbers[-1], numbers)
        last = numbers[-1]
    _forget_others(model, last, None, [])


@transaction.atomic
def _rebuild_few(model: Any, numbers: Sequence[int]) -> None:
    # Held, so that a text published at this moment comes after its entry, never before; and only then
    # read: in one statement PostgreSQL would give the new row of a guide beside an old one of its text.
    of_these = model.objects.filter(pk__in=numbers).order_by("pk")
    list(of_these.select_for_update(no_key=True).values_list("pk", flat=True))
    rows = of_these.select_related("live_revision") if model in (Guide, Treatment) else of_these
    rows = rows.prefetch_related("topics") if model is Guide else rows
    entries = [(thing, entry) for thing in rows if (entry := search_texts.entry_of(thing))]
    _save(entries)
    seen = {thing.pk for thing, _entry in entries}
    _erase_of(model, [number for number in numbers if number not in seen])


def _erase_of(model: Any, numbers: Sequence[int]) -> None:
    gone = SearchEntry.objects.filter(kind=search_texts.KINDS[model], number__in=numbers)
    _erase(list(gone.values_list("pk", flat=True)))


@transaction.atomic
def _forget_others(model: Any, after: int, until: int | None, numbers: Sequence[int]) -> None:
    """Entries of this stretch whose record is not there any more."""
    stretch = SearchEntry.objects.filter(kind=search_texts.KINDS[model], number__gt=after)
    if until is not None:
        stretch = stretch.filter(number__lte=until)
    gone = set(stretch.values_list("number", flat=True)) - set(numbers)
    # A record may have come since the numbers were read.
    gone -= set(model.objects.filter(pk__in=gone).values_list("pk", flat=True))
    if gone:
        _erase_of(model, sorted(gone))


@transaction.atomic
def _count_words_again() -> None:
    """Add to the count of each word what it was out by, at one moment.

    What others publish, before that moment or after it, adds to the same counts and to the entries
    together, so it needs no waiting for.
    """
    search_engines.one_counts_at_a_time()
    missing: Counter[str] = Counter()
    old_stems = set()
    # One statement, so that entries and counts are those of one moment.
    entries = SearchEntry.objects.values_list("title", "summary", "text", Value(None, TextField()))
    counts = SearchWord.objects.values_list("word", "stem", Value(""), Cast("entries", TextField()))
    for one, two, three, count in entries.union(counts, all=True).iterator(AT_A_TIME):
        if count is None:
            missing.update(_words_of(SearchEntry(title=one, summary=two, text=three)))
            continue
        missing[one] -= int(count)
        # Another version of the program may stem otherwise.
        if two != search_words.stem(one):
            old_stems.add(one)
    search_engines.add_to_words({word: by for word, by in missing.items() if by or word in old_stems})


@transaction.atomic
def _forget_words() -> None:
    """Words that stand nowhere now; but for those that somebody counts at this moment."""
    nowhere = SearchWord.objects.select_for_update(skip_locked=True).filter(entries__lte=0)
    words = list(nowhere.values_list("word", flat=True))
    for start in range(0, len(words), AT_A_TIME):
        SearchWord.objects.filter(word__in=words[start : start + AT_A_TIME]).delete()


# --- Finding ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Result:
    """One entry as the list shows it, with the words that were asked for marked."""

    entry: SearchEntry
    title: SafeString
    summary: SafeString
    passage: SafeString


@dataclass
class Found:
    """What a query finds. `instead` is what was looked for in place of what was typed; "" when that was.

    `missing` are words that stand on no page, `perhaps` the query with the nearest words for them.
    `with_most` says that pages with all but one of the words stand behind those with all of them.
    Of a kind with more than RANKED only that many are counted; "" as a kind is all of them.
    """

    page: Page[Result]
    counts: dict[str, int] = field(default_factory=dict)
    instead: str = ""
    any_word: bool = False
    with_most: bool = False
    missing: tuple[str, ...] = ()
    perhaps: str = ""

    def number_of(self, kind: str = "") -> int:
        return sum(min(number, RANKED) for each, number in self.counts.items() if kind in ("", each))

    def has_more_of(self, kind: str = "") -> bool:
        return any(number > RANKED for each, number in self.counts.items() if kind in ("", each))


def query(
    typed: str,
    *,
    kind: str = "",
    topic: int | None = None,
    audience: str = "",
    page: Any = 1,
    as_typed: bool = False,
) -> Found:
    """A page of what has all the words; else of what has those surely meant; else any of the words.

    Where those with all are few, those with all but one come behind them. `as_typed` looks for nothing
    else than what was typed. Whatever `page` is, there is one.
    """
    asked = Asked(search_words.terms(typed), marks=_marks(topic, audience))
    rows, guess = _rows(asked), Guess()
    if not rows and not as_typed:
        guess = guessed(typed)
        asked = Asked(guess.terms or asked.terms, marks=asked.marks)
        rows = _rows(asked) if guess.terms else rows
    having_all = len(rows)
    if having_all < PER_PAGE and len(asked.terms) > FEW_WORDS:
        rows = _with_most(rows, asked)
    any_word = not having_all and len(asked.terms) > 1
    if any_word and not rows:
        rows = _rows(replace(asked, missing=len(asked.terms) - 1))
    counts = Counter(found_kind for _number, found_kind, _points in rows)
    of_kind = [number for number, found_kind, _points in rows if kind in ("", found_kind)]
    return Found(
        page=_page(of_kind, page, asked.terms),
        counts={each: counts[each] for each in Kind.values},
        instead=guess.instead if rows else "",
        any_word=any_word and bool(rows),
        with_most=0 < having_all < len(rows),
        missing=guess.missing,
        perhaps=guess.perhaps,
    )


def bare(typed: str) -> Statement:
    """The SQL that `query` runs for these words, to be measured by itself."""
    return search_engines.statement(Asked(search_words.terms(typed)))


@dataclass(frozen=True)
class Guess:
    """What may have been meant: as in Found, and what to look for; no terms where that is what was typed."""

    instead: str = ""
    missing: tuple[str, ...] = ()
    perhaps: str = ""
    terms: tuple[Term, ...] = ()


def guessed(typed: str) -> Guess:
    """What to look for where words stand in no text: other ones if they are surely meant, else the rest."""
    unknown = [term.word for term in _unknown(search_words.terms(typed))][:MOST_SUGGESTIONS]
    near = {word: spelling.nearest(word, search_engines.alike(word)) for word in unknown}
    surely = {word: other for word, other in near.items() if other and spelling.is_surely(word, other)}
    missing = tuple(word for word in unknown if word not in surely)
    perhaps = {word: other for word, other in near.items() if other and spelling.is_perhaps(word, other)}
    instead = search_words.replaced(typed, surely) if surely else ""
    left = tuple(term for term in search_words.terms(instead or typed) if term.word not in missing)
    return Guess(
        instead=instead,
        missing=missing,
        perhaps=search_words.replaced(typed, perhaps) if set(perhaps) - set(surely) else "",
        terms=left if surely or missing else (),
    )


def _unknown(asked: Sequence[Term]) -> list[Term]:
    long = [term for term in asked if len(term.word) >= search_words.SHORTEST_TO_SUGGEST]
    stems = {stem for term in long for stem in (term.stem, *term.also)}
    known = set(SearchWord.objects.filter(stem__in=stems, entries__gt=0).values_list("stem", flat=True))
    unknown = [term for term in long if known.isdisjoint((term.stem, *term.also))]
    return [term for term in unknown if not _begins_a_word(term)]


def _begins_a_word(term: Term) -> bool:
    begun = Q(word__startswith=term.word, entries__gt=0)
    return bool(term.beginning) and SearchWord.objects.filter(begun).exists()


def _marks(topic: int | None, audience: str) -> tuple[tuple[str, ...], ...]:
    marks: list[tuple[str, ...]] = []
    if topic is not None:
        marks.append((mark("topic", topic),))
    if audience:
        # What is written for everyone is also written for each.
        marks.append((mark("for", audience), mark("for", Guide.Audience.EVERYONE)))
    return tuple(marks)


def _with_most(rows: list[tuple[Any, ...]], asked: Asked) -> list[tuple[Any, ...]]:
    """These, and behind them what has all of the words but one."""
    there = {row[0] for row in rows}
    return rows + [row for row in _rows(replace(asked, missing=1)) if row[0] not in there]


def _rows(asked: Asked) -> list[tuple[Any, ...]]:
    return search_engines.run(search_engines.statement(asked)) if asked.terms else []


def _page(numbers: list[int], number: Any, asked: Sequence[Term]) -> Page[Result]:
    page: Page[Any] = Paginator(numbers, PER_PAGE).get_page(number)
    page.object_list = list(_results(page.object_list, asked))
    return page


def _results(numbers: Iterable[int], asked: Sequence[Term]) -> Iterator[Result]:
    shown = ("kind", "path", "language", "title", "summary", "text", "state")
    entries = SearchEntry.objects.only(*shown).in_bulk(numbers)
    for number in numbers:
        if entry := entries.get(number):
            # A word's other spellings say nothing that its explanation does not.
            passage = "" if entry.kind == Kind.WORD else search_words.passage(entry.text, asked)
            yield Result(
                entry,
                title=search_words.marked(entry.title, asked),
                summary=search_words.marked(entry.summary, asked),
                passage=search_words.marked(passage, asked),
            )
