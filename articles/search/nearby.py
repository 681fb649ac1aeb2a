"""What stands above the results: tools of this site and its fixed pages. A few, and never ranked."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from portal.models import Page

from ..models import Guide
from . import words as search_words
from .meanings import COUNTRIES
from .words import Term

MOST = 3
# Who asks for a price reads first what it should hold, checks what was offered, and asks us last.
PRICES = ("price", "cost", "fee")
ON_COSTS = "what-a-trip-really-costs"


@dataclass(frozen=True)
class Place:
    """A page that is no text of the index: where it is, what it is called, what it is for."""

    address: str
    title: str | Promise
    summary: str | Promise = ""


@dataclass(frozen=True)
class Tool:
    """A page that does something. Each phrase of `words` leads to it, where a query has all words of it."""

    name: str
    title: Promise
    summary: Promise
    words: tuple[str, ...]
    query: str = ""
    slug: str = ""

    def place(self) -> Place:
        address = reverse(self.name, args=[self.slug] if self.slug else [])
        return Place(address + self.query, self.title, self.summary)


TOOLS = (
    Tool(
        "emergency",
        _("In an emergency"),
        _("What to do now, and which number to call."),
        (
            *("emergency", "ambulance", "urgent", "face droop", "call doctor", "999", "911", "112"),
            *("mini stroke", "ministroke", "tia"),
        ),
    ),
    Tool(
        "page",
        _("We recommend no clinic, in any country"),
        _("What this site does and does not do."),
        ("clinic", "clinics", "hospital", *COUNTRIES.split()),
        slug="about",
    ),
    Tool(
        "articles:offer",
        _("Check an offer"),
        _("Answer a few questions about what a clinic offers and see its warning signs."),
        (
            *("check offer", "offer", "scam", "scammer", "fraud", "fake", "trick", "con", "swindle", "hoax"),
            *("legit", "legitimate", "genuine", "trust", "warning sign", "guarantee", "clinic"),
            *("hospital", *COUNTRIES.split(), *PRICES),
        ),
    ),
    Tool(
        "articles:trials",
        _("Find a trial"),
        _("Which kinds of trial may fit somebody, and where trials are registered."),
        (
            *("trial", "join study", "take part", "volunteer", "recruiting", "eligible"),
            *("stroke month", "stroke year", "stroke week", "stroke day"),
        ),
    ),
    Tool(
        "articles:compare",
        _("Compare treatments"),
        _("Treatments side by side: cells, evidence, benefits and harms."),
        ("compare", "comparison", "side by side", "versus", "vs", "difference", "which treatment"),
    ),
    Tool(
        "articles:glossary",
        _("Words explained"),
        _("Medical words in plain English."),
        ("glossary", "dictionary", "definition", "define", "word explained", "medical words"),
    ),
    Tool(
        "articles:guides",
        _("Easy versions"),
        _("Guides in short sentences, with one idea in each."),
        ("easy", "simple", "easy read", "large print", "short version"),
        query="?easy=1",
    ),
    Tool(
        "quotes:start",
        _("Ask for a free quote"),
        _("A request in short steps, without an account."),
        ("quote", "estimate", "quotation", *PRICES),
    ),
)


def above(typed: str) -> list[Place]:
    """What these words name: for a price the guide on costs, then tools, then fixed pages. At most a few."""
    asked = search_words.terms(typed)
    if not asked:
        return []
    on_costs = _on_costs() if _names(typed, PRICES) else []
    named = [tool.place() for tool in TOOLS if _names(typed, tool.words)]
    return [*on_costs, *named, *_fixed_pages(asked)][:MOST]


def _names(typed: str, phrases: Iterable[str]) -> bool:
    asked = {search_words.stem(word) for word in search_words.asking(typed)}
    return any(asked.issuperset(search_words.stems(phrase)) for phrase in phrases)


def _on_costs() -> list[Place]:
    guides = Guide.objects.live().filter(slug=ON_COSTS).select_related("live_revision")
    return [
        Place(guide.get_absolute_url(), guide.live_revision.title, guide.live_revision.summary)
        for guide in guides
        if guide.live_revision
    ]


def _fixed_pages(asked: Sequence[Term]) -> list[Place]:
    """Read as they are now, since there are so few: those with all the words, one of them in the title."""
    pages = Page.objects.for_readers().only("slug", "title", "summary")
    return [
        Place(page.get_absolute_url(), page.title, page.summary)
        for page in pages
        if _has_all(asked, f"{page.title} {page.summary}") and _has_one(asked, page.title)
    ]


def _has_all(asked: Collection[Term], text: str) -> bool:
    words = list(search_words.words(text))
    return all(any(_is(term, word) for word in words) for term in asked)


def _has_one(asked: Collection[Term], text: str) -> bool:
    return any(_is(term, word) for word in search_words.words(text) for term in asked)


def _is(term: Term, word: str) -> bool:
    """Without what else may be called so: a fixed page has few words, and each of them is meant."""
    return search_words.stem(word) == term.stem or bool(term.beginning and word.startswith(term.beginning))
