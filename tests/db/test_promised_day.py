"""When a promised answer is late: once the promised day is over where the requester is."""

import datetime as dt

import pytest

from quotes import progress
from tests import builders

pytestmark = pytest.mark.django_db

IN_TIME = "A coordinator reads your request and answers you by 25 November 2026."
LATE = "A coordinator should have answered you by 25 November 2026. We are late, and we are sorry."


@pytest.mark.parametrize(
    ("zone", "over"),
    [
        ("Asia/Tokyo", dt.datetime(2026, 11, 25, 15, 0, tzinfo=dt.UTC)),
        ("Europe/London", dt.datetime(2026, 11, 26, 0, 0, tzinfo=dt.UTC)),
        ("America/Los_Angeles", dt.datetime(2026, 11, 26, 8, 0, tzinfo=dt.UTC)),
    ],
)
def test_the_promised_day_itself_is_not_late_on_the_requester_s_clock(now, zone, over):
    lead = builders.lead(now=now, time_zone=zone)
    moments = (over - dt.timedelta(minutes=1), over)
    assert [progress.status(lead, now=moment).following for moment in moments] == [IN_TIME, LATE]
