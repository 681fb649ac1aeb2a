import random

import pytest

from quotes import links
from tests import builders


@pytest.mark.django_db
def test_a_reference_that_is_taken_is_drawn_again(now, monkeypatch):
    drawn = []
    for number in range(3):
        monkeypatch.setattr(links.secrets, "choice", random.Random(7).choice)
        drawn.append(builders.lead(now=now, secret=f"secret-{number}").reference)
    assert len(set(drawn)) == 3
