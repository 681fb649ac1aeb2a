"""What machines are told about a page: schema.org as plain dictionaries. Pure.

The JSON-LD stands in the page because no search engine follows a link to it. It is data: a browser does not
run it, and the content policy, which forbids inline scripts, leaves it alone.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.utils.safestring import SafeString, mark_safe

Thing = dict[str, Any]

STROKE = {"@type": "MedicalCondition", "name": "Stroke"}
READERS = {"patients": ["Patient"], "caregivers": ["Caregiver"], "everyone": ["Patient", "Caregiver"]}
# "</script>" inside a text would end the element; these three cannot occur then.
ESCAPES = (("<", "\\u003C"), (">", "\\u003E"), ("&", "\\u0026"))


def medical_page(
    *,
    title: str,
    summary: str,
    url: str,
    language: str,
    site_name: str,
    site_url: str,
    published_on: dt.date | None = None,
    changed_on: dt.date | None = None,
    checked_on: dt.date | None = None,
    author: str = "",
    reviewer: str = "",
    audience: str = "everyone",
    citations: Iterable[str] = (),
) -> Thing:
    """A page of medical information. Leave out the review where no clinician has done one."""
    page = {
        "@type": "MedicalWebPage",
        "@id": url,
        "url": url,
        "name": title,
        "headline": title[:110],
        "description": summary,
        "inLanguage": language,
        "isAccessibleForFree": True,
        "about": STROKE,
        "audience": [{"@type": "MedicalAudience", "audienceType": kind} for kind in READERS[audience]],
        "publisher": {"@type": "Organization", "name": site_name, "url": site_url},
        "datePublished": _day(published_on),
        "dateModified": _day(changed_on),
        "lastReviewed": _day(checked_on),
        "author": _person(author),
        "reviewedBy": _person(reviewer, "Medical reviewer"),
        "citation": list(citations),
    }
    return {name: value for name, value in page.items() if value not in (None, [])}


def breadcrumbs(trail: Sequence[tuple[str, str]]) -> Thing:
    """The way to a page: (name, full address), from the home page on."""
    return {
        "@type": "BreadcrumbList",
        "itemListElement": [
            {"@type": "ListItem", "position": position, "name": name, "item": url}
            for position, (name, url) in enumerate(trail, 1)
        ],
    }


def questions_answered(answers: Mapping[str, str]) -> list[Thing]:
    """A text that answers at least two questions, as such: what is asked, and the beginning of the answer."""
    asked = [
        {"@type": "Question", "name": question, "acceptedAnswer": {"@type": "Answer", "text": answer}}
        for question, answer in answers.items()
    ]
    return [{"@type": "FAQPage", "mainEntity": asked}] if len(asked) > 1 else []


def as_json(*things: Mapping[str, Any]) -> SafeString:
    """The things as one JSON-LD text that may stand inside a <script> element."""
    graph = {"@context": "https://schema.org", "@graph": things}
    text = json.dumps(graph, ensure_ascii=False, separators=(",", ":"))
    for sign, instead in ESCAPES:
        text = text.replace(sign, instead)
    return mark_safe(text)  # noqa: S308 - the three signs that could end it are escaped


def _day(day: dt.date | None) -> str | None:
    return day.isoformat() if day else None


def _person(name: str, role: str = "") -> Thing | None:
    """Somebody by the name that readers see, and in which role."""
    if not name:
        return None
    return {"@type": "Person", "name": name} | ({"jobTitle": role} if role else {})
