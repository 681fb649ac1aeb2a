"""Records that both apps need: staff, fixed pages, letters owed, the trail, limits, the worker's pulse."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import ClassVar

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from .append_only import AppendOnlyModel


class User(AbstractUser):
    """A member of staff. Readers and requesters have no account."""

    byline = models.CharField(
        _("byline"),
        max_length=160,
        blank=True,
        help_text=_(
            "How readers see this person under a guide, with qualification: “Dr A. Example, neurologist”."
        ),
    )

    class Meta(AbstractUser.Meta):
        verbose_name = _("member of staff")  # type: ignore[assignment]
        verbose_name_plural = _("staff")  # type: ignore[assignment]

    def __str__(self) -> str:
        return self.public_name

    @property
    def public_name(self) -> str:
        """The one name by which readers and colleagues know this person."""
        return self.byline or self.get_full_name() or self.get_username()

    @property
    def role(self) -> str:
        """The groups in words, for the trail: 'Coordinator, Manager'; 'Administrator' for a superuser."""
        names = sorted(group.name for group in self.groups.all())
        return ", ".join(names) or (gettext("Administrator") if self.is_superuser else "")


# First words of the addresses that are not fixed pages: a page under one could never be reached.
TAKEN = (
    *("admin", "check-an-offer", "emergency", "estimate", "evidence", "feeds", "glossary", "guides"),
    *("health", "quote", "search", "static", "treatments", "trials"),
)


class PageQuerySet(models.QuerySet):
    def for_readers(self):
        return self.filter(shown=True)


class Page(models.Model):
    """A fixed page (about, privacy, …), kept by staff in the admin; `body` is clean HTML."""

    slug = models.SlugField(_("address"), max_length=60, unique=True)
    title = models.CharField(_("title"), max_length=120)
    summary = models.CharField(_("summary"), max_length=300)
    body = models.TextField(_("text"))
    shown = models.BooleanField(_("shown to readers"), default=True)
    updated_at = models.DateTimeField(_("last changed"))

    objects = PageQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["title"]
        verbose_name = _("fixed page")
        verbose_name_plural = _("fixed pages")
        constraints: ClassVar = [
            models.CheckConstraint(
                name="page_address_free",
                condition=~models.Q(slug__in=TAKEN),
                violation_error_message=_(
                    "This address belongs to another part of the site. Choose another."
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("page", args=[self.slug])


class PageVersion(AppendOnlyModel):
    """A text of a fixed page that another has replaced (portal.pages)."""

    page = models.ForeignKey(Page, models.CASCADE, related_name="versions")
    title = models.CharField(max_length=120)
    summary = models.CharField(max_length=300)
    body = models.TextField()
    saved_at = models.DateTimeField()
    replaced_at = models.DateTimeField()
    replaced_by = models.ForeignKey(User, models.PROTECT, related_name="+")

    class Meta:
        ordering: ClassVar = ["-replaced_at", "-pk"]
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.title} ({self.saved_at:%Y-%m-%d})"


class OutboxQuerySet(models.QuerySet):
    def unsent(self):
        """Those that the worker still owes."""
        return self.filter(state__in=[OutboxMessage.State.WAITING, OutboxMessage.State.SENDING])

    def late_since(self, moment: dt.datetime):
        """Those that should have been tried before `moment`, and those whose worker was lost before it."""
        return self.filter(
            models.Q(state=OutboxMessage.State.WAITING, next_attempt_at__lt=moment)
            | models.Q(state=OutboxMessage.State.SENDING, leased_until__lt=moment)
        )


class OutboxMessage(models.Model):
    """A letter owed. A row before it is a letter; the worker sends it (portal.mail)."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        SENDING = "sending", _("being sent")
        SENT = "sent", _("sent")
        FAILED = "failed", _("failed")

    template = models.CharField(_("letter"), max_length=80)
    to_address = models.EmailField(_("to"))
    # What the template needs, the secret link among it: emptied once the letter is sent.
    context = models.JSONField(default=dict, editable=False)
    about = models.CharField(_("about"), max_length=40, blank=True, db_index=True)
    language = models.CharField(_("language"), max_length=12, blank=True)
    message_id = models.CharField(max_length=120, unique=True, editable=False)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    created_at = models.DateTimeField(_("written at"))
    next_attempt_at = models.DateTimeField(_("next attempt"))
    leased_until = models.DateTimeField(null=True, editable=False)
    leased_by = models.UUIDField(null=True, editable=False)
    sent_at = models.DateTimeField(_("sent at"), null=True)
    last_error = models.CharField(_("last error"), max_length=300, blank=True)

    objects = OutboxQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-created_at", "-pk"]
        verbose_name = _("letter")
        verbose_name_plural = _("letters")
        permissions: ClassVar = [("retry_outboxmessage", _("Can send a failed letter again"))]
        indexes: ClassVar = [models.Index(fields=["state", "next_attempt_at"], name="outbox_due")]
        constraints: ClassVar = [
            models.CheckConstraint(
                name="outbox_state_known",
                condition=models.Q(state__in=["waiting", "sending", "sent", "failed"]),
            ),
            models.CheckConstraint(
                name="outbox_sent_has_time",
                condition=models.Q(state="sent", sent_at__isnull=False)
                | (~models.Q(state="sent") & models.Q(sent_at__isnull=True)),
            ),
        ]

    def __str__(self) -> str:
        return self.about or self.template


