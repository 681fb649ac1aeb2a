"""The ways through the portal as people go them: a caregiver, an editor and a reviewer, a coordinator."""

import datetime as dt
import re

import pytest
from django.core import mail as letterbox
from playwright.sync_api import Page, expect

from articles.models import Guide
from portal import mail, roles
from portal.models import AuditEvent
from quotes.models import QuoteRequest
from tests import builders
from tests.browser.follow import follow

pytestmark = pytest.mark.browser
PASSWORD = "a long enough password"


def sign_in(page: Page, username: str) -> None:
    page.goto("/admin/")
    page.get_by_label("Username").fill(username)
    page.get_by_label("Password").fill(PASSWORD)
    follow(page.get_by_role("button", name="Log in"))
    expect(page.get_by_role("button", name="Log out")).to_be_visible()


def answer_the_fifteen(page: Page, score: str = "4") -> None:
    """As a reviewer: a score for each question, and the heading that shows it."""
    for scores in page.locator(".scores").all():
        scores.get_by_label(score).check()
    first, *others = page.get_by_label("Where in the text").all()
    first.fill("Key points")
    for where in others:
        where.fill("References")


def carry_on(page: Page) -> None:
    follow(page.get_by_role("button", name="Continue"))


def choose(page: Page, question: str, answer: str) -> None:
    page.locator("fieldset").filter(has_text=question).get_by_label(answer, exact=True).check()


def test_a_daughter_reads_sends_a_request_for_her_mother_and_follows_it(demonstration, page, now):
    page.goto("/")
    follow(page.get_by_role("link", name="Guides").first)
    follow(page.get_by_role("link", name="Stem cell therapy and stroke rehabilitation").first)
    expect(page.get_by_role("heading", level=1)).to_contain_text(
        "Stem cell therapy and stroke rehabilitation"
    )
    follow(page.locator('main a[href^="/treatments/"]', has_text="Mesenchymal").first)
    expect(page.get_by_role("heading", level=1)).to_contain_text("Mesenchymal")
    follow(page.get_by_role("main").get_by_role("link", name=re.compile("free quote", re.IGNORECASE)))
    follow(page.get_by_role("link", name="Begin my request"))

    expect(page.get_by_text("Step 1 of 7")).to_be_visible()
    choose(page, "new signs of a stroke right now?", "No")
    carry_on(page)
    choose(page, "Who is the quote for?", "For somebody else")
    page.get_by_label("How do you know that person?").select_option("I am their daughter or son")
    choose(page, "Does that person know about this request?", "Yes")
    carry_on(page)

    expect(page.get_by_text("Step 3 of 7")).to_be_visible()
    carry_on(page)
    expect(page.get_by_role("alert")).to_be_focused()
    choose(page, "What kind of stroke was it?", "A clot (ischaemic)")
    page.get_by_label("How long ago was the stroke?").fill("2 years and 1 month")
    choose(page, "What does the person have trouble with now?", "Speech or understanding")
    choose(page, "How much help do they need each day?", "Some help")
    carry_on(page)

    page.go_back()
    page.go_forward()
    follow(page.get_by_role("link", name="Back", exact=True))
    page.reload()
    expect(page.get_by_label("How long ago was the stroke?")).to_have_value("2 years and 1 month")
    carry_on(page)

    for question in page.locator(".question-group fieldset").all():
        question.get_by_label("Not sure").check()
    carry_on(page)
    expect(page.get_by_label("Mesenchymal stem cells")).to_be_checked()
    choose(page, "Where would the person go?", "Not sure")
    choose(page, "When?", "Later, or only finding out")
    page.get_by_label("How many people would travel with them?").fill("1")
    carry_on(page)

    page.get_by_label("Your name").fill("Ada Example")
    page.get_by_label("Your e-mail address").fill("ada@home.example")
    page.get_by_label("The country you live in").select_option("United Kingdom")
    choose(page, "How should we contact you?", "E-mail")
    carry_on(page)

    page.get_by_label("I agree to this use of the health answers").check()
    carry_on(page)

    expect(page.get_by_role("main")).to_contain_text("Speech or understanding")
    expect(page.get_by_role("main")).to_contain_text("25 months (2 years and 1 month)")
    expect(page.get_by_role("main")).not_to_contain_text("Time zone")
    follow(page.get_by_role("button", name="Send my request"))
    lead = QuoteRequest.objects.get()
    expect(page.get_by_role("main")).to_contain_text(lead.reference)
    assert (lead.for_whom, lead.relationship, lead.months_since_stroke) == ("other", "child", 25)

    page.goto(link_in_the_letter_to("ada@home.example", lead))
    expect(page.get_by_role("main")).to_contain_text("We have received your request")
    expect(page.get_by_role("main")).to_contain_text("You sent your request")

    referrers: list[str] = []
    page.on("request", lambda request: referrers.append(request.all_headers().get("referer", "")))
    follow(page.get_by_role("link", name="Withdraw my request"))
    follow(page.get_by_role("button", name="Withdraw my request"))
    expect(page.get_by_role("heading", level=1)).to_have_text("You have withdrawn your request")
    assert [referrer for referrer in referrers if "/quote/s/" in referrer] == []


