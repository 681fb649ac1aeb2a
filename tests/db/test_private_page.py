import datetime as dt
import re
from urllib.parse import quote_from_bytes

import pytest
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from articles.models import Treatment
from portal import audit, roles
from portal.models import AuditEvent, OutboxMessage, TokenBucket
from quotes import contact, drafts, pipeline, progress, summary
from quotes.models import Consent, PrivateLink, QuoteRequest, Stage, StageChange
from tests import builders

pytestmark = pytest.mark.django_db

ADDRESS = "/quote/s/the-secret/"


@pytest.fixture
def lead(now) -> QuoteRequest:
    return builders.lead(now=now, secret="the-secret")


def words(page) -> str:
    main = page.text.partition("<main")[2].partition("</main>")[0]
    return " ".join(re.sub(r"<[^>]+>", " ", main).split())


def everything() -> list[list]:
    return [
        list(model.objects.order_by("pk").values())
        for model in (QuoteRequest, StageChange, Consent, PrivateLink, AuditEvent, OutboxMessage)
    ]


# --- Who gets in --------------------------------------------------------------------------------


def test_the_secret_opens_the_page(client, lead):
    page = client.get(ADDRESS)
    assert page.status_code == 200
    assert lead.reference in words(page)


def test_the_page_is_kept_and_listed_by_nobody_and_sends_no_referrer(client, lead):
    page = client.get(ADDRESS)
    assert page.headers["Cache-Control"] == "max-age=0, no-cache, no-store, must-revalidate, private"
    assert page.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert '<meta name="robots" content="noindex">' in page.text
    assert 'rel="canonical"' not in page.text


def test_the_page_sets_no_cookie(client, lead):
    assert dict(client.get(ADDRESS).cookies) == {}


@pytest.mark.parametrize("secret", ["the-secre", "the-secret2", "THE-SECRET", "%00", "x" * 2000])
@pytest.mark.parametrize("page", ["", "withdraw/", "stop-news/"])
def test_another_secret_opens_nothing_and_says_how_to_ask_for_a_link(client, lead, secret, page):
    refused = client.get(f"/quote/s/{secret}/{page}")
    assert refused.status_code == 404
    assert "To ask for a new link, write to us" in words(refused)
    assert lead.reference not in refused.text


def test_guessing_ends_after_thirty_tries_and_a_link_that_is_known_still_opens(client, lead):
    tries = [client.get(f"/quote/s/guess-{number}/").status_code for number in range(31)]
    assert tries == [404] * 30 + [429]
    refused = client.post("/quote/s/guess/withdraw/")
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "120")
    assert refused.headers["Referrer-Policy"] == "no-referrer"
    assert "Please try again in 2 minutes." in words(refused)
    assert client.get(ADDRESS).status_code == 200


def test_a_link_that_is_known_costs_no_try(client, lead):
    client.get(ADDRESS)
    assert TokenBucket.objects.count() == 1  # of sending the request, by its e-mail


def test_the_digest_is_no_secret(client, lead):
    assert client.get(f"/quote/s/{lead.submission}/").status_code == 404


def test_a_revoked_link_opens_nothing(client, lead, now):
    lead.links.update(revoked_at=now)
    assert client.get(ADDRESS).status_code == 404
    assert client.post(f"{ADDRESS}withdraw/").status_code == 404
    assert QuoteRequest.objects.get().stage == "received"


def test_after_a_new_link_the_page_after_sending_shows_neither_and_says_where_it_went(client, lead, now):
    client.get("/quote/signs/")
    session = client.session
    session[drafts.SENT] = "the-secret"
    session.save()
    assert ADDRESS in client.get("/quote/sent/").text
    contact.renew_link(lead, by=builders.staff(roles.COORDINATOR), now=now)
    page = client.get("/quote/sent/")
    assert "/quote/s/" not in page.text
    assert (
        "We sent a new link to your e-mail address. "
        "The link that stood on this page before opens nothing any more."
    ) in words(page)
    assert [lead.email in words(page), "is on its way" in words(page)] == [False, False]


