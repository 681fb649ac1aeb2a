"""Whether a reason that staff give tells a colleague anything. Pure."""

from __future__ import annotations

import re

from django.utils.translation import gettext as _

FEWEST_WORDS, FEWEST_LETTERS = 3, 12
WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")


def wanting(reason: str) -> str:
    """What a reason lacks, in words for whoever gave it; empty where it lacks nothing."""
    if words_in(reason) >= FEWEST_WORDS and sum(map(str.isalpha, reason)) >= FEWEST_LETTERS:
        return ""
    return _("A reason has at least %(words)s words and %(letters)s letters. Write what you looked at.") % {
        "words": FEWEST_WORDS,
        "letters": FEWEST_LETTERS,
    }


def words_in(text: str) -> int:
    return len(WORD.findall(text))
