"""What is made of the words that staff write: tidied when saved, rendered for readers.

Who may change a text, and when, is said in articles.publishing; how one body is rendered in articles.body.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from portal import edition, rich_text

from . import facts, own_links, stating
from .body import Rendered, Term, render
from .checks import quality, statements
from .checks.blocks import links_of
from .checks.of_text import own_path
from .checks.quality import Evidence, Known, Problem
from .citations import CITATION
from .evidence import facts_in_words
from .evidence import mark_of as mark_of_facts
from .models import GlossaryTerm, Guide, GuideRevision, RevisionState, Source, Treatment, TreatmentRevision
from .shapes import AnyRevision as AnyRevision
from .shapes import misfits as misfits
from .shapes import printable as printable
from .shapes import tidy as tidy

AT_A_TIME = 50
# Another number, and the worker renders every live text and draft again after an upgrade.
RENDERING = 1
NAMED = 5
# Elements that staff know by another name.
CALLED = {"img": gettext_lazy("pictures"), "iframe": gettext_lazy("what was put in from other sites")}


def losses_in_words(html: str) -> list[str]:
    """For who wrote it: what cleaning changes in a text or takes out of it. A few of each kind by name."""
    found = rich_text.losses(html[: rich_text.LONGEST])
    said = [
        _("The link “%(written)s” is now “%(kept)s”. See that it opens.") % {"written": written, "kept": kept}
        for written, kept in found.links_changed[:NAMED]
    ]
    said += [
        _(
            "The link “%(written)s” was taken off the words “%(words)s”. "
            "Links begin with https:// or mailto:, "
            "with / for a page of ours, or with # for a heading of the same text."
        )
        % {"written": written, "words": words}
        for written, words in found.links_removed[:NAMED]
    ]
    if more := sum(max(0, len(links) - NAMED) for links in (found.links_changed, found.links_removed)):
        said.append(
            ngettext(
                "%(more)s more link was changed or taken off.",
                "%(more)s more links were changed or taken off.",
                more,
            )
            % {"more": more}
        )
    if found.merged_cells:
        said.append(_("Merged cells of a table were taken apart: tables here have one cell each column."))
    if found.elements:
        names = ", ".join(str(CALLED.get(name, name)) for name in found.elements[:NAMED])
        said.append(_("Taken out, because texts here do without: %(names)s.") % {"names": names})
    return said


# --- As readers see it --------------------------------------------------------------------------


@dataclass(frozen=True)
class Made:
    """What a text is made into: body and easy version as readers see them, and the sources under them."""

    body: Rendered
    easy: Rendered | None
    sources: Mapping[str, Evidence]
    under_claims: Sequence[str]
    english: bool
    mark: str

    def columns(self) -> dict[str, Any]:
        """What a revision keeps of it, by field. Sources of claims come after those that the body cites."""
        cited = [key for key in self.under_claims if key in self.sources]
        kept = {
            "rendered": self.body.html,
            "rendered_with": self.mark,
            "contents": self.body.contents,
            "citation_keys": list(dict.fromkeys([*self.body.citation_keys, *cited])),
            "glossary": self.body.glossary,
            "word_count": self.body.word_count,
            "grade": quality.grade_of(self.body) if self.english else None,
        }
        return kept if self.easy is None else kept | {"easy": self._easy_kept(self.easy)}

    def _easy_kept(self, easy: Rendered) -> dict[str, Any]:
        if not easy.html:
            return {}
        grade = quality.grade_of(easy) if self.english else None
        return {
            "html": easy.html,
            "contents": easy.contents,
            "citation_keys": easy.citation_keys,
            "glossary": easy.glossary,
            "word_count": easy.word_count,
            "grade": None if grade is None else float(grade),
        }

    def keys(self) -> list[str]:
        """Every source that stands somewhere in it."""
        easy = self.easy.citation_keys if self.easy else []
        return [*self.body.citation_keys, *self.under_claims, *easy]


def made_of(revision: AnyRevision, terms: list[Term] | None = None) -> Made:
    """The text with its citations and glossary; `terms` spares the query where many are rendered."""
    easy_body = getattr(revision, "easy_body", None)
    under_claims = statements.keys_of(statements.read(revision.claims))
    cited = CITATION.findall(revision.body) + CITATION.findall(easy_body or "")
    sources = stating.facts({*cited, *under_claims})
    words = _terms() if terms is None else terms
    language = _language(revision)
    # The words that rendering adds speak the reader's language, not the editor's.
    with translation.override(language):
        return Made(
            body=render(revision.body, sources=sources, terms=words),
            easy=None if easy_body is None else render(easy_body, sources=sources, terms=words),
            sources=sources,
            under_claims=under_claims,
            english=language.startswith("en"),
            mark=mark_of(words),
        )


def cite(revision: AnyRevision, made: Made) -> None:
    """Tie a saved revision to the sources under its body, its claims and its easy version."""
    revision.cited.set(Source.objects.filter(key__in=set(made.keys())))


def problems_of(revision: AnyRevision) -> list[Problem]:
    """What the checks say about a revision as it is now."""
    return problems_with(revision, made_of(revision))


def problems_with(revision: AnyRevision, made: Made) -> list[Problem]:
    return quality.problems(revision.content(), made.body, _known(revision, made))


def _known(revision: AnyRevision, made: Made) -> Known:
    subject = revision.subject
    on_treatment = isinstance(subject, Treatment)
    links = _own_links(revision)
    others = [] if on_treatment else list(Treatment.objects.named())
    return Known(
        sources=made.sources,
        corrected=_corrected(revision, made),
        addresses=_opening(revision, links),
        # Its own page is read as it is in this very text.
        places=own_links.places_on(
            {path for path, anchor in links if anchor and not path.startswith(subject.get_absolute_url())}
        ),
        own_address=subject.get_absolute_url(),
        site=settings.SITE_URL.rstrip("/"),
        is_treatment=on_treatment,
        with_cells=isinstance(subject, Treatment) and subject.standing == Treatment.Standing.CELLS,
        treatments={one.pk: one.name for one in others},
        other_ways={one.pk for one in others if not one.is_cells},
        easy=made.easy,
        english=made.english,
    )


def _corrected(revision: AnyRevision, made: Made) -> dict[str, tuple[str, str]]:
    """By key, what facts of its sources changed since somebody agreed to them: in words, and as a mark."""
    keys = dict(Source.objects.filter(key__in=made.sources).values_list("pk", "key"))
    changed = facts.changed_under(revision, keys)
    return {keys[number]: (facts_in_words(one), mark_of_facts(one)) for number, one in changed.items()}


def _own_links(revision: AnyRevision) -> list[tuple[str, str]]:
    """The links of a text to our own pages: the path, and what stands behind a “#”."""
    html = revision.body + getattr(revision, "easy_body", "")
    site = settings.SITE_URL.rstrip("/")
    found = (own_path(address, site) for address, _heading in links_of(html) if not address.startswith("#"))
    return [(path, anchor) for path, anchor in found if path]


