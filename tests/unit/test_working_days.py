import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quotes import working_days


@pytest.mark.parametrize(
    ("day", "answer"),
    [
        (dt.date(2026, 11, 16), dt.date(2026, 11, 19)),  # Monday → Thursday
        (dt.date(2026, 11, 20), dt.date(2026, 11, 25)),  # Friday → Wednesday
        (dt.date(2026, 11, 21), dt.date(2026, 11, 25)),  # Saturday
        (dt.date(2026, 11, 22), dt.date(2026, 11, 25)),  # Sunday
        (dt.date(2026, 12, 30), dt.date(2027, 1, 4)),
    ],
)
def test_the_third_working_day(day, answer):
    assert working_days.after(day, 3) == answer


def test_none_is_the_day_itself():
    assert working_days.after(dt.date(2026, 11, 21), 0) == dt.date(2026, 11, 21)


@given(day=st.dates(dt.date(2020, 1, 1), dt.date(2040, 1, 1)), count=st.integers(1, 30))
def test_so_many_weekdays_lie_between(day, count):
    last = working_days.after(day, count)
    between = [day + dt.timedelta(days=number) for number in range(1, (last - day).days + 1)]
    assert sum(date.weekday() < 5 for date in between) == count
    assert last.weekday() < 5
