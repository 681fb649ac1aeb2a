"""Words that promise more than is known; and words beside them that must be said."""

import pytest

from portal.wording import plain, promises_in

PROMISES = """
    It heals strokes
    This heals the damaged brain
    It restores the brain
    It regenerates brain tissue
    It will rebuild lost nerves
    It is fully safe
    It is hundred percent safe
    It is one hundred per cent safe
    It is 100 percent safe
    The cells are safe and effective
    A safe, effective therapy
    It is safe for everyone
    It always works
    It works for everyone
    It works in every patient
    It never fails
    You will walk again
    You will soon speak again
    The effect is permanent
    It is a permanent fix
    It permanently restores what was lost
    The results last for life
    You get lasting results
    There is long-lasting relief
    People make a complete recovery
    We reach 100% recovery
    There are no dangers
    There is zero danger
    It comes without any danger
    Side effects do not exist
    Side effects don’t exist
    It is a cure
    It cures
    No other treatment cures
    It is not just a cure
    There is no doubt that it cures
    Never before was there such a cure
    No, it is a cure
    It is not a drug, it is a cure
    It is 100% successful
    a c\u00adure
    a c\u200bure
    a сure
    a cυre
    a \uff43\uff55\uff52\uff45
    it has no\u00a0risk
    a mir\u2060acle
""".strip("\n").splitlines()

TRUE_AND_NEEDED = """
    There is no cure
    There is no known cure for a stroke
    This is not a cure
    It is not yet a cure
    It isn't a cure
    Nobody can promise a cure
    No trial has shown a cure
    It cannot be called a cure
    It does not cure a stroke
    Nobody knows whether it cures
    It has not been shown to cure
    A wound that heals badly can become infected
    The body heals itself slowly
    The hope is to restore some movement
    They were not found to be safe and effective
    Nobody knows whether it is safe and effective
    Nothing always works
    It does not work for everyone
    It works for some people
    Nobody can say that you will walk again
    Nobody knows whether the effect is permanent
    There was no lasting benefit
    The damage can be permanent
    Lasting pain was one of the harms
    Some people recover well
    The dangers are named below
    Side effects were looked for over two years
    The trial was completely stopped
    A secure place
    Она сказала: да
    Το όνομα
""".strip("\n").splitlines()


@pytest.mark.parametrize("words", [line.strip(" ") for line in PROMISES])
def test_what_nobody_knows_is_not_promised(words):
    assert len(list(promises_in(f"{words}."))) == 1


@pytest.mark.parametrize("words", [line.strip(" ") for line in TRUE_AND_NEEDED])
def test_what_is_true_and_needed_may_be_said(words):
    assert list(promises_in(f"{words}.")) == []


def test_the_words_are_shown_as_readers_see_them():
    assert list(promises_in("a сu\u00adre")) == [
        ("“cure” promises more than is known.", "Say what was measured, in how many people.")
    ]


def test_words_of_other_alphabets_stay_as_they_are():
    assert plain("сор и место, όχι") == "сор и место, όχι"