def test_a_second_link_opens_the_same_page(client, lead, now):
    PrivateLink.objects.create(lead=lead, digest=pipeline.links.digest("another"), created_at=now)
    assert lead.reference in words(client.get("/quote/s/another/"))


# --- What it shows ------------------------------------------------------------------------------


def test_looking_changes_nothing(client, lead):
    before = everything()
    client.get(ADDRESS)
    client.get(f"{ADDRESS}withdraw/")
    client.head(ADDRESS)
    assert everything() == before


def test_only_looking_is_possible(client, lead):
    assert client.post(ADDRESS).status_code == 405


def test_what_was_asked_for_and_how_we_answer_are_shown(client, now):
    builders.lead(now=now, secret="the-secret", companions=3, destination=builders.destination(name="Japan"))
    page = words(client.get(ADDRESS))
    assert page.partition("What you asked for ")[2].partition(" Your consent")[0] == (
        "Treatment Not sure Destination Japan When Later, or only finding out Companions 3"
        " How we contact you Contact by E-mail"
        " That is how our staff contact you. Some e-mails this site sends by itself, whichever way you chose:"
        " for example when we close your request, or when you withdraw it."
        " What this page does not show Whoever has the address of this page can open it. It shows what"
        " you asked for, but no name, no answer about health, and no address or number."
    )


@pytest.mark.parametrize(
    ("channel", "said"),
    [
        ("phone", "Contact by Phone call Hours Evening (17 to 20)"),
        ("message", "Contact by Text message (SMS) Hours Evening (17 to 20)"),
        ("email", "Contact by E-mail"),
    ],
)
def test_hours_are_shown_to_those_we_phone_or_text(client, now, channel, said):
    builders.lead(now=now, secret="the-secret", phone="+442079460018", channel=channel, hours="evening")
    page = words(client.get(ADDRESS))
    assert page.partition(" How we contact you ")[2].partition(" That is how")[0] == said


def test_nothing_about_health_and_nothing_that_says_who_asked_is_shown(client, now):
    """The link went by open mail, perhaps to a mistyped address."""
    lead = builders.lead(
        now=now,
        secret="the-secret",
        for_whom="other",
        relationship="sibling",
        person_knows="not_sure",
        message="My words",
        name="Zebedee Quill",
        phone="+442079460018",
        country="AE",
        language="ar",
        time_zone="",
        months_since_stroke=77,
        **dict.fromkeys(QuoteRequest.SAFETY_QUESTIONS, "not_sure"),
    )
    hidden = [name for name in QuoteRequest.PERSONAL if name not in ("channel", "hours", "time_zone")]
    rows = summary.rows(lead, [*hidden, "country", "language"])
    for address in (ADDRESS, f"{ADDRESS}withdraw/"):
        page = client.get(address)
        shown = {row.field for part in ("wishes", "reached_by") for row in page.context.get(part) or ()}
        assert shown & {row.field for row in rows} == set()
        text = words(page)
        kept_back = [
            row.field for row in rows if str(row.value) not in ("No", "Not sure") and str(row.value) in text
        ]
        assert kept_back == []
        assert [row.label for row in rows if f"{row.label} {row.value}" in text] == []


def test_the_time_line_is_in_the_requester_s_own_time(client, now):
    builders.lead(now=now, secret="the-secret", time_zone="Asia/Tokyo")
    assert "You sent your request 20 November 2026, 21:00" in words(client.get(ADDRESS))
    assert "Times are in your time zone (Asia/Tokyo)." in words(client.get(ADDRESS))


def test_who_lives_elsewhere_reads_the_times_of_this_site_and_is_told_so(client, now):
    builders.lead(now=now, secret="the-secret", time_zone="")
    page = words(client.get(ADDRESS))
    assert "You sent your request 20 November 2026, 12:00" in page
    assert "We do not know your time zone. Times are in ours (UTC)." in page


