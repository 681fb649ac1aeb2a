"""Two people with one record open: the one who saves second is told, and nothing is lost unseen."""

import hashlib
import json
from typing import Any, cast

from django import forms
from django.db.models import Model
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

TOLD = _(
    "This was saved after you opened the page, by a colleague or by you in another window. Nothing was "
    "overwritten and your words are still here, not saved. Look at the record in another tab first; "
    "saving again replaces it."
)


def stamp(record: Model | None) -> str:
    """Which state of which record this is: changes with every value."""
    if record is None or record.pk is None:
        return ""
    values = {field.attname: field.value_to_string(record) for field in record._meta.concrete_fields}
    return hashlib.sha256(json.dumps(values, sort_keys=True, default=str).encode()).hexdigest()[:32]


class Unovertaken(forms.ModelForm):
    """A form that refuses to overwrite what somebody saved after it was shown.

    An admin that lists its `fields` lists "opened" too. Validate it inside the transaction that saves.
    """

    opened = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.initial["opened"] = stamp(self.instance)

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        newest = stamp(self.newest())
        if self.cleaned_data.get("opened") != newest:
            # The same form, now knowing the newest state: the next save is a choice.
            posted = cast("QueryDict", self.data).copy()
            posted[self.add_prefix("opened")] = newest
            self.data = posted
            raise forms.ValidationError(TOLD, code="overtaken")
        return cleaned

    def newest(self) -> Model | None:
        """The record as it stands; its row is held until the end, so that of two editors one is second."""
        if self.instance.pk is None:
            return None
        # Texts may cite the record meanwhile (no_key): they wait for a change of it alone.
        rows = type(self.instance)._default_manager.select_for_update(no_key=True)
        return rows.filter(pk=self.instance.pk).first()
