"""One lead in the admin: its page, and what staff do with it by calling the verbs of `quotes.pipeline`.

A lead is never added, edited or deleted here.
"""

import datetime as dt
from collections.abc import Callable
from typing import Any, ClassVar, cast

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Max, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from portal import audit, roles
from portal.admin import ReadOnlyAdmin
from portal.models import OutboxMessage, User

from . import desk, pipeline, summary
from .models import Note, QuoteRequest, Stage

EVENTS_SHOWN = 30


def lead_workers() -> QuerySet[User]:
    """Whom a lead may be given to: active staff who work leads by their group."""
    return (
        User.objects.filter(is_active=True, is_staff=True)
        .filter(groups__name__in=[roles.COORDINATOR, roles.MANAGER])
        .distinct()
        .order_by("username")
    )


def staff(request: HttpRequest) -> User:
    """Who asks; the admin let nobody else in."""
    return cast("User", request.user)


class NoteForm(forms.Form):
    text = forms.CharField(
        label=_("New note"),
        max_length=Note._meta.get_field("text").max_length,
        widget=forms.Textarea({"rows": 4}),
        help_text=_("For colleagues only; the requester never sees it."),
        error_messages={"required": _("Write the note first. Nothing was saved.")},
    )


class Colleague(forms.ModelChoiceField):
    def label_from_instance(self, member):
        return desk.called(member)


class AssignForm(forms.Form):
    assignee = Colleague(lead_workers(), label=_("Give to"), required=False, empty_label=_("nobody"))


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

    def lead_page(self, request: HttpRequest, lead: QuoteRequest, note_form=None, status=200):
        """The page of one lead; with a refused note, that note and what is wrong with it."""
        context = self.admin_site.each_context(request) | self.about(lead, now=timezone.now())
        context |= {
            "opts": self.opts,
            "original": lead,
            "lead": lead,
            "title": lead.reference,
            "media": self.media,
            "preserved_filters": self.get_preserved_filters(request),
            "note_form": note_form or NoteForm(),
            "assign_form": AssignForm(initial={"assignee": lead.assignee_id}),
            "moves": [(to.value, to.label) for to in pipeline.ALLOWED.get(lead.stage, ())],
            "may_work": self.may(request, "work"),
            "may_assign": self.may(request, "assign"),
            "may_take": self.may_take(request, lead),
        }
        return TemplateResponse(request, "admin/quotes/quoterequest/lead.html", context, status=status)

    def about(self, lead: QuoteRequest, *, now: dt.datetime) -> dict[str, Any]:
        """What there is to read about a lead, in words."""
        letters = OutboxMessage.objects.filter(about=lead.reference).order_by("created_at", "pk")
        openings = audit.openings_of(lead).order_by().values("actor_name", "actor_role")
        return {
            "clock": desk.clock(lead, today=timezone.localdate(now)),
            "care": desk.care(lead),
            "unsure": desk.unsure(lead),
            "contact": desk.contact_rules(lead, now=now),
            "sections": summary.sections(lead),
            "assignee": desk.called(lead.assignee),
            "consents": lead.consents.all(),
            "letters": [(desk.letter(letter.template), letter) for letter in letters],
            "steps": [(desk.mover(step), step) for step in lead.stage_changes.select_related("by")],
            "notes": [(desk.called(note.author), note) for note in lead.notes.select_related("author")],
            "history": desk.history(audit.trail_of(lead).exclude(action="lead.opened")[:EVENTS_SHOWN]),
            "openings": openings.annotate(times=Count("pk"), last=Max("at")).order_by("-last"),
        }

    # --- What staff do with it ------------------------------------------------------------------

    def get_urls(self):
        verbs = {
            "move": self.move_view,
            "take": self.take_view,
            "assign": self.assign_view,
            "note": self.note_view,
        }
        return [
            *(
                path(f"<int:pk>/{verb}/", self.posted(view), name=f"quotes_quoterequest_{verb}")
                for verb, view in verbs.items()
            ),
            *super().get_urls(),
        ]

    def posted(self, view):
        return self.admin_site.admin_view(require_POST(view))

    def may(self, request: HttpRequest, verb: str) -> bool:
        return request.user.has_perm(self.MAY[verb])

    def may_take(self, request: HttpRequest, lead: QuoteRequest) -> bool:
        """A free lead is anybody's who works leads; taking one from a colleague is assigning."""
        if lead.assignee_id == request.user.pk:
            return False
        return self.may(request, "work" if lead.assignee_id is None else "assign")

    def lead_for(self, request: HttpRequest, pk: int, verb: str) -> QuoteRequest:
        """The lead, for somebody who may do this with it."""
        if not (self.has_view_permission(request) and self.may(request, verb)):
            raise PermissionDenied
        return get_object_or_404(self.get_queryset(request).select_related("assignee"), pk=pk)

    def try_to(self, request: HttpRequest, lead: QuoteRequest, verb: Callable[[], object], done: desk.Words):
        """Call the verb, say how it went, and go back to the lead."""
        try:
            verb()
        except pipeline.PipelineError as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, str(done))
        return self.back_to(request, lead)

    def back_to(self, request: HttpRequest, lead: QuoteRequest) -> HttpResponseRedirect:
        address = reverse("admin:quotes_quoterequest_change", args=[lead.pk])
        filters = self.get_preserved_filters(request)
        return HttpResponseRedirect(f"{address}?{filters}" if filters else address)

    def move_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        lead = self.lead_for(request, pk, "work")
        seen, to = request.POST.get("seen"), request.POST.get("to", "")
        if seen != lead.stage or to not in Stage.values:
            messages.error(request, not_moved(lead))
            return self.back_to(request, lead)
        return self.try_to(
            request,
            lead,
            lambda: pipeline.move(lead, Stage(to), by=staff(request), now=timezone.now()),
            _("Moved to “%(stage)s”.") % {"stage": Stage(to).label},
        )

    def take_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        lead = self.lead_for(request, pk, "work")
        if lead.assignee == request.user:
            messages.info(request, _("This lead is yours already."))
            return self.back_to(request, lead)
        if not self.may_take(request, lead):
            messages.error(
                request, _("Not taken: this lead is with %(who)s.") % {"who": desk.called(lead.assignee)}
            )
            return self.back_to(request, lead)
        return self.try_to(
            request,
            lead,
            lambda: pipeline.assign(lead, staff(request), by=staff(request), now=timezone.now()),
            _("This lead is yours now."),
        )

    def assign_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        lead = self.lead_for(request, pk, "assign")
        form = AssignForm(request.POST)
        if not form.is_valid():
            messages.error(request, _("Not assigned: choose an active colleague who works leads."))
            return self.back_to(request, lead)
        assignee = form.cleaned_data["assignee"]
        return self.try_to(
            request,
            lead,
            lambda: pipeline.assign(lead, assignee, by=staff(request), now=timezone.now()),
            _("This lead is with %(who)s now.") % {"who": desk.called(assignee)},
        )

    def note_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        lead = self.lead_for(request, pk, "work")
        form = NoteForm(request.POST)
        if not form.is_valid():
            refused = self.lead_page(request, lead, note_form=form, status=422)
            return self.note_opening(request, refused)
        return self.try_to(
            request,
            lead,
            lambda: pipeline.add_note(lead, form.cleaned_data["text"], by=staff(request), now=timezone.now()),
            _("Note saved."),
        )


def not_moved(lead: QuoteRequest) -> str:
    return _("Nothing was changed: this lead is now “%(stage)s”. Look at it again, then move it.") % {
        "stage": lead.get_stage_display()
    }
