import csv
import datetime as dt
import html
import io
import re

import pytest
from django.contrib.admin import site
from django.contrib.auth.models import Group, Permission
from django.db import connection
from django.http import Http404
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.html import strip_tags

from portal import roles
from portal.models import AuditEvent, OutboxMessage
from quotes import contact, desk, pipeline, progress, summary
from quotes.admin import LeadAdmin
from quotes.models import Note, QuoteRequest, Stage
from tests import builders

pytestmark = pytest.mark.django_db

LIST = "/admin/quotes/quoterequest/"
EXPORT = "/admin/quotes/quoterequest/export/"


@pytest.fixture
def today():
    """The admin reads the clock of the machine; leads that are listed are made around it."""
    return timezone.now()


@pytest.fixture
def coordinator():
    return builders.staff(roles.COORDINATOR, username="cora", first_name="Cora", last_name="Ordway")


@pytest.fixture
def manager():
    return builders.staff(roles.MANAGER, username="mani")


@pytest.fixture
def as_coordinator(client, coordinator):
    client.force_login(coordinator)
    return client


@pytest.fixture
def as_manager(client, manager):
    client.force_login(manager)
    return client


def page(lead):
    return reverse("admin:quotes_quoterequest_change", args=[lead.pk])


def act(lead, verb):
    return reverse(f"admin:quotes_quoterequest_{verb}", args=[lead.pk])


def words(page: str) -> str:
    """What a person reads, on one line."""
    apart = re.sub(r"</(td|th|li|p|h2)>", " ", page)
    return re.sub(r"\s+", " ", html.unescape(strip_tags(apart))).strip()


def section(response, name):
    """The text of the part of a lead's page that is labelled `name`."""
    found = re.search(
        rf'<section[^>]* aria-labelledby="{name}".*?</section>', response.content.decode(), re.DOTALL
    )
    return words(found[0]) if found else None


def cells(response):
    """What stands in the rows of the list."""
    return words(re.search(r"<tbody>.*?</tbody>", response.content.decode(), re.DOTALL)[0])


def listed(response):
    return [lead.reference for lead in response.context_data["cl"].result_list]


def said(response):
    return [str(message) for message in response.context["messages"]]


def live_treatment(now, **content):
    treatment = builders.treatment(now=now)
    builders.published(treatment, now=now, **content)
    treatment.refresh_from_db()
    return treatment


def set_stage(lead, stage, since=None):
    QuoteRequest.objects.filter(pk=lead.pk).update(stage=stage, stage_since=since or lead.stage_since)


def made_of(action):
    return list(AuditEvent.objects.filter(action=action).order_by("pk").values_list("target_id", "detail"))


# --- The list -----------------------------------------------------------------------------------


def test_the_list_shows_work_and_no_name(as_coordinator, today):
    lead = builders.lead(now=today, name="Zebedee Quill", email="zq@home.example", country="AE")
    shown = as_coordinator.get(LIST)
    clock = desk.clock(lead, now=timezone.now()).words
    received = timezone.localdate(today).strftime("%-d %B %Y")
    assert cells(shown) == (
        f"{lead.reference} {clock} received {received} Not sure United Arab Emirates nobody"
    )
    assert "Zebedee" not in shown.content.decode()
    assert "zq@home.example" not in shown.content.decode()


def test_what_was_promised_first_stands_first_and_closed_leads_stand_apart(as_coordinator, today):
    later = builders.lead(now=today)
    sooner = builders.lead(now=today - dt.timedelta(days=9))
    closed = builders.lead(now=today - dt.timedelta(days=30))
    set_stage(closed, Stage.CLOSED)
    assert listed(as_coordinator.get(LIST)) == [sooner.reference, later.reference]
    assert listed(as_coordinator.get(LIST, {"stage": "all"})) == [
        lead.reference for lead in (closed, sooner, later)
    ]


@pytest.mark.parametrize(
    ("stage", "due_in_days", "state", "said"),
    [
        (Stage.RECEIVED, 0, "today", "due today"),
        (Stage.RECEIVED, 1, "running", "due in 1 day"),
        (Stage.PREPARING, 3, "running", "due in 3 days"),
        (Stage.IN_TOUCH, -1, "over", "1 day over"),
        (Stage.RECEIVED, -2, "over", "2 days over"),
        (Stage.WAITING, -2, "paused", "paused"),
        (Stage.QUOTED, -2, "paused", "paused"),
        (Stage.CLOSED, -2, "stopped", "no longer running"),
        (Stage.WITHDRAWN, 2, "stopped", "no longer running"),
    ],
)
def test_the_clock_tells_how_the_promise_stands(now, stage, due_in_days, state, said):
    lead = builders.lead(now=now)  # to be answered on the fifth day from now
    lead.stage = stage
    clock = desk.clock(lead, now=now + dt.timedelta(days=5 - due_in_days))
    assert (clock.state, str(clock.words)) == (state, said)


def test_filters_narrow_by_stage_country_treatment_and_assignee(as_coordinator, coordinator, manager, today):
    mine = builders.lead(now=today, country="AE")
    hers = builders.lead(now=today, country="DE")
    free = builders.lead(now=today, country="DE")
    pipeline.assign(mine, coordinator, by=manager, now=today)
    pipeline.assign(hers, manager, by=manager, now=today)
    pipeline.move(hers, Stage.IN_TOUCH, by=manager, now=today)
    found = {
        question: listed(as_coordinator.get(f"{LIST}?{question}"))
        for question in (
            "stage=in_touch",
            "country=AE",
            "assignee=me",
            "assignee=nobody",
            f"assignee={manager.pk}",
            "treatment=not-sure",
            "country=AE&assignee=nobody",
        )
    }
    assert found == {
        "stage=in_touch": [hers.reference],
        "country=AE": [mine.reference],
        "assignee=me": [mine.reference],
        "assignee=nobody": [free.reference],
        f"assignee={manager.pk}": [hers.reference],
        "treatment=not-sure": [mine.reference, free.reference, hers.reference],
        "country=AE&assignee=nobody": [],
    }


def test_the_countries_of_open_leads_are_offered_and_any_other_is_found_by_its_address(as_coordinator, today):
    builders.lead(now=today, country="DE")
    closed = builders.lead(now=today, country="AE")
    set_stage(closed, Stage.CLOSED)

    def offered(question):
        [title_and_choices] = [
            choices
            for title, choices in as_coordinator.get(LIST + question).context_data["filters"]
            if str(title) == "home country"
        ]
        return [str(choice["display"]) for choice in title_and_choices]

    assert offered("") == ["All", "Germany"]
    assert offered("?stage=all&country=AE") == ["All", "Germany", "United Arab Emirates"]
    assert offered("?country=XX") == ["All", "Germany"]
    assert listed(as_coordinator.get(f"{LIST}?stage=all&country=AE")) == [closed.reference]


def test_a_treatment_stands_under_its_title_and_is_a_filter(as_coordinator, today):
    treatment = live_treatment(today, title="Cells from bone marrow")
    wanted, _other = builders.lead(now=today, treatment=treatment), builders.lead(now=today)
    shown = as_coordinator.get(LIST, {"treatment": treatment.slug})
    assert listed(shown) == [wanted.reference]
    assert "Cells from bone marrow" in cells(shown)


