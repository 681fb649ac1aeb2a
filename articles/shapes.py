"""What staff write, as it may be stored: tidied, and what of it does not fit."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _

from portal import rich_text

from .checks.findings import Problem, claim_place
from .checks.of_text import PARTS
from .checks.statements import FIGURES, LARGEST
from .claims import Claim, Direction, HowSure, Written
from .models import GuideRevision, Treatment, TreatmentRevision

AnyRevision = GuideRevision | TreatmentRevision

# A form holds no more fields than settings.DATA_UPLOAD_MAX_NUMBER_FIELDS, thirteen of them for each claim.
MOST_CLAIMS = 24
# A draft keeps what is no key of a source, and no number of people, until somebody mends it.
LONGEST_KEY = 1000
LONGEST_FIGURE = 80
LONGEST_HEADING = 300
RICH = ("body", "easy_body")
LISTS = ("key_points", "questions")

BARE = Written(
    direction="",
    sentence="",
    count=None,
    of=None,
    group="",
    other="",
    other_count=None,
    other_of=None,
    how_sure="",
    treatment=None,
    sources=[],
    caveat="",
)
WORDS = ("direction", "sentence", "group", "other", "how_sure", "caveat")


def printable(text: str) -> str:
    """One line or note of plain text without the signs that nobody can see, and without blanks around it."""
    return rich_text.UNPRINTABLE.sub("", str(text)).strip()


def tidy(model: type[AnyRevision], content: Mapping[str, Any]) -> dict[str, Any]:
    """The content as it may be stored, if none of it is among the misfits. ValueError for a strange field."""
    if strange := set(content) - set(model.CONTENT):
        raise ValueError(f"not content of {model.__name__}: {sorted(strange)}")
    return {name: _tidy_value(name, value) for name, value in content.items()}


def misfits(model: type[AnyRevision], content: Mapping[str, Any]) -> list[Problem]:
    """What of a tidy content does not fit its field: another kind of thing, too long, or no choice."""
    return [problem for name, value in content.items() for problem in _misfits(model, name, value)]


# --- Tidied -------------------------------------------------------------------------------------


def _tidy_value(name: str, value: Any) -> Any:
    if name in RICH and isinstance(value, str):
        # What is too long is a misfit, before the sanitiser spends time on it.
        return rich_text.clean(value) if len(value) <= rich_text.LONGEST else value
    if name in LISTS and isinstance(value, list | tuple):
        return [line for line in map(printable, value) if line]
    if name == "claims" and isinstance(value, list | tuple):
        return [_tidy_claim(one) if isinstance(one, Mapping) else one for one in value]
    if name == "parts" and isinstance(value, Mapping):
        return {printable(part): _in_print(heading) for part, heading in value.items() if heading}
    return _in_print(value)


def _tidy_claim(written: Mapping[str, Any]) -> dict[str, Any]:
    named = {printable(name): _in_print(value) for name, value in written.items()}
    return {**BARE, **named, "sources": _keys(written.get("sources", []))}


def _keys(value: Any) -> Any:
    if not isinstance(value, list | tuple) or not all(isinstance(key, str) for key in value):
        return value
    return list(dict.fromkeys(filter(None, map(printable, value))))


def _in_print(value: Any) -> Any:
    return printable(value) if isinstance(value, str) else value


# --- What does not fit --------------------------------------------------------------------------


def _misfits(model: type[AnyRevision], name: str, value: Any) -> Iterable[Problem]:
    field: Any = model._meta.get_field(name)
    place = str(field.verbose_name)
    if name in JSON_SHAPES:
        return JSON_SHAPES[name](value, place)
    longest = rich_text.LONGEST if name in RICH else field.max_length
    return _misfits_of_words(value, longest, place, dict(field.flatchoices))


def _misfits_of_words(
    value: Any, longest: int | None, place: str, choices: Mapping[str, Any] | None = None
) -> Iterator[Problem]:
    if not isinstance(value, str):
        yield _wrong_shape(place)
    elif longest and len(value) > longest:
        message = _("This has %(length)s signs; %(longest)s fit.") % {
            "length": len(value),
            "longest": longest,
        }
        yield Problem("too_long", "blocking", message, place)
    elif choices and value and value not in choices:
        yield Problem("no_choice", "blocking", _("Choose one of the list."), place)


def _misfits_of_lines(value: Any, place: str) -> Iterator[Problem]:
    if not isinstance(value, list):
        yield _wrong_shape(place)


def _misfits_of_parts(value: Any, place: str) -> Iterator[Problem]:
    if not isinstance(value, dict):
        yield _wrong_shape(place)
        return
    for part, heading in value.items():
        if part not in PARTS:
            yield Problem("no_choice", "blocking", _("There is no such part."), place)
        else:
            yield from _misfits_of_words(heading, LONGEST_HEADING, str(PARTS[part]))


def _misfits_of_claims(value: Any, place: str) -> Iterator[Problem]:
    if not isinstance(value, list):
        yield _wrong_shape(place)
        return
    if len(value) > MOST_CLAIMS:
        message = _("No more than %(most)s claims fit.") % {"most": MOST_CLAIMS}
        yield Problem("too_many_claims", "blocking", message, place)
        return
    there = _treatments_of(value)
    for number, written in enumerate(value, 1):
        yield from _misfits_of_claim(written, claim_place(number), there)


def _misfits_of_claim(written: Any, place: str, treatments: set[int]) -> Iterator[Problem]:
    if not isinstance(written, dict) or set(written) != set(BARE):
        yield _wrong_shape(place)
        return
    choices = {"direction": dict(Direction.choices), "how_sure": dict(HowSure.choices)}
    for name in WORDS:
        longest = Claim._meta.get_field(name).max_length  # type: ignore[union-attr]
        if name in choices:  # an unknown one is no choice, however long
            longest = None
        yield from _misfits_of_words(written[name], longest, place, choices.get(name))
    for name in FIGURES:
        if isinstance(written[name], str):
            yield from _misfits_of_words(written[name], LONGEST_FIGURE, place)
        else:
            yield from _misfits_of_number(written[name], place)
    yield from _misfits_of_number(written["treatment"], place)
    if _is_number(written["treatment"]) and written["treatment"] not in treatments:
        yield Problem("no_choice", "blocking", _("There is no such treatment."), place)
    keys = written["sources"]
    if not isinstance(keys, list) or not all(
        isinstance(key, str) and len(key) <= LONGEST_KEY for key in keys
    ):
        yield _wrong_shape(place)


def _misfits_of_number(value: Any, place: str) -> Iterator[Problem]:
    if value is None or _is_number(value):
        return
    if isinstance(value, int) and not isinstance(value, bool):
        message = _("Numbers of people go from 0 to %(most)s.") % {"most": LARGEST}
        yield Problem("impossible_number", "blocking", message, place)
    else:
        yield _wrong_shape(place)


def _is_number(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= LARGEST


def _treatments_of(claims: list[Any]) -> set[int]:
    """Of the treatments that these claims name, those that exist."""
    named = {one["treatment"] for one in claims if isinstance(one, dict) and _is_number(one.get("treatment"))}
    return set(Treatment.objects.filter(pk__in=named).values_list("pk", flat=True)) if named else set()


def _wrong_shape(place: str) -> Problem:
    return Problem("wrong_shape", "blocking", _("This cannot be read. Write it again."), place)


JSON_SHAPES: dict[str, Callable[[Any, str], Iterable[Problem]]] = {
    "key_points": _misfits_of_lines,
    "questions": _misfits_of_lines,
    "claims": _misfits_of_claims,
    "parts": _misfits_of_parts,
}
