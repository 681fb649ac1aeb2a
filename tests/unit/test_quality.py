import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from articles.body import MOST_HEADINGS, render
from articles.checks.of_text import LONGEST_LINK
from articles.checks.quality import Evidence, Known, Problem, blocking, problems, review_date
from articles.checks.statements import lacking, shows_it, weakness
from tests import builders
from tests.hostile import HOSTILE

GOOD = {
    "title": "Risks in plain words",
    "summary": "What can go wrong.",
    "key_points": ["One.", "Two.", "Three."],
    "questions": ["Who?", "What?", "When?"],
    "change_note": "",
}
BODY = "<h2>The risks</h2><p>Two of 23 people died [@pisces-2].</p>"


TRIAL = Evidence("trial", control="none", main_measure="missed")
TREATMENT = {"cell_type": "nerve cells", "donor": "donor", "route": "surgery", "approval": "Nowhere."}


TOLD = BODY + "<h2>Without it</h2><p>A.</p><h2>Other ways</h2><p>B.</p><h2>Not known</h2><p>C.</p>"
PARTS_TOLD = {
    "parts": {"without_treatment": "Without it", "alternatives": "Other ways", "not_known": "Not known"}
}


def found(body=BODY, known=None, **changes):
    """The problems of a good guide with these changes."""
    knows = {"sources": {"pisces-2": TRIAL}} | (known or {})
    return problems(GOOD | {"body": body} | changes, render(body, sources=knows["sources"]), Known(**knows))


def codes(*args, **changes):
    return [(problem.code, problem.severity, problem.place) for problem in found(*args, **changes)]


def test_a_good_text_has_no_problems():
    assert found() == []


@pytest.mark.parametrize(
    ("name", "place"), [("title", "The title"), ("summary", "The summary"), ("key_points", "The key points")]
)
def test_missing_parts_block(name, place):
    assert codes(**{name: [] if name == "key_points" else ""}) == [(f"no_{name}", "blocking", place)]


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("cell_type", "Cell type"),
        ("donor", "Own or donor cells"),
        ("route", "How given"),
        ("approval", "Where it is approved"),
    ],
)
def test_a_treatment_with_cells_needs_its_facts(name, place):
    content = PARTS_TOLD | TREATMENT | {name: ""}
    assert codes(TOLD, known={"with_cells": True}, **content) == [(f"no_{name}", "blocking", place)]


def test_another_way_than_cells_needs_no_facts_of_cells():
    assert codes(known={"is_treatment": True}, cell_type="", donor="", route="", approval="") == []


def test_no_text_blocks_once():
    assert codes("") == [("no_body", "blocking", "The text")]


def test_an_unknown_citation_blocks_and_is_placed():
    assert found("<h2>A</h2><p>x [@pisces-2]</p><h2>B</h2><p>y [@nobody]</p>") == [
        Problem(
            "unknown_citation",
            "blocking",
            "There is no source with the key “nobody”.",
            "Under “B”",
            "Write the key of a record of the list, or add the record first.",
        )
    ]


def test_a_text_without_any_citation_blocks():
    assert codes("<p>Words.</p>") == [("no_citation", "blocking", "The text")]


@pytest.mark.parametrize("slip", ["[@pisces 2]", "[@]", "[@pisces-2", "[@a;b]"])
def test_a_broken_citation_blocks(slip):
    assert codes(f"<p>x [@pisces-2]. y {slip}</p>") == [
        ("broken_citation", "blocking", "The beginning of the text")
    ]


@pytest.mark.parametrize(
    ("html", "finding"),
    [
        ("<p>· First thing</p>", ("typed_bullet", "A line begins with “·”: “· First thing”")),
        ("<p>•First</p>", ("typed_bullet", "A line begins with “•”: “•First”")),
        (
            "<p>It is so [1]. And so [1].</p>",
            ("typed_footnote", "The mark “[1]” leads readers to no source."),
        ),
    ],
)
def test_what_a_word_processor_leaves_of_lists_and_footnotes_is_a_warning(html, finding):
    (problem,) = found(f"{BODY}<h2>More</h2>{html}")
    assert (problem.severity, problem.place) == ("warning", "Under “More”")
    assert (problem.code, problem.message) == finding


