"""The page on which staff write, review and publish one guide or treatment.

Here stand its addresses and the form; the list is in articles.subject_list, which steps are open to whom in
articles.steps_to_readers, what a text is made into in articles.texts.
"""

import copy
import datetime as dt
from collections.abc import Callable, Sequence
from typing import Any, ClassVar, cast

from django import forms
from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import BigIntegerField
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe
from js_asset import Script  # type: ignore[import-untyped]

from portal import audit
from portal.admin import with_nonce
from portal.models import User

from . import publishing, subjects, versions
from .comparisons import Comparison, with_what_was_typed
from .editing import DraftForm, is_text_of, stamp
from .models import RevisionState
from .steps_to_readers import STEPS, Offer, Step, Words, is_live, may, may_take, open_steps
from .subject_list import SubjectList
from .subject_page import errors_of, sent_to_checks, sources_for, standing_of
from .texts import AnyRevision, losses_in_words, passages, problems_of
from .versions import AnySubject

EVENTS_SHOWN = 20
PEOPLE = ("subject", "author", "saved_by", "reviewed_by", "withdrawn_by")
PAGE_MEDIA = forms.Media(
    css={"all": ["portal/prose.css"]},
    js=["admin/js/urlify.js", Script("portal/writing.js", type="module")],
)


class Overtaken(Exception):
    """Somebody saved this text after the page was opened; the message is for people."""


