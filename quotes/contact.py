"""The verbs of how a requester is reached: their private link, their name and addresses, their e-mails."""

import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from portal import audit
from portal.models import User

from . import consents, links, notices, pipeline
from .models import Consent, PrivateLink, QuoteRequest

# What staff may put right; what was answered about health stays as it was answered.
CONTACT = ("name", "email", "phone", "do_not_phone", "channel", "hours", "time_zone")


class Overtaken(pipeline.PipelineError):
    """Somebody corrected the contact after the page of this correction was opened."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "This was corrected after you opened the page, by a colleague or by you in another window. "
                "Nothing was overwritten, and what you typed is not saved. Look at it as it is now; saving "
                "again replaces it."
            )
        )


@transaction.atomic
def renew_link(lead: QuoteRequest, *, by: User, now: dt.datetime) -> None:
    """A new private link goes to the requester; none of the old ones opens anything any more."""
    _replace_links(lead, now=now)
    audit.record("lead.link_renewed", lead, by=by, now=now)


def _replace_links(lead: QuoteRequest, *, now: dt.datetime) -> None:
    secret = links.make()
    lead.links.filter(revoked_at=None).update(revoked_at=now)
    PrivateLink.objects.create(lead=lead, digest=links.digest(secret), created_at=now)
    notices.new_link(lead, secret=secret, now=now)


def stamp(lead: QuoteRequest) -> str:
    """Which state of CONTACT this is: changes with every value."""
    values = [getattr(lead, name) for name in CONTACT]
    return hashlib.sha256(json.dumps(values).encode()).hexdigest()[:32]


@transaction.atomic
def correct_contact(
    lead: QuoteRequest, answers: Mapping[str, Any], *, seen: str, reason: str, by: User, now: dt.datetime
) -> None:
    """Put right what is wrong in CONTACT; a new e-mail address gets a new private link.

    The reason is a note for colleagues, where it may hold what the trail must not. Raises PipelineError
    without one, or when nothing differs; Overtaken, when the stamp that was seen is not that of today's lead.
    """
    lead.refresh_from_db(from_queryset=QuoteRequest.objects.select_for_update())
    changed = sorted(name for name in CONTACT if answers[name] != getattr(lead, name))
    if not changed:
        raise pipeline.PipelineError(_("Nothing was changed: all of this is as it was."))
    if seen != stamp(lead):
        raise Overtaken
    for name in changed:
        setattr(lead, name, answers[name])
    lead.save(update_fields=changed)
    note = pipeline.keep_note(lead, reason, by=by, now=now)
    audit.record("lead.contact_corrected", lead, by=by, now=now, detail={"fields": changed, "note": note.pk})
    if "email" in changed:
        _replace_links(lead, now=now)


def gets_news(acts: Iterable[Consent]) -> bool:
    """Whether the newest of these acts, oldest first, on e-mails about the evidence is a yes."""
    return [act.given for act in acts if act.kind == consents.NEWS][-1:] == [True]


@transaction.atomic
def stop_news(lead: QuoteRequest, *, now: dt.datetime, by: audit.Actor = "requester") -> None:
    """The requester wants no more e-mails about the evidence; twice is once. The request goes on."""
    lead.refresh_from_db(from_queryset=QuoteRequest.objects.select_for_update())
    if pipeline.end_consents(lead, [consents.NEWS], now=now):
        audit.record("lead.news_stopped", lead, by=by, now=now)
