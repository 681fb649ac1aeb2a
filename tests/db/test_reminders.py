"""Letters before, on and after the day on which a live text is to be checked: which, to whom, once each."""

import datetime as dt

import pytest
from django.conf import settings
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.db import DatabaseError
from django.utils import timezone

from articles import notices, publishing, reviews
from articles.models import GuideRevision, Reminder
from portal import dashboard, mail, roles
from portal.management.commands import run_worker
from portal.models import AuditEvent, OutboxMessage, User
from tests import builders
from tests.db.test_verbs_are_whole import refuse_rows
from tests.simultaneous import at_once

pytestmark = pytest.mark.django_db

DAY = dt.timedelta(days=1)
REVIEW = dt.date(2027, 5, 21)  # 182 days after `now`


@pytest.fixture
def live(now):
    return live_guide(now)


def live_guide(now, kind="guide", **fields):
    author = builders.staff(roles.EDITOR, email="author@clinic.example")
    made = builders.published(getattr(builders, kind)(now=now), now=now, by=author, **fields)
    made.reviewed_by.email = "reviewer@clinic.example"
    made.reviewed_by.save()
    return made


def at(days):
    """So many days after the review."""
    return dt.datetime.combine(REVIEW + days * DAY, dt.time(9), dt.UTC)


def addresses():
    """Who gets a letter about a review that is due; others are about texts on their way."""
    reminders = OutboxMessage.objects.filter(template="articles/review_due")
    return sorted(reminders.values_list("to_address", flat=True))


def owed():
    return list(Reminder.objects.order_by("pk").values_list("step", "due_on"))


# --- When ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("days", "step"),
    [
        (-31, None),
        (-30, "month_before"),
        (-8, "month_before"),
        (-7, "week_before"),
        (-1, "week_before"),
        (0, "on_the_day"),
        (6, "on_the_day"),
        (7, "week_after"),
        (29, "week_after"),
        (30, "month_after"),
        (400, "month_after"),
    ],
)
def test_the_latest_step_that_has_come_is_due_and_no_earlier_one(live, days, step):
    assert reviews.remind_due(at(days)) == (1 if step else 0)
    assert owed() == ([(step, REVIEW)] if step else [])


def test_day_by_day_each_step_comes_once(live):
    told = [days for days in range(-40, 60) if reviews.remind_due(at(days))]
    assert told == [-30, -7, 0, 7, 30]
    assert [step for step, _day in owed()] == [step.value for step in reversed(reviews.DUE)]


def test_each_step_has_its_day():
    assert set(reviews.DUE) == set(Reminder.Step)


def test_who_confirms_is_reminded_of_the_new_day_from_the_beginning(live):
    reviews.remind_due(at(0))
    reviewer, next_day = builders.staff(roles.REVIEWER), REVIEW + 100 * DAY
    reviews.confirm_still_current(
        live, reason="It holds as it stands.", next_review_on=next_day, by=reviewer, now=at(1)
    )
    assert [days for days in range(1, 140) if reviews.remind_due(at(days))] == [70, 93, 100, 107, 130]
    assert owed() == [
        ("on_the_day", REVIEW),
        *(
            (step, next_day)
            for step in ("month_before", "week_before", "on_the_day", "week_after", "month_after")
        ),
    ]


@pytest.mark.parametrize("ended", ["withdrawn", "replaced", "not yet read"])
def test_nobody_is_reminded_of_what_readers_do_not_see(now, ended):
    if ended == "not yet read":
        builders.approved(builders.guide(now=now), now=now)
    else:
        live = live_guide(now)
    if ended == "withdrawn":
        publishing.withdraw(live, reason="Newer trials say otherwise.", by=live.author, now=now)
    if ended == "replaced":
        builders.published(live.subject, now=now, by=live.author, next_review_on=REVIEW + 300 * DAY)
    assert (reviews.remind_due(at(0)), addresses()) == (0, [])


