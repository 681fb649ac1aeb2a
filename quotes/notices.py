"""Which letter goes to whom for which event. No letter names a treatment, an answer or a person."""

import datetime as dt

from django.conf import settings
from django.urls import reverse
from django.utils import formats

from portal import mail

from . import progress
from .models import QuoteRequest


def received(lead: QuoteRequest, *, secret: str, now: dt.datetime) -> None:
    """The request arrived: the requester gets reference and private link, staff the admin link."""
    _to_requester("received", lead, now=now, private_link=_private_link(secret))
    _to_staff("received_staff", lead, now=now)


def new_link(lead: QuoteRequest, *, secret: str, now: dt.datetime) -> None:
    """Staff made a new private link: it goes to the requester alone."""
    _to_requester("new_link", lead, now=now, private_link=_private_link(secret))


def withdrawn(lead: QuoteRequest, *, now: dt.datetime) -> None:
    """The requester took the request back: both sides get it in writing."""
    _to_requester("withdrawn", lead, now=now)
    _to_staff("withdrawn_staff", lead, now=now)


def closed(lead: QuoteRequest, *, reason: str, now: dt.datetime) -> None:
    """Staff closed the request: the requester is told why, and how to have it opened again."""
    _to_requester("closed", lead, now=now, because=progress.closed_because(reason))


def _private_link(secret: str) -> str:
    return settings.SITE_URL + reverse("quotes:private", args=[secret])


def _to_requester(letter: str, lead: QuoteRequest, *, now: dt.datetime, **more: str) -> None:
    context = _context(lead) | more
    mail.queue(f"quotes/{letter}", to=lead.email, context=context, about=lead.reference, now=now)


def _to_staff(letter: str, lead: QuoteRequest, *, now: dt.datetime) -> None:
    link = settings.SITE_URL + reverse("admin:quotes_quoterequest_change", args=[lead.pk])
    context = _context(lead) | {"admin_link": link}
    for address in settings.STAFF_EMAILS:
        mail.queue(f"quotes/{letter}", to=address, context=context, about=lead.reference, now=now)


def _context(lead: QuoteRequest) -> dict[str, str]:
    return {
        "reference": lead.reference,
        "answer_due_on": formats.date_format(lead.answer_due_on, "j F Y"),
    }
