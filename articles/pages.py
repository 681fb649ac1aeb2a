"""What a guide, a treatment or a source shows, gathered from a revision without any request.

The public views and the preview in the admin fill the same templates with it. A page costs the same few
queries however many sources it cites; the text was rendered when it was saved.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import get_language, get_language_info, gettext_lazy, to_locale
from django.utils.translation import gettext as _

from . import structured_data
from .models import Guide, GuideRevision, RevisionState, Source, Treatment, TreatmentRevision

CITED_AT = re.compile(r'id="(cite-(\d+)-\d+)"')
Trail = list[tuple[str, str]]
Context = dict[str, Any]


@dataclass(frozen=True)
class Reference:
    """One numbered entry under a text; `uses` are the addresses of the places that cite it."""

    number: int
    source: Source | None
    uses: tuple[str, ...]


def guide_page(revision: GuideRevision, *, today: dt.date, preview: bool = False) -> Context:
    """All that articles/guide.html needs. A preview may be of any revision."""
    guide = revision.subject
    neighbours = list(neighbours_of(guide))
    treatments = list(with_live_text(guide.treatments))
    return text_page(revision, today=today, preview=preview, trail=guide_trail(revision)) | {
        "guide": guide,
        "topics": list(guide.topics.all()),
        "treatments": treatments,
        "related": [other for other in neighbours if other.is_related],
        "translations": [other for other in neighbours if is_translation(guide, other)],
        "quote_treatment": treatments[0].slug if len(treatments) == 1 else "",
        "quote_offered": not treatments or any(treatment.quote_offered for treatment in treatments),
        "own_parts": own_parts(revision),
    }


def treatment_page(revision: TreatmentRevision, *, today: dt.date, preview: bool = False) -> Context:
    """All that articles/treatment.html needs."""
    treatment = revision.subject
    page = text_page(revision, today=today, preview=preview, trail=treatment_trail(revision))
    cited = [reference.source for reference in page["references"] if reference.source]
    return page | {
        "treatment": treatment,
        "trials": [source for source in cited if is_trial(source)],
        "guides": list(with_live_text(treatment.guides)),
        "quote_treatment": treatment.slug,
        "quote_offered": treatment.quote_offered,
        "own_parts": own_parts(revision),
    }


def is_trial(source: Source) -> bool:
    """A trial with results; or one that is only planned or under way, which a register has a number for."""
    return source.kind == Source.Kind.TRIAL or bool(
        source.kind == Source.Kind.REGISTRY and source.registration
    )


def source_page(source: Source) -> Context:
    """All that articles/source.html needs: the record, its links, and the live texts that cite it."""
    return {
        "source": source,
        "links": links_of(source),
        "guides": list(with_live_text(Guide.objects.filter(live_revision__cited=source))),
        "treatments": list(with_live_text(Treatment.objects.filter(live_revision__cited=source))),
        "trail": [home_step(), (_("Evidence"), reverse("articles:sources")), (source.title, "")],
    }


# --- What guides and treatments share -----------------------------------------------------------


def text_page(revision: Any, *, today: dt.date, preview: bool, trail: Trail) -> Context:
    language = getattr(revision.subject, "language", settings.LANGUAGE_CODE)
    references = references_of(revision)
    history = list(history_of(revision.subject))
    first = history[-1] if history else None
    return {
        "revision": revision,
        "subject": revision.subject,
        "preview": preview,
        "overdue": not preview and revision.is_overdue(today),
        "references": references,
        "history": history,
        "trail": trail,
        "text_language": language,
        "words_language": words_language(language),
        "text_direction": "rtl" if get_language_info(language)["bidi"] else "ltr",
        "structured": structured_data.as_json(
            medical_page(revision, language, references, first=first),
            structured_data.breadcrumbs(full_trail(trail)),
        ),
    }


def words_language(language: str) -> str:
    """The language of the fixed words around a text: the text's own where the portal speaks it."""
    catalogue = Path(to_locale(language), "LC_MESSAGES", "django.mo")
    spoken = language.startswith("en") or any(Path(p, catalogue).is_file() for p in settings.LOCALE_PATHS)
    return language if spoken else get_language() or settings.LANGUAGE_CODE


def references_of(revision: Any) -> list[Reference]:
    sources = Source.objects.filter(key__in=revision.citation_keys).in_bulk(field_name="key")
    uses: defaultdict[int, list[str]] = defaultdict(list)
    for address, number in CITED_AT.findall(revision.rendered):
        uses[int(number)].append(address)
    return [
        Reference(number, sources.get(key), tuple(uses[number]))
        for number, key in enumerate(revision.citation_keys, 1)
    ]


