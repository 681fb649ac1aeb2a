"""Two versions of a text side by side: what a reviewer checks, and what two editors wrote at once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from portal.models import User

from .. import texts
from ..texts import AnyRevision
from .claim_lines import claim_lines, part_lines
from .differences import Row, paragraphs, rows


@dataclass(frozen=True)
class Change:
    """One field that differs. Without rows the words are the same, and only their looks differ."""

    label: str | Promise
    rows: Sequence[Row]


@dataclass(frozen=True)
class Comparison:
    title: str
    before: str
    after: str
    changes: Sequence[Change]


def changes(model: type[AnyRevision], old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Change]:
    """The fields in which two contents differ, in the order of the form."""
    return [
        Change(_label(model, name), rows(_lines(model, name, old[name]), _lines(model, name, new[name])))
        for name in model.CONTENT
        if old[name] != new[name]
    ]


def for_review(newest: AnyRevision, older: Iterable[AnyRevision]) -> list[Comparison]:
    """What is new against what readers see, and against what was reviewed last; `older` newest first."""
    before = [revision for revision in older if revision.number < newest.number]
    live = next((old for old in before if old.pk == newest.subject.live_revision_id), None)
    reviewed = next((old for old in before if old.reviewed_at), None)
    found = []
    if reviewed and reviewed != live:
        found.append(between(_whole(reviewed), newest, _("What changed since the last review")))
    if live:
        found.append(between(_whole(live), newest, _("What changed against the live text")))
    return found


def with_what_was_typed(
    saved: AnyRevision,
    typed: Mapping[str, Any],
    settings: Iterable[tuple[str, Sequence[str], Sequence[str]]],
    *,
    person: User,
) -> Comparison:
    """What somebody saved meanwhile beside what this person has typed and not saved.

    `settings` are those of the subject that differ: the label, the words that are stored, the typed ones.
    """
    by = saved.last_saved_by
    name = _("you, in another window") if by == person else by.public_name
    words = texts.tidy(type(saved), typed)
    return Comparison(
        title=_("Saved meanwhile, and yours"),
        before=_("Saved by %(name)s, %(when)s") % {"name": name, "when": _moment(saved.updated_at)},
        after=_("Yours, not saved"),
        changes=[
            *changes(type(saved), saved.content(), saved.content() | words),
            *(Change(label, rows(stored, mine)) for label, stored, mine in settings),
        ],
    )


def between(old: AnyRevision, new: AnyRevision, title: str) -> Comparison:
    """Two versions with all their words."""
    return Comparison(
        title=title,
        before=named(old),
        after=named(new),
        changes=changes(type(new), old.content(), new.content()),
    )


def _whole(revision: AnyRevision) -> AnyRevision:
    """With the long texts, which lists leave in the database."""
    return type(revision)._default_manager.select_related("subject").get(pk=revision.pk)


def named(revision: AnyRevision) -> str:
    return _("Version %(number)s: %(state)s") % {
        "number": revision.number,
        "state": revision.state_in_words,
    }


def in_a_list(revision: AnyRevision) -> str:
    """To choose from many: with who wrote it and the day on which it was saved last."""
    return _("%(version)s (%(author)s, %(day)s)") % {
        "version": named(revision),
        "author": revision.author.public_name,
        "day": date_format(timezone.localtime(revision.updated_at), "j F Y"),
    }


def _moment(at: dt.datetime) -> str:
    return date_format(timezone.localtime(at), "j F Y, H:i")


def _label(model: type[AnyRevision], name: str) -> str | Promise:
    return cast("str | Promise", model._meta.get_field(name).verbose_name)  # type: ignore[union-attr]


def _lines(model: type[AnyRevision], name: str, value: Any) -> list[str]:
    if name in ("body", "easy_body"):
        return paragraphs(value)
    if name == "claims":
        return claim_lines(value)
    if name == "parts":
        return part_lines(value)
    if isinstance(value, list):
        return value
    choices = dict(getattr(model._meta.get_field(name), "flatchoices", ()) or ())
    return [str(choices.get(value, value))] if value else []
