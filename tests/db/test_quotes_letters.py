"""Every letter about a request, word for word. None names an answer, a treatment or a person."""

import re

import pytest
from django.utils.html import strip_tags

from portal import mail
from portal.models import OutboxMessage
from quotes import contact, pipeline, progress
from quotes.models import ClosedFor, Stage
from tests import builders

pytestmark = pytest.mark.django_db

MEDICAL = re.compile(
    r"stroke|cell|treatment|clot|bleed|brain|cancer|seizure|pregnan|speech|mesenchymal|health|medic",
    re.IGNORECASE,
)


@pytest.fixture(autouse=True)
def addresses(settings):
    settings.SITE_URL = "https://portal.example"
    settings.SITE_NAME = "Second Look"
    settings.CONTACT_EMAIL = "help@portal.example"
    settings.STAFF_EMAILS = ["desk@portal.example", "night@portal.example"]


@pytest.fixture
def lead(now):
    lead = builders.lead(now=now, secret="the-secret", email="ada@home.example", affected=["speech"])
    type(lead).objects.filter(pk=lead.pk).update(reference="SL-CDFH-3467")
    lead.refresh_from_db()
    return lead


def letters(template: str) -> list[OutboxMessage]:
    return list(OutboxMessage.objects.filter(template=f"quotes/{template}").order_by("pk"))


def written(message: OutboxMessage, lead) -> mail.Letter:
    """The letter, with the reference fixed so that the words can be compared."""
    message.context["reference"] = lead.reference
    return mail.write(message)


def plain(html: str) -> str:
    return " ".join(strip_tags(html.partition("<body>")[2].replace("<br>", " ")).split())


def test_a_request_owes_one_letter_to_the_requester_and_one_to_each_desk(lead, now):
    owed = OutboxMessage.objects.order_by("pk").values_list("template", "to_address", "created_at")
    assert list(owed) == [
        ("quotes/received", "ada@home.example", now),
        ("quotes/received_staff", "desk@portal.example", now),
        ("quotes/received_staff", "night@portal.example", now),
    ]


def test_every_letter_can_be_found_by_the_reference(now):
    lead = builders.lead(now=now)
    assert set(OutboxMessage.objects.values_list("about", flat=True)) == {lead.reference}


def test_the_letter_of_receipt(lead):
    letter = written(letters("received")[0], lead)
    assert letter.subject == "We have received your request SL-CDFH-3467"
    assert letter.text == RECEIVED
    assert plain(letter.html) == " ".join(RECEIVED.split())
    assert '<a href="https://portal.example/quote/s/the-secret/">' in letter.html


RECEIVED = """\
Hello,

We have received your request for a quote. Your reference is SL-CDFH-3467.

What happens next
A coordinator reads your request and answers you by 25 November 2026, in the way you chose.

Your private page
https://portal.example/quote/s/the-secret/
There you see where your request stands and who opened it, and there you can withdraw it. \
The page shows what was asked for and how we keep in touch, but no name, address or number. \
Whoever has this address can see that page and can withdraw the request: pass this e-mail on only to \
somebody who may do that too, such as the person whom the request is for.

If you did not send this request, somebody mistyped an address. \
Please do not open the page. Answer this e-mail, and we erase the request.

If you have a question, answer this e-mail or write to help@portal.example and name your reference.

Second Look
help@portal.example
"""


def test_the_letter_to_staff(lead):
    letter = written(letters("received_staff")[0], lead)
    link = f"https://portal.example/admin/quotes/quoterequest/{lead.pk}/change/"
    assert letter.subject == "New request SL-CDFH-3467, answer promised by 25 November 2026"
    assert letter.text == (
        "A new request has come in: SL-CDFH-3467.\n"
        "We promised an answer by 25 November 2026.\n\n"
        f"Open it in the admin:\n{link}\n"
    )
    assert plain(letter.html) == f"{' '.join(letter.text.split())} Second Look help@portal.example"


def test_the_letters_of_withdrawal(lead, now):
    pipeline.withdraw(lead, now=now)
    assert [message.to_address for message in letters("withdrawn")] == ["ada@home.example"]
    letter = written(letters("withdrawn")[0], lead)
    assert letter.subject == "Your request SL-CDFH-3467 is withdrawn"
    assert letter.text == WITHDRAWN
    assert plain(letter.html) == " ".join(WITHDRAWN.split())