def _opening(revision: AnyRevision, links: Iterable[tuple[str, str]]) -> set[str]:
    """Of our own pages that it links to, those that readers can open by the time they read it."""
    written = revision.state in (RevisionState.DRAFT, RevisionState.IN_REVIEW)
    coming = own_links.WRITTEN if written else own_links.APPROVED
    return own_links.opening({path for path, _anchor in links}, coming=coming)


def _language(revision: AnyRevision) -> str:
    return getattr(revision.subject, "language", settings.LANGUAGE_CODE)


def refresh_rendering() -> int:
    """Render every outdated live text and draft at once; how many. The worker does it a few at a time."""
    changed = 0
    while some := render_outdated():
        changed += some
    return changed


def render_outdated(
    apart: Callable[[str], AbstractContextManager[None]] = nullcontext,  # type: ignore[assignment]
) -> int:
    """Render a few live texts and drafts that were made with other words, or in an older way; how many.

    Each in a transaction of its own, within `apart`, which is told its name and may hold back what goes
    wrong with it. A text that goes live beside a change of the glossary is found by the next call.
    """
    terms, changed = _terms(), 0
    for revision in _outdated(mark_of(terms)):
        with apart(f"rendering {revision._meta.model_name} {revision.pk}"), transaction.atomic():
            if render_again(revision, terms):
                edition.renew()
                changed += 1
    return changed


def mark_of(terms: Iterable[Term]) -> str:
    """Names the words explained and the way of rendering: texts made with the same have the same mark."""
    words = sorted([term.term, term.explanation, [*term.also]] for term in terms)
    return hashlib.sha256(json.dumps([RENDERING, words]).encode()).hexdigest()


def render_again(revision: AnyRevision, terms: list[Term]) -> bool:
    """Keep what a saved text is made into by now; whether that is new. Of words saved meanwhile, theirs."""
    made = made_of(revision, terms)
    kept = made.columns()
    if all(getattr(revision, name) == value for name, value in kept.items()):
        return False
    unchanged = type(revision).objects.filter(pk=revision.pk, updated_at=revision.updated_at)
    if not unchanged.update(**kept):
        revision.refresh_from_db()
        return render_again(revision, terms)
    cite(revision, made)
    return True


def _outdated(mark: str) -> Iterator[AnyRevision]:
    """Some of the live texts and drafts that were made with something else."""
    for subjects, revisions in ((Guide, GuideRevision), (Treatment, TreatmentRevision)):
        live = Q(pk__in=subjects._default_manager.live().values("live_revision"))
        shown_or_written = revisions._default_manager.filter(live | Q(state=RevisionState.DRAFT))
        outdated = shown_or_written.exclude(rendered_with=mark).order_by("pk")
        yield from outdated.select_related("subject")[:AT_A_TIME]


def _terms() -> list[Term]:
    return [
        Term(row.term, row.explanation, row.also if isinstance(row.also, list) else ())
        for row in GlossaryTerm.objects.all()
    ]
