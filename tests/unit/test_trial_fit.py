import datetime as dt
from dataclasses import dataclass

import pytest

from articles.trial_fit import DAY, MONTH, SINCE, YEAR, Fit, Person, judged

TODAY = dt.date(2026, 11, 20)


@dataclass
class Trial:
    stroke: str = "clot"
    since_from_hours: int | None = 6 * MONTH
    since_to_hours: int | None = 5 * YEAR
    age_from: int | None = 18
    age_to: int | None = 75
    checked_on: dt.date = TODAY


def verdict(trial=None, **said):
    person = Person(**{"since": "two_years", "stroke": "clot", "age": 60} | said)
    return judged(person, [trial or Trial()], today=TODAY)[0]


def test_who_is_within_all_that_is_asked_may_fit():
    assert verdict().may_fit


@pytest.mark.parametrize(
    ("since", "fit"),
    [
        ("days", Fit.NO),
        ("half_year", Fit.NO),  # it ends where the trial begins
        ("year", Fit.YES),
        ("five_years", Fit.YES),
        ("longer", Fit.YES),  # five years and a day may be meant
    ],
)
def test_time_since_the_stroke(since, fit):
    assert verdict(since=since).since is fit


def test_a_trial_of_the_first_hours_takes_nobody_later():
    acute = Trial(since_from_hours=18, since_to_hours=36)
    assert [key for key in SINCE if verdict(acute, since=key).since is Fit.YES] == ["days"]


@pytest.mark.parametrize(
    ("asked", "said", "fit"),
    [
        ("clot", "clot", Fit.YES),
        ("clot", "bleed", Fit.NO),
        ("clot", "not_sure", Fit.NOT_SAID),
        ("either", "not_sure", Fit.YES),
        ("either", "bleed", Fit.YES),
        ("not_said", "bleed", Fit.NOT_SAID),
    ],
)
def test_kind_of_stroke(asked, said, fit):
    assert verdict(Trial(stroke=asked), stroke=said).stroke is fit


@pytest.mark.parametrize(("age", "fit"), [(17, Fit.NO), (18, Fit.YES), (75, Fit.YES), (76, Fit.NO)])
def test_age_is_within_both_bounds(age, fit):
    assert verdict(age=age).age is fit


def test_what_the_register_does_not_say_shuts_nobody_out():
    silent = Trial("not_said", None, None, None, None)
    found = verdict(silent)
    assert (found.since, found.stroke, found.age) == (Fit.NOT_SAID,) * 3
    assert found.may_fit


def test_one_point_that_does_not_fit_is_enough():
    assert not verdict(age=90).may_fit


def test_the_times_to_choose_follow_each_other_without_a_gap():
    bounds = [(least, below) for _label, least, below in SINCE.values()]
    assert [below for _least, below in bounds[:-1]] == [least for least, _below in bounds[1:]]
    assert bounds[0][0] == 0
    assert bounds[-1][1] is None
    assert bounds[0][1] == DAY * 2


@pytest.mark.parametrize(("days", "is_old"), [(0, False), (180, False), (181, True)])
def test_a_copy_of_a_register_grows_old(days, is_old):
    assert verdict(Trial(checked_on=TODAY - dt.timedelta(days=days))).is_old is is_old
