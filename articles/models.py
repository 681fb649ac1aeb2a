"""Guides and treatments, what they say and the evidence under them.

A guide or a treatment is a subject with an address; its text lives in revisions. A revision is a
draft until it is submitted and never changes afterwards. Readers see the revision that
`live_revision` points to, and nothing else (articles.publishing moves the pointer).
"""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from .claims import Claim as Claim
from .evidence import GlossaryTerm as GlossaryTerm
from .evidence import Source as Source
from .evidence import TrialCriteria as TrialCriteria
from .revisions import Frozen as Frozen
from .revisions import Revision, RevisionState, constraints, indexes
from .search_entries import SearchEntry as SearchEntry
from .search_entries import SearchWord as SearchWord
from .upkeep import Confirmation as Confirmation
from .upkeep import EvidenceFlag as EvidenceFlag
from .upkeep import Feedback as Feedback
from .upkeep import Reminder as Reminder

REVIEW_DUE_WITHIN = dt.timedelta(days=30)


class Topic(models.Model):
    slug = models.SlugField(_("address"), max_length=60, unique=True)
    name = models.CharField(_("name"), max_length=80)
    description = models.CharField(_("description"), max_length=240, blank=True)

    class Meta:
        ordering: ClassVar = ["name"]
        verbose_name = _("topic")
        verbose_name_plural = _("topics")

    def __str__(self) -> str:
        return self.name


class SubjectQuerySet(models.QuerySet):
    def live(self):
        """Those that readers may see."""
        return self.filter(live_revision__isnull=False)

    def named(self):
        """Each with its live revision as lists and choices show it: the long texts stay in the database."""
        long = (f"live_revision__{name}" for name in Revision.LONG)
        return self.select_related("live_revision").defer(*long)

    def review_due(self, today: dt.date):
        """Those whose next review has passed or comes soon."""
        return self.live().filter(live_revision__next_review_on__lte=today + REVIEW_DUE_WITHIN)

    def flagged(self):
        """Those whose evidence has changed since somebody last confirmed or revised them."""
        return self.live().filter(flagged_at__isnull=False)

    def review_overdue(self, today: dt.date):
        return self.live().filter(live_revision__next_review_on__lt=today)

    def withdrawn(self):
        """Those that readers could see once, and can no more."""
        once = self.filter(live_revision__isnull=True, revisions__state=RevisionState.PUBLISHED)
        return self.filter(pk__in=once.values("pk"))


