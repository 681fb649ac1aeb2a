"""What staff can do with the text of a guide or treatment; with its address and settings: articles.subjects.

Each verb owns the change, its trail and its letters, in one transaction. A verb first locks the subject,
so that verbs on one subject follow each other, and then moves the revision on condition that it is still
where the person saw it: of two people at once the second gets NotOpen. Readers see `live_revision` and
nothing else; only `publish` and `withdraw` move it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from portal import edition
from portal.models import User

from . import approvals, flags, notices, search, stating, texts, versions
from .checks import quality
from .checks.discern import Answer
from .models import GuideRevision, RevisionState, TreatmentRevision
from .texts import AnyRevision, Made
from .versions import AnySubject
from .versions import NotOpen as NotOpen
from .versions import OwnWork as OwnWork
from .versions import PublishingError as PublishingError
from .versions import Refused as Refused

State = RevisionState
NO_PLAN: dict[str, Any] = {"publish_at": None, "published_by": None}


# --- Writing ------------------------------------------------------------------------------------


@transaction.atomic
def save_draft(
    subject: AnySubject,
    content: Mapping[str, Any],
    *,
    by: User,
    now: dt.datetime,
    demonstration: bool = False,
    replacing: bool = False,
) -> AnyRevision:
    """Write into the open draft, or begin one on the latest revision; return it.

    `content` holds fields of Revision.CONTENT by name; what it leaves out stays as it was. A draft begun
    on a demonstration is one, too, until `approve` is told otherwise. With `replacing`, an open draft is
    set aside as it is and the text becomes a draft of its own. Raises NotOpen while a revision is in
    review, Refused when a field is too long.
    """
    subject = versions.lock(subject)
    revision = versions.revisions_of(subject).filter(state__in=versions.OPEN).first()
    if revision and revision.state == State.IN_REVIEW:
        raise NotOpen(_("This text is being reviewed. Take it back to change it."))
    if revision and replacing:
        versions.set_aside(revision, by=by, now=now)
    if revision is None or replacing:
        base = revision or versions.revisions_of(subject).kept().first()
        revision = versions.begin(subject, base, author=by, now=now, demonstration=demonstration)
    versions.write(revision, content, by=by, now=now)
    versions.record("saved", revision, by=by, now=now)
    return revision


@transaction.atomic
def discard(revision: AnyRevision, *, by: User, now: dt.datetime) -> AnyRevision:
    """Set a draft aside that nobody has submitted; it stays among the versions and can be restored."""
    versions.take(revision, State.DRAFT)
    versions.set_aside(revision, by=by, now=now)
    return revision


@transaction.atomic
def restore(
    revision: AnyRevision, *, by: User, now: dt.datetime, set_draft_aside: bool = False
) -> AnyRevision:
    """Begin a draft with the text and the author of an earlier revision; it goes through review like any.

    A draft that says the same as the version under it gives way; another only with `set_draft_aside`.
    """
    subject = versions.lock(revision.subject)
    in_the_way = versions.revisions_of(subject).filter(state__in=versions.OPEN).first()
    if in_the_way and in_the_way.state == State.IN_REVIEW:
        raise NotOpen(_("Another version is being reviewed. Take it back first."))
    if in_the_way and not (set_draft_aside or versions.is_untouched(in_the_way)):
        raise NotOpen(_("There is an open draft. Say that it may be set aside, or finish it first."))
    if in_the_way:
        versions.set_aside(in_the_way, by=by, now=now)
    draft = versions.begin(subject, revision, author=revision.author, now=now)
    versions.write(draft, {}, by=by, now=now)
    versions.record("restored", draft, by=by, now=now, detail={"from": revision.number})
    return draft


@transaction.atomic
def submit(
    revision: AnyRevision, *, by: User, now: dt.datetime, reasons: Mapping[str, str] | None = None
) -> AnyRevision:
    """Hand a draft over for review; its text never changes again, and its claims become rows.

    `reasons` says for the name of a warning (Problem.name) why it may stand; they are kept with the revision
    for whoever approves it. Raises Refused on blocking problems and on warnings without a reason.
    """
    versions.take(revision, State.DRAFT)
    made = texts.made_of(revision)
    overrides = versions.left_standing(texts.problems_with(revision, made), reasons or {})
    versions.move(
        revision,
        State.IN_REVIEW,
        submitted_by=by,
        submitted_at=now,
        overrides=overrides,
        **made.columns(),
        **stating.counts(revision),
    )
    texts.cite(revision, made)
    stating.state(revision)
    detail = {"left_standing": versions.codes_of(overrides)} if overrides else {}
    versions.record("submitted", revision, by=by, now=now, detail=detail)
    notices.submitted(revision, now=now)
    return revision


@transaction.atomic
def submit_again(
    revision: AnyRevision, *, by: User, now: dt.datetime, reasons: Mapping[str, str] | None = None
) -> AnyRevision:
    """Hand what readers see over for a new check, word for word; who wrote it stays its author.

    NotOpen while another text is open, and long before the day by which it is to be checked again.

    Warnings that were left standing stand again for the same reasons, unless `reasons` says otherwise.
    """
    subject = versions.lock(revision.subject)
    if subject.live_revision_id != revision.pk:
        raise NotOpen(_("Readers do not see this version now. Look at the page again."))
    if versions.revisions_of(subject).filter(state__in=versions.OPEN).exists():
        raise NotOpen(_("There is an open draft. Submit that one, or discard it first."))
    if not versions.is_due(revision, timezone.localdate(now)):
        raise NotOpen(_("Its next check is not due yet. Look at the page again."))
    same = versions.begin(subject, revision, author=revision.author, now=now)
    earlier = versions.reasons_of(revision.overrides)
    return submit(same, by=by, now=now, reasons=earlier | dict(reasons or {}))


@transaction.atomic
def take_back(revision: AnyRevision, *, by: User, now: dt.datetime) -> AnyRevision:
    """End a review before the reviewer has answered; the next save begins a new draft."""
    versions.take(revision, State.IN_REVIEW)
    versions.move(revision, State.TAKEN_BACK)
    versions.record("taken_back", revision, by=by, now=now)
    return revision


# --- Reviewing ----------------------------------------------------------------------------------


@transaction.atomic
def approve(
    revision: AnyRevision,
    *,
    next_review_on: dt.date | None,
    discern: Sequence[Answer],
    agrees: bool = False,
    reasons: Mapping[str, str] | None = None,
    note: str = "",
    signed_off: bool = False,
    by: User,
    now: dt.datetime,
) -> AnyRevision:
    """Say that this text may go to readers, and until when. Raises OwnWork for those who wrote it.

    `discern` holds the answers to the fifteen questions (articles.checks.discern); `agrees` says that
    every warning may stand that was left standing, for the reason given. The checks run again: of warnings
    that came up since it was submitted, a source retracted meanwhile, `reasons` says by name why they may
    stand in the eyes of the reviewer. `signed_off` says that a clinician stands behind it: a demonstration
    is one no more. Refused when the day, the answers, the checks or the warnings do not allow it.
    """
    flags.hold_sources(revision)
    versions.take(revision, State.IN_REVIEW)
    versions.refuse_own_work(revision, by)
    made = texts.made_of(revision)
    versions.refuse(approvals.problems(revision, made, next_review_on, discern, agrees=agrees, now=now))
    found = texts.problems_with(revision, made)
    new = versions.came_up(found, revision.overrides)
    added = versions.left_standing([*quality.blocking(found), *new], reasons or {})
    overrides = [*revision.overrides, *(one | {"by": "reviewer"} for one in added)]
    signed_off = signed_off and revision.demonstration
    versions.move(
        revision,
        State.APPROVED,
        reviewed_by=by,
        reviewed_at=now,
        review_note=texts.printable(note),
        next_review_on=next_review_on,
        demonstration=revision.demonstration and not signed_off,
        overrides=overrides,
        **approvals.scored(discern, timezone.localdate(now)),
    )
    detail: dict[str, Any] = {"next_review_on": str(next_review_on), "discern": revision.discern_total}
    detail |= {"signed_off": True} if signed_off else {}
    detail |= {"agreed_to": versions.codes_of(overrides)} if overrides else {}
    versions.record("approved", revision, by=by, now=now, detail=detail)
    return revision


@transaction.atomic
def ask_for_changes(
    revision: AnyRevision, *, note: str, discern: Sequence[Answer] = (), by: User, now: dt.datetime
) -> AnyRevision:
    """Send a text back with a note that says what to change, and with the marks given so far."""
    versions.take(revision, State.IN_REVIEW)
    versions.refuse_own_work(revision, by)
    if not texts.printable(note):
        raise PublishingError(_("Say what must change."))
    versions.move(
        revision,
        State.CHANGES_ASKED,
        reviewed_by=by,
        reviewed_at=now,
        review_note=texts.printable(note),
        discern=approvals.kept(discern),
    )
    versions.record("changes_asked", revision, by=by, now=now)
    notices.sent_back(revision, by=by, now=now)
    return revision


@transaction.atomic
def revoke(revision: AnyRevision, *, reason: str, by: User, now: dt.datetime) -> AnyRevision:
    """Take an approval back before readers see the text, with every plan to publish it."""
    versions.take(revision, State.APPROVED)
    versions.refuse_own_work(revision, by)
    said = versions.said(reason, missing=_("Say why it is no longer approved."))
    detail = {"reason": said}
    if revision.review_note:
        detail["earlier_note"] = revision.review_note
    versions.move(
        revision,
        State.CHANGES_ASKED,
        reviewed_by=by,
        reviewed_at=now,
        review_note=said,
        next_review_on=None,
        **NO_PLAN,
    )
    versions.record("approval_revoked", revision, by=by, now=now, detail=detail)
    notices.sent_back(revision, by=by, now=now, revoked=True)
    return revision


# --- Publishing ---------------------------------------------------------------------------------


@transaction.atomic
def publish(
    revision: AnyRevision, *, by: User, now: dt.datetime, at: dt.datetime | None = None
) -> AnyRevision:
    """Show an approved text to readers, now or at a later time."""
    flags.hold_sources(revision)
    versions.take(revision, State.APPROVED)
    if at is None or at <= now:
        _go_live(revision, published_by=by, by=by, now=now)
        versions.record("published", revision, by=by, now=now)
        return revision
    _made_for_readers(revision, on=at)
    versions.move(revision, State.APPROVED, publish_at=at, published_by=by)
    versions.record("scheduled", revision, by=by, now=now, detail={"at": at.isoformat()})
    return revision


@transaction.atomic
def unschedule(revision: AnyRevision, *, by: User | None, now: dt.datetime) -> AnyRevision:
    """Cancel a planned publication; the text stays approved. NotOpen when none is planned."""
    versions.take(revision, State.APPROVED)
    if revision.publish_at is None:
        raise NotOpen(_("No publication of this version is planned."))
    planned = revision.publish_at.isoformat()
    versions.move(revision, State.APPROVED, **NO_PLAN)
    versions.record("unscheduled", revision, by=by, now=now, detail={"at": planned})
    return revision


def publish_due(
    now: dt.datetime,
    apart: Callable[[str], AbstractContextManager[None]] = nullcontext,  # type: ignore[assignment]
) -> int:
    """Publish what was scheduled up to now; return how many. Any number of workers may call it at once.

    Each is published within `apart`, which is told its name and may hold back what goes wrong with it.
    """
    due = [
        (model, pk)
        for model in (GuideRevision, TreatmentRevision)
        for pk in model.objects.due_to_publish(now).values_list("pk", flat=True)
    ]
    published = 0
    for model, pk in due:
        with apart(f"publishing {model._meta.model_name} {pk}"):
            published += _publish_scheduled(model, pk, now)
    return published


@transaction.atomic
def withdraw(revision: AnyRevision, *, reason: str, by: User, now: dt.datetime) -> None:
    """Take the live text away from readers, and every plan to publish another.

    NotOpen when readers do not see this revision: whoever looks at an old page never takes away a newer text.
    """
    subject = revision.subject
    current = versions.lock(subject)
    if current.live_revision_id != revision.pk:
        raise NotOpen(_("Readers do not see this version now. Look at the page again."))
    said = versions.said(reason, missing=_("Say why readers should no longer see it."))
    type(current).objects.filter(pk=current.pk).update(live_revision=None)
    flags.settle(current, how=flags.Settled.WITHDRAWN, by=by, now=now)
    _end_plans(versions.revisions_of(current), by=by, now=now)
    revision.refresh_from_db()
    versions.move(revision, State.PUBLISHED, withdrawn_by=by, withdrawn_at=now, withdrawn_because=said)
    versions.record("withdrawn", revision, by=by, now=now, detail={"reason": said})
    subject.refresh_from_db()
    search.remove(subject)
    edition.renew()


# --- Going live ---------------------------------------------------------------------------------


def _made_for_readers(revision: AnyRevision, *, on: dt.datetime) -> Made:
    """The text as it will be read from `on`; raises when something stands against showing it then.

    Warnings that came up since the approval do not: what they are about, a source that aged, is flagged.
    """
    if (
        versions.revisions_of(revision.subject)
        .filter(state=State.PUBLISHED, number__gt=revision.number)
        .exists()
    ):
        raise NotOpen(_("A newer version has been published. Bring this one back as a draft instead."))
    made = texts.made_of(revision)
    found = texts.problems_with(revision, made)
    late = quality.review_date(revision.next_review_on, shown_on=timezone.localdate(on))
    versions.refuse([*found, *late])
    return made


def _go_live(revision: AnyRevision, *, published_by: User, by: User | None, now: dt.datetime) -> None:
    """Show it to readers: in the name of `published_by`, done by this person, or by the worker."""
    made = _made_for_readers(revision, on=now)
    versions.move(
        revision,
        State.PUBLISHED,
        published_at=now,
        published_by=published_by,
        publish_at=None,
        **made.columns(),
    )
    texts.cite(revision, made)
    _end_plans(versions.revisions_of(revision.subject).filter(number__lt=revision.number), by=by, now=now)
    type(revision.subject).objects.filter(pk=revision.subject_id).update(live_revision=revision)
    flags.replaced(revision, by=published_by, now=now)
    revision.subject.refresh_from_db()
    search.index(revision.subject)
    edition.renew()


def _end_plans(revisions: Any, *, by: User | None, now: dt.datetime) -> None:
    for planned in revisions.filter(state=State.APPROVED, publish_at__isnull=False):
        unschedule(planned, by=by, now=now)


def _planner_of(revision: AnyRevision) -> User:
    """Who planned its publication; PublishingError where they have left, or have another role by now."""
    planner: Any = revision.published_by
    if not (planner.is_staff and versions.may(planner, "publish", type(revision))):
        raise PublishingError(
            _("Who planned this may publish no more. Somebody else has to publish it, or plan it again.")
        )
    return planner


@transaction.atomic
def _publish_scheduled(model: type[AnyRevision], pk: int, now: dt.datetime) -> bool:
    """Publish one if it is still due. One that cannot be shown loses its time, and the trail says why."""
    planned = model.objects.get(pk=pk)
    flags.hold_sources(planned)
    versions.lock(planned.subject)
    revision = model.objects.due_to_publish(now).filter(pk=pk).first()
    if revision is None:
        return False
    try:
        _go_live(revision, published_by=_planner_of(revision), by=None, now=now)
    except PublishingError as refusal:
        model.objects.filter(pk=pk).update(**NO_PLAN)
        versions.record("schedule_refused", revision, by=None, now=now, detail={"why": str(refusal)})
        notices.plan_dropped(revision, why=str(refusal), now=now)
        return False
    versions.record("published", revision, by=None, now=now, detail={"scheduled": True})
    return True
