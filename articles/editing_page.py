"""The page on which staff write, review and publish one guide or treatment.

Here stand its list, its addresses and the form; which steps are open to whom is in articles.steps_to_readers,
what a text is made into in articles.texts.
"""

import copy
import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from typing import Any, ClassVar, cast

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import BigIntegerField, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, Concat, NullIf, Trim
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from portal import audit
from portal.admin import AuditedAdmin, with_nonce
from portal.models import User

from . import publishing
from .editing import DraftForm, stamp
from .models import RevisionState, Source
from .publishing import AnySubject
from .steps_to_readers import STEPS, Offer, Step, Words, is_live, is_own_work, may, open_steps
from .texts import AnyRevision, passages, problems_of

EVENTS_SHOWN = 20


class Overtaken(Exception):
    """Somebody saved this text after the page was opened; the message is for people."""


class SubjectAdmin(AuditedAdmin):
    """One page for each guide or treatment, from first word to readers."""

    audit_looking = False
    list_display = ("newest_title", "state_in_words", "live_since", "next_review", "author")
    list_display_links = ("newest_title",)
    search_fields = ("slug", "revisions__title")
    list_per_page = 50
    draft_form: ClassVar[type[DraftForm]]
    revision_model: ClassVar[Any]
    page_of: ClassVar[Callable[..., dict[str, Any]]]
    public_template: ClassVar[str]

    # Lists

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        newest = self.revision_model.objects.filter(subject=OuterRef("pk")).order_by("-number")
        full_name = Trim(Concat("author__first_name", Value(" "), "author__last_name"))
        # As User.public_name has it.
        name = Coalesce(NullIf("author__byline", Value("")), NullIf(full_name, Value("")), "author__username")
        subjects = cast("Any", super().get_queryset(request))
        return subjects.named().annotate(
            title=Subquery(newest.values("title")[:1]),
            newest_state=Subquery(newest.values("state")[:1]),
            author_name=Subquery(newest.values(name=name)[:1]),
        )

    @admin.display(description=_("title"), ordering="title")
    def newest_title(self, subject: Any) -> str:
        return subject.title or subject.slug

    @admin.display(description=_("newest text"), ordering="newest_state")
    def state_in_words(self, subject: Any) -> Words:
        return RevisionState(subject.newest_state).label if subject.newest_state else _("nothing written")

    @admin.display(description=_("readers see it since"), ordering="live_revision__published_at")
    def live_since(self, subject: Any) -> dt.datetime | None:
        return subject.live_revision.published_at if subject.is_live else None

    @admin.display(description=_("check again by"), ordering="live_revision__next_review_on")
    def next_review(self, subject: Any) -> str:
        if not subject.is_live or not subject.live_revision.next_review_on:
            return ""
        day = subject.live_revision.next_review_on
        late = _("overdue") if subject.live_revision.is_overdue(timezone.localdate()) else ""
        return format_html("{} <strong class='late'>{}</strong>", date_in_words(day), late)

    @admin.display(description=_("author"), ordering="author_name")
    def author(self, subject: Any) -> str:
        return subject.author_name or ""

    # Addresses

    def get_urls(self):
        revision = "<int:pk>/revisions/<int:number>/"
        protect = self.admin_site.admin_view
        return [
            path(revision, protect(require_safe(self.revision_view)), name=self.address("revision")),
            path(
                f"{revision}preview/", protect(require_safe(self.preview_view)), name=self.address("preview")
            ),
            path(f"{revision}<slug:name>/", protect(require_POST(self.step_view)), name=self.address("step")),
            *super().get_urls(),
        ]

    def address(self, page: str) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}_{page}"

    def url(self, page: str, *arguments: Any) -> str:
        return reverse(f"admin:{self.address(page)}", args=arguments)

    def may(self, request: HttpRequest, verb: str) -> bool:
        """Whether this person may submit, review or publish revisions of this kind."""
        return may(staff(request), verb, self.revision_model)

    # Views

    def add_view(self, request, form_url="", extra_context=None):
        if not self.has_add_permission(request):
            raise PermissionDenied
        return self.write(request, None)

    def change_view(self, request, object_id, form_url="", extra_context=None):
        subject = self.get_object(request, unquote(object_id))
        if subject is None:
            return self._get_obj_does_not_exist_redirect(  # type: ignore[attr-defined]
                request, self.opts, object_id
            )
        if not self.has_view_or_change_permission(request, subject):
            raise PermissionDenied
        return self.write(request, subject)

    def write(self, request: HttpRequest, subject: AnySubject | None) -> HttpResponse:
        """The page; a POST saves the draft, and submits it when that button was pressed."""
        newest = self.newest(subject)
        if request.method != "POST":
            return self.page(request, subject, form=self.blank_or_filled(request, subject, newest))
        submit = "submit" in request.POST
        if subject and not self.has_change_permission(request, subject):
            raise PermissionDenied
        if submit and not self.may(request, "submit"):
            raise PermissionDenied
        form = self.draft_form(request.POST, instance=copy.copy(subject), base=newest)
        if not form.is_valid():
            return self.page(request, subject, form=form, status=422)
        try:
            saved = self.save_page(form, subject, submit=submit, by=staff(request), now=timezone.now())
        except (Overtaken, publishing.PublishingError) as refusal:
            form.add_error(None, str(refusal))
            return self.page(request, subject, form=with_stamp(form, self.newest(subject)), status=409)
        return self.after_saving(request, form.instance, saved, submit=submit)

    def blank_or_filled(self, request, subject, newest) -> DraftForm | None:
        """The form to write in; None for who only reads, and while a reviewer has the text."""
        if subject and not self.has_change_permission(request, subject):
            return None
        if newest and newest.state == RevisionState.IN_REVIEW:
            return None
        return self.draft_form(instance=copy.copy(subject), base=newest)

    @transaction.atomic
    def save_page(
        self, form: DraftForm, subject: AnySubject | None, *, submit: bool, by: User, now: dt.datetime
    ) -> AnyRevision | None:
        """Save settings and draft together. The draft, or None when its text was not touched.

        Overtaken when a colleague saved since the page was opened; PublishingError from the verbs.
        """
        subject = self.keep_settings(form, subject, by=by, now=now)
        newest = self.newest(subject)
        is_open = newest is not None and newest.state == RevisionState.DRAFT
        if form.content_changed or (submit and not is_open):
            return publishing.save_draft(subject, form.content(), by=by, now=now)
        return newest if is_open else None

    def keep_settings(
        self, form: DraftForm, subject: AnySubject | None, *, by: User, now: dt.datetime
    ) -> AnySubject:
        if subject is None:
            slug = form.cleaned_data["slug"]
            begun: AnySubject = publishing.begin(cast("Any", self.model), slug=slug, by=by, now=now)
            save_settings(form, begun)
            return begun
        # The row is held until the end, so that of two editors one is second.
        subject = cast("AnySubject", self.model._default_manager.select_for_update().get(pk=subject.pk))
        refuse_when_overtaken(form, self.newest(subject))
        if form.cleaned_data["slug"] != subject.slug:
            publishing.rename(subject, slug=form.cleaned_data["slug"], by=by, now=now)
        save_settings(form, subject)
        if form.settings_changed:
            changed = {"fields": form.settings_changed}
            audit.record(f"{self.audit_name}.changed", subject, by=by, now=now, detail=changed)
        return subject

    def after_saving(
        self, request: HttpRequest, subject: AnySubject, saved: AnyRevision | None, *, submit: bool
    ) -> HttpResponse:
        if not submit or saved is None:
            self.message_user(request, _("Saved."), messages.SUCCESS)
        else:
            self.submit(request, saved)
        return HttpResponseRedirect(self.url("change", subject.pk))

    def submit(self, request: HttpRequest, revision: AnyRevision) -> None:
        try:
            publishing.submit(revision, by=staff(request), now=timezone.now())
        except publishing.PublishingError as refusal:
            said = _("Saved as a draft, but not submitted: %(why)s") % {"why": refusal}
            self.message_user(request, said, messages.ERROR)
        else:
            self.message_user(request, _("Saved and submitted for review."), messages.SUCCESS)

    def step_view(self, request: HttpRequest, pk: int, number: int, name: str) -> HttpResponse:
        """Take one step with one revision; refused, the page again with what was typed."""
        step = STEPS.get(name)
        if step is None:
            raise Http404
        if not self.may(request, step.permission):
            raise PermissionDenied
        revision = self.revision_or_404(pk, number)
        form = step.form(request.POST, prefix=step.name, revision=revision)
        if not form.is_valid():
            return self.refused(request, pk, Offer(step, revision, form, request.path), status=422)
        try:
            done = step.take(revision, form.cleaned_data, by=staff(request), now=timezone.now())
        except publishing.PublishingError as refusal:
            form.add_error(None, str(refusal))
            return self.refused(request, pk, Offer(step, revision, form, request.path), status=409)
        self.message_user(request, str(done or step.done), messages.SUCCESS)
        return HttpResponseRedirect(self.url("change", pk))

    def refused(self, request: HttpRequest, pk: int, offer: Offer, *, status: int) -> HttpResponse:
        subject = cast("AnySubject", self.get_object(request, str(pk)))
        form = self.blank_or_filled(request, subject, self.newest(subject))
        return self.page(request, subject, form=form, refused=offer, status=status)

    def revision_view(self, request: HttpRequest, pk: int, number: int) -> HttpResponse:
        """One version as it was written, never to be changed, with the way to restore it."""
        self.check_may_read(request)
        revision = self.revision_or_404(pk, number)
        offers = [self.offer(STEPS["restore"], revision)] if self.may(request, "submit") else []
        context = self.admin_site.each_context(request) | {
            "title": _("Version %(number)s: %(title)s")
            % {"number": revision.number, "title": revision.title},
            "original": revision.subject,
            "opts": self.opts,
            "revision": revision,
            "text": passages(revision),
            "offers": offers,
            "preview_url": self.url("preview", pk, number),
        }
        return TemplateResponse(request, "admin/articles/revision.html", context)

    def preview_view(self, request: HttpRequest, pk: int, number: int) -> HttpResponse:
        """The version as readers would see it; for staff, never kept by a cache (admin_view sees to that)."""
        self.check_may_read(request)
        revision = self.revision_or_404(pk, number)
        shown = self.page_of(revision, today=timezone.localdate(), preview=True)
        return TemplateResponse(request, self.public_template, shown)

    def check_may_read(self, request: HttpRequest) -> None:
        if not (self.has_view_or_change_permission(request) and self.may_read_drafts(request)):
            raise PermissionDenied

    def may_read_drafts(self, request: HttpRequest) -> bool:
        """Whether this person may see texts that readers do not see; who writes them may."""
        return self.may(request, "view") or self.has_change_permission(request)

    # What the page shows

    def page(
        self,
        request: HttpRequest,
        subject: AnySubject | None,
        *,
        form: DraftForm | None,
        refused: Offer | None = None,
        status: int = 200,
    ) -> HttpResponse:
        revisions = self.revisions_of(subject)
        newest = self.newest(subject)
        if not self.may_read_drafts(request):
            revisions = [revision for revision in revisions if is_live(revision)]
            newest = subject.live_revision if subject else None
        offers = self.offers(request, revisions, refused)
        context = self.admin_site.each_context(request) | {
            "title": newest.title if newest else _("New %(kind)s") % {"kind": self.opts.verbose_name},
            "original": subject,
            "opts": self.opts,
            "form": form,
            "errors": list(errors_of(form, refused)),
            "newest": newest,
            "text": passages(newest) if newest and form is None else [],
            "own_work": is_own_work(newest, staff(request)),
            "offers": offers,
            "may_submit": self.may(request, "submit"),
            "revisions": [
                (revision, self.url("revision", revision.subject_id, revision.number))
                for revision in revisions
            ],
            "may_read_drafts": self.may_read_drafts(request),
            "preview_url": self.url("preview", newest.subject_id, newest.number) if newest else "",
            "problems": problems_of(newest) if newest else [],
            "sources": Source.objects.only("key", "title", "year", "publisher", "state"),
            "events": audit.trail_of(subject)[:EVENTS_SHOWN] if subject else [],
            "history_url": self.url("history", subject.pk) if subject else "",
            "media": self.page_media(request, form, offers),
        }
        return TemplateResponse(request, "admin/articles/subject.html", context, status=status)

    def page_media(
        self, request: HttpRequest, form: DraftForm | None, offers: Sequence[Offer]
    ) -> forms.Media:
        used = self.media
        for shown in (form, *(offer.form for offer in offers)):
            used = used + shown.media if shown else used
        return with_nonce(used, request)

    def newest(self, subject: AnySubject | None) -> AnyRevision | None:
        if subject is None:
            return None
        found = self.revision_model._default_manager.filter(subject=subject).order_by("-number")
        return found.select_related("subject", "author", "reviewed_by").first()

    def revisions_of(self, subject: AnySubject | None) -> list[AnyRevision]:
        if subject is None:
            return []
        found = self.revision_model._default_manager.filter(subject=subject)
        short = found.select_related("subject", "author", "reviewed_by").defer(*self.revision_model.LONG)
        return list(short)

    def revision_or_404(self, pk: int, number: int) -> AnyRevision:
        # SQLite fails on a larger number instead of finding nothing.
        if max(pk, number) > BigIntegerField.MAX_BIGINT:
            raise Http404
        found = self.revision_model._default_manager.select_related("subject", "author", "reviewed_by")
        return get_object_or_404(found, subject_id=pk, number=number)

    def offers(
        self, request: HttpRequest, revisions: Sequence[AnyRevision], refused: Offer | None
    ) -> list[Offer]:
        """The steps open to this person now; the refused one keeps what was typed into it."""
        offers = []
        for name, revision in open_steps(revisions, staff(request)):
            is_refused = refused and (refused.step.name, refused.revision.pk) == (name, revision.pk)
            offers.append(refused if is_refused else self.offer(STEPS[name], revision))
        return [offer for offer in offers if offer]

    def offer(self, step: Step, revision: AnyRevision) -> Offer:
        url = self.url("step", revision.subject_id, revision.number, step.name)
        return Offer(step, revision, step.form(prefix=step.name, revision=revision), url)


