"""How hard an English text is to read: the grade of Flesch and Kincaid, by sentences and syllables. Pure.

An indicator, not a judge: it counts the school years that a text asks for and knows nothing of its sense.
One line of a text is one block (a heading, a list item, a cell): the end of a line ends a sentence.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

# Below this a single long word would decide.
FEWEST_WORDS = 30
HIGHEST = Decimal("99.9")

# The look-behind keeps a long row of dots from being tried again at each of them.
ENDS = re.compile(r"(?<![.!?…؟。])[.!?…؟。]+[\"”’')\]]*\s+")
OPENS = re.compile(r"[\s\"“‘'(\[]*")
# After these a full stop ends no sentence.
NEAR = 20
ABBREVIATIONS = frozenset(
    re.split(
        r"\s",
        "approx al ca cf dr e.g eg etc fig i.e ie mr mrs ms no nos p.m pp prof ref st u.k u.s vol vs",
    )
)
WORD = re.compile(r"[^\W_][\w’'.,-]*")


# --- Sentences ----------------------------------------------------------------------------------


def sentences(text: str) -> Iterator[str]:
    """The sentences of a text, each on one line. Knows abbreviations, initials and decimals."""
    for line in text.splitlines():
        yield from _sentences_of_line(" ".join(line.split()))


def long_sentences(text: str, most: int = 15) -> Iterator[str]:
    """The sentences with more words than that."""
    return (sentence for sentence in sentences(text) if len(words(sentence)) > most)


def words(text: str) -> list[str]:
    """What is said as a word or a number; a hyphenated word is one."""
    return [found.rstrip(".,-’'") for found in WORD.findall(text)]


def _sentences_of_line(line: str) -> Iterator[str]:
    begin = 0
    for end in ENDS.finditer(line):
        if _goes_on(line, begin, end):
            continue
        yield line[begin : end.end()].strip()
        begin = end.end()
    if rest := line[begin:].strip():
        yield rest


def _goes_on(line: str, begin: int, end: re.Match[str]) -> bool:
    """Whether the sentence goes on after this full stop."""
    after = OPENS.match(line, end.end())
    following = line[after.end() : after.end() + 1] if after else ""
    if following.islower():
        return True
    before = line[max(begin, end.start() - NEAR) : end.start()].rsplit(None, 1)
    last = before[-1].lstrip("(“\"'").casefold() if before else ""
    is_initial = len(last) == 1 and last.isalpha() and last != "i"
    return line[end.start()] == "." and (last in ABBREVIATIONS or is_initial)


# --- Syllables ----------------------------------------------------------------------------------

KNOWN = {
    **dict.fromkeys(("one", "once", "ones", "tongue"), 1),
    **dict.fromkeys(("being", "business", "every", "evening", "lion", "poem", "react"), 2),
    **dict.fromkeys(("area", "areas", "idea", "ideas", "everyday", "everyone", "everything"), 3),
    **dict.fromkeys(("diabetes", "everybody", "reliable"), 4),
}
VOWELS = re.compile(r"[aeiouy]+")
# Letters at the end, then within a word, that are written and not said.
SILENT = (
    re.compile(
        r"(?<![aeiouy])(?<!^)(?<![^aeiouy]l)e$|(?<=[^aeiouyscgzx])(?<![cs]h)(?<![^aeiouy]l)es$"
        r"|(?<=[^aeiouytd])(?<!dr)ed$|(?<=[aeiou][gq])ue$"
    ),
    re.compile(
        r"(?<=[aeiouy][^aeiouyl])e(?:ly|ful|fully|less|ness|ments?|ty)$|(?<=[aeiouy]l)e(?:ly|ful|less|ness|ty)$"
        r"|^(?:some|home|life|care|safe|time|there|where|fore|bone|side|place|name|space)(?=[^aeiouyrsdb])"
    ),
)
# Two vowels, or two consonants at the end, that are said one after the other.
APART = re.compile(
    r"(?<![cstg])(?<!ll)(?<!ni)i[aou](?!n$)|(?<=[aeiouy])i(?=ng)|ie(?=t)|(?<=cl)ie(?=n)|(?<=^sc)ie(?=n)"
    r"|(?<=[rd])ie(?=nc)|(?<![gq])ua(?=[lt])|ui(?=d$|ds$|n$|ns$|c)|eu(?=m$)|(?<=cr)ea(?=t)"
    r"|[aeiou](?=y[aou]|ye(?!d$|s$|$))|(?<=s)m$"
)


def syllables(word: str) -> int:
    """How many syllables an English word has, by its letters; one for a number."""
    letters = re.sub(r"[’']s$|[^a-z]", "", word.casefold())
    if letters in KNOWN:
        return KNOWN[letters]
    silent = sum(1 for pattern in SILENT if pattern.search(letters))
    return max(1, len(VOWELS.findall(letters)) + len(APART.findall(letters)) - silent)


# --- Grade --------------------------------------------------------------------------------------


def grade(text: str) -> Decimal | None:
    """The school years that this English text asks for, to one decimal; None for less than thirty words."""
    found = list(sentences(text))
    spoken = [word for sentence in found for word in words(sentence)]
    if len(spoken) < FEWEST_WORDS:
        return None
    said = sum(syllables(part) for word in spoken for part in word.split("-"))
    level = 0.39 * len(spoken) / len(found) + 11.8 * said / len(spoken) - 15.59
    return min(max(Decimal(str(round(level, 1))), Decimal("0.0")), HIGHEST)
