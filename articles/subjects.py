"""What staff can do with a guide or treatment itself: begin it, change its settings and its address.

Its text is in articles.publishing, which has the rules for verbs.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.core.validators import validate_slug
from django.db import IntegrityError, transaction
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal import audit, edition
from portal.models import User

from . import search
from .models import Guide, SlugRedirect, Treatment
from .versions import AnySubject, PublishingError

Subject = TypeVar("Subject", Guide, Treatment)

TAKEN = gettext_lazy("This address leads to another page.")
NO_ADDRESS = gettext_lazy("Use letters a to z, numbers, hyphens and underscores only, without blanks.")
READ_IN_IT = gettext_lazy(
    "Readers have seen it in this language, so it stays. Begin a new guide for another."
)
HAS_TRANSLATIONS = gettext_lazy(
    "Other guides are translations of this one, so it cannot be a translation itself."
)


@transaction.atomic
def begin(
    model: type[Subject], *, slug: str, by: User, now: dt.datetime, settings: Mapping[str, Any] | None = None
) -> Subject:
    """Make a guide or treatment that has no text yet. PublishingError when its address is taken."""
    _refuse_slug(model, slug)
    with _first_or_refused(TAKEN):
        subject = model.objects.create(slug=slug, created_at=now)
    if settings:
        _write(hold(subject, settings.get("translation_of")), settings)
        subject.refresh_from_db()
    audit.record(f"{model._meta.model_name}.added", subject, by=by, now=now)
    return subject


@transaction.atomic
def change_settings(subject: AnySubject, changed: Mapping[str, Any], *, by: User, now: dt.datetime) -> None:
    """Write these settings, by field name, and nothing else; another address goes the way of `rename`.

    PublishingError, and nothing written, when one of them cannot be.
    """
    current = hold(subject, changed.get("translation_of"))
    if "slug" in changed:
        rename(current, slug=changed["slug"], by=by, now=now)
    others = {name: value for name, value in changed.items() if name != "slug"}
    if differing := {name: value for name, value in others.items() if _differs(current, name, value)}:
        _write(current, differing)
        kind, detail = current._meta.model_name, {"fields": sorted(differing)}
        audit.record(f"{kind}.changed", current, by=by, now=now, detail=detail)
        current.refresh_from_db()
        search.index(current)
        edition.renew()
    subject.refresh_from_db()


@transaction.atomic
def rename(subject: AnySubject, *, slug: str, by: User, now: dt.datetime) -> None:
    """Give a subject another address. Every address it was ever read at leads straight to the new one."""
    current = hold(subject)
    old = current.slug
    if slug == old:
        return
    _refuse_slug(type(current), slug, own=current)
    kind = SlugRedirect.Kind(current._meta.model_name)
    redirects = SlugRedirect.objects.filter(kind=kind)
    redirects.filter(old_slug=slug).delete()
    redirects.filter(new_slug=old).update(new_slug=slug)
    if current.was_published:
        SlugRedirect.objects.create(kind=kind, old_slug=old, new_slug=slug)
    with _first_or_refused(TAKEN):
        type(current).objects.filter(pk=current.pk).update(slug=slug)
    subject.refresh_from_db()
    detail = {"from": old, "to": slug}
    audit.record(f"{kind}.renamed", subject, by=by, now=now, detail=detail)
    search.index(subject)
    edition.renew()


# --- Steps that the verbs share -----------------------------------------------------------------


def hold(subject: Any, original: Any = None) -> Any:
    """The subject as it is now, held until the transaction ends; so is the guide that it translates.

    In one order for everybody, so that of two guides each made a translation of the other one is second.
    """
    of = original.pk if original else getattr(subject, "translation_of_id", None)
    rows = type(subject)._default_manager.select_for_update().filter(pk__in={subject.pk, of or subject.pk})
    return next(row for row in list(rows.order_by("pk")) if row.pk == subject.pk)


def translation_problems(
    guide: Guide, *, language: str, original: Guide | None
) -> Iterator[tuple[str, str | Promise]]:
    """What stands against this language and this original of a stored or a new guide, each with its field."""
    saved = guide.pk is not None
    if saved and language != guide.language and guide.was_published:
        yield "language", READ_IN_IT
    if saved and guide.translations.filter(language=language).exists():
        yield "language", _("One of its translations is in this language.")
    if original is None:
        return
    if original.translation_of_id:
        yield (
            "translation_of",
            _("This guide is a translation itself. Choose the one it was translated from."),
        )
    if original.language == language:
        yield "translation_of", _("This guide is in the same language. A translation is in another one.")
    if saved and guide.translations.exists():
        yield "translation_of", HAS_TRANSLATIONS


def _differs(subject: Any, name: str, value: Any) -> bool:
    stored = getattr(subject, name)
    return set(stored.all()) != set(value) if _is_list(subject, name) else stored != value


def _is_list(subject: Any, name: str) -> bool:
    return bool(subject._meta.get_field(name).many_to_many)


def _write(subject: Any, settings: Mapping[str, Any]) -> None:
    if strange := set(settings) - set(subject.SETTINGS):
        raise ValueError(f"not settings of {subject._meta.model_name}: {sorted(strange)}")
    if {"language", "translation_of"} & set(settings):
        _refuse_translation(subject, settings)
    lists = {name: value for name, value in settings.items() if _is_list(subject, name)}
    fields = {name: value for name, value in settings.items() if name not in lists}
    if fields:
        message = _("A colleague was quicker: there is already a translation into this language.")
        with _first_or_refused(message):
            type(subject)._default_manager.filter(pk=subject.pk).update(**fields)
    for name, value in lists.items():
        getattr(subject, name).set(value)


@contextmanager
def _first_or_refused(message: str | Promise) -> Iterator[None]:
    """Of two people at one moment the database lets the first through; all has been looked at before."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        raise PublishingError(message) from error


def _refuse_translation(guide: Guide, settings: Mapping[str, Any]) -> None:
    language = settings.get("language", guide.language)
    given = settings.get("translation_of", guide.translation_of)
    original = Guide.objects.get(pk=given.pk) if given else None
    for _field, message in translation_problems(guide, language=language, original=original):
        raise PublishingError(message)


def _refuse_slug(model: Any, slug: str, own: AnySubject | None = None) -> None:
    """Refuse an address that is none, or that readers of another page come by; `own` may come back to it."""
    try:
        validate_slug(slug)
    except ValidationError as error:
        raise PublishingError(NO_ADDRESS) from error
    if len(slug) > model._meta.get_field("slug").max_length:
        raise PublishingError(_("This address is too long."))
    # In this order: a page being renamed at this moment is found by its address or by its redirect.
    if model.objects.filter(slug=slug).exists():
        raise PublishingError(TAKEN)
    redirect = SlugRedirect.objects.filter(kind=model._meta.model_name, old_slug=slug).first()
    if redirect and not (own and own.slug == redirect.new_slug):
        raise PublishingError(
            _("This is the old address of “%(page)s” and still leads there. Choose another.")
            % {"page": redirect.new_slug}
        )
