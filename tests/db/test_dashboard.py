"""The first page of the admin: what each member of staff must do today."""

import datetime as dt
import itertools
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from articles import publishing, sources
from articles.models import Feedback, TrialCriteria
from portal import dashboard, roles
from portal.models import OutboxMessage, User, WorkerPulse
from quotes.models import QuoteRequest, Stage
from tests import builders

pytestmark = pytest.mark.django_db


PANELS_BY_ROLE = {
    roles.EDITOR: [
        *("publish", "drafts", "submitted", "evidence", "due", "withdrawn", "answers", "unchecked"),
    ],
    roles.REVIEWER: ["review", "evidence", "due", "answers"],
    roles.COORDINATOR: ["leads", "mine", "parked", "letters"],
    roles.MANAGER: ["leads", "mine", "parked", "letters", "publish", "evidence", "due"],
    roles.AUDITOR: ["trail"],
}


@pytest.mark.parametrize("role", roles.ALL)
def test_first_page_shows_each_role_its_own_work(client, role):
    client.force_login(builders.staff(role))
    page = client.get("/admin/")
    assert page.status_code == 200
    assert re.findall(r'id="panel-(\w+)"', page.content.decode()) == PANELS_BY_ROLE[role]


def lines(person, now, name):
    panel = next(panel for panel in dashboard.of(person, now=now).panels if panel.name == name)
    return [(line.label, str(line.clock), line.late) for line in panel.lines]


def test_waiting_leads_stand_by_their_promised_day(now):
    person = builders.staff(roles.COORDINATOR)
    late = builders.lead(now=now - dt.timedelta(days=7))
    today = builders.lead(now=now - dt.timedelta(days=3))
    fresh = builders.lead(now=now)
    assert lines(person, now, "leads") == [
        (late.reference, "2 days over", True),
        (today.reference, "due today", False),
        (fresh.reference, "due in 5 days", False),
    ]


def test_my_leads_are_those_assigned_to_me(now):
    person = builders.staff(roles.COORDINATOR)
    mine, _others = builders.lead(now=now), builders.lead(now=now)
    mine.assignee = person
    mine.save(update_fields=["assignee"])
    assert lines(person, now, "mine") == [(mine.reference, "due in 5 days", False)]


def test_texts_in_review_approved_and_due_are_listed(now):
    editor = builders.staff(roles.EDITOR)
    reviewer = builders.staff(roles.REVIEWER)
    builders.draft(builders.guide(now=now), by=editor, now=now, title="Still writing")
    builders.approved(builders.guide(now=now), now=now, title="Approved")
    builders.published(
        builders.treatment(now=now), now=now, title="Due", next_review_on=now.date() + dt.timedelta(days=30)
    )
    builders.published(builders.guide(now=now), now=now, title="Not due")
    assert lines(editor, now, "drafts") == [("Still writing", "", False)]
    assert lines(editor, now, "publish") == [("Approved", "", False)]
    assert lines(reviewer, now, "due") == [("Due", "due in 30 days", False)]
    later = now + dt.timedelta(days=32)
    assert lines(reviewer, later, "due") == [("Due", "2 days over", True)]


def test_what_came_back_is_mine_until_somebody_writes_on(now):
    editor, reviewer = builders.staff(roles.EDITOR), builders.staff(roles.REVIEWER)

    def submitted(title):
        revision = builders.draft(builders.guide(now=now), by=editor, now=now, title=title)
        return publishing.submit(revision, by=editor, now=now)

    refused, regretted, taken_up = submitted("Refused"), submitted("Regretted"), submitted("Taken up")
    submitted("In review")
    publishing.ask_for_changes(refused, note="Shorter.", by=reviewer, now=now)
    for revision in (regretted, taken_up):
        publishing.take_back(revision, by=editor, now=now)
    colleague = builders.staff(roles.EDITOR)
    builders.draft(taken_up.subject, by=colleague, now=now, title="Taken up by another")
    panel = next(panel for panel in dashboard.of(editor, now=now).panels if panel.name == "drafts")
    assert [(line.label, line.facts.rpartition(" · ")[2]) for line in panel.lines] == [
        ("Refused", "changes asked"),
        ("Regretted", "taken back by the editor"),
    ]


