"""The request, step by step. Nothing under /quote/ may be kept by a shared cache."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from articles.models import Guide, Treatment
from portal import throttle

from . import consents, drafts, links, pipeline, progress, steps, summary
from .answers import FORMS, Answers, typed
from .drafts import Draft
from .forms import offered_treatments
from .health_forms import SignsForm
from .models import QuoteRequest
from .questions import About, StepForm
from .responses import SeeOther, client_address, show_or_answer, too_many, unlisted

# The guide on what has gone wrong: nobody begins without a way to it, once it is live.
RISKS = "risks-and-how-they-happened"
# Generous: a whole family, or a ward, behind one address; still no way to fill the session table.
STEPS_PER_ADDRESS = throttle.Rate(300, dt.timedelta(hours=1))


@require_safe
@never_cache
def start(request: HttpRequest) -> HttpResponse:
    risks = Guide.objects.live().filter(slug=RISKS).select_related("live_revision").first()
    shown = {"treatment": _asked_for(request), "risks": risks, "first": steps.STEPS[0]}
    return render(request, "quotes/start.html", shown)


def _asked_for(request: HttpRequest) -> Treatment | None:
    """The treatment that the link named, if it is offered. No database is asked for odd bytes."""
    slug = request.GET.get("treatment", "")
    return offered_treatments(today=timezone.localdate()).get(slug) if slug else None


@show_or_answer
def step(request: HttpRequest, step: str) -> HttpResponse:
    if step not in steps.STEPS:
        raise Http404
    take = _answer if request.method == "POST" else _question
    return _kept_for_the_way_back(take(request, step, now=timezone.now()))


def _kept_for_the_way_back(response: HttpResponse) -> HttpResponse:
    """Only the browser keeps a page that complained, and nobody any other page.

    Without that its back button asks people to confirm that they want to send the same faults again.
    """
    if response.status_code == 422:
        response["Cache-Control"] = "private, no-cache"
    else:
        add_never_cache_headers(response)
    return response


def _draft(request: HttpRequest, *, now: dt.datetime) -> Draft | None:
    """The unfinished request. One that another tab sent while this one saved its page is finished too."""
    draft = drafts.find(request.session, now=now)
    if draft is None or pipeline.submitted(draft.secret) is None:
        return draft
    drafts.mark_sent(request.session, draft)
    return None


def _question(request: HttpRequest, step: str, *, now: dt.datetime) -> HttpResponse:
    draft = _draft(request, now=now)
    if draft is None and step == steps.STEPS[0]:
        draft = Draft()
    if draft is None:
        return _gone(request)
    if not steps.may_open(step, draft.answers):
        return redirect("quotes:step", steps.first_missing(draft.answers))
    return _ask(request, step, _form(step, draft), draft)


def _form(step: str, draft: Draft) -> StepForm:
    initial = {"consent_version": consents.CURRENT, "language": "en"} | dict(draft.prefill)
    return FORMS[step](draft.answers.get(step), initial=initial, about=About.said(draft.answers))


def _ask(request: HttpRequest, step: str, form: StepForm, draft: Draft, **more: Any) -> HttpResponse:
    shown = {
        "form": form,
        "step": step,
        "number": steps.number(step),
        "total": len(steps.STEPS),
        "before": steps.before(step),
        "changing": steps.first_missing(draft.answers) is None and not form.about.must_be_asked_first,
        "already_sent": None if draft.answers else _sent_before(request),
    }
    template = [f"quotes/steps/{step}.html", "quotes/step.html"]
    status = more.pop("status", 200)
    return render(request, template, shown | more, status=status)


def _answer(request: HttpRequest, step: str, *, now: dt.datetime) -> HttpResponse:
    answers = typed(step, request.POST)
    draft = _draft(request, now=now)
    form = FORMS[step](answers, about=About.said(draft.answers if draft else {}))
    if isinstance(form, SignsForm) and form.is_emergency:
        drafts.drop(request.session)
        return SeeOther(reverse("emergency"))
    if draft is None and step != steps.STEPS[0]:
        return _gone(request)
    draft = draft or Draft()
    if not steps.may_open(step, draft.answers):
        return SeeOther(reverse("quotes:step", args=[steps.first_missing(draft.answers)]))
    if not form.is_valid():
        return _ask(request, step, form, draft, status=422)
    if not throttle.allow("quotes.step", client_address(request), rate=STEPS_PER_ADDRESS, now=now):
        return too_many(_ask(request, step, form, draft, status=429, wait=True), STEPS_PER_ADDRESS)
    if treatment := _asked_for(request):
        draft.prefill = {"treatment": treatment.slug}
    draft.answers[step] = answers
    drafts.keep(request.session, draft, now=now)
    return SeeOther(_address_of(steps.following(draft.answers)))


def _address_of(step: str) -> str:
    return reverse("quotes:check") if step == steps.CHECK else reverse("quotes:step", args=[step])


def _gone(request: HttpRequest) -> HttpResponse:
    """There are no answers here, or no longer: they were sent, or they never will be."""
    if lead := _sent_before(request):
        shown = {"lead": lead, "status": progress.status(lead, now=timezone.now())}
        return render(request, "quotes/already_sent.html", shown, status=410)
    return render(request, "quotes/gone.html", {"first": steps.STEPS[0]}, status=410)


def _sent_before(request: HttpRequest) -> QuoteRequest | None:
    """The request sent last in this browser."""
    secret = drafts.sent(request.session)
    return pipeline.submitted(secret) if secret else None


@show_or_answer
@never_cache
def check(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    draft = _draft(request, now=now)
    if draft is None or drafts.was_sent(request.session, request.POST.get("draft")):
        return SeeOther(reverse("quotes:sent")) if drafts.sent(request.session) else _gone(request)
    answers = Answers(draft.answers)
    if missing := steps.first_missing(answers.accepted):
        return SeeOther(reverse("quotes:step", args=[missing]))
    together = answers.together()
    if request.method != "POST":
        return _show_check(request, draft, together, now=now)
    if request.POST.get("draft") != draft.mark:  # a page left open, older than the answers
        return _show_check(request, draft, together, now=now, status=422, outdated=True)
    return _send(request, draft, together, now=now)


def _show_check(
    request: HttpRequest,
    draft: Draft,
    answers: Mapping[str, Any],
    *,
    now: dt.datetime,
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    lead = pipeline.from_answers(answers, now=now)
    sections = [*summary.told(lead), summary.consent_section(answers)]
    shown = {"sections": sections, "draft": draft.mark, "before": steps.before(steps.CHECK), "lead": lead}
    return render(request, "quotes/check.html", shown | more, status=status)


def _send(
    request: HttpRequest, draft: Draft, answers: Mapping[str, Any], *, now: dt.datetime
) -> HttpResponse:
    try:
        pipeline.submit(answers, secret=draft.secret, now=now, sender=client_address(request))
    except pipeline.TooMany as refusal:
        drafts.keep(request.session, draft, now=now)  # the wait takes nothing from the two hours
        page = _show_check(request, draft, answers, now=now, status=429, minutes=refusal.rate.minutes)
        return too_many(page, refusal.rate)
    drafts.mark_sent(request.session, draft)
    return SeeOther(reverse("quotes:sent"))


@require_safe
@unlisted
def sent(request: HttpRequest) -> HttpResponse:
    lead = _sent_before(request)
    if lead is None:
        return render(request, "quotes/sent_gone.html", status=410)
    shown = {
        "lead": lead,
        "status": progress.status(lead, now=timezone.now()),
        "private_link": _link(drafts.sent(request.session) or ""),
    }
    return render(request, "quotes/sent.html", shown)


def _link(secret: str) -> str:
    """The address of the private page; empty once the link was revoked."""
    works = QuoteRequest.objects.opened_by(links.digest(secret)).exists()
    return settings.SITE_URL + reverse("quotes:private", args=[secret]) if works else ""
