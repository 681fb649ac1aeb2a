import datetime as dt
from collections.abc import Mapping, Sequence

from django.conf import settings
from django.db.models import Case, When
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from articles.models import Guide, Treatment
from articles.pages import guides_with_live_text, with_live_text

from . import refusals
from .context import site
from .middleware import PRIVATE
from .models import Page
from .reading import reading_page
from .sitemaps import OurSitemap, files_of

Audience = Guide.Audience
PATH_LENGTH = 4
MORE_GUIDES = 3
FOR_THE_OFFERED = "questions-before-you-pay"
# What somebody who had a stroke should know first comes first, and risks before anybody thinks of a journey.
# A guide's length, its topics or its day do not say so; where one of these is not live, the next follows.
FIRST_FOR_PATIENTS = (
    *("what-a-stroke-does", "rehabilitation-that-works"),
    *("stem-cells-for-stroke-benefits-and-risks", "risks-and-how-they-happened"),
)


@reading_page
def home(request: HttpRequest) -> HttpResponse:
    for_patients = _path_for(Audience.PATIENTS, first=FIRST_FOR_PATIENTS)
    for_caregivers = _path_for(Audience.CAREGIVERS)
    with_cells = Treatment.objects.filter(standing=Treatment.Standing.CELLS)
    treatments = list(with_live_text(with_cells).order_by("live_revision__title"))
    shown = {
        "more": _others_than([*for_patients, *for_caregivers]),
        "treatments": treatments,
        "for_patients": for_patients,
        "for_caregivers": for_caregivers,
        "for_the_offered": with_live_text(Guide.objects).filter(slug=FOR_THE_OFFERED).first(),
        "demonstration": any(
            subject.live_revision.demonstration for subject in [*for_patients, *for_caregivers, *treatments]
        ),
    }
    return render(request, "portal/home.html", shown)


def _path_for(audience: str, *, first: Sequence[str] = ()) -> list[Guide]:
    """Where this reader starts: `first`, then texts for them, then for everyone; the fullest first."""
    theirs = len(first)
    in_order = Case(
        *(When(slug=slug, then=place) for place, slug in enumerate(first)),
        When(audience=audience, then=theirs),
        default=theirs + 1,
    )
    guides = guides_with_live_text(Guide.objects).filter(audience__in=[audience, Audience.EVERYONE])
    return list(guides.order_by(in_order, "-live_revision__word_count", "slug")[:PATH_LENGTH])


def _others_than(guides: list[Guide]) -> list[Guide]:
    """The guides that no path shows, the newest reviewed first."""
    others = with_live_text(Guide.objects).exclude(pk__in={guide.pk for guide in guides})
    return list(others.order_by("-live_revision__reviewed_at", "slug")[:MORE_GUIDES])


@reading_page
def emergency(request: HttpRequest) -> HttpResponse:
    return render(request, "portal/emergency.html")


@reading_page
def page(request: HttpRequest, slug: str) -> HttpResponse:
    return render(
        request, "portal/page.html", {"page": get_object_or_404(Page.objects.for_readers(), slug=slug)}
    )


@require_safe
@cache_control(public=True, max_age=3600)
def robots(request: HttpRequest) -> HttpResponse:
    lines = [
        "User-agent: *",
        "Disallow: /admin/",
        f"Disallow: {PRIVATE}",
        f"Sitemap: {settings.SITE_URL}/sitemap.xml",
    ]
    return _plain(lines)


@require_safe
@cache_control(public=True, max_age=3600)
def sitemap_index(request: HttpRequest, sitemaps: Mapping[str, type[OurSitemap]]) -> HttpResponse:
    shown = {"sitemaps": files_of(sitemaps)}
    return render(request, "sitemap_index.xml", shown, content_type="application/xml")


@require_safe
@cache_control(public=True, max_age=3600)
def security_txt(request: HttpRequest) -> HttpResponse:
    return _plain(security_lines(timezone.now()))


def security_lines(now: dt.datetime) -> list[str]:
    """Whom to tell of a weakness, good for 364 days: RFC 9116 asks for less than a year."""
    expires = now.date() + dt.timedelta(days=364)
    return [
        f"Contact: mailto:{settings.CONTACT_EMAIL}",
        f"Expires: {expires}T00:00:00Z",
        "Preferred-Languages: en",
        f"Canonical: {settings.SITE_URL}{reverse('security_txt')}",
    ]


def _plain(lines: list[str]) -> HttpResponse:
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _failure(request, 400)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return refusals.forbidden(request) or _failure(request, 403)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    if of_staff := refusals.form_too_old(request):
        return of_staff
    if _tells_of_new_signs(request):
        return _unkept(HttpResponseRedirect(reverse("emergency"), status=303))
    asks_for_quote = request.path.startswith("/quote/") and not request.path.startswith(PRIVATE)
    again = request.path if asks_for_quote else ""  # a private address is written into no page
    return _failure(request, 403, form_too_old=True, again=again)


def _tells_of_new_signs(request: HttpRequest) -> bool:
    """A stroke does not wait for a cookie; the way to the emergency page stores nothing, forged or not."""
    first_step = reverse("quotes:step", args=["signs"])
    return request.path == first_step and request.POST.get("new_signs") == "yes"


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _failure(request, 404, private_link=request.path.startswith(PRIVATE))


def server_error(request: HttpRequest) -> HttpResponse:
    # Without the other context processors: whatever broke may be in one of them.
    words = render_to_string("500.html", site(request))
    return _unkept(HttpResponse(words, status=500))


def _failure(request: HttpRequest, status: int, **words: object) -> HttpResponse:
    return _unkept(render(request, f"{status}.html", words, status=status))


def _unkept(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = "no-store"
    return response