def history_of(subject: Guide | Treatment) -> QuerySet[Any]:
    """What was published when, newest first."""
    published = subject.revisions.filter(state=RevisionState.PUBLISHED).order_by("-published_at", "-number")
    return published.only("subject", "published_at", "change_note")


def own_parts(revision: Any) -> list[tuple[str | Promise, str]]:
    """The parts that the page adds after the text, for the contents list: (label, id)."""
    parts: list[tuple[str | Promise, str, bool]] = [
        (gettext_lazy("Questions to ask"), "questions", bool(getattr(revision, "questions", None))),
        (gettext_lazy("Words explained"), "words", bool(revision.glossary)),
        (gettext_lazy("References"), "references", bool(revision.citation_keys)),
    ]
    return [(label, place) for label, place, there in parts if there]


def with_live_text(subjects: Any) -> Any:
    """Live subjects with what a list shows of them."""
    return subjects.live().named()


def neighbours_of(guide: Guide) -> Any:
    """Related guides and translations in one query; `is_related` tells them apart."""
    root = guide.translation_of_id or guide.pk
    related = Guide.related.through.objects.filter(from_guide=guide, to_guide=OuterRef("pk"))
    nearby = Guide.objects.annotate(is_related=Exists(related)).filter(
        Q(is_related=True) | Q(pk=root) | Q(translation_of=root)
    )
    return with_live_text(nearby.exclude(pk=guide.pk)).order_by("slug")


def is_translation(guide: Guide, other: Guide) -> bool:
    root = guide.translation_of_id or guide.pk
    return root in (other.pk, other.translation_of_id)


def guide_trail(revision: GuideRevision) -> Trail:
    return [home_step(), (_("Guides"), reverse("articles:guides")), (revision.title, "")]


def treatment_trail(revision: TreatmentRevision) -> Trail:
    return [home_step(), (_("Treatments"), reverse("articles:treatments")), (revision.title, "")]


def home_step() -> tuple[str, str]:
    return _("Home"), reverse("home")


def full_trail(trail: Trail) -> Trail:
    return [(label, settings.SITE_URL + url) for label, url in trail if url]


def medical_page(
    revision: Any, language: str, references: list[Reference], *, first: Any
) -> structured_data.Thing:
    # What nobody with a licence has reviewed must not tell machines that somebody has.
    reviewed = revision.reviewed_by is not None and not revision.demonstration
    return structured_data.medical_page(
        title=revision.title,
        summary=revision.summary,
        url=settings.SITE_URL + revision.subject.get_absolute_url(),
        language=language,
        site_name=settings.SITE_NAME,
        site_url=settings.SITE_URL,
        published_on=day_of(first),
        changed_on=day_of(revision),
        checked_on=revision.checked_on if reviewed else None,
        author=revision.author.public_name,
        reviewer=revision.reviewed_by.public_name if reviewed else "",
        audience=getattr(revision.subject, "audience", "everyone"),
        citations=[r.source.title for r in references if r.source],
    )


def day_of(revision: Any) -> dt.date | None:
    """When it was published; None for a draft that a preview shows."""
    return timezone.localdate(revision.published_at) if revision and revision.published_at else None


# --- Sources ------------------------------------------------------------------------------------

REGISTRIES = (
    ("NCT", "https://clinicaltrials.gov/study/{}"),
    ("ISRCTN", "https://www.isrctn.com/{}"),
    ("JRCT", "https://jrct.mhlw.go.jp/en-latest-detail/{}"),
    ("ACTRN", "https://www.anzctr.org.au/TrialSearch.aspx?searchTxt={}"),
)


def links_of(source: Source) -> list[tuple[str, str, str]]:
    """Where the source itself can be read: (what, its number or address, link or empty)."""
    links = [
        (_("Page"), source.url, source.url),
        ("DOI", source.doi, f"https://doi.org/{source.doi}"),
        ("PMID", source.pmid, f"https://pubmed.ncbi.nlm.nih.gov/{source.pmid}/"),
        (_("Registration number"), source.registration, registry_link(source.registration)),
    ]
    return [link for link in links if link[1]]


def registry_link(number: str) -> str:
    """The trial's page in its registry; empty for a registry whose addresses cannot be made from numbers."""
    for prefix, address in REGISTRIES:
        if number.upper().startswith(prefix):
            return address.format(number)
    return ""
