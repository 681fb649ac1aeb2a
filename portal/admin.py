"""Staff, fixed pages, letters and the trail in the admin; and the bases every other admin stands on."""

import json
import re
from collections.abc import Callable, Sequence
from typing import Any, ClassVar, cast

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.utils import unquote
from django.contrib.admin.views.main import PAGE_VAR, SEARCH_VAR, ChangeList, ChangeListSearchForm
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group
from django.core.exceptions import BadRequest, PermissionDenied
from django.core.paginator import Paginator
from django.core.validators import MaxLengthValidator
from django.db import IntegrityError, models
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from js_asset import Media  # type: ignore[import-untyped]

from . import audit, mail
from .models import AuditEvent, OutboxMessage, Page, User
from .prose import ProseField

# A page that complains of what was typed shows the record all the same.
SHOWN = (200, 409, 422)
# More figures than any of our numbers has, fewer than SQLite can no longer count.
RECORD_NUMBER = re.compile(r"[0-9]{1,18}")


def when_shown(response: HttpResponse, note: Callable[[Any], None]) -> HttpResponse:
    """Call `note` once the page was really rendered; never for a redirect, a refusal or a failed page."""
    if response.status_code in SHOWN and isinstance(response, TemplateResponse):
        response.add_post_render_callback(note)
    return response


def with_nonce(media: forms.Media, request: HttpRequest) -> Media:
    """The same media with the policy's nonce: the editor's import map stands inline in the page."""
    return Media.from_media(media, nonce=request.csp_nonce)  # type: ignore[attr-defined]


def what_was_listed(request: HttpRequest, changelist: ChangeList) -> dict[str, Any]:
    """Filters used and how many rows they gave. What was searched for may be a name: only that it was."""
    known = {name for spec in changelist.filter_specs for name in spec.expected_parameters() if name}
    # PostgreSQL keeps no NUL in JSON, and anybody may type one into an address.
    used = {
        name: ",".join(request.GET.getlist(name)).replace("\0", "")[:80]
        for name in sorted(known & set(request.GET))
    }
    return {"filters": used, "searched": bool(changelist.query), "count": changelist.result_count}