def test_the_time_line_tells_every_step(lead, now):
    cora = builders.staff(roles.COORDINATOR)
    ways = [Stage.IN_TOUCH, Stage.WAITING, Stage.PREPARING, Stage.QUOTED, Stage.CLOSED, Stage.IN_TOUCH]
    for hours, stage in enumerate(ways, start=1):
        pipeline.move(lead, stage, by=cora, now=now + dt.timedelta(hours=hours), reason="done")
    pipeline.withdraw(lead, now=now + dt.timedelta(hours=9))
    assert progress.timeline(lead) == [
        ("You sent your request", now),
        ("We got in touch with you", now + dt.timedelta(hours=1)),
        ("We asked you something", now + dt.timedelta(hours=2)),
        ("We began to prepare your quote", now + dt.timedelta(hours=3)),
        ("We sent you our quote", now + dt.timedelta(hours=4)),
        ("We closed your request", now + dt.timedelta(hours=5)),
        ("We opened your request again", now + dt.timedelta(hours=6)),
        ("You withdrew your request", now + dt.timedelta(hours=9)),
    ]


@pytest.mark.parametrize(
    ("stage", "days", "title", "following"),
    [
        (
            "received",
            0,
            "We have received your request",
            "A coordinator reads your request and answers you by 25 November 2026.",
        ),
        (
            "received",
            6,
            "We have received your request",
            "A coordinator should have answered you by 25 November 2026. We are late, and we are sorry.",
        ),
        (
            "in_touch",
            0,
            "We are in touch with you",
            "If you have heard nothing by 25 November 2026, please write to us.",
        ),
        (
            "preparing",
            0,
            "We are preparing your quote",
            "If you have heard nothing by 25 November 2026, please write to us.",
        ),
        (
            "waiting",
            0,
            "We are waiting for your answer",
            "We asked you something. Your request stays open until you answer. There is no hurry.",
        ),
        (
            "quoted",
            0,
            "We have sent you our quote",
            "There is no hurry. If something in it is not clear, ask us. If you do not want to go on, "
            "tell us to stop, or withdraw your request on this page.",
        ),
        (
            "withdrawn",
            0,
            "You have withdrawn your request",
            "Nothing more happens, and nobody contacts you about it. You can begin a new one at any time.",
        ),
    ],
)
def test_each_stage_says_where_it_stands_and_what_follows(lead, now, stage, days, title, following):
    lead.stage = stage
    status = progress.status(lead, now=now + dt.timedelta(days=days))
    assert status == progress.Status(title, following)


@pytest.mark.parametrize(
    ("reason", "because"),
    [
        ("done", "We closed it because you have what you asked for."),
        ("asked", "We closed it because you asked us to."),
        (
            "no_answer",
            "We closed it because we have not heard from you. That is all right: you can go on at any time.",
        ),
        (
            "cannot",
            "We closed it because we cannot make this quote. We are sorry. If you do not know why, ask us.",
        ),
        (
            "twice",
            "We closed it because you asked for the same in another request. We go on with that one.",
        ),
    ],
)
def test_a_closed_request_says_why_and_how_to_go_on(client, now, reason, because):
    builders.closed(now=now, secret="the-secret", reason=reason)
    following = "Nothing more happens. If you want to go on, write to us, and we open it again."
    assert f"Your request is closed What happens next {because} {following} What has happened" in words(
        client.get(ADDRESS)
    )


def test_of_two_closings_the_last_says_why(lead, now):
    for hours, (to, reason) in enumerate([("closed", "no_answer"), ("in_touch", ""), ("closed", "done")]):
        pipeline.move(lead, to, by=None, now=now + dt.timedelta(hours=hours), reason=reason)
    following = progress.status(lead, now=now).following
    assert following.startswith("We closed it because you have what you asked for. ")


def test_the_consents_are_shown_with_their_words(client, now):
    builders.lead(now=now, secret="the-secret", news=True)
    page = words(client.get(ADDRESS))
    assert (
        "Given: use of health answers for the quote , 20 November 2026, 12:00 Show the words I agree" in page
    )
    assert (
        "Given: e-mails when the evidence changes , 20 November 2026, 12:00 Show the words I would like"
        in page
    )
    assert page.count("Version of the text: 2026-11-20") == 2


