"""What all steps of a request share: questions with hint and reason, groups of them, one form a step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Fieldset, Layout
from django import forms

from portal.fields import radios

from .models import Certainty, QuoteRequest

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

# What was typed into one step, as the session keeps it.
Typed = dict[str, str | list[str]]


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
        self.helper.field_template = "portal/_field.html"
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


def yes_no(label: StrOrPromise, missing: StrOrPromise, hint: StrOrPromise = "") -> forms.ChoiceField:
    return radios(label, Certainty.choices, missing=missing, hint=hint)
