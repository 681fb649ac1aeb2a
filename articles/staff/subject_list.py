"""The lists of guides and treatments in the admin: how far each is, since when it is read, what is due."""

import datetime as dt
from typing import Any, ClassVar, cast

from django.contrib import admin
from django.db.models import Max, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, Concat, NullIf, Trim
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from portal.admin import AuditedAdmin
from portal.models import User

from ..models import RevisionState
from ..versions import may
from .steps_to_readers import Words


class SubjectList(AuditedAdmin):
    audit_looking = False
    list_display = ("newest_title", "state_in_words", "live_since", "next_review", "evidence", "author")
    list_display_links = ("newest_title",)
    search_fields = ("slug", "revisions__title")
    list_per_page = 50
    revision_model: ClassVar[Any]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        all_texts = texts = self.revision_model.objects.filter(subject=OuterRef("pk"))
        if not self.may_read_drafts(request):
            texts = texts.filter(pk=OuterRef("live_revision"))
        newest = texts.kept().order_by("-number")
        full_name = Trim(Concat("author__first_name", Value(" "), "author__last_name"))
        # As User.public_name has it.
        name = Coalesce(NullIf("author__byline", Value("")), NullIf(full_name, Value("")), "author__username")
        subjects = cast("Any", super().get_queryset(request))
        withdrawn = all_texts.order_by().values("subject").annotate(last=Max("withdrawn_at"))
        return subjects.named().annotate(
            title=Subquery(newest.values("title")[:1]),
            newest_state=Subquery(newest.values("state")[:1]),
            author_name=Subquery(newest.values(name=name)[:1]),
            withdrawn_at=Subquery(withdrawn.values("last")),
        )

    def get_ordering(self, request: HttpRequest) -> Any:
        """Who asks what is to be checked reads it by the day."""
        by_day = request.GET.get("readers") in ("due", "overdue")
        return ("live_revision__next_review_on", "slug") if by_day else super().get_ordering(request)

    def get_search_fields(self, request: HttpRequest) -> tuple[str, ...]:
        return self.search_fields if self.may_read_drafts(request) else ("slug", "live_revision__title")

    def may_read_drafts(self, request: HttpRequest) -> bool:
        """Whether this person may see texts that readers do not see; who writes them may."""
        may_view = may(cast("User", request.user), "view", self.revision_model)
        return may_view or self.has_change_permission(request)

    @admin.display(description=_("title"), ordering="title")
    def newest_title(self, subject: Any) -> str:
        return subject.title or subject.slug

    @admin.display(description=_("newest text"), ordering="newest_state")
    def state_in_words(self, subject: Any) -> Words:
        if subject.newest_state == RevisionState.PUBLISHED and not subject.is_live:
            return _("withdrawn")
        if subject.newest_state:
            return RevisionState(subject.newest_state).label
        return _("withdrawn") if subject.withdrawn_at else _("nothing to read yet")

    @admin.display(description=_("readers see it since"), ordering="live_revision__published_at")
    def live_since(self, subject: Any) -> dt.datetime | Words | None:
        if subject.is_live:
            return subject.live_revision.published_at
        if subject.withdrawn_at is None:
            return None
        return _("withdrawn on %(day)s") % {"day": date_in_words(timezone.localdate(subject.withdrawn_at))}

    @admin.display(description=_("check again by"), ordering="live_revision__next_review_on")
    def next_review(self, subject: Any) -> str:
        if not subject.is_live or not subject.live_revision.next_review_on:
            return ""
        day = subject.live_revision.next_review_on
        late = _("overdue") if subject.live_revision.is_overdue(timezone.localdate()) else ""
        return format_html("{} <strong class='late'>{}</strong>", date_in_words(day), late)

    @admin.display(description=_("evidence"), ordering="flagged_at")
    def evidence(self, subject: Any) -> str:
        if not subject.is_live or subject.flagged_at is None:
            return ""
        since = date_in_words(timezone.localdate(subject.flagged_at))
        url = reverse("admin:articles_evidenceflag_changelist") + f"?settled=no&q={subject.slug}"
        said = _("changed on %(day)s") % {"day": since}
        return format_html('<a href="{}"><strong class="late">{}</strong></a>', url, said)

    @admin.display(description=_("author"), ordering="author_name")
    def author(self, subject: Any) -> str:
        return subject.author_name or ""


def date_in_words(day: dt.date) -> str:
    return date_format(day, "j F Y")
