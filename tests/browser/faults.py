from typing import Any

from playwright.sync_api import BrowserContext


def note_faults(visitor: BrowserContext, home: str, faults: list[str]) -> None:
    """Collect what no page may do: complain, raise, ask elsewhere, miss a part, answer 500."""

    def said(message: Any) -> None:
        # Chromium says this of every status above 399, also of a form answered 422; `answered` judges those.
        if message.type == "error" and not message.text.startswith("Failed to load resource"):
            faults.append(f"console: {message.text}")

    def asked(request: Any) -> None:
        if not request.url.startswith((f"{home}/", "data:", "blob:")):
            faults.append(f"asked elsewhere: {request.url}")

    def answered(response: Any) -> None:
        allowed = 499 if response.request.is_navigation_request() else 399
        if response.status > allowed:
            faults.append(f"{response.status}: {response.url}")

    visitor.on("console", said)
    visitor.on("weberror", lambda error: faults.append(f"script: {error.error}"))
    visitor.on("request", asked)
    visitor.on("response", answered)