@pytest.mark.parametrize(("days", "expected"), [("1", 3), ("3", 2), ("7", 1), ("14", 0)])
def test_waiting_longer_than_counts_what_waits_for_us(as_coordinator, today, days, expected):
    for age in (2, 5, 10):
        lead = builders.lead(now=today - dt.timedelta(days=age, minutes=1))
    waiting_for_them = builders.lead(now=today - dt.timedelta(days=13))
    set_stage(waiting_for_them, Stage.WAITING)
    assert lead.reference in listed(as_coordinator.get(LIST))
    assert len(listed(as_coordinator.get(LIST, {"waiting": days}))) == expected


@pytest.mark.parametrize("question", ["stage=parked", "waiting=1", "waiting=14"])
def test_what_waits_for_them_over_two_weeks_is_not_forgotten(as_coordinator, today, question):
    parked = [builders.lead(now=today - dt.timedelta(days=14, minutes=age)) for age in (2, 1)]
    for lead, stage in zip(parked, (Stage.WAITING, Stage.QUOTED), strict=True):
        set_stage(lead, stage)
    for stage in (Stage.WAITING, Stage.QUOTED, Stage.CLOSED):
        set_stage(builders.lead(now=today - dt.timedelta(days=30)), stage, since=today)
    found = listed(as_coordinator.get(f"{LIST}?{question}"))
    assert found == [lead.reference for lead in parked]


def test_who_wants_e_mails_about_the_evidence_is_a_filter(as_coordinator, today):
    wants = builders.lead(now=today, news=True)
    builders.lead(now=today)
    contact.stop_news(builders.lead(now=today, news=True), now=today)
    assert listed(as_coordinator.get(LIST, {"news": "wanted"})) == [wants.reference]


def test_a_search_shows_names_and_who_must_not_be_phoned(as_coordinator, today):
    treatment = live_treatment(today, title="Cells from bone marrow")
    builders.lead(now=today, name="Zebedee Quill", do_not_phone=True, treatment=treatment)
    builders.lead(now=today, name="Zebedee Other")
    for nobody in ({}, {"q": " "}):
        assert "Zebedee" not in cells(as_coordinator.get(LIST, nobody))
    found = cells(as_coordinator.get(LIST, {"q": "zebedee"}))
    assert re.findall(r"Zebedee \w+ (?:Do not phone|allowed)", found) == [
        "Zebedee Quill Do not phone",
        "Zebedee Other allowed",
    ]
    assert "Cells from bone marrow" not in found


@pytest.mark.parametrize(
    "question",
    [
        "stage=nonsense",
        "waiting=0",
        "waiting=x",
        "assignee=99999999999999999999",
        "country=%00",
        "q=%00",
        "p=x",
        "p=99",
        "o=x.99",
        "nonsense=1",
        "pk=x",
    ],
)
def test_values_that_no_filter_offers_change_nothing(as_coordinator, today, question):
    lead = builders.lead(now=today)
    assert listed(as_coordinator.get(f"{LIST}?{question}", follow=True)) == [lead.reference]


def test_search_finds_by_reference_e_mail_and_name_also_what_is_closed(as_coordinator, today):
    ada = builders.lead(now=today, name="Ada Example", email="ada@home.example")
    ben = builders.lead(now=today, name="Ben Other", email="ben@home.example")
    set_stage(ben, Stage.CLOSED)
    found = {
        sought: listed(as_coordinator.get(LIST, {"q": sought}))
        for sought in (
            ada.reference,
            ada.reference[:8].lower(),
            "ben@home.example",
            "other ben",
            "home.example",
        )
    }
    assert found == {
        ada.reference: [ada.reference],
        ada.reference[:8].lower(): [ada.reference],
        "ben@home.example": [ben.reference],
        "other ben": [ben.reference],
        "home.example": [],
    }


@pytest.mark.parametrize(
    ("name", "sought"),
    [
        ("Андрей Пример", "Андрей"),
        ("Андрей Пример", "андрей"),
        ("김철수", "김철수"),
        ("Γιώργος Πρώτος", "Γιώργος"),
        ("أحمد", "أحمد"),
        ("がくと", "がくと"),
        ("Erika Strauß", "Strauß"),
        ("José Núñez", "jose nunez"),
    ],
)
def test_a_name_is_found_in_any_script(as_coordinator, today, name, sought):
    lead = builders.lead(now=today, name=name)
    builders.lead(now=today, name="Somebody Else")
    assert listed(as_coordinator.get(LIST, {"q": sought})) == [lead.reference]


def test_two_colleagues_of_one_name_are_two_who_opened(client, today):
    lead = builders.lead(now=today)
    for username in ("cora", "cara"):
        client.force_login(builders.staff(roles.COORDINATOR, username=username, byline="Dr C. Same"))
        page = client.get(f"{LIST}{lead.pk}/change/")
    assert [opening["times"] for opening in page.context["openings"]] == [1]
    assert [opening["times"] for opening in client.get(f"{LIST}{lead.pk}/change/").context["openings"]] == [
        1,
        1,
    ]


def test_who_withdrew_is_not_shown_as_somebody_to_phone(as_coordinator, today):
    lead = builders.lead(now=today, name="Zebedee Quill", channel="phone", phone="+442079460018")
    assert "answer promised by" in as_coordinator.get(f"{LIST}{lead.pk}/change/").text
    pipeline.withdraw(lead, now=today)
    page = as_coordinator.get(f"{LIST}{lead.pk}/change/").text
    assert "They withdrew: nobody contacts them about this request." in page
    assert "answer promised by" not in page
    assert "nobody contacts them" in cells(as_coordinator.get(LIST, {"q": "zebedee"}))


@pytest.mark.parametrize("question", ["cancer=yes", "name__startswith=A", "email=a@b.example"])
def test_no_address_asks_for_a_personal_answer(as_coordinator, question):
    refused = as_coordinator.get(f"{LIST}?{question}")
    assert (refused.status_code, refused.headers["Location"]) == (302, f"{LIST}?e=1")


def queries(ask) -> int:
    with CaptureQueriesContext(connection) as captured:
        ask()
    return len(captured)


def test_one_row_and_thirty_cost_the_same_queries(as_coordinator, manager, today):
    def lead():
        made = builders.lead(now=today, treatment=live_treatment(today), destination=builders.destination())
        pipeline.assign(made, manager, by=manager, now=today)

    lead()
    with_one = queries(lambda: as_coordinator.get(LIST))
    for _number in range(29):
        lead()
    assert len(listed(as_coordinator.get(LIST))) == 30
    assert queries(lambda: as_coordinator.get(LIST)) == with_one


def test_a_full_list_has_pages(as_coordinator, today):
    for _number in range(31):
        builders.lead(now=today)
    pages = [as_coordinator.get(LIST), as_coordinator.get(LIST, {"p": 2})]
    assert [len(listed(shown)) for shown in pages] == [30, 1]


def test_listing_is_recorded_without_what_was_searched_for(as_coordinator, today):
    builders.lead(now=today, name="Ada Example")
    as_coordinator.get(LIST, {"q": "Ada", "stage": "received"})
    assert made_of("lead.listed") == [("", {"filters": {"stage": "received"}, "searched": True, "count": 1})]


def test_of_what_was_typed_into_the_address_the_trail_keeps_eighty_signs(as_coordinator, today):
    builders.lead(now=today)
    as_coordinator.get(LIST, {"stage": "x" * 81})
    detail = {"filters": {"stage": "x" * 80}, "searched": False, "count": 1}
    assert made_of("lead.listed") == [("", detail)]


# --- One lead -----------------------------------------------------------------------------------


