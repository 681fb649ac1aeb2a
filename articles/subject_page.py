"""What the page of a guide or treatment tells beside its form: errors, the last review, changes, sources."""

from collections.abc import Iterable, Sequence
from operator import attrgetter
from typing import Any

from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from .comparisons import for_review
from .editing import DraftForm
from .models import RevisionState, Source
from .steps_to_readers import Offer, is_live
from .texts import AnyRevision

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
    for asked in (form, refused.form if refused else None):
        for name, said in asked.errors.items() if asked else ():
            field = asked[name] if asked and name in asked.fields else None
            field_id = field.id_for_label or field.auto_id if field else ""
            label = f"{field.label}: " if field else ""
            yield from ((field_id, f"{label}{message}") for message in said)


def sent_to_checks(number: int) -> str:
    said = ngettext(
        "Saved as a draft, but not submitted: %(number)s thing must be mended first.",
        "Saved as a draft, but not submitted: %(number)s things must be mended first.",
        number,
    ) % {"number": number}
    return format_html('{} <a href="#checks">{}</a>', said, _("See the checks"))


def standing_of(newest: AnyRevision | None, revisions: Sequence[AnyRevision]) -> dict[str, Any]:
    """What is to be known before one writes or decides: the last review, a withdrawal, what changed."""
    reviewed = [revision for revision in revisions if revision.reviewed_at]
    withdrawn = [revision for revision in revisions if revision.withdrawn_at]
    live = next((revision for revision in revisions if is_live(revision)), None)
    compared = newest and newest.state in BEFORE_READERS
    return {
        "last_review": max(reviewed, key=attrgetter("reviewed_at"), default=None),
        "withdrawn": None if live else max(withdrawn, key=attrgetter("withdrawn_at"), default=None),
        "overdue": bool(live and live.is_overdue(timezone.localdate())),
        "comparisons": for_review(newest, revisions) if newest and compared else [],
    }


def sources_for(newest: AnyRevision | None) -> dict[str, list[Source]]:
    """All sources, apart those that the saved text cites, in the order of their numbers."""
    everything = list(Source.objects.only("key", "title", "year", "publisher", "state"))
    numbers = {key: number for number, key in enumerate(newest.citation_keys)} if newest else {}
    cited = [source for source in everything if source.key in numbers]
    return {
        "cited": sorted(cited, key=lambda source: numbers[source.key]),
        "sources": [source for source in everything if source.key not in numbers],
    }
