"""What a guide, a treatment or a source shows, gathered from a revision without any request.

The public views and the preview in the admin fill the same templates with it. A page costs the same few
queries however many sources it cites; the text was rendered when it was saved.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import Exists, OuterRef, Prefetch, Q, prefetch_related_objects
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import get_language, get_language_info, gettext_lazy, to_locale
from django.utils.translation import gettext as _

from . import freshness, glossary, shown_claims, structured_data
from .body import Heading
from .checks import statements
from .checks.statements import Statement
from .claims import Direction
from .models import GlossaryTerm, Guide, GuideRevision, Source, Treatment, TreatmentRevision
from .references import Reference, groups_of, numbered, references_of
from .shown_claims import Known, ShownClaim

# What a page shows of the guides and treatments that it leads to. Each column more is time on every page.
OF_NEIGHBOURS = ("slug", "language", "translation_of", "live_revision__title")
OF_TREATMENTS = (
    *("slug", "standing", "quote_offered"),
    *("live_revision__title", "live_revision__next_review_on"),
)
CITATION_MARK = re.compile(r'<sup class="citation">.*?</sup>', re.DOTALL)
GUIDE_LINKED = re.compile(r'(?<=href="/guides/)([\w-]+)/(?=["#])')
Trail = list[tuple[str, str]]
Context = dict[str, Any]


def guide_page(revision: GuideRevision, *, today: dt.date, preview: bool = False) -> Context:
    """All that articles/guide.html needs. A preview may be of any revision."""
    guide = revision.subject
    neighbours = list(neighbours_of(guide))
    claims = statements.read(revision.claims)
    known = list(treatments_of(guide, claims))
    treatments = [treatment for treatment in known if treatment.is_filed]
    page = text_page(
        revision,
        today=today,
        preview=preview,
        trail=guide_trail(revision),
        claims=claims,
        treatments={treatment.pk: treatment for treatment in known},
    )
    cells = [treatment for treatment in treatments if treatment.is_cells]
    return page | {
        "guide": guide,
        "topics": list(guide.topics.all()),
        "treatments": treatments,
        "related": [other for other in neighbours if other.is_related],
        "translations": [other for other in neighbours if is_translation(guide, other)],
        "quote_treatment": cells[0].slug if len(cells) == 1 else "",
        "offer": "quote" if not treatments else offer_for(cells),
        "no_quote": page["overdue"] or (not preview and none_is_current(cells, today)),
    }


def treatment_page(revision: TreatmentRevision, *, today: dt.date, preview: bool = False) -> Context:
    """All that articles/treatment.html needs."""
    treatment = revision.subject
    claims = statements.read(revision.claims)
    page = text_page(revision, today=today, preview=preview, trail=treatment_trail(revision), claims=claims)
    cited = (reference.source for reference in page["references"] if reference.source)
    trials = with_what_they_tested(source for source in cited if is_trial(source))
    return page | {
        "treatment": treatment,
        "trials": [trial for trial in trials if tested(trial, treatment)],
        "other_trials": [trial for trial in trials if not tested(trial, treatment)],
        "guides": list(guides_with_live_text(treatment.guides)),
        "quote_treatment": treatment.slug,
        "offer": offer_for([treatment] if treatment.is_cells else []),
        "no_quote": page["overdue"],
    }


def easy_page(revision: GuideRevision, *, today: dt.date) -> Context:
    """All that articles/easy.html needs: the same guide in short sentences of easy words."""
    guide = revision.subject
    page = around(revision, today=today, trail=guide_trail(revision))
    text = revision.easy
    pictured = pictured_in(revision.claims)
    keys = statements.keys_under(text.get("citation_keys", []), (claim.written for claim in pictured))
    return page | {
        "guide": guide,
        "html": with_easy_links(CITATION_MARK.sub("", text.get("html", ""))),
        "pictured": pictured,
        "contents": [heading for heading in text.get("contents", []) if heading["level"] == 2],
        "glossary": text.get("glossary", []),
        "references": numbered(keys, ""),
        "related": [other for other in neighbours_of(guide) if other.is_related],
        "no_quote": page["overdue"],
    }


def pictured_in(claims: object) -> list[ShownClaim]:
    """Of each direction the first claim that can be drawn; no benefit without a harm, nothing unknown."""
    drawn = [claim for claim in shown_claims.shown(statements.read(claims), Known({})) if claim.pictures]
    first = {direction: same[0] for direction, same in shown_claims.grouped(drawn)}
    first.pop(Direction.NOT_KNOWN, None)
    if Direction.HARM not in first:
        first.pop(Direction.BENEFIT, None)
    return list(first.values())


def with_easy_links(html: str) -> str:
    """The text with its links to guides that have an easy version leading there."""
    linked = set(GUIDE_LINKED.findall(html))
    if not linked:
        return html
    guides = guides_with_live_text(Guide.objects.filter(slug__in=linked)).filter(has_easy=True)
    easy = set(guides.values_list("slug", flat=True))
    return GUIDE_LINKED.sub(lambda link: f"{link[0]}easy/" if link[1] in easy else link[0], html)


def glossary_page() -> Context:
    """All that articles/glossary.html needs: every word by its first letter."""
    return {
        "letters": glossary.by_letter(GlossaryTerm.objects.values_list("term", "explanation")),
        "trail": [home_step(), (_("Words explained"), "")],
    }


def offer_for(cells: list[Treatment]) -> str:
    """What a page on these treatments leads to: "quote", "trial" where none can be quoted, or nothing."""
    if not cells:
        return ""
    return "quote" if any(treatment.quote_offered for treatment in cells) else "trial"


def none_is_current(cells: list[Treatment], today: dt.date) -> bool:
    """Whether every treatment that a quote could be for waits to be checked again."""
    offered = [treatment.live_revision for treatment in cells if treatment.quote_offered]
    return bool(offered) and all(text.is_overdue(today) for text in offered if text)


def is_trial(source: Source) -> bool:
    """A trial with results; or one that is only planned or under way, which a register has a number for."""
    return source.kind == Source.Kind.TRIAL or bool(
        source.kind == Source.Kind.REGISTRY and source.registration
    )


def with_what_they_tested(trials: Iterable[Source]) -> list[Source]:
    found = list(trials)
    prefetch_related_objects(found, Prefetch("treatments", Treatment.objects.named()))
    return found


def tested(trial: Source, treatment: Treatment) -> bool:
    """Whether it is a trial of this treatment; ask for many with `with_what_they_tested`."""
    return treatment in trial.treatments.all()


def source_page(source: Source) -> Context:
    """All that articles/source.html needs: the record, its links, and the live texts that cite it."""
    return {
        "source": source,
        "tested": list(with_live_text(source.treatments)),
        "links": links_of(source),
        "guides": list(with_live_text(Guide.objects.filter(live_revision__cited=source))),
        "treatments": list(with_live_text(Treatment.objects.filter(live_revision__cited=source))),
        "trail": [home_step(), (_("Evidence"), reverse("articles:sources")), (source.name, "")],
    }


# --- What guides and treatments share -----------------------------------------------------------


def text_page(
    revision: Any,
    *,
    today: dt.date,
    preview: bool,
    trail: Trail,
    claims: Sequence[Statement],
    treatments: Mapping[int, Treatment] | None = None,
) -> Context:
    page = around(revision, today=today, preview=preview, trail=trail)
    references = references_of(revision, claims, page["changes"])
    groups = groups_of(claims, references, page["changes"], treatments or {})
    return page | {
        "preview": preview,
        "references": references,
        "groups": groups,
        "glossary": revision.glossary,
        "own_parts": own_parts(revision, claims=bool(groups)),
        "structured": structured_data.as_json(
            medical_page(page, references),
            structured_data.breadcrumbs(full_trail(trail)),
            *structured_data.questions_answered(answers_in(revision.contents)),
        ),
    }


def around(revision: Any, *, today: dt.date, preview: bool = False, trail: Trail) -> Context:
    """What every page of a text says around it: how far it holds today, and in which language it speaks."""
    subject = revision.subject
    language = getattr(subject, "language", settings.LANGUAGE_CODE)
    history = freshness.history_of(subject)
    return {
        "revision": revision,
        "subject": subject,
        "trail": trail,
        "overdue": not preview and revision.is_overdue(today),
        "changes": [] if preview else freshness.changes_under(subject),
        "history": history,
        "checked_on": freshness.checked_on(revision, freshness.confirmed_at(revision, history)),
        "text_language": language,
        "words_language": words_language(language),
        "text_direction": direction_of(language),
    }


def answers_in(contents: list[Heading]) -> dict[str, str]:
    """The questions that stand over parts of the text, each with how its answer begins."""
    return {heading["text"]: heading["answer"] for heading in contents if "answer" in heading}


def direction_of(language: str) -> str:
    return "rtl" if get_language_info(language)["bidi"] else "ltr"


def words_language(language: str) -> str:
    """The language of the fixed words around a text: the text's own where the portal speaks it."""
    catalogue = Path(to_locale(language), "LC_MESSAGES", "django.mo")
    spoken = language.startswith("en") or any(Path(p, catalogue).is_file() for p in settings.LOCALE_PATHS)
    return language if spoken else get_language() or settings.LANGUAGE_CODE


