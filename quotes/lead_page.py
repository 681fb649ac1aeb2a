"""One lead in the admin: its page, and what staff do with it by calling the verbs of `quotes.pipeline`.

A lead is never added, edited or deleted here.
"""

import datetime as dt
from collections.abc import Callable
from typing import Any, ClassVar, cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Count, Max
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from portal import audit
from portal.admin import ReadOnlyAdmin, when_shown
from portal.models import OutboxMessage, User
from portal.templatetags.staff_words import told

from . import contact, desk, pipeline, summary
from .lead_forms import AssignForm, CorrectionForm, NoteForm, still_works
from .models import WAITING_FOR_US, QuoteRequest, Stage

EVENTS_SHOWN = 30


def staff(request: HttpRequest) -> User:
    """Who asks; the admin let nobody else in."""
    return cast("User", request.user)


class LeadPage(ReadOnlyAdmin):
    """The page of one lead and its buttons; the list of them all is `quotes.admin.LeadAdmin`."""

    audit_name = "lead"
    fields = ()
    MAY: ClassVar[dict[str, str]] = {
        verb: f"quotes.{verb}_quoterequest" for verb in ("work", "assign", "export")
    }

    class Media:
        css = {"all": ["portal/leads.css"]}

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        return self.lead_page(request, obj)

    def get_queryset(self, request):
        return super().get_queryset(request).annotate(assignee_works=still_works("assignee"))

    def lead_page(
        self, request: HttpRequest, lead: QuoteRequest, note_form: NoteForm | None = None, status: int = 200
    ) -> TemplateResponse:
        """The page of one lead; after a refusal with the note that was typed, and what is wrong with it."""
        now = timezone.now()
        context = self.frame(request, lead) | self.about(lead, now=now) | self.may_do(request, lead)
        context |= {
            "note_form": note_form or NoteForm(),
            "assign_form": AssignForm(lead, works=lead.assignee_works),  # type: ignore[attr-defined]
            "moves": desk.moves(lead, now=now),
            "closings": desk.closings(lead),
            "is_closing": request.POST.get("to") == Stage.CLOSED,
            "after_answering": desk.after_answering(lead, now=now),
            "after_withdrawing": desk.after_withdrawing(lead, now=now),
        }
        return TemplateResponse(request, "admin/quotes/quoterequest/lead.html", context, status=status)

    def frame(self, request: HttpRequest, lead: QuoteRequest) -> dict[str, Any]:
        return self.admin_site.each_context(request) | {
            "opts": self.opts,
            "original": lead,
            "lead": lead,
            "title": lead.reference,
            "media": self.media,
            "preserved_filters": self.get_preserved_filters(request),
        }

    def may_do(self, request: HttpRequest, lead: QuoteRequest) -> dict[str, bool]:
        return {
            "may_work": self.may(request, "work"),
            "may_assign": self.may_assign(request, lead),
            "may_take": self.may_take(request, lead),
        }

    def about(self, lead: QuoteRequest, *, now: dt.datetime) -> dict[str, Any]:
        """What there is to read about a lead, in words."""
        acts = list(lead.consents.all())
        letters = OutboxMessage.objects.filter(about=lead.reference).order_by("created_at", "pk")
        openings = audit.openings_of(lead).order_by().values("actor_id", "actor_name", "actor_role")
        return {
            "clock": desk.clock(lead, now=now),
            "promise_runs": lead.stage in WAITING_FOR_US,
            "is_withdrawn": lead.stage == Stage.WITHDRAWN,
            "care": desk.care(lead),
            "unsure": desk.unsure(lead),
            "contact": desk.contact_rules(lead, now=now),
            "sections": summary.sections(lead),
            "assignee": desk.holder(lead.assignee, works=lead.assignee_works),  # type: ignore[attr-defined]
            "consents": acts,
            "gets_news": contact.gets_news(acts),
            "letters": [(desk.letter(letter.template), letter) for letter in letters],
            "steps": [(desk.mover(step), step) for step in lead.stage_changes.select_related("by")],
            "notes": [(desk.called(note.author), note) for note in lead.notes.select_related("author")],
            "history": desk.history(audit.trail_of(lead).exclude(action="lead.opened")[:EVENTS_SHOWN]),
            "openings": openings.annotate(times=Count("pk"), last=Max("at")).order_by("-last"),
        }

    def in_words(self, events):
        """As the short history says it; the words of the trail for what is not told there."""
        events = list(events)
        return [
            told(event) if happening.what == event.action else str(happening.what)
            for event, happening in zip(events, desk.history(events), strict=True)
        ]

    def note_opening(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        """Once the page was rendered; the verb knows whether that is an opening or a coming back."""
        return when_shown(
            response,
            lambda shown: pipeline.opened(
                shown.context_data["original"], by=staff(request), now=timezone.now()
            ),
        )

    # --- What staff do with it ------------------------------------------------------------------

    def get_urls(self):
        verbs = {
            "move": self.move_view,
            "answered": self.answered_view,
            "take": self.take_view,
            "assign": self.assign_view,
            "note": self.note_view,
            "link": self.link_view,
            "news": self.news_view,
            "withdraw": self.withdraw_view,
        }
        addresses = {verb: self.pressed(view) for verb, view in verbs.items()}
        addresses["contact"] = self.admin_site.admin_view(self.contact_view)
        return [
            *(
                path(f"<int:pk>/{verb}/", view, name=f"quotes_quoterequest_{verb}")
                for verb, view in addresses.items()
            ),
            *super().get_urls(),
        ]

    def pressed(self, view: Callable[[HttpRequest, int], HttpResponse]):
        """Only a POST does anything; who comes by GET has signed in again, or opened the address anew."""

        @require_http_methods(["GET", "HEAD", "POST"])
        def answered(request: HttpRequest, pk: int) -> HttpResponse:
            return view(request, pk) if request.method == "POST" else self.nothing_saved(request, pk)

        return self.admin_site.admin_view(answered)

    def nothing_saved(self, request: HttpRequest, pk: int) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        said = _("Nothing was saved: you had been signed out, or the page was opened again.")
        messages.warning(request, said)
        return self.back_to(request, pk)

    def may(self, request: HttpRequest, verb: str) -> bool:
        return request.user.has_perm(self.MAY[verb])

    def may_take(self, request: HttpRequest, lead: QuoteRequest) -> bool:
        """A free lead is anybody's who works leads; taking one from a colleague is assigning."""
        if lead.assignee_id == request.user.pk:
            return False
        return self.may(request, "work" if lead.assignee_id is None else "assign")

    def may_assign(self, request: HttpRequest, lead: QuoteRequest) -> bool:
        """One's own lead may be released or passed on; any other only by who assigns."""
        is_theirs = lead.assignee_id == request.user.pk
        return self.may(request, "assign") or (is_theirs and self.may(request, "work"))

    def lead_for(self, request: HttpRequest, pk: int, verb: str) -> QuoteRequest:
        """The lead, for somebody who may do this with it."""
        if not (self.has_view_permission(request) and self.may(request, verb)):
            raise PermissionDenied
        return get_object_or_404(self.get_queryset(request).select_related("assignee"), pk=pk)

    def press(
        self, request: HttpRequest, lead: QuoteRequest, verb: Callable[[], object], done: desk.Words
    ) -> HttpResponse:
        """Call the verb and save the note typed beside its button, both or neither; say how it went."""
        note = NoteForm(request.POST)
        if not note.is_valid():
            return self.refused(request, lead, note, status=422)
        try:
            with transaction.atomic():
                verb()
                self.save_note(request, lead, note)
        except pipeline.NotedAlready as refusal:
            nothing_else = _("Nothing else was done: empty the note, then press again.")
            messages.error(request, f"{refusal} {nothing_else}")
            return self.refused(request, lead, note)
        except pipeline.PipelineError as refusal:
            messages.error(request, str(refusal))
            return self.refused(request, lead, note)
        messages.success(request, f"{done} {_('Note saved.')}" if note.cleaned_data["text"] else str(done))
        return self.back_to(request, lead.pk)

    def save_note(self, request: HttpRequest, lead: QuoteRequest, note: NoteForm) -> None:
        if text := note.cleaned_data["text"]:
            pipeline.add_note(lead, text, by=staff(request), now=timezone.now())

    def refuse(self, request: HttpRequest, lead: QuoteRequest, why: desk.Words) -> HttpResponse:
        messages.error(request, str(why))
        return self.refused(request, lead, NoteForm(request.POST))

    def refused(
        self, request: HttpRequest, lead: QuoteRequest, note: NoteForm, status: int = 409
    ) -> HttpResponse:
        """The lead as it is now, and the note as it was typed."""
        as_it_is = self.get_queryset(request).select_related("assignee").get(pk=lead.pk)
        return self.note_opening(request, self.lead_page(request, as_it_is, note, status))

    def back_to(self, request: HttpRequest, pk: int) -> HttpResponseRedirect:
        address = reverse("admin:quotes_quoterequest_change", args=[pk])
        filters = self.get_preserved_filters(request)
        return HttpResponseRedirect(f"{address}?{filters}" if filters else address)

    def move_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        lead = self.lead_for(request, pk, "work")
        to, reason = request.POST.get("to", ""), request.POST.get("reason", "")
        if request.POST.get("seen") != lead.stage or to not in Stage.values:
            return self.refuse(request, lead, not_moved(lead))
        return self.press(
            request,
            lead,
            lambda: pipeline.move(lead, Stage(to), by=staff(request), now=timezone.now(), reason=reason),
            _("Moved to “%(stage)s”.") % {"stage": Stage(to).label},
        )

    def answered_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        lead, now = self.lead_for(request, pk, "work"), timezone.now()
        day = date_format(pipeline.next_word_on(now), "j F Y")
        return self.press(
            request,
            lead,
            lambda: pipeline.renew_promise(lead, by=staff(request), now=now),
            _("They are promised the next word by %(day)s.") % {"day": day},
        )

    def take_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        lead = self.lead_for(request, pk, "work")
        is_theirs = lead.assignee == request.user
        if not (is_theirs or (self.may_take(request, lead) and saw_holder(request, lead))):
            return self.refuse(
                request,
                lead,
                _("Not taken: this lead is with %(who)s.") % {"who": desk.called(lead.assignee)},
            )
        return self.press(
            request,
            lead,
            lambda: pipeline.assign(lead, staff(request), by=staff(request), now=timezone.now()),
            _("This lead is yours already.") if is_theirs else _("This lead is yours now."),
        )

    def assign_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        lead = self.lead_for(request, pk, "assign" if self.may(request, "assign") else "work")
        if not self.may_assign(request, lead):
            return self.refuse(
                request,
                lead,
                _("Not assigned: this lead is with %(who)s.") % {"who": desk.called(lead.assignee)},
            )
        form = AssignForm(lead, request.POST, works=lead.assignee_works)  # type: ignore[attr-defined]
        if not form.is_valid():
            return self.refuse(request, lead, _("Not assigned: choose an active colleague who works leads."))
        assignee = form.cleaned_data["assignee"]
        if assignee != lead.assignee and not saw_holder(request, lead):
            return self.refuse(request, lead, not_assigned(lead))
        said = (
            _("This lead stays with %(who)s.")
            if assignee == lead.assignee
            else _("This lead is with %(who)s now.")
        )
        return self.press(
            request,
            lead,
            lambda: pipeline.assign(lead, assignee, by=staff(request), now=timezone.now()),
            said % {"who": desk.called(assignee)},
        )

    def note_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        lead = self.lead_for(request, pk, "work")
        form = NoteForm(request.POST, alone=True)
        if not form.is_valid():
            return self.refused(request, lead, form, status=422)
        try:
            self.save_note(request, lead, form)
        except pipeline.NotedAlready as refusal:
            messages.warning(request, str(refusal))
        else:
            messages.success(request, _("Note saved."))
        return self.back_to(request, lead.pk)

    def link_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        lead = self.lead_for(request, pk, "work")
        return self.press(
            request,
            lead,
            lambda: contact.renew_link(lead, by=staff(request), now=timezone.now()),
            _("A letter with a new private link goes to the requester. The old link opens nothing any more."),
        )

    def news_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        lead = self.lead_for(request, pk, "work")
        return self.press(
            request,
            lead,
            lambda: contact.stop_news(lead, by=staff(request), now=timezone.now()),
            _("They get no more e-mails about the evidence."),
        )

    def withdraw_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        lead = self.lead_for(request, pk, "work")
        return self.press(
            request,
            lead,
            lambda: pipeline.withdraw_for_requester(lead, by=staff(request), now=timezone.now()),
            _("Withdrawn, as the requester asked."),
        )

    def contact_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        lead = self.lead_for(request, pk, "work")
        form = CorrectionForm(lead, request.POST if request.method == "POST" else None)
        if form.is_bound and form.is_valid() and self.corrected(request, lead, form):
            messages.success(request, _("Corrected."))
            return self.back_to(request, lead.pk)
        context = self.frame(request, lead) | {"form": form}
        status = 409 if form.as_it_is else 422 if form.is_bound else 200
        page = TemplateResponse(request, "admin/quotes/quoterequest/contact.html", context, status=status)
        return self.note_opening(request, page)

    def corrected(self, request: HttpRequest, lead: QuoteRequest, form: CorrectionForm) -> bool:
        answers = form.cleaned_data
        try:
            contact.correct_contact(
                lead,
                answers,
                seen=answers["opened"],
                reason=answers["reason"],
                by=staff(request),
                now=timezone.now(),
            )
        except contact.Overtaken as refusal:
            form.overtaken(refusal)
        except pipeline.PipelineError as refusal:
            form.add_error(None, str(refusal))
        return not form.errors


def saw_holder(request: HttpRequest, lead: QuoteRequest) -> bool:
    """Whether the page that was pressed showed who has the lead now; nobody has, where it does not say."""
    return request.POST.get("seen_assignee", "") == str(lead.assignee_id or "")


def not_assigned(lead: QuoteRequest) -> str:
    said = _("Not assigned: this lead is with %(who)s now. Look at it again, then assign it.")
    return said % {"who": desk.called(lead.assignee)}


def not_moved(lead: QuoteRequest) -> str:
    return _("Nothing was changed: this lead is now “%(stage)s”. Look at it again, then move it.") % {
        "stage": lead.get_stage_display()
    }