def test_what_calls_for_care_is_said_first_with_its_reason(as_coordinator, today):
    lead = builders.lead(
        now=today,
        for_whom="other",
        relationship="child",
        person_knows="no",
        cancer="yes",
        pregnancy="not_sure",
        can_travel="not_sure",
    )
    shown = as_coordinator.get(page(lead))
    assert section(shown, "care") == (
        "Needs care"
        " The person does not know of this request."
        " Speak to the requester only. Ask how and when the person will be told."
        " Cancer, now or before."
        " Some cells can grow into tumours; trials leave people with cancer out. Doctor first."
    )
    assert section(shown, "unsure") == ("Answered “not sure”: ask again, gently Pregnancy Able to travel")
    text = shown.content.decode()
    assert text.index('id="care"') < text.index('id="contact"') < text.index('id="next"')


@pytest.mark.parametrize(
    ("name", "answer", "warned"),
    [
        ("cancer", "yes", "Cancer, now or before"),
        ("pregnancy", "yes", "Pregnancy"),
        ("seizures", "yes", "Seizures"),
        ("blood_thinners", "yes", "Blood thinners"),
        ("other_brain_disease", "yes", "Another disease of the brain"),
        ("can_decide", "no", "The person cannot decide for themself"),
        ("can_travel", "no", "The person cannot travel"),
    ],
)
def test_each_safety_answer_that_matters_calls_for_care(now, name, answer, warned):
    lead = builders.lead(now=now, **{name: answer})
    assert [str(item.answer) for item in desk.care(lead)] == [warned]


def test_answers_without_danger_call_for_nothing(as_coordinator, today):
    shown = as_coordinator.get(page(builders.lead(now=today)))
    assert (section(shown, "care"), section(shown, "unsure")) == (None, None)


def test_the_contact_rules_are_one_sentence_with_the_time_there(now):
    lead = builders.lead(
        now=now,
        channel="message",
        phone="+4930123456",
        hours="morning",
        time_zone="Asia/Dubai",
        do_not_phone=True,
    )
    assert desk.contact_rules(lead, now=now) == desk.ContactRules(
        address="+4930123456",
        link="sms:+4930123456",
        rule="By text message only, in the morning (8 to 12), Asia/Dubai time",
        do_not_phone=True,
        keeps_hours=True,
        there="Friday, 16:00",
        within_hours=False,
    )


def test_a_letter_by_e_mail_keeps_no_hours(as_coordinator, now):
    lead = builders.lead(now=now, email="ada+quote@home.example", hours="evening", time_zone="")
    rules = desk.contact_rules(lead, now=now)
    assert (rules.rule, rules.link, rules.keeps_hours) == (
        "By e-mail only",
        "mailto:ada+quote@home.example",
        False,
    )
    assert section(as_coordinator.get(page(lead)), "contact").endswith(
        "ada+quote@home.example By e-mail only."
    )


def test_the_hours_they_chose_are_theirs_not_ours(now):
    lead = builders.lead(now=now, hours="morning", time_zone="America/New_York")
    rules = desk.contact_rules(lead, now=now)
    assert (rules.there, rules.within_hours) == ("Friday, 07:00", False)
    rules = desk.contact_rules(lead, now=now + dt.timedelta(hours=1))
    assert (rules.there, rules.within_hours) == ("Friday, 08:00", True)


@pytest.mark.parametrize(
    ("hours", "first", "last"),
    [("any", 8, 20), ("morning", 8, 12), ("afternoon", 12, 17), ("evening", 17, 20)],
)
def test_the_hours_they_chose_begin_and_end_on_the_hour(now, hours, first, last):
    lead = builders.lead(now=now, hours=hours, time_zone="Europe/London")
    minute, begins, ends = dt.timedelta(minutes=1), now.replace(hour=first), now.replace(hour=last)
    moments = (begins - minute, begins, ends - minute, ends)
    assert [desk.contact_rules(lead, now=moment).within_hours for moment in moments] == [
        *(False, True),
        *(True, False),
    ]


@pytest.mark.parametrize(("channel", "link"), [("phone", "tel:+4930123456"), ("message", "sms:+4930123456")])
def test_who_chose_the_telephone_is_reached_by_telephone(now, channel, link):
    lead = builders.lead(now=now, channel=channel, phone="+4930123456")
    assert desk.contact_rules(lead, now=now).link == link


@pytest.mark.parametrize("zone", ["Nowhere/Land", "../etc/passwd", "", "America"])
def test_an_unknown_time_zone_is_said_to_be_unknown(now, zone):
    lead = builders.lead(now=now)
    lead.time_zone = zone
    rules = desk.contact_rules(lead, now=now)
    assert (rules.there, rules.within_hours) == ("", False)


def test_who_lives_elsewhere_has_no_time_before_they_are_asked(as_coordinator, now):
    lead = builders.lead(now=now, channel="phone", phone="+4930123456", time_zone="", hours="evening")
    assert desk.contact_rules(lead, now=now).rule == (
        "By phone call only, in the evening (17 to 20), in a time zone that they have yet to tell us"
    )
    told = section(as_coordinator.get(page(lead)), "contact")
    assert told.endswith("Their time zone is not known here: ask before you call.")


def test_every_answer_stands_on_the_page_in_words(as_coordinator, today):
    lead = builders.lead(
        now=today,
        for_whom="other",
        relationship="sibling",
        person_knows="yes",
        months_since_stroke=None,
        affected=["arm", "speech"],
        destination=builders.destination(name="Germany"),
        message="Can we <b>talk</b>?",
        phone="+4930123456",
        companions=2,
        language="en",
    )
    sections = as_coordinator.get(page(lead)).context_data["sections"]
    assert [(str(part.title), {row.label: str(row.value) for row in part.rows}) for part in sections] == [
        ("Who it is for", {
            "For whom": "For somebody else",
            "Relationship": "Sister or brother",
            "The person knows": "Yes",
        }),
        ("The stroke", {
            "Type of stroke": "A clot (ischaemic)",
            "Time since the stroke": "Not sure",
            "What is affected": "Arm or hand, Speech or understanding",
            "Daily help": "Some help",
        }),
        ("Safety", {
            "Other brain disease": "No",
            "Seizures": "No",
            "Cancer now or before": "No",
            "Blood thinners": "No",
            "Pregnancy": "No",
            "Able to decide": "Yes",
            "Able to travel": "Yes",
        }),
        ("What is wished for", {
            "Treatment": "Not sure",
            "Destination": "Germany",
            "When": "Later, or only finding out",
            "Companions": "2",
            "Anything else": "Can we <b>talk</b>?",
        }),
        ("Contact", {
            "Name": "Ada Example",
            "E-mail": lead.email,
            "Home country": "United Kingdom",
            "Phone": "+49 30 123456",
            "Do not phone": "No",
            "Contact by": "E-mail",
            "Hours": "Any time in the day",
            "Time zone": "London, Dublin, Lisbon",
            "Language": "English",
        }),
    ]  # fmt: skip
    assert "Can we &lt;b&gt;talk&lt;/b&gt;?" in as_coordinator.get(page(lead)).content.decode()


@pytest.mark.parametrize(
    ("code", "said"),
    [("en", "English"), ("en-gb", "British English"), ("ar", "Arabic – العربيّة"), ("xx", "xx")],
)
def test_a_language_stands_under_the_name_that_both_sides_know(now, code, said):
    assert summary.words(builders.lead(now=now, language=code), "language") == said


def test_what_is_personal_is_on_the_page_or_left_out_knowingly():
    shown = {name for _step, _title, names in summary.SUBJECTS for name in names}
    assert set(QuoteRequest.PERSONAL) - shown == set()


