"""What all steps of a request share: questions with hint and reason, groups of them, one form a step."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Fieldset, Layout
from django import forms
from django.utils.translation import gettext_lazy as _

from .models import Certainty, QuoteRequest

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

# What was typed into one step, as the session keeps it.
Typed = dict[str, str | list[str]]

TICK = {"class": "form-check-input"}


@dataclass(frozen=True)
class About:
    """Whom the request is for, as far as earlier steps have said: how later ones speak, what they ask."""

    for_whom: str = ""
    person_knows: str = ""
    can_decide: str = ""

    @classmethod
    def said(cls, stored: Mapping[str, Typed]) -> About:
        """Out of what was typed into each step."""
        typed = {**stored.get("who", {}), **stored.get("safety", {})}
        return cls(*(str(typed.get(name, "")) for name in ("for_whom", "person_knows", "can_decide")))

    @property
    def is_me(self) -> bool:
        return self.for_whom == QuoteRequest.ForWhom.ME

    @property
    def _can_decide_for_themselves(self) -> bool:
        return self.for_whom == QuoteRequest.ForWhom.OTHER and self.can_decide == Certainty.YES

    @property
    def must_be_asked_first(self) -> bool:
        """Behind the back of somebody who can decide, nobody may send a request."""
        return self._can_decide_for_themselves and self.person_knows == Certainty.NO

    @property
    def may_not_know(self) -> bool:
        return self._can_decide_for_themselves and self.person_knows == Certainty.NOT_SURE

    @property
    def is_to_be_told(self) -> bool:
        """Nobody has told them, and it is not sure that they would understand."""
        is_other = self.for_whom == QuoteRequest.ForWhom.OTHER
        return is_other and self.person_knows == Certainty.NO and not self.must_be_asked_first

    @property
    def is_decided_for(self) -> bool:
        return self.for_whom == QuoteRequest.ForWhom.OTHER and self.can_decide == Certainty.NO


@dataclass(frozen=True)
class ToYou:
    """How a question speaks to whoever asks for themselves."""

    label: StrOrPromise
    missing: StrOrPromise = ""
    hint: StrOrPromise = ""

    def put_into(self, field: forms.Field) -> None:
        field.label = self.label
        if self.missing:
            field.error_messages["required"] = self.missing
        if self.hint:
            field.help_text = self.hint


class Question(forms.BoundField):
    """A field on the page, with the reason why it is asked."""

    @property
    def why(self) -> StrOrPromise:
        return self.form.WHY.get(self.name, "")  # type: ignore[attr-defined]

    @property
    def is_optional(self) -> bool:
        return self.name in self.form.OPTIONAL  # type: ignore[attr-defined]

    @property
    def is_trap(self) -> bool:
        """For programs only; people see it once it holds something, so that they can empty it."""
        return self.name == "website" and not self.errors


class Group(Fieldset):
    """Questions under one heading, with a reason for them all."""

    template = "quotes/_group.html"

    def __init__(
        self, title: StrOrPromise, *names: str, hint: StrOrPromise = "", why: StrOrPromise = ""
    ) -> None:
        super().__init__(title, *names)
        self.hint, self.why = hint, why


class StepForm(forms.Form):
    """One step. `typed` is what was typed into it, `about` whom the request is for."""

    bound_field_class = Question
    WHY: ClassVar[Mapping[str, StrOrPromise]] = {}
    GROUPS: ClassVar[tuple[Group, ...]] = ()
    # May stay empty whatever else is answered. A field can be needed only together with another.
    OPTIONAL: ClassVar[tuple[str, ...]] = ()
    # Questions speak of "the person"; here is how they speak to whoever asks for themselves.
    TO_YOU: ClassVar[Mapping[str, ToYou]] = {}

    def __init__(
        self,
        typed: Typed | None = None,
        *,
        initial: dict[str, Any] | None = None,
        about: About | None = None,
    ):
        super().__init__(typed, initial=initial, label_suffix="")
        self.about = about or About()
        for name, wording in self.TO_YOU.items() if self.about.is_me else ():
            wording.put_into(self.fields[name])
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.disable_csrf = True  # the template writes the form element and its token
        self.helper.field_template = "quotes/_field.html"
        if self.GROUPS:
            self.helper.layout = Layout(*self.GROUPS)

    def need(self, name: str, missing: StrOrPromise) -> None:
        """Refuse an empty answer that another answer calls for; to be called by `clean`."""
        if name not in self.errors and not self.cleaned_data.get(name):
            self.add_error(name, forms.ValidationError(missing, code="required"))

    def need_one(self, name: str, tick: str, *, neither: StrOrPromise, both: StrOrPromise) -> None:
        """Refuse a number beside a tick that says there is none, and the absence of both; as `need`."""
        if name in self.errors:
            return
        has_number = self.cleaned_data.get(name) is not None
        if has_number == bool(self.cleaned_data.get(tick)):
            self.add_error(name, both if has_number else neither)


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
    hint: StrOrPromise = "",
    beside: str = "",
) -> WholeNumber:
    """A number from 0 to `most`, typed as text: no spinning buttons under a tired finger."""
    return WholeNumber(
        label=label,
        help_text=hint,
        min_value=0,
        max_value=most,
        beside=beside,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        error_messages={"invalid": refused, "max_value": too_many},
    )


def months_ago(
    label: StrOrPromise, *, most: int, refused: StrOrPromise, too_long: StrOrPromise, hint: StrOrPromise
) -> TimeAgo:
    """Months up to `most`, typed as people say them: with all the letters of the keyboard."""
    return TimeAgo(
        label=label,
        help_text=hint,
        min_value=0,
        max_value=most,
        beside="ago and",
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"invalid": refused, "max_value": too_long},
    )


def yes_no(label: StrOrPromise, missing: StrOrPromise, hint: StrOrPromise = "") -> forms.ChoiceField:
    return radios(label, Certainty.choices, missing=missing, hint=hint)
