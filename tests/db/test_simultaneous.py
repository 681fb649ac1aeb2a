"""The same button pressed by twenty fingers at once, through the server that readers meet."""

import http.client
from urllib.parse import urlencode, urlsplit

import pytest
from django.test import Client
from django.urls import reverse

from portal import roles
from portal.models import AuditEvent, OutboxMessage, TokenBucket
from quotes import contact, pipeline
from quotes.models import Consent, PrivateLink, QuoteRequest, Stage, StageChange
from tests import builders
from tests.requester import TYPED, draft_mark
from tests.simultaneous import at_once

pytestmark = pytest.mark.django_db(transaction=True)

FINGERS = 20


class Visitor:
    """A browser without a screen: cookies, the form's token, redirects left alone."""

    def __init__(self, address: str) -> None:
        self.host = urlsplit(address).netloc
        self.cookies: dict[str, str] = {}

    def ask(self, method: str, path: str, typed: dict | None = None) -> tuple[int, str, bytes]:
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if typed is not None:
            typed = {**typed, "csrfmiddlewaretoken": self.cookies["csrftoken"]}
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        connection = http.client.HTTPConnection(self.host, timeout=60)
        connection.request(method, path, urlencode(typed or {}, doseq=True), headers)
        answer = connection.getresponse()
        page = answer.read()
        connection.close()
        for cookie in answer.headers.get_all("Set-Cookie") or []:
            name, _, rest = cookie.partition("=")
            self.cookies[name.strip()] = rest.partition(";")[0]
        return answer.status, answer.headers.get("Location", ""), page


@pytest.fixture
def visitor(live_server) -> Visitor:
    """Everything answered; the check page is next."""
    visitor = Visitor(live_server.url)
    visitor.ask("GET", "/quote/signs/")
    for step, typed in TYPED.items():
        assert visitor.ask("POST", f"/quote/{step}/", typed)[0] == 303
    return visitor


def test_twenty_presses_at_once_make_one_request_and_one_pair_of_letters(visitor):
    mark = draft_mark(visitor.ask("GET", "/quote/check/")[2])
    cookies = dict(visitor.cookies)

    def press(_finger: int) -> tuple[int, str, str]:
        one = Visitor(f"http://{visitor.host}")
        one.cookies = dict(cookies)
        status, location, _page = one.ask("POST", "/quote/check/", {"draft": mark})
        _status, _location, sent = one.ask("GET", "/quote/sent/")
        return status, location, sent.decode().partition('class="reference">')[2].partition("<")[0]

    answers = at_once(FINGERS, press)
    lead = QuoteRequest.objects.get()
    assert answers == [(303, "/quote/sent/", lead.reference)] * FINGERS
    assert list(OutboxMessage.objects.order_by("pk").values_list("template", "about")) == [
        ("quotes/received", lead.reference),
        ("quotes/received_staff", lead.reference),
    ]
    counted = [model.objects.count() for model in (PrivateLink, StageChange, Consent, AuditEvent)]
    assert counted == [1, 1, 1, 1]
    emptiest = TokenBucket.objects.order_by("tokens").values_list("tokens", flat=True)[:2]  # then the steps'
    assert [round(tokens) for tokens in emptiest] == [
        pipeline.PER_EMAIL.capacity - 1,
        pipeline.PER_ADDRESS.capacity - 1,
    ]


def test_of_two_steps_saved_at_once_both_are_kept(visitor):
    def save(changed: tuple[str, dict]) -> int:
        step, changes = changed
        tab = Visitor(f"http://{visitor.host}")
        tab.cookies = dict(visitor.cookies)
        return tab.ask("POST", f"/quote/{step}/", {**TYPED[step], **changes})[0]

    for number in range(2, 6):
        answers = [("wishes", {"companions": str(number)}), ("contact", {"name": f"Ada the {number}th"})]
        assert at_once(2, lambda tab, answers=answers: save(answers[tab])) == [303, 303]
        page = visitor.ask("GET", "/quote/check/")[2].decode()
        assert f"<bdi>{number}</bdi>" in page
        assert f"<bdi>Ada the {number}th</bdi>" in page


def test_of_twenty_colleagues_who_move_a_lead_at_once_one_does(now):
    builders.lead(now=now)
    leads = [QuoteRequest.objects.get() for _ in range(FINGERS)]

    def move(number: int) -> bool:
        try:
            pipeline.move(leads[number], Stage.IN_TOUCH, by=None, now=now)
        except pipeline.IllegalMove:
            return False
        return True

    assert sum(at_once(FINGERS, move)) == 1
    assert StageChange.objects.count() == 2


def test_twenty_withdrawals_at_once_are_one(now):
    builders.lead(now=now)
    leads = [QuoteRequest.objects.get() for _ in range(FINGERS)]

    def withdraw(number: int) -> str:
        pipeline.withdraw(leads[number], now=now)
        return leads[number].stage

    assert at_once(FINGERS, withdraw) == ["withdrawn"] * FINGERS
    assert QuoteRequest.objects.get().stage == "withdrawn"
    assert OutboxMessage.objects.filter(template__contains="withdrawn").count() == 2


def test_of_two_corrections_at_once_one_is_saved_and_the_other_is_told(now):
    lead = builders.lead(now=now, phone="+442079460018", time_zone="Europe/London")
    shown = {name: getattr(lead, name) for name in contact.CONTACT if name != "do_not_phone"}
    shown |= {"opened": contact.stamp(lead), "reason": "Asked."}
    corrections = [{"channel": "message"}, {"phone": ""}]
    windows = [Client(), Client()]
    for window in windows:
        window.force_login(builders.staff(roles.COORDINATOR))
    address = reverse("admin:quotes_quoterequest_contact", args=[lead.pk])

    def save(number: int) -> int:
        return windows[number].post(address, shown | corrections[number]).status_code

    assert sorted(at_once(2, save)) == [302, 409]
    kept = QuoteRequest.objects.values_list("channel", "phone").get()
    assert kept in [("message", "+442079460018"), ("email", "")]
