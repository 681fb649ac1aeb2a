"""Statements of benefit and harm, each bound to the evidence for it.

Editors write them on a revision (`Revision.claims`). Rows are made of them when the text is submitted
(articles.publishing.submit), so that the database can refuse what no reader may see and say at once
which statements a source stands under. They never change.

What the database holds, whoever writes: a claim has a source; a benefit names the source that shows it, or
says beside it what its evidence lacks; and that source was, when the claim was written, one that can show a
benefit (a trigger, migration 0012, since no constraint reads another table). What the verbs hold: that it
is among the claim's sources, that no source under a benefit is retracted, and the words for the weakness.

On SQLite a migration that changes the table of claims or of sources takes that trigger off first and puts it
on again, as 0017 does.
"""

from __future__ import annotations

from typing import ClassVar, TypedDict

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from .evidence import Source
from .revisions import Frozen


class Direction(models.TextChoices):
    BENEFIT = "benefit", _("benefit")
    NO_EFFECT = "no_effect", _("no clear effect")
    HARM = "harm", _("harm")
    NOT_KNOWN = "not_known", _("not known")


class HowSure(models.TextChoices):
    """As GRADE has it, with what it means for a reader."""

    HIGH = "high", _("high: more studies are unlikely to change this")
    MODERATE = "moderate", _("moderate: more studies may change this")
    LOW = "low", _("low: more studies will probably change this")
    VERY_LOW = "very_low", _("very low: nobody can be sure of this")


class Weakness(models.TextChoices):
    """What all the sources of a benefit have against them; it must then be said beside it (`caveat`)."""

    NONE = "", _("none")
    MISSED = "missed", _("every trial under it missed its main measure")
    NO_CONTROL = "no_control", _("nothing under it had a control group")
    BOTH = "both", _("each trial under it missed its main measure or had no control group")


class Written(TypedDict):
    """A claim as an editor writes it and `Revision.claims` holds it.

    `treatment` is the number of a Treatment and None on a treatment's own page, which speaks of itself.
    `sources` are keys. The figures are people: `count` of `of` among those who got `group` (empty: the
    treatment; with no second group, all), and `other_count` of `other_of` among those who got `other`
    ("placebo"); each None where there is none, and in a draft the words that somebody typed in its place
    and must mend before it is submitted. `how_sure` may be empty where nothing is known.
    """

    direction: str
    sentence: str
    count: int | str | None
    of: int | str | None
    group: str
    other: str
    other_count: int | str | None
    other_of: int | str | None
    how_sure: str
    treatment: int | None
    sources: list[str]
    caveat: str


def _filled(count: str, of: str) -> Q:
    """Both figures, the first not above the second. A comparison with nothing would not be refused."""
    both = {f"{count}__isnull": False, f"{of}__isnull": False}
    return Q(**both, **{f"{of}__gt": 0, f"{count}__lte": F(of)})


def _empty(*names: str) -> Q:
    return Q(**{f"{name}__isnull": True for name in names})


class ClaimQuerySet(models.QuerySet):
    def update(self, **changes):
        raise Frozen("claims")

    def delete(self):
        raise Frozen("claims")

    def live(self):
        """Those of the texts that readers see."""
        return self.filter(
            Q(guide_revision__subject__live_revision=F("guide_revision"))
            | Q(treatment_revision__subject__live_revision=F("treatment_revision"))
        )

    def overstated(self):
        """Benefits beside which nothing is said against their evidence, though none of it shows them now."""
        showing = Source.objects.showing_benefit().filter(claims=OuterRef("pk"))
        return self.filter(~Exists(showing), direction=Direction.BENEFIT, caveat="")


