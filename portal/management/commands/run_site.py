"""The whole portal on this machine: the web server and the worker, until Ctrl-C."""

import contextlib
import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

ADDRESS = f"http://127.0.0.1:{settings.PORT}"
SITE = ["-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(settings.PORT)]
SITE += [
    "--log-level",
    "warning",
    "--workers-kill-timeout",
    "5",
    "--blocking-threads",
    "4",
    "portal.wsgi:application",
]
WORKER = [str(settings.BASE_DIR / "manage.py"), "run_worker"]
BEGINS_WITHIN = 30.0  # seconds
ENDS_WITHIN = 25.0  # seconds: longer than one exchange with a slow mail server
GLANCE = 0.2


class Command(BaseCommand):
    help = "Runs the site and its worker until Ctrl-C. When one of them dies, the other is ended too."

    def handle(self, *args: Any, **options: Any) -> None:
        self.asked_to_end = False
        self.starter, self.held_back = os.getppid(), 0
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        signal.signal(signal.SIGTERM, self.remember)
        signal.signal(signal.SIGINT, self.remember)
        _refuse_taken_port()
        try:
            self.processes["The site"] = _begin(SITE)
            self.processes["The worker"] = _begin(WORKER)
            self.wait_for(_answers, BEGINS_WITHIN)
            self.announce()
            self.wait_for(lambda: False)
        finally:
            self.end_all()

    def remember(self, number: int, frame: FrameType | None) -> None:
        self.asked_to_end = True

    def wait_for(self, happened: Callable[[], bool], seconds: float = float("inf")) -> None:
        """Until it has happened or the end is asked for. CommandError when a process dies or time is up."""
        end = time.monotonic() + seconds
        while not (self.asked_to_end or self.starter_is_gone() or happened()):
            for name, process in self.processes.items():
                if process.poll() is not None:
                    raise CommandError(f"{name} has ended with code {process.returncode}.")
            if time.monotonic() > end:
                raise CommandError(f"The site did not answer within {seconds:.0f} seconds.")
            time.sleep(GLANCE)

    def starter_is_gone(self) -> bool:
        """make has died, or has had a Ctrl-C that reached only itself."""
        self.held_back = self.held_back + 1 if was_interrupted_alone(self.starter) else 0
        # For a moment every process holds signals back, while it starts another.
        return os.getppid() != self.starter or self.held_back * GLANCE > 1

    def announce(self) -> None:
        if self.asked_to_end:
            return
        self.stdout.write(f"\nThe site is on {ADDRESS} and the staff pages on {ADDRESS}/admin/")
        if folder := getattr(settings, "EMAIL_FILE_PATH", None):
            self.stdout.write(f"letters are written to {os.path.relpath(folder)}/")
        self.stdout.write("Ctrl-C ends both the site and the worker.")
        self.stdout.flush()  # read by a script, too, as soon as it is true

    def end_all(self) -> None:
        for process in self.processes.values():
            _signal_group(process, signal.SIGTERM)
        end = time.monotonic() + ENDS_WITHIN
        for process in self.processes.values():
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(max(0.0, end - time.monotonic()))
            _signal_group(process, signal.SIGKILL)
            process.wait()


def _refuse_taken_port() -> None:
    """The server itself would share the port with whoever has it, and each would get half the visitors."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", settings.PORT))
        except OSError as error:
            raise CommandError(
                f"Port {settings.PORT} cannot be used ({error.strerror}). Choose another: PORT=8080 make run"
            ) from error


def _begin(arguments: list[str]) -> subprocess.Popen[bytes]:
    """In a group of its own: Ctrl-C reaches only us, and what it started itself ends with it."""
    return subprocess.Popen(  # noqa: S603 - our own commands
        [sys.executable, *arguments], cwd=settings.BASE_DIR, start_new_session=True, stdin=subprocess.DEVNULL
    )


def _signal_group(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, number)


def _answers() -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", settings.PORT, timeout=2)
    try:
        connection.request("GET", "/health/live")
        return connection.getresponse().status < 500
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def was_interrupted_alone(starter: int) -> bool:
    """make, sent a SIGINT of its own, blocks further ones and waits for us, but does not pass it on."""
    try:
        lines = Path(f"/proc/{starter}/status").read_text().splitlines()
    except OSError:  # not Linux, or gone
        return False
    blocked = next((line.split()[1] for line in lines if line.startswith("SigBlk:")), "0")
    return bool(int(blocked, 16) & 1 << signal.SIGINT - 1)
