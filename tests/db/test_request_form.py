import datetime as dt
import re
from itertools import takewhile
from typing import Any
from urllib.parse import quote_from_bytes

import pytest
from django.contrib.sessions.models import Session
from django.http import QueryDict
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from articles.models import Treatment, TreatmentRevision
from portal import roles
from portal.models import OutboxMessage
from portal.throttle import Rate
from quotes import answers, drafts, forms, links, pipeline, steps, views
from quotes.models import QuoteRequest
from tests import builders
from tests.requester import TYPED, draft_mark

pytestmark = pytest.mark.django_db


@pytest.fixture
def neural() -> Treatment:
    """Offered today: the form goes by the clock of the machine."""
    now = timezone.now()
    subject = builders.treatment("neural", now=now)
    builders.published(subject, now=now, title="Neural cells")
    return Treatment.objects.get()


def let_review_fall_due(treatment: Treatment, on: dt.date) -> None:
    TreatmentRevision.objects.filter(subject=treatment).update(next_review_on=on)


def answer(client: Client, step: str, **changes: Any):
    return client.post(f"/quote/{step}/", {**TYPED[step], **changes})


def answer_all(client: Client, **by_step: dict[str, Any]) -> None:
    answer_before(client, steps.CHECK, **by_step)


def answer_before(client: Client, step: str, **by_step: dict[str, Any]) -> None:
    """Answer all that is asked before this step."""
    for earlier in takewhile(lambda name: name != step, steps.STEPS):
        assert answer(client, earlier, **by_step.get(earlier, {})).status_code == 303


def send(client: Client):
    mark = draft_mark(client.get("/quote/check/").content)
    return client.post("/quote/check/", {"draft": mark})


def answered(client: Client) -> list[str]:
    """The steps whose answers the session holds."""
    return [step for step, key in drafts.ANSWERS.items() if key in client.session]


def errors(page) -> dict[str, list[str]]:
    return dict(page.context["form"].errors)


def words(page) -> str:
    main = page.text.partition("<main")[2].partition("</main>")[0]
    return " ".join(re.sub(r"<[^>]+>", " ", main.replace("<wbr>", "")).split())


# --- The start ----------------------------------------------------------------------------------


@pytest.mark.parametrize("address", ["/quote/", "/quote/?treatment=neural", "/quote/?treatment=%00&x=%ff"])
def test_the_start_sets_no_cookie(client, neural, address):
    page = client.get(address)
    assert (page.status_code, dict(page.cookies)) == (200, {})
    assert Session.objects.count() == 0


def test_the_start_names_the_harms_and_leads_to_their_guide_once_it_is_live(client, now):
    before = client.get("/quote/").text
    assert "growths in the spine, infections and deaths" in before.split("Begin my request")[0]
    assert views.RISKS not in before
    builders.published(builders.guide(views.RISKS, now=now), now=now)
    assert f'href="/guides/{views.RISKS}/"' in client.get("/quote/").text.split("Begin my request")[0]


def test_the_start_names_the_treatment_one_comes_from_and_hands_it_on(client, neural):
    page = client.get("/quote/?treatment=neural")
    assert "You come from the page on Neural cells ." in words(page)
    assert 'href="/quote/signs/?treatment=neural"' in page.text


@pytest.mark.parametrize("slug", ["", "nothing", "a\x00b", "x" * 5000, "<b>"])
def test_the_start_ignores_a_treatment_that_is_not_live(client, neural, slug):
    page = client.get("/quote/", {"treatment": slug})
    assert "You come from" not in words(page)
    assert 'href="/quote/signs/"' in page.text


def test_a_treatment_whose_page_is_past_its_review_is_not_offered(client, neural):
    today = timezone.localdate()
    answer_before(client, "wishes")
    offered = {}
    for day in (today, today - dt.timedelta(days=1)):
        let_review_fall_due(neural, day)
        wishes = client.get("/quote/wishes/").context["form"]
        offered[day] = [slug for slug, _name in wishes.fields["treatment"].choices]
    assert list(offered.values()) == [["neural", forms.NOT_SURE], [forms.NOT_SURE]]
    assert "You come from" not in words(client.get("/quote/?treatment=neural"))


def test_a_treatment_that_no_quotes_are_made_for_is_neither_offered_nor_named(client, neural):
    Treatment.objects.update(quote_offered=False)
    client.post("/quote/signs/?treatment=neural", TYPED["signs"])
    for step in ("who", "stroke", "safety"):
        answer(client, step)
    wishes = client.get("/quote/wishes/").context["form"]
    assert [slug for slug, _name in wishes.fields["treatment"].choices] == [forms.NOT_SURE]
    assert wishes["treatment"].value() is None
    assert "You come from" not in words(client.get("/quote/?treatment=neural"))


def test_the_treatment_one_comes_from_is_chosen_already(client, neural):
    client.post("/quote/signs/?treatment=neural", TYPED["signs"])
    for step in ("who", "stroke", "safety"):
        answer(client, step)
    assert client.get("/quote/wishes/").context["form"]["treatment"].value() == "neural"


# --- Step by step -------------------------------------------------------------------------------


def test_each_step_leads_to_the_next_and_the_last_to_the_check(client):
    followed = [answer(client, step).headers["Location"] for step in steps.STEPS]
    assert followed == [
        "/quote/who/",
        "/quote/stroke/",
        "/quote/safety/",
        "/quote/wishes/",
        "/quote/contact/",
        "/quote/consent/",
        "/quote/check/",
    ]


