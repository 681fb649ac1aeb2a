"""A new private link, a corrected contact, no more e-mails: what letters and private pages promise."""

import datetime as dt

import pytest

from portal import audit, mail, roles
from portal.models import AuditEvent, OutboxMessage
from quotes import contact, links, pipeline
from quotes.lead_forms import CorrectionForm
from quotes.models import Consent, Note, PrivateLink, QuoteRequest, Stage
from tests import builders

pytestmark = pytest.mark.django_db


@pytest.fixture
def coordinator():
    return builders.staff(roles.COORDINATOR, username="cora")


@pytest.fixture
def later(now):
    return now + dt.timedelta(hours=1)


@pytest.fixture
def lead(now):
    made = builders.lead(now=now, secret="the-secret", email="ada@home.example")
    OutboxMessage.objects.all().delete()
    return made


def answers(lead, **changes):
    return {name: getattr(lead, name) for name in contact.CONTACT} | changes


def correct(lead, *, by, now, reason="Asked.", **changes):
    """What somebody saves whose page shows the lead as this object holds it."""
    typed = answers(lead, **changes)
    contact.correct_contact(lead, typed, seen=contact.stamp(lead), reason=reason, by=by, now=now)


def trail(lead):
    return list(audit.trail_of(lead).values_list("action", "actor_name", "detail"))


def opens(secret: str) -> bool:
    return QuoteRequest.objects.opened_by(links.digest(secret)).exists()


def secret_of(message: OutboxMessage) -> str:
    return message.context["private_link"].rstrip("/").rpartition("/")[2]


# --- A new private link -------------------------------------------------------------------------


def test_a_new_link_ends_the_old_and_goes_to_the_requester(lead, coordinator, later):
    contact.renew_link(lead, by=coordinator, now=later)
    [letter] = OutboxMessage.objects.all()
    assert (letter.template, letter.to_address, letter.about) == (
        "quotes/new_link",
        "ada@home.example",
        lead.reference,
    )
    assert [opens("the-secret"), opens(secret_of(letter))] == [False, True]
    assert list(PrivateLink.objects.order_by("pk").values_list("lead", "created_at", "revoked_at")) == [
        (lead.pk, lead.submitted_at, later),
        (lead.pk, later, None),
    ]
    assert trail(lead)[0] == ("lead.link_renewed", "cora", {})


def test_a_link_that_was_revoked_before_keeps_its_time(lead, coordinator, now, later):
    contact.renew_link(lead, by=coordinator, now=now)
    contact.renew_link(lead, by=coordinator, now=later)
    revoked = PrivateLink.objects.order_by("pk").values_list("revoked_at", flat=True)
    assert list(revoked) == [now, later, None]


def test_the_new_secret_stands_only_in_the_letter(lead, coordinator, later):
    contact.renew_link(lead, by=coordinator, now=later)
    secret = secret_of(OutboxMessage.objects.get())
    rows = [*QuoteRequest.objects.values_list(), *PrivateLink.objects.values_list()]
    rows += AuditEvent.objects.values_list()
    assert not any(secret in str(value) for row in rows for value in row)


def test_the_letter_with_the_new_link_is_emptied_once_it_is_sent(lead, coordinator, later):
    contact.renew_link(lead, by=coordinator, now=later)
    mail.deliver_due(later, worker=builders.WORKER)
    assert OutboxMessage.objects.values_list("state", "context").get() == ("sent", {})


# --- A corrected contact ------------------------------------------------------------------------


def test_a_correction_changes_what_differs_and_names_only_the_fields(lead, coordinator, later):
    contact.correct_contact(
        lead,
        answers(lead, name="Ada Exemple", phone="+442079460018"),
        seen=contact.stamp(lead),
        reason="She spelt it on the phone.",
        by=coordinator,
        now=later,
    )
    kept = QuoteRequest.objects.get()
    assert (kept.name, kept.phone, kept.email) == ("Ada Exemple", "+442079460018", "ada@home.example")
    note = Note.objects.get()
    assert (note.text, note.author) == ("She spelt it on the phone.", coordinator)
    assert trail(lead)[:2] == [
        ("lead.contact_corrected", "cora", {"fields": ["name", "phone"], "note": note.pk}),
        ("lead.noted", "cora", {"note": note.pk}),
    ]
    assert opens("the-secret")
    assert OutboxMessage.objects.count() == 0


