"""A published consent text never changes: people have agreed to these very words."""

import hashlib

import pytest
from django.utils import translation

from quotes import consents

PUBLISHED = {
    ("2026-11-20", "health"): "ac96560fef66cb1aa904ab8e609caaee4402c2a9deee6f386758e3fb896913d9",
    ("2026-11-20", "news"): "1e580ac1c97c73136939aab276ce5fe474a619b26a8a40abbb88a7c2b578fcc2",
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
