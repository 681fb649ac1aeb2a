"""Which texts must be checked again, by the day, as the lists of the admin filter them."""

import datetime as dt

import pytest
from django.utils import timezone

from portal import roles
from tests import builders

pytestmark = pytest.mark.django_db

# Days from today to the next review.
REVIEWS = {"passed": -1, "today": 0, "soon": 30, "later": 31}


@pytest.mark.parametrize("kind", ["guide", "treatment"])
@pytest.mark.parametrize(
    ("readers", "found"),
    [
        ("see", ["later", "passed", "soon", "today"]),
        ("due", ["passed", "soon", "today"]),
        ("overdue", ["passed"]),
        ("not", ["unwritten"]),
    ],
)
def test_a_list_is_narrowed_to_what_is_to_be_checked(client, kind, readers, found):
    make, long_ago = getattr(builders, kind), timezone.now() - dt.timedelta(days=60)
    make("unwritten", now=long_ago)
    for slug, days in REVIEWS.items():
        day = timezone.localdate() + dt.timedelta(days=days)
        builders.published(make(slug, now=long_ago), now=long_ago, next_review_on=day)
    client.force_login(builders.staff(roles.MANAGER))
    response = client.get(f"/admin/articles/{kind}/", {"readers": readers})
    assert sorted(subject.slug for subject in response.context_data["cl"].result_list) == found