def test_a_list_a_year_in_brackets_and_a_dot_in_the_middle_pass():
    assert found(f"{BODY}<ul><li>First</li></ul><p>It is so [see above]. A · b.</p>") == []


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
            "“miracle” promises more than is known.",
            "Question 1",
            "Say what was seen, and how often.",
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


# --- Claims -------------------------------------------------------------------------------------

HARM = builders.written_claim(sources=["missed"])
NAMED = {"group": "usual care"}
BENEFIT = builders.written_claim(direction="benefit", sentence="More could walk.", sources=["met"])
FACTS = {
    "met": Evidence("trial", control="placebo", main_measure="met"),
    "missed": Evidence("trial", control="placebo", main_measure="missed"),
    "open": Evidence("trial", control="none", main_measure="no_control"),
    "open-missed": Evidence("trial", control="none", main_measure="missed"),
    "unreported": Evidence("trial", control="sham", main_measure="not_reported"),
    "review": Evidence("review"),
    "review-of-open": Evidence("review", control="none"),
    "guideline": Evidence("guideline"),
    "regulator": Evidence("regulator"),
    "case": Evidence("case_report"),
    "gone": Evidence("trial", control="placebo", main_measure="met", state="retracted"),
}


def about_claims(*claims):
    """The problems of a treatment's page with these claims: (code, place)."""
    found = problems(
        GOOD | {"body": TOLD, "claims": list(claims)} | PARTS_TOLD,
        render(TOLD, sources={"pisces-2"}),
        Known(sources=FACTS | {"pisces-2": TRIAL}, is_treatment=True),
    )
    return [(problem.code, problem.place) for problem in found if problem.severity == "blocking"]


def test_good_claims_are_no_findings():
    assert about_claims(HARM, BENEFIT) == []


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"sentence": ""}, "claim_without_sentence"),
        ({"direction": ""}, "claim_without_direction"),
        ({"how_sure": ""}, "claim_without_how_sure"),
        ({"sources": []}, "claim_without_source"),
        ({"sources": ["missed", "nobody"]}, "unknown_citation"),
        ({"count": 2, "of": None}, "claim_figures_incomplete"),
        ({"count": None, "of": 23}, "claim_figures_incomplete"),
        ({"count": "2 of 23", "of": None}, "claim_figure_unreadable"),
        ({"count": 2, "of": "23 or so"}, "claim_figure_unreadable"),
        ({"other": "placebo", "other_count": 1, "other_of": "?"} | NAMED, "claim_figure_unreadable"),
        ({"count": 13, "of": 12}, "claim_figures_impossible"),
        ({"count": 0, "of": 0}, "claim_figures_impossible"),
        ({"other": "placebo", "other_count": 1} | NAMED, "claim_figures_incomplete"),
        ({"other": "placebo", "other_count": 13, "other_of": 12} | NAMED, "claim_figures_impossible"),
        ({"other_count": 1, "other_of": 2} | NAMED, "claim_other_group"),
        (
            {"count": None, "of": None, "other": "x", "other_count": 1, "other_of": 2} | NAMED,
            "claim_other_group",
        ),
        ({"sentence": "It is a miracle."}, "forbidden_words"),
        ({"caveat": "Risk-free."}, "forbidden_words"),
        ({"group": "a miracle drip"}, "forbidden_words"),
        ({"sentence": "Two died [@missed]."}, "citation_outside_text"),
    ],
)
def test_a_claim_that_is_not_whole_blocks_at_its_place(changes, code):
    assert about_claims(HARM, HARM | changes) == [(code, "Claim 2")]


def test_how_sure_is_not_asked_of_what_nobody_knows():
    unknown = HARM | {"direction": "not_known", "how_sure": ""}
    assert about_claims(HARM, unknown) == []


TWO_GROUPS = HARM | {"other": "cells", "other_count": 1, "other_of": 22}


@pytest.mark.parametrize(
    ("known", "found"),
    [
        ({"is_treatment": True, "with_cells": True}, []),
        ({"is_treatment": True}, ["claim_first_group"]),
        ({"treatments": {1}}, []),
        ({"treatments": {1}, "other_ways": {1}}, ["claim_first_group"]),
    ],
)
def test_where_it_is_not_about_cells_the_first_of_two_groups_is_named(known, found):
    def about_groups(claim):
        content = GOOD | {"body": TOLD, "claims": [claim | {"treatment": 1}]} | PARTS_TOLD
        knows = Known(sources=FACTS | {"pisces-2": TRIAL}, **known)
        checked = problems(content, render(TOLD, sources={"pisces-2"}), knows)
        return [problem.code for problem in checked if problem.code.endswith("_group")]

    assert about_groups(TWO_GROUPS) == found
    assert about_groups(TWO_GROUPS | {"group": "a placebo instead of cells"}) == []


