"""What readers are asked on pages that keep nothing about them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.fields import one_of, radios, whole_number

from . import offer_check, trial_fit

OLDEST = 120
LONGEST_COMMENT = 1000


class TrialForm(forms.Form):
    since = one_of(
        _("How long ago was the stroke?"),
        [("", _("Choose one")), *((key, label) for key, (label, *_hours) in trial_fit.SINCE.items())],
        missing=_("Say how long ago the stroke was."),
        hint=_("If there was more than one, count from the last."),
    )
    stroke = radios(
        _("What kind of stroke was it?"),
        [("clot", _("A clot")), ("bleed", _("A bleed")), ("not_sure", _("Not sure"))],
        missing=_("Say what kind of stroke it was, or “not sure”."),
    )
    age = whole_number(
        _("How old is the person?"),
        least=1,
        most=OLDEST,
        refused=_("Write the age in years, like 67."),
        too_many=_("Write the age in years, up to 120."),
        beside="years year old yrs",
    )

    def clean_age(self) -> int:
        age = self.cleaned_data["age"]
        if age is None:
            raise forms.ValidationError(_("Write the age in years, like 67."))
        return int(age)

    def person(self) -> trial_fit.Person:
        return trial_fit.Person(**self.cleaned_data)


class OfferForm(forms.Form):
    def __init__(self, typed: Mapping[str, Any] | None = None) -> None:
        super().__init__(typed, label_suffix="")
        for point in offer_check.POINTS:
            missing = _("Choose yes, no or not sure: %(question)s") % {"question": point.question}
            self.fields[point.name] = radios(point.question, offer_check.ANSWERS, missing=missing)

    def outcome(self) -> offer_check.Outcome:
        return offer_check.outcome(self.cleaned_data)


class WordsForm(forms.Form):
    """What somebody has to say about a guide. `sections` are the headings that it may be about."""

    section = one_of(
        _("Which part do you mean?"), (), required=False, hint=_("Leave it as it is if you mean all of it.")
    )
    comment = forms.CharField(
        label=_("What should we change?"),
        help_text=_("Please do not write names, addresses or anything about somebody's health."),
        required=False,
        max_length=LONGEST_COMMENT,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"max_length": _("Write at most 1000 characters.")},
    )
    # For programs only: people do not see it.
    website = forms.CharField(label=_("Leave this empty"), required=False)

    def __init__(self, typed: Mapping[str, Any] | None, *, sections: Iterable[str]) -> None:
        super().__init__(typed, label_suffix="")
        choices = [("", _("The whole guide")), *((heading, heading) for heading in dict.fromkeys(sections))]
        self.fields["section"].choices = choices  # type: ignore[attr-defined]

    def clean_website(self) -> str:
        if self.cleaned_data["website"]:
            raise forms.ValidationError(_("This box must stay empty. Empty it and send again."))
        return ""

    def words(self) -> dict[str, str]:
        """What listening.add_words takes."""
        return {"section": self.cleaned_data["section"], "comment": self.cleaned_data["comment"]}


class UsefulForm(WordsForm):
    field_order = ("useful",)
    useful = radios(
        _("Was this guide useful?"),
        [("yes", _("Yes")), ("no", _("No"))],
        missing=_("Choose yes or no."),
    )

    def answer(self) -> dict[str, Any]:
        """What listening.take_answer takes."""
        return {"useful": self.cleaned_data["useful"] == "yes", **self.words()}
