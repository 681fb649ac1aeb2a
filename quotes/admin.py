"""The list of leads, its filters and its export, and the destinations. One lead: quotes.lead_page."""

import datetime as dt

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef
from django.http import (
    HttpRequest,
    HttpResponseBase,
    HttpResponseRedirect,
    StreamingHttpResponse,
)
from django.urls import path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST
from django_countries import countries

from articles.models import Treatment
from portal.admin import AuditedAdmin, OneOf, what_was_listed
from portal.models import User

from . import desk, finding, summary
from .export import lead_lines
from .lead_forms import still_works
from .lead_page import LeadPage
from .models import Destination, QuoteRequest, Stage

# So long a requester may take before somebody asks whether the lead was forgotten.
PARKED_AFTER = dt.timedelta(days=14)


class StageFilter(OneOf):
    """Open leads unless asked otherwise: old closed ones would stand first by their promised time."""

    title = _("stage")
    parameter_name = "stage"

    def lookups(self, request, model_admin):
        parked = _("Waiting for them, over %(days)d days") % {"days": PARKED_AFTER.days}
        ours = [("all", _("All, closed too")), ("ours", _("Waiting for us")), ("parked", parked)]
        return [*ours, *Stage.choices]

    def choices(self, changelist):
        first, *others = super().choices(changelist)
        # It narrows the list, so the folded filter says it too.
        yield first | {"display": _("Any, while you search") if self.searching() else _("Open"), "said": True}
        yield from others

    def searching(self) -> bool:
        return bool(self.request.GET.get("q", "").strip())

    def queryset(self, request, queryset):
        # Who searches for one person must find them closed too.
        if self.value() is None and not self.searching():
            return queryset.open()
        return super().queryset(request, queryset)

    def narrow(self, leads, chosen):
        if chosen == "ours":
            return leads.waiting_for_us()
        if chosen == "parked":
            return leads.parked_since(timezone.now() - PARKED_AFTER)
        return leads if chosen == "all" else leads.filter(stage=chosen)


class WaitingFilter(OneOf):
    """What waits for us for so long, and what waits for them and may have been forgotten."""

    title = _("waiting longer than")
    parameter_name = "waiting"

    def lookups(self, request, model_admin):
        return [(str(days), ngettext("%d day", "%d days", days) % days) for days in (1, 3, 7, 14)]

    def narrow(self, leads, chosen):
        now = timezone.now()
        for_us = leads.unchanged_since(now - dt.timedelta(days=int(chosen)))
        return for_us | leads.parked_since(now - PARKED_AFTER)


class AssigneeFilter(OneOf):
    title = _("assigned to")
    parameter_name = "assignee"

    def lookups(self, request, model_admin):
        self.me = request.user.pk
        has_leads = Exists(QuoteRequest.objects.filter(assignee=OuterRef("pk")))
        others = User.objects.filter(has_leads).exclude(pk=self.me).order_by("username")
        others = others.annotate(works=still_works("pk"))
        return [
            ("me", _("Me")),
            ("nobody", _("Nobody")),
            *((str(member.pk), desk.holder(member, works=member.works)) for member in others),
        ]

    def narrow(self, leads, chosen):
        if chosen == "nobody":
            return leads.filter(assignee__isnull=True)
        return leads.filter(assignee=self.me if chosen == "me" else chosen)


class NewsFilter(OneOf):
    title = _("e-mails about the evidence")
    parameter_name = "news"

    def lookups(self, request, model_admin):
        return [("wanted", _("Wants them"))]

    def narrow(self, leads, chosen):
        return leads.wanting_news()


class TreatmentFilter(OneOf):
    title = _("treatment")
    parameter_name = "treatment"

    def lookups(self, request, model_admin):
        treatments = Treatment.objects.named()
        return [
            *((treatment.slug, treatment.name) for treatment in treatments),
            ("not-sure", _("Not sure")),
        ]

    def narrow(self, leads, chosen):
        if chosen == "not-sure":
            return leads.filter(treatment__isnull=True)
        return leads.filter(treatment__slug=chosen)


class CountryFilter(OneOf):
    """Offers the countries of open leads, which are few; any other can be asked for in the address."""

    title = _("home country")
    parameter_name = column = "country"

    def lookups(self, request, model_admin):
        open_leads = QuoteRequest.objects.open().order_by()
        asked = self.used_parameters.get(self.parameter_name)
        codes = {asked, *open_leads.values_list("country", flat=True).distinct()}
        known = [(code, countries.name(code)) for code in codes if code and code in countries]
        return sorted(known, key=lambda choice: choice[1])


