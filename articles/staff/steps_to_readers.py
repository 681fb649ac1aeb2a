"""The steps that bring one version of a text to readers: who may take which now, and what each button asks.

What a step does is a verb of articles.publishing; it refuses what can no longer be done, whatever was
offered.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from portal.models import User

from .. import publishing, reviews, versions
from ..models import RevisionState
from ..texts import AnyRevision
from .approve_form import ApproveForm, AskForChangesForm, answers_in
from .checks_panel import reasons_in
from .step_forms import (
    CheckAgainForm,
    ConfirmForm,
    PublishForm,
    RestoreForm,
    RevokeForm,
    StepForm,
    WithdrawForm,
)

Words = str | Promise
NOT_ON_OWN_WORK = ("approve", "ask-for-changes", "revoke", "confirm")


# --- The buttons --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Step:
    """A button under a revision: who may press it, what it asks, which verb it calls, what is said then."""

    name: str
    permissions: tuple[str, ...]  # any one of them is enough
    label: Words
    take: Callable[..., Words | None]
    done: Words
    form: type[StepForm] = StepForm
    warning: bool = False
    help: Words = ""


def take_back(revision: AnyRevision, said: dict, **who: Any) -> None:
    publishing.take_back(revision, **who)


def approve(revision: AnyRevision, said: dict, **who: Any) -> None:
    publishing.approve(
        revision,
        next_review_on=said["next_review_on"],
        discern=answers_in(said),
        agrees=said.get("agrees", False),
        reasons=reasons_in(said),
        note=said["note"],
        signed_off=said.get("signed_off", False),
        **who,
    )


def confirm(revision: AnyRevision, said: dict, **who: Any) -> None:
    revision.next_review_on = said["seen"]
    reviews.confirm_still_current(
        revision,
        reason=said["reason"],
        next_review_on=said["next_review_on"],
        seen_flags=said["seen_flags"].split(),
        **who,
    )


def ask_for_changes(revision: AnyRevision, said: dict, **who: Any) -> None:
    publishing.ask_for_changes(revision, note=said["note"], discern=said["discern"], **who)


def publish(revision: AnyRevision, said: dict, **who: Any) -> Words:
    publishing.publish(revision, at=said["at"], **who)
    return _("Planned. It will be published at its time.") if said["at"] else _("Published.")


def unschedule(revision: AnyRevision, said: dict, **who: Any) -> None:
    publishing.unschedule(revision, **who)


def withdraw(revision: AnyRevision, said: dict, **who: Any) -> None:
    publishing.withdraw(revision, reason=said["reason"], **who)


def revoke(revision: AnyRevision, said: dict, **who: Any) -> None:
    publishing.revoke(revision, reason=said["reason"], **who)


def discard(revision: AnyRevision, said: dict, **who: Any) -> None:
    publishing.discard(revision, **who)


def check_again(revision: AnyRevision, said: dict, **who: Any) -> None:
    publishing.submit_again(revision, reasons=reasons_in(said), **who)


def restore(revision: AnyRevision, said: dict, **who: Any) -> None:
    publishing.restore(revision, set_draft_aside=said.get("set_draft_aside", False), **who)


STEPS = {
    step.name: step
    for step in (
        Step("take-back", ("submit",), _("Take back"), take_back, _("Taken back. You can write on.")),
        Step("approve", ("review",), _("Approve"), approve, _("Approved."), ApproveForm),
        Step(
            "ask-for-changes",
            ("review",),
            _("Ask for changes"),
            ask_for_changes,
            _("Sent back to the editor with your note."),
            AskForChangesForm,
        ),
        Step(
            "revoke",
            ("review",),
            _("Revoke the approval"),
            revoke,
            _("Revoked. The text is back with the editor."),
            RevokeForm,
            warning=True,
        ),
        Step("publish", ("publish",), _("Publish"), publish, _("Published."), PublishForm),
        Step(
            "unschedule",
            ("publish",),
            _("Cancel the planned publication"),
            unschedule,
            _("Cancelled. It stays approved."),
        ),
        Step(
            "check-again",
            ("submit",),
            _("Still right: submit for a new check"),
            check_again,
            _("Submitted for a new check, word for word."),
            CheckAgainForm,
            help=_("The same text goes to a reviewer, who sets the next date. Readers go on seeing it."),
        ),
        Step(
            "confirm",
            ("review",),
            _("Confirm: still current"),
            confirm,
            _("Confirmed. Readers see the new date, and the warnings are gone."),
            ConfirmForm,
            help=_(
                "You have read the live text again and it still holds as it stands. Nothing else changes."
            ),
        ),
        Step(
            "withdraw",
            ("publish", "review"),
            _("Withdraw from readers"),
            withdraw,
            _("Withdrawn. Readers no longer see it, and nothing is planned any more."),
            WithdrawForm,
            warning=True,
        ),
        Step(
            "discard",
            ("submit",),
            _("Discard this draft"),
            discard,
            _("Discarded. It stays among the versions and can be brought back from there."),
            warning=True,
            help=_("Readers see no change. The draft stays among the versions."),
        ),
        Step(
            "restore",
            ("submit",),
            _("Restore as a draft"),
            restore,
            _("Restored as a draft."),
            RestoreForm,
            help=_("This text becomes the newest draft. Readers see a change only once it is published."),
        ),
    )
}


@dataclass(frozen=True)
class Offer:
    """A step that this person may take now, with its form and the address it is sent to."""

    step: Step
    revision: AnyRevision
    form: forms.Form
    url: str


# --- Who may take them --------------------------------------------------------------------------


def may_take(person: User, step: Step, kind: type[AnyRevision]) -> bool:
    return any(versions.may(person, verb, kind) for verb in step.permissions)


def open_steps(revisions: Sequence[AnyRevision], person: User) -> Iterable[tuple[str, AnyRevision]]:
    """The steps open to this person, by name, each with its revision; `revisions` come newest first."""
    kept = [revision for revision in revisions if revision.state != RevisionState.SET_ASIDE]
    for name, revision in _possible_steps(kept) if kept else ():
        own = name in NOT_ON_OWN_WORK and versions.is_own_work(revision, person)
        if may_take(person, STEPS[name], type(revision)) and not own:
            yield name, revision


def is_live(revision: Any) -> bool:
    return revision.pk == revision.subject.live_revision_id


def _possible_steps(revisions: Sequence[AnyRevision]) -> Iterable[tuple[str, AnyRevision]]:
    """What can be done with these versions now, whoever asks."""
    newest = revisions[0]
    if newest.state == RevisionState.IN_REVIEW:
        yield from ((name, newest) for name in ("approve", "ask-for-changes", "take-back"))
    if is_live(newest) and versions.is_due(newest, timezone.localdate()):
        yield "check-again", newest
    if approved := _waiting_for_readers(revisions):
        yield from (("publish", approved), ("revoke", approved))
    yield from (("unschedule", revision) for revision in revisions if revision.publish_at)
    for revision in revisions:
        if is_live(revision):
            yield from (("confirm", revision), ("withdraw", revision))
    if newest.state == RevisionState.DRAFT:
        yield "discard", newest


def _waiting_for_readers(revisions: Sequence[AnyRevision]) -> AnyRevision | None:
    """The newest approved version, if it is newer than all that was published."""
    ended = (RevisionState.APPROVED, RevisionState.PUBLISHED)
    last = next((revision for revision in revisions if revision.state in ended), None)
    return last if last and last.state == RevisionState.APPROVED else None
