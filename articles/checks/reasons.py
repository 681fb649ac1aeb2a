"""Whether a reason that staff give tells a colleague anything. Pure."""

from __future__ import annotations

import re

from django.utils.translation import gettext as _

FEWEST_WORDS, FEWEST_LETTERS = 3, 12
WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")


def wanting(reason: str, *, asked: str = "") -> str:
    """What a reason lacks, in words for whoever gave it; empty where it lacks nothing.

    `asked` says what to write, where it is not what one looked at.
    """
    if words_in(reason) >= FEWEST_WORDS and sum(map(str.isalpha, reason)) >= FEWEST_LETTERS:
        return ""
    least = _("A reason has at least %(words)s words and %(letters)s letters.") % {
        "words": FEWEST_WORDS,
        "letters": FEWEST_LETTERS,
    }
    return f"{least} {asked or _('Write what you looked at.')}"


def words_in(text: str) -> int:
    return len(WORD.findall(text))
