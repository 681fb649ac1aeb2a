"""Which letter about a guide or treatment goes to whom. Only staff get any."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from portal import mail, roles
from portal.models import User

from .texts import AnyRevision
from .versions import AnySubject

LETTERS: dict[str, str | Promise] = {
    "articles/review_due": _("to staff: a text is to be checked again"),
    "articles/to_review": _("to reviewers: a text waits for them"),
    "articles/sent_back": _("to the author: a text came back"),
    "articles/plan_dropped": _("to staff: a planned publication was dropped"),
}


def addresses_of(people: Iterable[User]) -> list[str]:
    """One letter an address, however many people share it."""
    return sorted({person.email.casefold(): person.email for person in people}.values())


def _there() -> Any:
    """Staff who can be written to; nobody who has left."""
    return User.objects.filter(is_active=True).exclude(email="")


def reviewers_of(subject: AnySubject) -> list[str]:
    """Where to write about the review of a live text: its author and its owners, but nobody who has left.

    Where nobody is left among the owners, or there are none, the medical reviewers.
    """
    live: Any = subject.live_revision
    owners = list(_there().filter(groups=subject.owners)) if subject.owners else []
    return addresses_of(
        [*_there().filter(pk=live.author_id), *(owners or _there().filter(groups__name=roles.REVIEWER))]
    )


def review_due(revision: AnyRevision, *, to: list[str], now: dt.datetime) -> None:
    """The review of a live text comes, is due today, or is over."""
    day: Any = revision.next_review_on
    days = (day - timezone.localdate(now)).days
    said = {
        "due_on": date_format(day, "j F Y"),
        "days": abs(days),
        "when": "before" if days > 0 else "after" if days < 0 else "today",
        "public_link": settings.SITE_URL + revision.subject.get_absolute_url(),
    }
    _queue("articles/review_due", revision, said, to=to, now=now)


def submitted(revision: AnyRevision, *, now: dt.datetime) -> None:
    """A text waits for a reviewer: to those who may review it, so to nobody whose words stand in it."""
    others = _there().filter(groups__name=roles.REVIEWER).exclude(pk__in=_behind(revision))
    _queue("articles/to_review", revision, {}, to=addresses_of(others), now=now)


def sent_back(revision: AnyRevision, *, by: User, now: dt.datetime, revoked: bool = False) -> None:
    """A reviewer asks for changes, or takes an approval back: to the author and to who submitted it."""
    people = _there().filter(pk__in=[revision.author_id, revision.submitted_by_id]).exclude(pk=by.pk)
    _queue("articles/sent_back", revision, {"revoked": revoked}, to=addresses_of(people), now=now)


def plan_dropped(revision: AnyRevision, *, why: str, now: dt.datetime) -> None:
    """A planned publication failed: to who planned it and the author; to the editors if both have left."""
    people = _there().filter(pk__in=[revision.author_id, revision.published_by_id])
    people = people if people.exists() else _there().filter(groups__name=roles.EDITOR)
    _queue("articles/plan_dropped", revision, {"why": why}, to=addresses_of(people), now=now)


def _behind(revision: AnyRevision) -> list[int]:
    """Who wrote in it or submitted it."""
    writers = revision.writers.values_list("pk", flat=True)
    return [pk for pk in (revision.author_id, revision.submitted_by_id, *writers) if pk]


def _queue(
    template: str, revision: AnyRevision, said: dict[str, Any], *, to: Iterable[str], now: dt.datetime
) -> None:
    subject = revision.subject
    page = reverse(f"admin:articles_{subject._meta.model_name}_change", args=[subject.pk])
    context = {"title": revision.title, "admin_link": settings.SITE_URL + page} | said
    for address in to:
        mail.queue(template, to=address, context=context, about=subject.slug[:40], now=now)
