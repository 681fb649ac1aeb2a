import pytest
from hypothesis import given
from hypothesis import strategies as st

from articles.body import MOST_HEADINGS, render
from articles.quality import Problem, blocking, problems

GOOD = {
    "title": "Risks in plain words",
    "summary": "What can go wrong.",
    "key_points": ["One.", "Two.", "Three."],
    "questions": ["Who?", "What?", "When?"],
    "change_note": "",
}
BODY = "<h2>The risks</h2><p>Two of 23 people died [@pisces-2].</p>"


def found(body=BODY, **changes):
    return problems(GOOD | changes, render(body, sources={"pisces-2"}))


def codes(*args, **changes):
    return [(problem.code, problem.severity, problem.place) for problem in found(*args, **changes)]


def test_a_good_text_has_no_problems():
    assert found() == []


@pytest.mark.parametrize(
    ("name", "place"), [("title", "The title"), ("summary", "The summary"), ("key_points", "The key points")]
)
def test_missing_parts_block(name, place):
    assert codes(**{name: [] if name == "key_points" else ""}) == [(f"no_{name}", "blocking", place)]


def test_a_treatment_needs_its_facts():
    assert codes(cell_type="", donor="", route="") == [
        ("no_cell_type", "blocking", "Cell type"),
        ("no_donor", "blocking", "Own or donor cells"),
        ("no_route", "blocking", "How given"),
    ]


def test_no_text_blocks_once():
    assert codes("") == [("no_body", "blocking", "The text")]


def test_an_unknown_citation_blocks_and_is_placed():
    assert found("<h2>A</h2><p>x [@pisces-2]</p><h2>B</h2><p>y [@nobody]</p>") == [
        Problem("unknown_citation", "blocking", "There is no source with the key “nobody”.", "Under “B”")
    ]


def test_a_text_without_any_citation_blocks():
    assert codes("<p>Words.</p>") == [("no_citation", "blocking", "The text")]


@pytest.mark.parametrize("slip", ["[@pisces 2]", "[@]", "[@pisces-2", "[@a;b]"])
def test_a_broken_citation_blocks(slip):
    assert codes(f"<p>x [@pisces-2]. y {slip}</p>") == [
        ("broken_citation", "blocking", "The beginning of the text")
    ]


def test_a_citation_beside_the_text_blocks():
    assert codes(key_points=["a [@pisces-2]", "b", "c"]) == [
        ("citation_outside_text", "blocking", "Key point 1")
    ]


def test_a_small_heading_first_blocks():
    assert codes("<h3>Small</h3><p>x [@pisces-2]</p><h2>Big</h2><h3>Small too</h3><p>y</p>") == [
        ("heading_order", "blocking", "Under “Small”")
    ]


def test_more_headings_than_anybody_reads_block():
    assert codes("<h2>a</h2>" * MOST_HEADINGS + "<p>x [@pisces-2]</p>") == []
    assert codes("<h2>a</h2>" * (MOST_HEADINGS + 1) + "<p>x [@pisces-2]</p>") == [
        ("too_many_headings", "blocking", "The text")
    ]


@pytest.mark.parametrize(
    "words",
    [
        "a cure",
        "Cured",
        "break-through",
        "100% safe",
        "100 % safe",
        "No  risk",
        "risk-free",
        "guaranteed",
        "results are permanent",
        "miracle",
        "revolutionary",
        "success stories",
        "available treatment",
    ],
)
def test_forbidden_words_block_wherever_they_stand(words):
    assert codes(f"<h2>Hope</h2><p>It is {words} [@pisces-2].</p>") == [
        ("forbidden_words", "blocking", "Under “Hope”")
    ]
    assert codes(summary=f"It is {words}.") == [("forbidden_words", "blocking", "The summary")]


@pytest.mark.parametrize("words", ["secure", "known risk", "procure", "incurable", "guarantor"])
def test_other_words_pass(words):
    assert found(summary=words) == []


def test_a_forbidden_word_says_what_to_write_instead():
    assert found(questions=["Is it a miracle?", "b", "c"]) == [
        Problem(
            "forbidden_words",
            "blocking",
            "“miracle” promises more than is known. Say what was seen, and how often.",
            "Question 1",
        )
    ]


def test_few_key_points_or_questions_are_a_warning():
    few = found(key_points=["One."], questions=[])
    assert [(problem.code, problem.severity) for problem in few] == [
        ("few_key_points", "warning"),
        ("few_questions", "warning"),
    ]
    assert blocking(few) == []


@pytest.mark.parametrize(
    ("part", "number", "expected"),
    [
        ("key_points", 0, ["no_key_points"]),
        ("key_points", 1, ["few_key_points"]),
        ("key_points", 2, ["few_key_points"]),
        ("key_points", 3, []),
        ("questions", 0, ["few_questions"]),
        ("questions", 2, ["few_questions"]),
        ("questions", 3, []),
    ],
)
def test_three_are_enough(part, number, expected):
    assert [problem.code for problem in found(**{part: ["Words."] * number})] == expected


@given(st.text(), st.text(), st.lists(st.text()))
def test_no_text_stops_the_checks(body, title, lines):
    problems({"title": title, "key_points": lines, "questions": lines}, render(body, sources=()))
