"""The fifteen DISCERN questions: how good information about choices is, as a reviewer scores it. Pure.

After Charnock and others, J Epidemiol Community Health 1999;53:105. The sixteenth question, an overall
mark, is the sum here. The wording is ours.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypedDict

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.wording import plain

LOWEST, HIGHEST = 1, 5
# What a page has beside the text itself, by the names under which readers find it.
PAGE_PARTS = (
    gettext_lazy("The summary"),
    gettext_lazy("Key points"),
    gettext_lazy("What studies found"),
    gettext_lazy("Questions to ask"),
    gettext_lazy("Words explained"),
    gettext_lazy("References"),
    gettext_lazy("History"),
)
# Fewer words of the running text point nowhere: "the" stands everywhere.
FEWEST_WORDS = 3
# Of 75: from 51 on the handbook's readers call a text good.
ENOUGH_IN_ALL = 51
# Where a low mark is not made good by high ones elsewhere, and the least that each needs.
ENOUGH_EACH = {"uncertain": 3, "risks": 3, "without_treatment": 3}

QUESTIONS = {
    "aims": gettext_lazy("Is it clear what the text is for?"),
    "achieves": gettext_lazy("Does it do what it sets out to do?"),
    "relevant": gettext_lazy("Does it answer what people in this situation ask?"),
    "sources": gettext_lazy("Is it clear where each fact comes from?"),
    "dates": gettext_lazy("Is it clear how old the facts and the text are?"),
    "balanced": gettext_lazy("Is it balanced and fair?"),
    "further_support": gettext_lazy("Does it say where to find more help and information?"),
    "uncertain": gettext_lazy("Does it say what is not known?"),
    "how_it_works": gettext_lazy("Does it say how each treatment is thought to work?"),
    "benefits": gettext_lazy("Does it say what each treatment can do for people?"),
    "risks": gettext_lazy("Does it say what can go wrong with each treatment?"),
    "without_treatment": gettext_lazy("Does it say what happens without the treatment?"),
    "quality_of_life": gettext_lazy("Does it say what the treatments mean for everyday life?"),
    "choices": gettext_lazy("Does it say that there is more than one choice?"),
    "shared_decision": gettext_lazy("Does it help people to decide together with others?"),
}


class Answer(TypedDict):
    """A score from 1 (no) to 5 (yes), and the heading or words of the text that show it."""

    question: str
    score: int
    where: str


class Places:
    """What an answer may point to: a part by its name, or words of the text; compared as words alone."""

    def __init__(self, names: Iterable[str], passages: Iterable[str]) -> None:
        self.names = {_folded(name) for name in (*map(str, PAGE_PARTS), *names)}
        self.passages = f" {' / '.join(map(_folded, passages))} "

    def __contains__(self, where: str) -> bool:
        sought = _folded(where)
        if sought in self.names:
            return bool(sought)
        return len(sought.split()) >= FEWEST_WORDS and f" {sought} " in self.passages


def _folded(text: str) -> str:
    return " ".join(re.findall(r"\w+", plain(text).casefold()))


def total(answers: Sequence[Answer]) -> int:
    """The sum, from 15 to 75."""
    return sum(answer["score"] for answer in answers)


def problems(answers: Sequence[Answer], places: Places) -> Iterator[str]:
    """Why a text may not be approved with these answers, in words for the reviewer."""
    by_question: Mapping[str, Answer] = {answer["question"]: answer for answer in answers}
    if len(by_question) < len(answers) or not by_question.keys() <= QUESTIONS.keys():
        yield _("Answer each of the fifteen questions once, and no other.")
    for number, (name, question) in enumerate(QUESTIONS.items(), 1):
        answer = by_question.get(name)
        if answer is None:
            yield _("Answer this question: %(question)s") % {"question": question}
        elif not LOWEST <= answer["score"] <= HIGHEST:
            yield _("Give a score from 1 to 5: %(question)s") % {"question": question}
        elif not answer["where"].strip():
            yield _("Say where in the text this is shown: %(question)s") % {"question": question}
        elif answer["where"] not in places:
            yield _("Question %(number)s: “%(where)s” is no heading of the text and no words of it.") % {
                "number": number,
                "where": answer["where"].strip(),
            }
        elif answer["score"] < ENOUGH_EACH.get(name, LOWEST):
            yield _("%(least)s is the least for this question: %(question)s") % {
                "least": ENOUGH_EACH[name],
                "question": question,
            }
    if len(by_question) == len(QUESTIONS) and len({_folded(one["where"]) for one in answers}) == 1:
        yield _("Each answer points to the same place. Say for each question where the text answers it.")
    scored = [answer for name, answer in by_question.items() if name in QUESTIONS]
    if len(scored) == len(QUESTIONS) and (found := total(scored)) < ENOUGH_IN_ALL:
        yield _("The sum is %(found)s; at least %(least)s of 75 are needed.") % {
            "found": found,
            "least": ENOUGH_IN_ALL,
        }
