"""What helps while reading, in a real browser: words explained in place, the comparison on a phone, paper."""

import io

import pytest
from django.utils import timezone
from pypdf import PdfReader

from articles.models import GlossaryTerm, Treatment
from articles.offer_check import POINTS
from tests import builders, requester
from tests.browser.follow import follow

pytestmark = [pytest.mark.browser, pytest.mark.looks]
BODY = "<h2>The risks</h2><p>Some had a placebo [@trial-1]. Then they rested.</p>"
NARROW = {"width": 320, "height": 640}
OFFERED = {point.name: "not_sure" for point in POINTS}


@pytest.fixture
def guide(transactional_db):
    GlossaryTerm.objects.create(term="placebo", explanation="A treatment with nothing in it.")
    easy = {"easy_summary": "What can go wrong.", "easy_body": BODY}
    guide = builders.guide("risks", now=timezone.now())
    builders.published(guide, now=timezone.now(), body=BODY, **easy)
    return guide


@pytest.mark.parametrize("colours", ["light", "dark"])
@pytest.mark.parametrize("address", ["/guides/risks/", "/guides/risks/easy/"])
def test_a_word_opens_by_keyboard_and_closing_it_leads_back_to_its_place(guide, new_page, colours, address):
    page = new_page(viewport=NARROW, color_scheme=colours)
    page.goto(address)
    page.locator(".glossary-term").focus()
    page.keyboard.press("Enter")
    shown = page.locator(".word:target")
    box = shown.bounding_box()
    assert shown.locator("dd").first.inner_text() == "A treatment with nothing in it."
    assert (box["x"], box["width"], round(box["y"] + box["height"])) == (0, 320, 640)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('href')") == "#from-placebo"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "from-placebo"
    assert page.locator(".word:target").count() == 0


def test_on_a_phone_the_name_of_a_row_stays_in_sight_while_one_reads_it(transactional_db, new_page):
    now = timezone.now()
    sentence = "Two people died, and number {} is long enough to fill more than one line."
    claims = [builders.written_claim(sentence=sentence.format(number)) for number in range(6)]
    for slug in ("alpha", "beta"):
        builders.published(builders.treatment(slug, now=now), now=now, claims=claims)
    page = new_page(viewport=NARROW)
    page.goto("/treatments/compare/?t=alpha&t=beta")
    name = page.get_by_role("rowheader", name="Harm")
    name.evaluate("row => scrollTo(0, row.getBoundingClientRect().top + scrollY + 300)")
    assert name.evaluate("row => row.getBoundingClientRect().top") == 0


def test_paper_has_the_claims_with_their_pictures_and_no_way_to_go_elsewhere(transactional_db, new_page):
    now = timezone.now()
    claim = builders.written_claim()
    builders.published(builders.treatment("cells", now=now), now=now, claims=[claim])
    page = new_page()
    page.goto("/treatments/cells/")
    page.emulate_media(media="print")
    assert page.locator(".people-picture").is_visible()
    assert page.locator(".claim-sentence").inner_text() == "Two people died."
    for elsewhere in (".site-nav", ".breadcrumb", ".actions", ".offer", ".contents-wide"):
        assert page.locator(elsewhere).first.is_visible() is False, elsewhere


def test_on_a_phone_long_lists_wait_behind_a_switch_and_an_address_leads_into_them(guide, new_page):
    page = new_page(viewport=NARROW)
    page.goto("/guides/risks/")
    words, sources = page.locator(".words"), page.locator(".references")
    assert (words.is_visible(), sources.is_visible()) == (False, False)
    page.get_by_role("link", name="Show the sources (1)").press("Enter")
    assert (words.is_visible(), sources.is_visible()) == (False, True)
    page.get_by_role("link", name="Hide the sources").press("Enter")
    assert (words.is_visible(), sources.is_visible()) == (False, False)
    page.goto("/guides/risks/#ref-1")
    assert 0 < page.locator("#ref-1").bounding_box()["y"] < NARROW["height"]
    page.goto("/guides/risks/#words")
    assert words.is_visible()


