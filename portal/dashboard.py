"""What a member of staff must do today, by what they may do. The admin's first page shows it.

Each panel is a few lines of work and, when there is none, a kind word. No panel names a patient.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from articles import notices
from articles.models import GuideRevision, Revision, RevisionState, TreatmentRevision
from quotes import desk
from quotes.admin import PARKED_AFTER
from quotes.lead_forms import still_works
from quotes.models import QuoteRequest

from . import mail, mail_words
from .models import OutboxMessage, User, WorkerPulse
from .panels import LINES, NAME, Line, Panel, Words, day, earliest, joined, moment
from .upkeep_panels import due_for_review, evidence_changed, not_useful, subject_url, unchecked, withdrawn

# What a line shows of a text and of its author: a body may be a hundred pages.
REVISION_SHOWN = ("title", "state", "subject", "updated_at", "submitted_at", "reviewed_at", "publish_at")


@dataclass(frozen=True)
class Today:
    worker_stopped: bool
    panels: list[Panel]


def of(user: User, *, now: dt.datetime) -> Today:
    """The panels this person may see, the most urgent kind first."""
    panels = [make(user, now) for needed, make in PANELS if any(map(user.has_perm, needed))]
    return Today(worker_stopped=worker_stopped(now), panels=[panel for panel in panels if panel])


def worker_stopped(now: dt.datetime) -> bool:
    return not WorkerPulse.objects.beating(now).exists()


# --- Requests -----------------------------------------------------------------------------------


def leads_waiting(user: User, now: dt.datetime) -> Panel:
    waiting = QuoteRequest.objects.waiting_for_us()
    return Panel(
        name="leads",
        title=gettext_lazy("Requests waiting for us"),
        lines=lead_lines(waiting, now),
        empty=gettext_lazy("Nobody is waiting for an answer from us."),
        url=leads_url("stage=ours"),
        total=waiting.count(),
    )


def my_leads(user: User, now: dt.datetime) -> Panel:
    mine = QuoteRequest.objects.open().filter(assignee=user)
    return Panel(
        name="mine",
        title=gettext_lazy("My requests"),
        lines=lead_lines(mine, now),
        empty=gettext_lazy("No request is assigned to you."),
        url=leads_url("assignee=me"),
        total=mine.count(),
    )


def leads_url(which: str) -> str:
    """The list of just those that a panel counts."""
    return f"{reverse('admin:quotes_quoterequest_changelist')}?{which}"


def lead_lines(leads: QuerySet[QuoteRequest], now: dt.datetime) -> list[Line]:
    soonest = with_names(leads).order_by("answer_due_on", "submitted_at", "pk")
    return [lead_line(lead, now) for lead in soonest[:LINES]]


def with_names(leads: QuerySet[QuoteRequest]) -> QuerySet[QuoteRequest]:
    return leads.select_related("assignee", "treatment__live_revision")


def lead_line(lead: QuoteRequest, now: dt.datetime) -> Line:
    standing = desk.clock(lead, now=now)
    facts = [
        lead.get_stage_display(),
        lead.treatment.name if lead.treatment else "",
        lead.assignee.public_name if lead.assignee else _("nobody has taken it"),
    ]
    return Line(
        label=lead.reference,
        url=reverse("admin:quotes_quoterequest_change", args=[lead.pk]),
        facts=joined(facts),
        clock=standing.words,
        late=standing.state == "over",
    )


def parked(user: User, now: dt.datetime) -> Panel:
    """What the requester has not answered for long: to be asked once more, or closed."""
    still = QuoteRequest.objects.parked_since(now - PARKED_AFTER).order_by("stage_since", "pk")
    return Panel(
        name="parked",
        title=gettext_lazy("Waiting for them, over %(days)d days") % {"days": PARKED_AFTER.days},
        lines=[parked_line(lead, now) for lead in with_names(still)[:LINES]],
        empty=gettext_lazy("Nobody has left a question of ours unanswered for long."),
        url=leads_url("stage=parked"),
        total=still.count(),
    )


def parked_line(lead: QuoteRequest, now: dt.datetime) -> Line:
    days = (timezone.localdate(now) - timezone.localdate(lead.stage_since)).days
    waiting = ngettext("for %d day", "for %d days", days) % days
    return replace(lead_line(lead, now), clock=waiting, late=False)


def left_alone(user: User, now: dt.datetime) -> Panel | None:
    """Open requests that nobody works, because who had them has left or has another role."""
    alone = QuoteRequest.objects.open().filter(assignee__isnull=False).exclude(still_works("assignee"))
    title = gettext_lazy("Requests whose colleague no longer works here")
    total = alone.count()
    return Panel("alone", title, lead_lines(alone, now), empty="", total=total) if total else None


# --- Guides and treatments ----------------------------------------------------------------------


def in_review(user: User, now: dt.datetime) -> Panel:
    return revisions_panel(
        "review",
        gettext_lazy("Waiting for a medical review"),
        gettext_lazy("Nothing is waiting for a review."),
        state=RevisionState.IN_REVIEW,
        fact=lambda revision: _("submitted %(date)s") % {"date": day(revision.submitted_at)},
    )


def to_publish(user: User, now: dt.datetime) -> Panel:
    return revisions_panel(
        "publish",
        gettext_lazy("Approved, not yet published"),
        gettext_lazy("Everything approved is published."),
        state=RevisionState.APPROVED,
        fact=lambda revision: (
            _("will be published %(date)s") % {"date": moment(revision.publish_at)}
            if revision.publish_at
            else _("approved %(date)s") % {"date": day(revision.reviewed_at)}
        ),
    )


MINE_AGAIN = (RevisionState.DRAFT, RevisionState.CHANGES_ASKED, RevisionState.TAKEN_BACK)


def my_drafts(user: User, now: dt.datetime) -> Panel:
    """What I am writing, and what came back and nobody has taken up since."""
    return revisions_panel(
        "drafts",
        gettext_lazy("My drafts"),
        gettext_lazy("You have no draft open."),
        state__in=MINE_AGAIN,
        author=user,
        newest=True,
        fact=standing,
    )


def my_texts_in_review(user: User, now: dt.datetime) -> Panel:
    return revisions_panel(
        "submitted",
        gettext_lazy("My texts that wait for a reviewer"),
        gettext_lazy("No text of yours is waiting for a reviewer."),
        state=RevisionState.IN_REVIEW,
        author=user,
        fact=lambda revision: _("since %(date)s") % {"date": day(revision.submitted_at)},
    )


def standing(revision: Revision) -> str:
    if revision.state == RevisionState.DRAFT:
        return _("saved %(date)s") % {"date": day(revision.updated_at)}
    return str(revision.get_state_display())


def revisions_panel(
    name: str,
    title: Words,
    empty: Words,
    *,
    fact: Callable[[Revision], str],
    **which: Any,
) -> Panel:
    """The revisions of guides and treatments in one state, the longest waiting first."""
    chosen = [revisions(model, **which) for model in (GuideRevision, TreatmentRevision)]
    first = earliest(chosen, lambda revision: revision.updated_at)
    lines = [
        Line(
            label=revision.title,
            url=subject_url(revision, revision.subject_id),
            facts=joined([revision.author.public_name, fact(revision)]),
        )
        for revision in first
    ]
    return Panel(name, title, lines, empty, total=sum(found.count() for found in chosen))


def revisions(
    model: type[GuideRevision] | type[TreatmentRevision], *, newest: bool = False, **which: Any
) -> QuerySet[Any]:
    """Without their texts, the longest waiting first; `newest` leaves out those that were written on."""
    found = model._default_manager.filter(**which).select_related("author")
    if newest:
        found = found.newest()
    return found.only(*REVISION_SHOWN, *(f"author__{name}" for name in NAME)).order_by("updated_at", "pk")


# --- Letters ------------------------------------------------------------------------------------


def letter_in_words(template: str) -> Words:
    return notices.LETTERS.get(template) or desk.letter(template)


def why_not(letter: OutboxMessage) -> Words:
    return mail_words.why(letter.last_error) or letter.last_error


def letters_failed(user: User, now: dt.datetime) -> Panel:
    failed = OutboxMessage.objects.filter(state=OutboxMessage.State.FAILED).exclude(mail.FORGOTTEN)
    lines = [
        Line(
            label=letter.about or str(letter_in_words(letter.template)),
            url=reverse("admin:portal_outboxmessage_change", args=[letter.pk]),
            facts=joined([letter_in_words(letter.template), day(letter.created_at), why_not(letter)]),
            late=True,
        )
        for letter in failed.order_by("created_at")[:LINES]
    ]
    return Panel(
        name="letters",
        title=gettext_lazy("Letters that could not be sent"),
        lines=lines,
        empty=gettext_lazy("Every letter has gone out or is on its way."),
        url=reverse("admin:portal_outboxmessage_changelist") + "?state__exact=failed",
        total=failed.count(),
    )


def who_looked(user: User, now: dt.datetime) -> Panel | None:
    """For whoever checks others and does no work of their own here."""
    if user.has_perm("quotes.work_quoterequest"):
        return None
    trail = reverse("admin:portal_auditevent_changelist")
    lines = [
        Line(_("Who did what"), trail, _("every change, sign-in and look, newest first")),
        Line(_("Who looked at a request"), f"{trail}?action=lead.opened", _("each opening of a request")),
        Line(_("Who looked through the lists"), f"{trail}?action=lead.listed", _("with the filters used")),
    ]
    return Panel("trail", gettext_lazy("The trail"), lines, empty="")


SUBMIT, REVIEW, PUBLISH = (f"articles.{verb}_guiderevision" for verb in ("submit", "review", "publish"))
# Each with the permissions of which one lets somebody do what it asks: nobody is shown the work of others.
PANELS: tuple[tuple[tuple[str, ...], Callable[[User, dt.datetime], Panel | None]], ...] = (
    (("quotes.assign_quoterequest",), left_alone),
    (("quotes.work_quoterequest",), leads_waiting),
    (("quotes.work_quoterequest",), my_leads),
    (("quotes.work_quoterequest",), parked),
    (("portal.retry_outboxmessage",), letters_failed),
    ((REVIEW,), in_review),
    ((PUBLISH,), to_publish),
    ((SUBMIT,), my_drafts),
    ((SUBMIT,), my_texts_in_review),
    ((SUBMIT, REVIEW, PUBLISH), evidence_changed),
    ((SUBMIT, REVIEW, PUBLISH), due_for_review),
    ((SUBMIT,), withdrawn),
    ((SUBMIT, REVIEW), not_useful),
    ((SUBMIT,), unchecked),
    (("portal.view_auditevent",), who_looked),
)
