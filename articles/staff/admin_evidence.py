"""The evidence in the admin: sources, whom trials take in, words explained."""

import datetime as dt
from typing import Any, ClassVar, cast

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from portal.admin import OneOf
from portal.models import User
from portal.wording import unsourced

from .. import flags, sources, texts
from ..evidence import FACTS
from ..models import Claim, EvidenceFlag, GlossaryTerm, Guide, Source, Treatment, TrialCriteria
from ..trial_fit import DAY, MONTH, YEAR
from .admin_records import PLAIN_ADDRESS, FindableAdmin, RecordAdmin, UnreviewedWordsForm, subject_link
from .checks_panel import telling
from .editing import LinesField

# After this a source, or whom a trial takes in, is to be looked up again.
CHECK_RECORDS_AFTER = dt.timedelta(days=180)
# What whoever only says that the state of a source has changed fills in.
STATE = ("state", "superseded_by", "reason")


class CheckedRecordForm(UnreviewedWordsForm):
    """For records of which readers are told when they were last looked up."""

    def clean_checked_on(self) -> dt.date:
        day: dt.date = self.cleaned_data["checked_on"]
        if day > timezone.localdate():
            raise ValidationError(_("This day has not come yet."))
        return day


class SourceForm(CheckedRecordForm):
    SEEN = sources.SEEN
    person: User  # who fills it in (SourceAdmin.get_form)

    reason = forms.CharField(
        label=_("Why it changes"),
        required=False,
        max_length=400,
        validators=[telling],
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_(
            "Needed when you change the state, and where texts lean on the source also for its kind, design, "
            "comparison, main measure or number of people. Every guide, treatment and claim that readers see "
            "and that uses this source is then flagged, and says so, until somebody confirms or revises it."
        ),
    )

    def clean(self):
        cleaned = super().clean()
        state = self.cleaned_data.get("state")
        if state == Source.State.SUPERSEDED and not self.cleaned_data.get("superseded_by"):
            self.add_error("superseded_by", _("Name the source that supersedes this one."))
        self.ask_why()
        return cleaned

    def ask_why(self) -> None:
        """A stored source changes what texts lean on with a reason; and a reason for nothing is told."""
        if not self.instance.pk or "reason" in self.errors:
            return
        stored = Source.objects.get(pk=self.instance.pk)
        why = texts.printable(self.cleaned_data.get("reason", ""))
        if (missing := sources.needs_reason(stored, self.changed_data)) and not why:
            self.add_error("reason", missing)
        elif why and not {"state", *FACTS} & set(self.changed_data):
            self.add_error("state", _("You wrote why it changes. Choose the new state, or clear the reason."))
        state = self.cleaned_data.get("state") or stored.state
        if state != stored.state and (
            fault := sources.may_not_state(stored, state, by=self.person, now=timezone.now())
        ):
            self.add_error("state", fault)

    def changes(self) -> dict[str, Any]:
        """What is to be stored, by field name: of a stored record what is new."""
        fields = (*Source._meta.concrete_fields, *Source._meta.many_to_many)
        written = {field.name for field in fields} & set(self.cleaned_data)
        new = written & set(self.changed_data) if self.instance.pk else written
        return {name: self.cleaned_data[name] for name in new}


class StandingFilter(OneOf):
    title = _("readers")
    parameter_name = "readers"

    def lookups(self, request, model_admin):
        return [
            ("used", _("see what stands on it")),
            ("flagged", _("see that it has changed")),
            ("unused", _("see nothing that stands on it")),
        ]

    def narrow(self, sources, chosen):
        if chosen == "flagged":
            return sources.filter(Exists(EvidenceFlag.objects.open().filter(source=OuterRef("pk"))))
        unused = Q(uses_guides=0, uses_treatments=0, uses_claims=0)
        return sources.filter(unused if chosen == "unused" else ~unused)