def test_looking_at_the_first_step_keeps_nothing(client):
    assert client.get("/quote/signs/").status_code == 200
    assert Session.objects.count() == 0


def test_answers_are_kept_for_two_hours(client):
    answer(client, "signs")
    assert client.session.get_expiry_age() == 7200
    assert client.cookies["sessionid"]["max-age"] == 7200


def test_a_member_of_staff_who_tries_the_form_stays_signed_in(client):
    client.force_login(builders.staff(roles.EDITOR))
    answer(client, "signs")
    assert client.session.get_expiry_age() == 8 * 60 * 60


@pytest.mark.parametrize("sent", [False, True])
def test_who_signs_in_after_trying_the_form_takes_nothing_along(client, sent):
    answer_all(client)
    if sent:
        send(client)
    builders.staff(roles.EDITOR, username="eda", password="a long enough one")
    client.post("/admin/login/", {"username": "eda", "password": "a long enough one"})
    assert client.get("/admin/").status_code == 200
    assert sorted(client.session.keys()) == ["_auth_user_backend", "_auth_user_hash", "_auth_user_id"]
    assert client.session.get_expiry_age() == 8 * 60 * 60


def test_who_mistypes_the_password_keeps_what_was_answered(client):
    answer_before(client, "stroke")
    client.post("/admin/login/", {"username": "eda", "password": "mistyped"})
    assert answered(client) == ["signs", "who"]


def test_a_reload_or_the_back_button_shows_what_was_answered(client):
    answer_all(client)
    for step in steps.STEPS:
        form = client.get(f"/quote/{step}/").context["form"]
        assert form.data == TYPED[step]


def test_the_step_is_counted_in_words(client):
    assert "Step 1 of 7" in words(client.get("/quote/signs/"))
    answer(client, "signs")
    assert "Step 2 of 7" in words(client.get("/quote/who/"))


@pytest.mark.parametrize("step", ["safety", "wishes", "contact", "consent"])
def test_a_later_step_waits_for_the_one_that_is_missing(client, step):
    answer_before(client, "stroke")
    assert client.get(f"/quote/{step}/").headers["Location"] == "/quote/stroke/"
    assert answer(client, step).headers["Location"] == "/quote/stroke/"
    assert answered(client) == ["signs", "who"]


