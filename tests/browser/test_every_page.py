"""Every public page, with the demonstration content: accessible, valid, light, silent."""

import gzip
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Page as Sheet

from articles.models import Guide, Source, Treatment
from portal.models import Page
from quotes import links
from tests import builders, requester
from tests.browser.follow import follow

pytestmark = [pytest.mark.browser, pytest.mark.looks]

PHONE = {"width": 360, "height": 740}
DESK = {"width": 1280, "height": 900}
JAR = settings.VAR_DIR / "tools/node_modules/vnu-jar/build/dist/vnu.jar"
HOW_TO = "the Nu HTML checker is not here: it needs Java and npm, then `make test` fetches it"
WIDTHS = (360, 768, 832, 1280)  # phone, upright tablet, the first without a menu button, desk
WIDTH_OF_RING = 6
LONGEST_SOURCE_LIST = "stem-cells-for-stroke-benefits-and-risks"


def reading_pages() -> list[str]:
    """Every page that a reader can reach: all guides, treatments and fixed pages, a source of each kind."""
    kinds = {source.kind: source for source in Source.objects.all()}
    return [
        reverse("home"),
        reverse("emergency"),
        reverse("articles:guides"),
        reverse("articles:search"),
        reverse("articles:search") + "?q=stroke",
        reverse("articles:search") + "?q=mesenkimal&kind=treatment",
        reverse("articles:search") + "?q=nothing-like-it",
        *[guide.get_absolute_url() for guide in Guide.objects.live()],
        *[guide.get_easy_url() for guide in Guide.objects.exclude(live_revision__easy_body="")],
        reverse("articles:treatments"),
        *[treatment.get_absolute_url() for treatment in Treatment.objects.live()],
        *comparisons(),
        reverse("articles:glossary"),
        reverse("articles:sources"),
        *[source.get_absolute_url() for source in kinds.values()],
        *[page.get_absolute_url() for page in Page.objects.all()],
        reverse("quotes:start"),
        reverse("quotes:step", args=["signs"]),
        "/no-such-page/",
        "/quote/s/no-such-link/",
        "/quote/check/",
    ]


def one_of_each_kind() -> list[str]:
    """The fullest page of each template: what differs by colour, screen or direction differs on these."""
    cells, other = (
        Treatment.objects.live().filter(standing=standing).order_by("slug").first()
        for standing in (Treatment.Standing.CELLS, Treatment.Standing.ALTERNATIVE)
    )
    longest = Guide.objects.get(slug=LONGEST_SOURCE_LIST)
    several = {
        *(guide.get_absolute_url() for guide in Guide.objects.exclude(pk=longest.pk)),
        *(guide.get_easy_url() for guide in Guide.objects.exclude(pk=longest.pk)),
        *(one.get_absolute_url() for one in Treatment.objects.exclude(pk__in=[cells.pk, other.pk])),
        *(page.get_absolute_url() for page in Page.objects.exclude(slug="how-we-review")),
        *(source.get_absolute_url() for source in Source.objects.exclude(kind=Source.Kind.TRIAL)),
    }
    return [address for address in reading_pages() if address not in several]


def comparisons() -> list[str]:
    """The form; the smallest and the largest comparison; a choice that cannot be compared."""
    compare = reverse("articles:compare")
    cells = Treatment.objects.live().filter(standing=Treatment.Standing.CELLS)[:4]
    chosen = [f"t={treatment.slug}" for treatment in cells]
    return [compare, *(f"{compare}?{'&'.join(chosen[:number])}" for number in (1, 2, 4))]


@pytest.mark.parametrize("share", range(3))
def test_no_page_breaks_an_accessibility_rule(demonstration, new_page, violations, share):
    page = new_page(viewport=PHONE)
    assert broken_rules(page, reading_pages()[share::3], violations) == {}


@pytest.mark.parametrize(
    ("colours", "screen"),
    [("light", DESK), ("dark", DESK), ("dark", PHONE)],
    ids=["desk", "desk-dark", "phone-dark"],
)
def test_no_kind_of_page_breaks_one_on_other_screens(demonstration, new_page, violations, colours, screen):
    page = new_page(color_scheme=colours, viewport=screen)
    assert broken_rules(page, one_of_each_kind(), violations) == {}