def test_a_lead_shows_its_time_line_consents_letters_and_history(as_coordinator, coordinator, today):
    lead = builders.lead(now=today, news=True)
    pipeline.assign(lead, coordinator, by=coordinator, now=today)
    pipeline.move(lead, Stage.IN_TOUCH, by=coordinator, now=today)
    pipeline.withdraw(lead, now=today)
    at = timezone.localtime(today).strftime("%-d %B %Y, %H:%M")
    shown = as_coordinator.get(page(lead))
    assert section(shown, "steps") == (
        f"Time line {at} Received the requester {at} In touch Cora Ordway"
        f" {at} Withdrawn by the requester the requester"
    )
    assert section(shown, "consents") == (
        f"Consents Use of health answers for the quote: given, {at}, text of 2026-11-20"
        f" E-mails when the evidence changes: given, {at}, text of 2026-11-20"
        f" Use of health answers for the quote: withdrawn, {at}, text of 2026-11-20"
        f" E-mails when the evidence changes: withdrawn, {at}, text of 2026-11-20"
    )
    assert section(shown, "letters") == (
        f"Letters To the requester: request received: waiting, written {at}"
        f" To staff: request received: waiting, written {at}"
        f" To the requester: request withdrawn: waiting, written {at}"
        f" To staff: request withdrawn: waiting, written {at}"
    )
    assert section(shown, "history") == (
        f"History {at}: the requester took the request back"
        f" {at}: Cora Ordway (Coordinator) moved it from “received” to “in touch”"
        f" {at}: Cora Ordway (Coordinator) gave it to Cora Ordway"
        f" {at}: the requester sent the request The whole history"
    )


def test_every_letter_about_a_lead_has_words_here(coordinator, today):
    withdrawn, closed = builders.lead(now=today), builders.lead(now=today)
    contact.renew_link(closed, by=coordinator, now=today)
    pipeline.withdraw(withdrawn, now=today)
    pipeline.move(closed, Stage.CLOSED, by=coordinator, now=today, reason="done")
    sent = set(OutboxMessage.objects.values_list("template", flat=True))
    assert sent == set(desk.LETTERS)


def test_opening_is_recorded_and_shown_to_the_next_reader(as_coordinator, today):
    lead = builders.lead(now=today)
    assert section(as_coordinator.get(page(lead)), "openings") == "Who opened this lead Nobody before you"
    as_coordinator.get(page(lead))
    assert made_of("lead.opened") == [(str(lead.pk), {})]
    at = timezone.localtime(AuditEvent.objects.latest("pk").at).strftime("%-d %B %Y, %H:%M")
    shown = section(as_coordinator.get(page(lead)), "openings")
    assert shown == f"Who opened this lead Cora Ordway (Coordinator): once, last {at}"


def test_a_button_and_the_return_after_it_are_no_new_opening(as_coordinator, today):
    lead = builders.lead(now=today)
    as_coordinator.get(page(lead))
    as_coordinator.post(act(lead, "take"), {"text": "Mine."}, follow=True)
    as_coordinator.post(act(lead, "move"), {"seen": "received", "to": "in_touch"}, follow=True)
    as_coordinator.post(act(lead, "move"), {"seen": "received", "to": "in_touch"})
    assert made_of("lead.opened") == [(str(lead.pk), {})]


def test_whoever_acts_without_having_looked_has_opened_it_all_the_same(as_coordinator, today):
    lead = builders.lead(now=today)
    as_coordinator.post(act(lead, "take"), follow=True)
    assert made_of("lead.opened") == [(str(lead.pk), {})]


@pytest.mark.parametrize("address", ["999999/change/", "abc/change/", "add/"])
def test_what_was_not_shown_is_not_recorded(as_coordinator, address):
    as_coordinator.get(LIST + address)
    assert made_of("lead.opened") == []


def test_a_lead_page_costs_the_same_queries_with_one_note_and_ten(as_coordinator, coordinator, today):
    lead = builders.lead(now=today)
    pipeline.add_note(lead, "one", by=coordinator, now=today)
    pipeline.assign(lead, coordinator, by=coordinator, now=today)
    as_coordinator.get(page(lead))  # records the opening, which coming back does not
    with_one = queries(lambda: as_coordinator.get(page(lead)))
    for number in range(9):
        pipeline.add_note(lead, f"note {number}", by=coordinator, now=today)
        for holder in (None, coordinator):
            pipeline.assign(lead, holder, by=coordinator, now=today)
    assert queries(lambda: as_coordinator.get(page(lead))) == with_one


@pytest.mark.parametrize("name", ["name", "stage", "cancer"])
def test_answers_cannot_be_posted_to_a_lead(as_manager, today, name):
    lead = builders.lead(now=today)
    before = QuoteRequest.objects.filter(pk=lead.pk).values().get()
    assert as_manager.post(page(lead), {name: "closed"}).status_code == 403
    assert QuoteRequest.objects.filter(pk=lead.pk).values().get() == before


# --- What staff do with it ----------------------------------------------------------------------


def test_buttons_are_there_only_for_allowed_moves(as_coordinator, today):
    lead = builders.lead(now=today)
    offered = {}
    for stage in Stage:
        set_stage(lead, stage)
        text = as_coordinator.get(page(lead)).content.decode()
        offered[stage] = re.findall(r'name="to"\s+value="(\w+)"', text)
    assert offered == {stage: [to.value for to in pipeline.ALLOWED[stage]] for stage in Stage}


def test_moving_a_lead_moves_it_once_and_says_so(as_coordinator, coordinator, today):
    lead = builders.lead(now=today)
    shown = as_coordinator.post(act(lead, "move"), {"seen": "received", "to": "in_touch"}, follow=True)
    lead.refresh_from_db()
    assert (lead.stage, said(shown)) == ("in_touch", ["Moved to “in touch”."])
    assert list(lead.stage_changes.values_list("from_stage", "to_stage", "by")) == [
        ("", "received", None),
        ("received", "in_touch", coordinator.pk),
    ]


def test_beside_each_move_stands_what_the_requester_will_read(as_coordinator, today):
    lead = builders.lead(now=today)
    next_word = pipeline.next_word_on(today).strftime("%-d %B %Y")
    shown = section(as_coordinator.get(page(lead)), "next")
    assert shown == (
        "Next step"
        " Move to “in touch” They will read: We are in touch with you."
        f" If you have heard nothing by {next_word}, please write to us."
        " Move to “waiting for the requester” They will read: We are waiting for your answer."
        " We asked you something. Your request stays open until you answer. There is no hurry."
        " Move to “quote being prepared” They will read: We are preparing your quote."
        f" If you have heard nothing by {next_word}, please write to us."
        " Close this request Why? They read the words beneath it on their page and in a letter."
        " The requester has what was asked for We closed it because you have what you asked for."
        " The requester asked us to We closed it because you asked us to."
        " No answer from the requester We closed it because we have not heard from you."
        " That is all right: you can go on at any time."
        " We cannot make this quote We closed it because we cannot make this quote. We are sorry."
        " If you do not know why, ask us."
        " The same was asked in another request We closed it because you asked for the same in another"
        " request. We go on with that one. Close and send the letter"
    )


@pytest.mark.parametrize("to", ["in_touch", "waiting", "preparing", "quoted", "withdrawn"])
def test_what_stands_beside_a_button_is_what_the_requester_then_reads(now, to):
    lead = builders.lead(now=now)
    set_stage(lead, "closed" if to == "in_touch" else "preparing")
    if to == "preparing":
        set_stage(lead, "quoted")
    lead.refresh_from_db()
    said = desk.would_read(lead, Stage(to), now=now)
    if to == "withdrawn":
        pipeline.withdraw(lead, now=now)
    else:
        pipeline.move(lead, to, by=None, now=now)
    status = progress.status(QuoteRequest.objects.get(), now=now)
    assert said == f"{status.title}. {status.following}"


