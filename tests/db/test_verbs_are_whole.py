"""A verb is one transaction: where its trail or a letter cannot be written, nothing of it has happened.

The database itself refuses the row, by a trigger that goes with the test's transaction.
"""

import ast
import datetime as dt
import importlib
import inspect
from functools import cache, partial

import pytest
from django.apps import apps
from django.contrib.sessions.models import Session
from django.db import DatabaseError, connection, transaction
from django.urls import reverse

from articles import flags, publishing, reviews, sources, subjects
from articles.models import Guide, Source
from portal import mail, pages, roles
from portal.models import AuditEvent, OutboxMessage, Page
from quotes import contact, pipeline
from quotes.models import Stage
from tests import builders
from tests.unit.test_layers import MODULES, VERBS, layer

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)
TRAIL, LETTERS = AuditEvent._meta.db_table, OutboxMessage._meta.db_table


def refuse_rows(table, such="1 = 1"):
    """From now on no such row can be written into this table."""
    refusal = "BEGIN SELECT RAISE(ABORT, 'no room'); END"
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql"
                " AS $$ BEGIN RAISE EXCEPTION 'no room'; END $$"
            )
            refusal = "EXECUTE FUNCTION no_room()"
        cursor.execute(
            f"CREATE TRIGGER full_table BEFORE INSERT ON {table} FOR EACH ROW WHEN ({such}) {refusal}"
        )


def everything():
    """Every row of every table, but for sessions: being refused is remembered there."""
    models = set(apps.get_models(include_auto_created=True)) - {Session}
    return {model._meta.label: list(model._base_manager.order_by("pk").values_list()) for model in models}


# --- Each verb, about to do something -----------------------------------------------------------

READY = {}


def ready(verb, then=""):
    """The function under it prepares a call of this verb that leaves a trail."""

    def note(prepare):
        READY[f"{verb.__module__}.{verb.__name__} {then}".strip()] = prepare
        return prepare

    return note


@ready(subjects.begin)
def _(now):
    return partial(subjects.begin, Guide, slug="risks", by=builders.staff(roles.EDITOR), now=now)


@ready(publishing.save_draft)
def _(now):
    guide, editor = builders.guide(now=now), builders.staff(roles.EDITOR)
    builders.source("trial-1")
    return partial(publishing.save_draft, guide, builders.guide_content(), by=editor, now=now)


@ready(publishing.save_draft, "replacing another")
def _(now):
    draft = drafted(now)
    content = builders.guide_content(title="Another")
    return partial(
        publishing.save_draft, draft.subject, content, by=builders.staff(), now=now, replacing=True
    )


@ready(publishing.discard)
def _(now):
    return partial(publishing.discard, drafted(now), by=builders.staff(), now=now)


@ready(publishing.restore)
def _(now):
    live = builders.published(builders.guide(now=now), now=now)
    builders.draft(live.subject, by=live.author, now=now, title="Begun")
    return partial(publishing.restore, live, by=builders.staff(), now=now, set_draft_aside=True)


@ready(publishing.submit)
def _(now):
    builders.staff(roles.REVIEWER)
    return partial(publishing.submit, drafted(now), by=builders.staff(), now=now)


@ready(publishing.submit_again)
def _(now):
    live = builders.published(builders.guide(now=now), now=now, next_review_on=now.date() + DAY)
    return partial(publishing.submit_again, live, by=builders.staff(), now=now)


@ready(publishing.take_back)
def _(now):
    return partial(publishing.take_back, in_review(now), by=builders.staff(), now=now)


@ready(publishing.approve)
def _(now):
    day = now.date() + DAY
    said = {"next_review_on": day, "discern": builders.discern()}
    return partial(publishing.approve, in_review(now), **said, by=builders.staff(), now=now)


@ready(publishing.ask_for_changes)
def _(now):
    return partial(publishing.ask_for_changes, in_review(now), note="Why?", by=builders.staff(), now=now)


@ready(publishing.revoke)
def _(now):
    return partial(
        publishing.revoke, approved(now), reason="Its trial was retracted.", by=builders.staff(), now=now
    )


@ready(publishing.publish)
def _(now):
    return partial(publishing.publish, approved(now), by=builders.staff(), now=now)


@ready(publishing.publish, "later")
def _(now):
    return partial(publishing.publish, approved(now), by=builders.staff(), now=now, at=now + DAY)


@ready(publishing.unschedule)
def _(now):
    return partial(publishing.unschedule, planned(now), by=builders.staff(), now=now)


@ready(publishing.publish_due)
def _(now):
    planned(now)
    return partial(publishing.publish_due, now + DAY)


@ready(publishing.publish_due, "what cannot be shown")
def _(now):
    planned(now).cited.get().delete()
    return partial(publishing.publish_due, now + DAY)


@ready(publishing.withdraw)
def _(now):
    live = builders.published(builders.guide(now=now), now=now)
    return partial(publishing.withdraw, live, reason="Its trial was retracted.", by=builders.staff(), now=now)


