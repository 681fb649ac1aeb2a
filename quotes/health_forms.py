"""The questions about health: new signs of a stroke before all others, the stroke itself, safety."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from portal.fields import TICK, TimeAgo, radios, whole_number

from .models import QuoteRequest
from .questions import Group, StepForm, ToYou, yes_no

LONGEST_AGO = 1200  # months


class SignsForm(StepForm):
    """Before anything else, and by itself: whoever sees a stroke happen must not go on typing."""

    new_signs = radios(
        _("Does the person who had the stroke have new signs of a stroke right now?"),
        [("no", _("No")), ("yes", _("Yes, or I am not sure"))],
        hint=_(
            "If you had the stroke, answer for yourself. Signs that are new or suddenly worse, different "
            "from usual: the face droops on one side, an arm or leg is weak, speech is slurred or makes "
            "no sense, or a very bad headache came suddenly. Signs that have been there for months are not "
            "meant."
        ),
        missing=_("Say whether there are new signs of a stroke right now."),
    )

    @property
    def is_emergency(self) -> bool:
        return self.data.get("new_signs") == "yes"

    def clean_new_signs(self) -> str:
        if self.is_emergency:
            raise ValidationError(_("Call your emergency number now. Do not fill in this form."))
        return self.cleaned_data["new_signs"]


class StrokeForm(StepForm):
    stroke_type = radios(
        _("What kind of stroke was it?"),
        QuoteRequest.StrokeType.choices,
        missing=_("Say what kind of stroke it was, or “not sure”."),
    )
    months_since_stroke = whole_number(
        _("How long ago was the stroke?"),
        hint=_(
            "For example: 14 months, or 2 years. Write 0 for less than a month. If there was more than one "
            "stroke, count from the last."
        ),
        most=LONGEST_AGO,
        refused=_("Write how long ago the stroke was, like 14 months or 2 years."),
        too_many=_("That is more than 100 years (1200 months). Write it like 14 months or 2 years."),
        beside="ago and",
        kind=TimeAgo,
    )
    months_not_sure = forms.BooleanField(label=_("I am not sure when it was"), required=False)
    affected = forms.MultipleChoiceField(
        label=_("What does the person have trouble with now?"),
        choices=QuoteRequest.Affected.choices,
        help_text=_("Choose all that fit."),
        widget=forms.CheckboxSelectMultiple(attrs=TICK),
        error_messages={
            "required": _("Say what they have trouble with, or “not sure”."),
            "invalid_choice": _("Choose from the answers shown."),
            "invalid_list": _("Choose from the answers shown."),
        },
    )
    daily_help = radios(
        _("How much help do they need each day?"),
        QuoteRequest.DailyHelp.choices,
        missing=_("Say how much help they need each day, or “not sure”."),
    )

    TO_YOU = {
        "affected": ToYou(
            _("What do you have trouble with now?"), _("Say what you have trouble with, or “not sure”.")
        ),
        "daily_help": ToYou(
            _("How much help do you need each day?"), _("Say how much help you need each day, or “not sure”.")
        ),
    }

    WHY = {
        "stroke_type": _(
            "Almost all studies took only people whose stroke was a clot. A clinic will ask it first."
        ),
        "months_since_stroke": _(
            "What has been studied soon after a stroke may not have been studied later."
        ),
        "daily_help": _("It decides about nursing, the length of the stay, and who has to travel too."),
    }

    def clean_affected(self) -> list[str]:
        """What is affected, in the order of the page; “not sure” and “nothing” yield to whatever is named."""
        chosen = set(self.cleaned_data["affected"])
        for yields in (QuoteRequest.Affected.NONE, QuoteRequest.Affected.NOT_SURE):
            chosen -= {yields.value} if len(chosen) > 1 else set()
        return [part for part in QuoteRequest.Affected.values if part in chosen]

    def clean(self) -> dict[str, Any]:
        answers = super().clean() or {}
        self.need_one(
            "months_since_stroke",
            "months_not_sure",
            neither=_("Write how long ago it was, or choose “not sure”."),
            both=_("Write a time or choose “not sure”, not both."),
        )
        return answers


class SafetyForm(StepForm):
    other_brain_disease = yes_no(
        _("Does the person have another disease of the brain?"),
        _("Say whether they have another disease of the brain, or “not sure”."),
    )
    seizures = yes_no(
        _("Have they had seizures (fits)?"),
        _("Say whether they have had seizures, or “not sure”."),
    )
    cancer = yes_no(
        _("Do they have cancer, or did they have it before?"),
        _("Say whether they have or had cancer, or “not sure”."),
    )
    blood_thinners = yes_no(
        _("Do they take a medicine that thins the blood?"),
        _("Say whether they take a medicine that thins the blood, or “not sure”."),
    )
    pregnancy = yes_no(
        _("Are they pregnant, or could they be?"),
        _("Say whether they are or could be pregnant, or “not sure”."),
        hint=_("Choose “no” if this cannot be."),
    )
    can_decide = yes_no(
        _("Can they decide about treatment themselves?"),
        _("Say whether they can decide themselves, or “not sure”."),
    )
    can_travel = yes_no(
        _("Can they travel by plane?"),
        _("Say whether they can travel by plane, or “not sure”."),
    )

    TO_YOU = {
        "other_brain_disease": ToYou(
            _("Do you have another disease of the brain?"),
            _("Say whether you have another disease of the brain, or “not sure”."),
        ),
        "seizures": ToYou(
            _("Have you had seizures (fits)?"), _("Say whether you have had seizures, or “not sure”.")
        ),
        "cancer": ToYou(
            _("Do you have cancer, or did you have it before?"),
            _("Say whether you have or had cancer, or “not sure”."),
        ),
        "blood_thinners": ToYou(
            _("Do you take a medicine that thins the blood?"),
            _("Say whether you take a medicine that thins the blood, or “not sure”."),
        ),
        "pregnancy": ToYou(
            _("Are you pregnant, or could you be?"),
            _("Say whether you are or could be pregnant, or “not sure”."),
        ),
        "can_decide": ToYou(
            _("Can you decide about treatment yourself?"),
            _("Say whether you can decide yourself, or “not sure”."),
        ),
        "can_travel": ToYou(
            _("Can you travel by plane?"), _("Say whether you can travel by plane, or “not sure”.")
        ),
    }
    GROUPS = (
        Group(
            "",
            *QuoteRequest.SAFETY_QUESTIONS,
            hint=_("“Not sure” is a good answer to any of these."),
            why=_(
                "Each of these can make the treatment or the journey more dangerous, or more expensive. "
                "Studies ask the same. No answer here ends your request."
            ),
        ),
    )
