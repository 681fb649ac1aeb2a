"""The forms of the page on which staff write, review and publish a guide or a treatment."""

import datetime as dt
import json
from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.contrib.admin.widgets import AdminDateWidget, AdminSplitDateTime
from django.db.models import CharField, Model, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.forms.models import model_to_dict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from portal.prose import ProseField

from . import publishing, subjects, versions
from .models import Guide, GuideRevision, Revision, RevisionState, Treatment, TreatmentRevision

LONGEST_NOTE = 4000


class LinesField(forms.CharField):
    """A list, written one item per line."""

    widget = forms.Textarea

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> list[str]:  # type: ignore[override]
        lines = value if isinstance(value, list) else (value or "").splitlines()
        return [line.strip() for line in lines if line.strip()]

    def run_validators(self, value: Any) -> None:
        super().run_validators("\n".join(value))

    def has_changed(self, initial: Any, data: Any) -> bool:
        return self.to_python(initial) != self.to_python(data)


class WordsField(forms.CharField):
    """Words on any number of lines; a browser's line ends are no change of the text."""

    def to_python(self, value: Any) -> str:
        return (super().to_python(value) or "").replace("\r\n", "\n")


class Titled:
    """Choices of guides or treatments by what they are called, not by their address."""

    def label_from_instance(self, subject: Any) -> str:
        return getattr(subject, "called", str(subject))


class ExistingRecord(Titled, forms.ModelChoiceField):
    pass


class ExistingRecords(Titled, forms.ModelMultipleChoiceField):
    """Django's own; a number too large for SQLite is no choice either."""

    def clean(self, value: Any) -> Any:
        try:
            return super().clean(value)
        except OverflowError as error:
            wrong = {"value": max(value, key=len)}
            raise forms.ValidationError(
                self.error_messages["invalid_choice"], code="invalid_choice", params=wrong
            ) from error


class DraftForm(forms.ModelForm):
    """A subject's own settings and the text of its draft, on one page.

    `CONTENT` are the fields that belong to the revision, `SETTINGS` those of the subject itself.
    `opened` says which state of the text the page showed, so that nobody overwrites a colleague unawares;
    `replaces`, that this person has seen the other's text beside their own and saves again.
    """

    CONTENT: ClassVar[tuple[str, ...]] = Revision.CONTENT
    SETTINGS: ClassVar[tuple[str, ...]] = ()

    opened = forms.CharField(widget=forms.HiddenInput, required=False)
    replaces = forms.BooleanField(widget=forms.HiddenInput, required=False)
    title = forms.CharField(
        label=_("Title"), max_length=160, error_messages={"required": _("Give it a title.")}
    )
    summary = WordsField(
        label=_("Summary"),
        max_length=400,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("What readers learn here, in two sentences. It stands under the title and in lists."),
    )
    key_points = LinesField(
        label=_("Key points"),
        widget=forms.Textarea(attrs={"rows": 5}),
        required=False,
        help_text=_("One per line; three to six."),
    )
    body = ProseField(
        label=_("Text"),
        required=False,
        help_text=_("Name the source of each statement as [@key]; the keys are listed beside the text."),
    )
    change_note = forms.CharField(
        label=_("What changed"),
        max_length=200,
        required=False,
        help_text=_("One line that readers see in the history."),
    )

    def __init__(self, *args: Any, base: Revision | None = None, **options: Any) -> None:
        self.base = base
        options["initial"] = content_of(base, self.CONTENT) if base else {}
        super().__init__(*args, **options)
        self.initial["opened"] = stamp(base, self.settings_of(self.instance))
        address = self.fields["slug"]
        address.help_text = _("The last part of the page's address. The old one keeps leading here.")
        address.error_messages["required"] = _("Give it an address, such as “stroke-and-travel”.")
        # Django's own message calls it a slug.
        address.error_messages["invalid"] = subjects.NO_ADDRESS

    @property
    def content_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.CONTENT]

    @property
    def setting_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in ("slug", *self.SETTINGS)]

    @property
    def settings_wrong(self) -> bool:
        return bool({"slug", *self.SETTINGS} & set(self.errors))

    def content(self) -> dict[str, Any]:
        """What the revision is to hold, under its own field names."""
        return {name: self.cleaned_data[name] for name in self.CONTENT}

    @property
    def content_changed(self) -> bool:
        return self.base is None or bool(set(self.CONTENT) & set(self.changed_data))

    def settings(self) -> dict[str, Any]:
        """What the subject itself is to hold beside its address."""
        return {name: self.cleaned_data[name] for name in self.SETTINGS}

    def changed_settings(self) -> dict[str, Any]:
        """What was typed otherwise than stored, the address among it."""
        typed = self.settings() | {"slug": self.cleaned_data["slug"]}
        return {name: value for name, value in typed.items() if name in self.changed_data}

    def settings_of(self, subject: Any) -> dict[str, Any]:
        """The settings of a saved subject as they can be compared, by field; {} of a new one."""
        if subject.pk is None:
            return {}
        stored = model_to_dict(type(subject)._default_manager.get(pk=subject.pk), ("slug", *self.SETTINGS))
        return {name: comparable(value) for name, value in stored.items()}

    def settings_beside(self, subject: Any) -> list[tuple[str, list[str], list[str]]]:
        """Each setting that is stored otherwise than typed: its label, the stored words, the typed."""
        typed = {name: comparable(self.cleaned_data[name]) for name in ("slug", *self.SETTINGS)}
        return [
            (str(self.fields[name].label), self.in_words(name, value), self.in_words(name, typed[name]))
            for name, value in self.settings_of(subject).items()
            if value != typed[name]
        ]

    def in_words(self, name: str, value: Any) -> list[str]:
        field = self.fields[name]
        if isinstance(field, forms.ModelChoiceField) and field.queryset is not None:
            keys = value if isinstance(value, list) else [value]
            return [field.label_from_instance(one) for one in field.queryset.filter(pk__in=keys)]
        if isinstance(value, bool):
            return [str(_("yes") if value else _("no"))]
        return [str(dict(getattr(field, "choices", ())).get(value, value))]


