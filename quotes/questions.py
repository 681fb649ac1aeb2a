"""What all steps of a request share: questions with hint and reason, groups of them, one form a step."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Fieldset, Layout
from django import forms
from django.utils.translation import gettext_lazy as _

from .models import Certainty

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

# What was typed into one step, as the session keeps it.
Typed = dict[str, str | list[str]]


TICK = {"class": "form-check-input"}


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
    """One step. `typed` is what was typed into it, `about` whom the request is for (ForWhom)."""

    bound_field_class = Question
    WHY: ClassVar[Mapping[str, StrOrPromise]] = {}
    GROUPS: ClassVar[tuple[Group, ...]] = ()
    # May stay empty whatever else is answered. A field can be needed only together with another.
    OPTIONAL: ClassVar[tuple[str, ...]] = ()

    def __init__(self, typed: Typed | None = None, *, initial: dict[str, Any] | None = None, about: str = ""):
        super().__init__(typed, initial=initial, label_suffix="")
        self.about = about
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
    """Takes “about 14 months” for 14, in the digits of any script. Never guesses: “2 years” is refused."""

    ABOUT = "about almost approx approximately around ca circa maybe nearly over roughly"
    LONGEST = 40

    def __init__(self, *, beside: str = "", **options: Any):
        super().__init__(**options)
        self.beside = set(f"{self.ABOUT} {beside}".split())

    def to_python(self, value: Any) -> int | None:
        return super().to_python(self._number(str(value)) or value)

    def _number(self, text: str) -> str:
        """The one number in a text that else holds only words that change nothing; "" when there is none."""
        if len(text) > self.LONGEST or re.search(r"[^\w\s.,~()]", text):
            return ""
        numbers = re.findall(r"\d+", text)
        words = re.findall(r"[^\W\d]+", text.casefold())
        return numbers[0] if len(numbers) == 1 and self.beside.issuperset(words) else ""


def whole_number(
    label: StrOrPromise, *, most: int, refused: StrOrPromise, hint: StrOrPromise = "", **options: Any
) -> WholeNumber:
    """A number from 0 to `most`, typed as text: no spinning buttons under a tired finger."""
    return WholeNumber(
        label=label,
        help_text=hint,
        min_value=0,
        max_value=most,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        error_messages=dict.fromkeys(("required", "invalid", "min_value", "max_value"), refused),
        **options,
    )


def yes_no(label: StrOrPromise, missing: StrOrPromise, hint: StrOrPromise = "") -> forms.ChoiceField:
    return radios(label, Certainty.choices, missing=missing, hint=hint)
