"""The worker as a process of its own, against a mail server of our own."""

import datetime as dt
import signal
import socketserver
import threading
import time
import uuid
from email import message_from_bytes

import pytest
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection
from django.utils import timezone

from articles import publishing
from articles.models import Feedback
from portal import mail, roles, throttle
from portal.management.commands import run_worker
from portal.models import OutboxMessage, TokenBucket, WorkerPulse
from tests import builders
from tests.processes import PATIENCE, environment_of_this_test, started, wait_until

pytestmark = pytest.mark.django_db(transaction=True)

WORKER = uuid.UUID(int=9)


class MailServer(socketserver.ThreadingTCPServer):
    """Takes every letter; before it says so it waits for `go_on`, as a slow server would."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Conversation)
        self.letters = []
        self.in_hand = threading.Event()
        self.go_on = threading.Event()


class Conversation(socketserver.StreamRequestHandler):
    def handle(self):
        self.say(b"220 ready")
        for line in self.rfile:
            verb = line[:4].upper().strip()
            if verb == b"DATA":
                self.take_letter()
            elif verb == b"QUIT":
                return self.say(b"221 bye")
            else:
                self.say(b"250 ok")
        return None

    def take_letter(self):
        self.say(b"354 go on")
        lines = iter(self.rfile.readline, b".\r\n")
        letter = message_from_bytes(b"".join(lines))
        self.server.in_hand.set()
        self.server.go_on.wait(PATIENCE)
        self.server.letters.append(letter)
        self.say(b"250 taken")

    def say(self, words):
        try:
            self.wfile.write(words + b"\r\n")
        except OSError:  # the worker was killed meanwhile
            return


@pytest.fixture
def mail_server():
    with MailServer() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.go_on.set()
        server.shutdown()


@pytest.fixture
def environment(tmp_path, mail_server):
    """What a worker of its own needs to find this test's database and mail server."""
    return environment_of_this_test(tmp_path) | {
        "EMAIL_HOST": "127.0.0.1",
        "EMAIL_PORT": str(mail_server.server_address[1]),
        "EMAIL_USE_TLS": "false",
    }


def worker(environment):
    return started("run_worker", environment=environment)


def owe(how_many):
    """Letters that are really there: the worker is another process and knows no test's templates."""
    now = timezone.now()
    context = {"reference": "SL-CDFH-JKMN", "answer_due_on": "25 November 2026"}
    return [
        mail.queue("quotes/withdrawn", to=f"ada{n}@home.example", context=context, now=now)
        for n in range(how_many)
    ]


def states():
    return sorted(OutboxMessage.objects.values_list("state", flat=True))


def test_a_worker_killed_while_sending_loses_no_letter(environment, mail_server):
    letters = owe(6)
    with worker(environment) as first:
        assert mail_server.in_hand.wait(PATIENCE)
        first.send_signal(signal.SIGKILL)
        first.wait()
    assert states() == ["sending"] + ["waiting"] * 5

    OutboxMessage.objects.filter(state="sending").update(leased_until=timezone.now())  # five minutes later
    mail_server.go_on.set()
    with worker(environment):
        wait_until(lambda: states() == ["sent"] * 6, "all letters sent")

    arrived = [letter["Message-ID"] for letter in mail_server.letters]
    assert set(arrived) == {letter.message_id for letter in letters}
    # The one in hand may arrive twice, under one Message-ID; the others once.
    assert len(arrived) <= 7


def test_sigterm_lets_the_letter_in_hand_go_and_no_other(environment, mail_server):
    owe(3)
    with worker(environment) as process:
        assert mail_server.in_hand.wait(PATIENCE)
        process.send_signal(signal.SIGTERM)
        time.sleep(0.3)
        mail_server.go_on.set()
        assert process.wait(PATIENCE) == 0
    assert states() == ["sent", "waiting", "waiting"]
    assert WorkerPulse.objects.beating(timezone.now()).exists()  # while it is restarted


def test_two_workers_send_each_letter_once(environment, mail_server):
    mail_server.go_on.set()
    letters = owe(20)
    with worker(environment), worker(environment):
        wait_until(lambda: states() == ["sent"] * 20, "all letters sent")
    arrived = sorted(letter["Message-ID"] for letter in mail_server.letters)
    assert arrived == sorted(letter.message_id for letter in letters)


def test_a_letter_queued_while_the_worker_runs_goes_in_its_next_round(environment, mail_server):
    mail_server.go_on.set()
    with worker(environment):
        wait_until(WorkerPulse.objects.exists, "the first pulse")
        owe(1)
        wait_until(lambda: states() == ["sent"], "the letter sent")