def broken_rules(page: Sheet, addresses: list[str], violations: Any) -> dict[str, Any]:
    """The pages on which an accessibility rule is broken, each with which."""
    found = {}
    for address in addresses:
        page.goto(address)
        found[address] = violations(page)
    return {address: broken for address, broken in found.items() if broken}


def test_no_kind_of_page_breaks_one_from_right_to_left(demonstration, new_page, violations, settings):
    settings.LANGUAGE_CODE = "ar"
    page = new_page(viewport=PHONE)
    assert broken_rules(page, one_of_each_kind(), violations) == {}
    assert page.evaluate("getComputedStyle(document.body).direction") == "rtl"


@pytest.mark.parametrize(
    ("language", "colours", "screen"),
    [("en-gb", "light", PHONE), ("en-gb", "dark", DESK), ("ar", "light", DESK)],
    ids=["phone", "dark", "right-to-left"],
)
def test_no_page_of_a_request_breaks_an_accessibility_rule(
    demonstration, new_page, violations, settings, language, colours, screen
):
    settings.LANGUAGE_CODE = language
    page = new_page(color_scheme=colours, viewport=screen)
    found = {name: violations(page) for name in through_the_request(page)}
    assert {name: broken for name, broken in found.items() if broken} == {}
    assert len(found) == 2 * len(requester.TYPED) + 4


def through_the_request(page: Any) -> Iterator[str]:
    """Every page from the first step to the private page, as it is first shown and as it complains."""
    for step, answers in requester.TYPED.items():
        page.goto(reverse("quotes:step", args=[step]))
        yield step
        follow(page.locator("main form button"))
        yield f"{step}, refused"
        requester.fill(page, answers)
        follow(page.locator("main form button"))
    yield "check"
    follow(page.locator("main form button"))
    yield "sent"
    page.goto(page.locator(".private-link a").get_attribute("href"))
    yield "private page"
    page.goto(page.url + "withdraw/")
    yield "withdraw"


def test_no_page_is_wider_than_its_screen_and_no_table_must_be_scrolled(demonstration, new_page):
    page = new_page()
    too_wide = []
    for address in reading_pages():
        page.goto(address)
        for width in (320, 768, 1280):
            page.set_viewport_size({"width": width, "height": 800})
            cut_off = page.locator("html, .table-scroll").evaluate_all(
                "frames => frames.filter(frame => frame.scrollWidth > frame.clientWidth).length"
            )
            too_wide += [(address, width)] * cut_off
    assert too_wide == []


def test_paper_names_each_source_s_address_and_the_guide_s_own_but_no_offer(demonstration, page):
    guide = Guide.objects.get(slug=LONGEST_SOURCE_LIST)
    page.goto(guide.get_absolute_url())
    page.emulate_media(media="print")
    paper = page.locator("main").inner_text()
    cited = Source.objects.filter(key__in=guide.live_revision.citation_keys)
    assert [s.key for s in cited if (s.doi or s.url) not in paper] == []
    assert page.url in paper
    assert "Ask for a free quote" not in paper


def test_a_finger_finds_each_citation_and_the_lines_stay_where_they_were(demonstration, new_page):
    page = new_page(viewport=PHONE)
    page.goto(f"/guides/{LONGEST_SOURCE_LIST}/")
    sizes = page.locator(".citation a").evaluate_all(
        "links => links.map(link => [link.getClientRects()[0].width, link.getClientRects()[0].height])"
    )
    assert [size for size in sizes if min(size) < 24] == []
    lines = page.locator(".prose > p").evaluate_all(
        "all => all.map(p => p.offsetHeight / parseFloat(getComputedStyle(p).lineHeight))"
    )
    assert [height for height in lines if abs(height - round(height)) > 0.03] == []


def test_a_finger_does_not_hit_the_citation_next_to_the_one_it_means(demonstration, new_page):
    page = new_page(viewport=PHONE)
    page.goto(f"/guides/{LONGEST_SOURCE_LIST}/")
    gaps = page.locator(".citation a + a").evaluate_all(
        """links => links.map(link => link.getBoundingClientRect().left
             - link.previousElementSibling.getBoundingClientRect().right)"""
    )
    assert len(gaps) > 3
    assert [gap for gap in gaps if gap < 8] == []