def test_a_guide_says_of_which_treatment_a_claim_speaks():
    content = PARTS_TOLD | {"claims": [HARM | {"treatment": 1}, HARM | {"treatment": 2}, HARM]}
    knows = {"treatments": {1: "Cells"}, "sources": FACTS | {"pisces-2": TRIAL}}
    assert codes(TOLD, known=knows, **content) == [
        ("claim_without_treatment", "blocking", "Claim 2"),
        ("claim_without_treatment", "blocking", "Claim 3"),
    ]


@pytest.mark.parametrize(
    "sources",
    [["met"], ["met", "missed"], ["review"], ["guideline"], ["review", "regulator"], ["open", "met"]],
)
def test_a_benefit_may_stand_on_what_shows_it(sources):
    assert about_claims(HARM, BENEFIT | {"sources": sources}) == []


@pytest.mark.parametrize(
    ("sources", "words"),
    [
        (["missed"], "Every trial under this benefit missed its main measure: missed."),
        (["review-of-open"], "Nothing under this benefit had a control group: review-of-open."),
        (["open"], "Nothing under this benefit had a control group: open."),
        (
            ["missed", "regulator"],
            "Every trial under this benefit missed its main measure: missed, regulator.",
        ),
        (
            ["missed", "open"],
            "Each trial under this benefit missed its main measure or had no control group: missed, open.",
        ),
        (
            ["open-missed"],
            "Each trial under this benefit missed its main measure or had no control group: open-missed.",
        ),
        (
            ["unreported", "missed"],
            "No trial under this benefit has been recorded as meeting its main measure: unreported, missed.",
        ),
    ],
)
def test_a_benefit_that_its_evidence_does_not_show_says_so_beside_it(sources, words):
    benefit = BENEFIT | {"sources": sources}
    content = PARTS_TOLD | {"claims": [benefit, HARM]}
    knows = {"is_treatment": True, "sources": FACTS | {"pisces-2": TRIAL}}
    assert found(TOLD, known=knows, **content) == [
        Problem(
            "benefit_unsaid_weakness",
            "blocking",
            words,
            "Claim 1",
            "Say so beside the claim in at least four words,"
            " or cite a trial that compared people and met its main measure.",
        )
    ]
    assert about_claims(benefit | {"caveat": "It was not shown."}, HARM) == []


@pytest.mark.parametrize("caveat", ["x", "-", "Not shown.", "It is weak", "a, - / b"])
def test_what_is_said_beside_a_weak_benefit_is_a_sentence(caveat):
    benefit = BENEFIT | {"sources": ["missed"], "caveat": caveat}
    assert about_claims(benefit, HARM) == [("benefit_unsaid_weakness", "Claim 1")]


@pytest.mark.parametrize(
    ("sources", "told"),
    [
        (["met"], ""),
        (["review"], ""),
        (["missed", "met"], ""),
        (["missed"], "The trials under this missed the goal that they had set themselves."),
        (["open"], "Nothing under this had a comparison group."),
        (
            ["missed", "open"],
            "The trials under this missed the goal that they had set themselves or had no comparison group.",
        ),
        (["unreported"], "No trial under this is known to have met the goal that it had set itself."),
        ([], "No trial under this is known to have met the goal that it had set itself."),
    ],
)
def test_readers_are_told_what_the_sources_of_a_benefit_lack(sources, told):
    assert lacking(sources, FACTS) == told


CONTROLS = ("placebo", "sham", "usual_care", "none", "not_applicable")
MEASURES = ("met", "missed", "not_reported", "no_control", "not_applicable")
EVIDENCE = st.builds(
    Evidence,
    st.sampled_from(["trial", "review", "guideline", "regulator", "registry"]),
    st.sampled_from(CONTROLS),
    st.sampled_from(MEASURES),
)


@given(st.lists(EVIDENCE, max_size=4))
def test_what_the_checks_let_pass_the_database_lets_pass(evidence):
    """The database refuses a weak benefit without a caveat; the checks never leave one to it."""
    facts = {f"source-{number}": fact for number, fact in enumerate(evidence)}
    assert not (shows_it(facts, facts) and weakness(facts, facts))


