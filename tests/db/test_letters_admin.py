"""Letters in the admin: in words, and sent again from their own page."""

import re

import pytest

from portal import mail_words, roles
from portal.models import AuditEvent, OutboxMessage
from tests import builders

pytestmark = pytest.mark.django_db

State = OutboxMessage.State
LETTERS = "/admin/portal/outboxmessage/"


@pytest.fixture
def letter(now):
    return OutboxMessage.objects.create(
        template="quotes/received",
        to_address="ada@home.example",
        about="SL-AAAA-BBBB",
        message_id="<1@portal.example>",
        state=State.FAILED,
        attempts=1,
        created_at=now,
        next_attempt_at=now,
        last_error="SMTPRecipientsRefused 550",
    )


@pytest.fixture
def coordinator(client):
    person = builders.staff(roles.COORDINATOR)
    client.force_login(person)
    return person


def shown(client, letter) -> str:
    page = client.get(f"{LETTERS}{letter.pk}/change/").text
    return " ".join(re.sub(r"<[^>]+>", " ", page.partition('id="content"')[2]).split())


def again(client, letter):
    return client.post(f"{LETTERS}{letter.pk}/again/")


def test_a_failed_letter_says_why_in_plain_words_and_when_nothing_more_is_tried(client, coordinator, letter):
    words = shown(client, letter)
    assert "to the requester: request received" in words
    assert "The other mail server does not take letters for this address." in words
    assert words.index("does not take letters") < words.index("SMTPRecipientsRefused 550")
    assert ("Next attempt" in words, "Send it again" in words) == (False, True)


def test_a_waiting_letter_says_when_it_is_tried_next(client, coordinator, letter):
    OutboxMessage.objects.update(state=State.WAITING)
    words = shown(client, letter)
    assert ("Next attempt: 20 November 2026, 12:00" in words, "Send it again" in words) == (True, False)


def test_a_coordinator_sends_a_failed_letter_again_from_its_page(client, coordinator, letter):
    response = again(client, letter)
    letter.refresh_from_db()
    assert (response.status_code, response["Location"]) == (302, f"{LETTERS}{letter.pk}/change/")
    assert letter.state == State.WAITING
    assert AuditEvent.objects.get().action == "letter.retried"


def test_a_letter_that_was_forgotten_says_so_and_has_no_button(client, coordinator, letter):
    OutboxMessage.objects.update(last_error="forgotten: SMTPRecipientsRefused 550")
    words = shown(client, letter)
    assert "It may be mistyped or closed. The letter is too old to send again" in words
    assert "Send it again" not in words
    page = client.post(f"{LETTERS}{letter.pk}/again/", follow=True)
    assert "This letter is too old to send again" in page.text
    letter.refresh_from_db()
    assert letter.state == State.FAILED


def test_pressing_twice_says_that_it_is_on_its_way(client, coordinator, letter):
    again(client, letter)
    page = client.post(f"{LETTERS}{letter.pk}/again/", follow=True)
    assert "a colleague has already sent it again" in page.text


@pytest.mark.parametrize("role", [roles.AUDITOR, roles.EDITOR])
def test_who_may_not_send_letters_has_no_button_and_sends_none(client, letter, role):
    client.force_login(builders.staff(role))
    assert "Send it again" not in shown(client, letter)
    assert again(client, letter).status_code == 403
    letter.refresh_from_db()
    assert letter.state == State.FAILED


def test_the_list_has_no_code_of_ours(client, coordinator, letter):
    page = client.get(LETTERS).text
    table = page.partition('id="result_list"')[2].partition("</table>")[0]
    assert re.findall(r"quotes/received|SMTP", table) == []
    assert "to the requester: request received" in table


def test_the_list_is_narrowed_to_one_kind_of_letter(client, coordinator, letter):
    page = client.get(f"{LETTERS}?template=quotes/received")
    assert page.context_data["cl"].result_count == 1
    assert client.get(f"{LETTERS}?template=quotes/closed").context_data["cl"].result_count == 0


@pytest.mark.parametrize(
    ("kept", "start"),
    [
        ("SMTPRecipientsRefused 550", "The other mail server does not take"),
        ("SMTPRecipientsRefused 451", "The other mail server asked us to come back"),
        ("SMTPDataError 554", "The other mail server did not take the letter"),
        ("SMTPAuthenticationError 535", "Our own mail server did not take our password"),
        ("ConnectionRefusedError", "Our own mail server could not be reached"),
        ("KeyError", "The letter could not be written"),
        ("worker lost", "The worker stopped"),
        ("forgotten: SMTPDataError 554", "The other mail server did not take the letter"),
        ("forgotten: Strange", "The letter is too old to send again"),
        ("", ""),
        ("Strange", ""),
    ],
)
def test_errors_in_plain_words(kept, start):
    words = str(mail_words.why(kept))
    assert (words[: len(start)], bool(words)) == (start, bool(start))
