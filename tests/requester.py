"""A requester who fills in the form: what is typed into each step, as a browser posts it."""

import re

from playwright.sync_api import Page

from quotes import consents
from quotes.forms import NOT_SURE
from quotes.models import QuoteRequest

TYPED: dict[str, dict[str, str | list[str]]] = {
    "signs": {"new_signs": "no"},
    "who": {"for_whom": "other", "relationship": "child", "person_knows": "yes"},
    "stroke": {
        "stroke_type": "clot",
        "months_since_stroke": "14",
        "affected": ["arm", "speech"],
        "daily_help": "some",
    },
    "safety": dict.fromkeys(QuoteRequest.SAFETY_QUESTIONS, "not_sure"),
    "wishes": {"treatment": NOT_SURE, "destination": NOT_SURE, "wanted_when": "later", "companions": "1"},
    "contact": {
        "name": "Ada Example",
        "email": "ada@home.example",
        "country": "GB",
        "channel": "email",
        "hours": "any",
        "time_zone": "Europe/London",
        "language": "en",
    },
    "consent": {"consent_version": consents.CURRENT, "health": "on"},
}


def fill(page: Page, answers: dict[str, str | list[str]]) -> None:
    """Put the answers of one step into the form that a browser shows."""
    for name, answer in answers.items():
        for value in [answer] if isinstance(answer, str) else answer:
            field = page.locator(f'[name="{name}"]')
            kind = field.first.evaluate("element => element.type")
            if kind == "radio" or (kind == "checkbox" and value != "on"):
                page.locator(f'[name="{name}"][value="{value}"]').check()
            elif kind == "checkbox":
                field.check()
            elif kind == "select-one":
                field.select_option(value)
            elif kind != "hidden":
                field.fill(value)


def draft_mark(page: bytes) -> str:
    """What the check page carries to say which answers it shows."""
    found = re.search(rb'name="draft" value="([0-9a-f]+)"', page)
    assert found is not None
    return found.group(1).decode()