class GuideForm(DraftForm):
    CONTENT = GuideRevision.CONTENT
    SETTINGS = Guide.SETTINGS

    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    questions = LinesField(
        label=_("Questions to ask"),
        widget=forms.Textarea(attrs={"rows": 5}),
        required=False,
        help_text=_("One per line; what a reader can ask a doctor or a clinic."),
    )

    class Meta:
        model = Guide
        fields = ("slug", *Guide.SETTINGS)
        widgets = {
            "topics": forms.CheckboxSelectMultiple,
            "treatments": forms.CheckboxSelectMultiple,
            "related": forms.CheckboxSelectMultiple,
        }
        field_classes: ClassVar = {
            "topics": ExistingRecords,
            "treatments": ExistingRecords,
            "related": ExistingRecords,
            "translation_of": ExistingRecord,
        }

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        others = called(Guide.objects.exclude(pk=self.instance.pk), GuideRevision)
        self.fields["related"].queryset = others  # type: ignore[attr-defined]
        self.fields["treatments"].queryset = called(  # type: ignore[attr-defined]
            Treatment.objects.all(), TreatmentRevision
        )
        self.offer_originals(others)
        if self.instance.pk and self.instance.was_published:
            self.keep_language()

    def offer_originals(self, others: QuerySet[Any]) -> None:
        """Guides that are no translations, and what is chosen already."""
        field: Any = self.fields["translation_of"]
        field.error_messages["invalid_choice"] = _("Choose one of the list. None of them is a translation.")
        originals = Q(translation_of=None)
        if self.instance.pk and self.instance.translations.exists():
            field.help_text = subjects.HAS_TRANSLATIONS
            originals = Q(pk=None)
        elif self.instance.pk and self.instance.was_published:
            originals &= ~Q(language=self.instance.language)
        field.queryset = others.filter(originals | Q(pk=self.instance.translation_of_id))

    def keep_language(self) -> None:
        field: Any = self.fields["language"]
        language = self.instance.language
        field.choices = [(language, dict(settings.LANGUAGES).get(language, language))]
        field.help_text = subjects.READ_IN_IT
        field.error_messages["invalid_choice"] = subjects.READ_IN_IT

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        if {"language", "translation_of"} & set(self.changed_data) and "language" in self.cleaned_data:
            language, original = self.cleaned_data["language"], self.cleaned_data.get("translation_of")
            found = subjects.translation_problems(self.instance, language=language, original=original)
            for name, message in found:
                self.add_error(name, str(message))
        return cleaned


class TreatmentForm(DraftForm):
    CONTENT = TreatmentRevision.CONTENT
    SETTINGS = Treatment.SETTINGS

    cell_type = forms.CharField(label=_("Cell type"), max_length=160, required=False)
    donor = forms.ChoiceField(label=_("Own or donor cells"), choices=TreatmentRevision.Donor.choices)
    route = forms.CharField(label=_("How given"), max_length=160, required=False)

    class Meta:
        model = Treatment
        fields = ("slug", *Treatment.SETTINGS)


