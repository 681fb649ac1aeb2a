"""Commands of the portal as processes of their own, on the database of the test that starts them."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.db import connection

PATIENCE = 120  # seconds; only what never happens uses them up


def environment_of_this_test(folder: Path) -> dict[str, str]:
    """What a process needs to find this test's database; what it writes goes into `folder`."""
    ours = {
        "DJANGO_SETTINGS_MODULE": "portal.settings",
        "DEVELOPMENT": "true",
        "DATABASE_URL": database_address(),
        "VAR_DIR": str(folder),
    }
    inherited = {name: value for name, value in os.environ.items() if name not in ("SITE_URL", "EMAIL_HOST")}
    return inherited | ours


def database_address() -> str:
    name = connection.settings_dict["NAME"]
    if connection.vendor == "sqlite":
        return f"sqlite:///{name}"
    server, _, _ = settings.DATABASE_URL.rpartition("/")
    return f"{server}/{name}"


@contextmanager
def started(*command: str, environment: dict[str, str]) -> Iterator[subprocess.Popen]:
    """`manage.py <command>`, running; ended where it has not ended by itself, with what it started."""
    arguments = [sys.executable, str(settings.BASE_DIR / "manage.py"), *command]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(arguments, env=environment, **quiet) as process:  # noqa: S603
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()


def wait_until(happened: Callable[[], object], what: str) -> None:
    end = time.monotonic() + PATIENCE
    while not happened():
        assert time.monotonic() < end, f"not within {PATIENCE} s: {what}"
        time.sleep(0.05)
