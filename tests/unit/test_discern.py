import pytest

from articles.checks import discern
from articles.checks.discern import ENOUGH_EACH, ENOUGH_IN_ALL, QUESTIONS, Places, total
from tests import builders

FIRST = "Is it clear what the text is for?"
PLACES = Places(
    ["What can go wrong", "Harm — in  trials"],
    ["Two people died [@x].", "It is not known whether that’s rare."],
)


def problems(answers):
    return discern.problems(answers, PLACES)


def test_there_are_fifteen_questions():
    assert len(QUESTIONS) == 15


def test_good_answers_are_enough():
    assert list(problems(builders.discern())) == []


@pytest.mark.parametrize("answers", [builders.discern(5), builders.discern(1), builders.discern(4, aims=1)])
def test_the_total_is_the_sum(answers):
    assert total(answers) == sum(answer["score"] for answer in answers)


def test_fifty_one_are_enough_and_fifty_are_not():
    enough = builders.discern(3, aims=5, achieves=5, relevant=5)
    assert (total(enough), list(problems(enough))) == (ENOUGH_IN_ALL, [])
    short = builders.discern(3, aims=5, achieves=5, relevant=4)
    assert list(problems(short)) == ["The sum is 50; at least 51 of 75 are needed."]


@pytest.mark.parametrize("name", ENOUGH_EACH)
def test_what_matters_most_is_made_good_by_nothing_else(name):
    assert list(problems(builders.discern(5, **{name: 3}))) == []
    assert list(problems(builders.discern(5, **{name: 2}))) == [
        f"3 is the least for this question: {QUESTIONS[name]}"
    ]


def test_each_question_is_answered():
    assert list(problems(builders.discern()[1:])) == [f"Answer this question: {FIRST}"]
    assert len(list(problems([]))) == 15


@pytest.mark.parametrize("score", [0, 6, -1])
def test_a_score_goes_from_1_to_5(score):
    assert list(problems(builders.discern(5, aims=score))) == [f"Give a score from 1 to 5: {FIRST}"]


@pytest.mark.parametrize("where", ["", " "])
def test_each_answer_points_into_the_text(where):
    answers = builders.discern()
    answers[0]["where"] = where
    assert list(problems(answers)) == [f"Say where in the text this is shown: {FIRST}"]


def test_a_question_answered_twice_is_refused():
    answers = builders.discern()
    assert list(problems([*answers, answers[0]])) == [
        "Answer each of the fifteen questions once, and no other."
    ]


def test_a_question_of_ones_own_adds_nothing():
    answers = [*builders.discern(3), {"question": "mine", "score": 5, "where": "Here"}]
    assert list(problems(answers)) == [
        "Answer each of the fifteen questions once, and no other.",
        "The sum is 45; at least 51 of 75 are needed.",
    ]


# --- Where it is shown --------------------------------------------------------------------------


def pointing(where):
    answers = builders.discern()
    answers[3]["where"] = where
    return list(problems(answers))


@pytest.mark.parametrize(
    "where",
    [
        "What can go wrong",
        " what can GO wrong? ",
        "Harm - in trials",
        "References",
        "questions to ask",
        "History",
        "not known whether",
        "two people died",
        "whether that’s rare",
    ],
)
def test_an_answer_points_to_a_heading_a_part_of_the_page_or_words_of_the_text(where):
    assert pointing(where) == []


@pytest.mark.parametrize("where", ["Here", "x", "known", "not known", "wo people die", "died it is", "What"])
def test_what_is_not_in_the_text_is_refused_by_the_number_of_its_question(where):
    assert pointing(where) == [f"Question 4: “{where}” is no heading of the text and no words of it."]


def test_fifteen_answers_do_not_point_to_one_place():
    answers = [answer | {"where": "Key points"} for answer in builders.discern()]
    assert list(problems(answers)) == [
        "Each answer points to the same place. Say for each question where the text answers it."
    ]
