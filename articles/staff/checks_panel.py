"""The checks beside the text: each with the way to its field, and the reasons why a warning may stand."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from .. import versions
from ..checks import quality
from ..checks.quality import PARTS, Problem, grade_of
from ..checks.readability import sentences, words
from ..checks.reasons import wanting
from ..texts import AnyRevision, Made, made_of, printable, problems_with

REASON = "reason-"
BLOCKING = "blocking"


@dataclass(frozen=True)
class Check:
    """A problem and the id of the field in which it is mended."""

    problem: Problem
    anchor: str


def checks_of(problems: Iterable[Problem]) -> list[Check]:
    """What must be mended first, then what is better mended."""
    found = sorted(problems, key=lambda problem: problem.severity != BLOCKING)
    return [Check(problem, anchor_of(problem.place)) for problem in found]


def counted(problems: Iterable[Problem]) -> tuple[int, int]:
    """How many must be mended, and how many are only warnings."""
    found = list(problems)
    return len(quality.blocking(found)), len(quality.warnings(found))


def saved_words(saved: AnyRevision | None) -> str:
    """What to say of a saved draft, with the way to what must be mended before it can be submitted."""
    to_mend, _warnings = counted(problems_with(saved, made_of(saved))) if saved else (0, 0)
    if not to_mend:
        return _("Saved.")
    words = ngettext(
        "%d thing must be mended before it can be submitted",
        "%d things must be mended before it can be submitted",
        to_mend,
    )
    return format_html('{} <a href="#checks">{}</a>.', _("Saved."), words % to_mend)


def anchor_of(place: str) -> str:
    """The id of the field that is called so in a problem; the text, for all that stands in it."""
    number = re.search(r"\d+", place)
    if number and place == _("Claim %(number)s") % {"number": number[0]}:
        return f"claim-{number[0]}"
    if number and place == _("Key point %(number)s") % {"number": number[0]}:
        return "id_key_points"
    if number and place == _("Question %(number)s") % {"number": number[0]}:
        return "id_questions"
    if place in (named := _fields()):
        return named[place]
    return "id_easy_body" if place.startswith(_("Easy version")) else "id_body"


def _fields() -> dict[str, str]:
    parts = {str(label): f"id_part_{name}" for name, label in PARTS.items()}
    return parts | {
        _("The title"): "id_title",
        _("The summary"): "id_summary",
        _("The key points"): "id_key_points",
        _("Cell type"): "id_cell_type",
        _("Own or donor cells"): "id_donor",
        _("How given"): "id_route",
        _("Where it is approved"): "id_approval",
        _("The claims"): "claims",
        _("Questions to ask"): "id_questions",
        _("Easy version, the summary"): "id_easy_summary",
        _("What changed"): "id_change_note",
    }


class ReasonsForm(forms.Form):
    """Why each warning may stand: one field for each, beside the button that submits.

    It is never sent by itself: what was typed into it stays on the page, and whether a reason must be
    given, the verb says.
    """

    def __init__(
        self, warnings: Iterable[Problem], reasons: Mapping[str, str], refused: Iterable[Problem] = ()
    ) -> None:
        """`reasons` are those given so far, by the name of the warning; some of them may be `refused`."""
        super().__init__()
        for warning in warnings:
            self.fields[f"{REASON}{warning.name}"] = reason_field(
                warning, required=False, initial=reasons.get(warning.name, "")
            )
        for wrong in refused:
            if (name := f"{REASON}{wrong.about}") in self.fields:
                self.errors[name] = self.error_class([wrong.message])


def telling(reason: str, *, asked: str | Promise = "") -> None:
    """Refuse a reason that tells a colleague nothing, as the verbs do; `asked` says what to write."""
    if fault := wanting(printable(reason), asked=str(asked)):
        raise forms.ValidationError(fault)


def reason_label(problem: Problem) -> str:
    """With the place: the same warning may stand at several."""
    if not problem.place:
        return _("Why this may stay: %(warning)s") % {"warning": problem.message}
    said = {"warning": problem.message, "place": problem.place}
    return _("Why this may stay. %(place)s: %(warning)s") % said


def reason_field(problem: Problem, **options: Any) -> forms.CharField:
    """Asks why this warning may stand."""
    return forms.CharField(
        label=reason_label(problem),
        max_length=versions.LONGEST_REASON,
        validators=[telling],
        widget=forms.Textarea(attrs={"rows": 2}),
        **options,
    )


def gate_of(
    revision: AnyRevision | None, posted: Mapping[str, str], refused: Iterable[Problem] = ()
) -> dict[str, Any]:
    """For the page: the checks of the saved text, how hard it is to read, and the reasons asked for.

    `refused` is what stopped the submitting; reasons that it names are told at their box.
    """
    if revision is None:
        return {}
    made = made_of(revision)
    found = problems_with(revision, made)
    left = quality.warnings(found)
    given = (_earlier(revision) if left else {}) | reasons_in(posted)
    blocking, warnings = counted(found)
    return {
        "checks": checks_of(found),
        "to_mend": blocking,
        "warnings": warnings,
        "reasons": ReasonsForm(left, given, refused) if left else None,
        "grade": grade_of(made.body) if made.english else None,
        "easy": _easy(made),
    }


def _easy(made: Made) -> dict[str, Any] | None:
    """How hard the easy version is to read; None where nothing is written."""
    if made.easy is None or not made.easy.word_count:
        return None
    longest = max(sentences(made.easy.plain_text), key=lambda sentence: len(words(sentence)))
    grade = grade_of(made.easy) if made.english else None
    return {"grade": grade, "longest": longest, "words": len(words(longest))}


def reasons_in(posted: Mapping[str, str]) -> dict[str, str]:
    """What was typed into the reasons of a page, by the name of the warning."""
    return {name.removeprefix(REASON): posted[name] for name in posted if name.startswith(REASON)}


def _earlier(revision: AnyRevision) -> dict[str, str]:
    """The reasons given for the version under this one, for whoever may give them again."""
    kind = type(revision)
    under = kind._default_manager.filter(pk=revision.based_on_id).values_list("overrides", flat=True)
    return versions.reasons_of(override for overrides in under for override in overrides)


def refusals(problems: Iterable[Problem]) -> list[tuple[str, str]]:
    """For the summary: what stopped the submitting, each with the id of the field where it is mended."""
    return [_refusal(problem) for problem in problems]


def _refusal(problem: Problem) -> tuple[str, str]:
    if problem.about:
        return f"id_{REASON}{problem.about}", str(problem)
    if problem.severity == BLOCKING:
        return anchor_of(problem.place), str(problem)
    said = _("%(warning)s Mend it, or say beside the button why it may stay.") % {"warning": problem}
    return f"id_{REASON}{problem.name}", said