def test_closing_without_a_reason_is_refused_and_asks_for_it(as_coordinator, today):
    lead = builders.lead(now=today)
    shown = as_coordinator.post(act(lead, "move"), {"seen": "received", "to": "closed", "text": "No answer."})
    lead.refresh_from_db()
    assert (shown.status_code, lead.stage) == (409, "received")
    assert said(shown) == ["Say why the request is closed. The requester reads it."]
    assert '<details class="more-steps" open>' in shown.content.decode()
    assert "No answer.</textarea>" in shown.content.decode()


def test_a_lead_is_closed_for_the_reason_chosen(as_coordinator, today):
    lead = builders.lead(now=today)
    fields = {"seen": "received", "to": "closed", "reason": "no_answer"}
    shown = as_coordinator.post(act(lead, "move"), fields, follow=True)
    assert said(shown) == ["Moved to “closed”."]
    assert lead.stage_changes.last().reason == "no_answer"
    assert section(shown, "steps").endswith("Closed, no answer from the requester Cora Ordway")


# Every button of the page, with what its form sends besides the note.
BUTTONS = {
    "move": {"seen": "received", "to": "in_touch"},
    "take": {},
    "assign": {"assignee": ""},
    "link": {},
    "news": {},
    "withdraw": {},
}


@pytest.mark.parametrize("verb", [*BUTTONS, "answered"])
def test_a_note_typed_beside_any_button_is_saved_with_it(as_manager, manager, today, verb):
    lead = builders.lead(now=today)
    if verb == "answered":
        pipeline.move(lead, Stage.IN_TOUCH, by=manager, now=today - dt.timedelta(days=5))
    fields = BUTTONS.get(verb, {}) | {"text": " Asked for the scan. "}
    shown = as_manager.post(act(lead, verb), fields, follow=True)
    assert list(lead.notes.values_list("author", "text")) == [(manager.pk, "Asked for the scan.")]
    assert [message.endswith(" Note saved.") for message in said(shown)] == [True]


@pytest.mark.parametrize("verb", BUTTONS)
def test_with_a_note_that_is_too_long_a_button_does_nothing(as_manager, today, verb):
    lead = builders.lead(now=today)
    before = QuoteRequest.objects.values().get()
    shown = as_manager.post(act(lead, verb), BUTTONS[verb] | {"text": "x" * 4001})
    assert (shown.status_code, QuoteRequest.objects.values().get()) == (422, before)
    assert "x" * 4001 in shown.content.decode()
    assert Note.objects.count() == 0


def test_a_refused_move_keeps_the_note_in_its_box_and_saves_none(as_coordinator, manager, today):
    lead = builders.lead(now=today)
    pipeline.move(lead, Stage.PREPARING, by=manager, now=today)
    fields = {"seen": "received", "to": "in_touch", "text": "Asked for the scan."}
    shown = as_coordinator.post(act(lead, "move"), fields)
    assert (shown.status_code, Note.objects.count()) == (409, 0)
    assert "Asked for the scan.</textarea>" in shown.content.decode()
    assert 'name="seen" value="preparing"' in shown.content.decode()


@pytest.mark.parametrize("verb", [*BUTTONS, "answered", "note"])
def test_an_address_of_a_button_opened_again_leads_back_and_says_so(as_coordinator, today, verb):
    lead = builders.lead(now=today)
    before = QuoteRequest.objects.values().get()
    shown = as_coordinator.get(act(lead, verb), follow=True)
    assert shown.redirect_chain == [(page(lead), 302)]
    assert said(shown) == ["Nothing was saved: you had been signed out, or the page was opened again."]
    assert QuoteRequest.objects.values().get() == before


@pytest.mark.parametrize("to", ["withdrawn", "received", "nonsense", ""])
def test_a_move_that_is_not_allowed_is_refused_with_a_message(as_coordinator, today, to):
    lead = builders.lead(now=today)
    shown = as_coordinator.post(act(lead, "move"), {"seen": "received", "to": to}, follow=True)
    lead.refresh_from_db()
    assert (lead.stage, lead.stage_changes.count(), len(said(shown))) == ("received", 1, 1)


def test_a_page_that_is_out_of_date_moves_nothing(as_coordinator, manager, today):
    lead = builders.lead(now=today)
    pipeline.move(lead, Stage.PREPARING, by=manager, now=today)
    fields = {"seen": "received", "to": "closed", "reason": "done"}
    shown = as_coordinator.post(act(lead, "move"), fields, follow=True)
    lead.refresh_from_db()
    assert (lead.stage, said(shown)) == (
        "preparing",
        ["Nothing was changed: this lead is now “quote being prepared”. Look at it again, then move it."],
    )


def test_a_coordinator_takes_a_free_lead(as_coordinator, coordinator, today):
    lead = builders.lead(now=today)
    shown = as_coordinator.post(act(lead, "take"), follow=True)
    lead.refresh_from_db()
    assert (lead.assignee, said(shown)) == (coordinator, ["This lead is yours now."])


def test_a_coordinator_does_not_take_a_lead_from_a_colleague(as_coordinator, manager, today):
    lead = builders.lead(now=today)
    pipeline.assign(lead, manager, by=manager, now=today)
    shown = as_coordinator.post(act(lead, "take"), follow=True)
    lead.refresh_from_db()
    assert (lead.assignee, said(shown)) == (manager, ["Not taken: this lead is with mani."])


def test_the_page_carries_who_had_the_lead(as_manager, coordinator, today):
    lead = builders.lead(now=today)
    for holder, carried in ((None, ""), (coordinator, str(coordinator.pk))):
        QuoteRequest.objects.update(assignee=holder)
        field = f'<input type="hidden" name="seen_assignee" value="{carried}">'
        assert field in as_manager.get(page(lead)).content.decode()


@pytest.mark.parametrize(
    ("verb", "refusal"),
    [
        ("assign", "Not assigned: this lead is with Cora Ordway now. Look at it again, then assign it."),
        ("take", "Not taken: this lead is with Cora Ordway."),
    ],
)
def test_a_page_that_is_out_of_date_gives_the_lead_to_nobody_else(
    as_manager, coordinator, manager, today, verb, refusal
):
    lead = builders.lead(now=today)
    pipeline.assign(lead, coordinator, by=coordinator, now=today)
    fields = {"seen_assignee": "", "assignee": manager.pk, "text": "She asked for me."}
    shown = as_manager.post(act(lead, verb), fields)
    lead.refresh_from_db()
    assert (shown.status_code, lead.assignee, said(shown)) == (409, coordinator, [refusal])
    assert (Note.objects.count(), shown.context_data["note_form"].data["text"]) == (0, "She asked for me.")


def test_a_page_that_shows_who_has_the_lead_gives_it_to_another(as_manager, coordinator, manager, today):
    lead = builders.lead(now=today)
    pipeline.assign(lead, coordinator, by=coordinator, now=today)
    shown = as_manager.post(act(lead, "take"), {"seen_assignee": coordinator.pk}, follow=True)
    lead.refresh_from_db()
    assert (lead.assignee, said(shown)) == (manager, ["This lead is yours now."])


