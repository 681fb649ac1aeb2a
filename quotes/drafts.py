"""The unfinished request, kept in the visitor's session for two hours and nowhere else."""

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.base import SessionBase
from django.utils.dateparse import parse_datetime

from . import links, steps
from .questions import Typed

KEPT_FOR = dt.timedelta(hours=2)
DRAFT = "quote_draft"
# A key a step: of two steps saved at once in two tabs neither takes the other's answers back.
ANSWERS = {step: f"quote_answers_{step}" for step in steps.STEPS}
SENT = "quote_sent"
SENT_MARK = "quote_sent_mark"


@dataclass
class Draft:
    """Answers by step as they were typed, and the secret that makes sending them twice one request."""

    secret: str = field(default_factory=links.make)
    answers: dict[str, Typed] = field(default_factory=dict)
    prefill: Mapping[str, str] = field(default_factory=dict)

    @property
    def mark(self) -> str:
        """Names this draft with these very answers in a form, without giving its secret away."""
        return links.digest(f"draft {self.secret} {json.dumps(self.answers, sort_keys=True)}")


def find(session: SessionBase, *, now: dt.datetime) -> Draft | None:
    """The draft; None when there is none. One whose last answer is older than two hours is dropped."""
    kept = session.get(DRAFT)
    if not kept:
        return None
    saved_at = parse_datetime(kept["saved_at"])
    if saved_at is None or now - saved_at > KEPT_FOR:
        drop(session)  # a session of staff lives longer than the answers may
        return None
    answers = {step: session[key] for step, key in ANSWERS.items() if key in session}
    return Draft(kept["secret"], answers, kept["prefill"])


def keep(session: SessionBase, draft: Draft, *, now: dt.datetime) -> None:
    _forget(session)
    session[DRAFT] = {"secret": draft.secret, "prefill": draft.prefill, "saved_at": now.isoformat()}
    for step, typed in draft.answers.items():
        session[ANSWERS[step]] = typed
    _end_with_the_draft(session)


def drop(session: SessionBase) -> None:
    """Forget the draft at once; a session that held nothing else goes with it."""
    _forget(session)
    if not set(session.keys()) - {"_session_expiry"}:
        session.flush()


def _forget(session: SessionBase) -> None:
    for key in (DRAFT, *ANSWERS.values()):
        session.pop(key, None)


def mark_sent(session: SessionBase, draft: Draft) -> None:
    """The answers have become a request: keep only the way to it, and what its pages left open say."""
    _forget(session)
    session[SENT] = draft.secret
    session[SENT_MARK] = draft.mark
    _end_with_the_draft(session)


def sent(session: SessionBase) -> str | None:
    """The secret of the request sent last in this session."""
    return session.get(SENT)


def was_sent(session: SessionBase, mark: str | None) -> bool:
    """Whether a form with this mark is the one that made the request sent last."""
    return mark is not None and mark == session.get(SENT_MARK)


def _end_with_the_draft(session: SessionBase) -> None:
    # A member of staff who tries the form stays signed in for their working day.
    if SESSION_KEY not in session:
        session.set_expiry(int(KEPT_FOR.total_seconds()))
