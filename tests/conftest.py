"""What every test may ask for. Records are built by tests/builders.py, time is passed in."""

import datetime as dt
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.auth.models import Group

import articles.roles
import portal.roles
import quotes.roles

USES_DATABASE = {"db", "transactional_db", "live_server"}


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


@pytest.fixture(autouse=True)
def staff_groups(request: pytest.FixtureRequest) -> None:
    """Migrations make the groups once; the flush after a transactional test takes them away."""
    marker = request.node.get_closest_marker("django_db")
    asked = USES_DATABASE & set(request.fixturenames)
    if not marker and not asked:
        return
    plain = "db" if not marker or not marker.kwargs.get("transaction") else "transactional_db"
    request.getfixturevalue("transactional_db" if asked & {"transactional_db", "live_server"} else plain)
    if not Group.objects.exists():
        for app in (portal, articles, quotes):
            portal.roles.grant(apps, app.__name__, app.roles.PERMISSIONS)