def test_a_coordinator_passes_their_own_lead_on_and_releases_it(as_coordinator, coordinator, manager, today):
    lead = builders.lead(now=today)
    for holder, name in ((manager, "mani"), (None, "nobody")):
        QuoteRequest.objects.update(assignee=coordinator)
        fields = {"seen_assignee": coordinator.pk, "assignee": holder.pk if holder else ""}
        shown = as_coordinator.post(act(lead, "assign"), fields, follow=True)
        lead.refresh_from_db()
        assert (lead.assignee, said(shown)) == (holder, [f"This lead is with {name} now."])


def test_a_coordinator_does_not_give_away_what_is_not_theirs(as_coordinator, coordinator, manager, today):
    lead = builders.lead(now=today)
    for holder, name in ((manager, "mani"), (None, "nobody")):
        QuoteRequest.objects.update(assignee=holder)
        assert b'name="assignee"' not in as_coordinator.get(page(lead)).content
        shown = as_coordinator.post(act(lead, "assign"), {"assignee": coordinator.pk})
        lead.refresh_from_db()
        assert (lead.assignee, said(shown)) == (holder, [f"Not assigned: this lead is with {name}."])


def test_giving_a_lead_to_whom_has_it_changes_nothing_and_says_so(as_manager, coordinator, today):
    lead = builders.lead(now=today)
    for _again in range(2):
        shown = as_manager.post(act(lead, "assign"), {"assignee": coordinator.pk}, follow=True)
    assert said(shown)[-1] == "This lead stays with Cora Ordway."
    assert made_of("lead.assigned") == [(str(lead.pk), {"assignee": coordinator.pk})]


def left(member):
    type(member).objects.filter(pk=member.pk).update(is_active=False)


@pytest.mark.parametrize("leave", [left, lambda member: member.groups.clear()], ids=["left", "other work"])
def test_who_no_longer_works_leads_is_shown_as_such_and_stays_chosen(as_manager, coordinator, today, leave):
    lead = builders.lead(now=today)
    pipeline.assign(lead, coordinator, by=coordinator, now=today)
    leave(coordinator)
    shown = as_manager.get(page(lead))
    assert "Assigned to Cora Ordway (no longer here)" in section(shown, "who")
    chosen = f'<option value="{coordinator.pk}" selected>Cora Ordway (no longer here)</option>'
    assert chosen in shown.content.decode()
    assert "Cora Ordway (no longer here)" in cells(as_manager.get(LIST))
    again = as_manager.post(act(lead, "assign"), {"assignee": coordinator.pk}, follow=True)
    assert said(again) == ["This lead stays with Cora Ordway."]


def test_a_superuser_who_took_a_lead_is_still_here(admin_client, admin_user, today):
    lead = builders.lead(now=today)
    admin_client.post(act(lead, "take"))
    name = desk.called(admin_user)
    assert f"Assigned to {name} " in f"{section(admin_client.get(page(lead)), 'who')} "


def test_taking_twice_is_taking_once(as_coordinator, coordinator, today):
    lead = builders.lead(now=today)
    as_coordinator.post(act(lead, "take"))
    shown = as_coordinator.post(act(lead, "take"), follow=True)
    assert said(shown)[-1] == "This lead is yours already."
    assert made_of("lead.assigned") == [(str(lead.pk), {"assignee": coordinator.pk})]


def test_a_manager_gives_a_lead_to_a_colleague_and_to_nobody(as_manager, coordinator, today):
    lead = builders.lead(now=today)
    shown = as_manager.post(act(lead, "assign"), {"assignee": coordinator.pk}, follow=True)
    lead.refresh_from_db()
    assert (lead.assignee, said(shown)) == (coordinator, ["This lead is with Cora Ordway now."])
    fields = {"seen_assignee": coordinator.pk, "assignee": ""}
    shown = as_manager.post(act(lead, "assign"), fields, follow=True)
    lead.refresh_from_db()
    assert (lead.assignee, said(shown)) == (None, ["This lead is with nobody now."])


def test_only_active_coordinators_and_managers_are_given_leads(as_manager, coordinator, manager, today):
    others = [
        builders.staff(roles.EDITOR),
        builders.staff(roles.AUDITOR),
        builders.staff(roles.COORDINATOR, is_active=False),
        builders.staff(roles.COORDINATOR, is_staff=False),
    ]
    lead = builders.lead(now=today)
    form = as_manager.get(page(lead)).context_data["assign_form"]
    assert list(form.fields["assignee"].queryset) == [coordinator, manager]
    for other in others:
        as_manager.post(act(lead, "assign"), {"assignee": other.pk})
    lead.refresh_from_db()
    assert lead.assignee is None


def test_a_note_is_kept_with_its_author(as_coordinator, coordinator, today):
    lead = builders.lead(now=today)
    shown = as_coordinator.post(act(lead, "note"), {"text": " Asked for the <scan>. "}, follow=True)
    assert list(Note.objects.values_list("lead", "author", "text")) == [
        (lead.pk, coordinator.pk, "Asked for the <scan>.")
    ]
    assert said(shown) == ["Note saved."]
    assert "Asked for the &lt;scan&gt;." in shown.content.decode()


def test_a_note_sent_twice_is_kept_once_and_that_is_said(as_coordinator, today):
    lead = builders.lead(now=today)
    for _press in range(2):
        shown = as_coordinator.post(act(lead, "note"), {"text": "Asked for the scan."}, follow=True)
    assert (shown.redirect_chain, lead.notes.count()) == ([(page(lead), 302)], 1)
    assert said(shown)[-1] == "You wrote this same note a moment ago. It is kept once."


def test_a_button_beside_a_note_that_was_just_written_does_nothing(as_coordinator, coordinator, today):
    lead = builders.lead(now=today)
    pipeline.add_note(lead, "Asked for the scan.", by=coordinator, now=today)
    fields = {"seen": "received", "to": "in_touch", "text": "Asked for the scan."}
    shown = as_coordinator.post(act(lead, "move"), fields)
    lead.refresh_from_db()
    assert (shown.status_code, lead.stage, lead.notes.count()) == (409, "received", 1)
    assert said(shown) == [
        "You wrote this same note a moment ago. It is kept once."
        " Nothing else was done: empty the note, then press again."
    ]


def test_a_note_that_is_refused_shows_the_lead_and_that_is_recorded(as_coordinator, coordinator, today):
    lead = builders.lead(now=today)
    assert as_coordinator.post(act(lead, "note"), {"text": " "}).status_code == 422
    assert made_of("lead.opened") == [(str(lead.pk), {})]


def test_an_empty_note_is_refused_at_its_place(as_coordinator, today):
    lead = builders.lead(now=today)
    shown = as_coordinator.post(act(lead, "note"), {"text": "  "})
    assert (shown.status_code, Note.objects.count()) == (422, 0)
    assert shown.content.decode().count("Write the note first. Nothing was saved.") == 2


def test_a_note_that_is_too_long_is_kept_in_its_box(as_coordinator, today):
    lead = builders.lead(now=today)
    shown = as_coordinator.post(act(lead, "note"), {"text": "x" * 4001})
    assert (shown.status_code, Note.objects.count()) == (422, 0)
    assert "x" * 4001 in shown.content.decode()


def test_acting_leads_back_to_the_lead_with_the_list_it_came_from(as_coordinator, today):
    lead = builders.lead(now=today)
    came_from = "?_changelist_filters=assignee%3Dnobody"
    answer = as_coordinator.post(act(lead, "take") + came_from)
    assert (answer.status_code, answer["Location"]) == (302, page(lead) + came_from)