def link_in_the_letter_to(address: str, lead: QuoteRequest) -> str:
    letterbox.outbox.clear()
    mail.deliver_due(lead.submitted_at, worker=builders.WORKER)
    letters = [letter for letter in letterbox.outbox if letter.to == [address]]
    assert len(letters) == 1
    found = re.search(r"https?://\S+/quote/s/\S+", str(letters[0].body))
    assert found is not None
    return found.group(0)


def test_what_an_editor_writes_reaches_readers_only_after_another_has_approved_it(demonstration, new_page):
    builders.staff(roles.EDITOR, username="erin", password=PASSWORD)
    builders.staff(roles.REVIEWER, username="ravi", password=PASSWORD)
    guide = Guide.objects.get(slug="questions-before-you-pay")
    address = guide.get_absolute_url()
    desk = f"/admin/articles/guide/{guide.pk}/change/"
    editor, reviewer, reader = new_page(), new_page(), new_page()
    sign_in(editor, "erin")
    sign_in(reviewer, "ravi")

    editor.goto(desk)
    editor.locator("#id_title").fill("Questions to ask before you pay anybody")
    editor.locator("#id_change_note").fill("Clearer title")
    last = editor.locator(".prose-editor:has(#id_body) .ProseMirror[role=textbox] > *").last
    last.scroll_into_view_if_needed()
    # Behind its last word: a key that moves the caret is forgotten where the editor has just been clicked.
    size = last.bounding_box()
    last.click(position={"x": size["width"] - 4, "y": size["height"] - 6})
    editor.keyboard.press("Enter")
    editor.keyboard.type("Ask for the name of the doctor [@isscr-patients].")
    follow(editor.get_by_role("button", name="Save and submit for review"))
    reader.goto(address)
    expect(reader.get_by_role("heading", level=1)).to_have_text("Questions to ask before you pay")

    reviewer.goto(desk)
    compared = reviewer.locator("details.comparison")
    expect(compared.get_by_text("What changed against the live text")).to_be_visible()
    expect(compared.locator("ins").first).to_have_text("anybody")
    expect(reviewer.get_by_role("link", name="[@isscr-patients]").last).to_be_visible()
    answer_the_fifteen(reviewer)
    reviewer.get_by_label("Note to the editor").fill("Clear and short.")
    follow(reviewer.get_by_role("button", name="Approve"))
    reader.goto(address)
    expect(reader.get_by_role("heading", level=1)).to_have_text("Questions to ask before you pay")

    editor.goto(desk)
    expect(editor.get_by_text("Clear and short.")).to_be_visible()
    editor.locator("#id_summary").fill("Written while publishing.")
    follow(editor.get_by_role("button", name="Publish"))
    expect(editor.get_by_text("Your writing was saved. Published.")).to_be_visible()
    expect(editor.locator("#id_summary")).to_have_value("Written while publishing.")
    reader.goto(address)
    expect(reader.get_by_role("heading", level=1)).to_have_text("Questions to ask before you pay anybody")
    expect(reader.get_by_role("main")).to_contain_text("Ask for the name of the doctor")

    asked: list[str] = []
    editor.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    editor.locator("#id_title").fill("Never saved")
    editor.goto(desk)
    assert asked == ["beforeunload"]


def test_a_coordinator_takes_the_longest_waiting_lead_and_moves_it(transactional_db, new_page, now):
    coordinator = builders.staff(roles.COORDINATOR, username="cora", password=PASSWORD)
    for days in (1, 4, 2):
        builders.lead(now=now - dt.timedelta(days=days))
    lead = QuoteRequest.objects.order_by("submitted_at").first()
    page = new_page()
    sign_in(page, "cora")
    follow(page.locator("#content a", has_text="SL-").first)
    expect(page.get_by_role("heading", level=1)).to_contain_text(lead.reference)
    follow(page.get_by_role("button", name="Take this lead"))
    page.get_by_label("New note").fill("Wrote to ask for the discharge letter.")
    follow(page.get_by_role("button", name="Save the note"))
    follow(page.get_by_role("button", name="Move to “in touch”"))
    expect(page.locator(".lead-facts")).to_contain_text("In touch")
    lead.refresh_from_db()
    assert (lead.stage, lead.assignee, lead.notes.get().text) == (
        "in_touch",
        coordinator,
        "Wrote to ask for the discharge letter.",
    )
    seen = AuditEvent.objects.filter(target_type="quotes.quoterequest", actor_id=coordinator.pk)
    assert set(seen.values_list("action", flat=True)) == {
        "lead.opened",
        "lead.assigned",
        "lead.noted",
        "lead.moved",
    }
