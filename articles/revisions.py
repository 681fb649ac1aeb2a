"""What the versions of a guide and of a treatment share: the text, its review, what may never change.

Beside the constraints below the database holds, by triggers (migration 0018, which says what a later one owes
them on SQLite): nobody who wrote in a text reviews it, and none is approved without its fifteen scores.
"""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .evidence import Source


class RevisionState(models.TextChoices):
    DRAFT = "draft", _("draft")
    IN_REVIEW = "in_review", _("in review")
    CHANGES_ASKED = "changes_asked", _("changes asked")
    TAKEN_BACK = "taken_back", _("taken back by the editor")
    APPROVED = "approved", _("approved")
    PUBLISHED = "published", _("published")
    # A draft that was discarded, or that a colleague's text replaced: kept, to be brought back.
    SET_ASIDE = "set_aside", _("set aside")


class Frozen(Exception):
    """Somebody tried to change or remove a text that has been submitted."""


class RevisionQuerySet(models.QuerySet):
    def update(self, **changes):
        thaws = changes.get("state") == RevisionState.DRAFT
        content = {*self.model.CONTENT, "subject", "subject_id"}  # type: ignore[attr-defined]
        if (thaws or not content.isdisjoint(changes)) and self.submitted().exists():
            raise Frozen(self.model.__name__)
        return super().update(**changes)

    def delete(self):
        if self.submitted().exists():
            raise Frozen(self.model.__name__)
        return super().delete()

    def submitted(self):
        """Those whose text never changes again."""
        return self.exclude(state=RevisionState.DRAFT)

    def kept(self):
        """All but the drafts that were set aside: the newest of these is what is written on."""
        return self.exclude(state=RevisionState.SET_ASIDE)

    def newest(self):
        """Those after which nobody has written another."""
        kept = type(self)(self.model).kept()
        later = kept.filter(subject=OuterRef("subject"), number__gt=OuterRef("number"))
        return self.exclude(Exists(later))

    def due_to_publish(self, now: dt.datetime):
        """Approved with a time that has come."""
        return self.filter(state=RevisionState.APPROVED, publish_at__lte=now)


