"""The private page of a request, opened by its secret link: where it stands, who looked, what one may do."""

from __future__ import annotations

import datetime as dt
from functools import wraps

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from portal import audit, throttle

from . import consents, contact, links, pipeline, progress, summary
from .models import OPEN, QuoteRequest, Stage
from .responses import SeeOther, View, client_address, show_or_answer, too_many, unlisted

# Links that open nothing: enough for one broken by a mail program and tried all day, too few to guess.
GUESSES_PER_ADDRESS = throttle.Rate(30, dt.timedelta(hours=1))


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
    if throttle.allow("quotes.link", client_address(request), rate=GUESSES_PER_ADDRESS, now=now):
        raise Http404
    page = render(request, "429.html", {"minutes": GUESSES_PER_ADDRESS.minutes}, status=429)
    return too_many(page, GUESSES_PER_ADDRESS)


@require_safe
@opened_by_secret
def private(request: HttpRequest, lead: QuoteRequest, secret: str) -> HttpResponse:
    now = timezone.now()
    acts = list(lead.consents.all())
    shown = {
        "lead": lead,
        "secret": secret,
        "status": progress.status(lead, now=now),
        "timeline": progress.timeline(lead),
        "clock": progress.clock_of(lead),
        "whose_clock": progress.whose_clock(lead),
        "wishes": summary.rows(lead, summary.WISHES),
        "reached_by": summary.reached_by(lead),
        "consents": [(act, consents.text(act.kind, act.text_version)) for act in acts],
        "openings": audit.openings_of(lead),
        "is_withdrawn": lead.stage == Stage.WITHDRAWN,
        "gets_news": contact.gets_news(acts),
    }
    return render(request, "quotes/private.html", shown)


@show_or_answer
@opened_by_secret
def withdraw(request: HttpRequest, lead: QuoteRequest, secret: str) -> HttpResponse:
    if request.method == "POST":
        pipeline.withdraw(lead, now=timezone.now())
        return SeeOther(reverse("quotes:private", args=[secret]))
    shown = {"is_open": lead.stage in OPEN, "is_withdrawn": lead.stage == Stage.WITHDRAWN}
    return _ask_first(request, "quotes/withdraw.html", lead, secret, **shown)


@show_or_answer
@opened_by_secret
def stop_news(request: HttpRequest, lead: QuoteRequest, secret: str) -> HttpResponse:
    if request.method == "POST":
        contact.stop_news(lead, now=timezone.now())
        return SeeOther(reverse("quotes:private", args=[secret]))
    gets_news = contact.gets_news(lead.consents.all())
    return _ask_first(request, "quotes/stop_news.html", lead, secret, gets_news=gets_news)


def _ask_first(
    request: HttpRequest, template: str, lead: QuoteRequest, secret: str, **more: bool
) -> HttpResponse:
    response = render(request, template, {"lead": lead, "secret": secret} | more)
    # Under no-referrer the browser sends "Origin: null" with the form, and the CSRF check refuses it.
    # Under same-origin it would name this secret address to our own server's log with every style sheet.
    response["Referrer-Policy"] = "strict-origin"
    return response