@pytest.mark.parametrize("step", ["money", "check2", "who%00", "WHO"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_there_are_no_other_steps(client, step, method):
    assert getattr(client, method)(f"/quote/{step}/").status_code == 404


@pytest.mark.parametrize("address", ["who", "check"])
def test_other_methods_are_refused(client, address):
    assert client.put(f"/quote/{address}/").status_code == 405


@pytest.mark.parametrize("address", ["", "signs/", "who/", "check/", "sent/"])
def test_no_cache_keeps_a_page_of_the_request(client, address):
    page = client.get(f"/quote/{address}")
    assert page.headers["Cache-Control"] == "max-age=0, no-cache, no-store, must-revalidate, private"


def test_only_the_visitor_s_own_browser_keeps_a_page_that_complained_to_go_back_to(client):
    assert answer(client, "signs", new_signs="").headers["Cache-Control"] == "private, no-cache"


# --- Refusals -----------------------------------------------------------------------------------


LIKE_THIS = "Write the whole phone number, like 020 7946 0018 or +44 20 7946 0018."
WITHOUT_EXTENSION = (
    "Write the number without its extension. At the end, where you check your answers, you can add the "
    "extension under “Anything else”."
)
PLAIN_ADDRESS = "Write an e-mail address like name@example.org, in plain letters and without quotation marks."
REFUSED: list[tuple[str, dict[str, Any], dict[str, list[str]]]] = [
    ("signs", {"new_signs": ""}, {"new_signs": ["Say whether there are new signs of a stroke right now."]}),
    ("who", {"for_whom": ""}, {"for_whom": ["Say who the quote is for."]}),
    ("who", {"for_whom": "\x00"}, {"for_whom": ["Choose one of the answers shown."]}),
    (
        "who",
        {"for_whom": "other", "relationship": "", "person_knows": ""},
        {
            "relationship": ["Say how you know that person."],
            "person_knows": ["Say whether that person knows about this request."],
        },
    ),
    (
        "stroke",
        {"months_since_stroke": ""},
        {"months_since_stroke": ["Write how long ago it was, or choose “not sure”."]},
    ),
    (
        "stroke",
        {"months_since_stroke": "14", "months_not_sure": "on"},
        {"months_since_stroke": ["Write a time or choose “not sure”, not both."]},
    ),
    (
        "stroke",
        {"months_since_stroke": "12-14"},
        {"months_since_stroke": ["Write how long ago the stroke was, like 14 months or 2 years."]},
    ),
    (
        "stroke",
        {"months_since_stroke": "2019"},
        {
            "months_since_stroke": [
                "That is more than 100 years (1200 months). Write it like 14 months or 2 years."
            ]
        },
    ),
    ("stroke", {"affected": []}, {"affected": ["Say what they have trouble with, or “not sure”."]}),
    ("stroke", {"affected": ["arm", "wing"]}, {"affected": ["Choose from the answers shown."]}),
    (
        "safety",
        {"seizures": ""},
        {"seizures": ["Say whether they have had seizures, or “not sure”."]},
    ),
    ("wishes", {"treatment": ""}, {"treatment": ["Choose a treatment, or “not sure”."]}),
    ("wishes", {"destination": "atlantis"}, {"destination": ["Choose one of the answers shown."]}),
    *[
        (
            "wishes",
            {"companions": companions},
            {"companions": ["Write how many people would travel along, from 0 to 6."]},
        )
        for companions in ("7", "-1", "some", "my wife and 1 friend")
    ],
    (
        "wishes",
        {"companions": ""},
        {"companions": ["Write how many people would travel along, or choose “I do not know yet”."]},
    ),
    (
        "wishes",
        {"companions": "0", "companions_not_known": "on"},
        {"companions": ["Write a number or choose “I do not know yet”, not both."]},
    ),
    (
        "wishes",
        {"message": "x" * 2001},
        {"message": ["Shorten this to 2000 characters; it has 2001."]},
    ),
    ("wishes", {"message": "a\x00b"}, {"message": ["Null characters are not allowed."]}),
    ("contact", {"name": " "}, {"name": ["Write your name."]}),
    ("contact", {"name": "x" * 121}, {"name": ["Shorten your name to 120 characters; it has 121."]}),
    ("contact", {"email": "ada"}, {"email": ["Write an e-mail address like name@example.org."]}),
    ("contact", {"email": '"ada"@home.example'}, {"email": [PLAIN_ADDRESS]}),
    ("contact", {"email": "ada@stra\u00dfe.example"}, {"email": [PLAIN_ADDRESS]}),
    ("contact", {"email": "ada@ho\u200bme.example"}, {"email": [PLAIN_ADDRESS]}),
    ("contact", {"country": "XX"}, {"country": ["Choose one of the answers in the list."]}),
    *[
        ("contact", {"phone": phone, "country": country}, {"phone": [LIKE_THIS]})
        for phone, country in (("not a number", "GB"), ("555-0123", "US"), ("7946 0018", "GB"))
    ],
    *[
        ("contact", {"phone": phone}, {"phone": [WITHOUT_EXTENSION]})
        for phone in ("020 7946 0018 ext. 123", "020 7946 0018 x5", "+44 20 7946 0018 #5")
    ],
    ("contact", {"channel": "phone"}, {"phone": ["Write a phone number, or choose e-mail."]}),
    ("contact", {"channel": "message"}, {"phone": ["Write a phone number, or choose e-mail."]}),
    (
        "contact",
        {"channel": "phone", "phone": "020 7946 0018", "do_not_phone": "on"},
        {"channel": ["You chose “do not phone me” below. Choose e-mail or text message here."]},
    ),
    *[
        (
            "contact",
            {"channel": channel, "phone": "020 7946 0018", "hours": "", "time_zone": ""},
            {
                "hours": ["Say at what time of the day we may contact you."],
                "time_zone": ["Choose a city that has the same time as yours."],
            },
        )
        for channel in ("phone", "message")
    ],
    ("contact", {"hours": "midnight"}, {"hours": ["Choose one of the answers shown."]}),
    ("contact", {"time_zone": "Mars/Olympus"}, {"time_zone": ["Choose one of the answers in the list."]}),
    (
        "contact",
        {"website": "https://spam.example"},
        {"website": ["Empty the field “Leave this empty”. It is a trap for programs."]},
    ),
    (
        "consent",
        {"health": ""},
        {"health": ["Without your consent to use the health answers we cannot make a quote."]},
    ),
]


@pytest.mark.parametrize(("step", "changes", "expected"), REFUSED)
def test_what_cannot_be_is_refused_beside_its_question_and_kept_on_the_page(client, step, changes, expected):
    answer_before(client, step)
    page = answer(client, step, **changes)
    assert (page.status_code, errors(page)) == (422, expected)
    summary = page.text.partition('id="error-summary"')[2].partition("</ul>")[0]
    for name, (message,) in expected.items():
        assert message in summary
        assert f'<a href="#id_{name}' in summary
    kept = {name: typed for name, typed in changes.items() if typed and "\x00" not in typed}
    assert {name: page.context["form"].data[name] for name in kept} == kept
    assert step not in answered(client)


def test_what_was_typed_into_a_trap_is_not_acknowledged(client):
    answer_before(client, "contact")
    page = answer(client, "contact", website="x")
    assert page.context["form"]["name"].value() == "Ada Example"
    assert QuoteRequest.objects.count() == 0


def test_the_trap_is_hidden_from_everybody_until_it_has_caught_something(client):
    answer_before(client, "contact")
    assert '<div id="div_website" class="question" hidden>' in client.get("/quote/contact/").text
    caught = answer(client, "contact", website="x").text
    assert '<div id="div_website" class="question has-error">' in caught


def test_a_form_too_large_is_a_bad_request(client):
    page = client.post("/quote/signs/", {"new_signs": "x" * 2_600_000})
    assert page.status_code == 400
    assert "help@portal.invalid" in page.text


def test_too_many_fields_are_a_bad_request(client):
    assert client.post("/quote/signs/", {f"field{n}": "x" for n in range(501)}).status_code == 400


def test_answers_for_somebody_else_are_forgotten_when_it_is_for_me(client, now):
    answer_all(client, who={"for_whom": "me"})
    send(client)
    lead = QuoteRequest.objects.get()
    assert (lead.for_whom, lead.relationship, lead.person_knows) == ("me", "", "")


@pytest.mark.parametrize(
    ("country", "typed", "kept"),
    [
        ("GB", "020 7946 0018", "+442079460018"),
        ("GB", "+49 30 901820", "+4930901820"),
        ("DE", "0044 20 7946 0018", "+442079460018"),
        ("TR", "0532 123 45 67", "+905321234567"),
        ("GB", "", ""),
    ],
)
def test_a_phone_number_is_kept_with_the_code_of_its_country(client, country, typed, kept):
    answer_all(client, contact={"country": country, "phone": typed})
    send(client)
    assert QuoteRequest.objects.get().phone == kept


def test_years_are_kept_as_months_and_shown_as_both(client):
    answer_all(client, stroke={"months_since_stroke": "2 years and 3 months"})
    assert "27 months (2 years and 3 months)" in words(client.get("/quote/check/"))
    send(client)
    assert QuoteRequest.objects.get().months_since_stroke == 27


def test_how_many_travel_along_need_not_be_known_yet(client):
    answer_all(client, wishes={"companions": "", "companions_not_known": "on"})
    assert "Companions Not known yet" in words(client.get("/quote/check/"))
    send(client)
    assert QuoteRequest.objects.get().companions is None


@pytest.mark.parametrize(
    ("chosen", "kept"),
    [
        (["not_sure", "leg", "arm"], ["arm", "leg"]),
        (["none", "arm", "not_sure"], ["arm"]),
        (["none", "not_sure"], ["not_sure"]),
        (["none"], ["none"]),
        (["not_sure"], ["not_sure"]),
    ],
)
def test_not_sure_and_nothing_yield_to_what_is_named_as_affected(client, chosen, kept):
    answer_all(client, stroke={"affected": chosen})
    send(client)
    assert QuoteRequest.objects.get().affected == kept


def test_a_long_message_is_never_cut_by_the_browser(client):
    answer_before(client, "wishes")
    box = client.get("/quote/wishes/").text.partition("<textarea")[2].partition(">")[0]
    assert "maxlength" not in box


def test_the_end_of_a_line_counts_as_one_character(client):
    answer_all(client, wishes={"message": "x\r\n" * 999 + "xx"})
    send(client)
    assert QuoteRequest.objects.get().message == "x\n" * 999 + "xx"


def test_who_is_written_to_by_e_mail_need_not_say_at_what_time(client):
    answer_all(client, contact={"channel": "email", "hours": "", "time_zone": ""})
    send(client)
    lead = QuoteRequest.objects.get()
    assert (lead.channel, lead.hours, lead.time_zone) == ("email", "any", "")


def test_another_place_is_kept_as_no_time_zone(client):
    answer_all(client, contact={"time_zone": "elsewhere", "phone": "020 7946 0018"})
    shown = client.get("/quote/check/")
    assert "Time zone Not known" in words(shown)
    send(client)
    assert QuoteRequest.objects.get().time_zone == ""


@pytest.mark.parametrize(
    ("step", "to_you", "about_them"),
    [
        ("stroke", "How much help do you need each day?", "How much help do they need each day?"),
        ("safety", "Can you travel by plane?", "Can they travel by plane?"),
        ("wishes", "How many people would travel with you?", "How many people would travel with them?"),
    ],
)
def test_questions_speak_to_the_person_or_about_them(client, step, to_you, about_them):
    answer_before(client, step, who={"for_whom": "me"})
    for_me = words(client.get(f"/quote/{step}/"))
    answer(client, "who", for_whom="other")
    for_them = words(client.get(f"/quote/{step}/"))
    asked = [question in page for page in (for_me, for_them) for question in (to_you, about_them)]
    assert asked == [True, False, False, True]


def test_a_new_text_of_consent_is_shown_unticked(client):
    answer_before(client, "consent")
    page = answer(client, "consent", consent_version="1999-01-01")
    assert page.status_code == 422
    assert page.context["form"].non_field_errors() == [
        "The text on this page is new. Read it, then choose again."
    ]
    assert page.context["form"]["health"].value() is False
    assert 'name="consent_version" value="2026-11-20"' in page.text


ASK_FIRST = "Please ask the person first You said that the person can decide about treatment themselves"
TELL_THEM = "You said that the person does not know about this request. Please tell them"
ASK_THEM = "You are not sure whether the person knows about this request."
WHO_DECIDES = "You said that the person cannot decide about treatment. Then somebody who has the right"


@pytest.mark.parametrize(
    ("knows", "can_decide", "said"),
    [
        ("no", "yes", [ASK_FIRST]),
        ("no", "not_sure", [TELL_THEM]),
        ("no", "no", [TELL_THEM, WHO_DECIDES]),
        ("not_sure", "yes", [ASK_THEM]),
        ("not_sure", "not_sure", []),
        ("yes", "no", [WHO_DECIDES]),
        ("yes", "yes", []),
    ],
)
def test_who_consents_for_somebody_else_is_told_what_that_person_is_owed(client, knows, can_decide, said):
    answer_before(client, "consent", who={"person_knows": knows}, safety={"can_decide": can_decide})
    page = words(client.get("/quote/consent/"))
    notices = (ASK_FIRST, TELL_THEM, ASK_THEM, WHO_DECIDES)
    assert [notice for notice in notices if notice in page] == said


def test_who_asks_for_themselves_is_told_nothing_of_that(client):
    answer_before(
        client, "consent", who={"for_whom": "me", "person_knows": "no"}, safety={"can_decide": "yes"}
    )
    page = client.get("/quote/consent/")
    assert 'name="health"' in page.text
    assert 'class="notice"' not in page.text.partition("<main")[2]


BEHIND_THEIR_BACK = {"who": {"person_knows": "no"}, "safety": {"can_decide": "yes"}}


def test_nobody_consents_behind_the_back_of_somebody_who_can_decide(client):
    answer_before(client, "consent", **BEHIND_THEIR_BACK)
    shown = client.get("/quote/consent/").text.partition("<main")[2]
    assert "<form" not in shown
    assert re.findall(r'href="(/quote/\w+/#\w+)"', shown) == [
        "/quote/who/#div_person_knows",
        "/quote/safety/#div_can_decide",
    ]
    refused = answer(client, "consent")
    assert (refused.status_code, refused.context["form"].non_field_errors()) == (
        422,
        ["Ask the person first. Only then can you send this request."],
    )
    assert client.get("/quote/check/").headers["Location"] == "/quote/consent/"


@pytest.mark.parametrize("step", ["who", "safety"])
def test_an_answer_changed_after_the_consent_does_not_get_round_that(client, step):
    others = {name: typed for name, typed in BEHIND_THEIR_BACK.items() if name != step}
    answer_all(client, **others)
    mark = draft_mark(client.get("/quote/check/").content)
    answer(client, step, **BEHIND_THEIR_BACK[step])
    for tried in (client.get("/quote/check/"), client.post("/quote/check/", {"draft": mark})):
        assert (tried.status_code, tried.headers["Location"]) == (303, "/quote/consent/")
    page = words(client.get("/quote/consent/"))
    assert ASK_FIRST in page
    assert "Back to the check" not in page
    assert QuoteRequest.objects.count() == 0


def test_once_the_person_was_asked_the_request_can_be_sent(client):
    answer_before(client, "consent", **BEHIND_THEIR_BACK)
    assert answer(client, "who", person_knows="yes").headers["Location"] == "/quote/consent/"
    answer(client, "consent")
    assert send(client).headers["Location"] == "/quote/sent/"


# --- New signs of a stroke ----------------------------------------------------------------------


def test_new_signs_of_a_stroke_are_asked_for_first_and_by_themselves(client):
    page = client.get("/quote/signs/")
    assert list(page.context["form"].fields) == ["new_signs"]
    assert 'href="/emergency/">Signs, and numbers to call</a>' in page.text.partition("<main")[2]
    assert "not sure” wherever" not in words(page)


def test_new_signs_of_a_stroke_stop_the_form_and_keep_nothing(client):
    answer_before(client, "wishes")
    stopped = client.post("/quote/signs/", {"new_signs": "yes"})
    assert (stopped.status_code, stopped.headers["Location"]) == (303, "/emergency/")
    assert stopped.cookies["sessionid"].value == ""
    assert Session.objects.count() == 0
    assert QuoteRequest.objects.count() == 0


def test_new_signs_lead_to_the_emergency_page_before_anything_was_answered(client):
    assert client.post("/quote/signs/", {"new_signs": "yes"}).headers["Location"] == "/emergency/"
    assert Session.objects.count() == 0


def test_going_back_from_the_emergency_page_names_the_true_reason(client):
    answer_before(client, "stroke")
    client.post("/quote/signs/", {"new_signs": "yes"})
    page = client.get("/quote/who/")
    assert page.status_code == 410
    assert "You told us of new signs of a stroke. Then we keep nothing," in words(page)


def test_only_new_signs_are_asked_for_whoever_had_the_stroke(client):
    hint = str(client.get("/quote/signs/").context["form"]["new_signs"].help_text)
    assert hint.startswith(
        "If you had the stroke, answer for yourself. Signs that are new or suddenly worse,"
    )


def test_new_signs_leave_a_member_of_staff_signed_in(client):
    client.force_login(builders.staff(roles.EDITOR))
    answer_before(client, "stroke")
    client.post("/quote/signs/", {"new_signs": "yes"})
    assert drafts.DRAFT not in client.session
    assert client.get("/admin/").status_code == 200


# --- Check and change ---------------------------------------------------------------------------


def test_the_check_shows_every_answer_in_words(client, neural):
    answer_all(client, wishes={"treatment": "neural", "message": "<b>By train</b>"})
    page = client.get("/quote/check/")
    rows = {row.field: str(row.value) for section in page.context["sections"] for row in section.rows}
    assert rows == {
        "for_whom": "For somebody else",
        "relationship": "I am their daughter or son",
        "person_knows": "Yes",
        "stroke_type": "A clot (ischaemic)",
        "months_since_stroke": "14 months",
        "affected": "Arm or hand, Speech or understanding",
        "daily_help": "Some help",
        **dict.fromkeys(QuoteRequest.SAFETY_QUESTIONS, "Not sure"),
        "treatment": "Neural cells",
        "destination": "Not sure",
        "wanted_when": "Later, or only finding out",
        "companions": "1",
        "message": "<b>By train</b>",
        "name": "Ada Example",
        "email": "ada@home.example",
        "country": "United Kingdom",
        "phone": "None given",
        "channel": "E-mail",
        "language": "English",
        "health": "Yes",
        "news": "No",
    }
    assert "&lt;b&gt;By train&lt;/b&gt;" in page.text


def test_every_answer_has_a_link_that_leads_to_its_question(client):
    answer_all(client, contact={"channel": "message", "phone": "020 7946 0018", "do_not_phone": "on"})
    links_to = re.findall(r'href="(/quote/(\w+)/#(div_\w+))"', client.get("/quote/check/").text)
    assert len(links_to) == 30
    for _address, step, place in links_to:
        assert f'id="{place}"' in client.get(f"/quote/{step}/").text


def test_a_change_leads_back_to_the_check(client):
    answer_all(client)
    assert answer(client, "wishes", companions="3").headers["Location"] == "/quote/check/"
    send(client)
    assert QuoteRequest.objects.get().companions == 3


def test_the_check_leads_to_what_is_missing(client):
    answer_before(client, "stroke")
    assert client.get("/quote/check/").headers["Location"] == "/quote/stroke/"


def test_records_addressed_not_sure_take_nobody_who_is_not_sure(client, now):
    subject = builders.treatment("not_sure", now=now)
    builders.published(subject, now=timezone.now())
    builders.destination(slug="not_sure")
    answer_all(client)
    send(client)
    lead = QuoteRequest.objects.get()
    assert (lead.treatment, lead.destination) == (None, None)


def test_records_addressed_not_sure_can_be_chosen(client, now):
    subject = builders.treatment("not_sure", now=now)
    builders.published(subject, now=timezone.now())
    place = builders.destination(slug="not_sure")
    answer_all(client, wishes={"treatment": "not_sure", "destination": "not_sure"})
    send(client)
    lead = QuoteRequest.objects.get()
    assert (lead.treatment, lead.destination) == (subject, place)


@pytest.mark.parametrize("why", ["withdrawn", "past its review", "no quotes are made for it"])
def test_what_is_no_longer_offered_is_asked_again_at_the_end(client, neural, why):
    answer_all(client, wishes={"treatment": "neural"})
    mark = draft_mark(client.get("/quote/check/").content)
    if why == "withdrawn":
        Treatment.objects.update(live_revision=None)
    elif why == "no quotes are made for it":
        Treatment.objects.update(quote_offered=False)
    else:
        let_review_fall_due(neural, timezone.localdate() - dt.timedelta(days=1))
    assert client.post("/quote/check/", {"draft": mark}).headers["Location"] == "/quote/wishes/"
    assert errors(client.get("/quote/wishes/")) == {
        "treatment": [
            "The treatment you chose is not offered at present. Choose one of those shown, or “not sure”."
        ]
    }
    assert QuoteRequest.objects.count() == 0


# --- Send ---------------------------------------------------------------------------------------


def test_a_request_is_sent_once_with_every_answer(client, neural):
    mexico = builders.destination(slug="mexico")
    answer_all(client, wishes={"treatment": "neural", "destination": "mexico", "message": "By train."})
    sent = send(client)
    lead = QuoteRequest.objects.get()
    assert (sent.status_code, sent.headers["Location"]) == (303, "/quote/sent/")
    kept = {name: getattr(lead, name) for name in pipeline.ANSWERS}
    assert kept == {
        "for_whom": "other",
        "relationship": "child",
        "person_knows": "yes",
        "stroke_type": "clot",
        "months_since_stroke": 14,
        "affected": ["arm", "speech"],
        "daily_help": "some",
        **dict.fromkeys(QuoteRequest.SAFETY_QUESTIONS, "not_sure"),
        "treatment": neural,
        "destination": mexico,
        "wanted_when": "later",
        "companions": 1,
        "message": "By train.",
        "name": "Ada Example",
        "email": "ada@home.example",
        "phone": "",
        "country": "GB",
        "channel": "email",
        "hours": "any",
        "time_zone": "Europe/London",
        "language": "en",
        "do_not_phone": False,
    }
    assert list(lead.consents.values_list("kind", flat=True)) == ["health"]


def test_after_sending_no_answer_is_left_in_the_session(client):
    answer_all(client)
    send(client)
    assert sorted(client.session.keys()) == ["_session_expiry", drafts.SENT, drafts.SENT_MARK]
    assert client.session.get_expiry_age() == 7200


def test_the_page_after_sending_says_what_happens_next_and_survives_a_reload(client):
    answer_all(client)
    send(client)
    lead = QuoteRequest.objects.get()
    first, second = client.get("/quote/sent/"), client.get("/quote/sent/")
    day = f"{lead.answer_due_on.day} {lead.answer_due_on:%B %Y}"
    assert lead.reference in words(first)
    assert "is on its way to ada@home.example" in words(first)
    assert f"answers you by {day}" in words(first)
    assert f"/quote/s/{client.session[drafts.SENT]}/" in first.text
    assert words(second) == words(first)
    assert (first.headers["X-Robots-Tag"], first.headers["Referrer-Policy"]) == (
        "noindex, nofollow",
        "no-referrer",
    )


def test_a_link_that_was_revoked_is_not_shown_again(client):
    answer_all(client)
    send(client)
    QuoteRequest.objects.get().links.update(revoked_at=timezone.now())
    page = client.get("/quote/sent/")
    assert QuoteRequest.objects.get().reference in words(page)
    assert "/quote/s/" not in page.text


def test_pressing_the_button_again_gives_the_same_reference(client):
    answer_all(client)
    mark = draft_mark(client.get("/quote/check/").content)
    again = [client.post("/quote/check/", {"draft": mark}) for _ in range(3)]
    assert [page.headers["Location"] for page in again] == ["/quote/sent/"] * 3
    assert (QuoteRequest.objects.count(), OutboxMessage.objects.count()) == (1, 2)


def test_answers_that_another_tab_saved_while_they_were_sent_count_as_sent(client):
    answer_all(client)
    saved = client.session[drafts.DRAFT]
    send(client)
    session = client.session
    session[drafts.DRAFT] = saved
    session.save()
    assert client.get("/quote/check/").headers["Location"] == "/quote/sent/"
    assert drafts.DRAFT not in client.session
    assert answer(client, "contact", name="Bea Example").status_code == 410
    assert QuoteRequest.objects.get().name == "Ada Example"


def test_going_back_to_the_check_after_sending_leads_to_what_was_sent(client):
    answer_all(client)
    send(client)
    assert client.get("/quote/check/").headers["Location"] == "/quote/sent/"


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("step", steps.STEPS[1:])
def test_going_back_to_a_step_after_sending_says_that_it_was_sent(client, step, method):
    answer_all(client)
    send(client)
    lead = QuoteRequest.objects.get()
    page = getattr(client, method)(f"/quote/{step}/", TYPED[step])
    day = f"{lead.answer_due_on.day} {lead.answer_due_on:%B %Y}"
    assert page.status_code == 410
    assert (
        f"You have already sent this request Your reference: {lead.reference}"
        f" A coordinator reads your request and answers you by {day}."
    ) in words(page)
    assert re.findall(r'class="button[^"]*" href="([^"]+)"', page.text.partition("<main")[2]) == [
        "/quote/sent/",
        "/quote/",
    ]


def test_going_back_to_the_first_step_after_sending_says_what_was_sent_before(client):
    answer_all(client)
    assert "You have already sent a request" not in words(client.get("/quote/signs/"))
    send(client)
    page = words(client.get("/quote/signs/"))
    assert f"You have already sent a request, {QuoteRequest.objects.get().reference} ." in page


def test_a_caregiver_can_ask_again_for_another_person(client):
    answer_all(client)
    old = draft_mark(client.get("/quote/check/").content)
    client.post("/quote/check/", {"draft": old})
    answer_all(client, wishes={"companions": "4"})
    assert client.post("/quote/check/", {"draft": old}).headers["Location"] == "/quote/sent/"
    assert QuoteRequest.objects.count() == 1
    send(client)
    assert sorted(QuoteRequest.objects.values_list("companions", flat=True)) == [1, 4]


def test_a_check_page_older_than_the_answers_sends_nothing(client):
    answer_all(client)
    page = client.post("/quote/check/", {"draft": "of another day"})
    assert page.status_code == 422
    assert "Nothing was sent yet" in words(page)
    assert QuoteRequest.objects.count() == 0
    assert send(client).status_code == 303


def test_a_check_page_left_open_while_answers_changed_in_another_tab_sends_nothing(client):
    answer_all(client)
    old = draft_mark(client.get("/quote/check/").content)
    answer(client, "wishes", companions="4")
    page = client.post("/quote/check/", {"draft": old})
    assert (page.status_code, QuoteRequest.objects.count()) == (422, 0)
    assert "The page you sent was older than your answers." in words(page)
    assert client.post("/quote/check/", {"draft": draft_mark(page.content)}).status_code == 303
    assert QuoteRequest.objects.get().companions == 4


def test_the_same_answers_given_again_leave_the_open_check_page_valid(client):
    answer_all(client)
    mark = draft_mark(client.get("/quote/check/").content)
    answer(client, "who")
    assert client.post("/quote/check/", {"draft": mark}).headers["Location"] == "/quote/sent/"


# --- Two hours ----------------------------------------------------------------------------------


def let_pass(client: Client, time: dt.timedelta) -> None:
    session = client.session
    kept = session[drafts.DRAFT]
    kept["saved_at"] = (timezone.now() - time).isoformat()
    session[drafts.DRAFT] = kept
    session.save()


@pytest.mark.parametrize("lose", ["cookie", "row", "time"])
@pytest.mark.parametrize(
    ("method", "address"), [("get", "check"), ("post", "check"), ("get", "consent"), ("post", "consent")]
)
def test_answers_that_are_gone_are_said_to_be_gone(client, lose, method, address):
    answer_all(client)
    if lose == "cookie":
        client.cookies.clear()
    elif lose == "row":
        Session.objects.all().delete()
    else:
        let_pass(client, dt.timedelta(hours=2, seconds=1))
    page = getattr(client, method)(f"/quote/{address}/", TYPED["consent"])
    assert page.status_code == 410
    assert "Nothing was sent, and nothing was kept. Begin again" in words(page)
    assert QuoteRequest.objects.count() == 0


def test_answers_older_than_two_hours_are_dropped_from_a_session_that_lives_on(client):
    client.force_login(builders.staff(roles.EDITOR))
    answer_all(client)
    let_pass(client, dt.timedelta(hours=2, seconds=1))
    client.get("/quote/check/")
    assert drafts.DRAFT not in client.session
    assert client.get("/admin/").status_code == 200


def test_answers_older_than_two_hours_take_their_session_along(client):
    answer_all(client)
    let_pass(client, dt.timedelta(hours=2, seconds=1))
    client.get("/quote/check/")
    assert Session.objects.count() == 0


def test_answers_are_there_for_nearly_two_hours(client):
    answer_all(client)
    let_pass(client, dt.timedelta(hours=1, minutes=59))
    assert send(client).status_code == 303


def test_without_a_request_there_is_nothing_to_show_as_sent(client):
    page = client.get("/quote/sent/")
    assert page.status_code == 410
    assert "If no e-mail came, write to us: help@portal.invalid" in words(page)


def test_after_withdrawing_the_page_of_what_was_sent_promises_no_answer(client):
    answer_all(client)
    send(client)
    pipeline.withdraw(QuoteRequest.objects.get(), now=timezone.now())
    page = words(client.get("/quote/sent/"))
    assert "Nothing more happens, and nobody contacts you about it." in page
    assert "answers you by" not in page


def test_a_request_that_was_removed_is_not_shown_as_sent(client):
    answer_all(client)
    send(client)
    QuoteRequest.objects.all().delete()
    assert client.get("/quote/sent/").status_code == 410


# --- Limits -------------------------------------------------------------------------------------


def test_over_the_limit_nothing_is_sent_and_the_answers_stay(client):
    for _ in range(5):
        builders.lead(now=timezone.now(), email="ada@home.example")
    answer_all(client)
    page = send(client)
    assert (page.status_code, page.headers["Retry-After"]) == (429, "3600")
    assert (
        "Too many requests came from your network or with your e-mail address. Please press the button again "
        "in 60 minutes. From now on your answers are kept here for two more hours."
    ) in words(page)
    assert QuoteRequest.objects.count() == 5
    assert client.get("/quote/check/").status_code == 200


def test_over_the_limit_the_two_hours_of_the_answers_begin_again(client):
    for _ in range(5):
        builders.lead(now=timezone.now(), email="ada@home.example")
    answer_all(client)
    let_pass(client, dt.timedelta(hours=1, minutes=59))
    page = send(client)
    kept_since = dt.datetime.fromisoformat(client.session[drafts.DRAFT]["saved_at"])
    assert page.status_code == 429
    assert timezone.now() - kept_since < dt.timedelta(minutes=1)
    assert page.cookies["sessionid"]["max-age"] == 7200


@pytest.mark.parametrize("rate", [pipeline.PER_EMAIL, pipeline.PER_ADDRESS])
def test_the_answers_outlast_every_wait(rate):
    assert rate.wait <= drafts.KEPT_FOR / 2


def test_over_the_limit_of_steps_what_was_typed_stays_on_the_page(client, monkeypatch):
    monkeypatch.setattr(views, "STEPS_PER_ADDRESS", Rate(1, dt.timedelta(hours=1)))
    answer(client, "signs")
    page = answer(client, "who")
    assert page.status_code == 429
    assert page.context["form"]["relationship"].value() == "child"
    assert answered(client) == ["signs"]


# --- Whatever is thrown at it -------------------------------------------------------------------

anything = st.text(st.characters(exclude_categories=[]), max_size=60)
thrown = settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
KINDS = {200, 303, 400, 404, 410, 422}


@pytest.fixture
def under_way(client) -> Client:
    """A visitor who has answered everything and may go to any step."""
    answer_all(client)
    return client


@pytest.mark.parametrize("step", steps.STEPS)
@thrown
@given(drawn=st.data())
def test_no_text_in_any_field_breaks_a_form(step, drawn):
    posted = QueryDict(mutable=True)
    for name in answers.FORMS[step].base_fields:
        chosen = drawn.draw(
            st.lists(anything | st.sampled_from(["yes", "no", "not_sure", "other"]), max_size=3)
        )
        posted.setlist(name, chosen)
    form = answers.FORMS[step](answers.typed(step, posted))
    form.is_valid()
    form.as_p().encode()


@pytest.mark.parametrize("step", steps.STEPS)
@thrown
@given(drawn=st.data())
def test_no_posted_bytes_break_a_step(under_way, step, drawn):
    names = st.sampled_from([*answers.FORMS[step].base_fields, "csrfmiddlewaretoken", "draft"])
    pairs = drawn.draw(st.lists(st.tuples(names, st.binary(max_size=40)), max_size=8))
    body = "&".join(f"{name}={quote_from_bytes(value)}" for name, value in pairs)
    page = under_way.post(f"/quote/{step}/", body, content_type="application/x-www-form-urlencoded")
    assert page.status_code in KINDS


@thrown
@given(query=st.binary(max_size=80), address=st.sampled_from(["", "signs/", "who/", "check/", "sent/"]))
def test_no_query_string_breaks_a_page(query, address):
    page = Client().get(f"/quote/{address}?treatment={quote_from_bytes(query)}&{quote_from_bytes(query)}")
    assert page.status_code in KINDS


@thrown
@given(
    body=st.binary(max_size=200),
    content_type=st.sampled_from(["multipart/form-data; boundary=x", "application/json", "x"]),
)
def test_no_body_breaks_the_check(under_way, body, content_type):
    assert under_way.post("/quote/check/", body, content_type=content_type).status_code in KINDS


@thrown
@given(secret=st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=200))
def test_no_secret_breaks_the_private_page(secret):
    page = Client().get(f"/quote/s/{quote_from_bytes(secret.encode())}/")
    assert page.status_code in {302, 404, 429}
    assert QuoteRequest.objects.filter(submission=links.digest(secret)).count() == 0
