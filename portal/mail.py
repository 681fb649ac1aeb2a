"""Letters. A row before it is a letter: `queue` writes it in the caller's transaction, a worker sends it.

A worker claims a row by a conditional UPDATE, sends outside any transaction and marks it sent by another.
Killed in between, it leaves a row whose lease runs out; the letter then goes again under the same
Message-ID, so that the receiving side can tell.

Only two things make a letter fail at once: it cannot be written, or the server refuses this very letter for
good. Everything else (no connection, a wrong password, a server that says "later") passes, so the letter
waits; after TRIED_FOR it has failed, and staff see it.
"""

import datetime as dt
import logging
import signal
import smtplib
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.db.models import F, Q, QuerySet, Value
from django.db.models.functions import Concat
from django.template import Context, TemplateDoesNotExist, TemplateSyntaxError
from django.template.loader import get_template
from django.urls import NoReverseMatch
from django.utils import translation
from django.utils.translation import gettext as _

from . import audit, mail_words
from .models import OutboxMessage

logger = logging.getLogger(__name__)

State = OutboxMessage.State
# How long to wait after each try; the last holds for all that follow.
BACKOFF = (
    dt.timedelta(minutes=1),
    dt.timedelta(minutes=5),
    dt.timedelta(minutes=30),
    dt.timedelta(hours=2),
    dt.timedelta(hours=6),
)
# Longer than a mail server is away over a holiday weekend.
TRIED_FOR = dt.timedelta(days=4)
# Time enough to mend an address; then nobody sends it again, and the secret link in it must not stay.
FAILED_KEPT_FOR = dt.timedelta(days=30)
# EMAIL_TIMEOUT holds for each answer of the server; one that keeps answering slowly would never end.
SEND_WITHIN = dt.timedelta(minutes=2)
# Longer than a letter can take.
LEASE = dt.timedelta(minutes=5)
# What a template, or what it is given, can raise: trying again would not help.
CANNOT_BE_WRITTEN = (
    TemplateDoesNotExist,
    TemplateSyntaxError,
    NoReverseMatch,
    ArithmeticError,
    AttributeError,
    LookupError,
    TypeError,
    ValueError,
)
# Refusals of this very letter; one of our sender or password falls on all, and they go once that is mended.
OF_THIS_LETTER = (smtplib.SMTPRecipientsRefused, smtplib.SMTPDataError)

FORGOTTEN = Q(last_error__startswith=mail_words.FORGOTTEN)


class NotFailed(Exception):
    """Only a letter that failed, and still has its content, can be sent again; the message is for people."""


@dataclass(frozen=True)
class Letter:
    subject: str
    text: str
    html: str


def queue(
    template: str, *, to: str, context: dict, about: str = "", language: str = "", now: dt.datetime
) -> OutboxMessage:
    """Owe a letter: emails/<template>.txt and .html, filled with `context`, which must fit in JSON.

    `about` is a reference staff can look for; without a language the site's own is used.
    """
    return OutboxMessage.objects.create(
        template=template,
        to_address=to,
        context=context,
        about=about,
        language=language,
        message_id=f"<{uuid.uuid4()}@{urlsplit(settings.SITE_URL).hostname}>",
        created_at=now,
        next_attempt_at=now,
    )


def deliver_due(now: dt.datetime, *, worker: uuid.UUID, limit: int = 50) -> int:
    """Try up to `limit` letters that are due, oldest first; how many were tried, sent or not.

    Call it outside a transaction. Any number of workers may.
    """
    due = OutboxMessage.objects.filter(state=State.WAITING, next_attempt_at__lte=now)
    numbers = due.order_by("next_attempt_at", "pk").values_list("pk", flat=True)[:limit]
    return sum(_deliver(number, now, worker) for number in list(numbers))


def free_stuck(now: dt.datetime) -> int:
    """Take back the letters whose worker is gone; how many. One tried for too long has failed."""
    stuck = OutboxMessage.objects.filter(state=State.SENDING, leased_until__lt=now)
    spent = stuck.filter(created_at__lte=now - TRIED_FOR).update(
        state=State.FAILED,
        next_attempt_at=now,
        leased_by=None,
        leased_until=None,
        last_error="worker lost",
    )
    return spent + stuck.update(
        state=State.WAITING,
        next_attempt_at=now,
        leased_by=None,
        leased_until=None,
        last_error="worker lost",
    )


@transaction.atomic
def retry(message: OutboxMessage, *, by: audit.Actor, now: dt.datetime) -> None:
    """Try a failed letter at once; where it is older than TRIED_FOR, this is its one try.

    NotFailed where it is waiting, sent, forgotten, or a colleague was faster.
    """
    failed = OutboxMessage.objects.filter(pk=message.pk, state=State.FAILED)
    if failed.filter(FORGOTTEN).exists():
        raise NotFailed(_("This letter is too old to send again: what it said was cleared away."))
    if not failed.exclude(FORGOTTEN).update(state=State.WAITING, next_attempt_at=now, attempts=0):
        raise NotFailed(_("This letter has not failed, or a colleague has already sent it again."))
    message.refresh_from_db()
    audit.record("letter.retried", message, by=by, now=now)