def test_a_long_panel_shows_the_longest_waiting_of_guides_and_treatments_and_counts_all(now):
    editor = builders.staff(roles.EDITOR)
    for age in range(8):
        then = now - dt.timedelta(days=age)
        builders.draft(builders.guide(now=now), by=editor, now=then, title=f"Guide {age}")
        builders.draft(builders.treatment(now=now), by=editor, now=then, title=f"Treatment {age}")
    panel = next(panel for panel in dashboard.of(editor, now=now).panels if panel.name == "drafts")
    assert [line.label for line in panel.lines] == [
        f"{kind} {age}" for age in (7, 6, 5, 4, 3) for kind in ("Guide", "Treatment")
    ]
    assert (panel.total, panel.more) == (16, 6)


@pytest.mark.parametrize("name", ["drafts", "publish", "due"])
def test_no_panel_reads_a_whole_text(now, name):
    person = builders.staff(roles.EDITOR)
    builders.draft(builders.guide(now=now), by=person, now=now)
    builders.approved(builders.guide(now=now), now=now)
    builders.published(builders.guide(now=now), now=now, next_review_on=now.date() + dt.timedelta(days=1))
    with CaptureQueriesContext(connection) as captured:
        assert len(lines(person, now, name)) == 1
    assert [query["sql"] for query in captured if '."body"' in query["sql"]] == []


@pytest.mark.parametrize("name", ["leads", "mine", "parked"])
def test_a_panel_of_leads_links_to_just_those_it_counts(client, now, name):
    person = builders.staff(roles.COORDINATOR)
    client.force_login(person)
    for stage, assignee in itertools.product(Stage, (person, None)):
        lead = builders.lead(now=now)
        long_ago = now - dt.timedelta(days=15)
        QuoteRequest.objects.filter(pk=lead.pk).update(stage=stage, assignee=assignee, stage_since=long_ago)
    panel = next(panel for panel in dashboard.of(person, now=now).panels if panel.name == name)
    assert client.get(panel.url).context_data["cl"].result_count == panel.total


def test_failed_letters_are_listed(failed_letter, now):
    person = builders.staff(roles.COORDINATOR)
    assert lines(person, now, "letters") == [("SL-AAAA-BBBB", "", True)]
    panel = next(panel for panel in dashboard.of(person, now=now).panels if panel.name == "letters")
    assert panel.lines[0].facts == (
        "to the requester: request received · 20 November 2026"
        " · The other mail server does not take letters for this address. It may be mistyped or closed."
    )


def test_what_nobody_can_send_any_more_hides_no_letter_that_failed_today(failed_letter, now):
    for number in range(2, 14):
        letter = OutboxMessage.objects.get(pk=failed_letter.pk)
        letter.pk, letter.message_id = None, f"<{number}@portal.example>"
        letter.about, letter.last_error = f"old {number}", "forgotten: SMTPRecipientsRefused 550"
        letter.created_at = now - dt.timedelta(days=60)
        letter.save()
    assert lines(builders.staff(roles.COORDINATOR), now, "letters") == [("SL-AAAA-BBBB", "", True)]


def test_a_silent_worker_is_told(now):
    person = builders.staff(roles.EDITOR)
    assert dashboard.of(person, now=now).worker_stopped
    WorkerPulse.objects.create(beat_at=now)
    assert not dashboard.of(person, now=now + dt.timedelta(minutes=5)).worker_stopped
    assert dashboard.of(person, now=now + dt.timedelta(minutes=6)).worker_stopped


def facts(person, now, name):
    panel = next(panel for panel in dashboard.of(person, now=now).panels if panel.name == name)
    return [(line.label, line.facts) for line in panel.lines]