def test_a_day_is_a_day_where_the_site_is(live, settings):
    settings.TIME_ZONE = "Pacific/Auckland"  # where it is the 21st from noon on of the 20th here
    timezone.activate("Pacific/Auckland")
    try:
        assert reviews.remind_due(dt.datetime(2027, 4, 20, 11, 59, tzinfo=dt.UTC)) == 0
        assert reviews.remind_due(dt.datetime(2027, 4, 20, 12, 1, tzinfo=dt.UTC)) == 1
    finally:
        timezone.deactivate()


# --- To whom ------------------------------------------------------------------------------------


def test_it_goes_to_the_author_and_the_medical_reviewers(live):
    builders.staff(roles.REVIEWER, email="second@clinic.example")
    builders.staff(roles.REVIEWER, email="left@clinic.example", is_active=False)
    builders.staff(roles.REVIEWER, email="")
    builders.staff(roles.EDITOR, email="other@clinic.example")
    reviews.remind_due(at(0))
    assert addresses() == ["author@clinic.example", "reviewer@clinic.example", "second@clinic.example"]


@pytest.mark.parametrize("kind", ["guide", "treatment"])
def test_it_goes_to_the_group_that_looks_after_it(now, kind):
    live = live_guide(now, kind)
    live.subject.owners = Group.objects.create(name="Rehabilitation")
    live.subject.save()
    for name in ("one", "two"):
        builders.staff("Rehabilitation", email=f"{name}@clinic.example")
    reviews.remind_due(at(0))
    assert addresses() == ["author@clinic.example", "one@clinic.example", "two@clinic.example"]


def test_where_all_of_that_group_have_left_the_medical_reviewers_hear_of_it(live):
    live.subject.owners = Group.objects.create(name="Rehabilitation")
    live.subject.save()
    builders.staff("Rehabilitation", email="left@clinic.example", is_active=False)
    reviews.remind_due(at(0))
    assert addresses() == ["author@clinic.example", "reviewer@clinic.example"]


def test_an_author_who_has_left_gets_none(live):
    User.objects.filter(pk=live.author_id).update(is_active=False)
    reviews.remind_due(at(0))
    assert addresses() == ["reviewer@clinic.example"]


def test_an_address_gets_one_letter_however_it_is_spelled(live):
    User.objects.filter(pk=live.author_id).update(email="Reviewer@Clinic.example")
    reviews.remind_due(at(0))
    assert [address.casefold() for address in addresses()] == ["reviewer@clinic.example"]


def test_where_there_is_nobody_to_write_to_it_stays_to_be_done(live):
    User.objects.update(is_active=False)
    assert (reviews.remind_due(at(0)), owed(), AuditEvent.objects.filter(actor_id=None).count()) == (0, [], 0)
    User.objects.filter(pk=live.author_id).update(is_active=True)
    assert (reviews.remind_due(at(1)), addresses()) == (1, ["author@clinic.example"])


# --- What it says -------------------------------------------------------------------------------


def letter(days):
    reviews.remind_due(at(days))
    return mail.write(OutboxMessage.objects.order_by("-pk")[0])


@pytest.mark.parametrize(
    ("days", "subject", "first"),
    [
        (
            -30,
            "To be checked by 21 May 2027: Risks in plain words",
            "“Risks in plain words” is to be checked again by 21 May 2027, in 30 days.",
        ),
        (
            -1,
            "To be checked by 21 May 2027: Risks in plain words",
            "“Risks in plain words” is to be checked again by 21 May 2027, in 1 day.",
        ),
        (
            0,
            "To be checked by 21 May 2027: Risks in plain words",
            "“Risks in plain words” is to be checked again today, 21 May 2027.",
        ),
        (
            7,
            "Overdue since 21 May 2027: Risks in plain words",
            "“Risks in plain words” should have been checked by 21 May 2027, 7 days ago.",
        ),
    ],
)
def test_it_names_the_text_and_the_day(live, days, subject, first):
    written = letter(days)
    assert (written.subject, written.text.partition("\n")[0]) == (subject, first)
    assert f"<title>{subject}</title>" in written.html