def test_a_worker_beats_between_two_letters():
    """Else one slow mail server would make every worker look stopped."""
    command = run_worker.Command()
    command.number, command.stopping = WORKER, False
    WorkerPulse.objects.create(worker=WORKER, beat_at=timezone.now() - dt.timedelta(hours=1))
    owe(1)
    command.deliver()
    assert WorkerPulse.objects.beating(timezone.now()).exists()


def in_this_process():
    command = run_worker.Command()
    command.number, command.stopping, command.cleared_at = WORKER, False, None
    command.reminded_at = None
    return command


def test_a_worker_that_was_told_to_stop_begins_no_further_job():
    owe(1)
    command = in_this_process()
    command.stopping = True
    command.go_round()
    assert (states(), WorkerPulse.objects.exists()) == (["waiting"], False)


@pytest.mark.parametrize(
    ("limit", "to", "left"),
    [("LETTERS", 2, ["sent", "sent", "waiting"]), ("LETTERS_TAKE", -1, ["waiting"] * 3)],
)
def test_a_round_ends_after_so_many_letters_and_so_much_time(monkeypatch, limit, to, left):
    monkeypatch.setattr(run_worker, limit, to)
    owe(3)
    in_this_process().deliver()
    assert states() == left


@pytest.mark.parametrize(("ago", "left"), [(dt.timedelta(minutes=59), 1), (run_worker.CLEAR_EVERY, 0)])
def test_clearing_up_is_done_once_an_hour(ago, left):
    WorkerPulse.objects.create(worker=WORKER, beat_at=timezone.now() - dt.timedelta(days=2))
    command = in_this_process()
    command.cleared_at = timezone.now() - ago
    command.clear()
    assert WorkerPulse.objects.count() == left


def test_once_is_one_round():
    """In this process, to Django's own test mailbox."""
    owe(2)
    call_command("run_worker", "--once")
    assert states() == ["sent", "sent"]


def test_what_is_due_is_published():
    now = timezone.now() - dt.timedelta(days=1)
    guide = builders.guide(now=now)
    revision = builders.approved(guide, now=now)
    publisher = builders.staff(roles.MANAGER)
    publishing.publish(revision, by=publisher, now=now, at=now + dt.timedelta(minutes=1))
    call_command("run_worker", "--once")
    guide.refresh_from_db()
    assert guide.live_revision == revision


def test_what_nobody_needs_any_more_is_cleared_up():
    old = timezone.now() - dt.timedelta(days=8)
    throttle.allow("form", "ada", rate=throttle.Rate(1, dt.timedelta(hours=1)), now=old)
    Session.objects.create(session_key="old", session_data="", expire_date=old)
    WorkerPulse.objects.create(worker=uuid.uuid4(), beat_at=old)
    call_command("run_worker", "--once")
    counted = [model.objects.count() for model in (TokenBucket, Session, WorkerPulse)]
    assert counted == [0, 0, 1]  # the pulse of the worker that cleared up


def test_an_answer_of_a_reader_is_removed_after_a_year():
    now = timezone.now()
    guide = builders.guide(now=now)
    for age in (364, 366):
        at = now - dt.timedelta(days=age)
        Feedback.objects.create(guide=guide, revision_number=1, useful=True, at=at)
    call_command("run_worker", "--once")
    assert [(now - answer.at).days for answer in Feedback.objects.all()] == [364]


def test_a_letter_that_failed_long_ago_is_emptied():
    owe(1)
    OutboxMessage.objects.update(state="failed", next_attempt_at=timezone.now() - dt.timedelta(days=31))
    call_command("run_worker", "--once")
    assert list(OutboxMessage.objects.values_list("state", "context")) == [("failed", {})]


def test_a_database_that_is_away_does_not_end_the_worker():
    command = run_worker.Command()
    command.number = WORKER
    name = connection.settings_dict["NAME"]
    connection.close()
    connection.settings_dict["NAME"] = "/nowhere/at/all"
    try:
        away = command.attempt(command.beat)
    finally:
        connection.settings_dict["NAME"] = name
        connection.close()
    assert (away, command.attempt(command.beat)) == (False, True)


@pytest.mark.parametrize("mistake", [LookupError("no such name"), OperationalError("no such column")])
def test_a_job_that_fails_does_not_end_the_worker_and_says_where(caplog, mistake):
    def stumble():
        raise mistake

    assert run_worker.Command().attempt(stumble) is False
    assert [record.getMessage() for record in caplog.records] == ["stumble failed"]
    assert caplog.records[0].exc_info[1] is mistake


def test_once_says_when_a_job_failed():
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE portal_tokenbucket RENAME TO gone")
    try:
        with pytest.raises(CommandError, match="A job failed"):
            call_command("run_worker", "--once")
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE gone RENAME TO portal_tokenbucket")