class ShortSearch(ChangeListSearchForm):
    """Every word is looked for in every field: thousands of words would hold the database for minutes."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields[SEARCH_VAR].validators.append(MaxLengthValidator(100))


class DeclaredFilters(ChangeList):
    """A list that only the filters it shows can narrow.

    Django takes any lookup on a list's own fields from the address: `?context__regex=^a`, asked again and
    again, would read a secret letter by letter. What no filter has taken is refused with Django's `?e=1`.
    """

    search_form_class = ShortSearch

    def get_filters(self, request):
        if any("\0" in value for _name, values in request.GET.lists() for value in values):
            raise IncorrectLookupParameters("no text in a database holds a NUL")
        found = super().get_filters(request)
        undeclared = found[2]
        if undeclared:
            raise IncorrectLookupParameters(f"no filter takes {', '.join(undeclared)}")
        return found

    def get_results(self, request):
        try:
            super().get_results(request)
        except (ValueError, OverflowError) as error:  # a NUL, a moment before the first of all days
            raise IncorrectLookupParameters(error) from error


class AuditedAdmin(admin.ModelAdmin):
    """Who adds or changes a record here leaves a trail, and so does who opens or lists records.

    `audit_name` is the first word of the actions: "lead" gives lead.added, lead.changed, lead.opened,
    lead.listed and, where a subclass exports, lead.exported. `audit_looking = False` where looking is
    nothing to record (texts made for the public). The trail takes the place of Django's own log.
    Nothing is ever deleted here.
    """

    audit_name: ClassVar[str] = ""
    audit_looking: ClassVar[bool] = True

    def record(self, request: HttpRequest, verb: str, target: models.Model | None = None, **detail) -> None:
        """Enter `<audit_name>.<verb>` in the trail; without `target` it is about the records as a whole."""
        audit.record(
            f"{self.audit_name}.{verb}",
            self.model if target is None else target,
            by=cast("User", request.user),
            now=timezone.now(),
            detail=detail,
        )

    def change_view(self, request, object_id, form_url="", extra_context=None):
        response = super().change_view(request, object_id, form_url, extra_context)
        return self.note_opening(request, response)

    def render_change_form(self, request, context, *args, **kwargs):
        context["media"] = with_nonce(context["media"], request)
        return super().render_change_form(request, context, *args, **kwargs)

    def note_opening(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        """Record that the page's `original` was opened, once it was rendered."""
        if not self.audit_looking:
            return response
        return when_shown(
            response, lambda shown: self.record(request, "opened", shown.context_data["original"])
        )

    def get_changelist(self, request, **kwargs):
        return DeclaredFilters

    def changelist_view(self, request, extra_context=None):
        response = super().changelist_view(request, extra_context)
        shows: dict[str, Any] = getattr(response, "context_data", None) or {}
        if "cl" not in shows:
            return response
        shows["filters"] = [
            (spec.title, list(spec.choices(shows["cl"]))) for spec in shows["cl"].filter_specs
        ]
        if not self.audit_looking:
            return response
        detail = what_was_listed(request, shows["cl"])
        return when_shown(response, lambda shown: self.record(request, "listed", **detail))

    def response_action(self, request, queryset):  # type: ignore[override] # as in Django 5.2
        if not all(RECORD_NUMBER.fullmatch(pk) for pk in request.POST.getlist(ACTION_CHECKBOX_NAME)):
            raise BadRequest("an action on what is no number of a record")
        return super().response_action(request, queryset)

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except IntegrityError:  # between the form's check and the saving
            said = _("Somebody saved the same at this moment; nothing of yours was saved. Look at the list.")
            self.message_user(request, said, messages.ERROR)
            opts = self.opts
            return HttpResponseRedirect(reverse(f"admin:{opts.app_label}_{opts.model_name}_changelist"))

    def get_view_on_site_url(self, obj=None):
        """Straight to the page: Django's way round by kind and number is closed (portal.staff_site)."""
        return obj.get_absolute_url() if hasattr(obj, "get_absolute_url") else None

    def construct_change_message(self, request, form, formsets, add=False):
        """The names of the changed fields, without their values."""
        return sorted(form.changed_data)

    def log_addition(self, request, obj, message):
        self.record(request, "added", obj)

    def log_change(self, request, obj, message):
        self.record(request, "changed", obj, fields=message)

    def has_delete_permission(self, request, obj=None):
        return False

    def history_view(self, request, object_id, extra_context=None):
        """Who did what with this record, newest first, from the trail."""
        target = self.get_object(request, unquote(object_id))
        if target is None:
            return self._get_obj_does_not_exist_redirect(  # type: ignore[attr-defined]
                request, self.opts, object_id
            )
        if not self.has_view_or_change_permission(request, target):
            raise PermissionDenied
        events = Paginator(audit.trail_of(target), 100).get_page(request.GET.get(PAGE_VAR))
        context = self.admin_site.each_context(request) | {
            "title": _("History of %(record)s") % {"record": target},
            "events": events,
            "original": target,
            "opts": self.opts,
        }
        return TemplateResponse(request, "admin/trail.html", context | (extra_context or {}))


class ReadOnlyAdmin(AuditedAdmin):
    """For records that staff read and only the machine writes."""

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False


admin.site.unregister(Group)


class SuperusersManage:
    """Others with the permission may look; accounts and groups are changed by superusers alone."""

    def has_add_permission(self, request):
        return request.user.is_superuser

    def has_change_permission(self, request, obj=None):
        return request.user.is_superuser


@admin.register(User)
class StaffAdmin(SuperusersManage, AuditedAdmin, UserAdmin):
    audit_name = "staff"
    list_display = ("username", "public_name", "email", "groups_in_words", "is_active", "last_login")
    list_filter = ("groups", "is_active", "is_superuser")
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        (_("Person"), {"fields": ("first_name", "last_name", "email", "byline")}),
        (_("Permissions"), {"fields": ("is_active", "is_staff", "groups", "is_superuser")}),
        (_("Dates"), {"fields": ("last_login", "date_joined")}),
    )
    add_fieldsets = (
        (None, {"classes": ("wide",), "fields": ("username", "password1", "password2")}),
        (_("Person"), {"fields": ("first_name", "last_name", "email", "byline")}),
        (_("Permissions"), {"fields": ("is_staff", "groups")}),
    )
    filter_horizontal = ()
    readonly_fields = ("last_login", "date_joined")

    def get_queryset(self, request):
        return super().get_queryset(request).prefetch_related("groups")

    def get_fieldsets(self, request, obj=None):
        fieldsets = super().get_fieldsets(request, obj)
        if request.user.is_superuser:
            return fieldsets
        return ((None, {"fields": ("username",)}), *fieldsets[1:])

    @admin.display(description=_("groups"))
    def groups_in_words(self, person: User) -> str:
        return person.role


