import datetime as dt
import uuid

import pytest
from django.db import connection
from django.utils import timezone

from portal import health, mail
from portal.models import OutboxMessage, WorkerPulse

SECOND = dt.timedelta(seconds=1)
ALL_WELL = {"database": True, "migrations": True, "letters": True, "worker": True}


def beat(at):
    WorkerPulse.objects.update_or_create(worker=uuid.UUID(int=1), defaults={"beat_at": at})


def owe(at, **changes):
    letter = mail.queue("hello", to="ada@home.example", context={}, now=at)
    OutboxMessage.objects.filter(pk=letter.pk).update(**changes)


@pytest.mark.django_db
def test_all_is_well(now):
    beat(now)
    assert health.outcomes(now) == ALL_WELL


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("age", "well"), [(dt.timedelta(minutes=5), True), (dt.timedelta(minutes=5, seconds=1), False)]
)
def test_a_worker_that_has_not_beaten_for_five_minutes(now, age, well):
    beat(now - age)
    assert health.outcomes(now) == ALL_WELL | {"worker": well}


@pytest.mark.django_db
def test_no_worker_at_all(now):
    assert health.outcomes(now) == ALL_WELL | {"worker": False}


QUARTER = dt.timedelta(minutes=15)
LONG_AGO = dt.timedelta(days=3)


@pytest.mark.django_db
@pytest.mark.parametrize(("late", "well"), [(QUARTER, True), (QUARTER + SECOND, False)])
@pytest.mark.parametrize("state", ["waiting", "sending"])
def test_a_letter_that_should_have_been_tried_a_quarter_of_an_hour_ago(now, state, late, well):
    beat(now)
    owe(now - LONG_AGO, state=state, next_attempt_at=now - late, leased_until=now - late)
    assert health.outcomes(now) == ALL_WELL | {"letters": well}


@pytest.mark.django_db
def test_a_letter_that_a_mail_server_put_off_takes_no_server_away(now):
    """Any visitor could name an address whose server says "later" for hours."""
    beat(now)
    owe(now - LONG_AGO, next_attempt_at=now + SECOND, attempts=4)
    assert (health.outcomes(now), health.oldest_letter(now)) == (ALL_WELL, 3 * 24 * 60 * 60)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "changes",
    [{"state": "sent", "sent_at": dt.datetime(2026, 1, 1, tzinfo=dt.UTC)}, {"state": "failed"}],
    ids=["sent", "failed"],
)
def test_letters_that_are_not_owed_by_the_worker(now, changes):
    beat(now)
    owe(now - LONG_AGO, **changes)
    assert (health.outcomes(now), health.oldest_letter(now)) == (ALL_WELL, None)


@pytest.mark.django_db
def test_a_migration_that_has_not_run(now):
    beat(now)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'quotes'")
    assert health.outcomes(now) == ALL_WELL | {"migrations": False}


@pytest.mark.django_db
def test_the_answer_when_ready(client):
    beat(timezone.now())
    answer = client.get("/health/ready")
    assert (answer.status_code, answer.json()) == (
        200,
        {
            "status": "ready",
            "checks": {"database": "ok", "migrations": "ok", "letters": "ok", "worker": "ok"},
            "oldest_letter": None,
            "failed_letters": 0,
        },
    )


@pytest.mark.django_db
def test_letters_that_have_failed_are_counted_and_take_no_server_away(client):
    beat(timezone.now())
    for _ in range(2):
        owe(timezone.now(), state="failed")
    answer = client.get("/health/ready")
    assert (answer.status_code, answer.json()["failed_letters"]) == (200, 2)


@pytest.mark.django_db
def test_a_letter_in_hand_takes_no_server_away(now):
    beat(now - mail.SEND_WITHIN)
    assert health.outcomes(now) == ALL_WELL


@pytest.mark.django_db
def test_the_answer_when_not_ready_is_never_cached_and_sets_no_cookie(client):
    answer = client.get("/health/ready")
    assert (answer.status_code, answer.json()) == (
        503,
        {
            "status": "not ready",
            "checks": {"database": "ok", "migrations": "ok", "letters": "ok", "worker": "failed"},
            "oldest_letter": None,
            "failed_letters": 0,
        },
    )
    assert answer["Cache-Control"] == "max-age=0, no-cache, no-store, must-revalidate, private"
    assert (dict(answer.cookies), answer.has_header("Vary")) == ({}, False)


@pytest.mark.django_db(transaction=True)
def test_a_database_that_is_away_gives_nothing_away(client):
    connection.close()
    name = connection.settings_dict["NAME"]
    connection.settings_dict["NAME"] = "/nowhere/at/all"
    try:
        answer = client.get("/health/ready")
    finally:
        connection.settings_dict["NAME"] = name
        connection.close()
    assert (answer.status_code, answer.json()) == (
        503,
        {
            "status": "not ready",
            "checks": dict.fromkeys(("database", "migrations", "letters", "worker"), "failed"),
        },
    )


def test_alive_asks_the_database_nothing(client):
    answer = client.get("/health/live")  # without the mark, a query would fail this test
    assert (answer.status_code, answer.content, answer["Cache-Control"]) == (
        200,
        b"ok",
        "max-age=0, no-cache, no-store, must-revalidate, private",
    )


@pytest.mark.parametrize("address", ["/health/live", "/health/ready"])
def test_health_is_only_read(client, address):
    assert client.post(address).status_code == 405


def test_a_watchman_may_ask_by_address(client):
    assert client.get("/health/live", headers={"host": "10.0.0.7:8000"}).status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/", "/health", "/health/", "/health/live/", "/healthy/"])
def test_nothing_else_answers_to_an_address(client, path):
    assert client.get(path, headers={"host": "10.0.0.7:8000"}).status_code == 400