@admin.register(QuoteRequest)
class LeadAdmin(LeadPage):
    """The list of leads, and its export."""

    list_display = [
        "reference",
        "clock",
        "stage",
        "received",
        "treatment_name",
        "country_name",
        "assignee_name",
    ]
    FOUND = ("reference", "name", "phoning", "clock", "stage", "country_name", "assignee_name")
    list_filter = [StageFilter, WaitingFilter, AssigneeFilter, TreatmentFilter, CountryFilter, NewsFilter]
    list_select_related = ["assignee", "treatment__live_revision"]
    list_per_page = 30
    list_max_show_all = 0
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    search_fields = ["reference", "email", "name", "phone"]  # how: quotes.finding
    search_help_text = _(
        "Reference, phone number, name, or the beginning of an e-mail. Finds closed leads too."
    )
    actions = ["export_selected"]

    def get_list_display(self, request):
        """A name only where somebody was looked for, and then without what they asked for."""
        return self.FOUND if request.GET.get("q", "").strip() else self.list_display

    def get_search_results(self, request, queryset, search_term):
        return (queryset.filter(finding.by(search_term)) if search_term.strip() else queryset), False

    @admin.display(description=_("phoning"))
    def phoning(self, lead):
        if lead.stage == Stage.WITHDRAWN:
            return _("nobody contacts them")
        return _("Do not phone") if lead.do_not_phone else _("allowed")

    @admin.display(description=_("clock"), ordering="answer_due_on")
    def clock(self, lead):
        clock = desk.clock(lead, now=timezone.now())
        return format_html('<span class="clock clock-{}">{}</span>', clock.state, clock.words)

    @admin.display(description=_("received"), ordering="submitted_at")
    def received(self, lead):
        return date_format(timezone.localdate(lead.submitted_at), "j F Y")

    @admin.display(description=_("treatment"))
    def treatment_name(self, lead):
        return summary.words(lead, "treatment")

    @admin.display(description=_("home country"), ordering="country")
    def country_name(self, lead):
        return summary.words(lead, "country")

    @admin.display(description=_("assigned to"), ordering="assignee__username")
    def assignee_name(self, lead):
        return desk.holder(lead.assignee, works=lead.assignee_works)

    def changelist_view(self, request, extra_context=None):
        here = {"title": _("Leads"), "may_export": self.may(request, "export")}
        return super().changelist_view(request, here | (extra_context or {}))

    # --- Export ---------------------------------------------------------------------------------

    def get_urls(self):
        view = self.admin_site.admin_view(require_POST(self.export_list))
        export = path("export/", view, name="quotes_quoterequest_export")
        return [export, *super().get_urls()]

    def has_export_permission(self, request: HttpRequest) -> bool:
        return self.may(request, "export")

    @admin.action(description=_("Export selected leads"), permissions=["export"])
    def export_selected(self, request, queryset):
        listed = what_was_listed(request, self.get_changelist_instance(request))
        return self.exported(request, queryset, **listed | {"selected": True})

    def export_list(self, request: HttpRequest) -> HttpResponseBase:
        """All leads of the list as it is filtered in this address."""
        if not (self.has_view_permission(request) and self.may(request, "export")):
            raise PermissionDenied
        try:
            changelist = self.get_changelist_instance(request)
        except IncorrectLookupParameters:
            return HttpResponseRedirect(reverse("admin:quotes_quoterequest_changelist"))
        listed = what_was_listed(request, changelist)
        return self.exported(request, changelist.queryset, **listed | {"selected": False})

    def exported(self, request: HttpRequest, leads, **listed) -> StreamingHttpResponse:
        """The leads as a file, and an event that says how they were chosen and how many they are."""
        self.record(request, "exported", **listed | {"count": leads.count()})
        return StreamingHttpResponse(
            lead_lines(leads),
            content_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="leads-{timezone.localdate()}.csv"'},
        )


@admin.register(Destination)
class DestinationAdmin(AuditedAdmin):
    audit_name = "destination"
    audit_looking = False
    list_display = ["name", "country_name", "active"]
    list_filter = ["active"]
    search_fields = ["name", "slug"]
    fields = ["name", "slug", "country", "active"]
    prepopulated_fields = {"slug": ["name"]}

    @admin.display(description=_("country"), ordering="country")
    def country_name(self, destination):
        return countries.name(destination.country)
