"""Pages that ask readers something: trials that fit, a check of an offer, "was this useful?".

The first two keep nothing: what is answered goes by POST, so that it stands in no address and no log, and
only the reader's own browser may keep the answer, to go back to. None of them has a token, which would need
a cookie; a post that a page of another site sent is refused.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.csrf import csrf_exempt

from portal.origins import is_from_elsewhere
from portal.reading import keep_not, reading_page

from . import listening, offer_check, trial_fit
from .models import Guide, Source, Treatment, TrialCriteria
from .pages import home_step, with_live_text
from .readable import of_live
from .reader_forms import OfferForm, TrialForm, UsefulForm, WordsForm
from .views import chosen

View = Callable[..., HttpResponse]
# Where somebody is led for whom no trial was found; where one of these is not live, the link is not there.
ON_BLEEDS = "stem-cells-for-stroke-benefits-and-risks"
REHABILITATION = "rehabilitation-at-home"


def asking(answer: View, *, params: tuple[str, ...] = ()) -> Callable[[View], View]:
    """The decorated reading page shows the questions; a POST to its address goes to `answer`."""
    # Not `no-store`: a browser could not go back to the answer from a page that it leads to.
    unshared = cache_control(private=True, no_cache=True)(answer)

    def asked(show: View) -> View:
        page = reading_page(params=params)(show)

        @csrf_exempt
        @wraps(show)
        def view(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if request.method != "POST":
                return page(request, *args, **kwargs)
            if is_from_elsewhere(request):
                raise PermissionDenied
            return unshared(request, *args, **kwargs)

        return view

    return asked


# --- Trials that fit ----------------------------------------------------------------------------


def trials_answered(request: HttpRequest) -> HttpResponse:
    form = TrialForm(request.POST, label_suffix="")
    if not form.is_valid():
        return trials_page(request, form, status=422)
    person = form.person()
    recorded = TrialCriteria.objects.select_related("source").order_by("-source__year", "source__key")
    verdicts = trial_fit.judged(person, recorded, today=timezone.localdate())
    fitting = [verdict for verdict in verdicts if verdict.may_fit]
    taking = TrialCriteria.Recruiting
    none_found = all(verdict.criteria.recruiting == taking.CLOSED for verdict in fitting)
    shown: dict[str, Any] = {
        "answered": True,
        "person": person,
        "for_adults_only": person.is_child and not fitting,
        "open": [one for one in fitting if one.criteria.recruiting in (taking.OPEN, taking.NOT_YET)],
        "unknown": [one for one in fitting if one.criteria.recruiting == taking.UNKNOWN],
        "closed": [one for one in fitting if one.criteria.recruiting == taking.CLOSED],
        "others": [verdict for verdict in verdicts if not verdict.may_fit],
        "recorded": len(verdicts),
        "after_bleed": trial_fit.taking("bleed", (verdict.criteria for verdict in verdicts)),
    }
    if none_found or person.stroke != "clot":
        shown["on_bleeds"] = with_live_text(Guide.objects).filter(slug=ON_BLEEDS).first()
    if none_found:
        shown["rehabilitation"] = with_live_text(Treatment.objects).filter(slug=REHABILITATION).first()
    return trials_page(request, form, **shown)


@asking(trials_answered)
def trials(request: HttpRequest) -> HttpResponse:
    return trials_page(request, TrialForm(label_suffix=""))


def trials_page(request: HttpRequest, form: TrialForm, *, status: int = 200, **shown: Any) -> HttpResponse:
    trail = [home_step(), (_("Find a trial that may fit"), "")]
    return render(request, "articles/trials.html", {"form": form, "trail": trail, **shown}, status=status)


# --- A check of somebody else's offer -----------------------------------------------------------


def offer_answered(request: HttpRequest) -> HttpResponse:
    form = OfferForm(request.POST)
    if not form.is_valid():
        return offer_page(request, form, status=422)
    keys = {key for point in offer_check.POINTS for key in point.sources}
    shown = {
        "outcome": form.outcome(),
        "trail": [home_step(), (_("Check an offer"), reverse("articles:offer")), (_("Result"), "")],
        "today": timezone.localdate(),
        "sources": Source.objects.filter(key__in=keys).order_by("key"),
    }
    return render(request, "articles/offer_answer.html", shown)


@asking(offer_answered)
def offer(request: HttpRequest) -> HttpResponse:
    return offer_page(request, OfferForm())


def offer_page(request: HttpRequest, form: OfferForm, *, status: int = 200) -> HttpResponse:
    trail = [home_step(), (_("Check an offer"), "")]
    return render(request, "articles/offer.html", {"form": form, "trail": trail}, status=status)


# --- Was this useful? ---------------------------------------------------------------------------


@of_live(Guide)
def useful_answered(request: HttpRequest, guide: Guide) -> HttpResponse:
    form = UsefulForm(request.POST, sections=sections_of(request, guide))
    if not form.is_valid():
        return useful_page(request, guide, form, status=422)
    sender = request.client_address  # type: ignore[attr-defined]
    words, easy = form.words(), is_easy(request)
    try:
        kept = listening.take_answer(guide, **form.answer(), easy=easy, now=timezone.now(), sender=sender)
    except listening.TooMany as refusal:
        response = useful_page(request, guide, form, wait=refusal.rate.minutes, status=429)
        response["Retry-After"] = str(refusal.rate.seconds)
        return response
    return to_thanks(guide, easy=easy, answer="" if any(words.values()) else listening.mark_of(kept))


@asking(useful_answered, params=("easy",))
@of_live(Guide)
def useful(request: HttpRequest, guide: Guide) -> HttpResponse:
    chosen(request, "easy", {"1": True})
    return useful_page(request, guide, UsefulForm(None, sections=sections_of(request, guide)))


def useful_page(
    request: HttpRequest, guide: Guide, form: UsefulForm, *, wait: int = 0, status: int = 200
) -> HttpResponse:
    shown = {"guide": guide, "form": form, "wait": wait, **version_shown(request, guide)}
    return render(request, "articles/useful.html", shown, status=status)


# --- Thanks, and a word more --------------------------------------------------------------------


@of_live(Guide)
def thanks_answered(request: HttpRequest, guide: Guide) -> HttpResponse:
    form = WordsForm(request.POST, sections=sections_of(request, guide))
    mark = request.POST.get("answer", "")
    if not form.is_valid():
        return thanks_page(request, guide, form, answer=mark, status=422)
    if not listening.add_words(mark, **form.words(), now=timezone.now()):
        return thanks_page(
            request, guide, form, refused=True, known=listening.is_of_an_answer(mark), status=422
        )
    return to_thanks(guide, easy=is_easy(request))


@asking(thanks_answered, params=("easy", "answer"))
@of_live(Guide)
def thanks(request: HttpRequest, guide: Guide) -> HttpResponse:
    chosen(request, "easy", {"1": True})
    answer = request.GET.get("answer", "")
    if "answer" in request.GET:
        keep_not(request)
        if not listening.is_of_an_answer(answer):
            asked = {"easy": "1"} if is_easy(request) else None
            return HttpResponseRedirect(reverse("articles:useful", args=[guide.slug], query=asked))
    form = WordsForm(None, sections=sections_of(request, guide))
    return thanks_page(request, guide, form, answer=answer)


def thanks_page(
    request: HttpRequest, guide: Guide, form: WordsForm, *, status: int = 200, **shown: Any
) -> HttpResponse:
    shown = {"guide": guide, "form": form, **version_shown(request, guide), **shown}
    return render(request, "articles/thanks.html", shown, status=status)


def to_thanks(guide: Guide, *, easy: bool, answer: str = "") -> HttpResponse:
    asked = {name: value for name, value in (("easy", "1" if easy else ""), ("answer", answer)) if value}
    address = reverse("articles:thanks", args=[guide.slug], query=asked)
    return HttpResponseRedirect(address, status=303)


def sections_of(request: HttpRequest, guide: Guide) -> list[str]:
    return listening.sections_of(guide, easy=is_easy(request))


def is_easy(request: HttpRequest) -> bool:
    return request.POST.get("easy", request.GET.get("easy")) == "1"


def version_shown(request: HttpRequest, guide: Guide) -> dict[str, Any]:
    """Which of the two versions one comes from, and the way back to it."""
    easy = is_easy(request) and bool(guide.live_revision and guide.live_revision.easy_body)
    return {"easy": easy, "back": guide.get_easy_url() if easy else guide.get_absolute_url()}
