"""A benefit reaches readers with its evidence said and the harms beside it, or not at all."""

import pytest
from playwright.sync_api import Page, expect

from portal import roles
from tests import builders
from tests.browser.follow import follow
from tests.browser.test_journeys import PASSWORD, answer_the_fifteen, sign_in

pytestmark = pytest.mark.browser
BENEFIT = "Some people moved their arm a little better."
CAVEAT = "The trial missed its main measure."
MISSED = (
    "Claim 1: Every trial under this benefit missed its main measure: trial-1. "
    "Say so beside the claim in at least four words, "
    "or cite a trial that compared people and met its main measure."
)


def claim(page: Page, number: int, **written: str) -> None:
    """Write into one row of the form, by the names of its boxes."""
    row = page.locator(f"#claim-{number}")
    if not row.is_visible():
        page.locator("details:not([open])", has=row).locator("> summary").click()
    for box, words in written.items():
        control = row.locator(f"[name$='-{box}']")
        is_list = control.evaluate("control => control.tagName") == "SELECT"
        control.select_option(words) if is_list else control.fill(words)


def submit(page: Page) -> None:
    follow(page.get_by_role("button", name="Save and submit for review"))


def refusal(page: Page) -> list[str]:
    return page.get_by_role("alert").get_by_role("listitem").all_inner_texts()


def test_a_benefit_without_evidence_is_refused_until_it_is_mended_and_reviewed(
    transactional_db, new_page, now
):
    treatment = builders.treatment("neural", now=now)
    erin = builders.staff(roles.EDITOR, username="erin", password=PASSWORD)
    builders.staff(roles.REVIEWER, username="ravi", password=PASSWORD)
    builders.draft(treatment, by=erin, now=now)
    desk = f"/admin/articles/treatment/{treatment.pk}/change/"
    editor, reviewer, reader = new_page(), new_page(), new_page()
    sign_in(editor, "erin")

    editor.goto(desk)
    claim(editor, 1, direction="benefit", how_sure="low", sentence=BENEFIT)
    submit(editor)
    assert refusal(editor) == [
        "The claims: It names a benefit and no harm. "
        "Add a claim that says what can go wrong, with its source.",
        "Claim 1: It has no source. Choose the source that shows it, or take the claim out.",
    ]
    editor.get_by_role("alert").get_by_role("link", name="Claim 1: It has no source.").click()
    expect(editor.locator("#claim-1")).to_be_in_viewport()

    claim(editor, 1, sources="trial-1")
    claim(editor, 2, direction="harm", how_sure="low", sentence="Two of 23 people died.", sources="trial-1")
    submit(editor)
    assert refusal(editor) == [MISSED]
    assert reader.goto(treatment.get_absolute_url()).status == 404

    claim(editor, 1, caveat=CAVEAT)
    submit(editor)
    expect(editor.get_by_text("Saved and submitted for review.")).to_be_visible()

    sign_in(reviewer, "ravi")
    reviewer.goto(desk)
    follow(reviewer.get_by_role("button", name="Approve"))
    assert refusal(reviewer)[0] == "Is it clear what the text is for? Give a score from 1 to 5."
    answer_the_fifteen(reviewer)
    follow(reviewer.get_by_role("button", name="Approve"))
    expect(reviewer.get_by_text("Approved.")).to_be_visible()

    editor.goto(desk)
    follow(editor.get_by_role("button", name="Publish"))
    reader.goto(treatment.get_absolute_url())
    expect(reader.get_by_role("main")).to_contain_text(BENEFIT)
    expect(reader.get_by_role("main")).to_contain_text(CAVEAT)
