"""What a page says, read from its HTML."""

import re
from typing import Any

from lxml import html


def text_of(response: Any) -> str:
    """All its words, on one line."""
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def parts(response: Any, css: str) -> list[str]:
    """The words of each element that fits, on one line each."""
    tree = html.fromstring(response.content.decode())
    return [" ".join(" ".join(element.itertext()).split()) for element in tree.cssselect(css)]


def links(response: Any, css: str = "a") -> list[str]:
    """Where the links that fit lead to."""
    return [element.get("href") for element in html.fromstring(response.content.decode()).cssselect(css)]
