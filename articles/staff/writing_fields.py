"""Fields of the forms in which staff write: lists, sources by key, numbers of people, chosen records."""

import re
from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from ..checks.statements import LARGEST
from ..shapes import LONGEST_FIGURE, LONGEST_HEADING, printable

TOO_LONG = _("Write %(limit_value)d signs at most; these are %(show_value)d.")
BETWEEN_KEYS = re.compile(r"[\s,;@\[\]]+")


class LinesField(forms.CharField):
    """A list, written one item per line."""

    widget = forms.Textarea

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> list[str]:  # type: ignore[override]
        lines = value if isinstance(value, list) else (value or "").splitlines()
        return [line.strip() for line in lines if line.strip()]

    def run_validators(self, value: Any) -> None:
        super().run_validators("\n".join(value))

    def has_changed(self, initial: Any, data: Any) -> bool:
        return self.to_python(initial) != self.to_python(data)


class WordsField(forms.CharField):
    """Words on any number of lines; a browser's line ends are no change of the text."""

    def to_python(self, value: Any) -> str:
        return (super().to_python(value) or "").replace("\r\n", "\n")


class Titled:
    """Choices of guides or treatments by what they are called, not by their address."""

    def label_from_instance(self, subject: Any) -> str:
        return getattr(subject, "called", str(subject))


class ExistingRecord(Titled, forms.ModelChoiceField):
    pass


class ExistingRecords(Titled, forms.ModelMultipleChoiceField):
    """Django's own; a number too large for SQLite is no choice either."""

    def clean(self, value: Any) -> Any:
        try:
            return super().clean(value)
        except OverflowError as error:
            wrong = {"value": max(value, key=len)}
            raise forms.ValidationError(
                self.error_messages["invalid_choice"], code="invalid_choice", params=wrong
            ) from error


class KeysField(forms.CharField):
    """Keys of sources with blanks between them; the marks of a copied citation do no harm."""

    widget = forms.TextInput(attrs={"list": "source-keys", "autocomplete": "off", "data-keys": ""})

    def prepare_value(self, value: Any) -> Any:
        return " ".join(map(str, value)) if isinstance(value, list) else value

    def clean(self, value: Any) -> Any:
        return keys_in(super().clean(value))


def keys_in(written: Any) -> list[str]:
    """The keys in what was typed, each once; what is stored holds them already."""
    keys = written if isinstance(written, list) else BETWEEN_KEYS.split(written or "")
    return list(dict.fromkeys(key for key in keys if key))


class PeopleField(forms.CharField):
    """A number of people, typed without the arrows that a wheel of the mouse would turn.

    A draft keeps whatever was typed: what is no number stays words, None is nothing.
    """

    widget = forms.TextInput(attrs={"inputmode": "numeric", "size": 6, "autocomplete": "off"})

    def __init__(self, **options: Any) -> None:
        super().__init__(required=False, max_length=LONGEST_FIGURE, **options)

    def to_python(self, value: Any) -> int | str | None:  # type: ignore[override]
        words = printable(super().to_python(value) or "")
        number = whole_number(words)
        return number if number is not None and number <= LARGEST else words or None

    def run_validators(self, value: Any) -> None:
        super().run_validators("" if value is None else str(value))


class PlaceField(forms.CharField):
    """Where a row is to stand; what is no number leaves it in its place, the `number`th."""

    widget = forms.TextInput(attrs={"inputmode": "numeric", "size": 3})

    def __init__(self, *, number: int, **options: Any) -> None:
        super().__init__(required=False, **options)
        self.number = number

    def to_python(self, value: Any) -> int | None:  # type: ignore[override]
        words = super().to_python(value)
        if not words:
            return None
        place = whole_number(words)
        return self.number if place is None else place

    def run_validators(self, value: Any) -> None:
        """Whatever stands here can be read or is not needed."""


def whole_number(words: str) -> int | None:
    return int(words) if re.fullmatch(r"\d{1,10}", words) else None


class PartField(forms.CharField):
    """The heading under which readers find what they must be told; those of the saved text are offered."""

    widget = forms.TextInput(attrs={"list": "headings", "autocomplete": "off"})

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=LONGEST_HEADING, required=False, **options)


def in_our_words(fields: Iterable[forms.Field]) -> None:
    """What is too long is told in our words, whichever field it is."""
    for field in fields:
        field.error_messages.setdefault("max_length", TOO_LONG)


def retype(form: forms.BaseForm, data: Any) -> None:
    """Let a form that was not sent show what was typed into its page, without checking any of it."""
    for name, field in form.fields.items():
        form.initial[name] = field.widget.value_from_datadict(data, {}, form.add_prefix(name))
