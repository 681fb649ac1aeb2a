from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from articles.checks.readability import grade, long_sentences, sentences, syllables, words

SYLLABLES = """
1 stroke cells blood nerve died walked years months home life lives eye tongue three judged paid stayed league
2 treatment people trial trials patients measured places needed treated create someone sometimes movement
2 safety likely science quiet question million region being fluid beyond table simple vessel marrow language
2 fatigue technique seeing paying hundred business
3 evidence hospital family opinion period serious usual caregiver surgery audience placebo element
3 possible created radio autism efficient museum idea everyone
4 society biology comparison material regulator experience anaesthetic operation
5 individual
6 rehabilitation
"""


def counted():
    for line in SYLLABLES.strip().splitlines():
        number, *found = line.split()
        yield from ((word, int(number)) for word in found)


@pytest.mark.parametrize(("word", "number"), list(counted()))
def test_syllables_are_counted_as_they_are_said(word, number):
    assert syllables(word) == number


@pytest.mark.parametrize("word", ["12", "1,217", "b", "—", "", "東京"])
def test_what_has_no_letters_of_english_is_one_syllable(word):
    assert syllables(word) == 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One. Two! Three? Four", ["One.", "Two!", "Three?", "Four"]),
        ("It rose by 3.5 points. Then it fell.", ["It rose by 3.5 points.", "Then it fell."]),
        ("Dr. Smith asked, e.g. about pain. Yes.", ["Dr. Smith asked, e.g. about pain.", "Yes."]),
        ("J. Smith et al. Found it vs. Placebo.", ["J. Smith et al. Found it vs. Placebo."]),
        ("He asked why. i said so.", ["He asked why. i said so."]),
        ("So do I. You too.", ["So do I.", "You too."]),
        ('He said: "Stop." Then he left.', ['He said: "Stop."', "Then he left."]),
        ("He left (at last.) They stayed.", ["He left (at last.)", "They stayed."]),
        ("A heading\nA list item\n\nWords.", ["A heading", "A list item", "Words."]),
        ("Wait…  Now.", ["Wait…", "Now."]),
        ("هل هذا آمن؟ لا أحد يعرف.", ["هل هذا آمن؟", "لا أحد يعرف."]),
        ("", []),
    ],
)
def test_sentences_end_where_a_reader_would_stop(text, expected):
    assert list(sentences(text)) == expected


def test_a_hyphenated_word_and_a_number_are_one_word_each():
    assert words("A long-term trial: 1,217 people (or so) – don’t ask.") == [
        *("A", "long-term", "trial", "1,217", "people", "or", "so", "don’t", "ask"),
    ]


def test_a_sentence_of_fifteen_words_is_not_long_and_one_of_sixteen_is():
    fifteen, sixteen = "a " * 14 + "a.", "b " * 15 + "b."
    assert list(long_sentences(f"{fifteen}\n{sixteen}")) == [sixteen.strip()]
    assert list(long_sentences("One two three.", most=2)) == ["One two three."]


EASY = "The cat sat on the mat. The dog ran to the man. We had a cup of tea. " * 2


def test_the_grade_is_that_of_flesch_and_kincaid():
    # 38 words, 6 sentences, 38 syllables: 0.39 × 6.33 + 11.8 × 1 − 15.59 is below nought.
    assert grade(EASY) == Decimal("0.0")
    # 30 words, one sentence, 60 syllables: 0.39 × 30 + 11.8 × 2 − 15.59.
    assert grade("doctor " * 29 + "doctor.") == Decimal("19.7")
    # The same in 15 sentences: 0.39 × 2 + 11.8 × 2 − 15.59.
    assert grade("Doctor doctor. " * 15) == Decimal("8.8")


def test_a_few_words_have_no_grade():
    assert grade("word " * 29) is None
    assert grade("") is None


def test_no_text_is_harder_than_a_record_can_hold():
    assert grade("word " * 1000) == Decimal("99.9")


@given(st.text())
def test_no_text_stops_the_counting(text):
    found = grade(text)
    assert found is None or Decimal(0) <= found <= Decimal("99.9")
    assert [sentence for sentence in sentences(text) if "\n" in sentence] == []