HOW_TO_WITHDRAW = "To take back your consent, press “Withdraw my request” below. Your consent ends at once."
HOW_TO_STOP_NEWS = (
    "You get e-mails when the evidence changes. You can stop only these; nothing else about your request"
    " changes. Stop these e-mails"
)


@pytest.mark.parametrize("news", [False, True])
def test_the_page_says_how_to_withdraw_a_consent(client, now, news):
    builders.lead(now=now, secret="the-secret", news=news)
    page = words(client.get(ADDRESS))
    assert [HOW_TO_WITHDRAW in page, HOW_TO_STOP_NEWS in page] == [True, news]
    assert "to get a copy of your answers, to correct them, or to have everything erased, write to us" in page


def test_consent_is_taken_back_in_the_same_way_after_closing(client, now):
    builders.closed(now=now, secret="the-secret", news=True)
    page = words(client.get(ADDRESS))
    assert [HOW_TO_WITHDRAW in page, HOW_TO_STOP_NEWS in page] == [True, True]
    assert "Withdraw my request" in page.partition("Your rights")[2]


def test_after_withdrawing_the_page_says_that_consent_ended_and_how_to_begin_again(client, now):
    lead = builders.lead(now=now, secret="the-secret", news=True)
    pipeline.withdraw(lead, now=now + dt.timedelta(hours=1))
    page = client.get(ADDRESS)
    assert "Withdrawn: use of health answers for the quote , 20 November 2026, 13:00" in words(page)
    assert "Your consent ended with your request, when you withdrew it." in words(page)
    assert [HOW_TO_WITHDRAW in words(page), HOW_TO_STOP_NEWS in words(page)] == [False, False]
    assert 'href="/quote/">Ask for another quote</a>' in page.text.partition("<main")[2]


def test_who_opened_the_file_is_shown_by_role_and_never_by_name(client, lead, now):
    cora = builders.staff(roles.COORDINATOR, username="cora", first_name="Cora", last_name="Example")
    audit.record("lead.opened", lead, by=cora, now=now)
    audit.record("lead.noted", lead, by=cora, now=now + dt.timedelta(hours=1))
    page = client.get(ADDRESS)
    opened = words(page).partition("Who opened your file ")[2].partition(" Your rights")[0]
    assert opened == (
        "You see the role of each person, not the name."
        " Somebody who comes back within half an hour is counted once."
        " Coordinator, 20 November 2026, 12:00"
    )
    assert re.search("cora|Cora", page.text) is None


def test_a_file_nobody_opened_says_so(client, lead):
    assert "Nobody has opened it yet." in words(client.get(ADDRESS))


def test_the_page_asks_the_database_as_often_for_thirty_openings_as_for_one(
    client, lead, now, django_assert_num_queries
):
    cora = builders.staff(roles.COORDINATOR)
    for hours in range(30):
        audit.record("lead.opened", lead, by=cora, now=now + dt.timedelta(hours=hours))
        if hours in (0, 29):
            with django_assert_num_queries(4):
                client.get(ADDRESS)


# --- Withdraw -----------------------------------------------------------------------------------

anything = st.one_of(st.binary(max_size=80), st.text(max_size=40).map(str.encode))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    body=anything,
    query=anything,
    content_type=st.sampled_from(
        ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/json", "x"]
    ),
)
def test_no_bytes_break_the_withdraw_form(client, lead, body, query, content_type):
    address = f"{ADDRESS}withdraw/?{quote_from_bytes(query)}"
    page = client.post(address, body, content_type=content_type)
    assert page.status_code in {303, 400}
    assert client.get(address).status_code == 200


def test_withdrawing_is_asked_about_first(client, lead):
    page = client.get(f"{ADDRESS}withdraw/")
    assert f"Withdraw request {lead.reference}?" in words(page)
    # With no-referrer the browser would send "Origin: null" and the CSRF check refuse the form.
    # With same-origin it would send the whole address along when it asks for a style sheet.
    assert page.headers["Referrer-Policy"] == "strict-origin"