ALL_VERBS = [*BUTTONS, "answered", "note", "contact"]


@pytest.mark.parametrize("verb", ALL_VERBS)
def test_a_lead_that_is_not_there_answers_404(as_manager, verb):
    assert as_manager.post(f"{LIST}999999/{verb}/").status_code == 404


class NobodysLeads(LeadAdmin):
    """As a rule about which leads somebody may see would make it."""

    def get_queryset(self, request):
        return super().get_queryset(request).none()


@pytest.mark.parametrize("verb", ["work", "assign"])
def test_who_may_not_see_a_lead_may_do_nothing_with_it(rf, manager, today, verb):
    lead = builders.lead(now=today)
    request = rf.post("/")
    request.user = manager
    assert LeadAdmin(QuoteRequest, site).lead_for(request, lead.pk, verb) == lead
    with pytest.raises(Http404):
        NobodysLeads(QuoteRequest, site).lead_for(request, lead.pk, verb)


@pytest.mark.parametrize("verb", ALL_VERBS)
def test_without_the_token_of_the_form_nothing_happens(client, manager, today, verb):
    lead = builders.lead(now=today)
    client.handler.enforce_csrf_checks = True
    client.force_login(manager)
    before = QuoteRequest.objects.values().get()
    fields = {"seen": "received", "to": "closed", "reason": "done", "text": "x", "assignee": manager.pk}
    client.post(act(lead, verb), fields | correction(lead, name="B"))
    assert (QuoteRequest.objects.values().get(), Note.objects.count()) == (before, 0)
    assert lead.links.get().revoked_at is None


def offered(shown):
    return list(shown.context_data["assign_form"].fields["assignee"].queryset)


def test_leads_are_given_to_whoever_may_work_them_whatever_their_group_is_called(
    as_manager, coordinator, manager, today
):
    lead = builders.lead(now=today)
    Group.objects.filter(name=roles.COORDINATOR).update(name="Advisers")
    helper = builders.staff(username="helper")
    helper.user_permissions.add(Permission.objects.get(codename="work_quoterequest"))
    assert offered(as_manager.get(page(lead))) == [coordinator, helper, manager]
    shown = as_manager.post(act(lead, "assign"), {"assignee": coordinator.pk}, follow=True)
    assert "Assigned to Cora Ordway " in f"{section(shown, 'who')} "


def test_a_group_that_may_no_longer_work_leads_is_given_none(as_manager, coordinator, manager, today):
    lead = builders.lead(now=today)
    pipeline.assign(lead, manager, by=manager, now=today)
    group = Group.objects.get(name=roles.COORDINATOR)
    group.permissions.remove(Permission.objects.get(codename="work_quoterequest"))
    assert offered(as_manager.get(page(lead))) == [manager]
    with pytest.raises(pipeline.PipelineError):
        pipeline.assign(lead, coordinator, by=manager, now=today)


# --- What the requester asked for ---------------------------------------------------------------


def correction(lead, **changes):
    """What the page of correcting sends."""
    typed = {name: getattr(lead, name) for name in contact.CONTACT}
    typed |= {"opened": contact.stamp(lead), "reason": "She told me."} | changes
    return {name: value for name, value in typed.items() if value is not False}


def test_a_new_private_link_goes_out_by_a_button(as_coordinator, today):
    lead = builders.lead(now=today)
    shown = as_coordinator.post(act(lead, "link"), follow=True)
    assert said(shown) == [
        "A letter with a new private link goes to the requester. The old link opens nothing any more."
    ]
    assert OutboxMessage.objects.filter(template="quotes/new_link", to_address=lead.email).count() == 1
    assert "cora" not in section(shown, "history").replace("cora (", "")
    assert "sent a new private link" in section(shown, "history")


def test_a_request_is_withdrawn_for_whom_asked(as_coordinator, coordinator, today):
    lead = builders.lead(now=today)
    shown = as_coordinator.post(act(lead, "withdraw"), follow=True)
    lead.refresh_from_db()
    assert (lead.stage, said(shown)) == ("withdrawn", ["Withdrawn, as the requester asked."])
    assert "took it back because the requester asked" in section(shown, "history")
    assert "Withdraw the request for them" not in section(shown, "asked")


def test_the_e_mails_about_the_evidence_are_stopped_for_whom_wrote(as_coordinator, coordinator, today):
    lead = builders.lead(now=today, news=True)
    offered = section(as_coordinator.get(page(lead)), "asked")
    shown = as_coordinator.post(act(lead, "news"), follow=True)
    assert said(shown) == ["They get no more e-mails about the evidence."]
    assert lead.consents.order_by("pk").values_list("kind", "given").last() == ("news", False)
    stopped = AuditEvent.objects.get(action="lead.news_stopped")
    assert stopped.actor_id == coordinator.pk
    button = "Stop their e-mails about the evidence"
    assert [button in offered, button in section(shown, "asked")] == [True, False]


def test_an_answer_renews_the_promise_by_a_button(as_coordinator, coordinator, today):
    lead = builders.lead(now=today - dt.timedelta(days=9))
    pipeline.move(lead, Stage.IN_TOUCH, by=coordinator, now=today - dt.timedelta(days=9))
    shown = as_coordinator.post(act(lead, "answered"), follow=True)
    lead.refresh_from_db()
    until = pipeline.next_word_on(today)
    assert (lead.stage, lead.answer_due_on) == ("in_touch", until)
    day = until.strftime("%-d %B %Y")
    assert said(shown) == [f"They are promised the next word by {day}."]
    assert f"answered, and promised the next word by {day}" in section(shown, "history")


@pytest.mark.parametrize("stage", sorted(set(Stage) - {Stage.IN_TOUCH, Stage.PREPARING}))
def test_where_there_is_no_promise_no_button_renews_it(as_coordinator, today, stage):
    lead = builders.lead(now=today)
    set_stage(lead, stage)
    assert "We answered" not in section(as_coordinator.get(page(lead)), "next")
    assert as_coordinator.post(act(lead, "answered")).status_code == 409


def test_a_contact_is_corrected_by_the_rules_of_the_form(as_coordinator, today):
    lead = builders.lead(now=today, country="GB")
    typed = correction(lead, name="Ada Exemple", phone="020 7946 0018", channel="phone", hours="morning")
    shown = as_coordinator.post(act(lead, "contact"), typed, follow=True)
    assert said(shown) == ["Corrected."]
    lead.refresh_from_db()
    assert (lead.name, lead.phone, lead.channel, lead.hours) == (
        "Ada Exemple",
        "+442079460018",
        "phone",
        "morning",
    )
    assert "corrected: Contact by, Hours, Name, Phone" in section(shown, "history")
    assert "She told me." in section(shown, "notes-title")


def test_the_page_of_correcting_shows_what_is_there(as_coordinator, today):
    lead = builders.lead(now=today, phone="+442079460018", time_zone="Asia/Dubai", do_not_phone=True)
    form = as_coordinator.get(act(lead, "contact")).context_data["form"]
    assert set(form.fields) == {*contact.CONTACT, "reason", "opened"}
    assert {name: form[name].value() for name in contact.CONTACT} == {
        name: getattr(lead, name) for name in contact.CONTACT
    }
    assert made_of("lead.opened") == [(str(lead.pk), {})]


