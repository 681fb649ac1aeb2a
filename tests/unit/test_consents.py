"""A published consent text never changes: people have agreed to these very words."""

import hashlib

import pytest
from django.utils import translation

from quotes import consents

PUBLISHED = {
    ("2026-11-20", "health"): "f85690dce482fb7de6725a85961cb209eb186941f41e0ee8d250546f443728b9",
    ("2026-11-20", "news"): "e936892c57d715ff1968fa26a6450393e25528e51dfc320a7558048ecfe91b2f",
}


def digest(version: str, kind: str) -> str:
    with translation.override("en-gb"):
        return hashlib.sha256(str(consents.text(kind, version)).encode()).hexdigest()


@pytest.mark.parametrize(("version", "kind"), PUBLISHED)
def test_a_published_text_is_frozen(version, kind):
    assert digest(version, kind) == PUBLISHED[version, kind]


def test_every_text_is_frozen_here():
    assert {(version, kind) for version, texts in consents.TEXTS.items() for kind in texts} == set(PUBLISHED)


def test_the_current_version_has_a_text_for_each_kind():
    assert set(consents.TEXTS[consents.CURRENT]) == {consents.HEALTH, consents.NEWS}


def test_without_a_version_the_current_text_is_given():
    assert consents.text("news") == consents.text("news", consents.CURRENT)


def test_a_version_never_published_has_no_text():
    with pytest.raises(KeyError):
        consents.text("health", "1999-01-01")