class SubjectAdmin(SubjectList):
    """One page for each guide or treatment, from first word to readers."""

    draft_form: ClassVar[type[DraftForm]]
    page_of: ClassVar[Callable[..., dict[str, Any]]]
    public_template: ClassVar[str]

    # Addresses

    def get_urls(self):
        revision = "<int:pk>/revisions/<int:number>/"
        protect = self.admin_site.admin_view
        return [
            path(revision, protect(require_safe(self.revision_view)), name=self.address("revision")),
            path(
                f"{revision}preview/", protect(require_safe(self.preview_view)), name=self.address("preview")
            ),
            path(f"{revision}<slug:name>/", protect(self.step_view), name=self.address("step")),
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
            return self.not_saved(request, subject, form, refusal)
        self.tell_what_changed(request, form)
        return self.after_saving(request, form.instance, saved, submit=submit)

    def not_saved(
        self,
        request: HttpRequest,
        subject: AnySubject | None,
        form: DraftForm,
        refusal: Exception,
        offer: Offer | None = None,
    ) -> HttpResponse:
        """The page with what was typed; where somebody saved meanwhile, with their text beside it."""
        newest = self.newest(subject)
        meanwhile = None
        now_stored = stamp(newest, form.settings_of(subject)) if subject else ""
        if form.cleaned_data["opened"] != now_stored:
            if newest:
                beside = form.settings_beside(subject)
                meanwhile = with_what_was_typed(newest, form.content(), beside, person=staff(request))
            form = with_stamp(form, now_stored, newest)
        form.add_error(None, str(refusal))
        return self.page(request, subject, form=form, refused=offer, meanwhile=meanwhile, status=409)

    def tell_what_changed(self, request: HttpRequest, form: DraftForm) -> None:
        """Name what the cleaning took out of the text or changed in it: nothing goes without a word."""
        for said in losses_in_words(form.data.get("body", "")) if form.content_changed else ():
            self.message_user(request, said, messages.WARNING)

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
            replacing = form.cleaned_data["replaces"]
            return publishing.save_draft(subject, form.content(), by=by, now=now, replacing=replacing)
        return newest if is_open else None

    def keep_settings(
        self, form: DraftForm, subject: AnySubject | None, *, by: User, now: dt.datetime
    ) -> AnySubject:
        slug = form.cleaned_data["slug"]
        if subject is None:
            kept = subjects.begin(
                cast("Any", self.model), slug=slug, by=by, now=now, settings=form.settings()
            )
        else:
            # The row is held until the end, so that of two editors one is second.
            kept = subjects.hold(subject, form.cleaned_data.get("translation_of"))
            refuse_when_overtaken(form, kept, self.newest(kept), by)
            subjects.change_settings(kept, form.changed_settings(), by=by, now=now)
        form.instance = kept
        return kept

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
        except publishing.Refused as refusal:
            self.message_user(request, sent_to_checks(len(refusal.problems)), messages.ERROR)
        except publishing.PublishingError as refusal:
            said = _("Saved as a draft, but not submitted: %(why)s") % {"why": refusal}
            self.message_user(request, said, messages.ERROR)
        else:
            self.message_user(request, _("Saved and submitted for review."), messages.SUCCESS)

    def step_view(self, request: HttpRequest, pk: int, number: int, name: str) -> HttpResponse:
        """Save what was written on the page and take one step, both or neither.

        Refused, the page again with all that was typed.
        """
        if request.method != "POST":  # such as after signing in again
            return self.nothing_done(request, pk)
        step = STEPS.get(name)
        if step is None:
            raise Http404
        if not may_take(staff(request), step, self.revision_model):
            raise PermissionDenied
        revision = self.revision_or_404(pk, number)
        offer = Offer(
            step, revision, step.form(request.POST, prefix=step.name, revision=revision), request.path
        )
        writing = self.writing(request, revision.subject)
        if not offer.form.is_valid() or (writing and not writing.is_valid()):
            return self.refused(request, offer, writing, status=422)
        try:
            done = self.save_and_take(offer, writing, by=staff(request), now=timezone.now())
        except (Overtaken, publishing.PublishingError) as refusal:
            if writing:
                return self.not_saved(request, revision.subject, writing, refusal, offer)
            offer.form.add_error(None, str(refusal))
            return self.refused(request, offer, None, status=409)
        if writing:
            self.tell_what_changed(request, writing)
        self.message_user(request, str(done), messages.SUCCESS)
        return HttpResponseRedirect(self.url("change", pk))

    def nothing_done(self, request: HttpRequest, pk: int) -> HttpResponse:
        said = _("Nothing was saved and nothing was done. Press the button on this page to do it.")
        self.message_user(request, said, messages.WARNING)
        return HttpResponseRedirect(self.url("change", pk))

    def writing(self, request: HttpRequest, subject: Any) -> DraftForm | None:
        """What was written on the page beside the pressed button; None for who had no form there."""
        if "opened" not in request.POST or not self.has_change_permission(request, subject):
            return None
        return self.draft_form(request.POST, instance=copy.copy(subject), base=self.newest(subject))

    @transaction.atomic
    def save_and_take(self, offer: Offer, writing: DraftForm | None, *, by: User, now: dt.datetime) -> Words:
        """Both or neither; what to say then."""
        if writing:
            self.save_page(writing, offer.revision.subject, submit=False, by=by, now=now)
        done = offer.step.take(offer.revision, cast("Any", offer.form).cleaned_data, by=by, now=now)
        said = done or offer.step.done
        if writing and writing.content_changed:
            return _("Your writing was saved. %(done)s") % {"done": said}
        return said

    def refused(
        self, request: HttpRequest, offer: Offer, writing: DraftForm | None, *, status: int
    ) -> HttpResponse:
        if offer.step.name == "restore":  # which is offered on the page of its version only
            return self.version_page(request, offer.revision, offer, status=status)
        subject = cast("AnySubject", self.get_object(request, str(offer.revision.subject_id)))
        form = writing or self.blank_or_filled(request, subject, self.newest(subject))
        return self.page(request, subject, form=form, refused=offer, status=status)

    def revision_view(self, request: HttpRequest, pk: int, number: int) -> HttpResponse:
        self.check_may_read(request)
        return self.version_page(request, self.revision_or_404(pk, number))

    def version_page(
        self, request: HttpRequest, revision: AnyRevision, refused: Offer | None = None, *, status: int = 200
    ) -> HttpResponse:
        """One version as it was written, never to be changed, with the way to restore it."""
        offers = []
        if revision.is_frozen and revision.state != RevisionState.IN_REVIEW and self.may(request, "submit"):
            offers = [refused or self.offer(STEPS["restore"], revision)]
        context = self.admin_site.each_context(request) | {
            "title": _("Version %(number)s: %(title)s")
            % {"number": revision.number, "title": revision.title},
            "original": revision.subject,
            "opts": self.opts,
            "revision": revision,
            "text": passages(revision),
            "offers": offers,
            "errors": list(errors_of(None, refused)),
            "preview_url": self.url("preview", revision.subject_id, revision.number),
            "media": self.page_media(request, None, offers),
        }
        return TemplateResponse(request, "admin/articles/revision.html", context, status=status)

    def preview_view(self, request: HttpRequest, pk: int, number: int) -> HttpResponse:
        """The version as readers would see it; for staff, never kept by a cache (admin_view sees to that)."""
        self.check_may_read(request)
        revision = self.revision_or_404(pk, number)
        shown = self.page_of(revision, today=timezone.localdate(), preview=True)
        back = {"preview_back": self.url("change", pk)}
        return TemplateResponse(request, self.public_template, shown | back)

    def check_may_read(self, request: HttpRequest) -> None:
        if not (self.has_view_or_change_permission(request) and self.may_read_drafts(request)):
            raise PermissionDenied

    # What the page shows

    def page(
        self,
        request: HttpRequest,
        subject: AnySubject | None,
        *,
        form: DraftForm | None,
        refused: Offer | None = None,
        meanwhile: Comparison | None = None,
        status: int = 200,
    ) -> HttpResponse:
        revisions = self.revisions_of(subject)
        newest = self.newest(subject)
        may_read_drafts = self.may_read_drafts(request)
        if not may_read_drafts:
            revisions = [revision for revision in revisions if is_live(revision)]
            newest = subject.live_revision if subject else None
        offers = self.offers(request, revisions, refused)
        context = self.admin_site.each_context(request) | {
            "title": self.title_of(subject, newest),
            "original": subject,
            "opts": self.opts,
            "form": form,
            "unsaved": bool(form and form.is_bound) or bool(refused),
            "errors": list(errors_of(form, refused)),
            "meanwhile": meanwhile,
            "newest": newest,
            "text": passages(newest) if newest and form is None else [],
            "own_work": bool(newest) and versions.is_own_work(cast("Any", newest), staff(request)),
            "offers": offers,
            "may_submit": self.may(request, "submit"),
            "revisions": [
                (revision, self.url("revision", revision.subject_id, revision.number))
                for revision in revisions
            ],
            "may_read_drafts": may_read_drafts,
            "preview_url": self.url("preview", newest.subject_id, newest.number) if newest else "",
            "problems": problems_of(newest) if newest else [],
            "events": audit.trail_of(subject)[:EVENTS_SHOWN] if subject else [],
            "history_url": self.url("history", subject.pk) if subject else "",
            "media": self.page_media(request, form, offers),
        }
        about = standing_of(newest, revisions) | sources_for(newest)
        return TemplateResponse(request, "admin/articles/subject.html", context | about, status=status)

    def title_of(self, subject: AnySubject | None, newest: AnyRevision | None) -> str:
        new = _("New %(kind)s") % {"kind": self.opts.verbose_name}
        return newest.title if newest else str(subject or new)

    def page_media(
        self, request: HttpRequest, form: DraftForm | None, offers: Sequence[Offer]
    ) -> forms.Media:
        used = self.media + PAGE_MEDIA
        for shown in (form, *(offer.form for offer in offers)):
            used = used + shown.media if shown else used
        return with_nonce(used, request)

    def newest(self, subject: AnySubject | None) -> AnyRevision | None:
        if subject is None:
            return None
        found = self.revision_model._default_manager.kept().filter(subject=subject).order_by("-number")
        return found.select_related(*PEOPLE).first()

    def revisions_of(self, subject: AnySubject | None) -> list[AnyRevision]:
        if subject is None:
            return []
        found = self.revision_model._default_manager.filter(subject=subject)
        short = found.select_related(*PEOPLE).defer(*self.revision_model.LONG)
        return list(short)

    def revision_or_404(self, pk: int, number: int) -> AnyRevision:
        # SQLite fails on a larger number instead of finding nothing.
        if max(pk, number) > BigIntegerField.MAX_BIGINT:
            raise Http404
        found = self.revision_model._default_manager.select_related(*PEOPLE)
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


def refuse_when_overtaken(
    form: DraftForm, subject: AnySubject, newest: AnyRevision | None, person: User
) -> None:
    stored = form.settings_of(subject)
    if form.cleaned_data["opened"] == stamp(newest, stored):
        return
    if is_text_of(form.cleaned_data["opened"], newest):
        who = _("Somebody changed the settings after you opened the page.")
    elif newest and newest.last_saved_by == person:
        who = _("You saved this text in another window after you opened this page.")
    else:
        who = _("A colleague saved this text after you opened the page.")
    kept = _(
        "Nothing was overwritten and your words are still here, not saved. Compare both below. "
        "If you save again, yours becomes the draft and the other stays among the versions."
    )
    raise Overtaken(f"{who} {kept}")


def with_stamp(form: DraftForm, now_stored: str, newest: AnyRevision | None) -> DraftForm:
    """The same form, now knowing the newest version: the next save is a choice made in full view."""
    posted = cast("QueryDict", form.data).copy()
    posted["opened"] = now_stored
    if not is_text_of(form.cleaned_data["opened"], newest):
        posted["replaces"] = "on"
    form.data = posted
    return form
