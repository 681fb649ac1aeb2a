import pytest

from quotes import demo
from quotes.models import Destination

pytestmark = pytest.mark.django_db


def test_four_destinations_are_there_to_try_the_form(now):
    assert demo.load(now) == 4
    offered = Destination.objects.values_list("name", "country", "active")
    assert list(offered) == [
        ("Colombia", "CO", True),
        ("India", "IN", True),
        ("Mexico", "MX", True),
        ("Türkiye", "TR", True),
    ]


def test_loading_again_adds_nothing_and_changes_nothing(now):
    demo.load(now)
    Destination.objects.filter(slug="india").update(active=False)
    assert demo.load(now) == 0
    assert Destination.objects.filter(active=True).count() == 3
