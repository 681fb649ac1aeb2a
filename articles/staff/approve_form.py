"""What a reviewer answers before readers may see a text: the fifteen DISCERN questions, and the next date."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from .. import approvals
from ..checks import discern
from ..models import Revision
from ..texts import made_of
from .step_forms import LONGEST_NOTE, ReviewDateForm, StepForm, ask_reasons

SCORES = [(1, _("1 no")), (2, "2"), (3, _("3 partly")), (4, "4"), (5, _("5 yes"))]
# As in the handbook: the first eight ask whether a text can be trusted, the others what it says of choices.
RELIABLE = 8
LONGEST_PLACE = 200
# The form of the fifteen questions on its page: what else is sent with it names it.
ON_PAGE = "approve-form"


class Question(NamedTuple):
    number: int
    score: forms.BoundField
    where: forms.BoundField
    earlier: bool  # whether its answer was given for the version before


class Group(NamedTuple):
    name: str | Promise
    questions: Sequence[Question]


class ApproveForm(ReviewDateForm):
    """Each question asks for a score and the place in the text that shows it.

    Filled in is what a reviewer answered for the version before, when they approved it or sent it back; each
    answer says so, and a place that this text has no more is left open.
    """

    note = forms.CharField(
        label=_("Note to the editor"),
        max_length=LONGEST_NOTE,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    agrees = forms.BooleanField(
        label=_("I agree that these may stand"),
        error_messages={"required": _("Tick this if you agree with the reasons; otherwise ask for changes.")},
    )
    signed_off = forms.BooleanField(
        label=_("A clinician has signed this text off: remove the demonstration notice"), required=False
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if not self.revision.demonstration:
            del self.fields["signed_off"]
        if not self.revision.overrides:
            del self.fields["agrees"]
        revision: Any = self.revision
        self.made = made_of(revision)
        self.new_reasons = ask_reasons(self, self.made)
        for number, (name, question) in enumerate(discern.QUESTIONS.items(), 1):
            self.fields[score_of(name)] = forms.TypedChoiceField(
                label=question,
                choices=SCORES,
                coerce=int,
                widget=forms.RadioSelect,
                error_messages={"required": _("Give a score from 1 to 5.")},
            )
            self.fields[where_of(name)] = forms.CharField(
                label=_("Where in the text, question %(number)s") % {"number": number},
                max_length=LONGEST_PLACE,
                widget=forms.TextInput(attrs={"list": "places", "autocomplete": "off"}),
                error_messages={"required": _("Say where in the text this is shown.")},
            )

        self.before = None if self.is_bound else answered_before(self.revision)
        self.given_before = {one["question"] for one in self.before.discern} if self.before else set()
        places = approvals.places_in(revision, self.made) if self.before else None
        for one in self.before.discern if self.before else ():
            self.initial[score_of(one["question"])] = one["score"]
            if places and one["where"] in places:
                self.initial[where_of(one["question"])] = one["where"]

    @property
    def plain_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in ("next_review_on", "note", "signed_off") if name in self.fields]

    @property
    def warnings_left(self) -> Sequence[Any]:
        return self.revision.overrides

    @property
    def warnings_new(self) -> list[forms.BoundField]:
        """Asks of each warning that came up since the text was submitted why it may stay."""
        return [self[name] for name in self.new_reasons]

    @property
    def groups(self) -> list[Group]:
        asked = [
            Question(number, self[score_of(name)], self[where_of(name)], name in self.given_before)
            for number, name in enumerate(discern.QUESTIONS, 1)
        ]
        return [
            Group(_("Can readers trust it?"), asked[:RELIABLE]),
            Group(_("What does it say about the choices?"), asked[RELIABLE:]),
        ]

    @property
    def places(self) -> list[Any]:
        """What is proposed as a place in the text."""
        shown = (self.made.body, self.made.easy) if self.made.easy else (self.made.body,)
        headings = [section.heading for rendered in shown for section in rendered.sections]
        return list(dict.fromkeys(filter(None, map(str, (*discern.PAGE_PARTS, *headings)))))

    @property
    def rules(self) -> dict[str, Any]:
        """What is the least, for the words above the questions."""
        least = {number: discern.ENOUGH_EACH.get(name, 0) for number, name in enumerate(discern.QUESTIONS, 1)}
        return {
            "in_all": discern.ENOUGH_IN_ALL,
            "each": max(least.values()),
            "numbers": ", ".join(str(number) for number, enough in least.items() if enough),
        }

    def clean(self) -> dict[str, Any]:
        for name, least in discern.ENOUGH_EACH.items():
            if self.cleaned_data.get(score_of(name), least) < least:
                said = _("At least %(least)s is needed here. Ask for changes instead.") % {"least": least}
                self.add_error(score_of(name), said)
        revision: Any = self.revision
        places = approvals.places_in(revision, self.made)
        self.refuse_places_outside(places)
        if not self.errors:
            for message in discern.problems(answers_in(self.cleaned_data), places):
                self.add_error(None, message)
        return self.cleaned_data

    def refuse_places_outside(self, places: discern.Places) -> None:
        """Each beside its question, whatever else is wrong."""
        for name in map(where_of, discern.QUESTIONS):
            if name in self.cleaned_data and self.cleaned_data[name] not in places:
                said = _(
                    "This is no heading of the text and no words of it. "
                    "Copy a heading, or three words in a row."
                )
                self.add_error(name, said)


class AskForChangesForm(StepForm):
    """Is sent with the fifteen questions: what was answered so far is kept for the next round."""

    note = forms.CharField(
        label=_("What must change, and where"),
        max_length=LONGEST_NOTE,
        widget=forms.Textarea(attrs={"rows": 4, "form": ON_PAGE}),
    )

    def clean(self) -> dict[str, Any]:
        return self.cleaned_data | {"discern": list(answered_in(self.data))}


def answered_in(sent: Mapping[str, Any]) -> Iterator[discern.Answer]:
    """The questions with a score in what a page sent, be they fifteen or none."""
    scores = {str(score): score for score, _words in SCORES}
    for name in discern.QUESTIONS:
        score = scores.get(sent.get(f"approve-{score_of(name)}", ""))
        if score:
            where = sent.get(f"approve-{where_of(name)}", "")[:LONGEST_PLACE]
            yield {"question": name, "score": score, "where": where}


def answered_before(revision: Revision) -> Revision | None:
    """The version that was reviewed last before this one, if its reviewer left answers."""
    versions: Any = type(revision)._default_manager
    subject: Any = revision.subject_id  # type: ignore[attr-defined]
    reviewed = versions.filter(subject=subject, reviewed_at__isnull=False)
    last = reviewed.filter(number__lt=revision.number).order_by("-number").first()
    return last if last and last.discern else None


def answers_in(said: Mapping[str, Any]) -> list[discern.Answer]:
    """The fifteen answers in what the form was told."""
    return [
        {"question": name, "score": said[score_of(name)], "where": said[where_of(name)]}
        for name in discern.QUESTIONS
    ]


def score_of(question: str) -> str:
    return f"{question}_score"


def where_of(question: str) -> str:
    return f"{question}_where"