class CheckedFilter(OneOf):
    """For sources and whom trials take in: what nobody has checked for long."""

    title = _("checked")
    parameter_name = "checked"

    def lookups(self, request, model_admin):
        days = {"days": CHECK_RECORDS_AFTER.days}
        return [("long_ago", _("not for %(days)d days") % days)]

    def narrow(self, records, chosen):
        return records.filter(checked_on__lt=timezone.localdate() - CHECK_RECORDS_AFTER)


def number_of(users: QuerySet) -> Coalesce:
    """How many rows, each counted once, a subquery has."""
    counted = users.order_by().annotate(all=Value(1)).values("all").annotate(n=Count("pk", distinct=True))
    return Coalesce(Subquery(counted.values("n")), 0)


def on_outer_source(model: Any) -> QuerySet:
    """The live guides or treatments that stand on the source of the outer query."""
    by_claim = Q(live_revision__claim_rows__sources=OuterRef("pk"))
    return model.objects.filter(Q(live_revision__cited=OuterRef("pk")) | by_claim)


@admin.register(Source)
class SourceAdmin(RecordAdmin):
    audit_name = "source"
    form = SourceForm
    only_to_write = ("opened", "reason")
    list_display = (
        "key",
        "name",
        "kind",
        "year",
        "main_measure",
        "state",
        "in_use",
        "sure",
        "checked_on",
    )
    list_filter = ("state", StandingFilter, CheckedFilter, "kind", "main_measure", "sureness")
    search_fields = ("key", "title", "plain_title", "publisher", "doi", "pmid", "registration", "finding")
    fields = (
        *("key", "title", "plain_title", "kind", "publisher", "year", "url", "doi", "pmid", "registration"),
        *("design", "people", "time_since_stroke", "control", "main_measure", "finding"),
        *("treatments", "sureness", "state", "superseded_by", "reason", "checked_on"),
        *("used_by_guides", "used_by_treatments", "used_by_claims", "takes_in", "opened"),
    )
    readonly_fields = ("used_by_guides", "used_by_treatments", "used_by_claims", "takes_in")
    formfield_overrides = PLAIN_ADDRESS | {models.URLField: {"assume_scheme": "https"}}
    list_per_page = 50

    def formfield_for_foreignkey(self, db_field, request, **options):
        """The newer source is chosen by its name, not by its key alone."""
        field: Any = super().formfield_for_foreignkey(db_field, request, **options)
        field.label_from_instance = lambda source: f"{source.key}: {source.name}"
        return field

    def formfield_for_manytomany(self, db_field, request, **options):
        boxes = {"widget": forms.CheckboxSelectMultiple()}
        return super().formfield_for_manytomany(db_field, request, **options | boxes)

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        claims = Claim.objects.live().filter(sources=OuterRef("pk"))
        return (
            super()
            .get_queryset(request)
            .annotate(
                uses_guides=number_of(on_outer_source(Guide)),
                uses_treatments=number_of(on_outer_source(Treatment)),
                uses_claims=number_of(claims),
                may_record=Value(request.user.has_perm("articles.add_trialcriteria")),
            )
        )

    def may_write(self, request: HttpRequest) -> bool:
        """Whether this person keeps the records; others may only say that a state has changed."""
        return super().has_change_permission(request)

    def has_change_permission(self, request, obj=None):
        may_state: bool = request.user.has_perm("articles.state_source")
        return may_state or super().has_change_permission(request, obj)

    def get_fields(self, request, obj=None):
        hidden = () if obj else ("reason", *self.readonly_fields)
        shown = [name for name in super().get_fields(request, obj) if name not in hidden]
        if self.may_write(request) or not self.has_change_permission(request, obj):
            return shown
        return [*STATE, *(name for name in shown if name not in STATE)]

    def get_readonly_fields(self, request, obj=None):
        if not self.may_write(request):
            return [name for name in self.fields if name not in (*STATE, "opened")]
        # Texts cite the key: changing it would break each of them.
        return (*self.readonly_fields, "key") if obj else self.readonly_fields

    def get_form(self, request, obj=None, change=False, **options):
        form: Any = super().get_form(request, obj, change, **options)
        form.person = request.user
        return form

    # --- Saving ---------------------------------------------------------------------------------

    def save_model(self, request, obj, form, change):
        by, now = cast("User", request.user), timezone.now()
        if change:
            reason = form.cleaned_data.get("reason", "")
            told = sources.change(obj, form.changes(), reason=reason, by=by, now=now)
            self.tell(request, obj, told)
        else:
            obj.pk = sources.add(form.changes(), by=by, now=now).pk
            obj.refresh_from_db()

    def log_addition(self, request, obj, message):
        """The verb has left the trail."""

    def log_change(self, request, obj, message):
        """The verb has left the trail."""

    def tell(self, request: HttpRequest, source: Source, told: sources.Changed) -> None:
        """What the change means for what readers see."""
        if told.flagged:
            self.message_user(request, flagged_in_words(source, told.flagged), messages.WARNING)
        if told.overstated:
            url = reverse("admin:articles_claim_changelist") + "?standing=overstated"
            said = ngettext(
                "Readers see %(number)s benefit that now stands on no source with a control group and a main "
                "measure that was met. Revise its text.",
                "Readers see %(number)s benefits that now stand on no source with a control group and a main "
                "measure that was met. Revise their texts.",
                len(told.overstated),
            ) % {"number": len(told.overstated)}
            link = format_html('{} <a href="{}">{}</a>', said, url, _("See which"))
            self.message_user(request, link, messages.WARNING)

    # --- What stands on it ----------------------------------------------------------------------

    @admin.display(description=_("sure"), ordering="sureness")
    def sure(self, source: Source) -> str:
        """The letter without what it means."""
        return source.sureness

    @admin.display(description=_("readers see on it"))
    def in_use(self, source: Any) -> str:
        return uses_in_words(source.uses_guides, source.uses_treatments, source.uses_claims) or "–"

    @admin.display(description=_("guides that readers see and that use it"))
    def used_by_guides(self, source: Source) -> str:
        return self.used_by(source, "guide")

    @admin.display(description=_("treatments that readers see and that use it"))
    def used_by_treatments(self, source: Source) -> str:
        return self.used_by(source, "treatment")

    @admin.display(description=_("claims that readers see and that use it"))
    def used_by_claims(self, source: Source) -> str:
        claims = flags.claims_on(source).select_related("guide_revision__subject")
        named = ((claim_link(claim),) for claim in claims.select_related("treatment_revision__subject"))
        return format_html_join("", "<p>{}</p>", named) or str(_("none"))

    def used_by(self, source: Source, kind: str) -> str:
        subjects = flags.users_of(source)[kind].named()
        links = ((subject_link(subject, subject.live_revision.title),) for subject in subjects)
        return format_html_join("", "<p>{}</p>", links) or str(_("none"))

    @admin.display(description=_("whom the trial takes in"))
    def takes_in(self, source: Any) -> str:
        found = TrialCriteria.objects.filter(source=source).first()
        if found is None:
            url = reverse("admin:articles_trialcriteria_add") + f"?source={source.pk}"
            link = format_html('. <a href="{}">{}</a>', url, _("Record it")) if source.may_record else ""
            return format_html("{}{}", _("Not recorded"), link)
        url = reverse("admin:articles_trialcriteria_change", args=[found.pk])
        return format_html('<a href="{}">{}</a>', url, found.get_recruiting_display())


