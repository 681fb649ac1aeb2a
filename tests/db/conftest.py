"""Who writes and reviews, and what they write about: the same people and subjects in every file."""

import pytest
from django.test import Client

from articles.models import Guide, Treatment
from portal import roles
from portal.models import User
from tests import builders


@pytest.fixture
def editor() -> User:
    return builders.staff(roles.EDITOR, username="eda")


@pytest.fixture
def colleague() -> User:
    """Another editor."""
    return builders.staff(roles.EDITOR, username="cole", byline="C. Colleague")


@pytest.fixture
def reviewer() -> User:
    return builders.staff(roles.REVIEWER, username="rex", byline="Dr R. Reviewer")


@pytest.fixture
def signed_in(client: Client, editor: User) -> None:
    """The test's browser is the editor's."""
    client.force_login(editor)


@pytest.fixture
def guide(now) -> Guide:
    return builders.guide("risks", now=now)


@pytest.fixture
def cells(now) -> Treatment:
    return builders.treatment("cells", now=now)