def test_a_withdrawn_request_says_so_and_both_sides_have_it_in_writing(client, lead):
    done = client.post(f"{ADDRESS}withdraw/")
    assert (done.status_code, done.headers["Location"]) == (303, ADDRESS)
    assert "You have withdrawn your request" in words(client.get(ADDRESS))
    assert QuoteRequest.objects.get().stage == "withdrawn"
    letters = OutboxMessage.objects.filter(template__contains="withdrawn").order_by("pk")
    assert list(letters.values_list("template", "to_address")) == [
        ("quotes/withdrawn", lead.email),
        ("quotes/withdrawn_staff", "help@portal.invalid"),
    ]


def test_withdrawing_again_changes_nothing(client, lead):
    client.post(f"{ADDRESS}withdraw/")
    before = everything()
    assert client.post(f"{ADDRESS}withdraw/").status_code == 303
    assert everything() == before


def test_a_closed_request_is_withdrawn_too_and_its_consent_ends(client):
    lead = builders.closed(now=timezone.now(), secret="the-secret")
    asked = words(client.get(f"{ADDRESS}withdraw/"))
    assert "Your request is closed already. If you withdraw it, we do not open it again." in asked
    assert client.post(f"{ADDRESS}withdraw/").status_code == 303
    assert QuoteRequest.objects.get().stage == "withdrawn"
    assert lead.consents.order_by("pk").last().given is False
    assert [happened for happened, _at in progress.timeline(lead)][-1] == "You withdrew your request"


def test_what_is_withdrawn_has_nothing_to_withdraw(client, lead, now):
    pipeline.withdraw(lead, now=now)
    page = words(client.get(f"{ADDRESS}withdraw/"))
    assert "This request is withdrawn There is nothing to withdraw." in page


def test_withdrawing_needs_the_form_s_token(lead):
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(f"{ADDRESS}withdraw/").status_code == 403
    assert QuoteRequest.objects.get().stage == "received"


# --- Stop the e-mails ---------------------------------------------------------------------------


def test_the_e_mails_about_the_evidence_are_stopped_by_a_button(client):
    lead = builders.lead(now=timezone.now(), secret="the-secret", news=True)
    asked = client.get(f"{ADDRESS}stop-news/")
    assert f"Stop these e-mails? With your request {lead.reference} you chose" in words(asked)
    assert asked.headers["Referrer-Policy"] == "strict-origin"
    done = client.post(f"{ADDRESS}stop-news/")
    assert (done.status_code, done.headers["Location"]) == (303, ADDRESS)
    assert lead.consents.order_by("pk").values_list("kind", "given").last() == ("news", False)
    page = words(client.get(ADDRESS))
    assert [HOW_TO_STOP_NEWS in page, "We have received your request" in page] == [False, True]
    assert "You get no such e-mails There is nothing to stop." in words(client.get(f"{ADDRESS}stop-news/"))


def test_looking_stops_no_e_mail(client, now):
    builders.lead(now=now, secret="the-secret", news=True)
    before = everything()
    client.get(f"{ADDRESS}stop-news/")
    client.head(f"{ADDRESS}stop-news/")
    assert everything() == before


def test_stopping_the_e_mails_needs_the_form_s_token(now):
    builders.lead(now=now, secret="the-secret", news=True)
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(f"{ADDRESS}stop-news/").status_code == 403
    assert Consent.objects.count() == 2


def test_the_name_of_a_treatment_that_was_withdrawn_is_still_its_address(client, now):
    subject = builders.treatment("neural", now=now)
    builders.published(subject, now=now, title="Neural cells")
    builders.lead(now=now, secret="the-secret", treatment=subject)
    assert "Treatment Neural cells" in words(client.get(ADDRESS))
    Treatment.objects.update(live_revision=None)
    assert "Treatment neural" in words(client.get(ADDRESS))
