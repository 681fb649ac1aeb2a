"""Which letter about a guide or treatment goes to whom. Only staff get any."""

from __future__ import annotations

import datetime as dt
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

LETTERS: dict[str, str | Promise] = {"articles/review_due": _("to staff: a text is to be checked again")}


def reviewers_of(subject: AnySubject) -> list[str]:
    """Where to write about the review of a live text: its author and its owners, but nobody who has left.

    Where nobody is left among the owners, or there are none, the medical reviewers. One letter an address.
    """
    there = User.objects.filter(is_active=True).exclude(email="")
    live: Any = subject.live_revision
    owners = list(there.filter(groups=subject.owners)) if subject.owners else []
    people = [*there.filter(pk=live.author_id), *(owners or there.filter(groups__name=roles.REVIEWER))]
    return sorted({person.email.casefold(): person.email for person in people}.values())


def review_due(revision: AnyRevision, *, to: list[str], now: dt.datetime) -> None:
    """The review of a live text comes, is due today, or is over."""
    subject = revision.subject
    kind = subject._meta.model_name
    day: Any = revision.next_review_on
    days = (day - timezone.localdate(now)).days
    context = {
        "title": revision.title,
        "due_on": date_format(day, "j F Y"),
        "days": abs(days),
        "when": "before" if days > 0 else "after" if days < 0 else "today",
        "admin_link": settings.SITE_URL + reverse(f"admin:articles_{kind}_change", args=[subject.pk]),
        "public_link": settings.SITE_URL + subject.get_absolute_url(),
    }
    for address in to:
        mail.queue("articles/review_due", to=address, context=context, about=subject.slug[:40], now=now)