@admin.register(Group)
class StaffGroupAdmin(SuperusersManage, AuditedAdmin, GroupAdmin):
    audit_name = "group"
    audit_looking = False


class PageForm(forms.ModelForm):
    body = ProseField(label=_("Text"))

    class Meta:
        model = Page
        fields = ("title", "slug", "summary", "body")
        widgets = {"summary": forms.Textarea(attrs={"rows": 3, "maxlength": 300})}


@admin.register(Page)
class PageAdmin(AuditedAdmin):
    audit_name = "page"
    audit_looking = False
    form = PageForm
    list_display = ("title", "slug", "updated_at")
    search_fields = ("title", "slug", "summary", "body")

    def get_readonly_fields(self, request, obj=None):
        # The footer of every page leads to these addresses.
        return ("slug",) if obj else ()

    def save_model(self, request, obj, form, change):
        obj.updated_at = timezone.now()
        super().save_model(request, obj, form, change)


@admin.register(OutboxMessage)
class LetterAdmin(ReadOnlyAdmin):
    """Letters as rows: to whom, about what, how far. What they say is never shown here.

    The address only for who may see leads: beside the reference it says who asked.
    """

    audit_name = "letter"
    list_display = (
        "template",
        "about",
        "to_address",
        "state",
        "attempts",
        "created_at",
        "sent_at",
        "last_error",
    )
    list_filter = ("state", "template", "created_at")
    search_fields = ("about", "template", "to_address")
    fields = (*list_display, "next_attempt_at", "language")
    actions = ("send_again",)

    def get_list_display(self, request):
        return self.without_address(request, super().get_list_display(request))

    def get_search_fields(self, request):
        return self.without_address(request, super().get_search_fields(request))

    def get_fields(self, request, obj=None):
        return self.without_address(request, super().get_fields(request, obj))

    def without_address(self, request: HttpRequest, names: Sequence[Any]) -> list[Any]:
        sees_leads = request.user.has_perm("quotes.view_quoterequest")
        return [name for name in names if sees_leads or name != "to_address"]

    def has_retry_permission(self, request):
        return request.user.has_perm("portal.retry_outboxmessage")

    @admin.action(description=_("Send the chosen failed letters again"), permissions=["retry"])
    def send_again(self, request, queryset):
        again = sum(self.try_again(letter, request.user) for letter in queryset)
        if not again:
            self.message_user(request, _("None of the chosen letters has failed."), messages.WARNING)
            return
        said = ngettext("%d letter will be sent again.", "%d letters will be sent again.", again)
        self.message_user(request, said % again, messages.SUCCESS)

    def try_again(self, letter: OutboxMessage, by: User) -> bool:
        try:
            mail.retry(letter, by=by, now=timezone.now())
        except mail.NotFailed:
            return False
        return True


class NamedValuesFilter(admin.AllValuesFieldListFilter):
    """All values that occur, the empty one with a name too."""

    def choices(self, changelist):
        for choice in super().choices(changelist):
            yield choice | {"display": choice["display"] or _("none")}


@admin.register(AuditEvent)
class TrailAdmin(ReadOnlyAdmin):
    audit_name = "trail"
    list_display = ("at", "actor_name", "actor_role", "action", "record_in_words")
    list_filter = ("at", "action", ("actor_role", NamedValuesFilter), "target_type")
    search_fields = ("actor_name", "action", "target_label", "=target_id", "=request_id")
    fields = (
        *list_display[:4],
        "target_type",
        "target_id",
        "target_label",
        "detail_in_words",
        "request_id",
    )
    list_per_page = 50
    show_full_result_count = False

    @admin.display(description=_("record"), ordering="target_label")
    def record_in_words(self, event: AuditEvent) -> str:
        return f"{event.target_type.rpartition('.')[2]} {event.target_label}".strip()

    @admin.display(description=_("detail"))
    def detail_in_words(self, event: AuditEvent) -> str:
        return format_html("<pre>{}</pre>", json.dumps(event.detail, indent=2, ensure_ascii=False))
