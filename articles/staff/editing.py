"""The form in which staff write a guide or a treatment: its text and its settings, on one page."""

import json
from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.contrib.auth.models import Group
from django.db.models import CharField, Model, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.forms.models import model_to_dict
from django.utils.functional import cached_property
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from portal.prose import ProseField

from .. import subjects
from ..checks.quality import PARTS
from ..models import Guide, GuideRevision, Revision, RevisionState, Treatment, TreatmentRevision
from .claim_forms import Choices, claim_rows
from .writing_fields import ExistingRecord, ExistingRecords, PartField, WordsField, in_our_words, retype
from .writing_fields import LinesField as LinesField

EASY = ("easy_summary", "easy_body")
LONGEST_ADDRESS = 80
MAY_LOOK_AFTER = tuple(
    f"{verb}_{kind}revision" for verb in ("submit", "review") for kind in ("guide", "treatment")
)


class DraftForm(forms.ModelForm):
    """A subject's own settings and the text of its draft, on one page.

    `CONTENT` are the fields that belong to the revision, `SETTINGS` those of the subject itself.
    `opened` says which state of the text the page showed, so that nobody overwrites a colleague unawares;
    `replaces`, that this person has seen the other's text beside their own and saves again.
    """

    CONTENT: ClassVar[tuple[str, ...]] = Revision.CONTENT
    SETTINGS: ClassVar[tuple[str, ...]] = ()
    # What stands above the claims.
    TEXT: ClassVar[tuple[str, ...]] = ("title", "summary", "key_points", "body")

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
    part_without_treatment = PartField(
        label=PARTS["without_treatment"],
        help_text=_("What readers can expect with the usual care alone."),
    )
    part_alternatives = PartField(
        label=PARTS["alternatives"],
        help_text=_("Other ways: rehabilitation, a registered trial, waiting."),
    )
    part_not_known = PartField(
        label=PARTS["not_known"],
        help_text=_("What nobody has studied yet, or what studies leave open."),
    )
    questions = LinesField(
        label=_("Questions to ask"),
        widget=forms.Textarea(attrs={"rows": 5}),
        required=False,
        help_text=_("One per line, three at least; what a reader can ask a doctor or a clinic."),
    )
    change_note = forms.CharField(
        label=_("What changed"),
        max_length=200,
        required=False,
        help_text=_("One line that readers see in the history."),
    )

    def __init__(self, *args: Any, base: Revision | None = None, again: Any = None, **options: Any) -> None:
        self.base = base
        self.again = again
        options["initial"] = content_of(base, self.CONTENT) if base else {}
        super().__init__(*args, **options)
        self.initial["opened"] = stamp(base, self.settings_of(self.instance))
        address = self.fields["slug"]
        address.help_text = _("The last part of the page's address. The old one keeps leading here.")
        address.error_messages["required"] = _("Give it an address, such as “stroke-and-travel”.")
        # Django's own message calls it a slug.
        address.error_messages["invalid"] = subjects.NO_ADDRESS
        if self.instance.pk is None:
            address.required = False
            address.help_text = _(
                "The last part of the page's address. Leave it empty to make it of the title."
            )
        self.offer_owners()
        in_our_words(self.fields.values())
        if again is not None:
            retype(self, again)

    def offer_owners(self) -> None:
        """Those who may write or review, and who is chosen already."""
        field: Any = self.fields["owners"]
        able = Q(permissions__codename__in=MAY_LOOK_AFTER) | Q(pk=self.instance.owners_id)
        field.queryset = Group.objects.filter(able).distinct().order_by("name")

    def clean(self) -> dict[str, Any] | None:
        """A new text without an address gets it from its title."""
        cleaned = super().clean()
        if self.instance.pk is None and "slug" not in self.errors and not self.cleaned_data.get("slug"):
            proposed = slugify(self.cleaned_data.get("title", ""))[:LONGEST_ADDRESS].strip("-")
            if proposed:
                self.cleaned_data["slug"] = proposed
            else:
                self.add_error("slug", self.fields["slug"].error_messages["required"])
        return cleaned

    @cached_property
    def claims(self) -> Any:
        """The claims under the text, as rows of this form."""
        stored = self.base.claims if self.base else []
        sent = self.data if self.is_bound else None
        return claim_rows(stored, treatments=self.treatments_to_name(), data=sent, again=self.again)

    def treatments_to_name(self) -> Choices | None:
        """What a claim may be about; None where the page itself says it."""
        return None

    def is_valid(self) -> bool:
        """Both are checked, so that all errors are told at once."""
        rows_are_valid = not self.claims.is_bound or self.claims.is_valid()
        return super().is_valid() and rows_are_valid

    @property
    def text_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.TEXT]

    @property
    def part_fields(self) -> list[forms.BoundField]:
        return [self[f"part_{name}"] for name in PARTS]

    @property
    def easy_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in EASY if name in self.fields]

    @property
    def has_easy_version(self) -> bool:
        """Whether somebody has written one, or has just tried to."""
        return any(field.errors or field.value() for field in self.easy_fields)

    @property
    def setting_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in ("slug", *self.SETTINGS)]

    @property
    def settings_wrong(self) -> bool:
        return bool({"slug", *self.SETTINGS} & set(self.errors))

    def content(self) -> dict[str, Any]:
        """What the revision is to hold, under its own field names."""
        own = {name: self.cleaned_data[name] for name in self.CONTENT if name in self.fields}
        places = {name: self.cleaned_data[f"part_{name}"] for name in PARTS}
        found = {name: heading for name, heading in places.items() if heading}
        return own | {"claims": self.claims.written, "parts": found}

    @property
    def content_changed(self) -> bool:
        own = {*self.CONTENT, *(f"part_{name}" for name in PARTS)}
        return self.base is None or bool(own & set(self.changed_data)) or self.claims.differ

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
    easy_summary = WordsField(
        label=_("Summary in easy words"),
        max_length=400,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    easy_body = ProseField(
        label=_("Text in easy words"),
        required=False,
        help_text=_("One idea in a sentence, 15 words at most. The same facts as above, with their sources."),
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

    def treatments_to_name(self) -> Choices:
        named = called(Treatment.objects.all(), TreatmentRevision)
        return [(treatment.pk, treatment.called) for treatment in named]

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
    TEXT = ("title", "summary", "cell_type", "donor", "route", "approval", "key_points", "body")

    cell_type = forms.CharField(label=_("Cell type"), max_length=160, required=False)
    donor = forms.ChoiceField(
        label=_("Own or donor cells"),
        choices=[("", "–"), *TreatmentRevision.Donor.choices],
        required=False,
    )
    route = forms.CharField(label=_("How given"), max_length=160, required=False)
    approval = WordsField(
        label=_("Where it is approved, and where not"),
        max_length=400,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    class Meta:
        model = Treatment
        fields = ("slug", *Treatment.SETTINGS)

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        other_way = self.cleaned_data.get("standing") == Treatment.Standing.ALTERNATIVE
        if other_way and self.cleaned_data.get("quote_offered"):
            self.add_error("quote_offered", _("A quote is for treatments with cells only. Untick this."))
        return cleaned


def called(subjects: QuerySet[Any], model: type[Revision]) -> QuerySet[Any]:
    """Each with the title of its newest text, in that order; the address where nothing is written."""
    kept: Any = model._default_manager.exclude(state=RevisionState.SET_ASIDE)
    newest = kept.filter(subject=OuterRef("pk"))
    title = Subquery(newest.order_by("-number").values("title")[:1])
    return subjects.annotate(called=Coalesce(title, "slug", output_field=CharField())).order_by("called")


def content_of(revision: Revision, names: tuple[str, ...]) -> dict[str, Any]:
    parts = {f"part_{name}": heading for name, heading in revision.parts.items()}
    return parts | {name: getattr(revision, name) for name in names}


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
