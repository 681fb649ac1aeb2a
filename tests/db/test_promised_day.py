"""When a promised answer is late: once the promised day is over where the requester is, for us too."""

import datetime as dt

import pytest

from portal import dashboard, roles
from quotes import desk, progress
from tests import builders

pytestmark = pytest.mark.django_db

IN_TIME = "A coordinator reads your request and answers you by 25 November 2026."
LATE = "A coordinator should have answered you by 25 November 2026. We are late, and we are sorry."


everywhere = pytest.mark.parametrize(
    ("zone", "over"),
    [
        ("Asia/Tokyo", dt.datetime(2026, 11, 25, 15, 0, tzinfo=dt.UTC)),
        ("Europe/London", dt.datetime(2026, 11, 26, 0, 0, tzinfo=dt.UTC)),
        ("America/Los_Angeles", dt.datetime(2026, 11, 26, 8, 0, tzinfo=dt.UTC)),
    ],
)


@everywhere
def test_the_promised_day_itself_is_not_late_on_the_requester_s_clock(now, zone, over):
    lead = builders.lead(now=now, time_zone=zone)
    moments = (over - dt.timedelta(minutes=1), over)
    assert [progress.status(lead, now=moment).following for moment in moments] == [IN_TIME, LATE]


@everywhere
def test_the_desk_is_told_late_at_the_moment_at_which_the_requester_is(now, zone, over):
    lead = builders.lead(now=now, time_zone=zone)
    clocks = [desk.clock(lead, now=moment) for moment in (over - dt.timedelta(minutes=1), over)]
    assert [(clock.state, str(clock.words)) for clock in clocks] == [
        ("today", "due today"),
        ("over", "1 day over"),
    ]


@everywhere
def test_so_is_the_dashboard(now, zone, over):
    builders.lead(now=now, time_zone=zone)
    person = builders.staff(roles.COORDINATOR)
    shown = [dashboard.leads_waiting(person, moment) for moment in (over - dt.timedelta(minutes=1), over)]
    assert [panel.lines[0].late for panel in shown] == [False, True]
