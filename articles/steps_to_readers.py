"""The steps that bring one version of a text to readers: who may take which now, and what each button asks.

What a step does is a verb of articles.publishing; it refuses what can no longer be done, whatever was
offered.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from portal.models import User

from . import publishing
from .editing import ApproveForm, AskForChangesForm, PublishForm, StepForm, WithdrawForm
from .models import RevisionState
from .texts import AnyRevision

Words = str | Promise


# --- The buttons --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Step:
    """A button under a revision: who may press it, what it asks, which verb it calls, what is said then."""

    name: str
    permission: str
    label: Words
    take: Callable[..., Words | None]
    done: Words
    form: type[StepForm] = StepForm
    warning: bool = False


def take_back(revision: AnyRevision, said: dict, **who: Any) -> None:
    publishing.take_back(revision, **who)


def approve(revision: AnyRevision, said: dict, **who: Any) -> None:
    publishing.approve(revision, **said, **who)


def ask_for_changes(revision: AnyRevision, said: dict, **who: Any) -> None:
    publishing.ask_for_changes(revision, note=said["note"], **who)


def publish(revision: AnyRevision, said: dict, **who: Any) -> Words:
    publishing.publish(revision, at=said["at"], **who)
    return _("Planned. It will be published at its time.") if said["at"] else _("Published.")


def unschedule(revision: AnyRevision, said: dict, **who: Any) -> None:
    publishing.unschedule(revision, **who)


def withdraw(revision: AnyRevision, said: dict, **who: Any) -> None:
    publishing.withdraw(revision, reason=said["reason"], **who)


def restore(revision: AnyRevision, said: dict, **who: Any) -> None:
    publishing.restore(revision, **who)


STEPS = {
    step.name: step
    for step in (
        Step("take-back", "submit", _("Take back"), take_back, _("Taken back. You can write on.")),
        Step("approve", "review", _("Approve"), approve, _("Approved."), ApproveForm),
        Step(
            "ask-for-changes",
            "review",
            _("Ask for changes"),
            ask_for_changes,
            _("Sent back to the editor with your note."),
            AskForChangesForm,
        ),
        Step(
            "publish",
            "publish",
            _("Publish"),
            publish,
            _("Published."),
            PublishForm,
        ),
        Step(
            "unschedule",
            "publish",
            _("Cancel the planned publication"),
            unschedule,
            _("Cancelled. It stays approved."),
        ),
        Step(
            "withdraw",
            "publish",
            _("Withdraw from readers"),
            withdraw,
            _("Withdrawn. Readers no longer see it."),
            WithdrawForm,
            warning=True,
        ),
        Step("restore", "submit", _("Restore as a draft"), restore, _("Restored as a draft.")),
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


def may(person: User, verb: str, kind: type[AnyRevision]) -> bool:
    """Whether this person may submit, review or publish revisions of this kind."""
    return person.has_perm(f"articles.{verb}_{kind._meta.model_name}")


def open_steps(revisions: Sequence[AnyRevision], person: User) -> Iterable[tuple[str, AnyRevision]]:
    """The steps open to this person, by name, each with its revision; `revisions` come newest first."""
    if not revisions:
        return
    newest = revisions[0]
    kind = type(newest)
    if newest.state == RevisionState.IN_REVIEW:
        if may(person, "review", kind) and not is_own_work(newest, person):
            yield from (("approve", newest), ("ask-for-changes", newest))
        if may(person, "submit", kind):
            yield "take-back", newest
    if may(person, "publish", kind):
        yield from _steps_to_readers(revisions)


def is_own_work(revision: AnyRevision | None, person: User) -> bool:
    return revision is not None and revision.writers.filter(pk=person.pk).exists()


def is_live(revision: Any) -> bool:
    return revision.pk == revision.subject.live_revision_id


def _steps_to_readers(revisions: Sequence[AnyRevision]) -> Iterable[tuple[str, AnyRevision]]:
    """The newest approved version that is newer than all that was published; plans; what is live."""
    for revision in revisions:
        if revision.state == RevisionState.APPROVED:
            yield "publish", revision
            break
        if revision.state == RevisionState.PUBLISHED:
            break
    yield from (("unschedule", revision) for revision in revisions if revision.publish_at)
    yield from (("withdraw", revision) for revision in revisions if is_live(revision))
