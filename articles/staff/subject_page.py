"""What the page of a guide or treatment tells beside its form: errors, the last review, changes, sources."""

from collections.abc import Iterable, Sequence
from operator import attrgetter
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.forms import BaseForm, BoundField, RadioSelect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ..checks.quality import Problem
from ..claims import Direction
from ..models import Claim, EvidenceFlag, RevisionState, Source
from ..own_links import Leading, leading_to
from ..texts import AnyRevision
from ..versions import AnySubject
from .checks_panel import counted
from .comparisons import for_review
from .editing import DraftForm
from .steps_to_readers import Offer, is_live

SOURCE_SHOWN = ("key", "title", "plain_title", "year", "publisher", "state", "main_measure")
# What a reviewer compares.
BEFORE_READERS = (
    RevisionState.DRAFT,
    RevisionState.IN_REVIEW,
    RevisionState.CHANGES_ASKED,
    RevisionState.TAKEN_BACK,
    RevisionState.APPROVED,
)


def errors_of(form: DraftForm | None, refused: Offer | None) -> Iterable[tuple[str, str]]:
    """Each error with its field's name before it and its id, '' where it belongs to none, for the summary."""
    yield from errors_of_form(form)
    if form and form.claims.is_bound:
        yield from form.claims.faults()
    yield from errors_of_form(refused.form if refused else None)


def errors_of_form(asked: BaseForm | None) -> Iterable[tuple[str, str]]:
    for name, said in asked.errors.items() if asked else ():
        field = asked[name] if asked and name in asked.fields else None
        field_id = _first_id(field) if field else ""
        label = named(field) if field else ""
        yield from ((field_id, f"{label}{message}") for message in said)


def named(field: BoundField) -> str:
    """Before what is wrong with it: a question ends in a mark of its own."""
    label = str(field.label)
    return f"{label} " if label.endswith("?") else f"{label}: "


def _first_id(field: BoundField) -> str:
    """Where a link to this field leads: of several buttons, to the first."""
    if isinstance(field.field.widget, RadioSelect):
        return f"{field.auto_id}_0"
    return field.id_for_label or field.auto_id


def not_submitted_words(problems: Sequence[Problem]) -> str:
    """What stands in the way, counted apart: what must be mended, and warnings that need a reason."""
    blocking, warnings = counted(problems)
    wanted = []
    if blocking:
        wanted.append(ngettext("%d thing must be mended", "%d things must be mended", blocking) % blocking)
    if warnings:
        said = ngettext("%d warning needs a reason", "%d warnings need a reason", warnings)
        wanted.append(said % warnings)
    return _("Saved as a draft, but not submitted: %(wanted)s") % {"wanted": ", ".join(wanted)}


def refused_words(problems: Sequence[Problem]) -> str:
    """The same with the way to the checks, for a page that does not list them at its top."""
    return format_html('<a href="#checks">{}</a>.', not_submitted_words(problems))


def open_flags(subject: AnySubject | None) -> list[EvidenceFlag]:
    """What has changed under the live text since somebody last agreed to it; no query where nothing has."""
    if subject is None or subject.flagged_at is None:
        return []
    kind = subject._meta.model_name
    own = Q(**{f"{kind}": subject}) | Q(**{f"claim__{kind}_revision__subject": subject})
    found = EvidenceFlag.objects.open().filter(own).select_related("source", "source__superseded_by", "claim")
    return list(found.order_by("source__key", "claim__position"))


def unsupported(subject: AnySubject | None) -> list[Claim]:
    """Benefits that readers see and that had a source which showed them, and have none now."""
    live: Any = subject.live_revision if subject else None
    if live is None or not live.benefits:
        return []
    kind = type(live)._meta.model_name.removesuffix("revision")
    standing = Source.objects.showing_benefit().exclude(state=Source.State.RETRACTED)
    shown = Exists(standing.filter(claims=OuterRef("pk")))
    benefits = Claim.objects.filter(**{f"{kind}_revision": live}, direction=Direction.BENEFIT, weakness="")
    return list(benefits.exclude(shown).order_by("position"))


def leading_here(subject: AnySubject | None, offers: Iterable[Offer]) -> list[tuple[str, list[Any]]]:
    """What leads readers to a live text, for who may withdraw it: in words, and each with its page here."""
    if subject is None or not any(offer.step.name == "withdraw" for offer in offers):
        return []
    found = leading_to(subject)
    linking = [one for one in found if one.in_text]
    beside = [one for one in found if not one.in_text]
    said = (
        (linking, ngettext("%d text links to it", "%d texts link to it", len(linking))),
        (
            beside,
            ngettext("%d page shows it beside its text", "%d pages show it beside their text", len(beside)),
        ),
    )
    return [(words % len(ones), [(one, _page_here(one)) for one in ones]) for ones, words in said if ones]


def _page_here(one: Leading) -> str:
    app = "portal" if one.kind == "page" else "articles"
    return reverse(f"admin:{app}_{one.kind}_change", args=[one.number])


def standing_of(newest: AnyRevision | None, revisions: Sequence[AnyRevision]) -> dict[str, Any]:
    """What is to be known before one writes or decides: the last review, a withdrawal, what changed."""
    reviewed = [revision for revision in revisions if revision.reviewed_at]
    withdrawn = [revision for revision in revisions if revision.withdrawn_at]
    live = next((revision for revision in revisions if is_live(revision)), None)
    compared = newest and newest.state in BEFORE_READERS
    return {
        "last_review": max(reviewed, key=attrgetter("reviewed_at"), default=None),
        "withdrawn": None if live else max(withdrawn, key=attrgetter("withdrawn_at"), default=None),
        "planned": next((revision for revision in revisions if revision.publish_at), None),
        "overdue": bool(live and live.is_overdue(timezone.localdate())),
        "comparisons": for_review(newest, revisions) if newest and compared else [],
    }


def sources_for(newest: AnyRevision | None) -> dict[str, list[Source]]:
    """All sources, apart those that the saved text cites, in the order of their numbers."""
    everything = list(Source.objects.only(*SOURCE_SHOWN))
    numbers = {key: number for number, key in enumerate(newest.citation_keys)} if newest else {}
    cited = [source for source in everything if source.key in numbers]
    return {
        "cited": sorted(cited, key=lambda source: numbers[source.key]),
        "sources": [source for source in everything if source.key not in numbers],
    }