@pytest.mark.parametrize("sources", [["regulator"], ["case", "regulator"]])
def test_what_compares_nobody_backs_no_benefit_whatever_is_said(sources):
    benefit = BENEFIT | {"sources": sources, "caveat": "It was not shown."}
    assert about_claims(HARM, benefit) == [("benefit_not_backed", "Claim 2")]


def test_a_retracted_source_backs_no_benefit_beside_others():
    benefit = BENEFIT | {"sources": ["met", "gone"]}
    assert about_claims(HARM, benefit) == [("benefit_retracted", "Claim 2")]


def of_treatments(*claims):
    knows = {"treatments": {1: "Nerve cells", 2: "Practice"}, "sources": FACTS | {"pisces-2": TRIAL}}
    content = PARTS_TOLD | {"claims": list(claims)}
    return [problem.message for problem in found(TOLD, known=knows, **content)]


def test_a_harm_of_another_treatment_does_not_stand_for_ones_own():
    of_cells, of_practice = BENEFIT | {"treatment": 1}, BENEFIT | {"treatment": 2}
    harm = HARM | {"treatment": 2}
    assert of_treatments(of_cells, of_cells, of_practice, harm) == [
        "It names a benefit of “Nerve cells” and no harm of it."
    ]
    assert of_treatments(of_cells, of_practice, harm, HARM | {"treatment": 1}) == []


def test_problems_come_in_the_order_of_the_page_and_each_once():
    body = (
        "<h2>A</h2><p>It is a miracle [@pisces-2].</p><h2>B</h2><p>A miracle, a miracle. 12 people died.</p>"
    )
    assert codes(body, title="A miracle", questions=["A miracle?", "b"], summary="") == [
        ("forbidden_words", "blocking", "The title"),
        ("no_summary", "blocking", "The summary"),
        ("forbidden_words", "blocking", "Under “A”"),
        ("uncited_number", "blocking", "Under “B”"),
        ("forbidden_words", "blocking", "Under “B”"),
        ("few_questions", "warning", "Questions to ask"),
        ("forbidden_words", "blocking", "Question 1"),
    ]


def test_benefits_without_harms_block():
    assert about_claims(BENEFIT) == [("benefits_without_harms", "The claims")]


def praise(body, **more):
    return [code for code in codes(body, **more) if code[0] == "praise_without_harms"]


def test_a_text_that_says_that_cells_help_and_names_no_harm_is_for_two_people_to_see():
    told = [("praise_without_harms", "warning", "Under “A”")]
    assert praise("<h2>A</h2><p>The cells helped most people [@one]. Cells work.</p>") == told
    assert praise("<h2>A</h2><p>The cells helped most people [@one].</p>", claims=[HARM]) == []


@pytest.mark.parametrize(
    "words",
    [
        "No trial has shown that cells help.",
        "Whether cells help is being studied.",
        "Do cells help?",
        "The clinic says that its cells work, and that is a claim.",
        "A wheelchair helps on the way to the airport.",
        "Cells are given through a thin tube.",
    ],
)
def test_an_honest_account_of_cells_needs_no_harm(words):
    assert praise(f"<h2>A</h2><p>{words}</p>") == []


# --- Parts --------------------------------------------------------------------------------------


def told(body=TOLD, known=None, **parts):
    return codes(body, known or {"with_cells": True}, parts=PARTS_TOLD["parts"] | parts, **TREATMENT)


def test_a_treatment_with_cells_tells_every_part():
    assert told() == []
    assert told(not_known="", alternatives="") == [
        ("missing_part", "blocking", "What else there is"),
        ("missing_part", "blocking", "What is not known"),
    ]


def test_a_text_with_claims_tells_every_part_and_has_questions():
    knows = {"is_treatment": True, "sources": FACTS | {"pisces-2": TRIAL}}
    assert codes(known=knows, claims=[HARM], questions=[]) == [
        ("missing_part", "blocking", "What happens without the treatment"),
        ("missing_part", "blocking", "What else there is"),
        ("missing_part", "blocking", "What is not known"),
        ("few_questions", "blocking", "Questions to ask"),
    ]