class Claim(models.Model):
    """One statement of a submitted text."""

    guide_revision = models.ForeignKey(
        "articles.GuideRevision", null=True, on_delete=models.PROTECT, related_name="claim_rows"
    )
    treatment_revision = models.ForeignKey(
        "articles.TreatmentRevision", null=True, on_delete=models.PROTECT, related_name="claim_rows"
    )
    position = models.PositiveSmallIntegerField()
    direction = models.CharField(_("direction"), max_length=10, choices=Direction)
    sentence = models.TextField(_("sentence"), max_length=400)
    count = models.PositiveIntegerField(_("people"), null=True)
    of = models.PositiveIntegerField(_("of"), null=True)
    group = models.CharField(_("what they got"), max_length=80, blank=True, default="")
    other = models.CharField(_("compared with"), max_length=80, blank=True)
    other_count = models.PositiveIntegerField(_("people in the other group"), null=True)
    other_of = models.PositiveIntegerField(_("of"), null=True)
    how_sure = models.CharField(_("how sure"), max_length=10, choices=HowSure, blank=True)
    treatment = models.ForeignKey(
        "articles.Treatment", verbose_name=_("treatment"), on_delete=models.PROTECT, related_name="claims"
    )
    # The first source is a column, so that the database itself refuses a claim without one.
    source = models.ForeignKey("articles.Source", on_delete=models.PROTECT, related_name="+")
    sources = models.ManyToManyField(
        "articles.Source", verbose_name=_("sources"), related_name="claims", db_table="articles_claim_backing"
    )
    # One that shows this benefit, as its record stood then; None for other claims and where none does.
    shown_by = models.ForeignKey("articles.Source", null=True, on_delete=models.PROTECT, related_name="+")
    weakness = models.CharField(max_length=10, choices=Weakness, blank=True)
    caveat = models.TextField(_("what must be said beside it"), max_length=300, blank=True)

    objects = ClaimQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["guide_revision", "treatment_revision", "position"]
        default_permissions = ("view",)
        verbose_name = _("claim")
        verbose_name_plural = _("claims")
        constraints: ClassVar = [
            models.CheckConstraint(
                name="claim_of_one_text",
                condition=Q(guide_revision__isnull=False, treatment_revision__isnull=True)
                | Q(guide_revision__isnull=True, treatment_revision__isnull=False),
            ),
            models.UniqueConstraint(fields=["guide_revision", "position"], name="claim_place_in_guide"),
            models.UniqueConstraint(
                fields=["treatment_revision", "position"], name="claim_place_in_treatment"
            ),
            models.CheckConstraint(name="claim_direction_known", condition=Q(direction__in=Direction.values)),
            models.CheckConstraint(
                name="claim_how_sure_known",
                condition=Q(how_sure__in=HowSure.values) | Q(how_sure="", direction=Direction.NOT_KNOWN),
            ),
            models.CheckConstraint(name="claim_says_something", condition=~Q(sentence="")),
            models.CheckConstraint(
                name="claim_weak_benefit_says_so",
                condition=~Q(direction="benefit") | Q(weakness="") | ~Q(caveat=""),
                violation_error_message=_("Say beside this benefit what its evidence lacks."),
            ),
            models.CheckConstraint(
                name="claim_benefit_is_shown",
                condition=~Q(direction="benefit") | Q(shown_by__isnull=False) | ~Q(caveat=""),
                violation_error_message=_("Say beside this benefit what its evidence lacks."),
            ),
            models.CheckConstraint(
                name="claim_figures_whole", condition=_empty("count", "of") | _filled("count", "of")
            ),
            models.CheckConstraint(
                name="claim_other_figures_whole",
                condition=_empty("other_count", "other_of")
                | (_filled("other_count", "other_of") & Q(of__isnull=False) & ~Q(other="")),
            ),
        ]

    def __str__(self) -> str:
        return f"claim {self.pk}"

    def save(self, *args, **options) -> None:
        if not self._state.adding:
            raise Frozen(str(self))
        super().save(*args, **options)

    def delete(self, *args, **options):
        raise Frozen(str(self))

    @property
    def text(self):
        """The revision that states it."""
        return self.guide_revision or self.treatment_revision