def test_a_new_address_gets_a_new_link_and_the_old_address_loses_its_own(lead, coordinator, later):
    correct(lead, by=coordinator, now=later, email="ada@work.example")
    [letter] = OutboxMessage.objects.all()
    assert (letter.template, letter.to_address) == ("quotes/new_link", "ada@work.example")
    assert [opens("the-secret"), opens(secret_of(letter))] == [False, True]
    told = [value for row in AuditEvent.objects.values_list() for value in row]
    assert not any("work.example" in str(value) or "home.example" in str(value) for value in told)


def test_two_corrections_may_have_one_reason(lead, coordinator, later):
    for changed in ({"name": "Ada Exemple"}, {"email": "ada@work.example"}):
        correct(lead, by=coordinator, now=later, **changed)
    assert list(Note.objects.values_list("text", flat=True)) == ["Asked.", "Asked."]


def test_a_correction_that_corrects_nothing_is_refused(lead, coordinator, later):
    with pytest.raises(pipeline.PipelineError) as refusal:
        correct(lead, by=coordinator, now=later)
    assert str(refusal.value) == "Nothing was changed: all of this is as it was."
    assert Note.objects.count() == 0


def test_a_correction_without_a_reason_changes_nothing(lead, coordinator, later):
    with pytest.raises(pipeline.PipelineError):
        correct(lead, by=coordinator, now=later, reason=" ", email="b@work.example")
    assert QuoteRequest.objects.get().email == "ada@home.example"
    assert opens("the-secret")


def test_a_correction_does_not_undo_one_that_was_made_meanwhile(lead, coordinator, later):
    opened_before = QuoteRequest.objects.get()
    correct(lead, by=coordinator, now=later, email="ada@work.example")
    with pytest.raises(contact.Overtaken):
        correct(opened_before, by=coordinator, now=later, name="Ada Exemple")
    kept = QuoteRequest.objects.get()
    assert (kept.name, kept.email) == (lead.name, "ada@work.example")
    assert opens(secret_of(OutboxMessage.objects.get()))


def test_corrections_that_do_not_fit_together_are_not_put_together(now, coordinator, later):
    lead = builders.lead(now=now, phone="+442079460018")
    opened_before = QuoteRequest.objects.get()
    correct(lead, by=coordinator, now=later, channel="message")
    with pytest.raises(contact.Overtaken):
        correct(opened_before, by=coordinator, now=later, phone="")
    assert QuoteRequest.objects.values_list("channel", "phone").get() == ("message", "+442079460018")


@pytest.mark.parametrize("name", contact.CONTACT)
def test_the_stamp_changes_with_every_part_of_the_contact(lead, name):
    before = contact.stamp(lead)
    setattr(lead, name, not lead.do_not_phone if name == "do_not_phone" else "another")
    assert contact.stamp(lead) != before


def test_the_stamp_stays_where_the_lead_only_moves(lead, coordinator, later):
    before = contact.stamp(lead)
    pipeline.move(lead, Stage.IN_TOUCH, by=coordinator, now=later)
    assert contact.stamp(QuoteRequest.objects.get()) == before


def test_a_corrected_number_has_no_extension_and_staff_are_told_where_it_goes(lead):
    form = CorrectionForm(lead, answers(lead, phone="020 7946 0018 ext. 123") | {"reason": "Asked."})
    assert form.errors["phone"] == [
        "Write the number without its extension, and the extension into the reason."
    ]


# --- No more e-mails ----------------------------------------------------------------------------


def test_stopping_the_e_mails_is_an_act_of_its_own_and_the_request_goes_on(now, later):
    lead = builders.lead(now=now, news=True)
    contact.stop_news(lead, now=later)
    newest = Consent.objects.order_by("pk").last()
    given = lead.consents.order_by("pk").values_list("kind", "given", "at")
    assert list(given) == [("health", True, now), ("news", True, now), ("news", False, later)]
    assert newest.text_version == lead.consents.get(kind="news", given=True).text_version
    assert trail(lead)[0] == ("lead.news_stopped", "requester", {})
    assert QuoteRequest.objects.get().stage == "received"


def test_stopping_twice_is_stopping_once(now, later):
    lead = builders.lead(now=now, news=True)
    for _again in range(2):
        contact.stop_news(lead, now=later)
    assert [lead.consents.count(), len(trail(lead))] == [3, 2]


def test_who_never_wanted_them_stops_nothing(lead, later):
    contact.stop_news(lead, now=later)
    assert [lead.consents.count(), len(trail(lead))] == [1, 1]
