"""From what people type and what texts say to words that can be compared."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from articles.search import spelling
from articles.search import words as search_words
from articles.search.words import WRITTEN, Term

ANY_TEXT = st.text(max_size=80)


def asked(query):
    return [(term.word, term.stem, term.beginning) for term in search_words.terms(query)]


# --- Words --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("Stroke", ["stroke"]),
        ("naïve Café", ["naive", "cafe"]),
        ("cafe\u0301", ["cafe"]),
        ("STRASSE straße", ["strasse", "strasse"]),
        ("İstanbul", ["istanbul"]),
        ("stroke's", ["stroke", "s"]),
        ("PISCES-3", ["pisces", "3"]),
        ("one_two", ["one", "two"]),
        ("½ dose", ["1", "2", "dose"]),
        ("خَلايا", ["خلايا"]),
        ("幹細胞", ["幹細胞"]),
        ('🧠 -- \0 " * ( ^ :', []),
        ("\ud800stroke\udfff", ["stroke"]),
    ],
)
def test_the_plain_words_of_a_text(written, plain):
    assert list(search_words.words(written)) == plain


def test_a_word_without_end_is_cut():
    assert list(search_words.words("a" * 10_000)) == ["a" * 40]


@pytest.mark.parametrize(
    "forms",
    [
        ("stroke", "strokes"),
        ("risk", "risks"),
        ("therapy", "therapies"),
        ("rehabilitation", "rehabilitating"),
        ("الطبيب", "طبيب"),
    ],
)
def test_forms_of_a_word_share_a_stem(forms):
    assert len({search_words.stem(form) for form in forms}) == 1


@pytest.mark.parametrize("word", ["2024", "幹細胞", "ق"])
def test_a_word_that_has_no_stem_is_its_own(word):
    assert search_words.stem(word) == word


@given(ANY_TEXT)
def test_a_plain_word_is_letters_and_digits_only(text):
    assert [word for word in search_words.words(text) if not word.isalnum()] == []


# --- Queries ------------------------------------------------------------------------------------


def test_a_query_is_its_words_once_each_and_the_last_may_be_unfinished():
    assert asked("Strokes and the stroke, tumours") == [
        ("strokes", "stroke", ""),
        ("tumours", "tumor", "tumors"),
    ]


def test_two_letters_are_no_beginning():
    assert asked("us re") == [("re", "re", "")]


def test_a_query_of_words_that_every_page_has_asks_for_nothing():
    assert asked("what is it?") == []


def test_of_a_long_query_the_first_eight_words_count():
    query = "one two three four five six seven eight nine ten"
    assert [word for word, _stem, _beginning in asked(query)] == query.split()[:8]
    assert search_words.is_cut(query)


@pytest.mark.parametrize(("query", "cut"), [("one two", False), ("one " * 40, False), ("x" * 201, True)])
def test_a_query_is_cut_when_it_is_longer_than_what_is_looked_for(query, cut):
    assert search_words.is_cut(query) is cut


# --- Words that look alike ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other", "share"),
    [
        ("stroke", "stroke", 1),
        ("stoke", "stroke", 4 / 9),  # what pg_trgm says, too: tests/db/test_search.py
        ("mesenkimal", "mesenchymal", 7 / 16),
        ("stroke", "cell", 0),
    ],
)
def test_how_alike_two_words_are(one, other, share):
    assert search_words.similarity(one, other) == share


def test_another_word_takes_the_place_of_one_in_a_query():
    assert search_words.replaced("Costs of a STOKE", {"stoke": "stroke"}) == "costs of a stroke"


def test_words_worth_suggesting_have_four_letters_or_more_and_no_digits():
    text = "The TREASURE trial of 2024: NCT02961504, ten men with a stroke"
    assert search_words.worth_suggesting(text) == {"treasure", "trial", "stroke"}


@pytest.mark.parametrize(
    "spellings",
    [
        *("tumour tumor tumours", "haemorrhage hemorrhage haemorrhages", "ischaemic ischemic"),
        *("randomised randomized randomise randomize", "centre center centres centers", "centred centered"),
        *("behaviour behavior", "colour color coloured colored", "paediatric pediatric"),
        *("anaesthetic anesthetic", "foetal fetal", "oedema edema", "paralysed paralyzed", "analyse analyze"),
        *("programme program programmes", "travelled traveled", "licence license", "fibre fiber fibres"),
        *("leukaemia leukemia", "diarrhoea diarrhea", "oesophagus esophagus", "counselling counseling"),
        *("children child", "women woman", "diagnoses diagnosis", "organisation organization"),
    ],
)  # fmt: skip
def test_two_spellings_and_both_numbers_are_one_word(spellings):
    assert len({search_words.stem(word) for word in spellings.split()}) == 1


@pytest.mark.parametrize("word", ["hour", "four", "course", "source", "aerobic", "rise", "shoe", "more"])
def test_words_that_only_look_british_stay(word):
    assert spelling.one_spelling(word) == word


@pytest.mark.parametrize(
    ("one", "other", "letters"),
    [
        ("stroke", "stroke", 0),
        ("stoke", "stroke", 1),
        ("stroek", "stroke", 1),
        ("mesenkimal", "mesenchymal", 0),  # written as it is heard
        ("father", "further", 2),
        ("tumor", "tumour", 0),
    ],
)
def test_how_many_letters_two_words_are_apart(one, other, letters):
    assert spelling.letters_off(one, other) == letters


@pytest.mark.parametrize(
    ("one", "other", "surely"),
    [
        ("stoke", "stroke", True),
        ("rehablitashon", "rehabilitation", False),
        ("rehablitation", "rehabilitation", True),
        ("scam", "scale", False),
        ("father", "further", False),
        ("guarantee", "guards", False),
        ("night", "right", False),
    ],
)
def test_what_is_surely_another_word_mistyped(one, other, surely):
    assert spelling.is_surely(one, other) is surely


# --- What is meant ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("can't he speak?", ["speak"]),
        ("What’s a trial", ["trial"]),
        ("my father's stroke", ["fathers", "stroke"]),
        ("how much does it cost", ["price", "cost"]),
        ("$14,000", ["price"]),
        ("14,000", ["price"]),
        ("14000", ["price"]),
        ("2024", ["2024"]),
        ("trial 1161", ["trial", "1161"]),
        ("trial near me", ["trial"]),
        ("near me", ["near"]),
        ("arm does not move", ["arm", "paralysed"]),
    ],
)
def test_the_words_of_a_query_that_say_what_it_is_about(query, words):
    assert search_words.asking(query) == words


@pytest.mark.parametrize(
    ("word", "meaning"),
    [
        ("father", "caregiver"),
        ("wife", "caregiver"),
        ("fraud", "warning"),
        ("danger", "risk"),
        ("fees", "cost"),
        ("paralysis", "recovery"),
        ("guarantee", "promise"),
        ("neurologist", "doctor"),
    ],
)
def test_an_everyday_word_is_also_looked_for_by_what_the_texts_call_it(word, meaning):
    (term,) = search_words.terms(word)
    assert search_words.stem(meaning) in term.also


@pytest.mark.parametrize(("query", "is_other"), [("السكتة", True), ("инсульт", True), ("Fläche 12", False)])
def test_another_script_is_seen(query, is_other):
    assert search_words.is_in_another_script(query) is is_other


# --- Marks --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "query", "html"),
    [
        ("A stroke, two Strokes.", "stroke", "A <mark>stroke</mark>, two <mark>Strokes</mark>."),
        ("Rehabilitation helps", "reha", "<mark>Rehabilitation</mark> helps"),
        ("Le café", "cafe", "Le <mark>café</mark>"),
        ("<b>risk</b> & more", "risk", "&lt;b&gt;<mark>risk</mark>&lt;/b&gt; &amp; more"),
        ("<mark>", "mark", "&lt;<mark>mark</mark>&gt;"),
        ("amp & lt", "amp", "<mark>amp</mark> &amp; lt"),
        ("Nothing", "stroke", "Nothing"),
        ("Dying, she said", "die", "<mark>Dying</mark>, she said"),
        ("Élan, re\u0301sume\u0301", "elan resume", "<mark>Élan</mark>, <mark>résumé</mark>"),
        ("ﬁbrosis", "fibrosis", "<mark>ﬁbrosis</mark>"),
        ("a_stroke astroke", "stroke", "a_<mark>stroke</mark> astroke"),
        ("عند الطبيب", "طبيب", "عند <mark>الطبيب</mark>"),
        ("", "stroke", ""),
    ],
)
def test_what_was_asked_for_is_marked_and_all_is_escaped(text, query, html):
    assert search_words.marked(text, search_words.terms(query)) == html


@given(ANY_TEXT)
def test_every_word_that_is_asked_for_is_marked(text):
    """Only words that begin alike are looked at closely: none is passed over by that."""
    text = unicodedata.normalize("NFC", text)
    asked = search_words.terms(text)
    closely = [found.span() for found in WRITTEN.finditer(text) if search_words.meant(found.group(), asked)]
    assert [(start, end) for start, end, _term in search_words.hits(text, asked)] == closely


@given(ANY_TEXT, ANY_TEXT)
def test_marks_add_nothing_but_themselves(text, query):
    html = search_words.marked(text, search_words.terms(query))
    unmarked = html.replace("<mark>", "").replace("</mark>", "")
    assert unmarked == search_words.marked(text, ())
    assert "<" not in unmarked


def test_a_passage_is_the_stretch_with_most_of_the_words():
    text = "A risk here. " + "Much else is said. " * 40 + "Then a tumour is a risk. " + "More. " * 80
    passage = search_words.passage(text, search_words.terms("tumour risk"))
    assert passage == (
        "… else is said. Much else is said. Much else is said. Then a tumour is a risk. "
        + "More. " * 27
        + "…"
    )


def test_a_passage_begins_where_the_word_itself_stands_and_not_another_for_it():
    text = "A risk here. " + "Much else is said. " * 40 + "A tumour grew."
    assert search_words.passage(text, search_words.terms("tumour")).endswith(
        "Much else is said. A tumour grew."
    )


def test_a_short_text_is_its_own_passage():
    assert search_words.passage("Two of 23 people died.", (Term("died", "die"),)) == "Two of 23 people died."


def test_where_no_word_stands_there_is_no_passage():
    assert search_words.passage("Two of 23 people died.", (Term("cell", "cell"),)) == ""
