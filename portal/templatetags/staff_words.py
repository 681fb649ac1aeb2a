"""The trail in words, for staff."""

from collections.abc import Mapping
from typing import Any

from django import template
from django.utils.translation import gettext_lazy as _

register = template.Library()

DEEDS = {
    "added": _("added it"),
    "approval_revoked": _("took the approval back"),
    "approved": _("approved it"),
    "changed": _("changed it"),
    "changes_asked": _("asked for changes"),
    "exported": _("exported it"),
    "listed": _("looked at the list"),
    "opened": _("opened it"),
    "password_changed": _("changed the password"),
    "published": _("published it"),
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


@register.filter
def detail(noted: Mapping[str, Any]) -> str:
    """What an event noted, on one line: 'revision: 3, note: …'."""
    return ", ".join(f"{name.replace('_', ' ')}: {plain(value)}" for name, value in noted.items())


def plain(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(str(item).replace("_", " ") for item in value)
    return str(value)
