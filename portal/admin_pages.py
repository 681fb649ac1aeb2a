"""The fixed pages in the admin, and their earlier texts."""

from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST
from js_asset import Script  # type: ignore[import-untyped]

from . import pages
from .admin_bases import AuditedAdmin
from .models import Page, PageVersion, User
from .overtaking import Unovertaken
from .prose import ProseField

VERSIONS_SHOWN = 30


class PageForm(Unovertaken):
    body = ProseField(label=_("Text"))

    class Meta:
        model = Page
        fields = ("title", "slug", "summary", "body", "shown")
        widgets = {"summary": forms.Textarea(attrs={"rows": 3, "maxlength": 300})}

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if "slug" in self.fields:
            self.fields["slug"].help_text = _(
                "The last part of the page's address; it cannot be changed later. No menu leads to a new "
                "page: link to it from a text, or ask who keeps the site to put it into the footer."
            )

    def clean(self) -> dict[str, Any] | None:
        for name in pages.TEXT:
            for message in pages.unfit(self.cleaned_data.get(name, "")):
                self.add_error(name, message)
        return super().clean()

    def clean_shown(self) -> bool:
        shown = self.cleaned_data["shown"]
        if not shown and self.instance.slug in pages.IN_THE_FOOTER:
            raise forms.ValidationError(_("The footer of every page leads here, so it cannot be hidden."))
        return shown


@admin.register(Page)
class PageAdmin(AuditedAdmin):
    audit_name = "page"
    audit_looking = False
    audit_values = True
    history_template = "admin/portal/page/history.html"
    form = PageForm
    list_display = ("title", "slug", "shown", "updated_at")
    search_fields = ("title", "slug", "summary", "body")

    class Media:
        js = [Script("portal/writing.js", type="module")]

    def get_urls(self):
        restore = path(
            "<int:pk>/restore/<int:number>/",
            self.admin_site.admin_view(require_POST(self.restore_view)),
            name="portal_page_restore",
        )
        return [restore, *super().get_urls()]

    def get_readonly_fields(self, request, obj=None):
        # The footer of every page leads to these addresses.
        return ("slug",) if obj else ()

    def get_view_on_site_url(self, obj=None):
        return super().get_view_on_site_url(obj) if obj is None or obj.shown else None

    def save_model(self, request, obj, form, change):
        pages.save(obj, by=cast("User", request.user), now=timezone.now())

    def history_view(self, request, object_id, extra_context=None):
        versions = PageVersion.objects.filter(page=object_id) if object_id.isdecimal() else ()
        shown = {
            "versions": versions and versions.select_related("replaced_by")[:VERSIONS_SHOWN],
            "may_restore": self.has_change_permission(request),
        }
        return super().history_view(request, object_id, shown | (extra_context or {}))

    def restore_view(self, request: HttpRequest, pk: int, number: int) -> HttpResponse:
        if not self.has_change_permission(request):
            raise PermissionDenied
        version = get_object_or_404(PageVersion, pk=number, page=pk)
        try:
            pages.restore(version, by=cast("User", request.user), now=timezone.now())
        except pages.Unfit as refusal:
            self.message_user(request, str(refusal), messages.ERROR)
            return HttpResponseRedirect(reverse("admin:portal_page_history", args=[pk]))
        said = _("The earlier text is back, and readers see it. The one it replaced is kept.")
        self.message_user(request, said, messages.SUCCESS)
        return HttpResponseRedirect(reverse("admin:portal_page_change", args=[pk]))
