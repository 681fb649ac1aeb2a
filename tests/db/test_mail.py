import contextlib
import datetime as dt
import smtplib
import socketserver
import threading
import time
import uuid

import pytest
from django.core import mail as django_mail
from django.db import transaction

from portal import mail, roles
from portal.models import AuditEvent, OutboxMessage
from tests import builders
from tests.simultaneous import at_once

State = OutboxMessage.State
WORKER = uuid.UUID(int=1)
MINUTE = dt.timedelta(minutes=1)


@pytest.fixture(autouse=True)
def letters(tmp_path, settings):
    """Letters of our own, in a folder that tests may write into."""
    settings.TEMPLATES = [settings.TEMPLATES[0] | {"DIRS": [tmp_path]}]
    folder = tmp_path / "emails"
    folder.mkdir()
    (folder / "hello.txt").write_text("Hello {{ name }},\n\n{{ site_name }} writes to {{ name }}.\n")
    (folder / "hello.html").write_text("<p lang='{{ page_language }}'>Hello {{ name }}</p>")
    return folder


@pytest.fixture
def refuse(monkeypatch):
    """Let the mail server answer every letter with this error."""

    def answer(error):
        def send(self):
            raise error

        monkeypatch.setattr("django.core.mail.EmailMultiAlternatives.send", send)

    return answer


def owe(now, **changes):
    return mail.queue(
        changes.pop("template", "hello"),
        **{"to": "ada@home.example", "context": {"name": "O'Ada"}, "about": "SL-1", "now": now} | changes,
    )


def seen(letter, *names):
    return OutboxMessage.objects.values_list(*names).get(pk=letter.pk)


@pytest.mark.django_db
def test_a_letter_is_first_a_row(now):
    letter = owe(now)
    assert (letter.state, letter.attempts, letter.next_attempt_at, letter.created_at) == (
        "waiting",
        0,
        now,
        now,
    )
    assert django_mail.outbox == []


@pytest.mark.django_db
def test_a_change_that_is_undone_owes_nothing(now):
    with transaction.atomic():
        owe(now)
        transaction.set_rollback(True)
    assert not OutboxMessage.objects.exists()


@pytest.mark.django_db
def test_what_is_sent(now, settings):
    settings.SITE_NAME = "Second Look"
    letter = owe(now)
    assert mail.deliver_due(now, worker=WORKER) == 1
    [sent] = django_mail.outbox
    assert (sent.to, sent.subject, sent.body) == (
        ["ada@home.example"],
        "Hello O'Ada,",
        "Second Look writes to O'Ada.\n",
    )
    assert [(part.content, part.mimetype) for part in sent.alternatives] == [
        ("<p lang='en-gb'>Hello O&#x27;Ada</p>", "text/html")
    ]
    message = sent.message()
    assert message["Message-ID"] == letter.message_id
    assert message["Auto-Submitted"] == "auto-generated"
    assert message.get_content_type() == "multipart/alternative"


@pytest.mark.django_db
def test_once_sent_nothing_of_its_content_is_kept(now):
    letter = owe(now)
    mail.deliver_due(now, worker=WORKER)
    assert seen(letter, "state", "sent_at", "context", "leased_by", "leased_until") == (
        "sent",
        now,
        {},
        None,
        None,
    )


@pytest.mark.django_db
def test_a_sent_letter_is_not_sent_again(now):
    owe(now)
    tried = [mail.deliver_due(now + n * MINUTE, worker=WORKER) for n in range(3)]
    assert (tried, len(django_mail.outbox)) == ([1, 0, 0], 1)


@pytest.mark.django_db
def test_each_in_its_language(now):
    owe(now, language="ar")
    mail.deliver_due(now, worker=WORKER)
    assert django_mail.outbox[0].alternatives[0].content.startswith("<p lang='ar'>")


@pytest.mark.django_db
def test_oldest_first_and_no_more_than_the_limit(now):
    for minutes in (3, 1, 2):
        owe(now - minutes * MINUTE, to=f"ada{minutes}@home.example")
    assert mail.deliver_due(now, worker=WORKER, limit=2) == 2
    assert [sent.to[0] for sent in django_mail.outbox] == ["ada3@home.example", "ada2@home.example"]


@pytest.mark.django_db
def test_a_subject_is_always_one_line(now, letters):
    (letters / "hello.txt").write_text("\n{{ name }}\n\nText")
    owe(now, context={"name": "Ada\tB.  C"})
    mail.deliver_due(now, worker=WORKER)
    assert django_mail.outbox[0].subject == "Ada B. C"


