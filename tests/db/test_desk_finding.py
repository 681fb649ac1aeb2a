"""A caller says a number, a reference or a name; the lead is found however it was typed."""

import pytest

from quotes import finding
from quotes.models import QuoteRequest
from tests import builders

pytestmark = pytest.mark.django_db


def found(sought: str) -> list[str]:
    return list(QuoteRequest.objects.filter(finding.by(sought)).values_list("name", flat=True))


@pytest.fixture
def ada(now):
    lead = builders.lead(now=now, name="Ada", email="ada@home.example", phone="+442079460018")
    QuoteRequest.objects.filter(pk=lead.pk).update(reference="SL-4MXQ-TJD9")
    builders.lead(now=now, name="Ben", email="ben@home.example", phone="+4930123456")
    return lead


@pytest.mark.parametrize(
    "said",
    [
        "+442079460018",
        "+44 20 7946 0018",
        "0044 20 79460018",
        "020 7946-0018",
        "(020) 7946 0018",
        "+44 (0)20 7946.0018",
        "7946 0018",
        "0018",
    ],
)
def test_a_caller_is_found_by_their_number_in_any_spacing(ada, said):
    assert found(said) == ["Ada"]


@pytest.mark.parametrize("said", ["018", "+", "00", "020 7946 0019", "½0018"])
def test_too_few_digits_or_other_ones_find_nobody(ada, said):
    assert found(said) == []


@pytest.mark.parametrize(
    "said",
    ["SL-4MXQ-TJD9", "sl4mxqtjd9", "4MXQ-TJD9", "4mxq tjd9", "SL 4MXQ TJD9", "4mxqtj", "sl-4mx", "TJD9"],
)
def test_a_reference_is_found_without_dashes_prefix_or_half_of_it(ada, said):
    assert found(said) == ["Ada"]


@pytest.mark.parametrize("said", ["4MXQ-TJD7", "XQ", "MXQT", "4MXQTJD99", "%", "_"])
def test_another_reference_finds_nobody(ada, said):
    assert found(said) == []


@pytest.mark.parametrize(("said", "email"), [("ADA@HOME.example", "Ada"), ("ben@", "Ben")])
def test_an_e_mail_address_is_found_by_its_beginning(ada, said, email):
    assert found(said) == [email]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Seán O’Brien", "sean obrien"),
        ("Seán O’Brien", "O'Brien"),
        ("Sean OBrien", "Seán O’Brien"),
        ("José Núñez", "jose nunez"),
        ("Jose Nunez", "José Núñez"),
        ("Jose\u0301 Nu\u0301n\u0303ez", "josé nunez"),
        ("ÉMILIE Zoë", "emilie zoe"),
        ("Łukasz Bjørn", "lukasz bjorn"),
        ("Anne-Marie (Annie) Smith", "anne-marie (annie)"),
        ("Ирина Петрова", "ирина петрова"),
        ("محمد علي", "علي محمد"),
        ("Ada [x] Example", "[x]"),
    ],
)
def test_accents_and_apostrophes_do_not_hide_a_name(now, name, said):
    builders.lead(now=now, name=name)
    builders.lead(now=now, name="Somebody Else")
    assert found(said) == [name]


@pytest.mark.parametrize("said", ["ada ben", ".*", "'", "[", "a{2}", "\\", "(?i)ada"])
def test_every_word_must_be_there_and_no_sign_is_a_pattern(ada, said):
    assert found(said) == []
