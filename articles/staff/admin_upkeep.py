"""Live texts in the admin: evidence that changed under them, and what they claim."""

from typing import Any

from django.contrib import admin
from django.db.models import Case, Exists, F, OuterRef, QuerySet, Subquery, When
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy as _

from portal.admin import OneOf, ReadOnlyAdmin

from ..claims import Direction, HowSure
from ..models import (
    Claim,
    EvidenceFlag,
    GuideRevision,
    RevisionState,
    Source,
    Treatment,
    TreatmentRevision,
)
from .admin_records import subject_link, without_long_texts
from .steps_to_readers import Words

# --- Evidence that changed ----------------------------------------------------------------------


class SettledFilter(OneOf):
    title = _("settled")
    parameter_name = "settled"

    def lookups(self, request, model_admin):
        return [("no", _("not yet: readers see it")), *EvidenceFlag.Settled.choices]

    def narrow(self, flags, chosen):
        return flags.open() if chosen == "no" else flags.filter(settled_how=chosen)


class OnFilter(OneOf):
    title = _("what")
    parameter_name = "on"

    def lookups(self, request, model_admin):
        return [("guide", _("guides")), ("treatment", _("treatments")), ("claim", _("claims"))]

    def narrow(self, flags, chosen):
        return flags.filter(**{f"{chosen}__isnull": False})


class SourceFilter(OneOf):
    title = _("source")
    parameter_name = column = "source"

    def lookups(self, request, model_admin):
        changed = Source.objects.filter(Exists(EvidenceFlag.objects.filter(source=OuterRef("pk"))))
        return [(str(pk), key) for pk, key in changed.order_by("key").values_list("pk", "key")]


OF_GUIDE = ("guide", "claim__guide_revision__subject")
OF_TREATMENT = ("treatment", "claim__treatment_revision__subject")
WHO_NEXT = {
    RevisionState.DRAFT: _("an editor: submit the draft"),
    RevisionState.CHANGES_ASKED: _("an editor: mend what was asked for"),
    RevisionState.TAKEN_BACK: _("an editor: write on and submit"),
    RevisionState.IN_REVIEW: _("a medical reviewer: decide on the new text"),
    RevisionState.APPROVED: _("an editor: publish the approved text"),
}


def newest_state_of(model: Any, subject: tuple[str, str]) -> Subquery:
    of_flag = model.objects.kept().filter(subject=Coalesce(*map(OuterRef, subject)))
    return Subquery(of_flag.order_by("-number").values("state")[:1])


# Of the text that a flag is on: what its newest version waits for.
NEWEST_STATE = Coalesce(
    newest_state_of(GuideRevision, OF_GUIDE), newest_state_of(TreatmentRevision, OF_TREATMENT)
)


@admin.register(EvidenceFlag)
class EvidenceFlagAdmin(ReadOnlyAdmin):
    audit_name = "flag"
    audit_looking = False
    list_display = ("where", "what", "source_link", "change", "raised_at", "who_next", "settled_at", "how")
    list_display_links = None
    list_filter = (SettledFilter, OnFilter, SourceFilter, "to_state")
    search_fields = (
        *("source__key", "source__title", "guide__slug", "treatment__slug", "claim__sentence"),
        *("claim__guide_revision__subject__slug", "claim__treatment_revision__subject__slug"),
    )
    # What waits first; the flags of one text together, those of its claims after its own.
    ordering = (
        Case(When(settled_at__isnull=True, then=0), default=1),
        Coalesce(*OF_GUIDE).asc(nulls_last=True),
        Coalesce(*OF_TREATMENT),
        F("claim__position").asc(nulls_first=True),
        "-raised_at",
        "-pk",
    )
    fields = (
        "where",
        "what",
        "source_link",
        "change",
        "raised_at",
        "who_next",
        "settled_at",
        "settled_by",
        "how",
    )
    readonly_fields = ("what", "where", "source_link", "change", "who_next", "how")
    list_per_page = 50

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        of_claim = ("claim__guide_revision", "claim__treatment_revision")
        subjects = ("guide", "treatment", *(f"{path}__subject" for path in of_claim))
        live = [f"{path}__live_revision" for path in subjects]
        found = super().get_queryset(request).select_related("source", "claim", *live)
        found = found.annotate(newest_state=NEWEST_STATE)
        return found.defer(*without_long_texts(*of_claim, *live))

    @admin.display(description=_("what"))
    def what(self, flag: EvidenceFlag) -> Any:
        if flag.claim:
            url = reverse("admin:articles_claim_change", args=[flag.claim_id])
            return format_html('{}: <a href="{}">{}</a>', _("claim"), url, flag.claim.sentence)
        return _("guide") if flag.guide else _("treatment")

    @admin.display(description=_("text"))
    def where(self, flag: EvidenceFlag) -> str:
        subject = subject_of(flag)
        return subject_link(subject, subject.live_revision.title if subject.live_revision else "")

    @admin.display(description=_("who acts next"))
    def who_next(self, flag: Any) -> Words:
        """By the newest text: somebody confirms what is live, or a newer one is on its way."""
        if flag.settled_at:
            return "–"
        return WHO_NEXT.get(flag.newest_state, _("a medical reviewer: confirm it, or an editor: revise it"))

    @admin.display(description=_("source"), ordering="source__key")
    def source_link(self, flag: EvidenceFlag) -> str:
        return source_link(flag.source)

    @admin.display(description=_("change"), ordering="to_state")
    def change(self, flag: EvidenceFlag) -> str:
        return flag.change

    @admin.display(description=_("how it was settled"), ordering="settled_how")
    def how(self, flag: EvidenceFlag) -> str:
        return flag.get_settled_how_display() or str(_("not yet"))