def called(subjects: QuerySet[Any], model: type[Revision]) -> QuerySet[Any]:
    """Each with the title of its newest text, in that order; the address where nothing is written."""
    kept: Any = model._default_manager.exclude(state=RevisionState.SET_ASIDE)
    newest = kept.filter(subject=OuterRef("pk"))
    title = Subquery(newest.order_by("-number").values("title")[:1])
    return subjects.annotate(called=Coalesce(title, "slug", output_field=CharField())).order_by("called")


def content_of(revision: Revision, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: getattr(revision, name) for name in names}


def comparable(value: Any) -> Any:
    """A setting as its plain value: records as their numbers, in order."""
    if isinstance(value, Model):
        return value.pk
    if isinstance(value, list | QuerySet):
        return sorted(one.pk for one in value)
    return value


def stamp(revision: Revision | None, stored: Mapping[str, Any]) -> str:
    """Which state of which revision and settings this is: changes with every save."""
    if not revision and not stored:
        return ""
    return f"{text_stamp(revision)}|{json.dumps(stored, sort_keys=True)}"


def text_stamp(revision: Revision | None) -> str:
    return f"{revision.pk}@{revision.updated_at.isoformat()}" if revision else "-"


def is_text_of(opened: str, revision: Revision | None) -> bool:
    """Whether a page opened in this state showed this text."""
    return opened.partition("|")[0] == text_stamp(revision)


# --- What reviewers and publishers say ----------------------------------------------------------


class StepForm(forms.Form):
    """What a step with one revision asks; this one asks nothing but the button."""

    def __init__(self, *args: Any, revision: Revision, **options: Any) -> None:
        super().__init__(*args, **options)
        self.revision = revision


class ApproveForm(StepForm):
    next_review_on = forms.DateField(
        label=_("Check again by"),
        widget=AdminDateWidget,
        help_text=_("At most two years ahead. After this day readers see a warning and the quote link goes."),
    )
    note = forms.CharField(
        label=_("Note to the editor"),
        max_length=LONGEST_NOTE,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    signed_off = forms.BooleanField(
        label=_("A clinician has signed this text off: remove the demonstration notice"), required=False
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if not self.revision.demonstration:
            del self.fields["signed_off"]
        self.fields["next_review_on"].initial = timezone.localdate() + publishing.REVIEW_AGAIN_AFTER

    def clean_next_review_on(self) -> dt.date:
        chosen = self.cleaned_data["next_review_on"]
        if chosen <= timezone.localdate():
            raise forms.ValidationError(_("Choose a day in the future."))
        if chosen > publishing.latest_review(timezone.now()):
            raise forms.ValidationError(publishing.too_far(timezone.now()))
        return chosen


class AskForChangesForm(StepForm):
    note = forms.CharField(
        label=_("What must change, and where"),
        max_length=LONGEST_NOTE,
        widget=forms.Textarea(attrs={"rows": 4}),
    )


class RevokeForm(StepForm):
    reason = forms.CharField(
        label=_("Why it is no longer approved, and what must change"),
        max_length=LONGEST_NOTE,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class RestoreForm(StepForm):
    """Asks for leave where a draft with words of its own stands in the way."""

    set_draft_aside = forms.BooleanField(required=False)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        draft: Any = self.revision.subject.revisions.filter(state=RevisionState.DRAFT).first()  # type: ignore[attr-defined]
        if draft is None or versions.is_untouched(draft):
            del self.fields["set_draft_aside"]
        else:
            self.fields["set_draft_aside"].label = _(
                "Set the open draft aside (version %(number)s). It stays among the versions."
            ) % {"number": draft.number}


class PublishForm(StepForm):
    at = forms.SplitDateTimeField(
        label=_("Publish at"),
        required=False,
        widget=AdminSplitDateTime,
        help_text=_("Leave empty to publish now."),
    )

    def clean_at(self) -> dt.datetime | None:
        chosen = self.cleaned_data["at"]
        if chosen and chosen <= timezone.now():
            raise forms.ValidationError(_("This time has passed. Leave it empty to publish now."))
        return chosen


class WithdrawForm(StepForm):
    reason = forms.CharField(
        label=_("Why readers should no longer see it"),
        max_length=400,
        error_messages={"required": _("Say why readers should no longer see it.")},
        widget=forms.Textarea(attrs={"rows": 2}),
    )
