"""Erasure, export and the trail go by these lists: a field in neither would be forgotten."""

import pytest
from django.apps import apps

from quotes.models import QuoteRequest


def leads_and_what_belongs_to_them():
    for model in apps.get_app_config("quotes").get_models():
        if model is QuoteRequest or QuoteRequest in {field.related_model for field in model._meta.fields}:
            yield model


RECORDS = list(leads_and_what_belongs_to_them())


def test_the_record_of_a_patient_is_spread_over_these_tables():
    assert sorted(model.__name__ for model in RECORDS) == [
        "Consent",
        "Note",
        "PrivateLink",
        "QuoteRequest",
        "StageChange",
    ]


@pytest.mark.parametrize("model", RECORDS)
def test_every_field_is_declared_personal_or_safe_exactly_once(model):
    fields = sorted(field.name for field in model._meta.get_fields() if field.concrete)
    assert sorted([*model.PERSONAL, *model.SAFE]) == fields
