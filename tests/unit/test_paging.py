import pytest
from django.test import RequestFactory

from portal.paging import page_of


def number_for(text: str) -> int:
    request = RequestFactory().get("/guides/", {"page": text})
    return page_of(request, range(45), per_page=20).number


def test_without_a_page_the_first_is_shown():
    page = page_of(RequestFactory().get("/guides/"), range(45), per_page=20)
    assert (page.number, list(page)) == (1, list(range(20)))


def test_the_page_asked_for_is_shown():
    page = page_of(RequestFactory().get("/guides/?page=3"), range(45), per_page=20)
    assert list(page) == [40, 41, 42, 43, 44]


@pytest.mark.parametrize("text", ["", "two", "1.5", "\x00", "½", "9" * 5000])
def test_what_is_no_page_number_gives_the_first(text: str):
    assert number_for(text) == 1


@pytest.mark.parametrize("text", ["4", "999999999999", "0", "-1"])
def test_a_number_out_of_range_gives_the_last(text: str):
    assert number_for(text) == 3


def test_an_empty_list_has_one_empty_page():
    page = page_of(RequestFactory().get("/guides/?page=7"), [], per_page=20)
    assert (page.number, list(page)) == (1, [])