def test_changed_evidence_stands_by_source_with_what_it_flags(client, now, editor):
    early, late = builders.source("early", plain_title="A small trial"), builders.source("late")
    guide = builders.published(
        builders.guide(now=now), now=now, body="<h2>Risks</h2><p>Of 23 two died [@early] [@late].</p>"
    )
    treatment = builders.published(
        builders.treatment(now=now), now=now, body="<h2>Risks</h2><p>Of 23 two died [@early].</p>"
    )
    builders.claim(guide, early, treatment=treatment.subject)
    for number, source in enumerate((early, late)):
        then = now + dt.timedelta(days=number)
        sources.change(source, {"state": "retracted"}, reason="The journal found fraud.", by=editor, now=then)
    assert facts(editor, now, "evidence") == [
        ("early: A small trial", "retracted · 1 guide, 1 treatment, 1 claim · since 20 November 2026"),
        ("late", "retracted · 1 guide · since 21 November 2026"),
    ]
    client.force_login(editor)
    panel = next(panel for panel in dashboard.of(editor, now=now).panels if panel.name == "evidence")
    urls = [panel.url, *(line.url for line in panel.lines)]
    assert [client.get(url).context_data["cl"].result_count for url in urls] == [4, 3, 1]


def test_a_benefit_that_lost_its_source_stands_above_it(client, now, editor):
    source = builders.source("met", main_measure="met")
    guide = builders.published(builders.guide(now=now), now=now)
    builders.claim(guide, source, direction="benefit")
    assert facts(editor, now, "evidence") == []
    sources.change(source, {"main_measure": "missed"}, reason="The paper itself says so.", by=editor, now=now)
    assert facts(editor, now, "evidence") == [
        ("1 benefit that no source bears now", "a main measure or control was corrected"),
        ("met", "record corrected · 1 guide, 1 claim · since 20 November 2026"),
    ]
    client.force_login(editor)
    panel = next(panel for panel in dashboard.of(editor, now=now).panels if panel.name == "evidence")
    assert client.get(panel.lines[0].url).context_data["cl"].result_count == 1


def flagged(editor, now):
    key = f"source-{next(builders.numbers)}"
    source = builders.source(key)
    body = f"<h2>Risks</h2><p>Of 23 people two died [@{key}].</p>"
    live = builders.published(builders.guide(now=now), now=now, body=body)
    builders.claim(live, source)
    sources.change(source, {"state": "retracted"}, reason="The journal found fraud.", by=editor, now=now)


def looked_after(editor, now):
    """A guide that readers found no use and that was withdrawn, and a source nobody checked."""
    guide = builders.guide(now=now)
    publishing.withdraw(builders.published(guide, now=now), reason="It is too old now.", by=editor, now=now)
    Feedback.objects.create(guide=guide, revision_number=1, useful=False, at=now)
    builders.source(checked_on=dt.date(2020, 1, 1))


def test_first_page_costs_the_same_with_one_lead_and_with_thirty(client, editor):
    now = timezone.now()
    client.force_login(builders.staff(roles.MANAGER))
    client.get("/admin/")

    def queries():
        with CaptureQueriesContext(connection) as captured:
            client.get("/admin/")
        return len(captured)

    builders.lead(now=now)
    builders.published(builders.guide(now=now), now=now)
    flagged(editor, now)
    looked_after(editor, now)
    one = queries()
    for _number in range(29):
        builders.lead(now=now)
        builders.published(builders.guide(now=now), now=now)
        flagged(editor, now)
        looked_after(editor, now)
    assert queries() == one
    client.force_login(editor)
    few = queries()
    looked_after(editor, now)
    assert queries() == few


def test_the_auditor_is_led_to_the_trail_and_to_who_looked(client, now):
    auditor = builders.staff(roles.AUDITOR)
    lead = builders.lead(now=now)
    client.force_login(builders.staff(roles.COORDINATOR))
    client.get(f"/admin/quotes/quoterequest/{lead.pk}/change/")
    client.force_login(auditor)
    panel = next(panel for panel in dashboard.of(auditor, now=now).panels if panel.name == "trail")
    everything, opened, listed = (client.get(line.url).context_data["cl"] for line in panel.lines)
    assert everything.result_count > 1
    assert [event.action for event in opened.result_list] == ["lead.opened"]
    assert list(listed.result_list) == []


