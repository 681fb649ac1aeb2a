import datetime as dt
import re
from typing import Any

import pytest
from django.conf import settings
from django.template.loader import render_to_string
from django.test import Client
from django.urls import reverse
from django.utils import translation

from articles.models import Guide, GuideRevision, RevisionState, Treatment, TreatmentRevision
from portal import roles
from portal.models import Page
from portal.views import FIRST_FOR_PATIENTS
from tests import builders
from tests.pages import links

pytestmark = pytest.mark.django_db


def live(slug: str, *, now: dt.datetime, audience: str = "everyone", **fields: Any) -> Guide:
    guide = Guide.objects.create(slug=slug, audience=audience, created_at=now)
    guide.live_revision = GuideRevision.objects.create(subject=guide, **published(slug, now=now, **fields))
    guide.save()
    return guide


def live_treatment(slug: str, *, now: dt.datetime) -> Treatment:
    treatment = Treatment.objects.create(slug=slug, created_at=now)
    treatment.live_revision = TreatmentRevision.objects.create(
        subject=treatment, cell_type="", donor="donor", route="", **published(slug, now=now)
    )
    treatment.save()
    return treatment


def published(title: str, *, now: dt.datetime, **fields: Any) -> dict[str, Any]:
    reviewer = builders.staff(roles.REVIEWER)
    content = {"number": 1, "title": title, "summary": f"All about {title}.", "word_count": 900}
    times = {"created_at": now, "updated_at": now, "reviewed_at": now, "published_at": now}
    return {
        **content,
        **times,
        "state": RevisionState.PUBLISHED,
        "author": builders.staff(roles.EDITOR),
        "reviewed_by": reviewer,
        "published_by": reviewer,
        "next_review_on": now.date() + dt.timedelta(days=180),
        "discern": builders.discern(),
        "discern_total": 60,
        "discern_on": now.date(),
    } | fields


def fixed_page(slug: str, *, now: dt.datetime) -> Page:
    return Page.objects.create(
        slug=slug, title=f"About {slug}", summary="In short.", body="<p>In full.</p>", updated_at=now
    )


# --- Home ---------------------------------------------------------------------------------------


def test_the_home_of_an_empty_site_promises_nothing_that_is_not_there(client: Client):
    page = client.get("/").text
    assert "The first guides are being reviewed." in page
    assert [
        words for words in ("Start here", "More guides", "Treatments people ask about") if words in page
    ] == []


def test_each_reader_starts_with_what_was_written_for_them(client: Client, now: dt.datetime):
    everyone = live("for-all", now=now)
    caregivers = live("for-caregivers", audience="caregivers", now=now - dt.timedelta(days=9))
    patients = live("for-patients", audience="patients", now=now - dt.timedelta(days=9))
    shown = client.get("/").context
    assert shown["for_patients"] == [patients, everyone]
    assert shown["for_caregivers"] == [caregivers, everyone]


def test_a_path_is_short_and_begins_with_the_fullest_guide(client: Client, now: dt.datetime):
    guides = [live(f"guide-{words}", now=now, word_count=words) for words in (300, 1800, 900, 600, 400)]
    assert client.get("/").context["for_patients"] == guides[1:]


def test_a_patient_reads_of_the_stroke_and_rehabilitation_first_and_then_of_risks(
    client: Client, now: dt.datetime
):
    mentioned = [live(slug, now=now, word_count=100) for slug in reversed(FIRST_FOR_PATIENTS)]
    longest = live("longest", now=now, word_count=5000)
    shown = client.get("/").context
    assert shown["for_patients"] == mentioned[::-1]
    assert shown["for_caregivers"][0] == longest


def test_where_one_of_the_first_guides_is_not_live_the_next_follows(client: Client, now: dt.datetime):
    longest = live("longest", now=now, word_count=5000)
    first = live(FIRST_FOR_PATIENTS[2], now=now, word_count=100)
    assert client.get("/").context["for_patients"] == [first, longest]