def forget_failed(now: dt.datetime) -> int:
    """Empty the letters that failed so long ago that nobody sends them again; how many. They stay failed."""
    failed = OutboxMessage.objects.filter(state=State.FAILED, next_attempt_at__lte=now - FAILED_KEPT_FOR)
    marked = Concat(Value(mail_words.FORGOTTEN), F("last_error"))
    return failed.exclude(FORGOTTEN).update(context={}, last_error=marked)


def is_forgotten(message: OutboxMessage) -> bool:
    return message.last_error.startswith(mail_words.FORGOTTEN)


def write(message: OutboxMessage) -> Letter:
    """The letter as it will be read. The text template's first line is the subject."""
    surroundings = {
        "site_name": settings.SITE_NAME,
        "site_url": settings.SITE_URL,
        "contact_email": settings.CONTACT_EMAIL,
    }
    with translation.override(message.language or settings.LANGUAGE_CODE):
        surroundings["page_language"] = translation.get_language()
        surroundings["page_direction"] = "rtl" if translation.get_language_bidi() else "ltr"
        context = surroundings | message.context
        text = _rendered(f"emails/{message.template}.txt", context, autoescape=False)
        html = _rendered(f"emails/{message.template}.html", context, autoescape=True)
    subject, _line, body = text.lstrip().partition("\n")
    return Letter(subject=" ".join(subject.split()), text=body.strip() + "\n", html=html)


def _rendered(name: str, context: dict, *, autoescape: bool) -> str:
    """In plain text nothing is escaped: O'Brien is not O&#x27;Brien."""
    template = get_template(name).template  # type: ignore[attr-defined]
    return template.render(Context(context, autoescape=autoescape))


def _deliver(number: int, now: dt.datetime, worker: uuid.UUID) -> bool:
    """Claim, send, mark. False where another worker was faster."""
    if not _claim(number, now, worker):
        return False
    message = OutboxMessage.objects.get(pk=number)
    try:
        email = _email(message)
    except CANNOT_BE_WRITTEN as error:
        _fail(message, error, now, worker)
        return True
    try:
        with within(SEND_WITHIN):
            email.send()
    except (OSError, ValueError) as error:  # smtplib's errors are OSErrors; a password may not be ASCII
        if _is_final(error) or now - message.created_at >= TRIED_FOR:
            _fail(message, error, now, worker)
        else:
            _postpone(message, error, now, worker)
    else:
        _mark(message, worker, state=State.SENT, sent_at=now, context={}, last_error="")
    return True


def _claim(number: int, now: dt.datetime, worker: uuid.UUID) -> bool:
    won = OutboxMessage.objects.filter(pk=number, state=State.WAITING, next_attempt_at__lte=now).update(
        state=State.SENDING, leased_by=worker, leased_until=now + LEASE, attempts=F("attempts") + 1
    )
    return bool(won)


def _email(message: OutboxMessage) -> EmailMultiAlternatives:
    """The letter with its addresses. Whatever is wrong with it shows here, before a server is asked."""
    letter = write(message)
    email = EmailMultiAlternatives(
        subject=letter.subject,
        body=letter.text,
        to=[message.to_address],
        headers={"Message-ID": message.message_id, "Auto-Submitted": "auto-generated"},
    )
    email.attach_alternative(letter.html, "text/html")
    email.message()
    return email


@contextmanager
def within(time: dt.timedelta) -> Iterator[None]:
    """Ends what takes longer by a TimeoutError. Only a process's first thread can be told the time."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGALRM, _too_late)
    signal.setitimer(signal.ITIMER_REAL, time.total_seconds())
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _too_late(number: int, frame: FrameType | None) -> None:
    raise TimeoutError


def _fail(message: OutboxMessage, error: Exception, now: dt.datetime, worker: uuid.UUID) -> None:
    # Of a failed letter `next_attempt_at` says when it failed; forget_failed counts from there.
    logger.warning("letter %s has failed: %s", message.pk, _named(error))
    _mark(message, worker, state=State.FAILED, next_attempt_at=now, last_error=_named(error))


def _postpone(message: OutboxMessage, error: Exception, now: dt.datetime, worker: uuid.UUID) -> None:
    wait = BACKOFF[min(message.attempts, len(BACKOFF)) - 1]
    _mark(message, worker, state=State.WAITING, next_attempt_at=now + wait, last_error=_named(error))


def _mark(message: OutboxMessage, worker: uuid.UUID, **changes: object) -> None:
    ours: QuerySet = OutboxMessage.objects.filter(pk=message.pk, state=State.SENDING, leased_by=worker)
    if not ours.update(leased_by=None, leased_until=None, **changes):
        logger.warning("letter %s took longer than its lease; it may go twice", message.pk)


def _codes(error: Exception) -> list[int]:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return [code for code, _text in error.recipients.values()]
    return [error.smtp_code] if isinstance(error, smtplib.SMTPResponseException) else []


def _is_final(error: Exception) -> bool:
    """The letter was refused for good (5xx): staff should see it now, not tomorrow."""
    return isinstance(error, OF_THIS_LETTER) and all(code >= 500 for code in _codes(error))


def _named(error: Exception) -> str:
    """Class and SMTP code only: a server's words repeat addresses, a template's repeat the letter."""
    return " ".join([type(error).__name__, *(str(code) for code in _codes(error))])
