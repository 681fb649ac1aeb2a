"""How the demonstration is loaded from its files into an empty portal, and what becomes of a broken one."""

import datetime as dt
import io
import re
import shutil

import pytest
from django.core.management import CommandError, call_command

import articles.demo
from articles.models import Guide, Source
from portal.models import Page, User

pytestmark = pytest.mark.django_db


def load(*arguments):
    """What the command prints."""
    out = io.StringIO()
    call_command("load_demo", *arguments, stdout=out)
    return out.getvalue()


@pytest.fixture(autouse=True)
def quick_passwords(settings):
    """Six accounts a load: Argon2 is slow on purpose, and not what is tested here."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def test_once_loads_into_an_empty_portal():
    assert load("--once").startswith("Added 5 topics")


@pytest.fixture
def folder(tmp_path, monkeypatch, settings):
    """A copy of the files, to break."""
    shutil.copytree(articles.demo.FOLDER, tmp_path, dirs_exist_ok=True)
    monkeypatch.setattr(articles.demo, "FOLDER", tmp_path)
    settings.BASE_DIR = tmp_path
    return tmp_path


FRONT = """+++
slug = "zz"
title = "Z"
summary = "Z"
audience = "everyone"
topics = []
treatments = []
related = []
next_review_on = 2027-05-20
"""


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("guides/zz.md", "+++\nslug = \n+++\n"),
        ("guides/zz.md", "no front matter"),
        ("guides/zz.md", f"{FRONT}+++\nA fact [@nobody]."),
        ("guides/zz.md", f'{FRONT}[[claims]]\ntreatment = "nowhere"\n+++\nA fact [@treasure-2024].'),
        ("guides/zz.md", f"{FRONT}[[claims]]\nsure = true\n+++\nA fact [@treasure-2024]."),
        ("guides/zz.md", f"{FRONT}[discern]\naims = 5\n+++\nA fact [@treasure-2024]."),
        ("sources-zz.toml", '[[source]]\nkey = "zz"\n'),
        ("criteria.toml", '[[criteria]]\nsource = "nowhere"\n'),
    ],
)
def test_a_broken_file_is_named_and_nothing_is_loaded(folder, file, content):
    (folder / file).write_text(content)
    with pytest.raises(CommandError, match=re.escape(file)):
        load()
    assert [model.objects.count() for model in (Guide, Source, User, Page)] == [0, 0, 0, 0]


def test_a_broken_easy_version_is_named(folder):
    slug = min(path.stem for path in (folder / "guides").glob("*.md"))
    (folder / "guides" / "easy").mkdir(exist_ok=True)
    (folder / "guides" / "easy" / f"{slug}.md").write_text("+++\n+++\nWords.")
    with pytest.raises(CommandError, match=f"guides/easy/{slug}.md"):
        load()


def test_a_review_day_that_has_passed_is_set_half_a_year_on(now):
    assert articles.demo.review_day(dt.date(2026, 11, 20), now) == dt.date(2027, 5, 21)
    assert articles.demo.review_day(dt.date(2026, 11, 21), now) == dt.date(2026, 11, 21)
