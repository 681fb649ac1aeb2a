"""The request, step by step, and the private page. Nothing under /quote/ may be kept by a shared cache."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from articles.models import Treatment
from portal import audit, throttle

from . import consents, drafts, links, pipeline, progress, steps, summary
from .answers import FORMS, Answers, typed
from .drafts import Draft
from .forms import StrokeForm, offered_treatments
from .models import Certainty, Consent, QuoteRequest, Stage
from .questions import StepForm

# Generous: a whole family, or a ward, behind one address; still no way to fill the session table.
STEPS_PER_ADDRESS = throttle.Rate(300, dt.timedelta(hours=1))
# Links that open nothing: enough for one broken by a mail program and tried all day, too few to guess.
GUESSES_PER_ADDRESS = throttle.Rate(30, dt.timedelta(hours=1))

View = Callable[..., HttpResponse]
show_or_answer = require_http_methods(["GET", "HEAD", "POST"])


class SeeOther(HttpResponseRedirect):
    """After a POST: the next page is fetched by GET, also by clients that take 302 at its word."""

    status_code = 303


def unlisted(view: View) -> View:
    """For pages that a secret opens: no cache keeps them, no search engine lists them."""

    @never_cache
    @wraps(view)
    def shown(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(request, *args, **kwargs)
        response["X-Robots-Tag"] = "noindex, nofollow"
        response.setdefault("Referrer-Policy", "no-referrer")
        return response

    return shown


@require_safe
@never_cache
def start(request: HttpRequest) -> HttpResponse:
    return render(request, "quotes/start.html", {"treatment": _asked_for(request)})


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
    about = str(draft.answers.get("who", {}).get("for_whom", ""))
    initial = {"consent_version": consents.CURRENT, "language": "en"} | dict(draft.prefill)
    return FORMS[step](draft.answers.get(step), initial=initial, about=about)


def _ask(request: HttpRequest, step: str, form: StepForm, draft: Draft, **more: Any) -> HttpResponse:
    shown = {
        "form": form,
        "step": step,
        "number": steps.number(step),
        "total": len(steps.STEPS),
        "before": steps.before(step),
        "changing": steps.first_missing(draft.answers) is None,
        "already_sent": None if draft.answers else _sent_before(request),
        "for_them": _for_them(draft),
    }
    template = [f"quotes/steps/{step}.html", "quotes/step.html"]
    status = more.pop("status", 200)
    return render(request, template, shown | more, status=status)


def _for_them(draft: Draft) -> dict[str, bool]:
    """What consenting for somebody else calls for: what was said of that person in earlier steps."""
    who, safety = draft.answers.get("who", {}), draft.answers.get("safety", {})
    if who.get("for_whom") != QuoteRequest.ForWhom.OTHER:
        return {}
    return {
        "do_not_know": who.get("person_knows") == Certainty.NO,
        "cannot_decide": safety.get("can_decide") == Certainty.NO,
    }


def _answer(request: HttpRequest, step: str, *, now: dt.datetime) -> HttpResponse:
    answers = typed(step, request.POST)
    draft = _draft(request, now=now)
    about = str(draft.answers.get("who", {}).get("for_whom", "")) if draft else ""
    form = FORMS[step](answers, about=about)
    if isinstance(form, StrokeForm) and form.is_emergency:
        drafts.drop(request.session)
        return SeeOther(reverse("emergency"))
    if draft is None and step != steps.STEPS[0]:
        return _gone(request)
    draft = draft or Draft()
    if not steps.may_open(step, draft.answers):
        return SeeOther(reverse("quotes:step", args=[steps.first_missing(draft.answers)]))
    if not form.is_valid():
        return _ask(request, step, form, draft, status=422)
    if not throttle.allow("quotes.step", _address(request), rate=STEPS_PER_ADDRESS, now=now):
        return _too_many(_ask(request, step, form, draft, status=429, wait=True), STEPS_PER_ADDRESS)
    if treatment := _asked_for(request):
        draft.prefill = {"treatment": treatment.slug}
    draft.answers[step] = answers
    drafts.keep(request.session, draft, now=now)
    return SeeOther(_address_of(steps.following(draft.answers)))


def _address(request: HttpRequest) -> str:
    return request.client_address  # type: ignore[attr-defined]


def _address_of(step: str) -> str:
    return reverse("quotes:check") if step == steps.CHECK else reverse("quotes:step", args=[step])


def _gone(request: HttpRequest) -> HttpResponse:
    """There are no answers here, or no longer: they were sent, or they never will be."""
    if lead := _sent_before(request):
        shown = {"lead": lead, "status": progress.status(lead, now=timezone.now())}
        return render(request, "quotes/already_sent.html", shown, status=410)
    return render(request, "quotes/gone.html", status=410)


def _sent_before(request: HttpRequest) -> QuoteRequest | None:
    """The request sent last in this browser."""
    secret = drafts.sent(request.session)
    return pipeline.submitted(secret) if secret else None


def _too_many(response: HttpResponse, rate: throttle.Rate) -> HttpResponse:
    response["Retry-After"] = str(rate.seconds)
    return response


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
    sections = [*summary.sections(lead), summary.consent_section(answers)]
    shown = {"sections": sections, "draft": draft.mark, "before": steps.before(steps.CHECK), "lead": lead}
    return render(request, "quotes/check.html", shown | more, status=status)


def _send(
    request: HttpRequest, draft: Draft, answers: Mapping[str, Any], *, now: dt.datetime
) -> HttpResponse:
    try:
        pipeline.submit(answers, secret=draft.secret, now=now, sender=_address(request))
    except pipeline.TooMany as refusal:
        page = _show_check(request, draft, answers, now=now, status=429, minutes=refusal.rate.minutes)
        return _too_many(page, refusal.rate)
    drafts.mark_sent(request.session, draft)
    return SeeOther(reverse("quotes:sent"))


@require_safe
@unlisted
def sent(request: HttpRequest) -> HttpResponse:
    lead = _sent_before(request)
    if lead is None:
        return render(request, "quotes/sent_gone.html", status=410)
    shown = {"lead": lead, "private_link": _link(drafts.sent(request.session) or "")}
    return render(request, "quotes/sent.html", shown)


def _link(secret: str) -> str:
    """The address of the private page; empty once the link was revoked."""
    works = QuoteRequest.objects.opened_by(links.digest(secret)).exists()
    return settings.SITE_URL + reverse("quotes:private", args=[secret]) if works else ""


def opened_by_secret(view: View) -> View:
    """Give the view the lead that the secret opens; a secret that opens none is 404, and counted."""

    @unlisted
    @wraps(view)
    def opened(request: HttpRequest, secret: str) -> HttpResponse:
        leads = QuoteRequest.objects.select_related("treatment__live_revision", "destination")
        lead = leads.opened_by(links.digest(secret)).first()
        return view(request, lead, secret) if lead else _guessed(request, now=timezone.now())

    return opened


def _guessed(request: HttpRequest, *, now: dt.datetime) -> HttpResponse:
    if throttle.allow("quotes.link", _address(request), rate=GUESSES_PER_ADDRESS, now=now):
        raise Http404
    page = render(request, "429.html", {"minutes": GUESSES_PER_ADDRESS.minutes}, status=429)
    return _too_many(page, GUESSES_PER_ADDRESS)


@require_safe
@opened_by_secret
def private(request: HttpRequest, lead: QuoteRequest, secret: str) -> HttpResponse:
    now = timezone.now()
    consented = _consents_of(lead)
    shown = {
        "lead": lead,
        "secret": secret,
        "status": progress.status(lead, now=now),
        "timeline": progress.timeline(lead),
        "clock": progress.clock_of(lead),
        "whose_clock": progress.whose_clock(lead),
        "wishes": summary.rows(lead, summary.WISHES),
        "reached_by": summary.rows(lead, summary.REACHED_BY),
        "consents": consented,
        "openings": audit.openings_of(lead),
        "is_open": lead.stage in pipeline.OPEN,
        "is_withdrawn": lead.stage == Stage.WITHDRAWN,
        "gets_news": _gets_news(consented),
    }
    return render(request, "quotes/private.html", shown)


def _consents_of(lead: QuoteRequest) -> list[tuple[Consent, object]]:
    """Each act with the words it was about."""
    return [(act, consents.text(act.kind, act.text_version)) for act in lead.consents.all()]


def _gets_news(consented: list[tuple[Consent, object]]) -> bool:
    acts = [act.given for act, _words in consented if act.kind == consents.NEWS]
    return acts[-1:] == [True]


@show_or_answer
@opened_by_secret
def withdraw(request: HttpRequest, lead: QuoteRequest, secret: str) -> HttpResponse:
    if request.method == "POST":
        try:
            pipeline.withdraw(lead, now=timezone.now())
        except pipeline.IllegalMove:
            return _show_withdraw(request, lead, secret, status=409)
        return SeeOther(reverse("quotes:private", args=[secret]))
    return _show_withdraw(request, lead, secret)


def _show_withdraw(request: HttpRequest, lead: QuoteRequest, secret: str, status: int = 200) -> HttpResponse:
    shown = {"lead": lead, "secret": secret, "is_open": lead.stage in pipeline.OPEN and status == 200}
    response = render(request, "quotes/withdraw.html", shown, status=status)
    # Under no-referrer the browser sends "Origin: null" with the form, and the CSRF check refuses it.
    # Under same-origin it would name this secret address to our own server's log with every style sheet.
    response["Referrer-Policy"] = "strict-origin"
    return response