def own_parts(revision: Any, *, claims: bool) -> list[tuple[str | Promise, str]]:
    """The parts that the page adds after the text, for the contents list: (label, id)."""
    parts: list[tuple[str | Promise, str, bool]] = [
        (gettext_lazy("What studies found"), "claims", claims),
        (gettext_lazy("Questions to ask"), "questions", bool(revision.questions)),
        (gettext_lazy("Words explained"), "words", bool(revision.glossary)),
        (gettext_lazy("References"), "references", bool(revision.citation_keys)),
    ]
    return [(label, place) for label, place, there in parts if there]


def with_live_text(subjects: Any) -> Any:
    """Live subjects with what a list shows of them."""
    return subjects.live().named()


def guides_with_live_text(guides: Any) -> Any:
    """Live guides with what a list shows of them; `has_easy` says whether there is an easy version."""
    return with_easy_told(with_live_text(guides))


def with_easy_told(guides: Any) -> Any:
    return guides.annotate(has_easy=~Q(live_revision__easy_body=""))


def treatments_of(guide: Guide, claims: Iterable[Statement]) -> Any:
    """The live treatments that a guide is about, and those that its claims name, in one query.

    `is_filed` tells the former.
    """
    filed = Guide.treatments.through.objects.filter(guide=guide, treatment=OuterRef("pk"))
    treatments = Treatment.objects.annotate(is_filed=Exists(filed))
    shown = treatments.filter(Q(is_filed=True) | Q(pk__in=shown_claims.treatments_named(claims)))
    return shown.live().select_related("live_revision").only(*OF_TREATMENTS)


