"""The evidence under the texts: sources, what trials ask of who takes part, words explained."""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .checks.statements import CAN_SHOW_BENEFIT, GROUPS

# What claims lean on; whether people knew who got what is said in the design. By field, what each change
# of it was and is: {"main_measure": ["missed", "met"]}.
FACTS = ("kind", "design", "control", "main_measure", "people")
Facts = dict[str, list[Any]]

OPEN = re.compile(r"\bopen\b|\bunblinded\b|\bnot blinded\b")

# Undated ones last, on every database.
NEWEST_FIRST = (F("year").desc(nulls_last=True), "title")


class SourceQuerySet(models.QuerySet):
    def strongest_first(self):
        """Trials before reviews, and so on down the list of kinds; the newest first within each."""
        weights = [models.When(kind=kind, then=rank) for rank, kind in enumerate(Source.Kind.values)]
        return self.order_by(models.Case(*weights, default=len(weights)), *NEWEST_FIRST)

    def showing_benefit(self):
        """Those that show a benefit, as the checks have it (articles.checks.statements.shows_it)."""
        trial, met = Source.Kind.TRIAL, Source.MainMeasure.MET
        trials = Q(kind=trial, main_measure=met, control__in=GROUPS)
        weighed = Q(kind__in=CAN_SHOW_BENEFIT - {trial.value})
        weighed &= Q(main_measure__in=[met, Source.MainMeasure.NOT_APPLICABLE])
        return self.filter(trials | weighed & ~Q(control=Source.Control.NONE))


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
    plain_title = models.CharField(
        _("name in plain words"),
        max_length=120,
        blank=True,
        default="",
        help_text=_("Such as: the TREASURE trial in Japan, 2024. Shown before the title of the paper."),
    )
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
    # What readers are told of it, a day of checking among it; kept by the verbs (articles.sources).
    changed_at = models.DateTimeField(_("last changed"), default=timezone.now, editable=False)
    # A page cites trials of other cells too; only these are counted as trials of a treatment.
    treatments = models.ManyToManyField(
        "articles.Treatment",
        verbose_name=_("treatments that it tested"),
        related_name="tested_in",
        blank=True,
        help_text=_("Of a trial: it counts as a trial of these, and of no others that cite it."),
    )

    objects = SourceQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = [*NEWEST_FIRST]
        permissions: ClassVar = [("state_source", _("Can say that a source’s state has changed"))]
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

    @property
    def is_current(self) -> bool:
        return self.state == self.State.CURRENT

    @property
    def name(self) -> str:
        """What readers are told first: the plain name, or the title where there is none."""
        return self.plain_title or self.title

    @property
    def result(self) -> Any:
        """How its main measure came out; where nothing was reported, whether there can be a result yet."""
        if self.main_measure != self.MainMeasure.NOT_REPORTED:
            return self.get_main_measure_display()
        if self.state == self.State.TERMINATED:
            return _("stopped early, without a result")
        under_way = self.kind == self.Kind.REGISTRY
        return _("not finished, or no results yet") if under_way else _("no final result reported")

    @property
    def blinding(self) -> Any:
        """Whether those who took part knew who got what, as far as its design says so."""
        design = self.design.casefold()
        if "assessors blinded" in design:
            return _("only those who measured")
        if "blind" in design and "unblinded" not in design and "not blinded" not in design:
            return _("yes")
        return _("no") if OPEN.search(design) else _("not recorded")


def together(earlier: Facts, later: Facts) -> Facts:
    """What two changes, one after the other, come to; without what is again as it was."""
    both = {name: [earlier.get(name, change)[0], change[1]] for name, change in later.items()}
    return {name: change for name, change in (earlier | both).items() if change[0] != change[1]}


def mark_of(facts: Facts) -> str:
    """Another for each other change; empty where there is none."""
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:12] if facts else ""


def facts_in_words(facts: Facts) -> str:
    """Such as: main measure missed → main measure met; people: 126 → 130."""
    return "; ".join(_fact_in_words(name, *facts[name]) for name in FACTS if name in facts)


def _fact_in_words(name: str, was: Any, now: Any) -> str:
    field: Any = Source._meta.get_field(name)
    label, choices = str(field.verbose_name), dict(field.flatchoices)
    before, after = (str(choices.get(value, value) or "–") for value in (was, now))
    told = f"{before} → {after}"
    return told if after.startswith(label) else f"{label}: {told}"


class TrialCriteria(models.Model):
    """Whom a registered trial takes in, as its register says: for readers who look for one that fits."""

    class Stroke(models.TextChoices):
        CLOT = "clot", _("a clot (ischaemic)")
        BLEED = "bleed", _("a bleed (haemorrhagic)")
        EITHER = "either", _("a clot or a bleed")
        NOT_SAID = "not_said", _("not said")

    class Recruiting(models.TextChoices):
        OPEN = "open", _("taking people in")
        NOT_YET = "not_yet", _("not yet taking people in")
        CLOSED = "closed", _("no longer taking people in")
        UNKNOWN = "unknown", _("not known")

    source = models.OneToOneField(
        Source, verbose_name=_("source"), on_delete=models.CASCADE, related_name="criteria"
    )
    stroke = models.CharField(_("kind of stroke"), max_length=10, choices=Stroke)
    # Hours, because some trials begin within a day; None: the register sets no bound.
    since_from_hours = models.PositiveIntegerField(_("from, hours since the stroke"), null=True, blank=True)
    since_to_hours = models.PositiveIntegerField(_("until, hours since the stroke"), null=True, blank=True)
    age_from = models.PositiveSmallIntegerField(_("youngest"), null=True, blank=True)
    age_to = models.PositiveSmallIntegerField(_("oldest"), null=True, blank=True)
    recruiting = models.CharField(_("taking people in"), max_length=10, choices=Recruiting)
    places = models.CharField(_("where"), max_length=200)
    also = models.TextField(_("what else it asks, in plain words"), max_length=600, blank=True, default="")
    checked_on = models.DateField(_("checked on"))

    class Meta:
        ordering: ClassVar = ["source__key"]
        verbose_name = _("whom a trial takes in")
        verbose_name_plural = _("whom trials take in")
        constraints: ClassVar = [
            models.CheckConstraint(
                name="trialcriteria_since_in_order",
                condition=Q(since_from_hours__isnull=True)
                | Q(since_to_hours__isnull=True)
                | Q(since_from_hours__lte=F("since_to_hours")),
                violation_error_message=_("The time since the stroke ends before it begins."),
            ),
            models.CheckConstraint(
                name="trialcriteria_ages_in_order",
                condition=Q(age_from__isnull=True) | Q(age_to__isnull=True) | Q(age_from__lte=F("age_to")),
                violation_error_message=_("The oldest is younger than the youngest."),
            ),
        ]

    def __str__(self) -> str:
        return str(self.source)


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
