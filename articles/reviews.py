"""What happens to a live text as its review date comes: letters remind, somebody confirms it.

A newer text takes another way (articles.publishing).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from django.db import transaction
from django.db.models import Case, CharField, Exists, OuterRef, Value, When
from django.utils import timezone
from django.utils.translation import gettext as _

from portal import edition
from portal.models import User

from . import approvals, flags, notices, texts, versions
from .checks import quality
from .checks.quality import Problem
from .models import Confirmation, EvidenceFlag, Guide, Reminder, Treatment
from .texts import AnyRevision
from .versions import AnySubject, NotOpen, Refused

Step = Reminder.Step
# How many days after the review date each step is due, the last first.
DUE = {
    Step.MONTH_AFTER: 30,
    Step.WEEK_AFTER: 7,
    Step.ON_THE_DAY: 0,
    Step.WEEK_BEFORE: -7,
    Step.MONTH_BEFORE: -30,
}


@transaction.atomic
def confirm_still_current(
    revision: AnyRevision,
    *,
    reason: str,
    next_review_on: dt.date,
    by: User,
    now: dt.datetime,
    seen_flags: Collection[str] = (),
) -> Confirmation:
    """Say that a live text still holds as it stands, why, and until when; its flags are settled.

    `seen_flags` are the marks (flags.marks_of) of the flags that this person was shown: no other is
    settled. Raises NotOpen when readers do not see this text, when a colleague confirmed it after `revision`
    was read, or when its evidence changed meanwhile; OwnWork for those who wrote it; Refused where it could
    not be published as it stands, and for a day that is not after today or too far.
    """
    seen = revision.next_review_on
    subject = versions.lock(revision.subject)
    revision.refresh_from_db()
    if subject.live_revision_id != revision.pk:
        raise NotOpen(_("Readers do not see this version now. Look at the page again."))
    if revision.next_review_on != seen:
        raise NotOpen(_("A colleague was quicker. Look at the page again."))
    versions.refuse_own_work(revision, by)
    said = versions.said(reason, missing=_("Say why it still holds."))
    versions.refuse(approvals.review_day(next_review_on, now))
    if not flags.marks_of(subject) <= set(seen_flags):
        raise NotOpen(_("The evidence under this text changed meanwhile. Look at the page again."))
    _refuse_unsound(revision)
    return _confirm(revision, said, next_review_on, by=by, now=now)


def remind_due(
    now: dt.datetime,
    apart: Callable[[str], AbstractContextManager[None]] = nullcontext,  # type: ignore[assignment]
) -> int:
    """Owe the letters of each live text's review that are due; of how many texts. Any number of workers may.

    Of the steps that have come only the latest counts: who was away for a week gets one letter, not three.
    Each text is seen to within `apart`, which is told its name and may hold back what goes wrong with it.
    """
    today, reminded = timezone.localdate(now), 0
    for model in (Guide, Treatment):
        for number in list(_to_remind(model, today).values_list("pk", flat=True)):
            with apart(f"reminding of {model._meta.model_name} {number}"):
                reminded += _remind(model, number, now)
    return reminded


# --- Steps of these -----------------------------------------------------------------------------


def _refuse_unsound(revision: AnyRevision) -> None:
    """What could not be published now cannot be confirmed either, whatever is said for it."""
    if stopping := quality.blocking(texts.problems_of(revision)):
        message = _("It cannot be confirmed as it stands: revise it or withdraw it.")
        raise Refused([Problem("not_sound", "blocking", message), *stopping])


def _confirm(
    revision: AnyRevision, reason: str, next_review_on: dt.date, *, by: User, now: dt.datetime
) -> Confirmation:
    made = Confirmation.objects.create(
        by=by, at=now, reason=reason, next_review_on=next_review_on, **_on(revision)
    )
    versions.move(revision, revision.state, next_review_on=next_review_on)
    settled = flags.settle(revision.subject, how=EvidenceFlag.Settled.CONFIRMED, by=by, now=now)
    revision.subject.refresh_from_db()
    detail = {"reason": reason, "next_review_on": next_review_on.isoformat(), "flags_settled": settled}
    versions.record("confirmed", revision, by=by, now=now, detail=detail)
    edition.renew()
    return made


def _on(revision: AnyRevision) -> dict[str, Any]:
    """The column of a record about one text."""
    return {f"{revision.subject._meta.model_name}_revision": revision}


def _to_remind(model: type[Guide] | type[Treatment], today: dt.date) -> Any:
    """Live subjects for whose latest due `step` no letters are owed yet."""
    steps = [
        When(live_revision__next_review_on__lte=today - dt.timedelta(days=days), then=Value(step.value))
        for step, days in DUE.items()
    ]
    owed = Reminder.objects.filter(
        step=OuterRef("step"),
        due_on=OuterRef("live_revision__next_review_on"),
        **{f"{model._meta.model_name}_revision": OuterRef("live_revision")},
    )
    due = model.objects.live().annotate(step=Case(*steps, output_field=CharField()))
    return due.filter(~Exists(owed), step__isnull=False)


@transaction.atomic
def _remind(model: type[Guide] | type[Treatment], number: int, now: dt.datetime) -> bool:
    """Owe the letters of one text, if nobody has. Where there is nobody to write to, it stays to be done."""
    subject: AnySubject = versions.lock(model(pk=number))
    due = _to_remind(model, timezone.localdate(now)).filter(pk=number).first()
    if due is None:
        return False
    revision: Any = subject.live_revision
    if not (addresses := notices.reviewers_of(subject)):
        return False
    Reminder.objects.create(step=due.step, due_on=revision.next_review_on, sent_at=now, **_on(revision))
    notices.review_due(revision, to=addresses, now=now)
    detail = {"step": str(Step(due.step).label), "letters": len(addresses)}
    versions.record("reminded", revision, by=None, now=now, detail=detail)
    return True
