"""What is made of the words that staff write: tidied when saved, rendered for readers, passages to check.

Who may change a text, and when, is said in articles.publishing; how one body is rendered in articles.body.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import translation
from django.utils.functional import Promise
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal import rich_text

from . import quality
from .body import CITATION, Rendered, Term, link_citations, render
from .models import GlossaryTerm, Guide, GuideRevision, RevisionState, Source, Treatment, TreatmentRevision
from .quality import Problem

AnyRevision = GuideRevision | TreatmentRevision

AT_A_TIME = 50
NAMED = 5


# --- As it is stored ----------------------------------------------------------------------------


def tidy(model: type[AnyRevision], content: Mapping[str, Any]) -> dict[str, Any]:
    """The content as it may be stored, if none of it is among the misfits. ValueError for a strange field."""
    if strange := set(content) - set(model.CONTENT):
        raise ValueError(f"not content of {model.__name__}: {sorted(strange)}")
    return {name: _tidy_value(name, value) for name, value in content.items()}


def misfits(model: type[AnyRevision], content: Mapping[str, Any]) -> list[Problem]:
    """What of a tidy content does not fit its field: too long, or none of the choices."""
    return [problem for name, value in content.items() for problem in _misfits(model, name, value)]


def losses_in_words(html: str) -> list[str]:
    """For who wrote it: what cleaning changes in a text or takes out of it. A few of each kind by name."""
    found = rich_text.losses(html[: rich_text.LONGEST])
    said = [
        _("The link “%(written)s” is now “%(kept)s”. See that it opens.") % {"written": written, "kept": kept}
        for written, kept in found.links_changed[:NAMED]
    ]
    said += [
        _("The link “%(written)s” was taken off the words “%(words)s”. Links begin with https:// or mailto:.")
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
        names = ", ".join(found.elements[:NAMED])
        said.append(_("Taken out, because texts here do without: %(names)s.") % {"names": names})
    return said


def printable(text: str) -> str:
    """One line or note of plain text without the signs that nobody can see, and without blanks around it."""
    return rich_text.UNPRINTABLE.sub("", str(text)).strip()


def _tidy_value(name: str, value: Any) -> str | list[str]:
    if name == "body":
        # What is too long is a misfit, before the sanitiser spends time on it.
        return rich_text.clean(value) if len(value) <= rich_text.LONGEST else value
    if isinstance(value, list | tuple):
        return [line for line in map(printable, value) if line]
    return printable(value)


def _misfits(model: type[AnyRevision], name: str, value: Any) -> Iterable[Problem]:
    field = model._meta.get_field(name)
    longest = rich_text.LONGEST if name == "body" else getattr(field, "max_length", None)
    if isinstance(value, str) and longest and len(value) > longest:
        message = _("This has %(length)s signs; %(longest)s fit.") % {
            "length": len(value),
            "longest": longest,
        }
        yield Problem("too_long", "blocking", message, str(getattr(field, "verbose_name", name)))
    choices = dict(getattr(field, "flatchoices", ()) or ())
    if choices and value and value not in choices:
        yield Problem("no_choice", "blocking", _("Choose one of the list."), str(field.verbose_name))  # type: ignore[union-attr]


# --- As readers see it --------------------------------------------------------------------------


def rendered(revision: AnyRevision, terms: list[Term] | None = None) -> Rendered:
    """The body with its citations and glossary; `terms` spares the query where many are rendered."""
    keys = set(CITATION.findall(revision.body))
    known = set(Source.objects.filter(key__in=keys).values_list("key", flat=True))
    # The words that rendering adds speak the reader's language, not the editor's.
    with translation.override(getattr(revision.subject, "language", settings.LANGUAGE_CODE)):
        return render(revision.body, sources=known, terms=_terms() if terms is None else terms)


def columns(made: Rendered) -> dict[str, Any]:
    """What a revision keeps of its rendered body, by field."""
    return {
        "rendered": made.html,
        "contents": made.contents,
        "citation_keys": made.citation_keys,
        "glossary": made.glossary,
        "word_count": made.word_count,
    }


def cite(revision: AnyRevision, made: Rendered) -> None:
    """Tie a saved revision to the sources that its body cites."""
    revision.cited.set(Source.objects.filter(key__in=made.citation_keys))


def problems_of(revision: AnyRevision) -> list[Problem]:
    """What the checks say about a revision as it is now."""
    return quality.problems(revision.content(), rendered(revision))


@transaction.atomic
def refresh_rendering() -> int:
    """Render live texts and drafts again, as after a change of the glossary; return how many changed.

    A text takes some milliseconds and they are read a few at a time, so a glossary term is saved at once
    with hundreds of guides; with thousands this belongs to the worker.
    """
    terms = _terms()
    return sum(render_again(revision, terms) for revision in _shown_or_written())


def render_again(revision: AnyRevision, terms: list[Term]) -> bool:
    """Keep what a saved text is made into by now; whether that is new. Of words saved meanwhile, theirs."""
    made = rendered(revision, terms)
    kept = columns(made)
    if all(getattr(revision, name) == value for name, value in kept.items()):
        return False
    unchanged = type(revision).objects.filter(pk=revision.pk, updated_at=revision.updated_at)
    if not unchanged.update(**kept):
        revision.refresh_from_db()
        return render_again(revision, terms)
    cite(revision, made)
    return True


def _shown_or_written() -> Iterator[AnyRevision]:
    """Every live text and draft, few in memory at a time."""
    for subjects, revisions in ((Guide, GuideRevision), (Treatment, TreatmentRevision)):
        live = Q(pk__in=subjects._default_manager.live().values("live_revision"))
        shown_or_written = live | Q(state=RevisionState.DRAFT)
        numbers = list(revisions._default_manager.filter(shown_or_written).values_list("pk", flat=True))
        for start in range(0, len(numbers), AT_A_TIME):
            few = numbers[start : start + AT_A_TIME]
            yield from revisions._default_manager.filter(pk__in=few).select_related("subject")


def _terms() -> list[Term]:
    return [
        Term(row.term, row.explanation, row.also if isinstance(row.also, list) else ())
        for row in GlossaryTerm.objects.all()
    ]


# --- As staff check it --------------------------------------------------------------------------


@dataclass(frozen=True)
class Passage:
    """One field of a revision to read: words, a list, or the rich text (clean since it was saved)."""

    label: str | Promise
    words: str = ""
    items: Sequence[str] = ()
    html: str = ""


def passages(revision: AnyRevision) -> list[Passage]:
    """All that an editor wrote, in the order of the form."""
    return [_passage(revision, name) for name in revision.CONTENT]


def _passage(revision: AnyRevision, name: str) -> Passage:
    label = cast("str | Promise", revision._meta.get_field(name).verbose_name)  # type: ignore[union-attr]
    value = getattr(revision, name)
    if name == "body":
        found = Source.objects.filter(key__in=set(CITATION.findall(value)))
        linked = link_citations(value, {source.key: source.get_absolute_url() for source in found})
        return Passage(label, html=mark_safe(linked))  # noqa: S308 - cleaned on the way, our own links added
    if isinstance(value, list):
        return Passage(label, items=value)
    display = getattr(revision, f"get_{name}_display", None)
    return Passage(label, words=str(display() if display else value))
