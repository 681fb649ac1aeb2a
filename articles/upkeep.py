"""What happens to a live text: its evidence changes, it is checked again, letters remind, readers answer."""

from __future__ import annotations

from functools import reduce
from operator import or_
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from .evidence import Source, facts_in_words


def _just_one(*names: str) -> Q:
    """Exactly one of these is set."""
    each = (Q(**{f"{other}__isnull": other != name for other in names}) for name in names)
    return reduce(or_, each)


class EvidenceFlagQuerySet(models.QuerySet):
    def open(self):
        """Those that nobody has settled yet: readers see them."""
        return self.filter(settled_at__isnull=True)


class EvidenceFlag(models.Model):
    """A source under this live guide, treatment or claim has changed since it was approved.

    Another state, or other facts that claims lean on: `facts` holds what each was and is (evidence.FACTS).
    """

    class Settled(models.TextChoices):
        CONFIRMED = "confirmed", _("confirmed: the text still holds")
        REVISED = "revised", _("a newer text was published")
        WITHDRAWN = "withdrawn", _("the text was withdrawn")
        CHANGED_BACK = "changed_back", _("the source is as it was before")

    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="flags")
    guide = models.ForeignKey("articles.Guide", null=True, on_delete=models.PROTECT, related_name="flags")
    treatment = models.ForeignKey(
        "articles.Treatment", null=True, on_delete=models.PROTECT, related_name="flags"
    )
    claim = models.ForeignKey("articles.Claim", null=True, on_delete=models.PROTECT, related_name="flags")
    from_state = models.CharField(_("was"), max_length=20, choices=Source.State)
    to_state = models.CharField(_("is now"), max_length=20, choices=Source.State)
    facts = models.JSONField(_("facts that changed"), default=dict, editable=False)
    raised_at = models.DateTimeField(_("since"))
    settled_at = models.DateTimeField(_("settled at"), null=True)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    settled_how = models.CharField(_("settled"), max_length=20, choices=Settled, blank=True)

    objects = EvidenceFlagQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-raised_at", "-pk"]
        default_permissions = ("view",)
        verbose_name = _("changed evidence")
        verbose_name_plural = _("changed evidence")
        constraints: ClassVar = [
            models.CheckConstraint(
                name="evidenceflag_on_one", condition=_just_one("guide", "treatment", "claim")
            ),
            models.CheckConstraint(
                name="evidenceflag_a_change", condition=~Q(from_state=models.F("to_state")) | ~Q(facts={})
            ),
            models.CheckConstraint(
                name="evidenceflag_settled_whole",
                condition=Q(settled_at__isnull=True, settled_how="")
                | (Q(settled_at__isnull=False) & ~Q(settled_how="")),
            ),
            *(
                models.UniqueConstraint(
                    fields=["source", on],
                    condition=Q(settled_at__isnull=True),
                    name=f"evidenceflag_one_open_{on}",
                )
                for on in ("guide", "treatment", "claim")
            ),
        ]

    def __str__(self) -> str:
        return f"flag {self.pk}"

    @property
    def change(self) -> str:
        """From what to what, for staff: the state, the facts, or both."""
        state = f"{self.get_from_state_display()} → {self.get_to_state_display()}"
        return "; ".join(filter(None, [state if self.from_state != self.to_state else "", self.corrected]))

    @property
    def now(self) -> str:
        """For readers: "is now retracted", "was corrected: …", or both."""
        state = _("is now %(state)s") % {"state": self.get_to_state_display()}
        facts = _("was corrected: %(facts)s") % {"facts": self.corrected}
        said = [state if self.from_state != self.to_state else "", facts if self.facts else ""]
        return ", ".join(filter(None, said))

    @property
    def corrected(self) -> str:
        return facts_in_words(self.facts)


class Confirmation(models.Model):
    """Somebody read a live text again and found that it still holds."""

    guide_revision = models.ForeignKey(
        "articles.GuideRevision", null=True, on_delete=models.PROTECT, related_name="confirmations"
    )
    treatment_revision = models.ForeignKey(
        "articles.TreatmentRevision", null=True, on_delete=models.PROTECT, related_name="confirmations"
    )
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(_("at"))
    reason = models.TextField(_("why it still holds"), max_length=400)
    next_review_on = models.DateField(_("next review"))

    class Meta:
        ordering: ClassVar = ["-at", "-pk"]
        default_permissions = ()
        constraints: ClassVar = [
            models.CheckConstraint(
                name="confirmation_of_one_text", condition=_just_one("guide_revision", "treatment_revision")
            ),
            models.CheckConstraint(name="confirmation_has_reason", condition=~Q(reason="")),
        ]

    def __str__(self) -> str:
        return f"confirmation {self.pk}"


class Reminder(models.Model):
    """That the letters of one step before or after a review date were owed, so that they are owed once."""

    class Step(models.TextChoices):
        MONTH_BEFORE = "month_before", _("a month before")
        WEEK_BEFORE = "week_before", _("a week before")
        ON_THE_DAY = "on_the_day", _("on the day")
        WEEK_AFTER = "week_after", _("a week after")
        MONTH_AFTER = "month_after", _("a month after")

    guide_revision = models.ForeignKey(
        "articles.GuideRevision", null=True, on_delete=models.PROTECT, related_name="reminders"
    )
    treatment_revision = models.ForeignKey(
        "articles.TreatmentRevision", null=True, on_delete=models.PROTECT, related_name="reminders"
    )
    step = models.CharField(max_length=20, choices=Step)
    due_on = models.DateField()
    sent_at = models.DateTimeField()

    class Meta:
        default_permissions = ()
        constraints: ClassVar = [
            models.CheckConstraint(
                name="reminder_of_one_text", condition=_just_one("guide_revision", "treatment_revision")
            ),
            models.UniqueConstraint(fields=["guide_revision", "step", "due_on"], name="reminder_once_guide"),
            models.UniqueConstraint(
                fields=["treatment_revision", "step", "due_on"], name="reminder_once_treatment"
            ),
        ]

    def __str__(self) -> str:
        return f"reminder {self.pk}"


class Feedback(models.Model):
    """A reader's answer to "Was this useful?". Nothing tells who answered."""

    guide = models.ForeignKey("articles.Guide", on_delete=models.PROTECT, related_name="feedback")
    revision_number = models.PositiveIntegerField(_("version"))
    easy = models.BooleanField(_("easy version"), default=False)
    # The heading it is about, as the reader saw it; empty for the whole guide.
    section = models.CharField(_("section"), max_length=200, blank=True)
    useful = models.BooleanField(_("useful"))
    comment = models.TextField(_("comment"), max_length=1000, blank=True)
    at = models.DateTimeField(_("at"))

    class Meta:
        ordering: ClassVar = ["-at", "-pk"]
        default_permissions = ("view",)
        verbose_name = _("answer of a reader")
        verbose_name_plural = _("answers of readers")
        indexes: ClassVar = [models.Index(fields=["guide", "-at"], name="feedback_of_guide")]

    def __str__(self) -> str:
        return f"answer {self.pk}"
