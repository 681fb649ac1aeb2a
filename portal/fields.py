"""Questions to people outside, as form fields: few answers, many answers, numbers as people type them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

TICK = {"class": "form-check-input"}


def radios(
    label: StrOrPromise,
    choices: Iterable[Any],
    *,
    missing: StrOrPromise = "",
    hint: StrOrPromise = "",
    required: bool = True,
) -> forms.ChoiceField:
    """One answer out of a few; `missing` is what is said when there is none."""
    return forms.ChoiceField(
        label=label,
        choices=choices,
        help_text=hint,
        required=required,
        widget=forms.RadioSelect(attrs=TICK),
        error_messages={"required": missing, "invalid_choice": _("Choose one of the answers shown.")},
    )


def one_of(
    label: StrOrPromise,
    choices: Iterable[Any],
    *,
    missing: StrOrPromise = "",
    hint: StrOrPromise = "",
    autocomplete: str = "off",
    required: bool = True,
) -> forms.ChoiceField:
    """One answer out of many, from a list that opens."""
    return forms.ChoiceField(
        label=label,
        choices=choices,
        help_text=hint,
        required=required,
        widget=forms.Select(attrs={"autocomplete": autocomplete}),
        error_messages={"required": missing, "invalid_choice": _("Choose one of the answers in the list.")},
    )


class WholeNumber(forms.IntegerField):
    """Takes “about 14 people” for 14, in the digits of any script. Never guesses: “12-14” is refused."""

    WORDS = "about almost approx approximately around ca circa maybe nearly over roughly"
    LONGEST = 40
    UNITS: ClassVar[Mapping[str, str]] = {}

    def __init__(self, *, beside: str = "", **options: Any):
        super().__init__(**options)
        self.beside = set(f"{self.WORDS} {beside}".split())

    def to_python(self, value: Any) -> int | None:
        text = "" if value is None else str(value).strip()
        if not text:
            return None
        number = self.understood(self._said(text))
        if number is None:
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        return number

    def _said(self, text: str) -> list[str]:
        """Numbers and words in their order, without the words that change nothing; [] for odd signs."""
        if len(text) > self.LONGEST or re.search(r"[^\w\s.,~()]", text):
            return []
        said = re.findall(r"\d+|[^\W\d]+", re.sub(r"(?<=\d)\.0+\b", "", text).casefold())
        return [part for part in said if part not in self.beside]

    def understood(self, said: list[str]) -> int | None:
        """The number that was meant; None when that is not certain."""
        return int(said[0]) if len(said) == 1 and said[0].isdecimal() else None


class TimeAgo(WholeNumber):
    """Months: takes “14 months”, “2 years”, “1 year and 2 months”; a number alone is months."""

    UNITS: ClassVar[Mapping[str, str]] = {
        **dict.fromkeys(("month", "months", "mth", "mths", "mo", "mos", "m"), "m"),
        **dict.fromkeys(("year", "years", "yr", "yrs", "y"), "y"),
    }

    def understood(self, said: list[str]) -> int | None:
        numbers = [int(part) for part in said if part.isdecimal()]
        pattern = "".join("n" if part.isdecimal() else self.UNITS.get(part, "?") for part in said)
        if pattern in ("n", "nm"):
            return numbers[0]
        if pattern == "ny":
            return 12 * numbers[0]
        if pattern == "nynm" and numbers[1] < 12:
            return 12 * numbers[0] + numbers[1]
        return None


def whole_number(
    label: StrOrPromise,
    *,
    most: int,
    refused: StrOrPromise,
    too_many: StrOrPromise,
    least: int = 0,
    hint: StrOrPromise = "",
    beside: str = "",
    kind: type[WholeNumber] = WholeNumber,
) -> WholeNumber:
    """A number from `least` to `most`, typed as text: no spinning buttons under a tired finger."""
    keyboard = {} if kind.UNITS else {"inputmode": "numeric"}  # units are letters
    return kind(
        label=label,
        help_text=hint,
        min_value=least,
        max_value=most,
        beside=beside,
        required=False,
        widget=forms.TextInput(attrs={**keyboard, "autocomplete": "off"}),
        error_messages={"invalid": refused, "min_value": refused, "max_value": too_many},
    )
