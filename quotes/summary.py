"""A request in words: every answer beside its question, for the check before sending and for the desk."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import phonenumbers
from django.utils.text import capfirst
from django.utils.translation import get_language_info, gettext_lazy, ngettext
from django.utils.translation import gettext as _
from django_countries import countries

from . import consents, time_zones
from .models import QuoteRequest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from django_stubs_ext import StrOrPromise


@dataclass(frozen=True)
class Row:
    """One answer; `field` names the question in its form."""

    field: str
    label: str
    value: StrOrPromise


@dataclass(frozen=True)
class Section:
    """Answers on one subject; `step` is where they are changed before sending."""

    step: str
    title: StrOrPromise
    rows: list[Row]


SUBJECTS: tuple[tuple[str, StrOrPromise, tuple[str, ...]], ...] = (
    ("who", gettext_lazy("Who it is for"), ("for_whom", "relationship", "person_knows")),
    (
        "stroke",
        gettext_lazy("The stroke"),
        ("stroke_type", "months_since_stroke", "affected", "daily_help"),
    ),
    ("safety", gettext_lazy("Safety"), QuoteRequest.SAFETY_QUESTIONS),
    (
        "wishes",
        gettext_lazy("What is wished for"),
        ("treatment", "destination", "wanted_when", "companions", "message"),
    ),
    (
        "contact",
        gettext_lazy("Contact"),
        (
            "name",
            "email",
            "country",
            "phone",
            "do_not_phone",
            "channel",
            "hours",
            "time_zone",
            "language",
        ),
    ),
)
# How a requester says it of themselves; on the desk the same answers stand in the third person.
I_AM: dict[str, StrOrPromise] = {
    QuoteRequest.Relationship.PARTNER.value: gettext_lazy("I am their wife, husband or partner"),
    QuoteRequest.Relationship.CHILD.value: gettext_lazy("I am their daughter or son"),
    QuoteRequest.Relationship.PARENT.value: gettext_lazy("I am their mother or father"),
    QuoteRequest.Relationship.SIBLING.value: gettext_lazy("I am their sister or brother"),
    QuoteRequest.Relationship.FRIEND.value: gettext_lazy("I am a friend"),
    QuoteRequest.Relationship.CARER.value: gettext_lazy("I am a paid carer"),
    QuoteRequest.Relationship.OTHER.value: gettext_lazy("In another way"),
}
ONLY_FOR_SOMEBODY_ELSE = ("relationship", "person_knows")
ONLY_FOR_CALLS = ("hours", "time_zone")
# What the private page shows. A letter names its address, and an address can be mistyped: nothing here is
# about anybody's health, and nothing says who asked.
WISHES = ("treatment", "destination", "wanted_when", "companions")


def reached_by(lead: QuoteRequest) -> list[Row]:
    """How we contact them; a letter by e-mail keeps no hours."""
    by_mail = lead.channel == QuoteRequest.Channel.EMAIL
    return rows(lead, ("channel",) if by_mail else ("channel", "hours"))


def sections(lead: QuoteRequest) -> list[Section]:
    """All answers of a request, saved or not; what was not asked is left out."""
    return [Section(step, title, rows(lead, asked(lead, names))) for step, title, names in SUBJECTS]


def told(lead: QuoteRequest) -> list[Section]:
    """The same for the requester to check: in their own words, and nothing that they never said."""
    return [
        Section(part.step, part.title, [_in_own_words(lead, row) for row in part.rows if _said(lead, row)])
        for part in sections(lead)
    ]


def _in_own_words(lead: QuoteRequest, row: Row) -> Row:
    return replace(row, value=I_AM[lead.relationship]) if row.field == "relationship" else row


def _said(lead: QuoteRequest, row: Row) -> bool:
    if row.field in ONLY_FOR_CALLS:
        return bool(lead.phone)  # without a number we can neither phone nor text
    return lead.do_not_phone or row.field != "do_not_phone"


def asked(lead: QuoteRequest, names: Iterable[str]) -> Iterable[str]:
    for_other = lead.for_whom == QuoteRequest.ForWhom.OTHER
    return (name for name in names if for_other or name not in ONLY_FOR_SOMEBODY_ELSE)


def consent_section(answers: Mapping[str, Any]) -> Section:
    """The consents about to be given."""
    return Section(
        "consent",
        _("Your consent"),
        [
            Row(consents.HEALTH, _("Use of the health answers for the quote"), _yes(True)),
            Row(consents.NEWS, _("E-mails when the evidence changes"), _yes(answers[consents.NEWS])),
        ],
    )


def rows(lead: QuoteRequest, names: Iterable[str]) -> list[Row]:
    """These answers, each with its name."""
    return [Row(name, label(name), words(lead, name)) for name in names]


def label(name: str) -> str:
    """What an answer is called, in forms of address for nobody: requester and desk both read it."""
    return capfirst(str(getattr(QuoteRequest._meta.get_field(name), "verbose_name", name)))


def words(lead: QuoteRequest, name: str) -> StrOrPromise:
    """One answer as a person would say it."""
    if say := SAID_APART.get(name):
        return say(getattr(lead, name))
    if QuoteRequest._meta.get_field(name).choices:  # type: ignore[union-attr]
        return getattr(lead, f"get_{name}_display")()
    return str(getattr(lead, name))


def _months(months: int | None) -> str:
    if months is None:
        return _("Not sure")
    if months == 0:
        return _("Less than a month")
    counted = ngettext("%(months)d month", "%(months)d months", months) % {"months": months}
    if months < 24:
        return counted
    return _("%(months)s (%(years)s)") % {"months": counted, "years": _years(months)}


def _years(months: int) -> str:
    """27 → “2 years and 3 months”: who wrote years sees that they were understood."""
    years, rest = divmod(months, 12)
    whole = ngettext("%(years)d year", "%(years)d years", years) % {"years": years}
    if not rest:
        return whole
    part = ngettext("%(months)d month", "%(months)d months", rest) % {"months": rest}
    return _("%(years)s and %(months)s") % {"years": whole, "months": part}


def _companions(number: int | None) -> str:
    return _("Not known yet") if number is None else str(number)


def _relationship(kind: str) -> StrOrPromise:
    # The label of the record, "Somebody else", would read as if the request were for yet another person.
    return I_AM[kind] if kind == QuoteRequest.Relationship.OTHER else QuoteRequest.Relationship(kind).label


def _parts(affected: list[str]) -> str:
    return ", ".join(str(QuoteRequest.Affected(part).label) for part in affected)


def _phone(number: str) -> str:
    if not number:
        return _("None given")
    parsed = phonenumbers.parse(number)
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def _zone(zone: str) -> StrOrPromise:
    return time_zones.CITIES.get(zone, zone) or _("Not known")


def _language(code: str) -> str:
    """By the name the reader knows it by, and by its own."""
    try:
        known = get_language_info(code)
    except KeyError:
        return code
    ours, its_own = capfirst(known["name_translated"]), capfirst(known["name_local"])
    return ours if ours == its_own else f"{ours} – {its_own}"


def _yes(answer: bool) -> str:
    return _("Yes") if answer else _("No")


SAID_APART: dict[str, Callable[[Any], StrOrPromise]] = {
    "months_since_stroke": _months,
    "affected": _parts,
    "treatment": lambda treatment: treatment.name if treatment else _("Not sure"),
    "destination": lambda place: place.label if place else _("Not sure"),
    "relationship": _relationship,
    "companions": _companions,
    "message": lambda text: text or _("Nothing written"),
    "phone": _phone,
    "country": lambda country: countries.name(str(country)) or _("None given"),
    "do_not_phone": _yes,
    "time_zone": _zone,
    "language": _language,
}
