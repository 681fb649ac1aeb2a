import datetime as dt

import pytest

from portal import audit, roles
from portal.append_only import AppendOnly
from portal.models import AuditEvent, User
from portal.tracing import request_id
from tests import builders

pytestmark = pytest.mark.django_db


def test_staff_are_named_with_their_role(now):
    editor = builders.staff(roles.EDITOR, username="ada")
    subject = builders.topic(slug="rehabilitation", name="Rehabilitation")
    audit.record("topic.opened", subject, by=editor, now=now, detail={"revision": 2})
    event = AuditEvent.objects.values().get()
    assert event | {"id": 1} == {
        "id": 1,
        "at": now,
        "actor_id": editor.pk,
        "actor_name": "ada",
        "actor_role": "Editor",
        "action": "topic.opened",
        "target_type": "articles.topic",
        "target_id": str(subject.pk),
        "target_label": "Rehabilitation",
        "detail": {"revision": 2},
        "request_id": "",
    }


@pytest.mark.parametrize(("by", "name"), [(None, "machine"), ("requester", "requester")])
def test_others_have_no_number_and_no_role(now, by, name):
    event = audit.record("lead.submitted", builders.topic(), by=by, now=now)
    assert (event.actor_id, event.actor_name, event.actor_role) == (None, name, "")


def test_a_list_is_named_by_its_model(now):
    event = audit.record("lead.listed", User, by=None, now=now)
    assert (event.target_type, event.target_id, event.target_label) == ("portal.user", "", "")


def test_the_request_is_named(now):
    token = request_id.set("7")
    event = audit.record("lead.opened", builders.topic(), by=None, now=now)
    request_id.reset(token)
    assert event.request_id == "7"


def test_a_long_name_is_cut_to_fit(now):
    target = builders.source("s", title="x")
    target.key = "k" * 200
    assert audit.record("source.opened", target, by=None, now=now).target_label == "k" * 160


def test_the_trail_of_a_record_is_newest_first_and_its_own(now):
    subject, other = builders.topic(), builders.topic()
    for minutes, action in enumerate(["topic.made", "topic.opened", "topic.changed"]):
        audit.record(action, subject, by=None, now=now + dt.timedelta(minutes=minutes))
    audit.record("topic.made", other, by=None, now=now)
    assert [event.action for event in audit.trail_of(subject)] == [
        "topic.changed",
        "topic.opened",
        "topic.made",
    ]


def test_openings_are_those_events_only(now):
    subject = builders.topic()
    opened = audit.record("topic.opened", subject, by=None, now=now)
    audit.record("topic.changed", subject, by=None, now=now)
    assert list(audit.openings_of(subject)) == [opened]


def test_an_event_is_neither_changed_nor_removed(now):
    event = audit.record("topic.opened", builders.topic(), by=None, now=now)
    for forbidden in (
        event.save,
        event.delete,
        AuditEvent.objects.all().delete,
        lambda: AuditEvent.objects.update(action="x"),
    ):
        with pytest.raises(AppendOnly):
            forbidden()
