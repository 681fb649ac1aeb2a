"""Guides, treatments and the evidence under them.

A guide or a treatment is a subject with an address; its text lives in revisions. A revision is a
draft until it is submitted and never changes afterwards. Readers see the revision that
`live_revision` points to, and nothing else (articles.publishing moves the pointer).
"""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

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


# Undated ones last, on every database.
NEWEST_FIRST = (F("year").desc(nulls_last=True), "title")


class SourceQuerySet(models.QuerySet):
    def strongest_first(self):
        """Trials before reviews, and so on down the list of kinds; the newest first within each."""
        weights = [models.When(kind=kind, then=rank) for rank, kind in enumerate(Source.Kind.values)]
        return self.order_by(models.Case(*weights, default=len(weights)), *NEWEST_FIRST)


class Source(models.Model):
    """One piece of evidence or guidance that texts cite as [@key]."""

    class Kind(models.TextChoices):
        TRIAL = "trial", _("trial")
        REVIEW = "review", _("review of studies")
        OBSERVATION = "observation", _("observation of patients")
        CASE_REPORT = "case_report", _("case report")
        SURVEY = "survey", _("survey")
        LABORATORY = "laboratory", _("laboratory or animal study")
        REGULATOR = "regulator", _("regulator")
        GUIDELINE = "guideline", _("guideline")
        REGISTRY = "registry", _("trial registry")
        PRICE = "price", _("published price")
        ORGANISATION = "organisation", _("organisation")
        OPINION = "opinion", _("opinion, ethics or law")

    class Control(models.TextChoices):
        PLACEBO = "placebo", _("placebo")
        SHAM = "sham", _("sham procedure")
        USUAL_CARE = "usual_care", _("usual care")
        NONE = "none", _("no control group")
        NOT_APPLICABLE = "not_applicable", _("does not apply")

    class MainMeasure(models.TextChoices):
        MET = "met", _("main measure met")
        MISSED = "missed", _("main measure missed")
        NOT_REPORTED = "not_reported", _("not reported")
        NO_CONTROL = "no_control", _("cannot tell: no control group")
        NOT_APPLICABLE = "not_applicable", _("does not apply")

    class Sureness(models.TextChoices):
        A = "A", _("A: original or official text read")
        B = "B", _("B: abstract, press or secondary text read")

    class State(models.TextChoices):
        CURRENT = "current", _("current")
        TERMINATED = "terminated", _("terminated early")
        RETRACTED = "retracted", _("retracted")
        SUPERSEDED = "superseded", _("superseded")

    key = models.SlugField(_("key"), max_length=60, unique=True, help_text=_("Cited in texts as [@key]."))
    title = models.CharField(_("title"), max_length=400)
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    publisher = models.CharField(_("journal or body"), max_length=200)
    year = models.PositiveSmallIntegerField(_("year"), null=True, blank=True)
    url = models.URLField(_("link"), max_length=400, blank=True)
    doi = models.CharField("DOI", max_length=120, blank=True)
    pmid = models.CharField("PMID", max_length=20, blank=True)
    registration = models.CharField(_("registration number"), max_length=40, blank=True)
    design = models.CharField(_("design"), max_length=300, blank=True)
    people = models.PositiveIntegerField(_("people"), null=True, blank=True)
    time_since_stroke = models.CharField(_("time since stroke"), max_length=120, blank=True)
    control = models.CharField(
        _("compared with"), max_length=20, choices=Control, default=Control.NOT_APPLICABLE
    )
    main_measure = models.CharField(
        _("main measure"), max_length=20, choices=MainMeasure, default=MainMeasure.NOT_APPLICABLE
    )
    finding = models.TextField(_("what it found, in plain words"))
    sureness = models.CharField(_("how sure we are of this record"), max_length=1, choices=Sureness)
    state = models.CharField(_("state"), max_length=20, choices=State, default=State.CURRENT)
    superseded_by = models.ForeignKey(
        "self",
        verbose_name=_("superseded by"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="supersedes",
    )
    checked_on = models.DateField(_("checked on"))

    objects = SourceQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = [*NEWEST_FIRST]
        verbose_name = _("source")
        verbose_name_plural = _("sources")
        constraints: ClassVar = [
            models.CheckConstraint(
                name="source_superseded_names_successor",
                condition=~Q(state="superseded") | Q(superseded_by__isnull=False),
                violation_error_message=_("A superseded source names the one that supersedes it."),
            ),
            models.CheckConstraint(
                name="source_not_superseded_by_itself",
                condition=~Q(superseded_by=F("id")),
                violation_error_message=_("A source cannot supersede itself."),
            ),
        ]

    def __str__(self) -> str:
        return self.key

    def get_absolute_url(self) -> str:
        return reverse("articles:source", args=[self.key])


class GlossaryTerm(models.Model):
    term = models.CharField(_("term"), max_length=80, unique=True)
    also = models.JSONField(
        _("other spellings"), default=list, blank=True, help_text=_("Plurals and variants, as a list.")
    )
    explanation = models.TextField(_("explanation"), max_length=400)

    class Meta:
        ordering: ClassVar = ["term"]
        verbose_name = _("glossary term")
        verbose_name_plural = _("glossary")

    def __str__(self) -> str:
        return self.term


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


class Treatment(Subject):
    SETTINGS = ("quote_offered",)

    # False where the cells are to be had in trials only: a quote for them would send people to a seller.
    quote_offered = models.BooleanField(
        _("a quote may be asked for"),
        default=True,
        help_text=_("Untick it where these cells are given in trials only. The page then leads to trials."),
    )
    live_revision = models.OneToOneField(
        "TreatmentRevision", null=True, blank=True, editable=False, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering: ClassVar = ["slug"]
        verbose_name = _("treatment")
        verbose_name_plural = _("treatments")

    def get_absolute_url(self) -> str:
        return reverse("articles:treatment", args=[self.slug])

    @property
    def name(self) -> str:
        """The live title; before anything is live, the address. Ask for the rows with `named`."""
        return self.live_revision.title if self.live_revision else self.slug


class Guide(Subject):
    class Audience(models.TextChoices):
        EVERYONE = "everyone", _("everyone")
        PATIENTS = "patients", _("people who had a stroke")
        CAREGIVERS = "caregivers", _("family and caregivers")

    SETTINGS = ("topics", "treatments", "related", "audience", "language", "translation_of")

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

    def due_to_publish(self, now: dt.datetime):
        """Approved with a time that has come."""
        return self.filter(state=RevisionState.APPROVED, publish_at__lte=now)


class Revision(models.Model):
    """One version of a subject's text. Its content is frozen from the moment it is submitted."""

    State = RevisionState
    # What an editor writes; `rendered` and the rest are derived from it or belong to the review.
    CONTENT: ClassVar[tuple[str, ...]] = ("title", "summary", "key_points", "body", "change_note")
    # What no list shows.
    LONG: ClassVar[tuple[str, ...]] = (
        *("key_points", "body", "rendered", "contents", "citation_keys", "glossary", "review_note"),
        "withdrawn_because",
    )

    number = models.PositiveIntegerField(_("number"))
    state = models.CharField(_("state"), max_length=20, choices=RevisionState, default=RevisionState.DRAFT)
    title = models.CharField(_("title"), max_length=160)
    summary = models.TextField(_("summary"), max_length=400)
    key_points = models.JSONField(_("key points"), default=list, blank=True)
    body = models.TextField(_("text"), blank=True)
    change_note = models.CharField(
        _("what changed"),
        max_length=200,
        blank=True,
        help_text=_("One line that readers see in the history."),
    )
    demonstration = models.BooleanField(_("demonstration"), default=False, editable=False)

    # Made from `body` when the draft is saved and again on publishing (articles.body.Rendered).
    rendered = models.TextField(editable=False, blank=True)
    contents = models.JSONField(default=list, editable=False)
    citation_keys = models.JSONField(default=list, editable=False)
    glossary = models.JSONField(default=list, editable=False)
    word_count = models.PositiveIntegerField(default=0, editable=False)

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


def _revision_constraints(name: str) -> list[models.BaseConstraint]:
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
    ]


def _revision_indexes(name: str) -> list[models.Index]:
    """For the worker, which asks every few seconds what is due."""
    planned = Q(state="approved", publish_at__isnull=False)
    return [models.Index(fields=["publish_at"], condition=planned, name=f"{name}_planned")]


class GuideRevision(Revision):
    CONTENT = (*Revision.CONTENT, "questions")

    subject = models.ForeignKey(Guide, on_delete=models.PROTECT, related_name="revisions")
    questions = models.JSONField(_("questions to ask"), default=list, blank=True)

    class Meta(Revision.Meta):
        abstract = False
        verbose_name = _("guide revision")
        verbose_name_plural = _("guide revisions")
        constraints: ClassVar = _revision_constraints("guiderevision")
        indexes: ClassVar = _revision_indexes("guiderevision")
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

    CONTENT = (*Revision.CONTENT, "cell_type", "donor", "route")

    subject = models.ForeignKey(Treatment, on_delete=models.PROTECT, related_name="revisions")
    cell_type = models.CharField(_("cell type"), max_length=160)
    donor = models.CharField(_("own or donor cells"), max_length=10, choices=Donor)
    route = models.CharField(_("how given"), max_length=160)

    class Meta(Revision.Meta):
        abstract = False
        verbose_name = _("treatment revision")
        verbose_name_plural = _("treatment revisions")
        constraints: ClassVar = _revision_constraints("treatmentrevision")
        indexes: ClassVar = _revision_indexes("treatmentrevision")
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
