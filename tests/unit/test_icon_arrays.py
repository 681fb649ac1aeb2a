import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from articles import icon_arrays
from articles.icon_arrays import pictures

BOX = re.compile(r"M(\d+),(\d+)h(\d+)v(\d+)h-(\d+)z")


def places(path):
    """Where the figures stand that a path goes around: (column, row)."""
    boxes = [tuple(map(int, box)) for box in BOX.findall(path)]
    assert all(wide == back for _x, _y, wide, _high, back in boxes)
    return [
        (column // 10, row // 14)
        for x, y, wide, high, _back in boxes
        for row in range(y, y + high, 14)
        for column in range(x, x + wide, 10)
    ]


def drawn(*groups):
    return [(picture.filled, picture.drawn, picture.per_hundred) for picture in pictures(groups)]


@pytest.mark.parametrize(
    ("groups", "shown"),
    [
        ([(1, 23)], [(1, 23, False)]),
        ([(12, 100)], [(12, 100, False)]),
        ([(12, 104)], [(12, 100, True)]),
        ([(12, 104), (10, 102)], [(12, 100, True), (10, 100, True)]),
        ([(5, 20), (12, 104)], [(25, 100, True), (12, 100, True)]),
        ([(0, 300)], [(0, 100, True)]),
        ([(300, 300)], [(100, 100, True)]),
        ([(12, 100), (24, 200)], [(12, 100, False), (12, 100, True)]),
    ],
)
def test_up_to_a_hundred_people_are_drawn_one_by_one_and_more_as_if_they_were_a_hundred(groups, shown):
    assert drawn(*groups) == shown


@pytest.mark.parametrize("groups", [[(2, 500)], [(499, 500)], [(12, 104), (1, 300)], []])
def test_what_would_round_to_nobody_or_to_everybody_is_not_drawn(groups):
    assert pictures(groups) == ()


@pytest.mark.parametrize(("count", "of", "rounded"), [(12, 104, True), (24, 200, False), (1, 23, False)])
def test_a_picture_knows_whether_it_was_rounded(count, of, rounded):
    assert pictures([(count, of)])[0].rounded is rounded


def test_a_half_person_is_rounded_up():
    assert pictures([(1, 200)])[0].filled == 1


def test_figures_stand_in_rows_of_ten_and_the_filled_ones_come_first():
    picture = pictures([(3, 24)])[0]
    assert picture.filled_path == "M0,0h30v14h-30z"
    assert picture.other_path == "M30,0h70v14h-70zM0,14h100v14h-100zM0,28h40v14h-40z"
    assert (picture.width, picture.height) == (100, 42)


@given(st.integers(1, 10**9).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of))))
def test_whatever_the_figures_each_has_one_place_and_as_many_are_filled_as_said(group):
    for picture in pictures([group]):
        drawn = [(place % 10, place // 10) for place in range(min(group[1], 100))]
        assert places(picture.filled_path) == drawn[: picture.filled]
        assert places(picture.other_path) == drawn[picture.filled :]
        assert picture.drawn == len(drawn)


@pytest.mark.parametrize(
    ("words", "figures"),
    [
        ("With cells, 12 of 104 people did well. Without, 10 of\n102 people.", [(12, 104), (10, 102)]),
        ("It is 21 of 100 people, and again 21 of 100 people.", [(21, 100)]),
        ("About 4 fewer of 100 people, 3 of 5 days, 12 of 104 and 1.5 of 10 people.", []),
        ("Not 9 of 8 people, 0 of 0 people or 2 of 23 peoples.", []),
    ],
)
def test_the_people_a_text_speaks_of_are_found_in_its_words(words, figures):
    assert icon_arrays.told_in(words) == figures
