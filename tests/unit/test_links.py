import re

from hypothesis import given
from hypothesis import strategies as st

from quotes import links


def test_a_secret_has_192_bits_in_signs_that_fit_an_address():
    assert re.fullmatch(r"[A-Za-z0-9_-]{32}", links.make())


def test_no_two_secrets_are_the_same():
    assert len({links.make() for _ in range(1000)}) == 1000


def test_the_digest_is_sha_256():
    assert links.digest("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


@given(text=st.text(st.characters(exclude_categories=[])))
def test_any_text_has_a_digest(text):
    assert re.fullmatch(r"[0-9a-f]{64}", links.digest(text))


def test_a_reference_has_no_vowel_and_nothing_that_is_misread():
    references = {links.reference() for _ in range(1000)}
    assert len(references) == 1000
    for reference in references:
        assert re.fullmatch(r"SL-[CDFHJKMNPQRTVWX34679]{4}-[CDFHJKMNPQRTVWX34679]{4}", reference)