class AuditEvent(AppendOnlyModel):
    """Who did or looked at what, when. No foreign keys, so nothing that is removed takes its trail along.

    `detail` never holds the value of a personal field.
    """

    at = models.DateTimeField(_("at"), db_index=True)
    actor_id = models.BigIntegerField(_("staff number"), null=True)
    actor_name = models.CharField(_("who"), max_length=150)
    actor_role = models.CharField(_("role"), max_length=150, blank=True)
    action = models.CharField(_("what"), max_length=60, db_index=True)
    target_type = models.CharField(_("kind of record"), max_length=60)
    target_id = models.CharField(_("record"), max_length=40, blank=True)
    target_label = models.CharField(_("name of record"), max_length=160, blank=True)
    detail = models.JSONField(_("detail"), default=dict)
    request_id = models.CharField(_("request"), max_length=36, blank=True)

    # For a page that shows it: what happened in words, and the address of the record.
    words: str = ""
    url: str = ""

    class Meta:
        ordering: ClassVar = ["-at", "-pk"]
        verbose_name = _("event")
        verbose_name_plural = _("trail")
        default_permissions = ("view",)
        indexes: ClassVar = [models.Index(fields=["target_type", "target_id", "at"], name="trail_of_record")]

    def __str__(self) -> str:
        return str(self.pk)


class TokenBucket(models.Model):
    """How much of a limit is left for one key (an address, an e-mail), the key hashed with the secret."""

    key = models.CharField(max_length=64, unique=True)
    tokens = models.FloatField()
    updated_at = models.DateTimeField(db_index=True)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return self.key[:8]


class WorkerPulseQuerySet(models.QuerySet):
    def beating(self, now: dt.datetime):
        """Those that have not stopped. A worker beats after each letter, which takes up to mail.SEND_WITHIN,
        and is away for a moment while it is restarted."""
        return self.filter(beat_at__gte=now - dt.timedelta(minutes=5))


class WorkerPulse(models.Model):
    """When each worker last went round its loop; /health/ready and the dashboard read it."""

    worker = models.UUIDField(primary_key=True, default=uuid.uuid4)
    beat_at = models.DateTimeField(db_index=True)

    objects = WorkerPulseQuerySet.as_manager()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.worker)[:8]


class Edition(models.Model):
    """That readers saw something else from then on; what they see now is told by portal.edition."""

    mark = models.UUIDField()
    since = models.DateTimeField()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.mark)[:8]


class DrawnPage(models.Model):
    """A finished reading page that the worker drew before anybody asked; see portal.drawn_pages."""

    # Of all that a page depends on but the edition: address, language, day, release.
    key = models.CharField(max_length=80, primary_key=True)
    path = models.CharField(max_length=300)  # told to people only
    mark = models.CharField(max_length=60)  # of the edition it was drawn from
    headers = models.JSONField()
    body = models.BinaryField()  # gzipped
    drawn_at = models.DateTimeField(db_index=True)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return self.path
