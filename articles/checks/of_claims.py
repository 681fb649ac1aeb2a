"""What stands between the claims of a text and its readers. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from django.utils.translation import gettext as _

from ..body import Rendered
from .findings import Content, Known, Problem, claim_place, own_passages, text_passages
from .readability import sentences
from .statements import (
    BENEFIT,
    FIGURES,
    HARM,
    NOT_KNOWN,
    Statement,
    bearing,
    read,
    says_enough,
    shows_it,
    weakness,
)


def claims(content: Content, rendered: Rendered, known: Known) -> Iterator[Problem]:
    """Each claim by itself, in their order."""
    for statement in read(content.get("claims")):
        for check in (_wholeness, _figures, _groups, _sources, _treatment):
            yield from check(statement, known)
        if statement.direction == BENEFIT and statement.sources:
            yield from _backing(statement, known)


def benefits_and_harms(content: Content, rendered: Rendered, known: Known) -> Iterator[Problem]:
    """Each treatment of which a text names a benefit needs a harm of its own beside it."""
    written = read(content.get("claims"))
    harmful = {statement.treatment for statement in written if statement.direction == HARM}
    praised = (statement.treatment for statement in written if statement.direction == BENEFIT)
    for treatment in dict.fromkeys(praised):
        if treatment not in harmful:
            yield _only_praised(known.treatments.get(treatment or 0, ""))


def praise_without_harms(content: Content, rendered: Rendered, known: Known) -> Iterator[Problem]:
    """Words that say that cells help, in a text none of whose claims names a harm: for its reviewer to see.

    No words tell praise from an honest account for sure, so it is a warning; one for each text.
    """
    if any(statement.direction == HARM for statement in read(content.get("claims"))):
        return
    passages = [*own_passages(content), *text_passages(rendered)]
    if known.easy:
        passages += text_passages(known.easy, easy=True)
    for place, words in passages:
        if praise := next(filter(_praises, sentences(words)), ""):
            message = _("This says that cells help, and no claim says what can go wrong: “%(words)s”")
            instead = _("Add a claim that names a harm, with its source, or say why none is needed.")
            said = message % {"words": praise}
            yield Problem("praise_without_harms", "warning", said, place, instead, key=praise)
            return


CELLS = re.compile(r"\bcells?\b", re.IGNORECASE)
HELP = re.compile(
    r"\b(?:help(?:s|ed)|improve(?:s|d|ments?)|benefit(?:s|ed)|better|recovered|works?|worked|repair(?:s|ed)"
    r"|can\s(?:help|improve|repair|work)|will\s(?:help|improve|repair|work)|walk(?:ed)?\sagain)\b",
    re.IGNORECASE,
)
OPEN_OR_DENIED = re.compile(
    r"\b(?:no|not|never|none|nobody|nothing|neither|nor|cannot|without|whether|if|unless|unknown|who|what|how"
    r"|which|claim(?:s|ed)?|promise[sd]?)\b|n['’]t\b|\?",
    re.IGNORECASE,
)


def _praises(sentence: str) -> bool:
    told = CELLS.search(sentence) and HELP.search(sentence)
    return bool(told) and not OPEN_OR_DENIED.search(sentence)


def _only_praised(treatment: str) -> Problem:
    message = _("It names a benefit and no harm.")
    if treatment:
        message = _("It names a benefit of “%(treatment)s” and no harm of it.") % {"treatment": treatment}
    instead = _("Add a claim that says what can go wrong, with its source.")
    return Problem("benefits_without_harms", "blocking", message, _("The claims"), instead)


def _wholeness(statement: Statement, known: Known) -> Iterator[Problem]:
    missing = (
        ("sentence", _("It says nothing yet."), _("Write it in one plain sentence.")),
        (
            "direction",
            _("It does not say whether this is a benefit or a harm."),
            _("Choose benefit, no clear effect, harm or not known."),
        ),
        ("how_sure", _("It does not say how sure this is."), _("Choose high, moderate, low or very low.")),
    )
    for name, message, instead in missing:
        # Of what nobody knows there is no knowing how sure it is.
        needed = name != "how_sure" or statement.direction != NOT_KNOWN
        if needed and not getattr(statement, name):
            place = claim_place(statement.number)
            yield Problem(f"claim_without_{name}", "blocking", message, place, instead)


def _figures(statement: Statement, known: Known) -> Iterator[Problem]:
    place = claim_place(statement.number)
    for names in (FIGURES[:2], FIGURES[2:]):
        count, of = (getattr(statement, name) for name in names)
        if misread := [statement.misread[name] for name in names if name in statement.misread]:
            yield from (_misread(words, place) for words in misread)
        elif (count is None) != (of is None):
            message = _("Its figures are not complete.")
            instead = _("Write both, such as 12 of 104, or neither.")
            yield Problem("claim_figures_incomplete", "blocking", message, place, instead)
        elif count is not None and of is not None and (of == 0 or count > of):
            message = _("%(count)s of %(of)s people cannot be.") % {"count": count, "of": of}
            instead = _("Look the figures up in the source.")
            yield Problem("claim_figures_impossible", "blocking", message, place, instead)


def _misread(words: str, place: str) -> Problem:
    message = _("“%(words)s” is no number of people.") % {"words": words}
    instead = _("Write a whole number, such as 104.")
    return Problem("claim_figure_unreadable", "blocking", message, place, instead)


def _groups(statement: Statement, known: Known) -> Iterator[Problem]:
    """Who the figures are of. Unnamed, the first group is told readers as "with the treatment"."""
    if statement.other_count is None:
        return
    place = claim_place(statement.number)
    if not (statement.other and statement.of is not None):
        message = _("There are figures of another group, but not who that is or whom it is compared with.")
        instead = _("Name the other group, such as placebo, and give the figures of both.")
        yield Problem("claim_other_group", "blocking", message, place, instead)
    if not statement.group and _is_of_another_way(statement, known):
        message = _("It compares two groups and does not say what the first one got; here that is not cells.")
        instead = _("Name the first group too, such as a placebo instead of cells.")
        yield Problem("claim_first_group", "blocking", message, place, instead)


def _is_of_another_way(statement: Statement, known: Known) -> bool:
    """Whether it speaks of waiting, rehabilitation or the like: on its page, or named by a guide."""
    if known.is_treatment:
        return not known.with_cells
    return statement.treatment in known.other_ways


def _sources(statement: Statement, known: Known) -> Iterator[Problem]:
    place = claim_place(statement.number)
    if not statement.sources:
        message = _("It has no source.")
        instead = _("Choose the source that shows it, or take the claim out.")
        yield Problem("claim_without_source", "blocking", message, place, instead)
    for key in statement.sources:
        if key not in known.sources:
            message = _("There is no source with the key “%(key)s”.") % {"key": key}
            instead = _("Choose a source of the list, or add its record first.")
            yield Problem("unknown_citation", "blocking", message, place, instead)


def _treatment(statement: Statement, known: Known) -> Iterator[Problem]:
    """On a treatment's own page a claim speaks of that treatment."""
    if known.is_treatment or statement.treatment in known.treatments:
        return
    message = _("It does not say which treatment it speaks of.")
    instead = _("Choose the treatment.")
    yield Problem("claim_without_treatment", "blocking", message, claim_place(statement.number), instead)


