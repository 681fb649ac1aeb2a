import pytest
from django.utils import timezone

from articles.models import GlossaryTerm
from tests import builders
from tests.pages import links, parts

pytestmark = pytest.mark.django_db


@pytest.fixture
def words():
    for term in ("stroke", "placebo", "sham"):
        GlossaryTerm.objects.create(term=term, explanation=f"What {term} means.")


def test_every_word_is_there_by_its_letter_with_an_address(client, words):
    response = client.get("/glossary/")
    assert parts(response, ".letter") == [
        "P placebo What placebo means.",
        "S sham What sham means. stroke What stroke means.",
    ]
    assert links(response, ".letters a") == ["#letter-P", "#letter-S"]
    assert parts(response, "#term-sham dt") == ["sham"]


def test_a_word_under_a_text_leads_to_the_same_word_on_the_page_of_words(client, words):
    now = timezone.now()
    body = "<h2>The risks</h2><p>Some had a placebo [@trial-1].</p>"
    builders.published(builders.guide("risks", now=now), now=now, body=body)
    leads_to = links(client.get("/guides/risks/"), ".word-back a")
    assert leads_to == ["#from-placebo", "/glossary/#term-placebo"]
    assert parts(client.get("/glossary/"), "#term-placebo dt") == ["placebo"]


def test_without_words_it_says_so(client):
    assert parts(client.get("/glossary/"), "main .notice") == ["No word has been explained yet."]


def test_it_costs_the_same_for_one_word_and_for_many(client, words, django_assert_num_queries):
    with django_assert_num_queries(1):
        client.get("/glossary/")