def test_the_start_names_the_easy_version_of_a_guide_that_has_one(client: Client, now: dt.datetime):
    live("long", now=now)
    live("short", now=now, easy_body="<p>Short.</p>", easy_summary="Short.")
    assert links(client.get("/"), ".path .soft a") == ["/guides/short/easy/"] * 2


def test_who_was_offered_a_treatment_is_led_to_the_check_and_then_to_the_questions_once_they_are_live(
    client: Client, now: dt.datetime
):
    live("guide", now=now)
    assert links(client.get("/"), "#start-here ~ .notice a") == ["/check-an-offer/", "/trials/"]
    live("questions-before-you-pay", now=now)
    assert links(client.get("/"), "#start-here ~ .notice a") == [
        *("/check-an-offer/", "/guides/questions-before-you-pay/", "/trials/")
    ]


def test_more_guides_are_those_that_no_path_shows_the_newest_reviewed_first(client: Client, now: dt.datetime):
    for number in range(4):
        live(f"path-{number}", now=now, word_count=2000)
    assert client.get("/").context["more"] == []
    others = [live(f"guide-{age}", now=now - dt.timedelta(days=age)) for age in range(4)]
    assert client.get("/").context["more"] == others[:3]


def test_a_guide_that_is_not_live_is_not_shown(client: Client, now: dt.datetime):
    guide = live("withdrawn-guide", now=now)
    guide.live_revision = None
    guide.save()
    assert "withdrawn-guide" not in client.get("/").text


def test_the_home_page_costs_five_queries_however_much_there_is(
    client: Client, now: dt.datetime, django_assert_num_queries: Any
):
    live("one", now=now)
    live_treatment("cells", now=now)
    with django_assert_num_queries(5):
        client.get("/")
    for number in range(29):
        live(f"more-{number}", now=now)
        live_treatment(f"more-{number}", now=now)
    with django_assert_num_queries(5):
        client.get("/")


@pytest.mark.parametrize("demonstration", [True, False])
def test_the_demonstration_says_that_it_is_one(
    client: Client, now: dt.datetime, settings: Any, demonstration: bool
):
    settings.DEVELOPMENT = False
    live("guide", now=now, demonstration=demonstration)
    assert ("No doctor has reviewed them." in client.get("/").text) is demonstration


NOBODY_READS = "Demonstration: send nothing real."


@pytest.mark.parametrize("development", [True, False])
@pytest.mark.parametrize(
    "path", ["/", "/guides/", "/evidence/", "/emergency/", "/quote/", "/quote/signs/", "/no-such-page/"]
)
def test_every_page_of_a_copy_for_trying_says_that_nobody_reads_it(
    client: Client, settings: Any, path: str, development: bool
):
    settings.DEVELOPMENT = development
    assert client.get(path).text.count(NOBODY_READS) == development


def test_a_copy_for_trying_says_so_once(client: Client, now: dt.datetime):
    live("guide", now=now, demonstration=True)
    assert "No doctor has reviewed them." not in client.get("/").text


@pytest.mark.parametrize("place", [".site-menu", ".site-footer"])
def test_the_phone_s_menu_and_the_footer_lead_to_what_readers_can_try_themselves(client: Client, place: str):
    led_to = links(client.get("/"), f"{place} a")
    wanted = ["/check-an-offer/", "/trials/", "/guides/?easy=1"]
    assert [link for link in wanted if link not in led_to] == []


# --- Emergency ----------------------------------------------------------------------------------


def test_the_emergency_page_speaks_of_new_signs_and_its_numbers_can_be_called(client: Client):
    page = client.get("/emergency/").text
    assert re.findall(r'href="tel:(\d+)"', page) == ["112", "999", "911"]
    assert page.index('href="tel:112"') < page.index("new or suddenly worse") < page.index("One side droops")


def test_the_signs_of_a_bleed_are_signs_to_call_for(client: Client):
    page = client.get("/emergency/").text
    signs = page[page.index('class="signs"') : page.index("Call even if the signs go away")]
    asked = ("A sudden, very bad headache", "being sick", "passes out", "can be a bleed")
    assert [words for words in asked if words not in signs] == []
    assert "sudden, very bad headache?" in client.get("/").text


