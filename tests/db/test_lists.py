"""Every list of the admin asks the database as often for thirty rows as for one."""

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from articles import sources
from articles.models import (
    Claim,
    EvidenceFlag,
    Feedback,
    GlossaryTerm,
    Guide,
    Source,
    Topic,
    Treatment,
    TrialCriteria,
)
from portal import audit, mail, roles
from portal.models import AuditEvent, OutboxMessage, Page, User
from quotes import pipeline
from quotes.models import Destination, QuoteRequest
from tests import builders

pytestmark = pytest.mark.django_db


def group(number, now):
    Group.objects.create(name=f"Group {number}")


def page(number, now):
    Page.objects.create(slug=f"page-{number}", title="x", summary="x", body="", updated_at=now)


def letter(number, now):
    mail.queue("quotes/received", to="ada@home.example", context={}, about=f"SL-{number}", now=now)


def event(number, now):
    audit.record("group.changed", Group.objects.first(), by=None, now=now)


def term(number, now):
    GlossaryTerm.objects.create(term=f"term {number}", explanation="A word.")


def lead(number, now):
    made = builders.lead(now=now, destination=builders.destination(), treatment=builders.treatment(now=now))
    pipeline.assign(made, builders.staff(roles.COORDINATOR), by=builders.staff(roles.MANAGER), now=now)


def trial_criteria(number, now):
    TrialCriteria.objects.create(
        source=builders.source(), stroke="clot", recruiting="open", places="Japan", checked_on=now.date()
    )


def claim(number, now):
    builders.claim(builders.published(builders.guide(now=now), now=now), builders.source(), builders.source())


def flag(number, now):
    """One on a guide, one on its claim."""
    live, source = builders.published(builders.guide(now=now), now=now), builders.source()
    builders.claim(live, source)
    sources.change(
        source, {"state": "retracted"}, reason="The journal found fraud.", by=builders.staff(), now=now
    )


def feedback(number, now):
    Feedback.objects.create(
        guide=builders.guide(now=now), revision_number=1, useful=True, section=f"Section {number}", at=now
    )


MAKERS = {
    User: lambda number, now: builders.staff(roles.EDITOR, roles.REVIEWER),
    Group: group,
    Page: page,
    OutboxMessage: letter,
    AuditEvent: event,
    Topic: lambda number, now: builders.topic(),
    Source: lambda number, now: builders.source(),
    GlossaryTerm: term,
    TrialCriteria: trial_criteria,
    Claim: claim,
    EvidenceFlag: flag,
    Feedback: feedback,
    Guide: lambda number, now: builders.published(builders.guide(now=now), now=now),
    Treatment: lambda number, now: builders.published(builders.treatment(now=now), now=now),
    QuoteRequest: lead,
    Destination: lambda number, now: builders.destination(),
}


def test_every_list_is_tried_here():
    assert set(MAKERS) == set(admin.site._registry)


@pytest.mark.parametrize("model", MAKERS, ids=lambda model: model.__name__)
def test_a_list_costs_the_same_queries_with_one_row_and_with_thirty(client, now, model):
    client.force_login(User.objects.create_superuser("root"))
    address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
    MAKERS[model](0, now)

    def queries():
        with CaptureQueriesContext(connection) as captured:
            shown = client.get(address)
        return shown.context_data["cl"].result_count, len(captured)

    queries()  # what is looked up once and kept
    few, cost = queries()
    for number in range(1, 30):
        MAKERS[model](number, now)
    many, cost_of_many = queries()
    assert many >= few + 29
    assert cost_of_many == cost
