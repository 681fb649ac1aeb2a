"""Words that promise more than anybody knows, for every text that readers see. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .figures import figure_in


@dataclass(frozen=True)
class Forbidden:
    """Words that promise more than anybody knows, and what to write instead.

    Words right before them turn some into their opposite (`unless`): "not proven" promises nothing.
    """

    pattern: re.Pattern[str]
    instead: Promise | str
    unless: re.Pattern[str] | None = None

    def find(self, text: str) -> re.Match[str] | None:
        """Where a text, written plainly (`plain`), first promises this."""
        found = self.pattern.finditer(text)
        return next((match for match in found if not self._denied(text, match.start())), None)

    def _denied(self, text: str, at: int) -> bool:
        return self.unless is not None and bool(self.unless.search(text, max(0, at - NEAR), at))


NEAR = 60
NOT_SO = re.compile(
    r"(?:\b(?:not|never|no|nobody|nothing|none|neither|nor|without|whether|if|far\s+from)|n['’]t|\bcannot)"
    r"(?:\s+[\w’'-]+){0,3}\s+$",
    re.IGNORECASE,
)
# Of the words that sell most only a plain denial stands: "no other treatment cures" and "not just a cure"
# promise as much as "a cure".
PLAINLY_NOT = re.compile(
    r"(?:\b(?:not|no|never|neither|nor|nobody|no\s+one|nothing|cannot|whether)|n['’]t)"
    r"(?:\s+(?:a|an|any|the|it|this|that|they|we|you|is|are|was|be|been|can|could|will|has|have|may|yet|ever"
    r"|to|as|known|proven|proved|treatments?|trials?|stud(?:y|ies)|cells?|therapy|clinics?|promised?"
    r"|promises|offer(?:s|ed)?|claim(?:s|ed)?|found|shown|show(?:s|ed)?|called|mean|means))*\s+$",
    re.IGNORECASE,
)

# Letters of other alphabets that look like Latin ones, and those that they look like.
ALIKE = str.maketrans(
    "асеіјорѕухһԁԛԝкмтвнАВЕІЈКМНОРСТХЅУαεικνορτυχΑΒΕΖΗΙΚΜΝΟΡΤΥΧ",
    "aceijopsyxhdqwkmtbhABEIJKMHOPCTXSYaeikvoptuxABEZHIKMNOPTYX",
)
LATIN = re.compile(r"[A-Za-z]")
WORD = re.compile(r"\w+")


def plain(text: str) -> str:
    """The words as readers see them: without signs of no width, and without letters that only look Latin."""
    seen = "".join(sign for sign in unicodedata.normalize("NFKC", text) if unicodedata.category(sign) != "Cf")
    return seen if seen.isascii() else WORD.sub(_in_latin, seen)


def _in_latin(word: re.Match[str]) -> str:
    return word[0].translate(ALIKE) if LATIN.search(word[0]) else word[0]


def _forbid(words: str, instead: Promise | str, *, unless: re.Pattern[str] | None = None) -> Forbidden:
    pattern = re.compile(rf"(?<!\w)(?:{words})(?!\w)", re.IGNORECASE)
    return Forbidden(pattern, instead, unless)


ALL = r"(?:100|(?:(?:a|one)\s+)?hundred)\s*(?:%|per\s?cent)"
FORBIDDEN = (
    _forbid(
        r"cur(?:e|es|ed|ing|able)",
        gettext_lazy("Say what was measured, in how many people."),
        unless=PLAINLY_NOT,
    ),
    _forbid(
        r"(?:heal(?:s|ed)|restor(?:es|ed)|regenerat(?:es|ed)|rebuil(?:ds|t)|regrows|regrew|renew(?:s|ed)"
        r"|will\s+(?:heal|restore|regenerate|rebuild|regrow|renew))"
        r"\s+(?:(?:a|an|the|your|their|his|her|damaged|injured|dead|lost|dying|whole)\s+){0,3}"
        r"(?:strokes?|brains?|nerves?|neurons?|paralysis|speech|movement|functions?|damage)",
        gettext_lazy("Say what was measured, in how many people."),
        unless=NOT_SO,
    ),
    _forbid(
        rf"you\s+will\s+(?:\w+\s+)?(?:walk|speak|talk|move|see|run|work|drive|live|stand|recover)\s+again"
        rf"|(?:complete|total|{ALL})\s+recover(?:y|ies)|recovers?\s+(?:completely|totally)",
        gettext_lazy("Say how many of how many people were better, and by which measure."),
        unless=NOT_SO,
    ),
    _forbid(r"break[-\s]?throughs?", gettext_lazy("Say what is new, and what is still not known.")),
    _forbid(
        rf"{ALL}\s+safe",
        gettext_lazy("Say which harms were looked for, and in how many people."),
    ),
    _forbid(
        r"(?:completely|fully|wholly|totally|perfectly|entirely|absolutely|always|proven)\s+safe|harmless"
        r"|painless|safe(?:\s+and|,)\s+effective|effective\s+and\s+safe"
        r"|safe\s+for\s+(?:everyone|everybody|anyone|all)",
        gettext_lazy("Say which harms were looked for, and in how many people."),
        unless=NOT_SO,
    ),
    _forbid(
        r"no\s+(?:risks?|dangers?)|(?:risk|danger)[-\s]free|zero\s+(?:risks?|dangers?)"
        r"|without\s+(?:any\s+)?dangers?",
        gettext_lazy("Write “a claim that nothing can go wrong”, or name the risks."),
    ),
    _forbid(
        r"(?:no|without(?:\s+any)?|free\s+(?:of|from)|zero)\s+side[-\s]effects?|side[-\s]effect[-\s]free"
        r"|side[-\s]effects?\s+do(?:es)?\s*(?:not|n['’]t)\s+exist",
        gettext_lazy("Say which unwanted effects were looked for, how long, and in how many people."),
    ),
    _forbid(r"guarantee(?:s|d|ing)?", gettext_lazy("Write “a promise of certain results”.")),
    _forbid(
        rf"{ALL}\s+(?:effective|success(?:ful)?|success\s+rate)",
        gettext_lazy("Say how many of how many people were better, and by which measure."),
    ),
    _forbid(
        r"results?\s+(?:is|are)\s+permanent|permanent\s+(?:results?|relief|recovery|improvements?)"
        r"|lasts?\s+for\s?ever",
        gettext_lazy("Say how long people were followed, and what was seen then."),
    ),
    _forbid(
        r"(?:effects?|benefits?|gains?|improvements?|recovery)\s+(?:is|are|will\s+be)\s+permanent"
        r"|permanent(?:ly)?\s+(?:fix(?:es|ed)?|solutions?|benefits?|gains?|restor(?:es|ed)|heal(?:s|ed)"
        r"|repair(?:s|ed)?|better)"
        r"|lasts?\s+(?:for\s+life|(?:for\s+)?a\s+lifetime)"
        r"|(?:long[-\s])?lasting\s+(?:results?|relief|recovery|benefits?|improvements?)",
        gettext_lazy("Say how long people were followed, and what was seen then."),
        unless=NOT_SO,
    ),
    _forbid(
        r"always\s+(?:works?|helps)|works?\s+(?:for|in|on)\s+(?:everyone|everybody|anyone|all|every\s+\w+)"
        r"|never\s+fails?",
        gettext_lazy("Say how many of how many people were better, and by which measure."),
        unless=NOT_SO,
    ),
    _forbid(
        r"(?:clinically|scientifically|medically)\s+proven|(?:is|are|was|were|been)\s+proven"
        r"|proven\s+(?:to\s+\w+|safe|effective|results?|success|treatments?|therap(?:y|ies)|cells?|methods?)",
        gettext_lazy("Say which study found it, and how sure that is."),
        unless=NOT_SO,
    ),
    _forbid(r"miracles?|miraculous(?:ly)?", gettext_lazy("Say what was seen, and how often.")),
    _forbid(
        r"life[-\s]changing|game[-\s]chang(?:er|ers|ing)|wonder\s+(?:drugs?|treatments?|cells?)",
        gettext_lazy("Say what people could do afterwards that they could not do before."),
    ),
    _forbid(r"revolution(?:ary|i[sz]e[sd]?|i[sz]ing)", gettext_lazy("Say what is different.")),
    _forbid(
        r"cutting[-\s]edge|state[-\s]of[-\s]the[-\s]art|world[-\s](?:class|leading|renowned)",
        gettext_lazy("Say what is different."),
    ),
    _forbid(
        r"revers(?:e|es|ed|ing)\s+(?:(?:a|the|your|their)\s+)?(?:strokes?|paralysis|(?:brain\s+)?damage)",
        gettext_lazy("Say what was measured, in how many people."),
        unless=NOT_SO,
    ),
    _forbid(
        r"success\s+stor(?:y|ies)",
        gettext_lazy("Write what was found in everybody who was treated, not in some."),
    ),
    _forbid(
        r"available\s+treatments?", gettext_lazy("Write “being studied” unless it is approved for this.")
    ),
)


def promises_in(text: str) -> Iterator[tuple[str, str]]:
    """For each forbidden word in a text: that it is one, and what to write instead."""
    seen = plain(text)
    for forbidden in FORBIDDEN:
        if match := forbidden.find(seen):
            words = " ".join(match.group(0).split())
            yield _("“%(words)s” promises more than is known.") % {"words": words}, str(forbidden.instead)


def promises(text: str) -> Iterator[str]:
    """The same in one sentence each, for a message beside a field."""
    return (f"{message} {instead}" for message, instead in promises_in(text))


SENTENCE_ENDS = re.compile(r"(?<=[.!?])\s+")
# Shares of these need a source; that a page can be enlarged to 400 per cent, or what we earn, does not.
OF_PEOPLE = re.compile(
    r"\b(?:people|persons?|patients?|men|women|adults?|children|participants?|volunteers?|survivors?|cells?"
    r"|strokes?|trials?|stud(?:y|ies)|treat\w*|therap\w*|help(?:s|ed)?|walk\w*|speak\w*|recover\w*|improve\w*"
    r"|better|worse|di(?:e|es|ed)|deaths?|harm\w*|risks?|benefits?)\b",
    re.IGNORECASE,
)
OF_MONEY = re.compile(
    r"[$£€¥₹]|\b(?:prices?|fees?|commissions?|costs?|earns?|charges?|tax(?:es)?|euros?|dollars?|pounds?)\b",
    re.IGNORECASE,
)
QUOTED = re.compile(r'["“][^"“”]{1,60}["”]')


def unsourced(text: str) -> Iterator[str]:
    """For each sentence that counts people or names a share of them: that it needs a source."""
    for sentence in SENTENCE_ENDS.split(plain(text)):
        told = QUOTED.sub(" ", sentence)
        if figure_in(sentence) == "counted" and OF_PEOPLE.search(told) and not OF_MONEY.search(told):
            words = " ".join(sentence.split())
            yield _("This counts people, or a share of them, without a source: “%(words)s”") % {
                "words": words if len(words) <= 160 else words[:159] + "…"
            }
