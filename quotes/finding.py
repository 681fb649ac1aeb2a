"""Finding a lead for somebody on the telephone: by what they say, however they say or spell it."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict

from django.db.models import Q

from .links import REFERENCE_SIGNS

FEWEST_DIGITS = 4
APOSTROPHES = "'’‘ʼ`´"
# What may stand after any letter of a name, whether or not it was typed: an apostrophe, an accent of its own.
MAY_FOLLOW = f"[{APOSTROPHES}\u0300-\u036f]*"
NO_ACCENT_TO_TAKE_AWAY = {"ø": "o", "ł": "l", "đ": "d", "ħ": "h", "ı": "i", "ŧ": "t"}


def by(sought: str) -> Q:
    """Leads with this phone number, or with each of these words in reference, e-mail or name."""
    words = Q()
    for word in sought.split():
        words &= _has(word)
    return words | _by_reference(sought) | _by_phone(sought)


def _has(word: str) -> Q:
    found = Q(reference__istartswith=word) | Q(email__istartswith=word) | _by_reference(word)
    # As it was typed too: outside the Latin letters an accent is no matter of spelling.
    # A pattern, because SQLite knows small and capital letters only of the Latin script.
    found |= Q(name__iregex=re.escape(unicodedata.normalize("NFC", word)))
    return found | Q(name__iregex=spelt_somehow(word)) if plain(word) else found


def _by_reference(said: str) -> Q:
    """SL-4MXQ-TJD9 by “sl4mxqtjd9”, “4MXQ TJD9”, and by either half."""
    signs = re.sub(r"[\W_]", "", said).upper()
    signs = signs.removeprefix("SL")
    if not 3 <= len(signs) <= 8 or set(signs) - set(REFERENCE_SIGNS):
        return Q(pk__in=[])
    first, last = signs[:4], signs[4:]
    begins = Q(reference__startswith=f"SL-{first}-{last}" if last else f"SL-{first}")
    return begins if last else begins | Q(reference__endswith=f"-{first}")


def _by_phone(said: str) -> Q:
    """+44 20 7946 0018 by “020 7946-0018”, “0044 (0)20 …”, and by its end."""
    digits = re.sub(r"\(0\)|[\s()+./-]", "", said)
    found = Q(pk__in=[])
    # Kept with the country's code, dialled with a nought before it; the end of a number may begin with one.
    for part in {digits, digits.lstrip("0")}:
        if len(part) >= FEWEST_DIGITS and part.isascii() and part.isdecimal():
            found |= Q(phone__contains=part)
    return found


def spelt_somehow(word: str) -> str:
    """A pattern that takes “O’Brien” for “obrien” and “José” for “jose”, and the other way round."""
    letters = (f"[{VARIANTS[sign]}]" if sign in VARIANTS else re.escape(sign) for sign in plain(word))
    return "".join(letter + MAY_FOLLOW for letter in letters)


def plain(word: str) -> str:
    """The word in small letters without accents and apostrophes."""
    apart = unicodedata.normalize("NFD", word.casefold())
    kept = (sign for sign in apart if sign not in APOSTROPHES and not "\u0300" <= sign <= "\u036f")
    return "".join(NO_ACCENT_TO_TAKE_AWAY.get(sign, sign) for sign in kept)


def _variants() -> dict[str, str]:
    """Each Latin letter with all that are it under an accent, small and capital."""
    spelt: dict[str, str] = defaultdict(str)
    for number in (*range(0x41, 0x250), *range(0x1E00, 0x1F00)):
        letter = plain(chr(number))
        if len(letter) == 1 and "a" <= letter <= "z":
            spelt[letter] += chr(number)
    return dict(spelt)


VARIANTS = _variants()
