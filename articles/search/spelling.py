"""Words spelt in two ways, and words mistyped: what is one word, and how near one is to another."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

# British first, then the form that both are kept as. Each is tried on a plain word, in this order.
BRITISH = tuple(
    (re.compile(pattern), american)
    for pattern, american in (
        (r"ae(?![lr])", "e"),  # haemorrhage, ischaemic, anaesthetic, paediatric; not aerobic, Michael
        (r"^oe(?=[dst])|(?<=f)oe(?=t)|(?<=rrh)oe", "e"),  # oedema, oesophagus, foetal, diarrhoea
        (
            r"^(anti|dis|mis|un|)(arm|behavi|col|endeav|fav|flav|harb|hon|hum|lab|neighb|od|rum|sav|tum|val|vap|vig)our",
            r"\1\2or",
        ),
        (r"(cent|theat|fib|lit|met|calib)re(?=s?$)", r"\1er"),
        (r"(cent)red$", r"\1ered"),
        (r"(?<=[a-z]{3})is(?=(e[drs]?|ers|ing|ations?|ational)$)", "iz"),  # randomised, organisation
        (r"(?<=[a-z]{3})ys(?=(e[drs]?|ing)$)", "yz"),  # paralysed, analyse
        (r"(?<=[a-z]{3})ogue(?=s?$)", "og"),  # dialogue
        (r"(travel|cancel|signal|counsel|label|model)l(?=(ed|ers?|ings?|ors?)$)", r"\1"),
        (r"(lic|def|off)ence", r"\1ense"),
        (r"^practi[sz]", "practic"),
        (r"^programme(?=s?$)", "program"),
        (r"^ageing", "aging"),
        (r"^cheque", "check"),
        (r"^grey", "gray"),
        (r"^sulph", "sulf"),
        (r"^(enrol|fulfil)(?=s?$|ment)", r"\1l"),
    )
)
NOT_WITH_S = (
    "children/child women/woman men/man feet/foot teeth/tooth wives/wife lives/life mice/mouse"
    " criteria/criterion stimuli/stimulus emboli/embolus diagnoses/diagnosis prognoses/prognosis"
    " thromboses/thrombosis stenoses/stenosis"
)
# What would be one word with another that says something else: a trial is blind, blindness is a harm.
APART = {"blindness": "blindloss"}
PLURALS = dict(pair.split("/") for pair in NOT_WITH_S.split())
# Letters that are said alike are one letter to those who write as they hear.
SOUNDS = (
    ("ph", "f"),
    ("ch", "k"),
    ("ck", "k"),
    ("qu", "kw"),
    ("rh", "r"),
    ("c", "k"),
    ("y", "i"),
    ("z", "s"),
)
DOUBLED = re.compile(r"(.)\1+")
ORDINARY = Path(__file__).with_name("ordinary_words.txt")
# A word as long as this may be so many letters off, and still only one word can be meant.
LETTERS_OFF = ((8, 2), (4, 1))
# Of a word as short as this, what looks alike is not told by the groups of three letters that they share.
SHORT = 5


def one_spelling(word: str) -> str:
    """A plain word as it is kept, however it was spelt: tumour is tumor. Not itself a word to show."""
    word = APART.get(word) or PLURALS.get(word, word)
    for pattern, american in BRITISH:
        word = pattern.sub(american, word)
    return word


def is_ordinary(word: str) -> bool:
    """Whether this is an everyday English word, and so hardly another one mistyped."""
    return word in _ordinary()


def nearest(word: str, candidates: Iterable[str]) -> str | None:
    """Of words that look like this one, best first, the one with the fewest letters different.

    Of equals one with the same letters, two of them swapped.
    """
    return min(
        candidates, key=lambda other: (letters_off(word, other), sorted(word) != sorted(other)), default=None
    )


def is_surely(word: str, other: str) -> bool:
    """Whether nobody would type the first and not mean the second."""
    return not is_ordinary(word) and word[0] == other[0] and letters_off(word, other) <= _may_be_off(word)


def is_perhaps(word: str, other: str) -> bool:
    """Whether it is worth asking if the second was meant; of an ordinary word only where it is very near."""
    short = is_ordinary(word) or len(word) < SHORT
    return letters_off(word, other) <= (1 if short else _may_be_off(word) + 1)


def _may_be_off(word: str) -> int:
    return next((number for length, number in LETTERS_OFF if len(word) >= length), 0)


def letters_off(one: str, other: str) -> int:
    """How many letters, as they sound, are missing, too many, wrong or swapped with the next."""
    one, other = _sounds(one), _sounds(other)
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        before, above, row = row, before, [i]
        for j, wanted in enumerate(other, 1):
            row.append(min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != wanted)))
            if i > 1 and j > 1 and (letter, one[i - 2]) == (other[j - 2], wanted):
                row[j] = min(row[j], above[j - 2] + 1)
    return row[-1]


@lru_cache(maxsize=1_000)
def _sounds(word: str) -> str:
    word = one_spelling(word)
    for written, said in SOUNDS:
        word = word.replace(written, said)
    return DOUBLED.sub(r"\1", word)


@lru_cache(maxsize=1)
def _ordinary() -> frozenset[str]:
    lines = ORDINARY.read_text(encoding="utf-8").splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())