@ready(subjects.rename)
def _(now):
    live = builders.published(builders.guide(now=now), now=now)
    return partial(subjects.rename, live.subject, slug="renamed", by=builders.staff(), now=now)


@ready(subjects.begin, "with settings")
def _(now):
    settings = {"topics": [builders.topic()], "audience": "patients"}
    by = builders.staff(roles.EDITOR)
    return partial(subjects.begin, Guide, slug="risks", by=by, now=now, settings=settings)


@ready(subjects.change_settings)
def _(now):
    guide = builders.guide(now=now)
    changed = {"slug": "renamed", "topics": [builders.topic()], "audience": "patients"}
    return partial(subjects.change_settings, guide, changed, by=builders.staff(), now=now)


@ready(sources.add)
def _(now):
    fields = {"key": "new", "title": "x", "kind": "trial", "publisher": "x", "finding": "x", "sureness": "A"}
    return partial(sources.add, fields | {"checked_on": now.date()}, by=builders.staff(), now=now)


@ready(sources.change)
def _(now):
    live = builders.published(builders.guide(now=now), now=now)
    source = Source.objects.get()
    builders.claim(live, source)
    changed = {"state": "retracted", "people": 3}
    return partial(
        sources.change, source, changed, reason="The journal found fraud.", by=builders.staff(), now=now
    )


@ready(reviews.confirm_still_current)
def _(now):
    live = builders.published(builders.guide(now=now), now=now)
    day, by = now.date() + DAY, builders.staff()
    sources.change(
        Source.objects.get(), {"state": "retracted"}, reason="The journal found fraud.", by=by, now=now
    )
    said = {"reason": "It holds as it stands.", "seen_flags": flags.marks_of(live.subject)}
    return partial(reviews.confirm_still_current, live, **said, next_review_on=day, by=by, now=now)


@ready(reviews.remind_due)
def _(now):
    builders.published(builders.guide(now=now), now=now, next_review_on=now.date() + DAY)
    return partial(reviews.remind_due, now)


@ready(pipeline.submit)
def _(now):
    return partial(pipeline.submit, builders.answers(), secret="s", now=now, sender="192.0.2.1")


@ready(pipeline.move)
def _(now):
    return partial(pipeline.move, builders.lead(now=now), Stage.IN_TOUCH, by=None, now=now + DAY)


@ready(pipeline.move, "to the end")
def _(now):
    lead = builders.lead(now=now)
    return partial(pipeline.move, lead, Stage.CLOSED, by=None, now=now, reason="done")


@ready(pipeline.withdraw)
def _(now):
    return partial(pipeline.withdraw, builders.lead(now=now), now=now)


@ready(pipeline.assign)
def _(now):
    coordinator = builders.staff(roles.COORDINATOR)
    return partial(pipeline.assign, builders.lead(now=now), coordinator, by=coordinator, now=now)


@ready(pipeline.add_note)
def _(now):
    return partial(pipeline.add_note, builders.lead(now=now), "Called.", by=builders.staff(), now=now)


@ready(pipeline.keep_note)
def _(now):
    return partial(pipeline.keep_note, builders.lead(now=now), "Called.", by=builders.staff(), now=now)


@ready(pipeline.renew_promise)
def _(now):
    lead = builders.lead(now=now)
    pipeline.move(lead, Stage.IN_TOUCH, by=None, now=now)
    return partial(pipeline.renew_promise, lead, by=builders.staff(), now=now + 7 * DAY)


@ready(pipeline.withdraw_for_requester)
def _(now):
    return partial(pipeline.withdraw_for_requester, builders.lead(now=now), by=builders.staff(), now=now)


@ready(pipeline.opened)
def _(now):
    # Its trail is all that it writes.
    return transaction.atomic(partial(pipeline.opened, builders.lead(now=now), by=builders.staff(), now=now))


@ready(contact.renew_link)
def _(now):
    return partial(contact.renew_link, builders.lead(now=now), by=builders.staff(), now=now)


@ready(contact.correct_contact)
def _(now):
    lead = builders.lead(now=now)
    answers = {name: getattr(lead, name) for name in contact.CONTACT} | {"email": "new@home.example"}
    seen, by = contact.stamp(lead), builders.staff()
    return partial(contact.correct_contact, lead, answers, seen=seen, reason="They called.", by=by, now=now)


@ready(contact.stop_news)
def _(now):
    return partial(contact.stop_news, builders.lead(now=now, news=True), now=now)


@ready(mail.retry)
def _(now):
    letter = mail.queue("quotes/closed", to="ada@home.example", context={}, now=now)
    OutboxMessage.objects.update(state=OutboxMessage.State.FAILED)
    return partial(mail.retry, letter, by=None, now=now)


@ready(pages.restore)
def _(now):
    page, editor = about(now), builders.staff(roles.EDITOR)
    version = pages.keep(page, by=editor, now=now)
    Page.objects.update(title="Another")
    return partial(pages.restore, version, by=editor, now=now + DAY)


def about(now):
    return Page.objects.create(slug="about", title="About", summary="Us", body="", updated_at=now)


