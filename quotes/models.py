"""Requests for a quote (leads): what was asked, by whom, with which consent, and what was done about it.

Every field of a patient's record is declared personal or safe (`PERSONAL`, `SAFE`); a test fails on
one that is neither. No `__str__` here holds a name: Django keeps it in its history for ever.
"""

from __future__ import annotations

import datetime as dt
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import OuterRef, Q, Subquery
from django.utils.translation import gettext_lazy as _
from django_countries.fields import CountryField

from portal.append_only import AppendOnlyModel

MOST_COMPANIONS = 6


class Destination(models.Model):
    slug = models.SlugField(_("address"), max_length=60, unique=True)
    name = models.CharField(_("name"), max_length=80)
    country = CountryField(verbose_name=_("country"))
    active = models.BooleanField(_("offered in the form"), default=True)
    demonstration = models.BooleanField(_("demonstration"), default=False, editable=False)

    class Meta:
        ordering: ClassVar = ["name"]
        verbose_name = _("destination")
        verbose_name_plural = _("destinations")

    def __str__(self) -> str:
        return self.name

    @property
    def label(self) -> str:
        """The name as a requester reads it: a demonstration says that it is one."""
        return _("%(name)s (demonstration)") % {"name": self.name} if self.demonstration else self.name


class Stage(models.TextChoices):
    RECEIVED = "received", _("received")
    IN_TOUCH = "in_touch", _("in touch")
    WAITING = "waiting", _("waiting for the requester")
    PREPARING = "preparing", _("quote being prepared")
    QUOTED = "quoted", _("quote sent")
    CLOSED = "closed", _("closed")
    WITHDRAWN = "withdrawn", _("withdrawn by the requester")


# Stages in which something is still to be done, by us or by the requester.
OPEN = (Stage.RECEIVED, Stage.IN_TOUCH, Stage.WAITING, Stage.PREPARING, Stage.QUOTED)


# Those in which the next word is ours.
WAITING_FOR_US = (Stage.RECEIVED, Stage.IN_TOUCH, Stage.PREPARING)


class ClosedFor(models.TextChoices):
    """Why staff closed a lead; the requester reads it on the private page and in the letter."""

    DONE = "done", _("the requester has what was asked for")
    ASKED = "asked", _("the requester asked us to")
    NO_ANSWER = "no_answer", _("no answer from the requester")
    CANNOT = "cannot", _("we cannot make this quote")
    TWICE = "twice", _("the same was asked in another request")


class Certainty(models.TextChoices):
    YES = "yes", _("Yes")
    NO = "no", _("No")
    NOT_SURE = "not_sure", _("Not sure")


class QuoteRequestQuerySet(models.QuerySet):
    def open(self):
        return self.filter(stage__in=OPEN)

    def waiting_for_us(self):
        """Those whose next step is ours."""
        return self.filter(stage__in=WAITING_FOR_US)

    def unchanged_since(self, moment: dt.datetime):
        return self.waiting_for_us().filter(stage_since__lte=moment)

    def parked_since(self, moment: dt.datetime):
        """Those whose next step is the requester's, and who have not taken it for long."""
        return self.filter(stage__in=[Stage.WAITING, Stage.QUOTED], stage_since__lte=moment)

    def wanting_news(self):
        """Those whose newest word on e-mails about the evidence is yes."""
        acts = Consent.objects.filter(lead=OuterRef("pk"), kind=Consent.Kind.NEWS).order_by("-at", "-pk")
        return self.alias(wants_news=Subquery(acts.values("given")[:1])).filter(wants_news=True)

    def opened_by(self, digest: str):
        """The one that a private link with this digest opens; none where the link was revoked."""
        return self.filter(links__digest=digest, links__revoked_at=None)


