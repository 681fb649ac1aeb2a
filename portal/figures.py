"""Which numbers in a sentence are figures that need a source: by English words and by signs. Pure."""

from __future__ import annotations

import re
from typing import Literal

Figure = Literal["", "counted", "other"]

# Every run is bounded and begins where no digit stands before it, so that a row of nines is read once.
N = r"(?<![\d.,])\d[\d.,]{0,15}(?:\s\d{3}){0,4}"
MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"
SMALL = "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve"
PEOPLE = (
    "people|persons?|patients?|men|man|women|woman|adults?|children|participants?|volunteers?|survivors?"
    "|doctors?|neurologists?|deaths?"
)

# Numbers that state no fact about a treatment; they are taken out before anything is looked for.
PLAIN = re.compile(
    rf"""
      https?://\S{{1,400}}
    | \b\d{{4}}-\d\d-\d\d\b | \b\d{{1,2}}(?:\s(?:to|and|or)\s\d{{1,2}})?\s(?:{MONTHS})\b(?:\s\d{{4}})?
    | \b(?:{MONTHS})\s\d{{1,2}}\b(?:,?\s\d{{4}})? | \b(?:19|20)\d\d(?:s|[-–/](?:(?:19|20)?\d\d))?\b
    | \b\d{{1,4}}(?:st|nd|rd|th)\b | \b\d{{1,2}}[:.]\d\d(?:\s?[ap]\.?m\b) | \b\d{{1,2}}:\d\d\b | \b24/7\b
    | \b{N}(?:\s?(?:to|–|-|or|and)\s?{N})?[\s-]?(?:and\sa\shalf\s|more\s)?
      (?:seconds?|minutes?|hours?|days?|nights?|weeks?|months?|years?|decades?|a\.?m\.?|p\.?m\.?|o['’]clock)\b
    | (?:\+|\b00)\d[\d\s()-]{{6,20}}\d | \b0\d{{2,4}}[\d\s()-]{{5,20}}\d
    | \b\d{{1,4}}(?:[\s-]\d{{3,4}}){{2,3}}\b
    | \b(?:call|dial|phone|rings?|number)\s\d{{2,6}}(?:\s(?:or\s)?\d{{2,6}}){{0,5}}\b
    | \b(?:steps?|questions?|tables?|figures?|phases?|stages?|types?|parts?|pages?|sections?|numbers?
      |chapters?|versions?|options?|grades?|levels?|points?|items?|lists?|no\.?|aged?|ages
      |(?:man|woman|boy|girl)\sof)
      \s\d{{1,6}}[a-z]?(?:/\d{{1,6}}[a-z]?)?(?:\s?(?:to|and|or|–|-)\s?\d{{1,6}}[a-z]?)?\b
    | \b[^\W\d]{{1,40}}[-–]?\d[\w.-]{{0,40}} | \b\d{{1,9}}[^\W\d_]\w{{0,40}}-?[^\W\d_]{{0,40}}
    | ^\s{{0,9}}\d{{1,3}}[.)](?=\s|$)
    """,
    re.IGNORECASE | re.VERBOSE,
)
COUNTED = re.compile(
    rf"""
      {N}\s?(?:%|per\s?cent\b|٪) | [$£€¥₹]\s?\d | \b{N}\s?(?:[$£€¥₹]|(?:(?:million|billion|thousand)\s)?
      (?:US\s)?(?:dollars?|pounds?|euros?|yen|rupees?|pesos?|lira|USD|EUR|GBP)\b)
    | \b(?:USD|EUR|GBP)\s?\d
    | \b(?:{N}|{SMALL}|half|none)\s(?:out\s)?of\s(?:every\s|the\s|all\s)?\d
    | \b(?:{N}|{SMALL})\sin\s(?:every\s)?(?:{N}|{SMALL}|hundred|thousand)\b
    | \b{N}\s(?:[\w’'-]{{1,40}}\s){{0,3}}?(?:{PEOPLE})\b
    """,
    re.IGNORECASE | re.VERBOSE,
)


def figure_in(sentence: str) -> Figure:
    """What kind of figure a sentence holds: people, a share or money; another number; or none."""
    if COUNTED.search(YEARS_BEHIND.sub(" ", sentence)):
        return "counted"
    return "other" if re.search(r"\d", PLAIN.sub(" ", sentence)) else ""


# "12 in 2021" counts no people.
YEARS_BEHIND = re.compile(r"\bin\s(?:19|20)\d\d\b")