@pytest.mark.django_db
def test_a_letter_waits_longer_after_each_try(now, refuse):
    refuse(smtplib.SMTPServerDisconnected("ada@home.example"))
    letter = owe(now)
    waits = []
    for _ in range(len(mail.BACKOFF) + 2):
        mail.deliver_due(now, worker=WORKER)
        (due,) = seen(letter, "next_attempt_at")
        waits.append(due - now)
        assert mail.deliver_due(due - dt.timedelta(seconds=1), worker=WORKER) == 0
        now = due
    assert waits == [n * MINUTE for n in (1, 5, 30, 120, 360, 360, 360)]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("age", "state"),
    [(mail.TRIED_FOR - dt.timedelta(seconds=1), "waiting"), (mail.TRIED_FOR, "failed")],
)
def test_a_server_that_is_away_takes_four_days_to_fail_a_letter(now, refuse, age, state):
    refuse(ConnectionRefusedError(111, "smtp.clinic.example"))
    letter = owe(now)
    mail.deliver_due(now + age, worker=WORKER)
    assert seen(letter, "state", "last_error", "context") == (
        state,
        "ConnectionRefusedError",
        {"name": "O'Ada"},
    )


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("error", "state", "kept"),
    [
        (smtplib.SMTPDataError(451, b"ada@home.example: later"), "waiting", "SMTPDataError 451"),
        (smtplib.SMTPAuthenticationError(535, b"no"), "waiting", "SMTPAuthenticationError 535"),
        (
            smtplib.SMTPRecipientsRefused({"ada@home.example": (450, b"grey")}),
            "waiting",
            "SMTPRecipientsRefused 450",
        ),
        (
            smtplib.SMTPRecipientsRefused({"ada@home.example": (550, b"unknown")}),
            "failed",
            "SMTPRecipientsRefused 550",
        ),
        (smtplib.SMTPDataError(554, b"ada@home.example: spam"), "failed", "SMTPDataError 554"),
        (
            smtplib.SMTPSenderRefused(530, b"sign in first", "help@clinic.example"),
            "waiting",
            "SMTPSenderRefused 530",
        ),
        (ConnectionRefusedError(111, "smtp.clinic.example"), "waiting", "ConnectionRefusedError"),
        (TimeoutError("ada"), "waiting", "TimeoutError"),
        (UnicodeEncodeError("ascii", "Zürich", 1, 2, "password"), "waiting", "UnicodeEncodeError"),
    ],
)
def test_an_error_is_kept_without_addresses_or_words(now, refuse, error, state, kept):
    refuse(error)
    letter = owe(now)
    mail.deliver_due(now, worker=WORKER)
    assert seen(letter, "state", "last_error") == (state, kept)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("{% if %}", "TemplateSyntaxError"),
        ("{% url 'nowhere' %}", "NoReverseMatch"),
        ("{{ name|add:1|divisibleby:0 }}", "ValueError"),
        ("{% include 'missing.txt' %}", "TemplateDoesNotExist"),
    ],
)
def test_a_letter_that_cannot_be_written_fails_alone(now, letters, text, kept):
    (letters / "broken.txt").write_text(text)
    (letters / "broken.html").write_text("")
    broken, whole = owe(now, template="broken"), owe(now)
    assert mail.deliver_due(now, worker=WORKER) == 2
    assert seen(broken, "state", "last_error") == ("failed", kept)
    assert seen(whole, "state") == ("sent",)


@pytest.mark.django_db
def test_a_line_break_in_an_address_fails_the_letter(now):
    letter = owe(now, to="ada@home.example\nBcc: all@home.example")
    mail.deliver_due(now, worker=WORKER)
    assert seen(letter, "state") == ("failed",)


def test_a_lease_outlasts_the_letter_and_a_letter_outlasts_one_slow_answer(settings):
    answer = dt.timedelta(seconds=settings.EMAIL_TIMEOUT)
    assert answer < mail.SEND_WITHIN < mail.LEASE


@pytest.mark.django_db
def test_once_sent_no_trouble_before_is_told(now):
    letter = owe(now)
    OutboxMessage.objects.update(last_error="TimeoutError")
    mail.deliver_due(now, worker=WORKER)
    assert seen(letter, "state", "last_error") == ("sent", "")