def test_who_cannot_speak_finds_what_to_show_between_the_numbers_and_the_signs(client: Client):
    page = client.get("/emergency/").text
    places = [page.index(words) for words in ('href="tel:911"', 'class="show-this"', "One side droops")]
    assert places == sorted(places)


def test_who_cannot_speak_is_told_never_to_stay_silent_and_to_register_for_texts(client: Client):
    page = client.get("/emergency/").text
    asked = ("Do not stay silent.", "press 55", "only if your phone was registered before", "“register”")
    assert [words for words in asked if words not in page] == []
    assert "stay on the line" not in page


def test_who_was_sent_to_the_emergency_page_by_the_form_can_begin_again(client: Client):
    after = client.get("/emergency/").text.split("If you came from the request form")[1]
    assert f'href="{reverse("quotes:start")}"' in after


# --- Fixed pages --------------------------------------------------------------------------------


def test_a_fixed_page_shows_what_staff_wrote(client: Client, now: dt.datetime):
    fixed_page("privacy", now=now)
    page = client.get("/privacy/").text
    assert "<title>About privacy – Second Look</title>" in page
    assert "<h1>About privacy</h1>" in page
    assert '<div class="prose"><p>In full.</p></div>' in page
    assert "Last changed on 20 November 2026" in page


def test_an_unknown_page_gives_404(client: Client):
    assert client.get("/nothing/").status_code == 404


def test_the_contact_page_prints_the_address_beside_the_footer_s(client: Client, now: dt.datetime):
    link = f'href="mailto:{settings.CONTACT_EMAIL}"'
    fixed_page("contact", now=now)
    fixed_page("about", now=now)
    assert client.get("/contact/").text.count(link) == 2
    assert client.get("/about/").text.count(link) == 1


# --- Every reading page -------------------------------------------------------------------------


@pytest.fixture(params=["/", "/emergency/", "/about/"])
def address(request: pytest.FixtureRequest, now: dt.datetime) -> str:
    fixed_page("about", now=now)
    live("guide", now=now)
    return request.param


def test_reading_leaves_no_cookie_and_any_cache_may_keep_the_page(client: Client, address: str):
    response = client.get(address)
    assert response.cookies.output() == ""
    assert response["Vary"] == "Accept-Encoding"
    assert response["Cache-Control"] == "public, max-age=0, must-revalidate"


def test_reading_needs_one_stylesheet_and_no_script(client: Client, address: str):
    page = client.get(address).text
    assert page.count('rel="stylesheet"') == 1
    assert [part for part in ("<script", "style=", "onclick", "csrfmiddlewaretoken") if part in page] == []


def test_a_second_visit_gets_304_compressed_or_not(client: Client, address: str):
    for encoding in ("identity", "gzip"):
        first = client.get(address, headers={"accept-encoding": encoding})
        headers = {"accept-encoding": encoding, "if-none-match": first["ETag"]}
        assert client.get(address, headers=headers).status_code == 304


def test_reading_pages_answer_head_and_refuse_post(address: str):
    visitor = Client(enforce_csrf_checks=True)
    assert visitor.head(address).status_code == 200
    assert visitor.post(address).status_code == 405


def test_a_page_from_right_to_left_says_so(client: Client, address: str):
    with translation.override("ar"):
        assert '<html lang="ar" dir="rtl">' in client.get(address).text


@pytest.mark.parametrize(
    ("direction", "file"), [("ltr", "bootstrap.min.css"), ("rtl", "bootstrap.rtl.min.css")]
)
def test_form_pages_get_the_bootstrap_of_their_direction(direction: str, file: str):
    styles = render_to_string("portal/_form_styles.html", {"page_direction": direction}).split()
    assert styles == ["<link", 'rel="stylesheet"', f'href="/static/portal/vendor/bootstrap-5.3.8/{file}">']
