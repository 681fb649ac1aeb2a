"""The panels about what readers see now: due, flagged, withdrawn, not useful, not checked for long."""

import datetime as dt
from typing import Any
from urllib.parse import urlencode

from django.db.models import Case, CharField, Count, F, Max, Min, QuerySet, When
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from articles.models import (
    Claim,
    EvidenceFlag,
    Feedback,
    Guide,
    GuideRevision,
    Revision,
    Source,
    Treatment,
    TreatmentRevision,
    TrialCriteria,
)
from articles.staff.admin_answers import given_within
from articles.staff.admin_evidence import CHECK_RECORDS_AFTER, uses_in_words

from .models import User
from .panels import LINES, NAME, Line, Panel, day, earliest, in_days, joined

ANSWERS_WITHIN = 30  # days, one of those that the list of answers offers
CALLED = Coalesce("guide__live_revision__title", "guide__slug", output_field=CharField())


def due_for_review(user: User, now: dt.datetime) -> Panel:
    today = timezone.localdate(now)
    due = [to_check(model, today) for model in (Guide, Treatment)]
    first = earliest(due, lambda subject: subject.live_revision.next_review_on)
    return Panel(
        name="due",
        title=gettext_lazy("To be checked again"),
        lines=[due_line(subject, today) for subject in first],
        empty=gettext_lazy("All that readers see is checked for the next 30 days."),
        url=reverse("admin:articles_guide_due"),
        total=sum(found.count() for found in due),
    )


def to_check(model: type[Guide] | type[Treatment], today: dt.date) -> QuerySet[Any]:
    shown = ("title", "next_review_on", *(f"author__{name}" for name in NAME))
    return (
        model.objects.review_due(today)
        .select_related("live_revision__author")
        .only("slug", *(f"live_revision__{name}" for name in shown))
        .order_by("live_revision__next_review_on", "pk")
    )


def due_line(subject: Guide | Treatment, today: dt.date) -> Line:
    live: Any = subject.live_revision
    days = (live.next_review_on - today).days
    return Line(
        label=live.title,
        url=subject_url(subject, subject.pk),
        facts=joined([live.author.public_name, _("by %(date)s") % {"date": day(live.next_review_on)}]),
        clock=in_days(days),
        late=days < 0,
    )


def evidence_changed(user: User, now: dt.datetime) -> Panel:
    """By source what readers see flagged, the longest waiting first; and benefits that nothing bears now."""
    counted = {f"{kind}s": Count(kind) for kind in ("guide", "treatment", "claim")}
    by_source = (
        EvidenceFlag.objects.open()
        .order_by()
        .annotate(corrected=Case(When(from_state=F("to_state"), then=True), default=False))
        .values("source", "source__key", "source__plain_title", "to_state", "corrected")
    )
    found = list(by_source.annotate(since=Min("raised_at"), **counted).order_by("since", "source__key"))
    overstated = Claim.objects.live().overstated().count()
    lines = [changed_line(changed) for changed in found]
    return Panel(
        name="evidence",
        title=gettext_lazy("Evidence that changed"),
        lines=([overstated_line(overstated)] if overstated else []) + lines[:LINES],
        empty=gettext_lazy("Nothing has changed under what readers see."),
        url=flags_url("settled=no"),
        total=len(found) + bool(overstated),
    )


def changed_line(changed: dict[str, Any]) -> Line:
    what = uses_in_words(changed["guides"], changed["treatments"], changed["claims"])
    since = _("since %(date)s") % {"date": day(changed["since"])}
    state = _("record corrected") if changed["corrected"] else Source.State(changed["to_state"]).label
    return Line(
        label=": ".join(filter(None, [changed["source__key"], changed["source__plain_title"]])),
        url=flags_url(f"settled=no&source={changed['source']}"),
        facts=joined([state, what, since]),
        late=True,
    )


def overstated_line(number: int) -> Line:
    said = ngettext("%d benefit that no source bears now", "%d benefits that no source bears now", number)
    url = reverse("admin:articles_claim_changelist") + "?standing=overstated"
    return Line(label=said % number, url=url, facts=_("a main measure or control was corrected"), late=True)


def flags_url(which: str) -> str:
    return f"{reverse('admin:articles_evidenceflag_changelist')}?{which}"


