"""Guides, treatments and topics in the admin; the page of a text: articles.staff.editing_page.

Its other parts: admin_evidence, admin_upkeep and admin_answers in articles.staff.
"""

from django.conf import settings
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.template.response import TemplateResponse
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from portal.admin import OneOf

from . import pages
from .models import Guide, GuideRevision, RevisionState, Topic, Treatment, TreatmentRevision
from .staff import admin_answers, admin_evidence, admin_upkeep, due_list
from .staff.admin_records import PLAIN_ADDRESS, RecordAdmin, UnreviewedWordsForm
from .staff.editing import GuideForm, TreatmentForm
from .staff.editing_page import SubjectAdmin

__all__ = ["admin_answers", "admin_evidence", "admin_upkeep"]


class NewestStateFilter(OneOf):
    title = _("state of the newest text")
    parameter_name = "state"

    def lookups(self, request, model_admin):
        shown = [choice for choice in RevisionState.choices if choice[0] != RevisionState.SET_ASIDE]
        return [*shown, ("withdrawn", _("withdrawn"))]

    def narrow(self, subjects, chosen):
        match chosen:
            case RevisionState.PUBLISHED:
                return subjects.live().filter(newest_state=RevisionState.PUBLISHED)
            case "withdrawn":
                return subjects.withdrawn().filter(newest_state=RevisionState.PUBLISHED)
        return subjects.filter(newest_state=chosen)


class LanguageFilter(OneOf):
    title = _("language")
    parameter_name = column = "language"

    def lookups(self, request, model_admin):
        return settings.LANGUAGES


class ReadersFilter(OneOf):
    title = _("readers")
    parameter_name = "readers"

    def lookups(self, request, model_admin):
        return [
            ("see", _("see it")),
            ("due", _("see it, to be checked within 30 days")),
            ("overdue", _("see it, check overdue")),
            ("flagged", _("see it, evidence changed")),
            ("not", _("do not see it")),
            ("withdrawn", _("see it no more: withdrawn")),
        ]

    def narrow(self, subjects, chosen):
        today = timezone.localdate()
        return {
            "see": subjects.live(),
            "due": subjects.review_due(today),
            "overdue": subjects.review_overdue(today),
            "flagged": subjects.flagged(),
            "not": subjects.filter(live_revision__isnull=True),
            "withdrawn": subjects.withdrawn(),
        }[chosen]


@admin.register(Guide)
class GuideAdmin(SubjectAdmin):
    audit_name = "guide"
    draft_form = GuideForm
    revision_model = GuideRevision
    page_of = staticmethod(pages.guide_page)
    public_template = "articles/guide.html"
    list_filter = (NewestStateFilter, ReadersFilter, "topics", "audience", LanguageFilter)

    def get_urls(self):
        due = self.admin_site.admin_view(require_safe(self.due_view))
        return [path("due/", due, name="articles_guide_due"), *super().get_urls()]

    def due_view(self, request):
        """Treatments among them: who may read the one may read the other (articles.roles)."""
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        shown = self.admin_site.each_context(request) | due_list.of(request, today=timezone.localdate())
        return TemplateResponse(request, "admin/articles/due.html", shown)


@admin.register(Treatment)
class TreatmentAdmin(SubjectAdmin):
    audit_name = "treatment"
    draft_form = TreatmentForm
    revision_model = TreatmentRevision
    page_of = staticmethod(pages.treatment_page)
    public_template = "articles/treatment.html"
    list_filter = (NewestStateFilter, ReadersFilter)


class TopicForm(UnreviewedWordsForm):
    SEEN = ("name", "description")


@admin.register(Topic)
class TopicAdmin(RecordAdmin):
    audit_name = "topic"
    form = TopicForm
    list_display = ("name", "slug", "description")
    formfield_overrides = PLAIN_ADDRESS

    def get_readonly_fields(self, request, obj=None):
        # Feeds and links to the list of its guides hold it, and nothing leads on from an old one.
        return ("slug",) if obj else ()

    def get_prepopulated_fields(self, request, obj=None):
        return {} if obj else {"slug": ("name",)}