def subject_of(flag: EvidenceFlag) -> Any:
    return flag.claim.text.subject if flag.claim else flag.guide or flag.treatment


def source_link(source: Source) -> str:
    url = reverse("admin:articles_source_change", args=[source.pk])
    return format_html('<a href="{}">{}</a> {}', url, source.key, source.plain_title)


# --- Claims -------------------------------------------------------------------------------------


class StandingFilter(OneOf):
    """Those that readers see unless asked otherwise: claims of every earlier text are kept too."""

    title = _("readers")
    parameter_name = "standing"

    def lookups(self, request, model_admin):
        return [
            ("flagged", _("See it, evidence changed")),
            ("overstated", _("See it, no source bears it any more")),
            ("all", _("All, also of other texts")),
        ]

    def choices(self, changelist):
        first, *others = super().choices(changelist)
        yield first | {"display": _("See it"), "said": True}
        yield from others

    def queryset(self, request, queryset):
        match self.value():
            case "all":
                return queryset
            case "flagged":
                return queryset.filter(Exists(EvidenceFlag.objects.open().filter(claim=OuterRef("pk"))))
            case "overstated":
                return queryset.live().overstated()
        return queryset.live()


class DirectionFilter(OneOf):
    title = _("direction")
    parameter_name = column = "direction"

    def lookups(self, request, model_admin):
        return Direction.choices


class HowSureFilter(OneOf):
    title = _("how sure")
    parameter_name = column = "how_sure"

    def lookups(self, request, model_admin):
        return HowSure.choices


class TreatmentFilter(OneOf):
    title = _("treatment")
    parameter_name = "treatment"
    column = "treatment__slug"

    def lookups(self, request, model_admin):
        return [(treatment.slug, treatment.name) for treatment in Treatment.objects.named()]


@admin.register(Claim)
class ClaimAdmin(ReadOnlyAdmin):
    audit_name = "claim"
    audit_looking = False
    list_display = ("sentence", "direction", "about", "sure", "backing", "stated_in")
    list_filter = (StandingFilter, DirectionFilter, HowSureFilter, TreatmentFilter)
    search_fields = (
        "sentence",
        "caveat",
        "sources__key",
        "guide_revision__title",
        "treatment_revision__title",
    )
    ordering = ("-pk",)
    fields = (
        *(
            "direction",
            "sentence",
            "figures",
            "about",
            "how_sure",
            "backing",
            "weakness",
            "caveat",
            "stated_in",
        ),
    )
    readonly_fields = ("figures", "about", "backing", "stated_in")
    list_per_page = 50

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        texts = ("guide_revision", "treatment_revision")
        found = super().get_queryset(request).select_related("treatment__live_revision")
        found = found.select_related(*(f"{path}__subject" for path in texts)).prefetch_related("sources")
        return found.defer(*without_long_texts(*texts, "treatment__live_revision"))

    @admin.display(description=_("treatment"), ordering="treatment__slug")
    def about(self, claim: Claim) -> str:
        return subject_link(claim.treatment, claim.treatment.name)

    @admin.display(description=_("how sure"), ordering="how_sure")
    def sure(self, claim: Claim) -> str:
        """The level without what it means."""
        return str(claim.get_how_sure_display()).partition(":")[0] or "–"

    @admin.display(description=_("sources"))
    def backing(self, claim: Claim) -> str:
        shown = ((source_link(source), stand(source)) for source in claim.sources.all())
        return format_html_join(", ", "{}{}", shown)

    @admin.display(description=_("stated in"))
    def stated_in(self, claim: Claim) -> str:
        text = claim.text
        number = _("version %(number)s") % {"number": text.number}
        seen = "" if text.subject.live_revision_id == text.pk else _("not read now")
        link = subject_link(text.subject, text.title)
        return format_html("{}, {}{}", link, number, format_html(" ({})", seen) if seen else "")

    @admin.display(description=_("people"))
    def figures(self, claim: Claim) -> str:
        if claim.count is None:
            return "–"
        said = figure_of(claim.count, claim.of, claim.group)
        if claim.other_count is None:
            return said
        return f"{said}; {figure_of(claim.other_count, claim.other_of, claim.other)}"


def figure_of(count: int | None, of: int | None, group: str) -> str:
    words = _("%(count)s of %(of)s with %(group)s") if group else _("%(count)s of %(of)s")
    return words % {"count": count, "of": of, "group": group}


def stand(source: Source) -> str:
    return "" if source.is_current else f" ({source.get_state_display()})"