class Subject(models.Model):
    """What has an address and reviewed text: a guide or a treatment."""

    # What staff choose beside the text and the address; it holds at once.
    SETTINGS: ClassVar[tuple[str, ...]] = ()

    slug = models.SlugField(_("address"), max_length=80, unique=True)
    created_at = models.DateTimeField(_("made at"))
    owners = models.ForeignKey(
        "auth.Group",
        verbose_name=_("looked after by"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text=_("Hears, with the author, when it is due to be checked. Empty: the medical reviewers."),
    )
    # Since when something under the live text has changed (EvidenceFlag), so that a page need not look.
    flagged_at = models.DateTimeField(_("evidence changed"), null=True, editable=False)

    objects = SubjectQuerySet.as_manager()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.slug

    @property
    def is_live(self) -> bool:
        return self.live_revision_id is not None  # type: ignore[attr-defined]

    @property
    def was_published(self) -> bool:
        """Whether readers could see it once, be it withdrawn since."""
        published = self.revisions.filter(state=RevisionState.PUBLISHED)  # type: ignore[attr-defined]
        return published.exists()


class TreatmentQuerySet(SubjectQuerySet):
    def quotable(self, today: dt.date):
        """Those that a quote may be asked for: with cells, to be had outside trials, read and not overdue."""
        offered = self.live().filter(standing=Treatment.Standing.CELLS, quote_offered=True)
        return offered.exclude(live_revision__next_review_on__lt=today)


class Treatment(Subject):
    class Standing(models.TextChoices):
        CELLS = "cells", _("treatment with cells")
        ALTERNATIVE = "alternative", _("another way: always shown beside the treatments with cells")

    SETTINGS = ("standing", "quote_offered", "owners")

    standing = models.CharField(_("what it is"), max_length=20, choices=Standing, default=Standing.CELLS)
    # False where the cells are to be had in trials only: a quote for them would send people to a seller.
    quote_offered = models.BooleanField(
        _("a quote may be asked for"),
        default=True,
        help_text=_("Untick it where these cells are given in trials only. The page then leads to trials."),
    )
    live_revision = models.OneToOneField(
        "TreatmentRevision", null=True, blank=True, editable=False, on_delete=models.PROTECT, related_name="+"
    )

    objects: ClassVar[Any] = TreatmentQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["slug"]
        verbose_name = _("treatment")
        verbose_name_plural = _("treatments")
        constraints: ClassVar = [
            models.CheckConstraint(
                name="treatment_alternative_has_no_quote",
                condition=~Q(standing="alternative", quote_offered=True),
                violation_error_message=_("A quote is for treatments with cells only."),
            ),
        ]

    def get_absolute_url(self) -> str:
        return reverse("articles:treatment", args=[self.slug])

    @property
    def is_cells(self) -> bool:
        return self.standing == self.Standing.CELLS

    @property
    def name(self) -> str:
        """The live title; before anything is live, the address. Ask for the rows with `named`."""
        return self.live_revision.title if self.live_revision else self.slug


class Guide(Subject):
    class Audience(models.TextChoices):
        EVERYONE = "everyone", _("everyone")
        PATIENTS = "patients", _("people who had a stroke")
        CAREGIVERS = "caregivers", _("family and caregivers")

    SETTINGS = ("topics", "treatments", "related", "audience", "language", "translation_of", "owners")

    topics = models.ManyToManyField(Topic, verbose_name=_("topics"), related_name="guides", blank=True)
    treatments = models.ManyToManyField(
        Treatment, verbose_name=_("treatments"), related_name="guides", blank=True
    )
    related = models.ManyToManyField("self", verbose_name=_("related guides"), symmetrical=False, blank=True)
    audience = models.CharField(_("for"), max_length=20, choices=Audience, default=Audience.EVERYONE)
    # The form offers settings.LANGUAGES: as choices here each new language would be a migration.
    language = models.CharField(_("language"), max_length=12, default="en-gb")
    translation_of = models.ForeignKey(
        "self",
        verbose_name=_("translation of"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="translations",
    )
    live_revision = models.OneToOneField(
        "GuideRevision", null=True, blank=True, editable=False, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering: ClassVar = ["slug"]
        verbose_name = _("guide")
        verbose_name_plural = _("guides")
        constraints: ClassVar = [
            models.CheckConstraint(
                name="guide_not_its_own_translation",
                condition=~Q(translation_of=F("id")),
                violation_error_message=_("A guide is not a translation of itself."),
            ),
            models.UniqueConstraint(
                fields=["translation_of", "language"],
                name="guide_one_translation",
                violation_error_message=_("There is already a translation into this language."),
            ),
        ]

    def get_absolute_url(self) -> str:
        return reverse("articles:guide", args=[self.slug])

    def get_easy_url(self) -> str:
        return reverse("articles:guide_easy", args=[self.slug])


class GuideRevision(Revision):
    CONTENT = (*Revision.CONTENT, "easy_summary", "easy_body")
    LONG = (*Revision.LONG, "easy_body", "easy")

    subject = models.ForeignKey(Guide, on_delete=models.PROTECT, related_name="revisions")
    # The same guide in short sentences of easy words; empty where there is none.
    easy_summary = models.TextField(_("easy version: summary"), max_length=400, blank=True, default="")
    easy_body = models.TextField(_("easy version: text"), blank=True, default="")
    # Made from `easy_body` as `rendered` is from `body` (articles.texts); {} where there is none.
    easy = models.JSONField(default=dict, editable=False)

    class Meta(Revision.Meta):
        abstract = False
        verbose_name = _("guide revision")
        verbose_name_plural = _("guide revisions")
        constraints: ClassVar = constraints("guiderevision")
        indexes: ClassVar = indexes("guiderevision")
        permissions: ClassVar = [
            ("submit_guiderevision", _("Can submit a guide for review")),
            ("review_guiderevision", _("Can approve a guide or ask for changes")),
            ("publish_guiderevision", _("Can publish and withdraw a guide")),
        ]


class TreatmentRevision(Revision):
    class Donor(models.TextChoices):
        OWN = "own", _("the person's own cells")
        DONOR = "donor", _("cells from a donor")
        EITHER = "either", _("own or donor cells")

    CONTENT = (*Revision.CONTENT, "cell_type", "donor", "route", "approval")

    subject = models.ForeignKey(Treatment, on_delete=models.PROTECT, related_name="revisions")
    # The first three may stay empty for what is no treatment with cells (Treatment.Standing.ALTERNATIVE); a
    # trial may say in them that it depends.
    cell_type = models.CharField(_("cell type"), max_length=160, blank=True)
    donor = models.CharField(_("own or donor cells"), max_length=10, choices=Donor, blank=True)
    route = models.CharField(_("how given"), max_length=160, blank=True)
    approval = models.TextField(
        _("where it is approved, and where not"), max_length=400, blank=True, default=""
    )

    class Meta(Revision.Meta):
        abstract = False
        verbose_name = _("treatment revision")
        verbose_name_plural = _("treatment revisions")
        constraints: ClassVar = constraints("treatmentrevision")
        indexes: ClassVar = indexes("treatmentrevision")
        permissions: ClassVar = [
            ("submit_treatmentrevision", _("Can submit a treatment for review")),
            ("review_treatmentrevision", _("Can approve a treatment or ask for changes")),
            ("publish_treatmentrevision", _("Can publish and withdraw a treatment")),
        ]


class SlugRedirect(models.Model):
    """An address that was once live and now leads to another; written by subjects.rename."""

    class Kind(models.TextChoices):
        GUIDE = "guide", _("guide")
        TREATMENT = "treatment", _("treatment")

    kind = models.CharField(max_length=10, choices=Kind)
    old_slug = models.SlugField(max_length=80)
    new_slug = models.SlugField(max_length=80)

    class Meta:
        default_permissions = ()
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["kind", "old_slug"], name="slugredirect_old"),
            models.CheckConstraint(name="slugredirect_leads_elsewhere", condition=~Q(old_slug=F("new_slug"))),
        ]

    def __str__(self) -> str:
        return f"{self.kind}: {self.old_slug} → {self.new_slug}"
