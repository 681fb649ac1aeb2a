"""The page on which staff write, review and publish one guide or treatment.

Here stand the form and the buttons; beside it subject_list has the list, version_pages the pages of single
versions, steps_to_readers which steps are open to whom.
"""

import copy
import datetime as dt
from collections.abc import Sequence
from itertools import zip_longest
from typing import Any, ClassVar, cast

from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.template.response import TemplateResponse
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from portal import audit
from portal.models import User

from .. import publishing, subjects, versions
from ..checks.quality import Problem
from ..models import RevisionState
from ..texts import AnyRevision, losses_in_words
from ..versions import AnySubject
from .checks_panel import gate_of, reasons_in, refusals, saved_words
from .comparisons import Comparison, with_what_was_typed
from .editing import DraftForm, is_text_of, stamp
from .passages import passages
from .steps_to_readers import STEPS, Offer, Words, is_live, may_take, open_steps
from .subject_page import (
    errors_of,
    leading_here,
    not_submitted_words,
    open_flags,
    refused_words,
    sources_for,
    standing_of,
    unsupported,
)
from .version_pages import PEOPLE, VERSION, VersionPages, staff
from .writing_fields import retype

EVENTS_SHOWN = 20


class Overtaken(Exception):
    """Somebody saved this text after the page was opened; the message is for people."""


