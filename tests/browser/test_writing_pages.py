"""The pages on which staff write, review and compare: on a phone, and for who uses a screen reader."""

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from articles import publishing, sources
from articles.models import Guide, Source
from portal import roles
from portal.models import User
from tests import builders

pytestmark = pytest.mark.browser

PHONE = {"width": 360, "height": 740}
TABLET = {"width": 768, "height": 1024}


@pytest.fixture
def addresses(new_page, now):
    """A page to write on, one to review, one flagged; a version, a comparison, what is due."""
    editor = builders.staff(roles.EDITOR, byline="Dr Longname Of-The-Northern-Hospital")
    written = builders.guide("written", now=now)
    live = builders.published(written, now=now, title="A title that is rather long for a telephone")
    claim = builders.written_claim(treatment=builders.treatment(now=now).pk)
    draft = builders.draft(
        written, by=editor, now=now, claims=[claim], change_note="Many words about what has changed since."
    )
    reviewed = builders.draft(builders.guide("reviewed", now=now), by=editor, now=now)
    publishing.submit(reviewed, by=editor, now=now)
    trial = Source.objects.get(key="trial-1")
    sources.change(
        trial, {"state": "retracted"}, reason="The journal found fraud.", by=editor, now=timezone.now()
    )

    def named(page, *arguments):
        return reverse(f"admin:articles_guide_{page}", args=arguments)

    return {
        "write": named("change", written.pk),
        "review": named("change", reviewed.subject_id),
        "version": named("revision", written.pk, live.number),
        "compare": f"{named('compare', written.pk)}?from={live.number}&to={draft.number}",
        "history": named("history", written.pk),
        "due": named("due"),
        "list": named("changelist"),
        "new": named("add"),
        "flags": reverse("admin:articles_evidenceflag_changelist"),
        "source": reverse("admin:articles_source_change", args=[trial.pk]),
        "today": reverse("admin:index"),
    }


@pytest.fixture
def staff_page(new_page, client, settings):
    client.force_login(User.objects.create_superuser("root"))
    page = new_page(viewport=PHONE)
    cookie = {"name": settings.SESSION_COOKIE_NAME, "value": client.session.session_key}
    page.context.add_cookies([cookie | {"url": settings.SITE_URL}])
    return page


def test_no_page_of_guides_is_wider_than_a_phone(staff_page, addresses):
    wide = {}
    for name, address in addresses.items():
        staff_page.goto(address)
        wide[name] = staff_page.evaluate("document.documentElement.scrollWidth")
    assert wide == dict.fromkeys(addresses, PHONE["width"])


def test_on_a_phone_saving_and_submitting_stand_in_one_row(staff_page, addresses):
    staff_page.goto(addresses["write"])
    tops = [
        staff_page.get_by_role("button", name=name, exact=True).bounding_box()["y"]
        for name in ("Save draft", "Save and submit for review")
    ]
    assert tops[0] == tops[1]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_reviewing_comparing_and_an_old_version_break_no_accessibility_rule(
    staff_page, addresses, violations, scheme
):
    staff_page.emulate_media(color_scheme=scheme)
    staff_page.set_viewport_size(TABLET)
    found = {}
    for name in ("write", "review", "version", "compare", "due"):
        staff_page.goto(addresses[name])
        found[name] = violations(staff_page)
    assert {name: broken for name, broken in found.items() if broken} == {}


def top_of(locator):
    return locator.bounding_box()["y"]


def test_on_a_tablet_the_checks_stand_above_the_form(staff_page, addresses):
    staff_page.set_viewport_size(TABLET)
    staff_page.goto(addresses["write"])
    assert top_of(staff_page.locator(".checks")) < top_of(staff_page.locator(".subject-text"))


def test_a_claim_is_folded_to_its_sentence_until_it_is_opened(staff_page, addresses):
    staff_page.goto(addresses["write"])
    box = staff_page.get_by_label("In one sentence").first
    expect(box).not_to_be_visible()
    staff_page.get_by_role("heading", name="Claim 1 Harm: Two people died.").click()
    expect(box).to_be_visible()


def test_the_link_of_a_check_opens_the_claim_that_it_leads_to(staff_page, addresses):
    staff_page.goto(addresses["write"])
    staff_page.locator(".problems a[href='#claim-1']").first.click()
    expect(staff_page.locator("#claim-1")).to_be_in_viewport()


def test_the_link_of_a_check_leads_to_its_heading_in_the_editor(staff_page, now):
    guide = builders.guide("long", now=now)
    body = "<h2>First</h2>" + "<p>Words.</p>" * 60 + "<h2>Other ways</h2><p>It is a cure.</p>"
    builders.draft(guide, by=builders.staff(roles.EDITOR), now=now, body=body)
    staff_page.goto(reverse("admin:articles_guide_change", args=[guide.pk]))
    staff_page.get_by_role("link", name="Under “Other ways”").first.click()
    heading = staff_page.locator(".ProseMirror h2", has_text="Other ways")
    expect(heading).to_be_in_viewport()
    staff_page.keyboard.type("Now: ")
    expect(heading).to_have_text("Now: Other ways")


FROM_WORD = (
    "<p class=MsoNormal>Before</p>"
    "<p class=MsoListParagraphCxSpFirst><span style='x'>·<span>&nbsp;&nbsp; </span></span>First</p>"
    "<p class=MsoListParagraphCxSpLast><span>·<span>&nbsp; </span></span><b>Second</b> thing</p>"
    "<p class=MsoListParagraph><span>1.<span>&nbsp; </span></span>One</p>"
    "<p>Plain 1. words <img src='x.png'></p>"
)


def test_what_is_pasted_from_word_keeps_its_lists_and_tells_of_its_pictures(staff_page, addresses):
    staff_page.goto(addresses["new"])
    editor = staff_page.locator(".ProseMirror").first
    editor.click()
    editor.evaluate(
        """(box, html) => {
            const clipboardData = new DataTransfer();
            clipboardData.setData("text/html", html);
            const how = { clipboardData, bubbles: true, cancelable: true };
            box.dispatchEvent(new ClipboardEvent("paste", how));
        }""",
        FROM_WORD,
    )
    expect(editor.locator("ul > li")).to_have_text(["First", "Second thing"])
    expect(editor.locator("ol > li")).to_have_text(["One"])
    expect(editor.locator("strong")).to_have_text("Second")
    told = staff_page.get_by_text("Texts here do without pictures. Left out: 1")
    expect(told).to_be_visible()


def test_marks_are_sent_along_when_changes_are_asked_for(staff_page, addresses):
    staff_page.goto(addresses["review"])
    staff_page.get_by_label("5 yes").first.check()
    staff_page.get_by_label("What must change, and where").fill("Say how old.")
    staff_page.get_by_role("button", name="Ask for changes").click()
    staff_page.get_by_text("Sent back to the editor with your note.").wait_for()
    sent_back = Guide.objects.get(slug="reviewed").revisions.get()
    assert [(one["question"], one["score"]) for one in sent_back.discern] == [("aims", 5)]
