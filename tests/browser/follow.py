from playwright.sync_api import Locator


def follow(control: Locator) -> None:
    """Press a link or a button, and wait until the page it leads to stands.

    A click alone returns as soon as the next page has begun; Back, reload or a look at the page may then
    meet a page that is neither the old one nor the new.
    """
    with control.page.expect_navigation(wait_until="load"):
        control.click()
