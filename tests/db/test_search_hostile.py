"""Whatever is typed into the search, or stands in its address, is answered; by both databases alike."""

from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from articles import search
from articles.models import SearchEntry
from tests import builders

pytestmark = pytest.mark.django_db

# One client and one database for all examples: each only reads.
many = settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

TYPED = [
    "\0",
    "stroke\0",
    "a" * 10_000,
    "stroke " * 2_000,
    " ".join(f"word{number}" for number in range(3_000)),
    "'",
    '"',
    '"unfinished phrase',
    "''''' \"\"\"\"\" ```",
    "\\",
    "\\' OR 1=1 --",
    "'; DROP TABLE articles_searchentry; --",
    "stroke' UNION SELECT * FROM portal_user --",
    "% _ %% __ %s %(x)s {0} $1 :name",
    "stroke & | ! <-> :* ( ) 'a':A",
    "stroke:* !!stroke & & ((",
    "AND OR NOT NEAR NEAR( NEAR/3",
    "title : stroke {words marks} : x - + ^ *",
    "marks : kindguide =kindguide ^stroke",
    "-stroke +cells ~x <b>",
    "<script>alert(1)</script>",
    "😀 🧠 👩‍⚕️ \u200d",
    "\u202estroke\u202c \u200f السكتة الدماغية",
    "\ud800 \udfff lone",
    "ﬁ ½ ² Ⅻ ﷽ \u0345 İı ſ ẞ",
    "\U00010428\U0001e900 \U000e0001 \uffff",
    "Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢L̠ͨͧͩ͘G̴̻͈͍͔̹̑͗̎̅͛́Ǫ̵̹̻̝̳͂̌̌͘!",
    "\t\n\r\x0b\x0c\x85\u2028",
    "null undefined None True NaN 0 -1 1e999 0x10",
    "../../etc/passwd",
]
TEXT = st.text(max_size=60)
QUERY = st.dictionaries(
    st.sampled_from(["q", "kind", "topic", "audience", "page", "as_typed", "x"]),
    st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=20), min_size=1, max_size=3),
)


@pytest.fixture
def zebra(now):
    record = builders.source("zebra", title="Zebra", finding="Stroke; words of any kind: and, or, not, near.")
    search.index(record)
    return record


@pytest.mark.parametrize("typed", TYPED, ids=lambda typed: ascii(typed[:20]))
def test_whatever_is_typed_is_answered_by_the_search(zebra, typed):
    assert search.query(typed).page.number == 1
    assert SearchEntry.objects.count() == 1


@pytest.mark.parametrize("typed", TYPED, ids=lambda typed: ascii(typed[:20]))
def test_whatever_is_typed_is_answered_by_the_page(client, zebra, typed):
    address = f"/search/?{urlencode({'q': typed}, errors='surrogatepass')}"
    assert client.get(address).status_code == 200


@pytest.mark.parametrize(
    "query",
    [
        "q=%FF%FE%00%C0%80",
        "q=%ED%A0%80",
        "q=%",
        "q",
        "q[]=zebra",
        "q=zebra&q=stroke&q=",
        "q=zebra&page=999999",
        "q=zebra&page=-1",
        "q=zebra&page=0",
        f"q=zebra&page={'9' * 5000}",
        "q=zebra&page=%C2%B2",
        "q=zebra&page=1.5&page=x",
        "q=zebra&kind=junk",
        "q=zebra&kind=guide&kind=source",
        "q=zebra&topic=%00&audience=%27",
        "q=zebra&as_typed=%00",
        "&&&===;;;",
    ],
)
def test_whatever_stands_in_the_address_is_answered(client, zebra, query):
    assert client.get(f"/search/?{query}").status_code == 200


def test_a_page_beyond_the_last_is_the_last(client, zebra):
    assert client.get("/search/?q=zebra&page=999999").context["page_obj"].number == 1


def test_of_repeated_parameters_the_last_counts(client, zebra):
    assert client.get("/search/?q=nothing&q=zebra").context["found"].number_of() == 1


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("zebra*", 1),
        ("NOT zebra", 1),
        ("zebra OR nothing", 1),
        ("title:zebra", 1),
        ("'zebra' & !stroke", 1),
        ("kindsource", 0),
        ("=kindsource", 0),
        ("topic1", 0),
    ],
)
def test_signs_of_the_databases_mean_nothing(zebra, typed, number):
    assert search.query(typed, as_typed=True).number_of() == number


@many
@given(typed=TEXT)
@example(typed="\ud800")
def test_any_text_is_answered(zebra, typed):
    assert search.query(typed).number_of() in (0, 1)


@many
@given(query=QUERY)
def test_any_address_is_answered(client, zebra, query):
    assert client.get(f"/search/?{urlencode(query, doseq=True)}").status_code == 200


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete", "options"])
def test_other_methods_are_refused(client, method):
    assert getattr(client, method)("/search/?q=zebra").status_code == 405