def test_answers_of_readers_stand_by_guide_for_thirty_days(client, now, editor):
    old, live = builders.guide("old", now=now), builders.guide("live", now=now)
    builders.published(live, now=now, title="Costs")
    given = [(live, False, 0), (live, False, 29), (live, True, 0), (live, False, 31), (old, False, 1)]
    for guide, useful, days in given:
        at = now - dt.timedelta(days=days)
        Feedback.objects.create(guide=guide, revision_number=1, useful=useful, at=at)
    assert facts(editor, now, "answers") == [
        ("Costs", "2 answers · the last on 20 November 2026"),
        ("old", "1 answer · the last on 19 November 2026"),
    ]


def test_the_list_of_answers_holds_as_many_as_the_panel_counts(client, editor):
    now, guides = (
        timezone.now(),
        (builders.guide("a", now=timezone.now()), builders.guide("b", now=timezone.now())),
    )
    first = dt.datetime.combine(timezone.localdate(now) - dt.timedelta(days=30), dt.time(), now.tzinfo)
    for at in (first, first - dt.timedelta(microseconds=1), now - dt.timedelta(days=29), now):
        for guide, useful in zip(guides, (False, True), strict=True):
            Feedback.objects.create(guide=guide, revision_number=1, useful=useful, at=at)
    Feedback.objects.create(guide=guides[1], revision_number=1, useful=False, at=first)
    client.force_login(editor)
    panel = next(panel for panel in dashboard.of(editor, now=now).panels if panel.name == "answers")
    counted = [(int(line.facts.split()[0]), line.url) for line in panel.lines]
    assert [number for number, _url in counted] == [3, 1]
    listed = [client.get(url).context_data["cl"].result_count for _number, url in counted]
    assert (listed, client.get(panel.url).context_data["cl"].result_count) == ([3, 1], 4)


def test_what_was_not_checked_for_long_is_counted_and_none_of_it_left_out(now, editor):
    for _number in range(3):
        builders.source(checked_on=dt.date(2020, 1, 1))
    panel = next(panel for panel in dashboard.of(editor, now=now).panels if panel.name == "unchecked")
    assert ([line.label for line in panel.lines], panel.total, panel.more) == (["3 sources"], 3, 0)


def test_what_was_withdrawn_waits_until_somebody_writes_on(now, editor):
    guide, taken_up = builders.guide(now=now), builders.guide(now=now)
    treatment = builders.treatment(now=now)
    for number, subject in enumerate((guide, taken_up, treatment)):
        live = builders.published(subject, now=now, title=f"Text {number}")
        then = now + dt.timedelta(days=number)
        publishing.withdraw(live, reason="It is too old now.", by=editor, now=then)
    builders.draft(taken_up, by=editor, now=now)
    assert facts(editor, now, "withdrawn") == [
        ("Text 0", "withdrawn on 20 November 2026"),
        ("Text 2", "withdrawn on 22 November 2026"),
    ]


def test_sources_and_criteria_that_nobody_checked_for_long_are_counted(client, editor):
    now = timezone.now()
    today = timezone.localdate(now)
    for days in (180, 181, 200):
        source = builders.source(checked_on=today - dt.timedelta(days=days))
        TrialCriteria.objects.create(
            source=source, stroke="clot", recruiting="open", places="Japan", checked_on=source.checked_on
        )
    client.force_login(editor)
    panel = next(panel for panel in dashboard.of(editor, now=now).panels if panel.name == "unchecked")
    assert [line.label for line in panel.lines] == ["2 sources", "2 trials’ criteria"]
    assert [client.get(line.url).context_data["cl"].result_count for line in panel.lines] == [2, 2]


