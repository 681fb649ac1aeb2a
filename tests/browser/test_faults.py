"""The other browser tests rely on these being seen."""

import pytest

from tests.browser.faults import note_faults

pytestmark = pytest.mark.browser


@pytest.fixture
def watched(browser, live_server):
    """A page at /health/live and the list of what it does wrong."""
    faults = []
    visitor = browser.new_context(base_url=live_server.url, bypass_csp=True)
    note_faults(visitor, live_server.url, faults)
    page = visitor.new_page()
    page.goto("/health/live")
    yield page, faults
    visitor.close()


def until_seen(page, faults):
    """Give the browser up to ten seconds to tell of a fault."""
    for _ in range(200):
        if faults:
            return
        page.wait_for_timeout(50)


def test_a_page_that_behaves_has_no_faults(watched):
    assert watched[1] == []


def test_a_complaint_in_the_console_is_a_fault(watched):
    page, faults = watched
    page.evaluate("console.error('broken')")
    until_seen(page, faults)
    assert faults == ["console: broken"]


def test_an_error_in_a_script_is_a_fault(watched):
    page, faults = watched
    page.evaluate("setTimeout(() => { throw new Error('broken') })")
    until_seen(page, faults)
    assert faults == ["script: broken"]


def test_a_request_to_anybody_else_is_a_fault(watched):
    page, faults = watched
    page.evaluate("fetch('http://127.0.0.1:9/spy', {mode: 'no-cors'}).catch(() => {})")
    until_seen(page, faults)
    assert faults == ["asked elsewhere: http://127.0.0.1:9/spy"]


def test_a_missing_part_of_a_page_is_a_fault(watched, live_server):
    page, faults = watched
    page.evaluate("fetch('/static/missing.css')")
    until_seen(page, faults)
    assert faults == [f"404: {live_server.url}/static/missing.css"]


def test_a_page_that_is_not_there_is_none(watched):
    page, faults = watched
    assert page.goto("/static/missing").status == 404
    assert faults == []