def test_the_name_and_the_ways_on_stand_in_one_row_on_every_screen(page):
    page.goto(reverse("home"))
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        middles = page.locator(".site-header > .wrap > :visible").evaluate_all(
            "parts => parts.map(part => part.getBoundingClientRect()).map(box => box.top + box.height / 2)"
        )
        assert len(middles) == 3, width
        assert max(middles) - min(middles) <= 1, width


def test_what_to_do_in_an_emergency_is_never_broken_in_two(page):
    page.goto(reverse("home"))
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        lines = page.locator(".emergency-strip strong").evaluate(
            "words => Math.round(words.offsetHeight / parseFloat(getComputedStyle(words).lineHeight))"
        )
        assert lines == 1, width


def test_the_contents_list_has_room_for_the_ring_of_what_is_focused(demonstration, new_page):
    page = new_page(viewport=DESK)
    page.goto(f"/guides/{LONGEST_SOURCE_LIST}/")
    room = page.locator(".contents-wide").evaluate(
        """list => [...list.querySelectorAll("a")].map(link => {
             const [outer, inner] = [list.getBoundingClientRect(), link.getBoundingClientRect()];
             return Math.min(inner.left - outer.left, outer.left + list.clientWidth - inner.right); })"""
    )
    assert [space for space in room if space < WIDTH_OF_RING] == []


def test_everything_on_a_guide_is_reached_by_keyboard_and_shows_where_one_is(demonstration, page):
    page.goto(f"/guides/{LONGEST_SOURCE_LIST}/")
    waiting = page.evaluate(
        """[...document.querySelectorAll('a[href], summary, button, input:not([type=hidden]),[tabindex="0"]')]
           .filter(element => element.checkVisibility({visibilityProperty: true})).length"""
    )
    reached = []
    for _ in range(waiting + 5):
        page.keyboard.press("Tab")
        seen = page.evaluate(
            """(() => { const here = document.activeElement;
                 if (here === document.body) return null;
                 const style = getComputedStyle(here);
                 here.dataset.reached = '1';
                 return style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 3; })()"""
        )
        if seen is None:
            break
        reached.append(seen)
    assert page.locator("[data-reached]").count() == waiting
    assert set(reached) == {True}


RING_OF_THE_FOCUSED = """(() => { const here = document.activeElement;
     if (here === document.body) return null;
     const style = getComputedStyle(here);
     return [here.name || here.className, style.outlineStyle, parseFloat(style.outlineWidth)]; })()"""


def rings(page: Sheet) -> list[tuple[str, str, float]]:
    """What is tabbed to from the top of the page, each with its outline."""
    seen = []
    while True:
        page.keyboard.press("Tab")
        ring = page.evaluate(RING_OF_THE_FOCUSED)
        if ring is None:
            return seen
        seen.append(tuple(ring))


@pytest.mark.parametrize(
    "device", [{"color_scheme": "light"}, {"color_scheme": "dark"}, {"forced_colors": "active"}]
)
def test_every_question_shows_that_it_is_the_one_typed_into(demonstration, new_page, device):
    page = new_page(**device)
    for step, answers in requester.TYPED.items():
        page.goto(reverse("quotes:step", args=[step]))
        seen = rings(page)
        assert {name for name, *_ in seen} >= {name for name in answers if name != "consent_version"}
        assert [ring for ring in seen if ring[1] == "none" or ring[2] < 3] == []
        requester.fill(page, answers)
        follow(page.get_by_role("button", name="Continue"))


def test_a_link_in_the_summary_of_errors_shows_the_question_too(demonstration, new_page):
    page = new_page(viewport={"width": 360, "height": 640})
    page.goto(reverse("quotes:step", args=["signs"]))
    requester.fill(page, requester.TYPED["signs"])
    follow(page.get_by_role("button", name="Continue"))
    follow(page.get_by_role("button", name="Continue"))
    for link in page.locator(".error-summary a").all():
        link.click()
        question = page.locator(f".question:has({link.get_attribute('href')})")
        assert question.bounding_box()["y"] >= 0, link.text_content()