class SubjectAdmin(VersionPages):
    """One page for each guide or treatment, from first word to readers."""

    draft_form: ClassVar[type[DraftForm]]

    def get_urls(self):
        take = path(
            f"{VERSION}<slug:name>/", self.admin_site.admin_view(self.step_view), name=self.address("step")
        )
        return [*self.version_paths(), take, *super().get_urls()]

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
        if "more" in request.POST:
            again = self.draft_form(instance=copy.copy(subject), base=newest, again=request.POST)
            return self.page(request, subject, form=again)
        form = self.draft_form(request.POST, instance=copy.copy(subject), base=newest)
        if not form.is_valid():
            return self.page(request, subject, form=form, status=422)
        try:
            saved = self.save_page(form, subject, submit=submit, by=staff(request), now=timezone.now())
        except (Overtaken, publishing.PublishingError) as refusal:
            return self.not_saved(request, subject, form, refusal)
        self.tell_what_changed(request, form)
        return self.after_saving(request, form.instance, saved, submit=submit, new=subject is None)

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
        for name in ("body", "easy_body") if form.content_changed else ():
            for said in losses_in_words(form.data.get(name, "")):
                self.message_user(request, said, messages.WARNING)
        for said in form.claims.left_open() if form.claims.is_bound else ():
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
        self,
        request: HttpRequest,
        subject: AnySubject,
        saved: AnyRevision | None,
        *,
        submit: bool,
        new: bool = False,
    ) -> HttpResponse:
        if submit and saved is not None:
            return self.submit(request, subject, saved, new=new)
        self.message_user(request, saved_words(saved), messages.SUCCESS)
        return HttpResponseRedirect(self.url("change", subject.pk))

    def submit(
        self, request: HttpRequest, subject: AnySubject, revision: AnyRevision, *, new: bool
    ) -> HttpResponse:
        """Hand the saved draft over; where the gate refuses it, the page with what stands in the way.

        A `new` text has an address of its own by now: sent once more from here it would be a second one.
        """
        reasons = reasons_in(request.POST)
        try:
            publishing.submit(revision, by=staff(request), now=timezone.now(), reasons=reasons)
        except publishing.Refused as refusal:
            if new:
                self.message_user(request, refused_words(refusal.problems), messages.ERROR)
                return HttpResponseRedirect(self.url("change", subject.pk))
            form = self.blank_or_filled(request, subject, self.newest(subject))
            return self.page(request, subject, form=form, not_submitted=refusal.problems, status=422)
        except publishing.PublishingError as refusal:
            said = _("Saved as a draft, but not submitted: %(why)s") % {"why": refusal}
            self.message_user(request, said, messages.ERROR)
        else:
            self.message_user(request, _("Saved and submitted for review."), messages.SUCCESS)
        return HttpResponseRedirect(self.url("change", subject.pk))

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

    # What the page shows

    def page(
        self,
        request: HttpRequest,
        subject: AnySubject | None,
        *,
        form: DraftForm | None,
        refused: Offer | None = None,
        meanwhile: Comparison | None = None,
        not_submitted: Sequence[Problem] = (),
        status: int = 200,
    ) -> HttpResponse:
        revisions = self.revisions_of(subject)
        newest = self.newest(subject)
        may_read_drafts = self.may_read_drafts(request)
        if not may_read_drafts:
            revisions = [revision for revision in revisions if is_live(revision)]
            newest = subject.live_revision if subject else None
        may_read_history = may_read_drafts or bool(subject and subject.is_live)
        offers = self.offers(request, revisions, refused)
        for offer in offers:
            if (form and form.again) or was_sent(offer.form, request.POST):
                retype(offer.form, request.POST)
        context = self.admin_site.each_context(request) | {
            "title": self.title_of(subject, newest),
            "original": subject,
            "opts": self.opts,
            "form": form,
            "form_url": self.url("change", subject.pk) if subject else self.url("add"),
            "unsaved": bool(form and (form.is_bound or form.again)) or bool(refused),
            "errors": [*errors_of(form, refused), *refusals(not_submitted)],
            "errors_title": not_submitted_words(not_submitted) if not_submitted else "",
            "meanwhile": meanwhile,
            "newest": newest,
            "text": passages(newest) if newest and form is None else [],
            "own_work": bool(newest) and versions.is_own_work(cast("Any", newest), staff(request)),
            "offers": offers,
            "leading_here": leading_here(subject, offers),
            "may_submit": self.may(request, "submit"),
            "revisions": self.with_addresses(revisions),
            "may_read_drafts": may_read_drafts,
            "preview_url": self.url("preview", newest.subject_id, newest.number) if newest else "",
            "compare_url": self.url("compare", subject.pk) if subject and len(revisions) > 1 else "",
            "flags": open_flags(subject),
            "unsupported": unsupported(subject),
            "events": audit.trail_of(subject)[:EVENTS_SHOWN] if subject and may_read_history else [],
            "history_url": self.url("history", subject.pk) if subject and may_read_history else "",
            "media": self.page_media(request, form, offers),
        }
        about = (
            standing_of(newest, revisions)
            | sources_for(newest)
            | gate_of(newest, request.POST, not_submitted)
        )
        return TemplateResponse(request, "admin/articles/subject.html", context | about, status=status)

    def with_addresses(self, revisions: Sequence[AnyRevision]) -> list[tuple[AnyRevision, str, Any]]:
        """Each version with its own page and, but for the first, the one before and their comparison."""
        found = []
        for revision, before in zip_longest(revisions, revisions[1:]):
            compare = self.url("compare", revision.subject_id)
            pair = (before.number, f"{compare}?from={before.number}&to={revision.number}") if before else None
            found.append((revision, self.url("revision", revision.subject_id, revision.number), pair))
        return found

    def title_of(self, subject: AnySubject | None, newest: AnyRevision | None) -> str:
        new = _("New %(kind)s") % {"kind": self.opts.verbose_name}
        return newest.title if newest else str(subject or new)

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

    def offers(
        self, request: HttpRequest, revisions: Sequence[AnyRevision], refused: Offer | None
    ) -> list[Offer]:
        """The steps open to this person now; the refused one keeps what was typed into it."""
        offers = []
        for name, revision in open_steps(revisions, staff(request)):
            if refused and (refused.step.name, refused.revision.pk) == (name, revision.pk):
                offers.append(refused)
            else:
                offers.append(self.offer(STEPS[name], revision))
        return offers


def was_sent(form: Any, posted: Any) -> bool:
    """Whether this form came along with the button of another: what was typed into it stays."""
    return not form.is_bound and any(form.add_prefix(name) in posted for name in form.fields)


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