def claim_link(claim: Claim) -> str:
    url = reverse("admin:articles_claim_change", args=[claim.pk])
    said = f"{claim.get_direction_display()}: {claim.sentence}"
    return format_html('<a href="{}">{}</a> ({})', url, said, subject_link(claim.text.subject))


def uses_in_words(guides: int, treatments: int, claims: int) -> str:
    """'2 guides, 1 treatment, 3 claims'; nothing of what there is none of."""
    counted = (
        (guides, ngettext("%d guide", "%d guides", guides)),
        (treatments, ngettext("%d treatment", "%d treatments", treatments)),
        (claims, ngettext("%d claim", "%d claims", claims)),
    )
    return ", ".join(words % number for number, words in counted if number)


def flagged_in_words(source: Source, flagged: dict[str, int]) -> str:
    said = uses_in_words(flagged["guides"], flagged["treatments"], flagged["claims"])
    if not said:
        return str(_("Nothing that readers see is flagged for this change."))
    url = reverse("admin:articles_evidenceflag_changelist") + f"?source={source.pk}"
    return format_html(
        '{} <a href="{}">{}</a>', _("Flagged for review: %(what)s.") % {"what": said}, url, _("See which")
    )


# --- Whom trials take in ------------------------------------------------------------------------


class TrialCriteriaForm(CheckedRecordForm):
    SEEN = ("places", "also")