def test_the_first_emergency_number_is_on_the_first_screen_of_a_small_phone(page):
    page.set_viewport_size({"width": 360, "height": 640})
    page.goto(reverse("emergency"))
    box = page.locator('a[href="tel:112"]').bounding_box()
    assert box["height"] >= 44
    assert box["y"] + box["height"] < 640


def test_a_guide_with_its_style_weighs_less_than_60_kib_and_asks_for_nothing_else(demonstration, page):
    client = page.context.new_cdp_session(page)
    client.send("Network.enable")
    weights: dict[str, int] = {}
    kinds: dict[str, str] = {}
    client.on("Network.responseReceived", lambda e: kinds.update({e["requestId"]: e["type"]}))
    client.on("Network.loadingFinished", lambda e: weights.update({e["requestId"]: e["encodedDataLength"]}))
    page.goto(f"/guides/{LONGEST_SOURCE_LIST}/", wait_until="networkidle")
    assert sorted(set(kinds.values()) - {"Other"}) == ["Document", "Stylesheet"]
    assert list(kinds.values()).count("Stylesheet") == 1
    guide = sum(weight for number, weight in weights.items() if kinds[number] == "Document")
    # This server sends files as they are; a real one has them compressed since they were collected.
    style = gzip.compress((settings.BASE_DIR / "portal/static/portal/portal.css").read_bytes())
    assert guide + len(style) < 60 * 1024


def test_reading_leaves_no_cookie_behind(demonstration, page):
    for address in reading_pages():
        if not address.startswith("/quote/"):
            page.goto(address)
    assert page.context.cookies() == []


def test_every_link_on_every_page_leads_somewhere(demonstration, client):
    """No dead link: what a page offers is there."""
    from lxml import html

    offered: dict[str, str] = {}
    for address in reading_pages():
        tree = html.fromstring(client.get(address).content)
        ids = set(tree.xpath("//@id"))
        for link in tree.xpath("//a/@href | //link/@href"):
            if link.startswith("#"):
                assert link[1:] in ids, f"{address} → {link}"
            elif link.startswith("/") and not link.startswith("/static/"):
                offered.setdefault(link.split("#")[0], address)
    dead = {
        f"{page} → {link}": status
        for link, page in offered.items()
        if (status := client.get(link, follow=True).status_code) != 200
    }
    assert dead == {}


def checker() -> str:
    if JAR.exists() and (java := shutil.which("java")):
        return java
    return pytest.fail(HOW_TO) if os.environ.get("CI") == "true" else pytest.skip(HOW_TO)


def test_every_page_is_valid_html(demonstration, client, tmp_path, now):
    java = checker()
    secret = links.make()
    builders.lead(now=now, secret=secret)
    for number, address in enumerate([*reading_pages(), reverse("quotes:private", args=[secret])]):
        write(tmp_path, number, address, client)
    for number, step in enumerate(through_the_form(Client()), 900):
        (tmp_path / f"{number}.html").write_bytes(step)
    run = subprocess.run(  # noqa: S603
        [java, "-jar", str(JAR), "--format", "json", "--errors-only", str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
    )
    messages = json.loads(run.stderr or run.stdout)["messages"]
    assert [(Path(m["url"]).name, m["message"], m.get("extract")) for m in messages] == []


def through_the_form(client: Client) -> list[bytes]:
    """Each page of the request as it is first shown, as it complains, and the check at the end."""
    pages = []
    for step, answers in requester.TYPED.items():
        address = reverse("quotes:step", args=[step])
        pages += [client.get(address).content, client.post(address, {}).content]
        assert client.post(address, answers).status_code == 303
    pages.append(client.get(reverse("quotes:check")).content)
    client.post(reverse("quotes:check"), {"draft": requester.draft_mark(pages[-1])})
    pages.append(client.get(reverse("quotes:sent")).content)
    return pages


def write(folder: Path, number: int, address: str, client: Client) -> None:
    name = address.strip("/").replace("/", "_") or "home"
    (folder / f"{number:03}-{name[:60]}.html").write_bytes(client.get(address).content)
