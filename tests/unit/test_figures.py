import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.figures import figure_in


@pytest.mark.parametrize(
    "sentence",
    [
        "12 of 104 people had an excellent outcome.",
        "Two of 23 people died.",
        "About 1 in 4 had seen harm.",
        "One in four had seen harm.",
        "It took in 1,217 people.",
        "The third treated 11 men.",
        "204 academic neurologists were asked.",
        "It happened in 11.5% of them.",
        "It happened in 28 per cent.",
        "A deposit of 250 euros is usual.",
        "It cost $9,500.",
        "It cost 3 million US dollars.",
        "A fee of £20 is due in 2024.",
        "3 out of every 10 gained.",
        "Half of 40 gained.",
    ],
)
def test_people_shares_and_money_are_counted(sentence):
    assert figure_in(sentence) == "counted"


@pytest.mark.parametrize(
    "sentence", ["The score rose by 12.1 points.", "It ran in 44 hospitals.", "It took 3 million cells."]
)
def test_other_numbers_are_to_be_looked_at(sentence):
    assert figure_in(sentence) == "other"


@pytest.mark.parametrize(
    "sentence",
    [
        "No number at all.",
        "It was checked on 20 November 2026.",
        "On November 20, 2026 it was checked.",
        "It began in 2021 and ended in the 1990s.",
        "From 2019–2021 it was closed.",
        "It was checked on 2026-11-20.",
        "The 2nd and the 31st trial.",
        "Call within 24 hours.",
        "It was given 18 to 36 hours after the stroke.",
        "6–60 months after a stroke.",
        "A 66-year-old man.",
        "A man of 66 was treated.",
        "People aged 18 or more.",
        "Step 2 is harder.",
        "It was a phase 1/2a trial.",
        "Questions 3 and 4 matter most.",
        "Call 999 or 112.",
        "Ring 0303 3033 100 on any day.",
        "Ring +44 20 7946 0958.",
        "1-888-478-7653",
        "The line is open 24/7, from 9:00 to 17:30.",
        "SB623, NCT03545607, CD007231 and B12.",
        "1. Is it part of a trial?",
        "12.",
        "See https://example.org/2/345 for more.",
    ],
)
def test_dates_times_labels_and_telephones_are_no_findings(sentence):
    assert figure_in(sentence) == ""


@given(st.text())
def test_no_sentence_stops_the_search(sentence):
    assert figure_in(sentence) in ("", "counted", "other")


@pytest.mark.parametrize(
    ("piece", "expected"),
    [("1 ", "other"), ("12,", "other"), ("9", "other"), ("1 of ", "counted"), ("to 1 ", "other"), ("a-", "")],
)
def test_the_longest_sentence_is_read_to_its_end(piece, expected):
    assert figure_in(piece * (150_000 // len(piece))) == expected