def drafted(now):
    return builders.draft(builders.guide(now=now), by=builders.staff(roles.EDITOR), now=now)


def in_review(now):
    draft = drafted(now)
    return publishing.submit(draft, by=draft.author, now=now)


def approved(now):
    return builders.approved(builders.guide(now=now), now=now)


def planned(now):
    revision = approved(now)
    return publishing.publish(revision, by=revision.author, now=now, at=now + DAY)


WRITE_LETTERS = (
    "articles.publishing.submit",
    "articles.publishing.submit_again",
    "articles.publishing.ask_for_changes",
    "articles.publishing.revoke",
    "articles.publishing.publish_due what cannot be shown",
    "articles.reviews.remind_due",
    "quotes.pipeline.submit",
    "quotes.pipeline.move to the end",
    "quotes.pipeline.withdraw",
    "quotes.pipeline.withdraw_for_requester",
    "quotes.contact.renew_link",
    "quotes.contact.correct_contact",
)


@pytest.mark.parametrize(
    ("verb", "table"), [*((verb, TRAIL) for verb in READY), *((verb, LETTERS) for verb in WRITE_LETTERS)]
)
def test_what_cannot_be_written_down_has_not_happened(now, verb, table):
    act = READY[verb](now)
    before = everything()
    refuse_rows(table)
    with pytest.raises(DatabaseError, match="no room"):
        act()
    assert everything() == before


# --- What an editor saves in the admin ----------------------------------------------------------

TYPED = {
    "title": "Another",
    "summary": "What can go wrong.",
    "key_points": "One.",
    "body": "<p>Two of 23 people died.</p>",
    "slug": "all-risks",
    "audience": "patients",
    "language": "en-gb",
    "save": "1",
}


def new_guide(client, now):
    return reverse("admin:articles_guide_add"), TYPED


def guide_with_other_text_settings_and_address(client, now):
    live = builders.published(builders.guide("risks", now=now), now=now)
    address = reverse("admin:articles_guide_change", args=[live.subject_id])
    opened = client.get(address).context_data["form"]["opened"].value()
    return address, TYPED | {"opened": opened}


def fixed_page(client, now):
    address = reverse("admin:portal_page_change", args=[about(now).pk])
    opened = client.get(address).context_data["adminform"].form["opened"].value()
    about_us = {"body": "<p>Who we are.</p>", "opened": opened, "shown": "on"}
    return address, TYPED | about_us


@pytest.mark.parametrize(
    ("prepare", "last"),
    [
        (new_guide, "guide.saved"),
        (guide_with_other_text_settings_and_address, "guide.saved"),
        (fixed_page, "page.changed"),
    ],
)
@pytest.mark.parametrize("refused", [True, False])
def test_a_page_is_saved_with_all_of_its_trail_or_not_at_all(client, now, prepare, last, refused):
    client.force_login(builders.staff(roles.EDITOR))
    client.raise_request_exception = False
    address, typed = prepare(client, now)
    before = everything()
    if refused:
        refuse_rows(TRAIL, f"NEW.action = '{last}'")
    client.post(address, typed)
    assert (everything() == before) is refused


# --- No verb is forgotten -----------------------------------------------------------------------


@cache
def calls():
    """For each function of the verbs' modules: what it calls, by the last two parts of the name."""
    found = {}
    for name, path in MODULES.items():
        if layer(name) != VERBS or name == "portal.audit":
            continue
        for part in ast.parse(path.read_text()).body:
            if isinstance(part, ast.FunctionDef):
                found[f"{name}.{part.name}"] = {
                    called(node.func, name) for node in ast.walk(part) if isinstance(node, ast.Call)
                }
    return found


def called(func, module):
    if isinstance(func, ast.Attribute) and isinstance(func.value, ast.Name):
        return f"{func.value.id}.{func.attr}"
    return f"{module.rpartition('.')[2]}.{getattr(func, 'id', '')}"


def reaches(function, deed, seen=frozenset()):
    """Whether a function does the deed, itself or through others of the verbs' modules."""
    near = calls()[function]
    further = {name for name in calls() if name.split(".", 1)[1] in near} - seen - {function}
    return deed in near or any(reaches(name, deed, seen | further | {function}) for name in further)


def takes_the_time(function):
    module, _, name = function.rpartition(".")
    return "now" in inspect.signature(getattr(importlib.import_module(module), name)).parameters


def verbs(deed):
    return {name for name in calls() if not is_a_step(name) and takes_the_time(name) and reaches(name, deed)}


def is_a_step(function):
    """Whether it is done inside a verb and never alone."""
    module, _, name = function.rpartition(".")
    return name.startswith("_") or module == "articles.versions"


def test_every_verb_that_leaves_a_trail_is_tried_here():
    assert {name.partition(" ")[0] for name in READY} == verbs("audit.record")


def test_every_verb_that_owes_letters_is_tried_here():
    assert {name.partition(" ")[0] for name in WRITE_LETTERS} == verbs("audit.record") & verbs("mail.queue")
