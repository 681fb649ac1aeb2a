"""The claims under a text as rows of its form: what each says, its figures, how sure it is, its sources."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from django import forms
from django.utils.functional import Promise, cached_property
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from ..checks.statements import FIGURES
from ..claims import Direction, HowSure, Written
from ..shapes import BARE, LONGEST_KEY, MOST_CLAIMS
from .claim_lines import backing
from .writing_fields import KeysField, PeopleField, PlaceField, in_our_words, keys_in, whole_number

BLANK_ROWS = 2
MORE_ROWS = 5  # blank ones, each time somebody asks for more
LONGEST_TOLD = 200
PREFIX = "claims"
SENT = f"{PREFIX}-TOTAL_FORMS"
Choices = Sequence[tuple[Any, Any]]


class ClaimForm(forms.Form):
    """One claim. A draft may leave any of it open; what readers must have is asked for on submitting."""

    direction = forms.ChoiceField(
        label=_("This is a"), choices=[("", "–"), *Direction.choices], required=False
    )
    how_sure = forms.ChoiceField(
        label=_("How sure"),
        choices=[("", "–"), *HowSure.choices],
        required=False,
        help_text=_("Not needed where it is not known: readers are then told of no certainty."),
    )
    treatment = forms.TypedChoiceField(label=_("Treatment"), coerce=int, empty_value=None, required=False)
    sentence = forms.CharField(
        label=_("In one sentence"), max_length=400, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    count = PeopleField(label=_("People it happened to"))
    of = PeopleField(label=_("of how many"))
    group = forms.CharField(
        label=_("What they got"),
        max_length=80,
        required=False,
        help_text=_("Empty: the treatment. Such as: a placebo instead of cells."),
    )
    other_count = PeopleField(label=_("In the other group"))
    other_of = PeopleField(label=_("of how many"))
    other = forms.CharField(
        label=_("Compared with"),
        max_length=80,
        required=False,
        help_text=_("What the other group got, such as: a placebo."),
    )
    sources = KeysField(
        label=_("Sources"),
        max_length=LONGEST_KEY,
        required=False,
        help_text=_("Their keys, with blanks between them, such as: treasure-2024 masters-2017."),
    )
    caveat = forms.CharField(
        label=_("What must be said beside it"),
        help_text=_(
            "A benefit whose trials missed their main measure, or had no control group, says so here."
        ),
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, *args: Any, treatments: Choices | None = None, **options: Any) -> None:
        """`treatments` are offered on a guide; None on the page of a treatment, which speaks of itself."""
        super().__init__(*args, **options)
        in_our_words(self.fields.values())
        if treatments is None:
            del self.fields["treatment"]
        else:
            self.fields["treatment"].choices = [("", "–"), *treatments]  # type: ignore[attr-defined]

    def clean_sentence(self) -> str:
        return " ".join(self.cleaned_data["sentence"].split())

    def clean_caveat(self) -> str:
        return " ".join(self.cleaned_data["caveat"].split())

    def full_clean(self) -> None:
        """What stops the form from being saved; and at each figure what must be mended before submitting."""
        super().full_clean()
        self.stopped = bool(self.errors)
        for name, said in self.wrong_figures():
            if name not in self.errors:
                self.errors[name] = self.error_class([str(said)])

    def is_valid(self) -> bool:
        """A wrong figure is told and kept: it stops the submitting, in the verb, not the draft."""
        return self.is_bound and not (self.errors and self.stopped)

    def wrong_figures(self) -> Iterator[tuple[str, str | Promise]]:
        for names in (FIGURES[:2], FIGURES[2:]):
            some, everybody = (self.fields[name].to_python(self[name].value()) for name in names)
            for name, figure in zip(names, (some, everybody), strict=True):
                if isinstance(figure, str):
                    yield name, _("This is no number of people. Write a whole number, such as 104.")
            if isinstance(some, int) and isinstance(everybody, int) and some > everybody:
                yield names[0], _("This is more than all of them (%(all)s).") % {"all": everybody}

    @property
    def is_blank(self) -> bool:
        return not (self.initial or self.has_changed())

    def written(self) -> Written:
        return as_written(self.cleaned_data)


@dataclass(frozen=True)
class Row:
    """One claim on the page, with the sources that it names."""

    number: int
    form: ClaimForm
    sources: Sequence[Any]
    is_open: bool

    @property
    def sentence(self) -> str:
        """What it is folded to, with what kind of claim it is before it."""
        kinds = {str(value): label for value, label in Direction.choices}
        kind = kinds.get(str(self.form["direction"].value()))
        sentence = str(self.form["sentence"].value() or "–")
        return f"{capfirst(kind)}: {sentence}" if kind else sentence


class ClaimRows(forms.BaseFormSet):
    """The claims of one text and some blank rows. A page that sends no rows leaves the claims as they are."""

    default_error_messages: ClassVar = {
        "too_many_forms": _("No more than %(num)d claims fit."),
        "missing_management_form": _("The claims did not arrive whole. Send the page again."),
    }

    def __init__(
        self,
        data: Any = None,
        *,
        stored: Sequence[Mapping[str, Any]],
        asked_for_more: bool = False,
        **options: Any,
    ) -> None:
        self.asked_for_more = asked_for_more
        self.stored = [as_written(claim) for claim in stored]
        super().__init__(data, prefix=PREFIX, **options)

    def add_fields(self, form: forms.Form, index: int | None) -> None:
        super().add_fields(form, index)
        place = form.fields["ORDER"]
        form.fields["ORDER"] = PlaceField(
            label=_("Place in the order"), number=(index or 0) + 1, initial=place.initial
        )
        form.fields["DELETE"].label = _("Remove this claim")

    def clean(self) -> None:
        if self.total_form_count() < 0:  # no browser sends this; without rows every claim would go
            raise forms.ValidationError(self.default_error_messages["missing_management_form"])

    @property
    def written(self) -> list[Written]:
        """What the revision is to hold, in the order that was asked for; a row without a word is none."""
        if not self.is_bound:
            return self.stored
        return [claim for form in self.ordered_forms if (claim := form.written()) != BARE]

    @cached_property
    def rows(self) -> list[Row]:
        named = [keys_in(form["sources"].value()) for form in self.forms]
        backed = zip(self.forms, backing(named), strict=True)
        return [
            Row(number, form, sources, self.is_open(number, form))
            for number, (form, sources) in enumerate(backed, 1)
        ]

    @property
    def filled(self) -> list[Row]:
        return [row for row in self.rows if not row.form.is_blank]

    @property
    def blank(self) -> list[Row]:
        return [row for row in self.rows if row.form.is_blank]

    @property
    def adding(self) -> bool:
        """Whether the blank rows are open: somebody asked for more, or there is nothing else yet."""
        return self.asked_for_more or not self.filled

    def is_open(self, number: int, form: ClaimForm) -> bool:
        """What is wrong or not saved yet is open; the rest is folded to its sentence."""
        return bool(form.errors or form["DELETE"].value()) or not self.is_stored(number, form)

    def is_stored(self, number: int, form: ClaimForm) -> bool:
        if number > len(self.stored):
            return False
        stored: Mapping[str, Any] = self.stored[number - 1]
        return not any(
            field.has_changed(field.prepare_value(stored[name]), form[name].value())
            for name, field in form.fields.items()
            if name in stored
        )

    def left_open(self) -> Iterator[str]:
        """What to say of a saved draft that cannot stay as it was typed."""
        yield from self.unknown_sources()
        yield from self.misplaced()

    def unknown_sources(self) -> Iterator[str]:
        """What to say of keys under which there is no source."""
        named = [claim["sources"] for claim in self.written]
        for number, (keys, found) in enumerate(zip(named, backing(named), strict=True), 1):
            if missing := [key for key in keys if key not in {source.key for source in found}]:
                said = _("Claim %(number)s: there is no source with the key %(keys)s.")
                yield said % {"number": number, "keys": ", ".join(missing)[:LONGEST_TOLD]}

    def misplaced(self) -> Iterator[str]:
        """What to say of places in the order that are none."""
        for number, form in enumerate(self.forms, 1):
            place = " ".join(str(form["ORDER"].value() or "").split())
            if place and whole_number(place) is None:
                said = _(
                    "Claim %(number)s: “%(place)s” is no place in the order. Write a whole number, such as 1."
                )
                yield said % {"number": number, "place": place[:LONGEST_TOLD]}

    @property
    def differ(self) -> bool:
        return self.written != self.stored

    def faults(self) -> Iterator[tuple[str, str]]:
        """Each error with the id of its field, for the summary of the page."""
        for message in self.non_form_errors():
            yield PREFIX, str(message)
        for number, form in enumerate(self.forms, 1):
            for name, messages in form.errors.items():
                place = _("Claim %(number)s") % {"number": number}
                for message in messages:
                    yield form[name].id_for_label, f"{place}, {form[name].label}: {message}"


def claim_rows(
    stored: Sequence[Mapping[str, Any]], *, treatments: Choices | None, data: Any = None, again: Any = None
) -> Any:
    """The rows of a form: sent with `data`; or shown once more with all that is in `again`, unchecked."""
    made = forms.formset_factory(
        ClaimForm,
        formset=ClaimRows,
        extra=BLANK_ROWS if again is None else blank_rows(again) + MORE_ROWS,
        can_order=True,
        can_delete=True,
        max_num=MOST_CLAIMS,
        absolute_max=2 * MOST_CLAIMS,
        validate_max=True,
    )
    with_rows: Any = {"stored": stored, "form_kwargs": {"treatments": treatments}}
    with_rows["asked_for_more"] = again is not None and "more" in again
    if data is not None and SENT in data:
        return made(data, **with_rows)
    typed = list(typed_rows(again)) if again is not None and SENT in again else stored
    return made(initial=typed, **with_rows)


def blank_rows(data: Any) -> int:
    """How many rows of a sent page nobody wrote in; none where nothing says how many there were."""
    sent = data.get(SENT, "")
    rows = int(sent) if sent.isascii() and sent.isdigit() and len(sent) < 4 else 0
    return max(0, min(rows, MOST_CLAIMS) - len(list(typed_rows(data))))


def typed_rows(data: Any) -> Iterator[dict[str, Any]]:
    """What stands in the rows of a sent page, as it was typed; blank rows are none."""
    for number in range(MOST_CLAIMS):
        row = {name: data.get(f"{PREFIX}-{number}-{name}", "") for name in (*BARE, "ORDER", "DELETE")}
        if any(row.values()):
            yield row


def as_written(claim: Mapping[str, Any]) -> Written:
    """A stored or typed claim with every part that a claim has, empty where there is nothing."""
    found: Any = {name: empty if claim.get(name) is None else claim[name] for name, empty in BARE.items()}
    return found