@admin.register(TrialCriteria)
class TrialCriteriaAdmin(RecordAdmin):
    audit_name = "criteria"
    form = TrialCriteriaForm
    list_display = ("source", "recruiting", "stroke", "since", "ages", "places", "checked_on")
    list_filter = ("recruiting", CheckedFilter, "stroke")
    list_select_related = ("source",)
    search_fields = ("source__key", "source__title", "source__plain_title", "places")
    fields = (
        *("source", "recruiting", "stroke", "since_from_hours", "since_to_hours", "age_from", "age_to"),
        *("places", "also", "checked_on", "opened"),
    )

    def get_readonly_fields(self, request, obj=None):
        return ("source",) if obj else ()

    @admin.display(description=_("time since the stroke"))
    def since(self, criteria: TrialCriteria) -> str:
        bounds = (criteria.since_from_hours, criteria.since_to_hours)
        return between(*(None if hours is None else time_in_words(hours) for hours in bounds))

    @admin.display(description=_("age"))
    def ages(self, criteria: TrialCriteria) -> str:
        return between(criteria.age_from, criteria.age_to)


def time_in_words(hours: int) -> str:
    """In the largest unit that gives a whole number."""
    units = (
        (YEAR, lambda n: ngettext("%d year", "%d years", n)),
        (MONTH, lambda n: ngettext("%d month", "%d months", n)),
        (DAY, lambda n: ngettext("%d day", "%d days", n)),
        (1, lambda n: ngettext("%d hour", "%d hours", n)),
    )
    size, words = next(unit for unit in units if unit[0] == 1 or (hours and hours % unit[0] == 0))
    return words(hours // size) % (hours // size)


def between(first: Any, last: Any) -> str:
    if first is None and last is None:
        return str(_("not said"))
    if last is None:
        return _("from %(first)s") % {"first": first}
    return _("up to %(last)s") % {"last": last} if first is None else f"{first}–{last}"


# --- Words explained ----------------------------------------------------------------------------


class GlossaryTermForm(UnreviewedWordsForm):
    SEEN: ClassVar[tuple[str, ...]] = ("term", "explanation")

    also = LinesField(
        label=_("Other spellings"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Plurals and variants, one per line."),
    )

    def clean_explanation(self) -> str:
        """An explanation can cite nothing, so it counts nobody."""
        explanation: str = self.cleaned_data["explanation"]
        if faults := [*unsourced(explanation)]:
            raise ValidationError(faults)
        return explanation

    class Meta:
        model = GlossaryTerm
        fields = ("term", "also", "explanation")


@admin.register(GlossaryTerm)
class GlossaryTermAdmin(FindableAdmin):
    audit_name = "term"
    form = GlossaryTermForm
    list_display = ("term", "explanation")
    search_fields = ("term", "explanation")

    def save_model(self, request, obj, form, change):
        super().save_model(request, obj, form, change)
        self.message_user(request, _("Texts will show it within a minute or two."))
