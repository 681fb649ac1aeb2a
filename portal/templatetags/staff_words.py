"""The trail in words, for staff."""

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from typing import Any

from django import template
from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from portal.models import AuditEvent

register = template.Library()

DEEDS = {
    "added": _("added it"),
    "approval_revoked": _("took the approval back"),
    "approved": _("approved it"),
    "changed": _("changed it"),
    "changes_asked": _("asked for changes"),
    "confirmed": _("confirmed that it still holds"),
    "exported": _("exported it"),
    "listed": _("looked at the list"),
    "opened": _("opened it"),
    "password_changed": _("changed the password"),
    "published": _("published it"),
    "reminded": _("wrote to those who look after it that it is to be checked"),
    "renamed": _("gave it another address"),
    "restored": _("restored an earlier text as a draft"),
    "retried": _("had it sent again"),
    "saved": _("saved the draft"),
    "schedule_refused": _("could not publish it as planned"),
    "scheduled": _("planned the publication"),
    "set_aside": _("set the draft aside"),
    "signed_in": _("signed in"),
    "submitted": _("submitted it for review"),
    "taken_back": _("took it back from review"),
    "unscheduled": _("cancelled the planned publication"),
    "withdrawn": _("withdrew it from readers"),
    "source.state_changed": _("changed its state"),
    "page.restored": _("brought an earlier text back"),
    # Of a request the same words mean something else.
    "lead.answered": _("renewed the promised day"),
    "lead.assigned": _("gave it to somebody"),
    "lead.contact_corrected": _("corrected name or contact"),
    "lead.link_renewed": _("sent a new private link"),
    "lead.moved": _("moved it"),
    "lead.news_stopped": _("stopped the e-mails about the evidence"),
    "lead.noted": _("wrote a note"),
    "lead.submitted": _("sent the request"),
    "lead.withdrawn": _("took the request back"),
    "lead.withdrawn_for_requester": _("took it back because the requester asked"),
}


@register.filter
def deed(action: str) -> str:
    """'guide.submitted' in words; an action without words here as it is."""
    return str(DEEDS.get(action) or DEEDS.get(action.rpartition(".")[2]) or action)


# What the trail keeps under a name that staff do not use.
NAMES: dict[str, Promise] = {
    "revision": _("version"),
    "next_review_on": _("check again by"),
    "discern": _("DISCERN score"),
    "left_standing": _("warnings left standing"),
    "agreed_to": _("agreed to leave"),
}
ISO_DAY = re.compile(r"\d{4}-\d\d-\d\d")


@register.filter
def actor(event: AuditEvent) -> str:
    """Who did it; where that was nobody with an account, which side it was."""
    return (
        event.actor_name if event.actor_id else str(WITHOUT_ACCOUNT.get(event.actor_name, event.actor_name))
    )


WITHOUT_ACCOUNT: dict[str, Promise] = {"requester": _("the requester"), "machine": _("the portal")}


@register.filter
def told(event: AuditEvent) -> str:
    """What happened, with what was noted: 'changed it (text, title)'."""
    said, more = deed(event.action), noted(event)
    return f"{said} ({more})" if more else said


@register.filter
def noted(event: AuditEvent) -> str:
    """What an event noted, the fields of its record by their names on the page."""
    return "; ".join(notes(event.detail, event.target_type))


def notes(found: Mapping[str, Any], kind: str) -> Iterator[str]:
    return filter(None, each_note(found, kind))


def each_note(found: Mapping[str, Any], kind: str) -> Iterator[str]:
    for name, value in sorted(found.items()):  # PostgreSQL keeps no order
        if name == "changes":
            yield from (from_to(field, was, now, kind) for field, (was, now) in sorted(value.items()))
        elif name == "fields":
            told = set(found.get("changes") or ())
            yield ", ".join(field_in_words(field, kind) for field in value if field not in told)
        elif name == "filters":
            yield from filters_in_words(value)
        elif name == "count":
            yield ngettext("%d record", "%d records", value) % value
        elif value is True:
            yield spelled(name)
        elif value not in (False, None, "", []):
            yield f"{spelled(name)}: {plain(value)}"


def from_to(name: str, was: Any, now: Any, kind: str) -> str:
    """From what to what: 'main measure: main measure missed → main measure met'."""
    try:
        choices = dict(getattr(apps.get_model(kind)._meta.get_field(name), "flatchoices", ()))
    except (LookupError, ValueError, FieldDoesNotExist):
        choices = {}
    before, after = (
        str(choices.get(value) or ("–" if value in (None, "") else value)) for value in (was, now)
    )
    return f"{field_in_words(name, kind)}: {before} → {after}"


def field_in_words(name: str, kind: str) -> str:
    try:
        return str(getattr(apps.get_model(kind)._meta.get_field(name), "verbose_name", spelled(name)))
    except (LookupError, ValueError, FieldDoesNotExist):
        return spelled(name)


def filters_in_words(filters: Mapping[str, str]) -> Iterator[str]:
    if names := sorted({name.partition("__")[0] for name in filters}):
        yield _now("only some, by %(names)s") % {"names": ", ".join(map(spelled, names))}


def spelled(name: str) -> str:
    return str(NAMES.get(name, "")) or name.replace("_", " ")


def plain(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(spelled(str(item)) for item in value)
    if isinstance(value, str) and (day := day_in(value)):
        return date_format(day, "j F Y")
    return str(value)


def day_in(value: str) -> dt.date | None:
    try:
        return dt.datetime.fromisoformat(value).date() if ISO_DAY.match(value) else None
    except ValueError:
        return None