class QuoteRequest(models.Model):
    """A lead: one request, sent once, worked by a coordinator, followed on a private page."""

    class ForWhom(models.TextChoices):
        ME = "me", _("For me")
        OTHER = "other", _("For somebody else")

    class Relationship(models.TextChoices):
        PARTNER = "partner", _("Wife, husband or partner")
        CHILD = "child", _("Daughter or son")
        PARENT = "parent", _("Mother or father")
        SIBLING = "sibling", _("Sister or brother")
        FRIEND = "friend", _("Friend")
        CARER = "carer", _("Paid carer")
        OTHER = "other", _("Somebody else")

    class StrokeType(models.TextChoices):
        CLOT = "clot", _("A clot (ischaemic)")
        BLEED = "bleed", _("A bleed (haemorrhagic)")
        NOT_SURE = "not_sure", _("Not sure")

    class Affected(models.TextChoices):
        ARM = "arm", _("Arm or hand")
        LEG = "leg", _("Leg or walking")
        SPEECH = "speech", _("Speech or understanding")
        THINKING = "thinking", _("Thinking or memory")
        OTHER = "other", _("Something else")
        NONE = "none", _("Nothing now")
        NOT_SURE = "not_sure", _("Not sure")

    class DailyHelp(models.TextChoices):
        NONE = "none", _("No help")
        SOME = "some", _("Some help")
        MUCH = "much", _("Help with most things")
        ALWAYS = "always", _("Help day and night")
        NOT_SURE = "not_sure", _("Not sure")

    class When(models.TextChoices):
        SOON = "soon", _("Within 3 months")
        THIS_YEAR = "this_year", _("Within a year")
        LATER = "later", _("Later, or only finding out")
        NOT_SURE = "not_sure", _("Not sure")

    class Channel(models.TextChoices):
        EMAIL = "email", _("E-mail")
        PHONE = "phone", _("Phone call")
        MESSAGE = "message", _("Text message (SMS)")

    class Hours(models.TextChoices):
        ANY = "any", _("Any time in the day")
        MORNING = "morning", _("Morning (8 to 12)")
        AFTERNOON = "afternoon", _("Afternoon (12 to 17)")
        EVENING = "evening", _("Evening (17 to 20)")

    SAFETY_QUESTIONS: ClassVar[tuple[str, ...]] = (
        "other_brain_disease",
        "seizures",
        "cancer",
        "blood_thinners",
        "pregnancy",
        "can_decide",
        "can_travel",
    )
    PERSONAL: ClassVar[tuple[str, ...]] = (
        "for_whom",
        "relationship",
        "person_knows",
        "stroke_type",
        "months_since_stroke",
        "affected",
        "daily_help",
        *SAFETY_QUESTIONS,
        "message",
        "name",
        "email",
        "phone",
        "channel",
        "hours",
        "time_zone",
        "do_not_phone",
    )
    SAFE: ClassVar[tuple[str, ...]] = (
        "id",
        "reference",
        "submission",
        "stage",
        "stage_since",
        "submitted_at",
        "answer_due_on",
        "assignee",
        "treatment",
        "destination",
        "wanted_when",
        "companions",
        "country",
        "language",
    )

    reference = models.CharField(_("reference"), max_length=20, unique=True)
    # Digest of the form's own secret: the second press of the button finds the first one's lead.
    submission = models.CharField(max_length=64, unique=True, editable=False)
    stage = models.CharField(_("stage"), max_length=20, choices=Stage, default=Stage.RECEIVED)
    stage_since = models.DateTimeField(_("in this stage since"))
    submitted_at = models.DateTimeField(_("received"), db_index=True)
    # The day by which the requester hears from us next: given on sending, renewed by the steps after which
    # that is for us to do (pipeline.RENEW_THE_PROMISE). Desk and private page tell it: progress.days_left.
    answer_due_on = models.DateField(_("answer promised by"))
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("assigned to"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="leads",
    )

    for_whom = models.CharField(_("for whom"), max_length=10, choices=ForWhom)
    relationship = models.CharField(_("relationship"), max_length=10, choices=Relationship, blank=True)
    person_knows = models.CharField(_("the person knows"), max_length=10, choices=Certainty, blank=True)

    stroke_type = models.CharField(_("type of stroke"), max_length=10, choices=StrokeType)
    months_since_stroke = models.PositiveSmallIntegerField(
        _("time since the stroke"), null=True, blank=True, help_text=_("In months. Empty: not sure.")
    )
    affected = models.JSONField(_("what is affected"), default=list)
    daily_help = models.CharField(_("daily help"), max_length=10, choices=DailyHelp)
    other_brain_disease = models.CharField(_("other brain disease"), max_length=10, choices=Certainty)
    seizures = models.CharField(_("seizures"), max_length=10, choices=Certainty)
    cancer = models.CharField(_("cancer now or before"), max_length=10, choices=Certainty)
    blood_thinners = models.CharField(_("blood thinners"), max_length=10, choices=Certainty)
    pregnancy = models.CharField(_("pregnancy"), max_length=10, choices=Certainty)
    can_decide = models.CharField(_("able to decide"), max_length=10, choices=Certainty)
    can_travel = models.CharField(_("able to travel"), max_length=10, choices=Certainty)

    treatment = models.ForeignKey(
        "articles.Treatment",
        verbose_name=_("treatment"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    destination = models.ForeignKey(
        Destination,
        verbose_name=_("destination"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    wanted_when = models.CharField(_("when"), max_length=10, choices=When)
    companions = models.PositiveSmallIntegerField(
        _("companions"), null=True, blank=True, help_text=_("Empty: not known yet.")
    )
    message = models.TextField(_("anything else"), max_length=2000, blank=True)

    name = models.CharField(_("name"), max_length=120)
    email = models.EmailField(_("e-mail"), max_length=254)
    phone = models.CharField(_("phone"), max_length=20, blank=True)
    country = CountryField(verbose_name=_("home country"), blank=True)
    channel = models.CharField(_("contact by"), max_length=10, choices=Channel, default=Channel.EMAIL)
    hours = models.CharField(_("hours"), max_length=10, choices=Hours, default=Hours.ANY)
    # Empty: a place we have no city for. Its time is asked for, never guessed.
    time_zone = models.CharField(_("time zone"), max_length=60, blank=True)
    language = models.CharField(_("language"), max_length=12, default="en")
    do_not_phone = models.BooleanField(_("do not phone"), default=False)

    objects = QuoteRequestQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["answer_due_on", "submitted_at", "pk"]
        verbose_name = _("lead")
        verbose_name_plural = _("leads")
        permissions: ClassVar = [
            ("work_quoterequest", _("Can move leads, write notes, take leads")),
            ("assign_quoterequest", _("Can assign leads to others")),
            ("export_quoterequest", _("Can export leads")),
        ]
        indexes: ClassVar = [
            models.Index(fields=["stage", "stage_since"], name="lead_waiting"),
            # The desk's list: what is open, in the order of `ordering`.
            models.Index(
                fields=["answer_due_on", "submitted_at", "id"],
                name="lead_open_by_promise",
                condition=Q(stage__in=OPEN),
            ),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(name="lead_stage_known", condition=Q(stage__in=Stage.values)),
            models.CheckConstraint(
                name="lead_other_has_relationship",
                condition=Q(for_whom="me", relationship="") | (Q(for_whom="other") & ~Q(relationship="")),
            ),
            models.CheckConstraint(
                name="lead_other_says_who_knows",
                condition=Q(for_whom="me", person_knows="") | (Q(for_whom="other") & ~Q(person_knows="")),
            ),
            models.CheckConstraint(
                name="lead_companions_can_be_housed", condition=Q(companions__lte=MOST_COMPANIONS)
            ),
            models.CheckConstraint(
                name="lead_phone_channel_has_number",
                condition=Q(channel="email") | ~Q(phone=""),
                violation_error_message=_("To be phoned or texted, a number is needed."),
            ),
            models.CheckConstraint(
                name="lead_not_phoned_when_refused",
                condition=~Q(do_not_phone=True, channel="phone"),
                violation_error_message=_("“Do not phone” and “phone call” exclude each other."),
            ),
        ]

    def __str__(self) -> str:
        return self.reference


class Consent(AppendOnlyModel):
    """One act of consenting or of withdrawing consent. The newest act of a kind is the one that counts.

    Rows are only added; they go when the lead itself is erased.
    """

    class Kind(models.TextChoices):
        HEALTH = "health", _("use of health answers for the quote")
        NEWS = "news", _("e-mails when the evidence changes")

    lead = models.ForeignKey(QuoteRequest, on_delete=models.CASCADE, related_name="consents")
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    given = models.BooleanField(_("given"))
    text_version = models.CharField(_("version of the text"), max_length=20)
    at = models.DateTimeField(_("at"))

    PERSONAL: ClassVar[tuple[str, ...]] = ()
    SAFE: ClassVar[tuple[str, ...]] = ("id", "lead", "kind", "given", "text_version", "at")

    class Meta:
        ordering: ClassVar = ["at", "pk"]
        verbose_name = _("consent")
        verbose_name_plural = _("consents")
        default_permissions = ("view",)
        constraints: ClassVar = [
            models.CheckConstraint(name="consent_kind_known", condition=Q(kind__in=["health", "news"])),
            models.CheckConstraint(name="consent_names_its_words", condition=~Q(text_version="")),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.text_version}"


class StageChange(AppendOnlyModel):
    """One step of a lead through its stages. Rows are only added; they go when the lead itself is erased."""

    lead = models.ForeignKey(QuoteRequest, on_delete=models.CASCADE, related_name="stage_changes")
    from_stage = models.CharField(_("from"), max_length=20, choices=Stage, blank=True)
    to_stage = models.CharField(_("to"), max_length=20, choices=Stage)
    reason = models.CharField(_("reason"), max_length=20, choices=ClosedFor, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("by"), null=True, on_delete=models.PROTECT, related_name="+"
    )
    at = models.DateTimeField(_("at"))

    PERSONAL: ClassVar[tuple[str, ...]] = ()
    SAFE: ClassVar[tuple[str, ...]] = ("id", "lead", "from_stage", "to_stage", "reason", "by", "at")

    class Meta:
        ordering: ClassVar = ["at", "pk"]
        verbose_name = _("stage change")
        verbose_name_plural = _("stage changes")
        default_permissions = ("view",)
        constraints: ClassVar = [
            models.CheckConstraint(
                name="stagechange_stages_known",
                condition=Q(from_stage__in=["", *Stage.values], to_stage__in=Stage.values),
            ),
            models.CheckConstraint(
                name="stagechange_closed_says_why",
                condition=Q(to_stage=Stage.CLOSED, reason__in=ClosedFor.values)
                | (~Q(to_stage=Stage.CLOSED) & Q(reason="")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.from_stage} → {self.to_stage}"


class Note(models.Model):
    """What a coordinator writes about a lead, for colleagues only."""

    lead = models.ForeignKey(QuoteRequest, on_delete=models.CASCADE, related_name="notes")
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("author"), on_delete=models.PROTECT, related_name="+"
    )
    text = models.TextField(_("note"), max_length=4000)
    at = models.DateTimeField(_("at"))

    PERSONAL: ClassVar[tuple[str, ...]] = ("text",)
    SAFE: ClassVar[tuple[str, ...]] = ("id", "lead", "author", "at")

    class Meta:
        ordering: ClassVar = ["-at", "-pk"]
        verbose_name = _("note")
        verbose_name_plural = _("notes")
        default_permissions = ("view",)

    def __str__(self) -> str:
        return f"{self.lead_id}/{self.pk}"


class PrivateLink(models.Model):
    """A way into one lead's private page; only the digest of its secret is kept."""

    lead = models.ForeignKey(QuoteRequest, on_delete=models.CASCADE, related_name="links")
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    PERSONAL: ClassVar[tuple[str, ...]] = ()
    SAFE: ClassVar[tuple[str, ...]] = ("id", "lead", "digest", "created_at", "revoked_at")

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.lead_id}/{self.pk}"