def test_beside_a_wide_text_and_on_paper_they_stand_open(guide, new_page):
    page = new_page()
    page.goto("/guides/risks/")
    assert [page.locator(part).is_visible() for part in (".words", ".references")] == [True, True]
    assert page.locator(".fold").first.is_visible() is False
    page.set_viewport_size(NARROW)
    page.emulate_media(media="print")
    assert [page.locator(part).is_visible() for part in (".words", ".references")] == [True, True]


LINES_OF = """cell => {
  const words = document.createRange();
  words.selectNodeContents(cell);
  return words.getClientRects().length;
}"""


def test_no_word_of_a_table_of_trials_is_cut_on_a_tablet_or_on_paper(transactional_db, new_page):
    now = timezone.now()
    treatment = builders.treatment("cells", now=now)
    trial = builders.source("trial-1", control="placebo", time_since_stroke="18 to 36 hours")
    trial.treatments.add(treatment)
    builders.published(treatment, now=now)
    page = new_page(viewport={"width": 768, "height": 1024})
    page.goto("/treatments/cells/")
    placebo = page.locator(".evidence-table td", has_text="Placebo")
    assert placebo.evaluate(LINES_OF) == 1
    page.emulate_media(media="print")
    assert placebo.evaluate(LINES_OF) == 1


@pytest.mark.parametrize(
    ("address", "answers"),
    [("/trials/", {"since": "two_years", "stroke": "clot", "age": "60"}), ("/check-an-offer/", OFFERED)],
)
def test_who_follows_a_source_from_what_was_answered_can_go_back_to_it(
    demonstration, new_page, address, answers
):
    page = new_page()
    page.goto(address)
    requester.fill(page, answers)
    follow(page.locator("main form button"))
    said = page.locator("main").inner_text()
    follow(page.locator("main a[href^='/evidence/']").first)
    page.go_back(wait_until="load")
    assert page.locator("main").inner_text() == said


def test_the_longest_letter_stands_on_one_sheet_with_its_line_to_sign(transactional_db, new_page):
    page = new_page()
    page.goto("/check-an-offer/")
    requester.fill(page, OFFERED)
    follow(page.locator("main form button"))
    sheets = [sheet.extract_text() for sheet in PdfReader(io.BytesIO(page.pdf(format="A4"))).pages]
    assert [("Please put this in writing" in sheet, "Signed:" in sheet) for sheet in sheets] == [
        *[(False, False)] * (len(sheets) - 1),
        (True, True),
    ]


def test_where_all_columns_fit_the_page_scrolls_and_their_names_stay_at_its_top(demonstration, new_page):
    page = new_page(viewport={"width": 1280, "height": 800})
    for cells in (2, 3):
        slugs = Treatment.objects.live().filter(standing=Treatment.Standing.CELLS)[:cells]
        page.goto("/treatments/compare/?" + "&".join(f"t={treatment.slug}" for treatment in slugs))
        page.evaluate("scrollTo(0, 1400)")
        name = page.locator(".compare-table thead th").first
        assert name.evaluate("name => name.getBoundingClientRect().top") == 0
        assert page.evaluate("document.documentElement.scrollWidth") == 1280


def test_in_large_text_nothing_of_a_phone_s_page_is_cut_off(demonstration, new_page):
    page = new_page(viewport={"width": 360, "height": 740})
    for address in ("/guides/for-caregivers/easy/", "/search/?q=stroke", "/"):
        page.goto(address)
        page.evaluate("document.documentElement.style.fontSize = '200%'")
        assert (address, page.evaluate("document.documentElement.scrollWidth")) == (address, 360)
    assert page.locator("#search-home, .welcome input").first.evaluate("field => field.offsetWidth") > 250
