"""People as small figures: "12 of 104" as rows of figures, so many of them filled. Pure.

A picture is two areas, and a page fills each with a pattern of one figure: drawn one by one, the figures of
a guide weighed more than its text.

Up to a hundred people are drawn one by one. Where a group is larger, all groups are drawn as if each were a
hundred, so that they stand on one scale; the page says so in words beside them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

HUNDRED = 100
PER_ROW = 10
WIDTH, HEIGHT = 10, 14
# A head and a body, in a place of that size.
FIGURE = "M3,3a2,2 0 1,1 4,0a2,2 0 1,1 -4,0zm-1,9.5v-4a3,3 0 0,1 6,0v4z"
# As a text tells it. Not "10 of 12 days", which are no people, nor "5 fewer of 100", which is no group.
TOLD = re.compile(r"(?<![\d.,])(\d{1,6}) of (\d{1,6}) people\b")


@dataclass(frozen=True)
class Picture:
    """One group: `count` of `of` people, drawn as `filled` of `drawn` figures.

    `per_hundred` says that a figure is not one person but one of every hundred; `rounded`, that it then
    does not come out even. The two paths go around the places of those it happened to, and of all others.
    """

    count: int
    of: int
    filled: int
    drawn: int
    per_hundred: bool
    rounded: bool
    filled_path: str
    other_path: str

    @property
    def width(self) -> int:
        return PER_ROW * WIDTH

    @property
    def height(self) -> int:
        return -(-self.drawn // PER_ROW) * HEIGHT


def pictures(groups: Sequence[tuple[int, int]]) -> tuple[Picture, ...]:
    """A picture of each (count, of); none at all where one of them could not be drawn honestly.

    That is where something that did happen would round to nobody, or to everybody.
    """
    per_hundred = any(of > HUNDRED for _count, of in groups)
    drawn = [_picture(count, of, per_hundred=per_hundred) for count, of in groups]
    return tuple(drawn) if all(map(_is_honest, drawn)) else ()


def told_in(words: str) -> list[tuple[int, int]]:
    """The (count, of) people that a text speaks of, each once, in its order."""
    found = dict.fromkeys((int(count), int(of)) for count, of in TOLD.findall(" ".join(words.split())))
    return [(count, of) for count, of in found if count <= of and of]


def _picture(count: int, of: int, *, per_hundred: bool) -> Picture:
    filled, shown = (_of_hundred(count, of), HUNDRED) if per_hundred else (count, of)
    return Picture(
        count=count,
        of=of,
        filled=filled,
        drawn=shown,
        per_hundred=per_hundred and of != HUNDRED,
        rounded=per_hundred and count * HUNDRED % of != 0,
        filled_path=_path(range(filled)),
        other_path=_path(range(filled, shown)),
    )


def _of_hundred(count: int, of: int) -> int:
    """To the nearest whole person, a half upwards."""
    return (2 * HUNDRED * count + of) // (2 * of)


def _is_honest(picture: Picture) -> bool:
    return (picture.filled == 0) == (picture.count == 0) and (picture.filled == picture.drawn) == (
        picture.count == picture.of
    )


def _path(places: range) -> str:
    """Around these places: what is left of their first row, whole rows, the beginning of the last."""
    first, end = places.start, places.stop
    next_row = min(-(-first // PER_ROW) * PER_ROW, end)
    rows_end = max(next_row, end // PER_ROW * PER_ROW)
    return _box(first, next_row) + _box(next_row, rows_end) + _box(rows_end, end)


def _box(first: int, end: int) -> str:
    """Around a part of one row, or several whole rows."""
    if first == end:
        return ""
    wide, rows = min(end - first, PER_ROW), -(-(end - first) // PER_ROW)
    x, y = first % PER_ROW * WIDTH, first // PER_ROW * HEIGHT
    return f"M{x},{y}h{wide * WIDTH}v{rows * HEIGHT}h-{wide * WIDTH}z"