def neighbours_of(guide: Guide) -> Any:
    """Related guides and translations in one query; `is_related` tells them apart."""
    root = guide.translation_of_id or guide.pk
    related = Guide.related.through.objects.filter(from_guide=guide, to_guide=OuterRef("pk"))
    nearby = Guide.objects.annotate(is_related=Exists(related)).filter(
        Q(is_related=True) | Q(pk=root) | Q(translation_of=root)
    )
    shown = with_easy_told(nearby.exclude(pk=guide.pk).live().select_related("live_revision"))
    return shown.only(*OF_NEIGHBOURS).order_by("slug")


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


def medical_page(page: Context, references: Iterable[Reference]) -> structured_data.Thing:
    revision = page["revision"]
    # What nobody with a licence has reviewed must not tell machines that somebody has.
    reviewed = revision.reviewed_by is not None and not revision.demonstration
    return structured_data.medical_page(
        title=revision.title,
        summary=revision.summary,
        url=settings.SITE_URL + revision.subject.get_absolute_url(),
        language=page["text_language"],
        site_name=settings.SITE_NAME,
        site_url=settings.SITE_URL,
        published_on=day_of(freshness.first_published(page["history"])),
        changed_on=day_of(revision.published_at),
        checked_on=page["checked_on"] if reviewed else None,
        author=revision.author.public_name,
        reviewer=revision.reviewed_by.public_name if reviewed else "",
        audience=getattr(revision.subject, "audience", "everyone"),
        citations=[r.source.title for r in references if r.source],
    )


def day_of(at: dt.datetime | None) -> dt.date | None:
    """The day here; None for a draft that a preview shows."""
    return timezone.localdate(at) if at else None


# --- Sources ------------------------------------------------------------------------------------

REGISTRIES = (
    ("NCT", "https://clinicaltrials.gov/study/{}"),
    ("ISRCTN", "https://www.isrctn.com/{}"),
    ("JRCT", "https://jrct.mhlw.go.jp/en-latest-detail/{}"),
    ("ACTRN", "https://www.anzctr.org.au/TrialSearch.aspx?searchTxt={}"),
)


def links_of(source: Source) -> list[tuple[str, str, str]]:
    """Where the source itself can be read: (what, its number or what is there, link or empty)."""
    read_at = _("Read it at %(host)s") % {"host": urlsplit(source.url).netloc} if source.url else ""
    links = [
        (_("Page"), read_at, source.url),
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
