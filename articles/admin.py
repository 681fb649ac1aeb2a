"""Guides, treatments and the evidence in the admin. The page of one of them: articles.editing_page."""

from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.contrib import admin
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.translation import gettext_lazy as _

from portal.admin import AuditedAdmin, Unovertaken

from . import pages, quality, texts
from .editing import GuideForm, LinesField, TreatmentForm
from .editing_page import SubjectAdmin
from .models import (
    GlossaryTerm,
    Guide,
    GuideRevision,
    RevisionState,
    Source,
    Topic,
    Treatment,
    TreatmentRevision,
)
from .subjects import NO_ADDRESS

# Django's own message calls an address or a key a slug.
PLAIN_ADDRESS: dict[type[models.Field], dict[str, Any]] = {
    models.SlugField: {"error_messages": {"invalid": NO_ADDRESS}}
}


class OneOf(admin.SimpleListFilter):
    """A filter that ignores values it did not offer, whatever stands in the address."""

    def value(self):
        asked = super().value()
        return asked if asked in {offered for offered, _label in self.lookup_choices} else None


class NewestStateFilter(OneOf):
    title = _("state of the newest text")
    parameter_name = "state"

    def lookups(self, request, model_admin):
        shown = [choice for choice in RevisionState.choices if choice[0] != RevisionState.SET_ASIDE]
        return [*shown, ("withdrawn", _("withdrawn"))]

    def queryset(self, request, queryset):
        match self.value():
            case None:
                return queryset
            case RevisionState.PUBLISHED:
                return queryset.live().filter(newest_state=RevisionState.PUBLISHED)
            case "withdrawn":
                return queryset.withdrawn().filter(newest_state=RevisionState.PUBLISHED)
        return queryset.filter(newest_state=self.value())


class LanguageFilter(OneOf):
    title = _("language")
    parameter_name = "language"

    def lookups(self, request, model_admin):
        return settings.LANGUAGES

    def queryset(self, request, queryset):
        return queryset.filter(language=self.value()) if self.value() else queryset


class ReadersFilter(OneOf):
    title = _("readers")
    parameter_name = "readers"

    def lookups(self, request, model_admin):
        return [
            ("see", _("see it")),
            ("due", _("see it, to be checked within 30 days")),
            ("overdue", _("see it, check overdue")),
            ("not", _("do not see it")),
            ("withdrawn", _("see it no more: withdrawn")),
        ]

    def queryset(self, request, queryset):
        today = timezone.localdate()
        match self.value():
            case "see":
                return queryset.live()
            case "due":
                return queryset.review_due(today)
            case "overdue":
                return queryset.review_overdue(today)
            case "not":
                return queryset.filter(live_revision__isnull=True)
            case "withdrawn":
                return queryset.withdrawn()
        return queryset


@admin.register(Guide)
class GuideAdmin(SubjectAdmin):
    audit_name = "guide"
    draft_form = GuideForm
    revision_model = GuideRevision
    page_of = staticmethod(pages.guide_page)
    public_template = "articles/guide.html"
    list_filter = (NewestStateFilter, ReadersFilter, "topics", "audience", LanguageFilter)


@admin.register(Treatment)
class TreatmentAdmin(SubjectAdmin):
    audit_name = "treatment"
    draft_form = TreatmentForm
    revision_model = TreatmentRevision
    page_of = staticmethod(pages.treatment_page)
    public_template = "articles/treatment.html"
    list_filter = (NewestStateFilter, ReadersFilter)


class UnreviewedWordsForm(Unovertaken):
    """For words that readers see as soon as they are saved: they promise no more than a reviewed text may."""

    SEEN: ClassVar[tuple[str, ...]] = ()

    def clean(self):
        for name in self.SEEN:
            for message in quality.promises(self.cleaned_data.get(name, "")):
                self.add_error(name, message)
        return super().clean()


class RecordAdmin(AuditedAdmin):
    """For records of which readers see every saved word at once."""

    audit_looking = False

    def get_fields(self, request, obj=None):
        # Who only reads has no form to which the stamp of its opening belongs.
        hidden = () if self.has_change_permission(request, obj) else ("opened",)
        return [name for name in super().get_fields(request, obj) if name not in hidden]


class TopicForm(UnreviewedWordsForm):
    SEEN = ("name", "description")


@admin.register(Topic)
class TopicAdmin(RecordAdmin):
    audit_name = "topic"
    form = TopicForm
    list_display = ("name", "slug", "description")
    prepopulated_fields = {"slug": ("name",)}
    formfield_overrides = PLAIN_ADDRESS


class SourceForm(UnreviewedWordsForm):
    SEEN = ("finding",)


@admin.register(Source)
class SourceAdmin(RecordAdmin):
    audit_name = "source"
    form = SourceForm
    list_display = ("key", "title", "kind", "year", "main_measure", "state", "sureness", "checked_on")
    list_filter = ("kind", "state", "main_measure", "sureness")
    search_fields = ("key", "title", "publisher", "doi", "pmid", "registration", "finding")
    fields = (
        *("key", "title", "kind", "publisher", "year", "url", "doi", "pmid", "registration"),
        *("design", "people", "time_since_stroke", "control", "main_measure", "finding"),
        *("sureness", "state", "superseded_by", "checked_on", "cited_by", "opened"),
    )
    readonly_fields = ("cited_by",)
    formfield_overrides = PLAIN_ADDRESS | {models.URLField: {"assume_scheme": "https"}}
    list_per_page = 50

    def get_readonly_fields(self, request, obj=None):
        # Texts cite the key: changing it would break each of them.
        return (*self.readonly_fields, "key") if obj else self.readonly_fields

    @admin.display(description=_("what readers see that cites it"))
    def cited_by(self, source: Source) -> str:
        if source.pk is None:
            return ""
        cited = [
            (reverse(f"admin:articles_{kind}_change", args=[subject.pk]), subject.slug)
            for kind, model in (("guide", Guide), ("treatment", Treatment))
            for subject in model.objects.filter(live_revision__cited=source)
        ]
        return format_html_join(", ", '<a href="{}">{}</a>', cited) or str(_("nothing"))


class GlossaryTermForm(UnreviewedWordsForm):
    SEEN = ("term", "explanation")

    also = LinesField(
        label=_("Other spellings"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Plurals and variants, one per line."),
    )

    class Meta:
        model = GlossaryTerm
        fields = ("term", "also", "explanation")


@admin.register(GlossaryTerm)
class GlossaryTermAdmin(RecordAdmin):
    audit_name = "term"
    form = GlossaryTermForm
    list_display = ("term", "explanation")
    search_fields = ("term", "explanation")

    def save_model(self, request, obj, form, change):
        super().save_model(request, obj, form, change)
        texts.refresh_rendering()
