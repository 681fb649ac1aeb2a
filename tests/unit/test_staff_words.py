import ast
from collections.abc import Iterator

import pytest
from django.conf import settings

from portal.templatetags.staff_words import deed, notes

APPS = ("portal", "articles", "quotes")


def actions() -> Iterator[str]:
    """What the code enters in the trail: "lead.moved", or "saved" after some kind of record."""
    for app in APPS:
        for path in (settings.BASE_DIR / app).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Call) and name(node.func) in ("record", "_record"):
                    yield from filter(None, map(words, node.args[:2]))


def name(called: ast.expr) -> str:
    return getattr(called, "attr", getattr(called, "id", ""))


def words(argument: ast.expr) -> str:
    """The text of "lead.moved"; of f"{kind}.renamed" what follows the dot."""
    if isinstance(argument, ast.JoinedStr):
        argument = argument.values[-1]
    text = argument.value if isinstance(argument, ast.Constant) else ""
    return text.lstrip(".") if isinstance(text, str) else ""


def test_the_actions_of_all_apps_are_found():
    assert {
        "staff.signed_in",
        "letter.retried",
        "opened",
        "renamed",
        "schedule_refused",
        "lead.moved",
    } <= set(actions())


@pytest.mark.parametrize("action", sorted(set(actions())))
def test_every_action_of_the_trail_has_words(action: str):
    assert deed(action) != action


@pytest.mark.parametrize(
    ("kept", "words"),
    [
        ({}, ""),
        ({"revision": 3, "note": "Shorter."}, "note: Shorter.; version: 3"),
        ({"next_review_on": "2027-05-20"}, "check again by: 20 May 2027"),
        ({"at": "2027-05-20T09:30:00+00:00"}, "at: 20 May 2027"),
        ({"reference": "2027-99-99"}, "reference: 2027-99-99"),
        ({"roles_given": ["Editor", "Medical reviewer"]}, "roles given: Editor, Medical reviewer"),
        (
            {"filters": {"state__exact": "x", "role": "y"}, "searched": False, "count": 1},
            "1 record; only some, by role, state",
        ),
        ({"filters": {}, "searched": True, "count": 0}, "0 records; searched"),
        ({"fields": ["check_again", "name"]}, "check again, name"),
    ],
)
def test_what_an_event_noted_is_told_in_words(kept, words):
    assert "; ".join(notes(kept, "")) == words