def test_correcting_nothing_else_leaves_a_time_zone_that_is_not_known(as_coordinator, today):
    lead = builders.lead(now=today, time_zone="")
    form = as_coordinator.get(act(lead, "contact")).context_data["form"]
    shown = [*contact.CONTACT, "opened"]
    typed = {name: form[name].value() for name in shown if form[name].value() is not False}
    as_coordinator.post(act(lead, "contact"), typed | {"name": "B", "reason": "Asked."})
    assert made_of("lead.contact_corrected") == [
        (str(lead.pk), {"fields": ["name"], "note": Note.objects.get().pk})
    ]


@pytest.mark.parametrize(
    ("changes", "refused"),
    [
        ({"email": "ada@"}, "Write an e-mail address like name@example.org."),
        ({"phone": "12"}, "Write the whole phone number, like 020 7946 0018 or +44 20 7946 0018."),
        ({"channel": "phone"}, "Write a phone number, or choose e-mail."),
        ({"name": "B", "reason": " "}, "Say why this is corrected."),
        ({}, "Nothing was changed: all of this is as it was."),
    ],
)
def test_a_correction_that_the_form_would_refuse_is_refused(as_coordinator, today, changes, refused):
    lead = builders.lead(now=today)
    before = QuoteRequest.objects.values().get()
    shown = as_coordinator.post(act(lead, "contact"), correction(lead, **changes))
    assert shown.status_code == 422
    assert refused in words(shown.content.decode())
    assert (QuoteRequest.objects.values().get(), Note.objects.count()) == (before, 0)


@pytest.fixture
def overtaken(as_coordinator, today):
    """A page that was opened with the mistyped address; then a colleague put the address right."""
    lead = builders.lead(now=today, email="ada@hmoe.example")
    typed = correction(lead, name="Ada Exemple")
    as_coordinator.post(act(lead, "contact"), correction(lead, email="ada@home.example"))
    return lead, typed


def test_a_page_opened_before_a_colleagues_correction_does_not_undo_it(as_coordinator, overtaken):
    lead, typed = overtaken
    letters = OutboxMessage.objects.count()
    shown = as_coordinator.post(act(lead, "contact"), typed)
    assert shown.status_code == 409
    kept = QuoteRequest.objects.get()
    assert (kept.name, kept.email) == (lead.name, "ada@home.example")
    assert OutboxMessage.objects.count() == letters


def test_who_was_overtaken_reads_what_it_is_now_beside_what_was_typed(as_coordinator, overtaken):
    lead, typed = overtaken
    shown = as_coordinator.post(act(lead, "contact"), typed)
    form = shown.context_data["form"]
    assert [(row.field, row.value) for row in form.as_it_is] == [
        ("name", lead.name),
        ("email", "ada@home.example"),
    ]
    assert [form[name].value() for name in ("name", "email", "reason")] == [
        "Ada Exemple",
        "ada@hmoe.example",
        "She told me.",
    ]
    read = words(shown.content.decode())
    assert "This was corrected after you opened the page, by a colleague" in read
    assert "ada@home.example" in read


def test_saving_again_after_reading_that_is_a_choice(as_coordinator, overtaken):
    lead, typed = overtaken
    form = as_coordinator.post(act(lead, "contact"), typed).context_data["form"]
    again = typed | {"opened": form["opened"].value(), "email": "ada@home.example"}
    assert as_coordinator.post(act(lead, "contact"), again).status_code == 302
    assert QuoteRequest.objects.values_list("name", "email").get() == ("Ada Exemple", "ada@home.example")


def test_a_correction_that_says_nothing_of_the_page_it_was_typed_on_is_refused(as_coordinator, today):
    lead = builders.lead(now=today)
    typed = correction(lead, name="Ada Exemple", opened="")
    assert as_coordinator.post(act(lead, "contact"), typed).status_code == 409


# --- Export -------------------------------------------------------------------------------------


def rows(response):
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline="")))


def test_the_list_is_exported_as_it_is_filtered_without_personal_fields(as_manager, manager, today):
    lead = builders.lead(now=today, country="AE", destination=builders.destination(name="=Germany"))
    builders.lead(now=today, country="DE")
    pipeline.assign(lead, manager, by=manager, now=today)
    answer = as_manager.post(f"{EXPORT}?country=AE")
    at = timezone.localtime(today).strftime("%Y-%m-%d %H:%M")
    assert rows(answer) == [
        [
            "reference", "stage", "in this stage since", "received", "answer promised by", "assigned to",
            "treatment", "destination", "when", "companions", "home country", "language",
        ],
        [
            lead.reference, "received", at, at, str(lead.answer_due_on), "mani",
            "not sure", "'=Germany", "Later, or only finding out", "1", "United Arab Emirates", "en-gb",
        ],
    ]  # fmt: skip
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert answer["Content-Disposition"] == f'attachment; filename="leads-{timezone.localdate()}.csv"'


def test_an_export_is_recorded_with_its_count_and_filters(as_manager, today):
    builders.lead(now=today, country="AE", name="Ada Example")
    as_manager.post(f"{EXPORT}?country=AE&q=Ada")
    assert made_of("lead.exported") == [
        ("", {"filters": {"country": "AE"}, "searched": True, "count": 1, "selected": False})
    ]


def test_selected_leads_are_exported_and_recorded(as_manager, today):
    wanted, _other = builders.lead(now=today), builders.lead(now=today)
    answer = as_manager.post(
        LIST, {"action": "export_selected", "_selected_action": [wanted.pk], "index": "0"}
    )
    assert [row[0] for row in rows(answer)] == ["reference", wanted.reference]
    assert made_of("lead.exported") == [
        ("", {"filters": {}, "searched": False, "count": 1, "selected": True})
    ]


def test_an_export_costs_the_same_queries_for_one_lead_and_thirty(as_manager, today):
    def lead():
        builders.lead(now=today, treatment=live_treatment(today), destination=builders.destination())

    lead()
    with_one = queries(lambda: rows(as_manager.post(EXPORT)))
    for _number in range(29):
        lead()
    assert queries(lambda: rows(as_manager.post(EXPORT))) == with_one


def test_an_export_does_not_even_read_personal_fields(as_manager, today):
    builders.lead(now=today)
    answer = as_manager.post(EXPORT)
    with CaptureQueriesContext(connection) as captured:
        rows(answer)
    [query] = captured.captured_queries
    personal = [name for name in QuoteRequest.PERSONAL if f'"quotes_quoterequest"."{name}"' in query["sql"]]
    assert personal == []


def test_an_export_of_what_cannot_be_asked_for_gives_no_file(as_manager, today):
    builders.lead(now=today)
    answers = [as_manager.post(f"{EXPORT}?{question}") for question in ("nonsense=1", "cancer=yes")]
    assert [answer.status_code for answer in answers] == [302, 302]
    assert made_of("lead.exported") == []


def test_exporting_is_offered_only_to_those_who_may(as_coordinator, today):
    builders.lead(now=today)
    shown = as_coordinator.get(LIST).content.decode()
    assert ("Export" in shown, 'name="action"' in shown) == (False, False)


# --- Destinations -------------------------------------------------------------------------------


def test_a_manager_adds_and_changes_a_destination(as_manager):
    filled = {"name": "Germany", "slug": "germany", "country": "DE", "active": "on"}
    added = as_manager.post("/admin/quotes/destination/add/", filled)
    destination = builders.Destination.objects.get(slug="germany")
    changed = as_manager.post(
        f"/admin/quotes/destination/{destination.pk}/change/", filled | {"name": "Deutschland"}
    )
    destination.refresh_from_db()
    assert (added.status_code, changed.status_code, destination.name) == (302, 302, "Deutschland")
    assert made_of("destination.changed") == [(str(destination.pk), {"fields": ["name"]})]