@pytest.mark.parametrize("kind", ["guide", "treatment"])
def test_it_leads_to_the_page_of_staff_and_to_that_of_readers(now, kind, settings):
    live = live_guide(now, kind)
    written = letter(0)
    site, pk = settings.SITE_URL, live.subject_id
    links = [f"{site}/admin/articles/{kind}/{pk}/change/", f"{site}/{kind}s/{live.subject.slug}/"]
    assert [line for line in written.text.splitlines() if line.startswith("http")] == links
    assert [f'<a href="{link}">' in written.html for link in links] == [True, True]


def test_a_title_is_written_as_it_is_in_plain_text_and_safe_in_html(now):
    live_guide(now, title="Risks & <b>harms</b>")
    written = letter(0)
    assert written.subject == "To be checked by 21 May 2027: Risks & <b>harms</b>"
    assert "Risks &amp; &lt;b&gt;harms&lt;/b&gt;" in written.html
    assert "<b>harms" not in written.html


def test_every_letter_of_the_articles_has_words_for_staff():
    folder = settings.BASE_DIR / "templates" / "emails" / "articles"
    assert {f"articles/{path.stem}" for path in folder.iterdir()} == set(notices.LETTERS)
    assert dashboard.letter_in_words("articles/review_due") == "to staff: a text is to be checked again"


def test_the_trail_tells_what_was_sent(live):
    reviews.remind_due(at(0))
    event = AuditEvent.objects.first()
    assert (event.action, event.actor_name) == ("guide.reminded", "machine")
    assert event.detail == {"revision": 1, "step": "on the day", "letters": 2}


# --- Once, whatever happens ---------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_any_number_of_workers_owe_each_letter_once(now):
    author = builders.staff(roles.EDITOR)
    for kind in ("guide", "treatment"):
        builders.published(getattr(builders, kind)(now=now), now=now, by=author)
    told = at_once(6, lambda _number: reviews.remind_due(at(0)))
    assert sum(told) == Reminder.objects.count() == 2
    # Two reviewers, by the builders, and the author.
    assert len(addresses()) == 2 * 3


@pytest.mark.parametrize("table", ["portal_outboxmessage", "articles_reminder"])
def test_killed_half_way_it_owes_all_or_nothing(live, table):
    refuse_rows(table)
    with pytest.raises(DatabaseError, match="no room"):
        reviews.remind_due(at(0))
    assert (owed(), addresses()) == ([], [])


def test_what_goes_wrong_with_one_text_holds_up_no_other(now):
    first, second = live_guide(now), live_guide_of_another(now)
    refuse_rows("portal_outboxmessage", f"NEW.about = '{first.subject.slug}'")
    worker = run_worker.Command()
    assert reviews.remind_due(at(0), apart=worker.apart) == 1
    assert list(Reminder.objects.values_list("guide_revision", flat=True)) == [second.pk]
    assert worker.well is False


def live_guide_of_another(now):
    return builders.published(builders.guide(now=now), now=now)


@pytest.mark.django_db(transaction=True)
def test_the_worker_reminds():
    now = timezone.now() - 2 * DAY
    builders.published(builders.guide(now=now), now=now, next_review_on=timezone.localdate())
    call_command("run_worker", "--once")
    assert [step for step, _day in owed()] == ["on_the_day"]
    assert OutboxMessage.objects.count() == 2
    call_command("run_worker", "--once")
    assert OutboxMessage.objects.count() == 2


def test_a_worker_asks_every_ten_minutes_what_is_due(live):
    GuideRevision.objects.filter(pk=live.pk).update(next_review_on=timezone.localdate())
    worker = run_worker.Command()
    worker.reminded_at = timezone.now() - run_worker.REMIND_EVERY + dt.timedelta(seconds=30)
    worker.remind()
    assert owed() == []
    worker.reminded_at = timezone.now() - run_worker.REMIND_EVERY
    worker.remind()
    assert [step for step, _day in owed()] == ["on_the_day"]
