"""A real Chromium before a real server. A page that complains, or asks anybody else, fails its test."""

import os
import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.browser.faults import note_faults

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
# Nothing that a page did not ask for leaves the machine.
SWITCHES = [
    "--no-sandbox",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE = 30_000  # milliseconds; only a page that never comes uses them up
HOW_TO = "Chromium is not on this machine: install it with `apt-get install chromium`, then test again"

OpenPage = Callable[..., Page]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for the whole run."""
    if not CHROMIUM:
        pytest.fail(HOW_TO) if os.environ.get("CI") == "true" else pytest.skip(HOW_TO)
    # Playwright leaves its event loop marked as running in this thread, and Django then takes the
    # tests' own queries for queries inside that loop. They are not: nothing here is asynchronous.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    playwright = sync_playwright().start()
    expect.set_options(timeout=PATIENCE)
    chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=SWITCHES)
    yield chromium
    chromium.close()
    playwright.stop()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def new_page(browser: Browser, transactional_db: None, live_server: Any, settings: Any) -> Iterator[OpenPage]:
    """Opens pages with `new_page(color_scheme="dark", viewport={...})`, each a visitor of its own."""
    settings.SITE_URL = live_server.url  # so that the link in a letter leads to the server of this test
    visitors: list[BrowserContext] = []
    faults: list[str] = []

    def open_page(**options: Any) -> Page:
        visitor = browser.new_context(
            **{"base_url": live_server.url, "locale": "en-GB", "timezone_id": "Europe/London"} | options
        )
        visitor.set_default_timeout(PATIENCE)
        note_faults(visitor, live_server.url, faults)
        visitors.append(visitor)
        return visitor.new_page()

    yield open_page
    for visitor in visitors:
        visitor.close()
    assert faults == []


@pytest.fixture
def page(new_page: OpenPage) -> Page:
    """One visitor on an ordinary screen."""
    return new_page()


@pytest.fixture
def violations() -> Callable[[Page], list[str]]:
    """`violations(page)`: which accessibility rules the page breaks, and where."""

    def run(page: Page) -> list[str]:
        return [
            f"{rule['id']}: {node['html'][:200]}"
            # Without preload: axe would copy imported stylesheets into the page, which our policy forbids.
            for rule in Axe()
            .run(page, options={"preload": False, "resultTypes": ["violations"]})
            .response["violations"]
            for node in rule["nodes"]
        ]

    return run