@pytest.mark.django_db
def test_what_a_dead_worker_held_is_freed_after_its_lease(now):
    letter = owe(now)
    OutboxMessage.objects.update(
        state=State.SENDING, attempts=1, leased_by=WORKER, leased_until=now + mail.LEASE
    )
    assert mail.free_stuck(now + mail.LEASE) == 0
    later = now + mail.LEASE + dt.timedelta(seconds=1)
    assert mail.free_stuck(later) == 1
    assert seen(letter, "state", "next_attempt_at", "leased_by", "last_error") == (
        "waiting",
        later,
        None,
        "worker lost",
    )


@pytest.mark.django_db
def test_a_letter_that_outlives_every_worker_fails(now):
    letter = owe(now - mail.TRIED_FOR)
    OutboxMessage.objects.update(state=State.SENDING, attempts=9, leased_by=WORKER, leased_until=now)
    assert mail.free_stuck(now + MINUTE) == 1
    assert seen(letter, "state", "last_error") == ("failed", "worker lost")


@pytest.mark.django_db
def test_a_worker_that_lost_its_lease_does_not_mark_what_is_another_s(now, monkeypatch):
    letter = owe(now)
    other = uuid.UUID(int=2)

    def send_slowly(self):
        OutboxMessage.objects.update(leased_by=other)

    monkeypatch.setattr("django.core.mail.EmailMultiAlternatives.send", send_slowly)
    mail.deliver_due(now, worker=WORKER)
    assert seen(letter, "state", "leased_by") == ("sending", other)


@pytest.mark.django_db
def test_staff_send_a_failed_letter_again_and_the_trail_says_who(now, refuse):
    refuse(smtplib.SMTPRecipientsRefused({"ada@home.example": (550, b"unknown")}))
    letter = owe(now)
    mail.deliver_due(now, worker=WORKER)
    coordinator = builders.staff(roles.COORDINATOR)
    mail.retry(letter, by=coordinator, now=now + MINUTE)
    assert seen(letter, "state", "next_attempt_at") == ("waiting", now + MINUTE)
    event = AuditEvent.objects.get()
    assert (event.action, event.actor_id, event.target_id) == (
        "letter.retried",
        coordinator.pk,
        str(letter.pk),
    )


@pytest.mark.django_db
@pytest.mark.parametrize(("age", "state"), [(MINUTE, "waiting"), (mail.TRIED_FOR, "failed")])
def test_sent_again_in_vain_an_old_letter_is_back_among_the_failed_at_once(now, refuse, age, state):
    refuse(TimeoutError())
    letter = owe(now - age)
    OutboxMessage.objects.update(state=State.FAILED, attempts=9)
    mail.retry(letter, by=builders.staff(roles.COORDINATOR), now=now)
    mail.deliver_due(now, worker=WORKER)
    assert seen(letter, "state", "attempts") == (state, 1)


@pytest.mark.django_db
@pytest.mark.parametrize("state", [State.WAITING, State.SENDING, State.SENT])
def test_only_a_failed_letter_is_sent_again(now, state):
    letter = owe(now)
    OutboxMessage.objects.update(state=state, sent_at=now if state == State.SENT else None)
    with pytest.raises(mail.NotFailed, match="has not failed"):
        mail.retry(letter, by=None, now=now)
    assert not AuditEvent.objects.exists()


@pytest.fixture
def failed(now, refuse):
    """A letter that failed at `now`, long after it became due."""
    refuse(smtplib.SMTPRecipientsRefused({"ada@home.example": (550, b"unknown")}))
    letter = owe(now - mail.FAILED_KEPT_FOR)
    mail.deliver_due(now, worker=WORKER)
    return letter


@pytest.mark.django_db
def test_thirty_days_after_it_failed_nothing_of_a_letter_s_content_is_kept(now, failed):
    assert mail.forget_failed(now + mail.FAILED_KEPT_FOR - MINUTE) == 0
    assert seen(failed, "context") == ({"name": "O'Ada"},)
    assert mail.forget_failed(now + mail.FAILED_KEPT_FOR) == 1
    assert seen(failed, "state", "context", "last_error") == (
        "failed",
        {},
        "forgotten: SMTPRecipientsRefused 550",
    )
    assert mail.forget_failed(now + 2 * mail.FAILED_KEPT_FOR) == 0


