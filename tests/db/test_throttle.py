import datetime as dt

import pytest
from django.db import transaction

from portal.models import TokenBucket
from portal.throttle import Rate, allow, forget_old, give_back
from tests.simultaneous import at_once

HOUR = dt.timedelta(hours=1)
THREE_AN_HOUR = Rate(3, HOUR)


@pytest.mark.django_db
def test_as_many_as_the_rate_says_and_no_more(now):
    answers = [allow("form", "192.0.2.7", rate=THREE_AN_HOUR, now=now) for _ in range(5)]
    assert answers == [True, True, True, False, False]


@pytest.mark.django_db
def test_one_comes_back_after_its_share_of_the_time(now):
    for _ in range(3):
        allow("form", "a", rate=THREE_AN_HOUR, now=now)
    early, then = now + dt.timedelta(minutes=19, seconds=59), now + dt.timedelta(minutes=20)
    assert [allow("form", "a", rate=THREE_AN_HOUR, now=at) for at in (early, then, then)] == [
        False,
        True,
        False,
    ]


@pytest.mark.django_db
def test_a_rest_never_gives_more_than_the_capacity(now):
    allow("form", "a", rate=THREE_AN_HOUR, now=now)
    later = now + 30 * HOUR
    assert [allow("form", "a", rate=THREE_AN_HOUR, now=later) for _ in range(4)] == [True, True, True, False]


@pytest.mark.django_db
def test_a_clock_that_is_behind_gives_nothing_away(now):
    for _ in range(3):
        allow("form", "a", rate=THREE_AN_HOUR, now=now)
    assert not allow("form", "a", rate=THREE_AN_HOUR, now=now - HOUR)
    assert allow("form", "a", rate=THREE_AN_HOUR, now=now + dt.timedelta(minutes=20))


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("one", "other", "shared"),
    [
        ("ada@home.example", " ADA@Home.example", True),
        ("ada@home.example", "ida@home.example", False),
        ("192.0.2.7", "192.0.2.8", False),
        ("2001:db8:0:1::1", "2001:db8:0:1:ffff::9", True),
        ("2001:db8:0:1::1", "2001:db8:0:2::1", False),
    ],
)
def test_who_shares_a_limit(now, one, other, shared):
    rate = Rate(1, HOUR)
    allow("form", one, rate=rate, now=now)
    assert allow("form", other, rate=rate, now=now) is not shared


@pytest.mark.django_db
def test_scopes_are_apart(now):
    rate = Rate(1, HOUR)
    assert [allow(scope, "a", rate=rate, now=now) for scope in ("form", "sign-in")] == [True, True]


@pytest.mark.django_db
def test_what_is_given_back_can_be_used_again(now):
    allow("door", "one", rate=Rate(1, HOUR), now=now)
    give_back("door", "one")
    assert allow("door", "one", rate=Rate(1, HOUR), now=now)


@pytest.mark.django_db
def test_the_table_does_not_tell_who_was_here(now):
    allow("form", "ada@home.example", rate=THREE_AN_HOUR, now=now)
    key = TokenBucket.objects.get().key
    assert (len(key), "ada" in key) == (64, False)


@pytest.mark.django_db
def test_only_full_buckets_are_forgotten(now):
    allow("form", "a", rate=THREE_AN_HOUR, now=now)
    allow("form", "b", rate=THREE_AN_HOUR, now=now + dt.timedelta(days=1))
    assert forget_old(now + dt.timedelta(days=7, seconds=1)) == 1
    assert TokenBucket.objects.count() == 1


@pytest.mark.django_db
def test_a_request_that_fails_costs_nothing(now):
    with transaction.atomic():
        allow("form", "a", rate=Rate(1, HOUR), now=now)
        transaction.set_rollback(True)
    assert allow("form", "a", rate=Rate(1, HOUR), now=now)


@pytest.mark.parametrize(("capacity", "per"), [(0, HOUR), (1, dt.timedelta(0)), (1, dt.timedelta(days=8))])
def test_a_senseless_rate_is_refused(capacity, per):
    with pytest.raises(ValueError, match="at least one within at most a week"):
        Rate(capacity, per)


def test_the_wait_is_one_share_of_the_time():
    assert THREE_AN_HOUR.wait == dt.timedelta(minutes=20)


@pytest.mark.parametrize(
    ("rate", "told"),
    [
        (Rate(30, HOUR), (120, 2)),
        (Rate(300, HOUR), (12, 1)),
        (Rate(7, HOUR), (515, 9)),
    ],
)
def test_nobody_is_told_to_wait_too_short(rate, told):
    assert (rate.seconds, rate.minutes) == told


@pytest.mark.django_db(transaction=True)
def test_twelve_at_once_get_no_more_than_the_rate_says(now):
    answers = at_once(12, lambda _number: allow("form", "a", rate=THREE_AN_HOUR, now=now))
    assert sorted(answers) == [False] * 9 + [True] * 3
