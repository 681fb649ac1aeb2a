"""What a requester consents to, word for word, by version.

A published text is never edited: consents already given point to it, and a test freezes it by its hash.
To change a word, add a version and make it CURRENT. Pure.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

HEALTH = "health"
NEWS = "news"
CURRENT = "2026-11-20"

TEXTS: dict[str, dict[str, StrOrPromise]] = {
    "2026-11-20": {
        HEALTH: _(
            "I agree that the team of this site may use the health answers in this request to prepare my "
            "quote. If I ask for somebody else, I have the right to share these answers for them. Only our "
            "own staff can read them. They are not sold, and they are not sent to a clinic "
            "unless I say yes to that clinic first. I can withdraw this consent at any time, without giving "
            "a reason, and the work on the quote then stops."
        ),
        NEWS: _(
            "I would like an e-mail, written by a person, at most four times a year, when the evidence on "
            "stem cells after stroke changes. I can stop these e-mails at any time on my private page. "
            "My quote does not depend on this."
        ),
    },
}


def text(kind: str, version: str = CURRENT) -> StrOrPromise:
    """The words that were shown for a kind of consent. KeyError for a version never published."""
    return TEXTS[version][kind]
