"""What several files start from: the people who write and review, and what they write about."""

import pytest
from django.test import Client

from articles.models import Guide, Treatment
from portal import roles
from portal.models import OutboxMessage, User
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


@pytest.fixture
def failed_letter(now) -> OutboxMessage:
    return OutboxMessage.objects.create(
        template="quotes/received",
        to_address="ada@home.example",
        context={"link": "https://portal.example/quote/s/private-secret/"},
        about="SL-AAAA-BBBB",
        message_id="<1@portal.example>",
        state=OutboxMessage.State.FAILED,
        attempts=6,
        created_at=now,
        next_attempt_at=now,
        last_error="SMTPRecipientsRefused 550",
    )