# --- What may stand under a benefit -------------------------------------------------------------


def _backing(statement: Statement, known: Known) -> Iterator[Problem]:
    yield from _retracted(statement, known)
    if not all(key in known.sources for key in statement.sources):
        return  # said already
    if not bearing(statement.sources, known.sources):
        message = _("None of its sources can show a benefit: %(sources)s.") % {"sources": named(statement)}
        instead = _("Cite a trial, a review of studies or a guideline, or take the claim out.")
        yield Problem("benefit_not_backed", "blocking", message, claim_place(statement.number), instead)
    elif not says_enough(statement.caveat) and not shows_it(statement.sources, known.sources):
        yield _weak(statement, known)


def _weak(statement: Statement, known: Known) -> Problem:
    why = {
        "missed": _("Every trial under this benefit missed its main measure: %(sources)s."),
        "no_control": _("Nothing under this benefit had a control group: %(sources)s."),
        "both": _(
            "Each trial under this benefit missed its main measure or had no control group: %(sources)s."
        ),
        "": _("No trial under this benefit has been recorded as meeting its main measure: %(sources)s."),
    }[weakness(statement.sources, known.sources)]
    message = why % {"sources": named(statement)}
    instead = _(
        "Say so beside the claim in at least four words,"
        " or cite a trial that compared people and met its main measure."
    )
    return Problem("benefit_unsaid_weakness", "blocking", message, claim_place(statement.number), instead)


def _retracted(statement: Statement, known: Known) -> Iterator[Problem]:
    for key in statement.sources:
        if key in known.sources and known.sources[key].state == "retracted":
            message = _("The source “%(key)s” under this benefit was retracted.") % {"key": key}
            instead = _("Take the source out, and the claim with it unless another source shows it.")
            place = claim_place(statement.number)
            yield Problem("benefit_retracted", "blocking", message, place, instead)


def named(statement: Statement) -> str:
    return ", ".join(statement.sources)
