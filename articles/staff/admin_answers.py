"""What readers answer to "was this useful?", in the admin: by guide and section, each with its comment."""

import datetime as dt
from typing import Any

from django.contrib import admin
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _

from portal.admin import OneOf, ReadOnlyAdmin

from ..models import Feedback, Guide
from .admin_records import subject_link, without_long_texts
from .steps_to_readers import Words

SECTIONS_SHOWN = 40
ANSWERED_WITHIN = (7, 30, 365)  # days that the list offers


class GuideFilter(OneOf):
    title = _("guide")
    parameter_name = "guide"
    column = "guide__slug"

    def lookups(self, request, model_admin):
        answered = Guide.objects.filter(Exists(Feedback.objects.filter(guide=OuterRef("pk"))))
        titles = answered.order_by("live_revision__title", "slug").values_list("slug", "live_revision__title")
        return [(slug, title or slug) for slug, title in titles]


class SectionFilter(OneOf):
    """The sections of the chosen guide; the same heading may stand in several."""

    title = _("section")
    parameter_name = column = "section"

    def lookups(self, request, model_admin):
        slug = request.GET.get("guide", "").replace("\0", "")
        answers = Feedback.objects.filter(guide__slug=slug) if slug else Feedback.objects.all()
        sections = answers.exclude(section="").order_by("section").values_list("section", flat=True)
        return [(section, section) for section in sections.distinct()[:SECTIONS_SHOWN]]


class GivenFilter(OneOf):
    """How long ago, counted as the first page counts."""

    title = _("given")
    parameter_name = "days"

    def lookups(self, request, model_admin):
        return [(str(days), _("in the last %(days)d days") % {"days": days}) for days in ANSWERED_WITHIN]

    def narrow(self, answers, chosen):
        return given_within(answers, int(chosen), timezone.now())


def given_within(answers: QuerySet, days: int, now: dt.datetime) -> QuerySet:
    """From the beginning of the day so many days ago, so that whoever counts again today counts the same."""
    first = timezone.localdate(now) - dt.timedelta(days=days)
    return answers.filter(at__gte=timezone.make_aware(dt.datetime.combine(first, dt.time())))


@admin.register(Feedback)
class FeedbackAdmin(ReadOnlyAdmin):
    audit_name = "feedback"
    audit_looking = False
    change_list_template = "admin/articles/feedback/change_list.html"
    list_display = (
        *("at", "about", "section_in_words", "was_useful", "short_comment", "in_easy", "revision_number"),
    )
    list_filter = (GuideFilter, "useful", GivenFilter, SectionFilter, "easy")
    search_fields = ("comment", "section", "guide__slug")
    fields = ("at", "about", "section_in_words", "was_useful", "comment", "in_easy", "revision_number")
    readonly_fields = ("about", "section_in_words", "was_useful", "in_easy")
    list_per_page = 50

    def changelist_view(self, request, extra_context=None):
        response = super().changelist_view(request, extra_context)
        shows = getattr(response, "context_data", None) or {}
        if "cl" in shows:
            shows["counts"] = counts(shows["cl"].queryset)
        return response

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        found = super().get_queryset(request).select_related("guide__live_revision")
        return found.defer(*without_long_texts("guide__live_revision"))

    @admin.display(description=_("guide"), ordering="guide__live_revision__title")
    def about(self, answer: Feedback) -> str:
        live = answer.guide.live_revision
        return subject_link(answer.guide, live.title if live else "")

    # In words: Django's picture of a cross has no name that a screen reader could say.
    @admin.display(description=_("useful"), ordering="useful")
    def was_useful(self, answer: Feedback) -> Words:
        return _("yes") if answer.useful else _("no")

    @admin.display(description=_("easy version"), ordering="easy")
    def in_easy(self, answer: Feedback) -> Words:
        return _("yes") if answer.easy else _("no")

    @admin.display(description=_("section"), ordering="section")
    def section_in_words(self, answer: Feedback) -> Any:
        return answer.section or _("the whole guide")

    @admin.display(description=_("comment"))
    def short_comment(self, answer: Feedback) -> str:
        return Truncator(answer.comment).chars(200)


def counts(answers: QuerySet) -> list[dict[str, Any]]:
    """By guide and section how many answered and how many found it useful, most answers first; one query."""
    by_section = answers.order_by().values("guide", "guide__slug", "guide__live_revision__title", "section")
    counted = by_section.annotate(answers=Count("pk"), found_useful=Count("pk", filter=Q(useful=True)))
    return list(counted.order_by("-answers", "guide__slug", "section")[:SECTIONS_SHOWN])
