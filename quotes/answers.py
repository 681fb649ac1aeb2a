"""The steps of a request together: what was typed into each, and all of it checked as one."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.http import QueryDict

from . import steps
from .forms import ConsentForm, ContactForm, WhoForm, WishesForm
from .health_forms import SafetyForm, SignsForm, StrokeForm
from .questions import About, StepForm, Typed

FORMS: dict[str, type[StepForm]] = {
    "signs": SignsForm,
    "who": WhoForm,
    "stroke": StrokeForm,
    "safety": SafetyForm,
    "wishes": WishesForm,
    "contact": ContactForm,
    "consent": ConsentForm,
}


def typed(step: str, posted: QueryDict) -> Typed:
    """What was typed into the fields of a step, and nothing else, as text that can be stored anywhere."""
    found: Typed = {}
    for name, field in FORMS[step].base_fields.items():
        texts = [_storable(text) for text in posted.getlist(name)]
        if texts:
            found[name] = texts if isinstance(field, forms.MultipleChoiceField) else texts[-1]
    return found


def _storable(text: str) -> str:
    """Half of a surrogate pair, which a forged charset can smuggle in, fits no database.

    The end of a line is one character, as whoever counts theirs would have it; browsers send two.
    """
    return text.encode("utf-8", "replace").decode("utf-8").replace("\r\n", "\n")


class Answers:
    """All steps of a draft, each checked as if it had just been typed."""

    def __init__(self, stored: Mapping[str, Typed]) -> None:
        about = About.said(stored)
        self.forms = {step: FORMS[step](stored[step], about=about) for step in steps.STEPS if step in stored}
        self.accepted = [step for step, form in self.forms.items() if form.is_valid()]

    def together(self) -> dict[str, Any]:
        """Every answer under its name, ready for pipeline.submit. All steps must be accepted."""
        return {name: value for form in self.forms.values() for name, value in form.cleaned_data.items()}
