"""The pages of the staff on a desk and on a tablet: lists fit, and what is to be done is in sight."""

import pytest
from django.contrib import admin
from django.urls import reverse

from articles.models import Guide
from portal.models import Page, User
from quotes.models import QuoteRequest
from tests.db.test_lists import MAKERS

pytestmark = pytest.mark.browser

TABLET = {"width": 768, "height": 1024}
DESK = {"width": 1280, "height": 900}


@pytest.fixture
def staff_page(new_page, client, now, settings):
    """Everything has a row, some rows are long, and a superuser is signed in."""
    for make in MAKERS.values():
        make(1, now)
    client.force_login(User.objects.create_superuser("root", email=f"{'long' * 20}@hospital.example"))
    page = new_page(viewport=TABLET)
    cookie = {"name": settings.SESSION_COOKIE_NAME, "value": client.session.session_key}
    page.context.add_cookies([cookie | {"url": settings.SITE_URL}])
    return page


def lists():
    for model in admin.site._registry:
        yield reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")


def test_no_list_is_wider_than_its_frame(staff_page):
    cut_off = []
    for address in lists():
        staff_page.goto(address)
        for screen in (DESK, TABLET):
            staff_page.set_viewport_size(screen)
            frame = staff_page.locator("#result_list").evaluate(
                "list => list.scrollWidth <= list.closest('.changelist-form-container').clientWidth"
            )
            whole = staff_page.evaluate("document.documentElement.scrollWidth <= innerWidth")
            if not (frame and whole):
                cut_off.append((address, screen["width"]))
    assert cut_off == []


def test_on_a_tablet_each_cell_of_a_list_says_what_it_is(staff_page):
    nameless = {}
    for address in lists():
        staff_page.goto(address)
        nameless[address] = staff_page.locator("#result_list td:not(.action-checkbox)").evaluate_all(
            """cells => cells.filter(cell => getComputedStyle(cell, "::before").content
                 !== `"${cell.dataset.label}: "`).map(cell => cell.outerHTML)"""
        )
    assert {address: cells for address, cells in nameless.items() if cells} == {}


def test_on_a_tablet_nothing_lies_on_the_heading_of_a_list(staff_page):
    for address in lists():
        staff_page.goto(address)
        heading = staff_page.locator("#content > h1").bounding_box()
        below = staff_page.locator("#content-main > *").evaluate_all(
            "all => all.flatMap(part => [part, ...part.querySelectorAll('a')])"
            ".filter(part => part.checkVisibility()).map(part => part.getBoundingClientRect().top)"
        )
        assert min(below) >= heading["y"] + heading["height"], address


@pytest.mark.parametrize(
    ("name", "model", "box"),
    [
        ("portal_page_change", Page, "[name=title]"),
        ("quotes_quoterequest_change", QuoteRequest, "[name=text]"),
        ("articles_guide_change", Guide, "[name=title]"),
    ],
)
def test_whoever_leaves_with_words_not_saved_is_asked_first(staff_page, name, model, box):
    asks = "() => !window.dispatchEvent(new Event('beforeunload', {cancelable: true}))"
    staff_page.goto(reverse(f"admin:{name}", args=[model.objects.first().pk]))
    before = staff_page.evaluate(asks)
    staff_page.locator(box).first.press_sequentially("Words")
    assert (before, staff_page.evaluate(asks)) == (False, True)
    staff_page.evaluate(
        "window.addEventListener('beforeunload', event => event.stopImmediatePropagation(), true)"
    )


def test_no_page_of_the_staff_breaks_an_accessibility_rule(staff_page, violations):
    guide = reverse("admin:articles_guide_change", args=[Guide.objects.first().pk])
    staff_page.emulate_media(color_scheme="dark")
    found = {}
    for address in (reverse("admin:index"), guide, *lists()):
        staff_page.goto(address)
        found[address] = violations(staff_page)
    assert {address: broken for address, broken in found.items() if broken} == {}


@pytest.mark.parametrize("screen", [DESK, TABLET], ids=["desk", "tablet"])
def test_beside_a_long_text_the_steps_and_the_saving_are_in_sight(staff_page, screen):
    staff_page.set_viewport_size(screen)
    staff_page.goto(reverse("admin:articles_guide_change", args=[Guide.objects.first().pk]))
    steps = staff_page.locator(".steps").bounding_box()
    saving = staff_page.get_by_role("button", name="Save draft").bounding_box()
    assert 0 < steps["y"] < screen["height"]
    assert 0 < saving["y"] <= screen["height"] - saving["height"]
