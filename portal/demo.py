"""What a first start shows: fixed pages from the readable files in portal/demo/, an account for each role."""

from __future__ import annotations

import datetime as dt
import secrets
import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.models import Group
from markdown_it import MarkdownIt

from . import roles
from .models import Page, User
from .rich_text import clean

FOLDER = Path(__file__).parent / "demo"
FENCE = "+++\n"
ACCOUNTS = (
    ("editor", roles.EDITOR, "Demonstration editor"),
    ("reviewer", roles.REVIEWER, "Demonstration reviewer (not a clinician)"),
    ("coordinator", roles.COORDINATOR, "Demonstration coordinator"),
    ("manager", roles.MANAGER, "Demonstration manager"),
    ("auditor", roles.AUDITOR, "Demonstration auditor"),
)


class BrokenFile(Exception):
    """A content file that cannot be loaded; the message names it and what is wrong."""


@contextmanager
def naming(path: Path) -> Iterator[None]:
    """Whatever goes wrong with this file is told with its name."""
    try:
        yield
    except Exception as error:
        reason = f"{type(error).__name__}: {error}"
        raise BrokenFile(f"{path.relative_to(settings.BASE_DIR)}: {reason}") from error


def read_toml(path: Path, name: str) -> list[dict[str, Any]]:
    """The [[name]] entries of a file."""
    with naming(path):
        return list(tomllib.loads(path.read_text("utf-8"))[name])


def read_text(path: Path) -> tuple[dict[str, Any], str]:
    """A file of Markdown under TOML front matter, as (front matter, HTML)."""
    with naming(path):
        before, front, text = path.read_text("utf-8").split(FENCE, 2)
        if before.strip():
            raise ValueError("the front matter must come first")
        markdown = MarkdownIt("commonmark", {"html": False}).enable("table")
        return tomllib.loads(front), markdown.render(text)


def load_pages(now: dt.datetime) -> int:
    """Add the fixed pages that are not there yet; how many were added."""
    return sum(_load_page(path, now) for path in sorted((FOLDER / "pages").glob("*.md")))


def _load_page(path: Path, now: dt.datetime) -> bool:
    front, html = read_text(path)
    with naming(path):
        fields = {
            "title": front["title"],
            "summary": front["summary"],
            "body": clean(html),
            "updated_at": now,
        }
        return Page.objects.get_or_create(slug=front["slug"], defaults=fields)[1]


def load_staff(random_password: Callable[[], str] = lambda: secrets.token_urlsafe(12)) -> dict[str, str]:
    """Make an account for each role that has none; return the new user names with their passwords."""
    made = {}
    for username, role, byline in ACCOUNTS:
        if User.objects.filter(username=username).exists():
            continue
        made[username] = random_password()
        person = User.objects.create_user(username, password=made[username], is_staff=True, byline=byline)
        person.groups.add(Group.objects.get(name=role))
    if not User.objects.filter(username="admin").exists():
        made["admin"] = random_password()
        User.objects.create_superuser("admin", password=made["admin"], byline="Demonstration administrator")
    return made
