"""What differs between two versions of a text, paragraph by paragraph and word by word. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import zip_longest

from lxml import etree

from portal.rich_text import INLINE, tree_of

# How a paragraph that is no plain one begins, so that a changed kind of paragraph is a change too.
MARKS = {"h2": "## ", "h3": "### ", "li": "• ", "blockquote": "> "}
CELLS = {"td", "th"}
# Paragraphs shown around a change; longer runs that are the same on both sides are counted.
AROUND = 1
# Two paragraphs with more pairs of words than this differ as a whole: comparing them takes too long.
MOST_PAIRS = 250_000


@dataclass(frozen=True)
class Piece:
    words: str
    changed: bool = False


@dataclass(frozen=True)
class Row:
    """A paragraph beside its counterpart; one side may be empty. `left_out` counts paragraphs not shown."""

    before: tuple[Piece, ...] = ()
    after: tuple[Piece, ...] = ()
    left_out: int = 0


def paragraphs(html: str) -> list[str]:
    """A rich text as lines to compare: one each paragraph, item or row of a table; links with addresses."""
    lines = [""]
    depth = 0  # of cells around
    for event, element in etree.iterwalk(tree_of(html), events=("start", "end")):
        starts = event == "start"
        if element.tag in CELLS:
            depth += 1 if starts else -1
            lines[-1] += " | " if starts and element.getprevious() is not None else ""
        elif starts and element.tag == "p" and lines[-1] in MARKS.values():
            pass  # the editor writes a paragraph into each item
        elif element.tag not in INLINE and not depth and element.tag != "br":
            lines.append(MARKS.get(str(element.tag), "") if starts else "")
        elif element.tag == "br" or element.tag not in INLINE:
            lines[-1] += " "
        if element.tag == "a" and not starts:
            lines[-1] += f" ({element.get('href')})"
        lines[-1] += (element.text if starts else element.tail) or ""
    return [line for line in (" ".join(line.split()) for line in lines) if line.strip("#•> ")]


def rows(before: Sequence[str], after: Sequence[str]) -> list[Row]:
    """The lines side by side, long runs without a change left out; [] when nothing differs."""
    if list(before) == list(after):
        return []
    found: list[Row] = []
    for kind, first, last, other, end in SequenceMatcher(None, before, after).get_opcodes():
        if kind == "equal":
            found += same(before[first:last], first=first == 0, last=last == len(before))
        else:
            pairs = zip_longest(before[first:last], after[other:end], fillvalue="")
            found += [Row(*marked(old, new)) for old, new in pairs]
    return found


def same(lines: Sequence[str], *, first: bool, last: bool) -> Iterator[Row]:
    """A run that is the same on both sides, shortened to what stands around the changes."""
    head, tail = (0 if first else AROUND), (0 if last else AROUND)
    hidden = len(lines) - head - tail
    if hidden <= 1:
        yield from map(unchanged, lines)
        return
    yield from map(unchanged, lines[:head])
    yield Row(left_out=hidden)
    yield from map(unchanged, lines[len(lines) - tail :])


def unchanged(line: str) -> Row:
    return Row((Piece(line),), (Piece(line),))


def marked(old: str, new: str) -> tuple[tuple[Piece, ...], tuple[Piece, ...]]:
    """Two lines in pieces, those marked that the other has not."""
    before, after = old.split(), new.split()
    if not before or not after or len(before) * len(after) > MOST_PAIRS:
        return whole(old), whole(new)
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    if matcher.ratio() < 0.3:  # nothing of one is in the other: scattered marks would only confuse
        return whole(old), whole(new)
    codes = matcher.get_opcodes()
    left = [(kind, before[a:b]) for kind, a, b, _c, _d in codes]
    right = [(kind, after[c:d]) for kind, _a, _b, c, d in codes]
    return pieces(left), pieces(right)


def pieces(runs: Iterable[tuple[str, Sequence[str]]]) -> tuple[Piece, ...]:
    """Runs of words with what was said of each, the blanks between them put back."""
    spoken = [(kind, " ".join(words)) for kind, words in runs if words]
    last = len(spoken) - 1
    return tuple(
        Piece(words if place == last else f"{words} ", kind != "equal")
        for place, (kind, words) in enumerate(spoken)
    )


def whole(line: str) -> tuple[Piece, ...]:
    return (Piece(line, changed=True),) if line else ()