def not_useful(user: User, now: dt.datetime) -> Panel | None:
    """By guide how many readers said that it was no use, in the last days; most first."""
    answers = given_within(Feedback.objects.filter(useful=False), ANSWERS_WITHIN, now)
    by_guide = answers.order_by().values("guide__slug", title=CALLED)
    found = by_guide.annotate(number=Count("pk"), last=Max("at")).order_by("-number", "guide__slug")
    total = found.count()
    lines = [not_useful_line(dict(row)) for row in found[:LINES]]
    title = gettext_lazy("Not useful, readers said in the last %(days)d days") % {"days": ANSWERS_WITHIN}
    return Panel(
        "answers",
        title,
        lines,
        gettext_lazy("No reader said that a guide was no use."),
        url=answers_url({}),
        total=total,
    )


def not_useful_line(row: dict[str, Any]) -> Line:
    said = ngettext("%d answer", "%d answers", row["number"]) % row["number"]
    return Line(
        label=row["title"],
        url=answers_url({"guide": row["guide__slug"]}),
        facts=joined([said, _("the last on %(date)s") % {"date": day(row["last"])}]),
    )


def answers_url(chosen: dict[str, str]) -> str:
    """The list of just those answers that the panel counts."""
    counted = {"useful__exact": 0, "days": ANSWERS_WITHIN}
    return f"{reverse('admin:articles_feedback_changelist')}?{urlencode(chosen | counted)}"


def withdrawn(user: User, now: dt.datetime) -> Panel:
    """What readers see no more, and nobody writes on."""
    chosen = [withdrawn_alone(model) for model in (GuideRevision, TreatmentRevision)]
    return Panel(
        name="withdrawn",
        title=gettext_lazy("Withdrawn, and nobody writes on"),
        lines=[withdrawn_line(revision) for revision in earliest(chosen, lambda one: one.withdrawn_at)],
        empty=gettext_lazy("Nothing that was withdrawn is left lying."),
        total=sum(found.count() for found in chosen),
    )


def withdrawn_alone(model: type[GuideRevision] | type[TreatmentRevision]) -> QuerySet[Any]:
    """The newest texts of what was withdrawn, the longest ago first."""
    gone = model._default_manager.filter(withdrawn_at__isnull=False, subject__live_revision=None)
    shown = gone.newest().only("title", "subject", "withdrawn_at")
    return shown.order_by("withdrawn_at", "pk")


def withdrawn_line(revision: Revision) -> Line:
    since = _("withdrawn on %(date)s") % {"date": day(revision.withdrawn_at)}
    return Line(label=revision.title, url=subject_url(revision, revision.subject_id), facts=since)  # type: ignore[attr-defined]


def unchecked(user: User, now: dt.datetime) -> Panel:
    """Sources, and whom trials take in, that nobody has looked up for long: a line for each kind."""
    since = timezone.localdate(now) - CHECK_RECORDS_AFTER
    words = {
        Source: lambda number: ngettext("%d source", "%d sources", number),
        TrialCriteria: lambda number: ngettext("%d trial’s criteria", "%d trials’ criteria", number),
    }
    lines, total = [], 0
    for model, counted in words.items():
        old = model._default_manager.filter(checked_on__lt=since)
        found = old.aggregate(number=Count("pk"), first=Min("checked_on"))
        total += found["number"]
        if found["number"]:
            lines.append(unchecked_line(model, counted(found["number"]) % found["number"], found["first"]))
    title = gettext_lazy("Not checked for %(days)d days") % {"days": CHECK_RECORDS_AFTER.days}
    empty = gettext_lazy("Every source was checked lately.")
    return Panel("unchecked", title, lines, empty, total=total, grouped=True)


def unchecked_line(model: Any, label: str, first: dt.date) -> Line:
    url = reverse(f"admin:articles_{model._meta.model_name}_changelist") + "?checked=long_ago"
    return Line(label, url, _("the first on %(date)s") % {"date": day(first)})


def subject_url(record: Any, pk: int) -> str:
    kind = "guide" if isinstance(record, Guide | GuideRevision) else "treatment"
    return reverse(f"admin:articles_{kind}_change", args=[pk])
