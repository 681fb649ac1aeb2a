"""The worker: sends letters, publishes what is due, reminds, draws pages, clears up. Several may run."""

import datetime as dt
import logging
import signal
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import InterfaceError, OperationalError, close_old_connections, connection
from django.utils import timezone

from articles import listening
from articles.publishing import publish_due
from articles.reviews import remind_due
from articles.texts import render_outdated
from portal import all_sitemaps, drawn_pages, edition, mail, throttle
from portal.drawing_ahead import Ahead
from portal.models import WorkerPulse

logger = logging.getLogger(__name__)

PAUSE = 2.0  # seconds between two rounds
# Letters of one round: a slow mail server must not keep what is due from being published.
LETTERS = 50
LETTERS_TAKE = 30.0  # seconds
PAGES_TAKE = 2.0  # seconds of one round for drawing ahead
REMIND_EVERY = dt.timedelta(minutes=10)  # what is due changes with the day and with what is published
RENDER_EVERY = dt.timedelta(seconds=30)
CLEAR_EVERY = dt.timedelta(hours=1)
PULSE_KEPT = dt.timedelta(days=1)


def is_there() -> bool:
    """Whether the database answers."""
    connection.close()
    try:
        connection.ensure_connection()
    except (OperationalError, InterfaceError):
        return False
    return True


class Command(BaseCommand):
    help = "Sends letters, publishes what is due, reminds, draws pages, clears up, until SIGTERM or Ctrl-C."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="go round once; fails if any job failed")

    def handle(self, *args: Any, once: bool = False, **options: Any) -> None:
        self.number = uuid.uuid4()
        self.stopping = False
        self.cleared_at: dt.datetime | None = None
        self.reminded_at: dt.datetime | None = None
        self.rendered_at: dt.datetime | None = None
        self.ahead = Ahead(all_sitemaps.paths)
        if not once:
            self.listen_for_the_end()
        logger.info("worker %s begins", self.number)
        well = self.go_round()
        while not (once or self.stopping):
            self.rest()
            self.go_round()
        logger.info("worker %s ends", self.number)
        if once and not well:
            raise CommandError("A job failed; the log says which.")

    def listen_for_the_end(self) -> None:
        """The letter in hand is finished first."""

        def stop(signal_number: int, frame: FrameType | None) -> None:
            self.stopping = True

        signal.signal(signal.SIGTERM, stop)
        signal.signal(signal.SIGINT, stop)

    def go_round(self) -> bool:
        """Every job once, each apart from the others' troubles; True where none failed."""
        self.well = True
        for job in (
            self.beat,
            self.publish,
            self.render,
            self.remind,
            self.free_stuck,
            self.deliver,
            self.draw,
            self.clear,
        ):
            if not self.stopping:
                self.attempt(job)
        return self.well

    def attempt(self, job: Callable[[], object]) -> bool:
        close_old_connections()
        with self.apart(job.__name__):
            job()
            return True
        return False

    @contextmanager
    def apart(self, job: str) -> Iterator[None]:
        """Whatever goes wrong inside is logged and ends there."""
        try:
            yield
        except Exception as error:  # whatever one job does, the letters must go on
            self.well = False
            if isinstance(error, (OperationalError, InterfaceError)) and not is_there():
                # It comes back, and until then one line a round is enough.
                logger.error("%s: no database (%s)", job, type(error).__name__)
            else:
                logger.exception("%s failed", job)

    def rest(self) -> None:
        # Short sleeps: one that a signal interrupts is taken up again by Python.
        awake_at = time.monotonic() + PAUSE
        while not self.stopping and time.monotonic() < awake_at:
            time.sleep(0.1)

    def beat(self) -> None:
        WorkerPulse.objects.update_or_create(worker=self.number, defaults={"beat_at": timezone.now()})

    def free_stuck(self) -> None:
        freed = mail.free_stuck(timezone.now())
        if freed:
            logger.warning("%s letters were held by a worker that is gone", freed)

    def deliver(self) -> None:
        """One letter at a time, so that each lease begins when its letter does."""
        end = time.monotonic() + LETTERS_TAKE
        for _ in range(LETTERS):
            if self.stopping or time.monotonic() > end:
                return
            if not mail.deliver_due(timezone.now(), worker=self.number, limit=1):
                return
            self.beat()

    def publish(self) -> None:
        published = publish_due(timezone.now(), apart=self.apart)
        if published:
            logger.info("%s revisions published", published)

    def render(self) -> None:
        """After a change of the glossary or an upgrade, some texts each round until none is left."""
        now = timezone.now()
        if self.rendered_at and now - self.rendered_at < RENDER_EVERY:
            return
        if not render_outdated(apart=self.apart):
            self.rendered_at = now

    def remind(self) -> None:
        now = timezone.now()
        if self.reminded_at and now - self.reminded_at < REMIND_EVERY:
            return
        reminded = remind_due(now, apart=self.apart)
        if reminded:
            logger.info("letters about the review of %s texts", reminded)
        self.reminded_at = now

    def draw(self) -> None:
        """Pages for readers whom the cache cannot serve, some each round."""
        end = time.monotonic() + PAGES_TAKE
        while not self.stopping and time.monotonic() < end and self.ahead.draw_next():
            pass

    def clear(self) -> None:
        now = timezone.now()
        if self.cleared_at and now - self.cleared_at < CLEAR_EVERY:
            return
        call_command("clearsessions")
        throttle.forget_old(now)
        mail.forget_failed(now)
        edition.forget_old(now)
        drawn_pages.forget_old(now)
        listening.forget_old(now)
        WorkerPulse.objects.filter(beat_at__lt=now - PULSE_KEPT).delete()
        self.cleared_at = now
