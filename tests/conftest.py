"""What every test may ask for. Records are built by tests/builders.py, time is passed in."""

import datetime as dt
import math
import uuid
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command

from portal import edition, reading, shelf
from tests.copies import MIGRATED, PutBack, set_aside


@pytest.fixture
def now() -> dt.datetime:
    """Friday noon."""
    return dt.datetime(2026, 11, 20, 12, 0, tzinfo=dt.UTC)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """Clear what a killed run left: SQLite would play its old journal into the new file."""
    name = settings.DATABASES["default"].get("TEST", {}).get("NAME")
    if name and "sqlite3" in settings.DATABASES["default"]["ENGINE"]:
        for left in Path(name).parent.glob(f"{Path(name).name}*"):
            if left.name in {Path(name).name + end for end in ("", "-wal", "-shm")}:
                left.unlink(missing_ok=True)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """After a test that commits the next one finds what the migrations made: see tests' own `flush`."""
    with django_db_blocker.unblock():
        MIGRATED.append(set_aside())


@pytest.fixture(scope="session")
def loaded_once() -> dict[str, PutBack]:
    return {}


@pytest.fixture
def demonstration(transactional_db: None, loaded_once: dict[str, PutBack], capsys: Any) -> None:
    """The content of a first start: loaded for the first test of a run that asks, put back for the others."""
    if put_back := loaded_once.get("demonstration"):
        put_back()
        return
    call_command("load_demo")
    capsys.readouterr()
    loaded_once["demonstration"] = set_aside()


@pytest.fixture
def kept_pages(settings, monkeypatch) -> None:
    """Reading pages are kept, as on a real site, in an empty place of this test's own; no look is due."""
    settings.CACHES = {"default": settings.CACHES["default"] | {"KEY_PREFIX": uuid.uuid4().hex}}
    settings.KEEP_PAGES = True
    monkeypatch.setattr(reading, "STARTED", dt.datetime(2026, 1, 1, tzinfo=dt.UTC))
    monkeypatch.setattr(edition, "_last", None)
    monkeypatch.setattr(edition, "LOOK_AGAIN_AFTER", math.inf)
    monkeypatch.setattr(shelf._Rest, "until", 0.0)
    monkeypatch.setattr(shelf._Rest, "told", False)
