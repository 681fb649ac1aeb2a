"""Working days: Monday to Friday. Pure."""

import datetime as dt

SATURDAY = 5


def after(day: dt.date, count: int) -> dt.date:
    """The `count`th working day after `day`: Friday and 3 give Wednesday."""
    while count:
        day += dt.timedelta(days=1)
        count -= day.weekday() < SATURDAY
    return day