def test_a_planned_publication_is_told_with_its_hour(now, editor):
    revision = builders.approved(builders.guide(now=now), now=now)
    publishing.publish(revision, at=now + dt.timedelta(days=1), by=editor, now=now)
    assert facts(editor, now, "publish")[0][1].endswith("will be published 21 November 2026, 12:00")


def test_the_panel_of_what_is_due_leads_to_one_list_of_both_kinds(client, editor):
    now = timezone.now()
    long_ago, today = now - dt.timedelta(days=60), timezone.localdate(now)
    kinds = {
        "Guide soon": (builders.guide, 3),
        "Over": (builders.treatment, -3),
        "Later": (builders.guide, 40),
    }
    for title, (make, days) in kinds.items():
        day = today + dt.timedelta(days=days)
        builders.published(make(now=long_ago), now=long_ago, title=title, next_review_on=day)
    client.force_login(editor)
    panel = next(panel for panel in dashboard.of(editor, now=now).panels if panel.name == "due")

    def listed(query=""):
        rows = client.get(panel.url + query).context_data["rows"]
        return [(row["called"], str(row["kind"]), row["late"]) for row in rows]

    over, soon = ("Over", "treatment", True), ("Guide soon", "guide", False)
    assert listed() == listed("?which=%00&page=x") == [over, soon]
    assert (listed("?which=overdue"), listed("?which=due")) == ([over], [soon])


def test_who_has_no_role_is_told_who_gives_one(client):
    client.force_login(builders.staff())
    assert "You have no role yet. A superuser gives roles" in client.get("/admin/").text


def test_a_text_of_mine_waits_for_a_reviewer_since_a_day(now):
    editor = builders.staff(roles.EDITOR, byline="E. Editor")
    for person, title in ((editor, "Mine"), (builders.staff(roles.EDITOR), "Another's")):
        draft = builders.draft(builders.guide(now=now), by=person, now=now, title=title)
        publishing.submit(draft, by=person, now=now)
    panel = next(panel for panel in dashboard.of(editor, now=now).panels if panel.name == "submitted")
    assert [(line.label, line.facts) for line in panel.lines] == [
        ("Mine", "E. Editor · since 20 November 2026")
    ]


def test_what_requesters_left_for_two_weeks_is_listed_the_longest_first(now):
    person = builders.staff(roles.COORDINATOR)
    made = {}
    for days, stage in ((13, Stage.WAITING), (14, Stage.WAITING), (20, Stage.QUOTED), (30, Stage.RECEIVED)):
        made[days] = builders.lead(now=now)
        since = now - dt.timedelta(days=days)
        QuoteRequest.objects.filter(pk=made[days].pk).update(stage=stage, stage_since=since)
    assert lines(person, now, "parked") == [
        (made[20].reference, "for 20 days", False),
        (made[14].reference, "for 14 days", False),
    ]


@pytest.mark.parametrize("gone", [{"is_active": False}, {"is_staff": False}], ids=["left", "not staff"])
def test_a_lead_whose_colleague_is_gone_is_told_to_who_assigns(now, gone):
    manager, colleague = builders.staff(roles.MANAGER), builders.staff(roles.COORDINATOR)
    lead, closed, kept = (builders.lead(now=now) for _number in range(3))
    QuoteRequest.objects.filter(pk__in=[lead.pk, closed.pk]).update(assignee=colleague)
    QuoteRequest.objects.filter(pk=closed.pk).update(stage=Stage.CLOSED)
    QuoteRequest.objects.filter(pk=kept.pk).update(assignee=manager)
    assert "alone" not in [panel.name for panel in dashboard.of(manager, now=now).panels]
    User.objects.filter(pk=colleague.pk).update(**gone)
    assert lines(manager, now, "alone") == [(lead.reference, "due in 5 days", False)]
    coordinator = builders.staff(roles.COORDINATOR)
    assert "alone" not in [panel.name for panel in dashboard.of(coordinator, now=now).panels]
