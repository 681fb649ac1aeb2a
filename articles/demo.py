"""Loads guides, treatments and their evidence from the readable files in articles/demo/.

Texts go through the same verbs as any other: written by one, reviewed by another, published; and each is
marked as a demonstration, which readers see. What is there already is left as it is.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

from django.utils import timezone

from portal.demo import naming, read_text, read_toml
from portal.models import User

from . import publishing, subjects, texts
from .models import GlossaryTerm, Guide, SlugRedirect, Source, Topic, Treatment

FOLDER = Path(__file__).parent / "demo"


def load(*, editor: User, reviewer: User, now: dt.datetime) -> dict[str, int]:
    """Add what is missing; return how many of each were added. BrokenFile names what cannot be loaded."""
    added = {"topics": load_topics(), "sources": load_sources(), "words": load_glossary()}
    if added["words"]:
        texts.refresh_rendering()

    def new(model: Any, folder: str) -> list[tuple[Path, Any]]:
        loaded = [
            (path, load_text(model, path, editor=editor, reviewer=reviewer, now=now))
            for path in sorted((FOLDER / folder).glob("*.md"))
        ]
        return [(path, subject) for path, subject in loaded if subject is not None]

    treatments, guides = new(Treatment, "treatments"), new(Guide, "guides")
    for path, treatment in treatments:
        offer_quotes(treatment, path)
    for path, guide in guides:
        relate(guide, path)
    return added | {"treatments": len(treatments), "guides": len(guides)}


def load_topics() -> int:
    path = FOLDER / "topics.toml"
    with naming(path):
        return sum(
            Topic.objects.get_or_create(slug=entry.pop("slug"), defaults=entry)[1]
            for entry in read_toml(path, "topic")
        )


def load_sources() -> int:
    return sum(load_sources_of(path) for path in sorted(FOLDER.glob("sources*.toml")))


def load_sources_of(path: Path) -> int:
    entries = read_toml(path, "source")
    with naming(path):
        # A superseded source names another, which must be there first.
        in_order = sorted(entries, key=lambda entry: "superseded_by" in entry)
        return sum(load_source(entry) for entry in in_order)


def load_source(entry: dict[str, Any]) -> bool:
    if newer := entry.pop("superseded_by", ""):
        entry["superseded_by"] = Source.objects.get(key=newer)
    if Source.objects.filter(key=entry["key"]).exists():
        return False
    source = Source(**entry)
    source.full_clean()
    source.save()
    return True


def load_glossary() -> int:
    path = FOLDER / "glossary.toml"
    with naming(path):
        return sum(
            GlossaryTerm.objects.get_or_create(term=entry.pop("term"), defaults=entry)[1]
            for entry in read_toml(path, "term")
        )


def load_text(model: Any, path: Path, *, editor: User, reviewer: User, now: dt.datetime) -> Any:
    """The subject of this file, written, reviewed and published; None when its address is taken."""
    front, html = read_text(path)
    with naming(path):
        slug, kind = front["slug"], model._meta.model_name
        if model.objects.filter(slug=slug).exists():
            return None
        if SlugRedirect.objects.filter(kind=kind, old_slug=slug).exists():
            return None
        subject = subjects.begin(model, slug=slug, by=editor, now=now)
        content = content_of(subject, front, html)
        revision = publishing.save_draft(subject, content, by=editor, now=now, demonstration=True)
        publishing.submit(revision, by=editor, now=now)
        day = review_day(front["next_review_on"], now)
        publishing.approve(revision, next_review_on=day, by=reviewer, now=now)
        publishing.publish(revision, by=editor, now=now)
        return subject


def content_of(subject: Guide | Treatment, front: dict[str, Any], html: str) -> dict[str, Any]:
    if note := front.get("sources_note"):
        html += f"<h2>About the sources</h2><p>{note}</p>"
    content = {"title": front["title" if isinstance(subject, Guide) else "name"], "body": html}
    names = {name for name in subject.revisions.model.CONTENT if name in front}
    return {name: front[name] for name in names} | content


def review_day(planned: dt.date, now: dt.datetime) -> dt.date:
    """The day the file plans; for a demonstration started after it, half a year from now."""
    today = timezone.localdate(now)
    return planned if planned > today else today + publishing.REVIEW_AGAIN_AFTER


def offer_quotes(treatment: Treatment, path: Path) -> None:
    front, _html = read_text(path)
    treatment.quote_offered = front.get("quote_offered", True)
    treatment.save(update_fields=["quote_offered"])


def relate(guide: Guide, path: Path) -> None:
    front, _html = read_text(path)
    with naming(path):
        guide.audience = front["audience"]
        guide.save(update_fields=["audience"])
        guide.topics.set([Topic.objects.get(slug=slug) for slug in front["topics"]])
        guide.treatments.set([Treatment.objects.get(slug=slug) for slug in front["treatments"]])
        guide.related.set([Guide.objects.get(slug=slug) for slug in front["related"]])