@pytest.mark.django_db
def test_thirty_days_begin_anew_when_staff_had_it_sent_again_in_vain(now, failed):
    again = now + dt.timedelta(days=20)
    mail.retry(failed, by=builders.staff(roles.COORDINATOR), now=again)
    mail.deliver_due(again, worker=WORKER)
    assert mail.forget_failed(now + mail.FAILED_KEPT_FOR) == 0
    assert mail.forget_failed(again + mail.FAILED_KEPT_FOR) == 1


@pytest.mark.django_db
def test_a_letter_that_failed_because_its_worker_was_lost_is_kept_from_then_on(now):
    owe(now - mail.FAILED_KEPT_FOR)
    OutboxMessage.objects.update(state=State.SENDING, attempts=9, leased_by=WORKER, leased_until=now)
    mail.free_stuck(now + MINUTE)
    assert mail.forget_failed(now + mail.FAILED_KEPT_FOR) == 0
    assert mail.forget_failed(now + mail.FAILED_KEPT_FOR + MINUTE) == 1


@pytest.mark.django_db
@pytest.mark.parametrize("state", [State.WAITING, State.SENDING, State.SENT])
def test_only_failed_letters_are_forgotten(now, state):
    owe(now)
    OutboxMessage.objects.update(state=state, sent_at=now if state == State.SENT else None)
    assert mail.forget_failed(now + 2 * mail.FAILED_KEPT_FOR) == 0


@pytest.mark.django_db
def test_what_was_forgotten_is_not_sent_again_and_that_is_said(now, failed):
    late = now + mail.FAILED_KEPT_FOR
    mail.forget_failed(late)
    with pytest.raises(mail.NotFailed, match="too old to send again"):
        mail.retry(failed, by=builders.staff(roles.COORDINATOR), now=late)
    assert seen(failed, "state") == ("failed",)
    assert not AuditEvent.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_several_workers_send_each_letter_once(now):
    for number in range(30):
        owe(now, to=f"ada{number}@home.example")
    tried = at_once(4, lambda number: mail.deliver_due(now, worker=uuid.UUID(int=number + 1)))
    assert sum(tried) == 30
    assert sorted(sent.to[0] for sent in django_mail.outbox) == sorted(
        f"ada{n}@home.example" for n in range(30)
    )


@pytest.mark.django_db(transaction=True)
def test_a_letter_is_sent_outside_any_transaction(now, monkeypatch):
    owe(now)
    inside = []

    def send(self):
        inside.append(transaction.get_connection().in_atomic_block)

    monkeypatch.setattr("django.core.mail.EmailMultiAlternatives.send", send)
    mail.deliver_due(now, worker=WORKER)
    assert inside == [False]


class Refuses(socketserver.StreamRequestHandler):
    """A mail server that knows nobody."""

    def handle(self):
        self.wfile.write(b"220 ready\r\n")
        for line in self.rfile:
            verb = line[:4].upper()
            self.wfile.write(b"550 ada@home.example unknown\r\n" if verb == b"RCPT" else b"250 ok\r\n")
            if verb == b"QUIT":
                return


@pytest.mark.django_db
def test_a_real_server_s_refusal_is_kept_as_class_and_code(now, settings):
    with socketserver.TCPServer(("127.0.0.1", 0), Refuses) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = server.server_address
        settings.EMAIL_USE_TLS = False
        letter = owe(now)
        mail.deliver_due(now, worker=WORKER)
        server.shutdown()
    assert seen(letter, "state", "last_error") == ("failed", "SMTPRecipientsRefused 550")


class KeepsTalking(socketserver.StreamRequestHandler):
    """A mail server that answers all the time and never comes to an end."""

    def handle(self):
        with contextlib.suppress(OSError):
            while True:
                self.wfile.write(b"220-please wait\r\n")
                time.sleep(0.05)


@pytest.mark.django_db
def test_a_server_that_never_comes_to_an_end_is_left(now, settings, monkeypatch):
    monkeypatch.setattr(mail, "SEND_WITHIN", dt.timedelta(seconds=1))
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), KeepsTalking) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = server.server_address
        settings.EMAIL_USE_TLS = False
        letter = owe(now)
        mail.deliver_due(now, worker=WORKER)
        server.shutdown()
    assert seen(letter, "state") == ("waiting",)
    assert seen(letter, "last_error")[0] in ("TimeoutError", "SMTPServerDisconnected")


def test_nothing_is_ended_that_takes_no_longer():
    with mail.within(dt.timedelta(milliseconds=20)):
        pass
    time.sleep(0.05)
