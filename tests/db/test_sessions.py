"""Two pages of one visitor at once: what each writes into the session stays."""

import pytest
from django.contrib.sessions.backends.base import UpdateError

from portal.sessions import SessionStore

pytestmark = pytest.mark.django_db


def begun(**kept: object) -> str:
    session = SessionStore()
    session.update(kept)
    session.save()
    assert session.session_key is not None
    return session.session_key


def opened(key: str) -> SessionStore:
    session = SessionStore(key)
    list(session.keys())
    return session


def kept(key: str) -> dict:
    return dict(SessionStore(key).items())


def test_each_page_changes_only_what_it_wrote():
    key = begun(old="1", gone="2", same=["3"])
    first, second = opened(key), opened(key)
    first["mine"] = "4"
    del first["gone"]
    first.save()
    second["theirs"] = "5"
    second.save()
    assert kept(key) == {"old": "1", "same": ["3"], "mine": "4", "theirs": "5"}


def test_of_two_that_wrote_the_same_the_last_counts():
    key = begun(answer="old")
    first, second = opened(key), opened(key)
    first["answer"], second["answer"] = "first", "second"
    first.save()
    second.save()
    assert kept(key) == {"answer": "second"}


def test_a_change_inside_of_what_is_kept_is_a_change():
    key = begun(answers={"who": "me"}, other="1")
    first, second = opened(key), opened(key)
    first["answers"]["who"] = "other"
    second["other"] = "2"
    first.save()
    second.save()
    assert kept(key) == {"answers": {"who": "other"}, "other": "2"}


def test_a_page_that_saves_twice_keeps_what_came_between():
    key = begun(answer="1")
    first, second = opened(key), opened(key)
    first["answer"] = "2"
    first.save()
    second["answer"] = "3"
    second.save()
    first["mine"] = "4"
    first.save()
    assert kept(key) == {"answer": "3", "mine": "4"}


def test_a_session_that_ended_meanwhile_stays_ended():
    key = begun(answer="1")
    first, second = opened(key), opened(key)
    first.flush()
    second["answer"] = "2"
    with pytest.raises(UpdateError):
        second.save()
    assert kept(key) == {}


def test_all_that_is_kept_moves_on_to_a_new_key():
    key = begun(answer="1")
    session = opened(key)
    session.cycle_key()
    session["more"] = "2"
    session.save()
    assert kept(session.session_key or "") == {"answer": "1", "more": "2"}
    assert kept(key) == {}
