import datetime as dt
import json

from hypothesis import given
from hypothesis import strategies as st

from articles.structured_data import as_json, breadcrumbs, medical_page, questions_answered

PAGE = {
    "title": "Risks",
    "summary": "What can go wrong.",
    "url": "https://portal.example/guides/risks/",
    "language": "en-gb",
    "site_name": "Portal",
    "site_url": "https://portal.example",
}


def test_a_reviewed_page_says_by_whom_and_when():
    page = medical_page(
        **PAGE,
        published_on=dt.date(2026, 11, 20),
        changed_on=dt.date(2026, 11, 20),
        checked_on=dt.date(2026, 11, 19),
        author="E. Editor",
        reviewer="Dr R. Reviewer",
        audience="caregivers",
        citations=["A trial"],
    )
    assert page == {
        "@type": "MedicalWebPage",
        "@id": "https://portal.example/guides/risks/",
        "url": "https://portal.example/guides/risks/",
        "name": "Risks",
        "headline": "Risks",
        "description": "What can go wrong.",
        "inLanguage": "en-gb",
        "isAccessibleForFree": True,
        "about": {"@type": "MedicalCondition", "name": "Stroke"},
        "audience": [{"@type": "MedicalAudience", "audienceType": "Caregiver"}],
        "publisher": {"@type": "Organization", "name": "Portal", "url": "https://portal.example"},
        "datePublished": "2026-11-20",
        "dateModified": "2026-11-20",
        "lastReviewed": "2026-11-19",
        "author": {"@type": "Person", "name": "E. Editor"},
        "reviewedBy": {"@type": "Person", "name": "Dr R. Reviewer", "jobTitle": "Medical reviewer"},
        "citation": ["A trial"],
    }


def test_what_is_not_known_is_not_said():
    assert not {"lastReviewed", "reviewedBy", "author", "datePublished", "citation"} & set(
        medical_page(**PAGE)
    )


def test_breadcrumbs_are_numbered():
    assert breadcrumbs([("Home", "https://p.example/"), ("Guides", "https://p.example/guides/")]) == {
        "@type": "BreadcrumbList",
        "itemListElement": [
            {"@type": "ListItem", "position": 1, "name": "Home", "item": "https://p.example/"},
            {"@type": "ListItem", "position": 2, "name": "Guides", "item": "https://p.example/guides/"},
        ],
    }


@given(st.text() | st.just("</script><script>alert(1)</script>&<!--"))
def test_no_text_ends_the_element_and_none_is_lost(text):
    written = as_json(medical_page(**PAGE | {"summary": text}))
    assert not set("<>&") & set(written)
    assert json.loads(written)["@graph"][0]["description"] == text


def test_a_text_that_answers_two_questions_says_so():
    assert questions_answered({"Is it safe?": "Nobody knows.", "What does it cost?": "Much."}) == [
        {
            "@type": "FAQPage",
            "mainEntity": [
                {
                    "@type": "Question",
                    "name": "Is it safe?",
                    "acceptedAnswer": {"@type": "Answer", "text": "Nobody knows."},
                },
                {
                    "@type": "Question",
                    "name": "What does it cost?",
                    "acceptedAnswer": {"@type": "Answer", "text": "Much."},
                },
            ],
        }
    ]


def test_one_question_is_no_list_of_them():
    assert questions_answered({"Is it safe?": "Nobody knows."}) == []