def test_a_part_is_under_a_heading_of_the_text_that_has_words():
    assert told(not_known="Nowhere") == [("part_without_heading", "blocking", "What is not known")]
    assert told(TOLD + "<h2>Bare</h2>", not_known="Bare") == [
        ("part_without_words", "blocking", "What is not known")
    ]
    assert told(TOLD + "<h2>Bare</h2><h3>Small</h3><p>Words.</p>", not_known="bare") == []


# --- Numbers, sources, links --------------------------------------------------------------------

UNCITED = "<h2>A</h2><p>x [@pisces-2]</p><h2>B</h2>"


@pytest.mark.parametrize(
    ("html", "finding"),
    [
        ("<p>It is so. Two of 23 people died.</p>", "uncited_number"),
        ("<ul><li>Two of 23 people died.</li><li>x [@pisces-2]</li></ul>", "uncited_number"),
        (
            "<table><tr><td>Who [@pisces-2]</td></tr><tr><td>2 of 23</td></tr></table>",
            "uncited_number",
        ),
        ("<p>The score rose by 12.1 points.</p>", "number_to_check"),
    ],
)
def test_a_number_without_a_source_is_found_where_it_stands(html, finding):
    severity = "blocking" if finding == "uncited_number" else "warning"
    assert codes(UNCITED + html) == [(finding, severity, "Under “B”")]


@pytest.mark.parametrize(
    "html",
    [
        "<p>Two of 23 people died. It is so [@pisces-2].</p>",
        "<p>Of them [@pisces-2]:</p><ul><li>2 of 23 died</li></ul>",
        "<table><tr><td>Of 23 people</td></tr><tr><td>2 of 23 [@pisces-2]</td></tr></table>",
        "<p>It began in 2021 and took 24 hours.</p>",
    ],
)
def test_a_number_with_its_source_is_no_finding(html):
    assert codes(UNCITED + html) == []


def test_the_uncited_number_is_told_in_its_sentence():
    assert str(found(UNCITED + "<p>It is so. Two of 23 people died.</p>")[0]) == (
        "Under “B”: This names people, a share or money without a source: “Two of 23 people died.” "
        "Write the key of its source behind it, as [@key], or say it without the number."
    )


LONG_LINK = "https://e.example/" + "a" * (LONGEST_LINK - 17)


def test_a_link_longer_than_any_address_one_can_use_is_found():
    linked = '<h2>A</h2><p>x [@pisces-2] <a href="{}">x</a></p>'
    assert codes(linked.format(LONG_LINK)) == [("long_link", "blocking", "Under “A”")]
    assert codes(linked.format(LONG_LINK[:LONGEST_LINK])) == []


@pytest.mark.parametrize("state", ["retracted", "superseded", "terminated"])
def test_a_source_that_is_not_current_is_a_warning_wherever_it_stands(state):
    aged = {"pisces-2": Evidence("trial", control="sham", main_measure="met", state=state)}
    knows = {"is_treatment": True, "sources": aged}
    claims = {"claims": [HARM | {"sources": ["pisces-2"]}]} | PARTS_TOLD
    assert codes(TOLD, known=knows, **claims) == [
        ("source_not_current", "warning", "Under “The risks”"),
        ("source_not_current", "warning", "Claim 1"),
    ]


@pytest.mark.parametrize(
    ("word", "finding"),
    [("A doctor came. ", []), ("Doctor doctor doctor. ", [("grade_high", "warning", "The text")])],
)
def test_a_text_that_is_hard_to_read_is_found(word, finding):
    assert codes(f"<p>{word * 20} [@pisces-2]</p>") == finding


def test_a_text_that_is_too_hard_to_read_blocks():
    hard = "operation operation doctor doctor. " * 10
    assert codes(f"<p>{hard} [@pisces-2]</p>") == [("grade_too_high", "blocking", "The text")]


def test_the_grade_is_of_english_only():
    hard = "operation operation doctor doctor. " * 10
    assert codes(f"<p>{hard} [@pisces-2]</p>", {"english": False}) == []


# --- Forbidden words and what denies them -------------------------------------------------------


@pytest.mark.parametrize(
    "words",
    [
        "completely safe",
        "no side effects",
        "without any side effects",
        "100% effective",
        "clinically proven",
        "a proven treatment",
        "life-changing",
        "reverses the damage",
        "cutting-edge",
        "It lasts forever",
        "not good but life-changing",
    ],
)
def test_kin_of_forbidden_words_block_too(words):
    assert codes(summary=f"{words}.") == [("forbidden_words", "blocking", "The summary")]


