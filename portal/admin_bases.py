"""The bases of every record in the admin: what is recorded, what a list may be asked, history."""

import re
from collections.abc import Callable, Iterable
from typing import Any, ClassVar, cast

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.utils import unquote
from django.contrib.admin.views.main import PAGE_VAR, SEARCH_VAR, ChangeList, ChangeListSearchForm
from django.core.exceptions import BadRequest, PermissionDenied
from django.core.paginator import Paginator
from django.core.validators import MaxLengthValidator
from django.db import IntegrityError, models
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from js_asset import Media  # type: ignore[import-untyped]

from . import audit
from .models import AuditEvent, User
from .templatetags.staff_words import told

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


class OneOf(admin.SimpleListFilter):
    """A filter that ignores values it did not offer, whatever stands in the address.

    What is chosen stands in `column`; a filter that asks for more says how to `narrow` the list.
    """

    column: ClassVar[str]

    def value(self) -> str | None:
        asked = super().value()
        return asked if asked in {str(offered) for offered, _label in self.lookup_choices} else None

    def queryset(self, request, queryset):
        chosen = self.value()
        return queryset if chosen is None else self.narrow(queryset, chosen)

    def narrow(self, records, chosen: str):
        return records.filter(**{self.column: chosen})


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
    nothing to record (texts made for the public); `audit_values = True` where the trail also tells from
    what to what, in brief: never of anything personal. The trail takes the place of Django's own log.
    Nothing is ever deleted here.
    """

    audit_name: ClassVar[str] = ""
    audit_looking: ClassVar[bool] = True
    audit_values: ClassVar[bool] = False
    history_template: ClassVar[str] = "admin/trail.html"

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
        response = super().render_change_form(request, context, *args, **kwargs)
        if context.get("errors"):  # Django answers 200, as if all were well
            response.status_code = 422
        return response

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
        named = {"title": capfirst(self.opts.verbose_name_plural)}
        response = super().changelist_view(request, named | (extra_context or {}))
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
        """The names of the changed fields; their values only where all of them are public."""
        detail: dict[str, Any] = {"fields": sorted(form.changed_data)}
        if self.audit_values:
            detail["changes"] = {
                name: [audit.in_brief(form.initial.get(name)), audit.in_brief(form.cleaned_data.get(name))]
                for name in detail["fields"]
            }
        return detail

    def log_addition(self, request, obj, message):
        self.record(request, "added", obj)

    def log_change(self, request, obj, message):
        self.record(request, "changed", obj, **message)

    def has_delete_permission(self, request, obj=None):
        return False

    def in_words(self, events: Iterable[AuditEvent]) -> list[str]:
        """What happened in each of these events of records of this kind; the history and the trail say it."""
        return [told(event) for event in events]

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
        for event, words in zip(events, self.in_words(events), strict=True):
            event.words = words
        context = self.admin_site.each_context(request) | {
            "title": _("History of %(record)s") % {"record": target},
            "events": events,
            "original": target,
            "opts": self.opts,
        }
        return TemplateResponse(request, self.history_template, context | (extra_context or {}))


class ReadOnlyAdmin(AuditedAdmin):
    """For records that staff read and only the machine writes."""

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False