WITHDRAWN = """\
Hello,

You have withdrawn your request SL-CDFH-3467. We stop working on it, and nobody contacts you about it. \
Your consent ended with it.

Your answers are not erased by this. To have them erased, answer this e-mail or write to help@portal.example.

You can ask for a new quote at any time.

Second Look
help@portal.example
"""


def test_the_letter_of_withdrawal_to_staff(lead, now):
    pipeline.withdraw(lead, now=now)
    desks = [message.to_address for message in letters("withdrawn_staff")]
    assert desks == ["desk@portal.example", "night@portal.example"]
    letter = written(letters("withdrawn_staff")[0], lead)
    link = f"https://portal.example/admin/quotes/quoterequest/{lead.pk}/change/"
    assert letter.subject == "Request SL-CDFH-3467 was withdrawn"
    assert letter.text == (
        "The requester has withdrawn SL-CDFH-3467. "
        "Please stop working on it and do not contact them about it.\n\n"
        f"In the admin:\n{link}\n"
    )
    assert plain(letter.html) == f"{' '.join(letter.text.split())} Second Look help@portal.example"


def test_the_letter_of_closing(lead, now):
    pipeline.move(lead, Stage.CLOSED, by=None, now=now, reason="no_answer")
    assert [message.to_address for message in letters("closed")] == ["ada@home.example"]
    letter = written(letters("closed")[0], lead)
    assert letter.subject == "Your request SL-CDFH-3467 is closed"
    assert letter.text == CLOSED
    assert plain(letter.html) == " ".join(CLOSED.split())


CLOSED = """\
Hello,

We have closed your request SL-CDFH-3467. Nothing more happens with it.

We closed it because we have not heard from you. That is all right: you can go on at any time.

If you want to go on, or if you think that this is wrong, answer this e-mail or write to \
help@portal.example. We can open it again.

Your private page still works. Its address is in the e-mail with your private link.

Second Look
help@portal.example
"""


def test_the_letter_with_a_new_link(lead, now):
    contact.renew_link(lead, by=builders.staff(), now=now)
    [message] = letters("new_link")
    letter = written(message, lead)
    link = message.context["private_link"]
    assert re.fullmatch(r"https://portal\.example/quote/s/[\w-]{32}/", link)
    assert letter.subject == "A new private link for your request SL-CDFH-3467"
    assert letter.text == NEW_LINK.replace("LINK", link)
    assert plain(letter.html) == " ".join(letter.text.split())
    assert f'<a href="{link}">' in letter.html


NEW_LINK = """\
Hello,

Here is a new address of the private page of your request SL-CDFH-3467. \
The address that you had before no longer opens it.

Your private page
LINK
There you see where your request stands and who opened it, and there you can withdraw it. \
The page shows what was asked for and how we keep in touch, but no name, address or number. \
Whoever has this address can see that page and can withdraw the request: pass this e-mail on only to \
somebody who may do that too, such as the person whom the request is for.

If you did not expect this e-mail, please do not open the page. \
Answer this e-mail or write to help@portal.example, and we put it right.

Second Look
help@portal.example
"""


@pytest.mark.parametrize("reason", ClosedFor.values)
def test_the_letter_of_closing_says_why_in_the_words_of_the_private_page(reason, now):
    lead = builders.closed(now=now, reason=reason)
    letter = written(letters("closed")[0], lead)
    assert f"\n\n{progress.closed_because(reason)}\n\n" in letter.text
    assert f"<p>{progress.closed_because(reason)}</p>" in letter.html


@pytest.mark.parametrize("stage", [Stage.IN_TOUCH, Stage.WAITING, Stage.PREPARING, Stage.QUOTED])
def test_other_moves_write_no_letter(stage, lead, now):
    if stage == Stage.QUOTED:
        pipeline.move(lead, Stage.PREPARING, by=None, now=now)
    OutboxMessage.objects.all().delete()
    pipeline.move(lead, stage, by=None, now=now)
    assert OutboxMessage.objects.count() == 0


def test_no_letter_has_a_medical_word_or_a_name(lead, now):
    pipeline.move(lead, Stage.CLOSED, by=None, now=now, reason="no_answer")
    pipeline.move(lead, Stage.IN_TOUCH, by=None, now=now)
    contact.renew_link(lead, by=builders.staff(), now=now)
    pipeline.withdraw(lead, now=now)
    found = [mail.write(message) for message in OutboxMessage.objects.all()]
    words = " ".join(f"{letter.subject} {letter.text} {letter.html}" for letter in found)
    assert len(found) == 8
    assert MEDICAL.findall(words) == []
    assert "Ada Example" not in words
