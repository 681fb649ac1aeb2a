"""The versions of one guide or treatment: steps that the verbs on them share, and why a verb is refused.

Each of these is called inside the transaction of a verb (articles.publishing).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from portal import audit
from portal.models import User

from . import texts
from .checks import quality
from .checks.quality import Problem
from .checks.reasons import wanting
from .models import REVIEW_DUE_WITHIN, Guide, RevisionState, Treatment
from .texts import AnyRevision

AnySubject = Guide | Treatment

State = RevisionState
OPEN = (State.DRAFT, State.IN_REVIEW)
LONGEST_REASON = 400


class PublishingError(Exception):
    """Something staff asked for cannot be done; the message says why, in their words."""


class NotOpen(PublishingError):
    """The text is no longer, or not yet, in the state that this needs."""


class OwnWork(PublishingError):
    """Nobody reviews what they wrote or submitted."""


class Refused(PublishingError):
    """The text has problems that must be mended first; they are in `problems`."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = list(problems)
        super().__init__(" ".join(str(problem) for problem in self.problems))


def lock(subject: Any) -> Any:
    """The subject as it is now, held until the transaction ends (SQLite holds the whole database)."""
    return type(subject).objects.select_for_update().get(pk=subject.pk)


def revisions_of(subject: Any) -> Any:
    """The subject's revisions, newest first."""
    return subject.revisions.order_by("-number")


def take(revision: AnyRevision, state: str) -> None:
    """Read the revision again and lock its subject; NotOpen unless it is in this state.

    What the database says decides, also about the subject: a text goes live on the page it was written
    for, which no constraint can hold.
    """
    revision.refresh_from_db()
    lock(revision.subject)
    revision.refresh_from_db()
    if revision.state != state:
        raise NotOpen(
            _("This version is now “%(state)s”; a colleague may have been quicker. Look at the page again.")
            % {"state": revision.get_state_display()}
        )


def move(revision: AnyRevision, to: str, **changes: Any) -> None:
    won = type(revision).objects.filter(pk=revision.pk, state=revision.state).update(state=to, **changes)
    if not won:
        raise NotOpen(_("A colleague was quicker. Look at the page again."))
    revision.refresh_from_db()


def begin(
    subject: Any, base: AnyRevision | None, *, author: User, now: dt.datetime, demonstration: bool = False
) -> AnyRevision:
    """A new draft with the text of `base`, its mark and its writers: their words may stand to the end.

    That somebody else approved them once does not let them approve them the next time.
    """
    newest = revisions_of(subject).first()
    revision = subject.revisions.model(
        subject=subject,
        number=newest.number + 1 if newest else 1,
        based_on=base,
        author=author,
        created_at=now,
        updated_at=now,
        demonstration=demonstration or (base is not None and base.demonstration),
        **(base.content() | {"change_note": ""} if base else {}),
    )
    revision.save()
    if base is not None:
        revision.writers.set(base.writers.all())
    return revision


def is_untouched(draft: AnyRevision) -> bool:
    """Whether a draft says what the version under it says."""
    base = draft.based_on
    return base is not None and draft.content() == base.content() | {"change_note": draft.change_note}


def set_aside(draft: AnyRevision, *, by: User, now: dt.datetime) -> None:
    move(draft, State.SET_ASIDE)
    record("set_aside", draft, by=by, now=now)


def write(revision: AnyRevision, content: Mapping[str, Any], *, by: User, now: dt.datetime) -> None:
    tidy = texts.tidy(type(revision), content)
    refuse(texts.misfits(type(revision), tidy))
    for name, value in tidy.items():
        setattr(revision, name, value)
    made = texts.made_of(revision)
    for name, value in made.columns().items():
        setattr(revision, name, value)
    revision.updated_at = now
    revision.saved_by = by
    revision.save()
    revision.writers.add(by)
    texts.cite(revision, made)


def refuse(problems: Iterable[Problem]) -> None:
    if stopping := quality.blocking(problems):
        raise Refused(stopping)


def said(reason: str, *, missing: str) -> str:
    """A reason as it is kept; PublishingError where there is none (`missing` says so) or it tells nothing."""
    kept = texts.printable(reason)
    if fault := wanting(kept) if kept else missing:
        raise PublishingError(fault)
    return kept


def left_standing(problems: Iterable[Problem], reasons: Mapping[str, str]) -> list[dict[str, str]]:
    """The warnings, each with the reason for leaving it, as `Revision.overrides` keeps them.

    `reasons` maps the name of a warning (Problem.name) to the reason. Refused while something blocks, and
    for warnings without a reason.
    """
    found = list(problems)
    said = {str(name): texts.printable(reason) for name, reason in reasons.items()}
    if any(len(reason) > LONGEST_REASON for reason in said.values()):
        message = _("A reason has at most %(most)s signs.") % {"most": LONGEST_REASON}
        raise Refused([Problem("reason_too_long", "blocking", message)])
    standing = quality.warnings(found)
    if stopping := [*quality.blocking(found), *(one for one in standing if not said.get(one.name))]:
        raise Refused(stopping)
    refuse(
        Problem("reason_too_short", "blocking", fault, one.place, about=one.name)
        for one in standing
        if (fault := wanting(said[one.name]))
    )
    return [
        {
            "code": one.code,
            "key": one.key,
            "place": one.place,
            "message": one.message,
            "reason": said[one.name],
        }
        for one in standing
    ]


def came_up(problems: Iterable[Problem], overrides: Iterable[Mapping[str, str]]) -> list[Problem]:
    """The warnings that nobody has given a reason for yet."""
    given = reasons_of(overrides)
    return [one for one in quality.warnings(problems) if one.name not in given]


def reasons_of(overrides: Iterable[Mapping[str, str]]) -> dict[str, str]:
    """Why each was left standing, by the name of the warning."""
    return {quality.name_of(one["code"], one["key"]): one["reason"] for one in overrides if "key" in one}


def codes_of(overrides: Iterable[Mapping[str, str]]) -> list[str]:
    """The codes of the warnings that were left standing, each once."""
    return list(dict.fromkeys(override["code"] for override in overrides))


def is_due(revision: AnyRevision, today: dt.date) -> bool:
    """Whether its next check comes soon or is late."""
    again = revision.next_review_on
    return again is not None and again <= today + REVIEW_DUE_WITHIN


def may(person: User, verb: str, kind: type[AnyRevision]) -> bool:
    """Whether this person may submit, review or publish revisions of this kind."""
    return person.has_perm(f"articles.{verb}_{kind._meta.model_name}")


def is_own_work(revision: AnyRevision, person: User) -> bool:
    """Whether this person's words may stand in it, or they submitted it: somebody else must review it."""
    if person.pk in (revision.author_id, revision.submitted_by_id):
        return True
    return revision.writers.filter(pk=person.pk).exists()


def refuse_own_work(revision: AnyRevision, by: User) -> None:
    if is_own_work(revision, by):
        raise OwnWork(_("You wrote or submitted this text, so somebody else must review it."))


def record(
    deed: str,
    revision: AnyRevision,
    *,
    by: User | None,
    now: dt.datetime,
    detail: dict[str, Any] | None = None,
) -> None:
    subject = revision.subject
    audit.record(
        f"{subject._meta.model_name}.{deed}",
        subject,
        by=by,
        now=now,
        detail={"revision": revision.number} | (detail or {}),
    )