class Revision(models.Model):
    """One version of a subject's text. Its content is frozen from the moment it is submitted."""

    State = RevisionState
    # What an editor writes; `rendered` and the rest are derived from it or belong to the review.
    CONTENT: ClassVar[tuple[str, ...]] = (
        *("title", "summary", "key_points", "body", "claims", "parts", "questions", "change_note"),
    )
    # What no list shows.
    LONG: ClassVar[tuple[str, ...]] = (
        *("key_points", "body", "claims", "parts", "questions", "rendered", "contents", "citation_keys"),
        *("glossary", "review_note", "withdrawn_because", "overrides", "discern"),
    )

    number = models.PositiveIntegerField(_("number"))
    state = models.CharField(_("state"), max_length=20, choices=RevisionState, default=RevisionState.DRAFT)
    title = models.CharField(_("title"), max_length=160)
    summary = models.TextField(_("summary"), max_length=400)
    key_points = models.JSONField(_("key points"), default=list, blank=True)
    body = models.TextField(_("text"), blank=True)
    # What it states about benefit and harm, as written (articles.claims.Written); a draft's may be
    # unfinished. Of what is submitted each is a row too: Claim.
    claims = models.JSONField(_("claims"), default=list, blank=True)
    # The heading under which readers find each part that they must be told (quality.PARTS), by its name.
    parts = models.JSONField(_("where readers find"), default=dict, blank=True)
    questions = models.JSONField(_("questions to ask"), default=list, blank=True)
    change_note = models.CharField(
        _("what changed"),
        max_length=200,
        blank=True,
        help_text=_("One line that readers see in the history."),
    )
    demonstration = models.BooleanField(_("demonstration"), default=False, editable=False)

    # Made from `body` when the draft is saved and again on publishing (articles.body.Rendered).
    rendered = models.TextField(editable=False, blank=True)
    # The words explained and the way of rendering that it was made with (texts.mark_of).
    rendered_with = models.CharField(max_length=64, default="", editable=False)
    contents = models.JSONField(default=list, editable=False)
    citation_keys = models.JSONField(default=list, editable=False)
    glossary = models.JSONField(default=list, editable=False)
    word_count = models.PositiveIntegerField(default=0, editable=False)
    # Years of school that the text asks for, by Flesch and Kincaid; None while there is too little of it.
    grade = models.DecimalField(max_digits=4, decimal_places=1, null=True, editable=False)
    # How many claims of each it makes, counted when it is submitted.
    benefits = models.PositiveSmallIntegerField(default=0, editable=False)
    harms = models.PositiveSmallIntegerField(default=0, editable=False)

    based_on = models.ForeignKey(
        "self", null=True, blank=True, editable=False, on_delete=models.PROTECT, related_name="+"
    )
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("author"), on_delete=models.PROTECT, related_name="+"
    )
    # All whose words may stand in the text: none of them may approve it.
    writers = models.ManyToManyField(settings.AUTH_USER_MODEL, editable=False, related_name="+")
    cited = models.ManyToManyField(Source, editable=False, related_name="%(class)ss")
    created_at = models.DateTimeField(_("begun at"))
    updated_at = models.DateTimeField(_("last saved"))
    saved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, editable=False, on_delete=models.PROTECT, related_name="+"
    )
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    submitted_at = models.DateTimeField(_("submitted at"), null=True)
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    reviewed_at = models.DateTimeField(_("reviewed at"), null=True)
    review_note = models.TextField(_("reviewer's note"), blank=True)
    next_review_on = models.DateField(_("next review"), null=True)
    # Warnings that stood when it was submitted, each with the reason for leaving it: the approval agrees.
    overrides = models.JSONField(_("warnings left standing"), default=list, editable=False)
    # The reviewer's answers to the DISCERN questions (articles.checks.discern), their sum and their day.
    discern = models.JSONField("DISCERN", default=list, editable=False)
    discern_total = models.PositiveSmallIntegerField(_("DISCERN score"), null=True, editable=False)
    discern_on = models.DateField(_("scored on"), null=True, editable=False)
    publish_at = models.DateTimeField(_("publish at"), null=True)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    published_at = models.DateTimeField(_("published at"), null=True)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    withdrawn_at = models.DateTimeField(_("withdrawn at"), null=True)
    withdrawn_because = models.TextField(_("why it was withdrawn"), blank=True, default="")

    objects = RevisionQuerySet.as_manager()

    class Meta:
        abstract = True
        ordering: ClassVar = ["-number"]

    def __str__(self) -> str:
        return f"{self.subject_id}/{self.number}"  # type: ignore[attr-defined]

    def save(self, *args, **options) -> None:
        stored = None if self._state.adding else type(self)._base_manager.filter(pk=self.pk).first()
        frozen = stored if stored is not None and stored.is_frozen else None
        if frozen and (not self.is_frozen or frozen._fixed() != self._fixed()):
            raise Frozen(str(self))
        super().save(*args, **options)

    def delete(self, *args, **options):
        stored = type(self)._base_manager.filter(pk=self.pk).first()
        if stored is not None and stored.is_frozen:
            raise Frozen(str(self))
        return super().delete(*args, **options)

    @property
    def is_frozen(self) -> bool:
        return self.state != RevisionState.DRAFT

    def content(self) -> dict[str, object]:
        """What an editor wrote, by field name."""
        return {name: getattr(self, name) for name in self.CONTENT}

    def _fixed(self) -> dict[str, object]:
        return self.content() | {"subject": self.subject_id}  # type: ignore[attr-defined]

    @property
    def state_in_words(self) -> Any:
        return _("withdrawn") if self.withdrawn_at else RevisionState(self.state).label

    @property
    def last_saved_by(self) -> Any:
        """Whose words were saved last; the author where nobody noted it yet."""
        return self.saved_by or self.author

    @property
    def checked_on(self) -> dt.date | None:
        return timezone.localdate(self.reviewed_at) if self.reviewed_at else None

    @property
    def reading_minutes(self) -> int:
        """At 180 words a minute, unhurried; at least one."""
        return max(1, round(self.word_count / 180))

    def is_overdue(self, today: dt.date) -> bool:
        return self.next_review_on is not None and self.next_review_on < today


def constraints(name: str) -> list[models.BaseConstraint]:
    reviewed = Q(state__in=["approved", "published"])
    return [
        models.CheckConstraint(name=f"{name}_state_known", condition=Q(state__in=RevisionState.values)),
        models.UniqueConstraint(fields=["subject", "number"], name=f"{name}_number"),
        models.UniqueConstraint(
            fields=["subject"],
            condition=Q(state__in=["draft", "in_review"]),
            name=f"{name}_one_open",
            violation_error_message=_("There is already an open draft of this."),
        ),
        models.CheckConstraint(
            name=f"{name}_reviewer_is_not_author",
            condition=Q(reviewed_by__isnull=True)
            | (~Q(reviewed_by=F("author")) & ~Q(reviewed_by=F("submitted_by"))),
            violation_error_message=_("Somebody other than the author must review this."),
        ),
        models.CheckConstraint(
            name=f"{name}_approved_has_review",
            condition=~reviewed
            | Q(reviewed_by__isnull=False, reviewed_at__isnull=False, next_review_on__isnull=False),
        ),
        models.CheckConstraint(
            name=f"{name}_published_has_time",
            condition=~Q(state="published") | Q(published_at__isnull=False, published_by__isnull=False),
        ),
        models.CheckConstraint(
            name=f"{name}_benefits_need_harms",
            condition=~Q(state__in=["in_review", "approved", "published"]) | Q(benefits=0) | Q(harms__gt=0),
            violation_error_message=_("A text that names a benefit names the harms too."),
        ),
        models.CheckConstraint(
            name=f"{name}_discern_whole",
            condition=Q(discern_total__isnull=True, discern_on__isnull=True)
            | Q(discern_total__isnull=False, discern_total__range=(15, 75), discern_on__isnull=False),
        ),
    ]


def indexes(name: str) -> list[models.Index]:
    """For the worker, which asks every few seconds what is due."""
    planned = Q(state="approved", publish_at__isnull=False)
    return [models.Index(fields=["publish_at"], condition=planned, name=f"{name}_planned")]
