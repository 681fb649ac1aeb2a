from articles.glossary import by_letter


def letters(*terms):
    return [
        (letter, [(entry.id, entry.term) for entry in entries])
        for letter, entries in by_letter((term, "Explained.") for term in terms)
    ]


def test_words_stand_under_their_letters_in_order():
    assert letters("stroke", "Placebo", "phase 2 trial", "Sham") == [
        ("P", [("phase-2-trial", "phase 2 trial"), ("placebo", "Placebo")]),
        ("S", [("sham", "Sham"), ("stroke", "stroke")]),
    ]


def test_an_accent_is_no_letter_of_its_own():
    assert [letter for letter, _entries in letters("élan", "ear")] == ["E"]


def test_what_begins_with_no_letter_comes_first():
    assert letters("mRS", "95% range") == [("0-9", [("95-range", "95% range")]), ("M", [("mrs", "mRS")])]


def test_two_words_never_share_an_address():
    assert letters("T cell", "T-cell") == [("T", [("t-cell", "T cell"), ("t-cell-2", "T-cell")])]


def test_letters_of_other_scripts_are_letters():
    assert letters("سكتة") == [("س", [("سكتة", "سكتة")])]
