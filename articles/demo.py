"""Loads guides, treatments and their evidence from the readable files in articles/demo/.

Texts go through the same verbs as any other: written by one, reviewed by another, published; and each is
marked as a demonstration, which readers see. What is there already is left as it is.

A text is Markdown under front matter. Beside the fields of its revision by name, the front matter holds
`[[claims]]` (of a guide each names its treatment by address), `discern` (question = [score, "where"]),
`reasons` (the code of a warning = why it is left), `next_review_on`, and the settings of the guide or
treatment. The easy version of a guide is the file of the same name in guides/easy/.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from django.utils import timezone

from portal import edition
from portal.demo import naming, read_text, read_toml
from portal.models import User

from . import approvals, publishing, search, subjects, texts
from .checks.discern import Answer
from .claims import Written
from .models import GlossaryTerm, Guide, SlugRedirect, Source, Topic, Treatment, TrialCriteria
from .shapes import BARE

FOLDER = Path(__file__).parent / "demo"


def load(*, editor: User, reviewer: User, now: dt.datetime) -> dict[str, int]:
    """Add what is missing; return how many of each were added. BrokenFile names what cannot be loaded."""
    added = {
        "topics": load_topics(),
        "sources": load_sources(),
        "trial criteria": load_criteria(),
        "words": load_glossary(),
    }
    if added["words"]:
        texts.refresh_rendering()

    # Claims name treatments, and texts link to each other: each step is done for all before the next.
    begun = [
        *begin_all(Treatment, "treatments", by=editor, now=now),
        *begin_all(Guide, "guides", by=editor, now=now),
    ]
    tie_trials()
    for one in begun:
        hand_over(one, by=editor, now=now)
    for one in begun:
        check(one, by=reviewer, now=now)
    for one in begun:
        show(one, by=editor, now=now)
    search.rebuild()
    guides = sum(1 for one in begun if isinstance(one.subject, Guide))
    return added | {"treatments": len(begun) - guides, "guides": guides}


# --- Evidence -----------------------------------------------------------------------------------


def load_topics() -> int:
    return add_missing(Topic, "slug", FOLDER / "topics.toml", "topic")


def load_sources() -> int:
    return sum(load_sources_of(path) for path in sorted(FOLDER.glob("sources*.toml")))


def load_sources_of(path: Path) -> int:
    entries = read_toml(path, "source")
    with naming(path):
        # A superseded source names another, which must be there first.
        in_order = sorted(entries, key=lambda entry: "superseded_by" in entry)
        return sum(load_source(entry) for entry in in_order)


def load_source(entry: dict[str, Any]) -> bool:
    entry.pop("tests", None)  # the treatments are not there yet
    if newer := entry.pop("superseded_by", ""):
        entry["superseded_by"] = Source.objects.get(key=newer)
    if Source.objects.filter(key=entry["key"]).exists():
        return False
    source = Source(**entry)
    source.full_clean()
    source.save()
    return True


def tie_trials() -> None:
    """Say of each source which treatments it tested (`tests`, by address), where it names none yet."""
    for path in sorted(FOLDER.glob("sources*.toml")):
        with naming(path):
            for entry in read_toml(path, "source"):
                tie_trial(entry["key"], entry.get("tests", []))
    edition.renew()


def tie_trial(key: str, slugs: list[str]) -> None:
    source = Source.objects.get(key=key)
    if slugs and not source.treatments.exists():
        source.treatments.set([Treatment.objects.get(slug=slug) for slug in slugs])


def load_criteria() -> int:
    path = FOLDER / "criteria.toml"
    entries = read_toml(path, "criteria")
    with naming(path):
        return sum(load_criteria_of(entry) for entry in entries)


def load_criteria_of(entry: dict[str, Any]) -> bool:
    source = Source.objects.get(key=entry.pop("source"))
    if TrialCriteria.objects.filter(source=source).exists():
        return False
    criteria = TrialCriteria(source=source, **entry)
    criteria.full_clean()
    criteria.save()
    return True


def load_glossary() -> int:
    return add_missing(GlossaryTerm, "term", FOLDER / "glossary.toml", "term")


def add_missing(model: Any, key: str, path: Path, table: str) -> int:
    """Make a record of each entry whose key there is no record of; how many."""
    with naming(path):
        return sum(
            model.objects.get_or_create(**{key: entry.pop(key)}, defaults=entry)[1]
            for entry in read_toml(path, table)
        )


# --- Texts --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Begun:
    """A file whose text is written and not shown yet."""

    path: Path
    front: dict[str, Any]
    subject: Any
    revision: Any


def begin_all(model: Any, folder: str, *, by: User, now: dt.datetime) -> list[Begun]:
    """A draft of each file in this folder whose address is free."""
    begun = (begin(model, path, by=by, now=now) for path in sorted((FOLDER / folder).glob("*.md")))
    return [one for one in begun if one is not None]


def begin(model: Any, path: Path, *, by: User, now: dt.datetime) -> Begun | None:
    front, html = read_text(path)
    easy = read_easy(path)
    with naming(path):
        if is_taken(model, front["slug"]):
            return None
        settings = settings_of(model, front)
        subject = subjects.begin(model, slug=front["slug"], by=by, now=now, settings=settings)
        content = content_of(model, front, html) | easy
        revision = publishing.save_draft(subject, content, by=by, now=now, demonstration=True)
        return Begun(path, front, subject, revision)


def is_taken(model: Any, slug: str) -> bool:
    old = SlugRedirect.objects.filter(kind=model._meta.model_name, old_slug=slug)
    return model.objects.filter(slug=slug).exists() or old.exists()


def hand_over(one: Begun, *, by: User, now: dt.datetime) -> None:
    with naming(one.path):
        publishing.submit(one.revision, by=by, now=now, reasons=reasons_of(one))


def reasons_of(one: Begun) -> dict[str, str]:
    """By the name of each warning what the file says of all of its kind."""
    said = one.front.get("reasons", {})
    found = texts.problems_of(one.revision) if said else []
    return {problem.name: said[problem.code] for problem in found if problem.code in said}


def check(one: Begun, *, by: User, now: dt.datetime) -> None:
    with naming(one.path):
        publishing.approve(
            one.revision,
            next_review_on=review_day(one.front["next_review_on"], now),
            discern=answers_of(one.front),
            agrees="reasons" in one.front,
            by=by,
            now=now,
        )


def show(one: Begun, *, by: User, now: dt.datetime) -> None:
    with naming(one.path):
        publishing.publish(one.revision, by=by, now=now)
        if isinstance(one.subject, Guide):
            related = [Guide.objects.get(slug=slug) for slug in one.front["related"]]
            subjects.change_settings(one.subject, {"related": related}, by=by, now=now)


def settings_of(model: Any, front: Mapping[str, Any]) -> dict[str, Any]:
    """What the file says of the guide or treatment itself; guides are related when all are there."""
    if model is Treatment:
        return {name: front[name] for name in ("standing", "quote_offered") if name in front}
    return {
        "audience": front["audience"],
        "topics": [Topic.objects.get(slug=slug) for slug in front["topics"]],
        "treatments": [Treatment.objects.get(slug=slug) for slug in front["treatments"]],
    }


def content_of(model: Any, front: Mapping[str, Any], html: str) -> dict[str, Any]:
    if note := front.get("sources_note"):
        html += f"<h2>About the sources</h2><p>{note}</p>"
    revisions = model._meta.get_field("live_revision").related_model
    names = {name for name in revisions.CONTENT if name in front}
    return {name: front[name] for name in names} | {
        "title": front["title" if model is Guide else "name"],
        "body": html,
        "claims": [claim_of(entry) for entry in front.get("claims", [])],
    }


def claim_of(entry: Mapping[str, Any]) -> Written:
    if strange := set(entry) - set(BARE):
        raise ValueError(f"not parts of a claim: {sorted(strange)}")
    treatment = Treatment.objects.get(slug=entry["treatment"]).pk if "treatment" in entry else None
    return cast("Written", {**BARE, **entry, "treatment": treatment})


def answers_of(front: Mapping[str, Any]) -> list[Answer]:
    """The reviewer's answers to the fifteen questions: made up, as the texts' mark says."""
    scored = front.get("discern", {})
    return [Answer(question=name, score=score, where=where) for name, (score, where) in scored.items()]


def read_easy(path: Path) -> dict[str, str]:
    """The easy version of the text in this file; {} where there is none."""
    easy = path.parent / "easy" / path.name
    if not easy.exists():
        return {}
    front, html = read_text(easy)
    with naming(easy):
        return {"easy_summary": front["easy_summary"], "easy_body": html}


def review_day(planned: dt.date, now: dt.datetime) -> dt.date:
    """The day the file plans; for a demonstration started after it, half a year from now."""
    today = timezone.localdate(now)
    return planned if planned > today else today + approvals.REVIEW_AGAIN_AFTER
