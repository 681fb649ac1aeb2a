"""Words that promise more than anybody knows, for every text that readers see. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy


@dataclass(frozen=True)
class Forbidden:
    """Words that promise more than anybody knows, and what to write instead."""

    pattern: re.Pattern[str]
    instead: Promise | str


def _forbid(words: str, instead: Promise | str) -> Forbidden:
    return Forbidden(re.compile(rf"(?<!\w)(?:{words})(?!\w)", re.IGNORECASE), instead)


FORBIDDEN = (
    _forbid(r"cur(?:e|es|ed|ing|able)", gettext_lazy("Say what was measured, in how many people.")),
    _forbid(r"break[-\s]?throughs?", gettext_lazy("Say what is new, and what is still not known.")),
    _forbid(
        r"100\s*(?:%|per\s?cent)\s+safe",
        gettext_lazy("Say which harms were looked for, and in how many people."),
    ),
    _forbid(
        r"no\s+risks?|risk[-\s]free",
        gettext_lazy("Write “a claim that nothing can go wrong”, or name the risks."),
    ),
    _forbid(r"guarantee(?:s|d|ing)?", gettext_lazy("Write “a promise of certain results”.")),
    _forbid(
        r"results?\s+(?:is|are)\s+permanent|permanent\s+results?",
        gettext_lazy("Say how long people were followed, and what was seen then."),
    ),
    _forbid(r"miracles?|miraculous(?:ly)?", gettext_lazy("Say what was seen, and how often.")),
    _forbid(r"revolution(?:ary|i[sz]e[sd]?|i[sz]ing)", gettext_lazy("Say what is different.")),
    _forbid(
        r"success\s+stor(?:y|ies)",
        gettext_lazy("Write what was found in everybody who was treated, not in some."),
    ),
    _forbid(
        r"available\s+treatments?", gettext_lazy("Write “being studied” unless it is approved for this.")
    ),
)


def promises(text: str) -> Iterator[str]:
    """For each forbidden word in any text that readers see: the word, and what to write instead."""
    for forbidden in FORBIDDEN:
        if match := forbidden.pattern.search(text):
            yield _("“%(words)s” promises more than is known. %(instead)s") % {
                "words": " ".join(match.group(0).split()),
                "instead": forbidden.instead,
            }
