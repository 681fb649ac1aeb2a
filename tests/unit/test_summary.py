"""A request in words, for the requester to check and for the desk."""

import datetime as dt

import pytest
from django.template import Context, Template

from quotes import pipeline, summary
from quotes.models import QuoteRequest
from tests import builders

NOON = dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC)


def lead(**changes) -> QuoteRequest:
    return pipeline.from_answers(builders.answers(**changes), now=NOON)


def told(lead: QuoteRequest) -> dict[str, str]:
    return {row.field: str(row.value) for part in summary.told(lead) for row in part.rows}


@pytest.mark.parametrize(
    ("months", "said"),
    [
        (None, "Not sure"),
        (0, "Less than a month"),
        (1, "1 month"),
        (14, "14 months"),
        (23, "23 months"),
        (24, "24 months (2 years)"),
        (25, "25 months (2 years and 1 month)"),
        (27, "27 months (2 years and 3 months)"),
        (1200, "1200 months (100 years)"),
    ],
)
def test_from_two_years_on_the_months_are_said_in_years_too(months, said):
    assert summary.words(lead(months_since_stroke=months), "months_since_stroke") == said


@pytest.mark.parametrize(("companions", "said"), [(None, "Not known yet"), (0, "0"), (2, "2")])
def test_companions_not_known_yet_are_not_none(companions, said):
    assert summary.words(lead(companions=companions), "companions") == said


def test_the_requester_reads_who_they_are_in_their_own_words_and_the_desk_in_the_third_person():
    by_child = lead(for_whom="other", relationship="child", person_knows="yes")
    assert told(by_child)["relationship"] == "I am their daughter or son"
    assert summary.words(by_child, "relationship") == "Daughter or son"


def test_another_way_of_knowing_somebody_is_not_somebody_else():
    other = lead(for_whom="other", relationship="other", person_knows="yes")
    assert told(other)["relationship"] == "In another way"
    assert summary.words(other, "relationship") == "In another way"


def test_every_relationship_has_the_requester_s_own_words():
    assert list(summary.I_AM) == QuoteRequest.Relationship.values


def test_without_a_number_no_hours_and_no_refusal_of_calls_are_told():
    assert set(told(lead())) & {"hours", "time_zone", "do_not_phone"} == set()


def test_with_a_number_the_hours_are_told():
    by_phone = told(lead(phone="+442079460018", channel="phone", hours="morning"))
    assert (by_phone["hours"], by_phone["time_zone"]) == ("Morning (8 to 12)", "London, Dublin, Lisbon")
    assert "do_not_phone" not in by_phone


def test_a_refusal_of_calls_is_told():
    assert told(lead(do_not_phone=True))["do_not_phone"] == "Yes"


def test_the_desk_reads_every_answer():
    rows = [row.field for part in summary.sections(lead()) for row in part.rows]
    assert {"hours", "time_zone", "do_not_phone"} <= set(rows)


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("ada.b@home.example", "<bdi>ada.<wbr>b@<wbr>home.<wbr>example</bdi>"),
        ("o'neil&co@home.example", "<bdi>o&#x27;neil&amp;co@<wbr>home.<wbr>example</bdi>"),
        ("a-b@c.de", '<bdi><span class="whole">a-b@</span><wbr>c.<wbr>de</bdi>'),
        ("", "<bdi></bdi>"),
    ],
)
def test_an_address_goes_on_in_a_new_line_only_after_its_signs(address, shown):
    page = Template("{% load addresses %}{{ address|breakable }}")
    assert page.render(Context({"address": address})) == shown