@pytest.mark.parametrize(
    "words",
    [
        "It is not proven to work",
        "Nobody knows whether it is completely safe",
        "No trial has been proven right",
        "It cannot be said that it isn't painless",
        "unproven cells",
        "side effects were seen",
    ],
)
def test_words_that_deny_a_promise_pass(words):
    assert found(summary=words) == []


# --- The easy version ---------------------------------------------------------------------------


def easy(html="<h2>Risks</h2><p>A man died. [@pisces-2]</p>", summary="What can go wrong.", **known):
    content = {"easy_body": html, "easy_summary": summary}
    return codes(known={"easy": render(html, sources={"pisces-2"})} | known, **content)


def test_a_good_easy_version_has_no_problems():
    assert easy() == []


@pytest.mark.parametrize(
    ("html", "code", "place"),
    [
        ("<p>" + "go " * 16 + "</p>", "easy_long_sentence", "the beginning"),
        ("<h2>" + "go " * 15 + "on</h2><p>Go.</p>", "easy_long_sentence", "under “" + "go " * 15 + "on”"),
        ("<h2>A</h2><p>x [@nobody]</p>", "unknown_citation", "under “A”"),
        ("<h2>A</h2><p>x [@nobody</p>", "broken_citation", "under “A”"),
        ("<h3>A</h3><p>x</p>", "heading_order", "under “A”"),
        ("<h2>A</h2><p>2 of 23 people died.</p>", "uncited_number", "under “A”"),
        ("<h2>A</h2><p>It is a miracle.</p>", "forbidden_words", "under “A”"),
        ('<h2>A</h2><p><a href="/guides/x/">x</a></p>', "broken_link", "under “A”"),
        (f'<h2>A</h2><p><a href="{LONG_LINK}">x</a></p>', "long_link", "under “A”"),
    ],
)
def test_an_easy_version_keeps_the_rules_of_texts_and_its_own(html, code, place):
    assert easy(html) == [(code, "blocking", f"Easy version, {place}")]


def test_fifteen_words_are_short_enough():
    assert easy("<p>" + "go " * 15 + "</p>") == []


def test_an_easy_version_is_of_grade_6_at_most():
    hard = "<p>" + "Doctor came here soon. " * 10 + "</p>"
    harder = "<p>" + "Doctor doctor. " * 16 + "</p>"
    assert (easy(hard), easy(harder)) == ([], [("easy_grade", "blocking", "Easy version")])
    assert easy(harder, english=False) == []


def test_an_easy_version_has_text_and_summary_or_neither():
    assert easy(summary="") == [("easy_without_summary", "blocking", "Easy version")]
    assert easy("") == [("easy_without_text", "blocking", "Easy version")]
    assert easy("", summary="") == []


def test_a_long_sentence_of_the_summary_is_found_too():
    assert easy(summary="go " * 16) == [("easy_long_sentence", "blocking", "Easy version, the summary")]


# --- Review dates and hostile content -----------------------------------------------------------

DAY = dt.date(2026, 11, 20)


@pytest.mark.parametrize(
    ("next_review_on", "expected"),
    [
        (None, ["review_date_missing"]),
        (DAY - dt.timedelta(days=1), ["review_date_passed"]),
        (DAY, []),
    ],
)
def test_a_text_says_when_it_is_checked_again(next_review_on, expected):
    assert [problem.code for problem in review_date(next_review_on, shown_on=DAY)] == expected


CLAIM_WORDS = [
    "direction",
    "benefit",
    "harm",
    "sentence",
    "sources",
    "a",
    "count",
    "of",
    "other_count",
    "how_sure",
]
PLAIN = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(CLAIM_WORDS)
JSON_ISH = st.recursive(
    PLAIN,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text() | st.sampled_from(CLAIM_WORDS), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(HOSTILE, JSON_ISH, JSON_ISH, JSON_ISH, JSON_ISH)
def test_nothing_that_is_stored_stops_the_checks(body, claims, parts, lines, words):
    content = {
        "title": words,
        "key_points": lines,
        "questions": lines,
        "claims": claims,
        "parts": parts,
        "body": body,
        "easy_summary": words,
        "easy_body": body,
    }
    easy = render(body, sources=())
    problems(content, render(body, sources=()), Known(sources={"a": TRIAL}, easy=easy, with_cells=True))