def staff(request: HttpRequest) -> User:
    """Who asks; the admin let nobody else in."""
    return cast("User", request.user)


def save_settings(form: DraftForm, subject: AnySubject) -> None:
    """Write the settings; Overtaken when a colleague gave the original the same translation meanwhile."""
    try:
        with transaction.atomic():
            form.save_settings(subject)
    except IntegrityError as error:
        message = _("A colleague was quicker: there is already a translation into this language.")
        raise Overtaken(message) from error


def refuse_when_overtaken(form: DraftForm, newest: AnyRevision | None) -> None:
    if form.cleaned_data["opened"] == stamp(newest):
        return
    raise Overtaken(
        _(
            "A colleague saved this text after you opened the page. Nothing was overwritten and your words "
            "are still here, not saved. Compare them with the newest version below; saving again replaces it."
        )
    )


def with_stamp(form: DraftForm, newest: AnyRevision | None) -> DraftForm:
    """The same form, now knowing the newest version: the next save is a choice made in full view."""
    posted = cast("QueryDict", form.data).copy()
    posted["opened"] = stamp(newest)
    form.data = posted
    return form


def errors_of(form: DraftForm | None, refused: Offer | None) -> Iterable[tuple[str, str]]:
    """Each error with the id of its field, '' where it belongs to none, for the summary on top."""
    for asked in (form, refused.form if refused else None):
        for name, said in asked.errors.items() if asked else ():
            field_id = asked[name].auto_id if asked and name in asked.fields else ""
            yield from ((field_id, str(message)) for message in said)


def date_in_words(day: dt.date) -> str:
    return date_format(day, "j F Y")
