"""Texts whose evidence has changed: which are flagged when a source changes, and how that ends.

Another state flags, and so do other facts that claims lean on (evidence.FACTS).

One open flag for each source under a guide, treatment or claim, however often the source changes: it asks
one question, since the first change, and `from_state` is the state on which somebody last agreed. Each
change by itself is in the trail of the source. Called inside the transaction of a verb.

Whoever changes a source and whoever publishes a text hold the sources first and the guides and treatments
after them, so that no text goes live unseen beside a change and neither waits for the other for ever.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import Any

from django.db.models import Exists, OuterRef, Q

from portal.models import AuditEvent, User

from . import facts as records
from .checks.of_text import agreed_to, agreed_to_correction
from .evidence import Facts, mark_of, together
from .models import Claim, EvidenceFlag, Guide, RevisionState, Source, Treatment
from .texts import AnyRevision
from .versions import AnySubject

Settled = EvidenceFlag.Settled
# What can be flagged, by the name of its column.
KINDS = {"guide": Guide, "treatment": Treatment, "claim": Claim}
STATE_CHANGED = "source.state_changed"


def users_of(source: Source) -> dict[str, Any]:
    """What readers see that stands on this source: by kind, a queryset of guides, treatments and claims.

    A text stands on it where its body, its easy version or one of its claims cites it.
    """
    claims = claims_on(source)
    return {
        "guide": Guide.objects.filter(
            Q(live_revision__in=source.guiderevisions.values("pk"))
            | Q(live_revision__in=claims.values("guide_revision"))
        ),
        "treatment": Treatment.objects.filter(
            Q(live_revision__in=source.treatmentrevisions.values("pk"))
            | Q(live_revision__in=claims.values("treatment_revision"))
        ),
        "claim": claims,
    }


def claims_on(source: Source) -> Any:
    """The claims of live texts that name this source."""
    return Claim.objects.live().filter(Q(source=source) | Q(pk__in=source.claims.values("pk")))


def leaned_on(source: Source) -> bool:
    """Whether a text that readers see, or that waits for them, stands on this source."""
    waiting = {"state__in": (RevisionState.IN_REVIEW, RevisionState.APPROVED)}
    submitted = (source.guiderevisions.filter(**waiting), source.treatmentrevisions.filter(**waiting))
    return any(found.exists() for found in (*users_of(source).values(), *submitted))


def source_changed(
    source: Source, *, was: str, by: User, now: dt.datetime, facts: Facts | None = None
) -> dict[str, int]:
    """Flag what stands on a source whose state was another, or whose `facts` were; how many are open.

    By kind; under "settled" those that are not: the source is again as it was when they were agreed to.
    """
    _hold_users(source)
    settled = _settle_changed_back(source, facts or {}, by=by, now=now)
    again = {flag.pk for flag in settled}
    for kind, users in users_of(source).items():
        flagged = EvidenceFlag.objects.filter(Q(settled_at=None) | Q(pk__in=again), source=source)
        unflagged = users.exclude(pk__in=flagged.filter(**{f"{kind}__isnull": False}).values(kind))
        _raise(source, kind, unflagged, was=was, facts=facts or {}, now=now)
    return _open_by_kind(source) | {"settled": len(settled)}


def settle(subject: AnySubject, *, how: str, by: User | None, now: dt.datetime) -> int:
    """Settle every open flag of a guide or treatment and of the claims of its texts; how many."""
    number = open_on(subject).update(settled_at=now, settled_by=by, settled_how=how)
    type(subject)._default_manager.filter(pk=subject.pk).update(flagged_at=None)
    return number


def open_on(subject: AnySubject) -> Any:
    """The open flags of a guide or treatment and of the claims of its texts."""
    kind = subject._meta.model_name
    own = Q(**{f"{kind}": subject}) | Q(**{f"claim__{kind}_revision__subject": subject})
    return EvidenceFlag.objects.open().filter(own)


def marks_of(subject: AnySubject) -> set[str]:
    """One mark for each open flag and what it says now: another means that the evidence has changed."""
    return {f"{flag.pk}:{flag.to_state}:{mark_of(flag.facts)}" for flag in open_on(subject)}


def hold_sources(revision: AnyRevision) -> None:
    """Keep the sources under a text as they are until the transaction ends; before its subject is held."""
    held = Source.objects.select_for_update(no_key=True).filter(pk__in=_sources_of(revision))
    list(held.order_by("pk").values_list("pk", flat=True))


def replaced(revision: AnyRevision, *, by: User | None, now: dt.datetime) -> None:
    """This text is what readers see now: earlier flags are settled.

    What its editor or reviewer said may stand is not flagged, a retracted source among it; any other change
    since the text was submitted is.
    """
    subject = revision.subject
    settle(subject, how=Settled.REVISED, by=by, now=now)
    for source, was, facts in _changed_since_submitted(revision):
        for kind, users in users_of(source).items():
            _raise(source, kind, users.filter(_of(subject, kind)), was=was, facts=facts, now=now)


# --- Steps of these -----------------------------------------------------------------------------


def _hold_users(source: Source) -> None:
    """A text that is withdrawn or confirmed at this moment comes before or after, never between."""
    for kind in ("guide", "treatment"):
        numbers = list(users_of(source)[kind].values_list("pk", flat=True))
        rows = KINDS[kind]._default_manager.select_for_update(no_key=True).filter(pk__in=numbers)
        list(rows.order_by("pk").values_list("pk", flat=True))


def _settle_changed_back(source: Source, facts: Facts, *, by: User, now: dt.datetime) -> list[EvidenceFlag]:
    """Settle those whose source is as it was; the others tell what it is now."""
    back = []
    for flag in EvidenceFlag.objects.open().filter(source=source):
        changed = together(flag.facts, facts)
        if flag.from_state == source.state and not changed:
            back.append(flag)
        else:
            EvidenceFlag.objects.filter(pk=flag.pk).update(to_state=source.state, facts=changed)
    EvidenceFlag.objects.filter(pk__in=[flag.pk for flag in back]).update(
        settled_at=now, settled_by=by, settled_how=Settled.CHANGED_BACK
    )
    for kind in ("guide", "treatment"):
        still = EvidenceFlag.objects.open().filter(**{kind: OuterRef("pk")})
        subjects = KINDS[kind]._default_manager.filter(pk__in=[getattr(flag, f"{kind}_id") for flag in back])
        subjects.exclude(Exists(still)).update(flagged_at=None)
    return back


def _raise(source: Source, kind: str, users: Any, *, was: str, facts: Facts, now: dt.datetime) -> None:
    numbers = list(users.values_list("pk", flat=True))
    EvidenceFlag.objects.bulk_create(
        EvidenceFlag(
            source=source,
            from_state=was,
            to_state=source.state,
            facts=facts,
            raised_at=now,
            **{f"{kind}_id": number},
        )
        for number in numbers
    )
    if kind != "claim":
        KINDS[kind]._default_manager.filter(pk__in=numbers, flagged_at=None).update(flagged_at=now)


def _open_by_kind(source: Source) -> dict[str, int]:
    flags = EvidenceFlag.objects.open().filter(source=source)
    return {f"{kind}s": flags.filter(**{f"{kind}__isnull": False}).count() for kind in KINDS}


def _of(subject: AnySubject, kind: str) -> Q:
    """Of all that can be flagged in this way what belongs to this subject."""
    own = subject._meta.model_name
    if kind == "claim":
        return Q(**{f"{own}_revision__subject": subject})
    return Q(pk=subject.pk) if kind == own else Q(pk__in=())


def _sources_of(revision: AnyRevision) -> set[int]:
    claimed = Source.objects.filter(claims__in=revision.claim_rows.all())
    first = Source.objects.filter(pk__in=revision.claim_rows.values("source"))
    return {source.pk for found in (revision.cited.all(), claimed, first) for source in found.only("pk")}


def _changed_since_submitted(revision: AnyRevision) -> Iterator[tuple[Source, str, Facts]]:
    """Each source that is not as it was then, with its state then and what facts changed.

    Not what somebody gave a reason for.
    """
    numbers = _sources_of(revision)
    then = _states_at(numbers, revision.submitted_at)
    facts = records.changed_since(numbers, revision.submitted_at)
    told = records.changed_under(revision, numbers)
    for source in Source.objects.filter(pk__in={*then, *facts}):
        was, changed = then.get(source.pk, source.state), facts.get(source.pk, {})
        if agreed_to(revision.overrides, source.key, source.state):
            was = source.state
        if agreed_to_correction(revision.overrides, source.key, mark_of(told.get(source.pk, {}))):
            changed = {}
        if was != source.state or changed:
            yield source, was, changed


def _states_at(sources: Iterable[int], moment: dt.datetime | None) -> dict[int, str]:
    """The states of those that have changed after this moment. The trail alone remembers them."""
    changes = AuditEvent.objects.filter(
        target_type=Source._meta.label_lower,
        target_id__in=[str(number) for number in sources],
        action=STATE_CHANGED,
        at__gt=moment,
    )
    latest_first = changes.order_by("-at", "-pk").values_list("target_id", "detail")
    return {int(number): detail["from"] for number, detail in latest_first}
