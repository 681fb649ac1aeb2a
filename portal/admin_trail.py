"""The trail in the admin: who did what with which record, in words, searched by anybody's name."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.apps import apps
from django.contrib import admin
from django.db.models import Model, Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from .admin_bases import RECORD_NUMBER, AuditedAdmin, DeclaredFilters, ReadOnlyAdmin
from .models import AuditEvent, User
from .templatetags.staff_words import actor, deed, noted, told

Words = str | Promise


def model_of(kind: str) -> type[Model] | None:
    try:
        return apps.get_model(kind)
    except (LookupError, ValueError):  # a kind of record that is no more
        return None


def kind_in_words(kind: str) -> str:
    model = model_of(kind)
    return str(capfirst(model._meta.verbose_name)) if model else kind


class ValuesInWords(admin.SimpleListFilter):
    """The values that occur in a column, each in words."""

    parameter_name: str

    def in_words(self, value: str) -> str:
        raise NotImplementedError

    def lookups(self, request, model_admin):
        values = AuditEvent.objects.order_by().values_list(self.parameter_name, flat=True).distinct()
        return sorted(((value or "none", self.in_words(value)) for value in values), key=lambda pair: pair[1])

    def queryset(self, request, queryset):
        chosen = self.value()
        if chosen is None:
            return queryset
        return queryset.filter(**{self.parameter_name: "" if chosen == "none" else chosen})


class DeedFilter(ValuesInWords):
    title = _("what")
    parameter_name = "action"

    def in_words(self, value):
        kind, _dot, _verb = value.partition(".")
        return f"{capfirst(kind)}: {deed(value)}"


class RoleFilter(ValuesInWords):
    title = _("role")
    parameter_name = "actor_role"

    def in_words(self, value):
        return value or str(_("without a role"))


class KindFilter(ValuesInWords):
    title = _("kind of record")
    parameter_name = "target_type"

    def in_words(self, value):
        return kind_in_words(value)


class TrailList(DeclaredFilters):
    def get_results(self, request):
        super().get_results(request)
        self.result_list = list(self.result_list)
        prepare(request, self.result_list)


def prepare(request: HttpRequest, events: Iterable[AuditEvent]) -> None:
    """Give each event its words and the address of its record; a few queries a kind of record."""
    by_kind = defaultdict(list)
    for event in events:
        by_kind[event.target_type].append(event)
    for kind, same in by_kind.items():
        model = model_of(kind)
        made = admin.site._registry.get(model) if model else None
        prepare_kind(request, made, same)


def prepare_kind(request: HttpRequest, made: Any, events: list[AuditEvent]) -> None:
    ours = isinstance(made, AuditedAdmin)
    words = made.in_words(events) if ours else [told(event) for event in events]
    there = records_there(made, events) if ours and made.has_view_permission(request) else set()
    for event, said in zip(events, words, strict=True):
        event.words = said
        event.url = address(made, event) if event.target_id in there else ""


def records_there(made: Any, events: list[AuditEvent]) -> set[str]:
    numbers = {event.target_id for event in events if RECORD_NUMBER.fullmatch(event.target_id)}
    found = made.model._default_manager.filter(pk__in=numbers)
    return {str(pk) for pk in found.values_list("pk", flat=True)}


def address(made: Any, event: AuditEvent) -> str:
    options = made.opts
    return reverse(f"admin:{options.app_label}_{options.model_name}_change", args=[event.target_id])


@admin.register(AuditEvent)
class TrailAdmin(ReadOnlyAdmin):
    audit_name = "trail"
    list_display = ("at", "who", "actor_role", "what", "record_in_words")
    list_filter = ("at", DeedFilter, RoleFilter, KindFilter)
    search_fields = ("actor_name", "action", "target_label", "=target_id", "=request_id")
    search_help_text = _("Name of a person, name of a record, or the number of a request.")
    fields = ("at", "who", "actor_role", "what", "record_in_words", "detail_in_words", "request_id")
    readonly_fields = ("who", "what", "record_in_words", "detail_in_words")
    list_per_page = 50
    show_full_result_count = False

    def get_fields(self, request, obj=None):
        """The detail only where the words before it do not say it."""
        more = noted(obj) if obj else ""
        said = not more or more in obj.words
        return [name for name in self.fields if name != "detail_in_words" or not said]

    def get_changelist(self, request, **kwargs):
        return TrailList

    def changelist_view(self, request, extra_context=None):
        return super().changelist_view(request, {"title": _("Trail")} | (extra_context or {}))

    def get_object(self, request, object_id, from_field=None):
        event = super().get_object(request, object_id, from_field)
        if event:
            prepare(request, [event])
        return event

    def render_change_form(self, request, context, *args, obj=None, **kwargs):
        context["title"] = _("An event of the trail")
        context["subtitle"] = ""
        return super().render_change_form(request, context, *args, obj=obj, **kwargs)

    def get_search_results(self, request, queryset, search_term):
        """Who is searched by any of their names is found under the name they had at the time too."""
        found, may_repeat = super().get_search_results(request, queryset, search_term)
        words = search_term.split()
        if not words:
            return found, may_repeat
        people = User.objects.all()
        for word in words:
            people = people.filter(named(word))
        return found | queryset.filter(actor_id__in=people.values("pk")), may_repeat

    @admin.display(description=_("who"), ordering="actor_name")
    def who(self, event: AuditEvent) -> Words:
        return actor(event)

    @admin.display(description=_("what"), ordering="action")
    def what(self, event: AuditEvent) -> str:
        return event.words

    @admin.display(description=_("record"), ordering="target_label")
    def record_in_words(self, event: AuditEvent) -> str:
        words = f"{kind_in_words(event.target_type)} {event.target_label}".strip()
        return format_html('<a href="{}">{}</a>', event.url, words) if event.url else words

    @admin.display(description=_("detail"))
    def detail_in_words(self, event: AuditEvent) -> str:
        return noted(event)


def named(word: str) -> Q:
    names = ("username", "first_name", "last_name", "byline")
    return Q.create([Q((f"{name}__icontains", word)) for name in names], connector=Q.OR)
