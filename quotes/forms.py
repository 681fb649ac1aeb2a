"""The questions of a request, one form a step; those about health are in `health_forms`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, ClassVar

import phonenumbers
from django import forms
from django.conf.locale import LANG_INFO
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django_countries import countries

from articles.models import Treatment
from portal.fields import TICK, one_of, radios, whole_number

from . import consents, summary, time_zones
from .models import MOST_COMPANIONS, Certainty, Destination, QuoteRequest
from .questions import Group, StepForm, ToYou, Typed

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

NOT_SURE = "not sure"  # with a space, which the address of no treatment and no destination can have
LANGUAGES = "en ar bn de el es fa fr hi id it ja ko nl pl pt ro ru tr uk ur zh-hans"


class WhoForm(StepForm):
    for_whom = radios(
        _("Who is the quote for?"), QuoteRequest.ForWhom.choices, missing=_("Say who the quote is for.")
    )
    relationship = forms.ChoiceField(
        label=_("How do you know that person?"),
        choices=[("", _("Choose one")), *summary.I_AM.items()],
        required=False,
        error_messages={"invalid_choice": _("Choose one of the answers in the list.")},
    )
    person_knows = forms.ChoiceField(
        label=_("Does that person know about this request?"),
        help_text=_("If they can decide for themselves, please ask them first."),
        choices=Certainty.choices,
        required=False,
        widget=forms.RadioSelect(attrs=TICK),
        error_messages={"invalid_choice": _("Choose one of the answers shown.")},
    )

    WHY = {
        "person_knows": _(
            "The next questions are about that person’s health. They have a right to know who is told "
            "about it. If they cannot understand it at present, say “no”: we will talk about it with you."
        )
    }
    GROUPS = (
        Group("", "for_whom"),
        Group(
            _("If it is for somebody else"),
            "relationship",
            "person_knows",
            hint=_("Leave these empty if the quote is for you."),
        ),
    )

    def clean(self) -> dict[str, Any]:
        answers = super().clean() or {}
        if answers.get("for_whom") == QuoteRequest.ForWhom.OTHER:
            self.need("relationship", _("Say how you know that person."))
            self.need("person_knows", _("Say whether that person knows about this request."))
        else:
            answers["relationship"] = answers["person_knows"] = ""
        return answers


NO_LONGER_OFFERED = _(
    "The treatment you chose is not offered at present. Choose one of those shown, or “not sure”."
)


def offered_treatments(*, today: dt.date) -> dict[str, Treatment]:
    """By slug: those that quotes are made for, as their own pages say; not past a review, nor withdrawn."""
    return {treatment.slug: treatment for treatment in Treatment.objects.quotable(today).named()}


COMPANIONS_COUNTED = _("Write how many people would travel along, from 0 to 6.")


class WishesForm(StepForm):
    OPTIONAL = ("message",)

    treatment = radios(
        _("Which treatment is the quote for?"),
        (),
        hint=_("We found no country that has approved any of these for stroke. All are still being studied."),
        missing=_("Choose a treatment, or “not sure”."),
    )
    destination = radios(
        _("Where would the person go?"),
        (),
        missing=_("Choose a place, or “not sure”."),
        hint=_(
            "You can change it later. Somewhere else? Choose “not sure” and write the place in the last box "
            "of this page."
        ),
    )
    wanted_when = radios(
        _("When?"),
        QuoteRequest.When.choices,
        hint=_("There is no hurry on our side."),
        missing=_("Say when, or “not sure”."),
    )
    companions = whole_number(
        _("How many people would travel with them?"),
        hint=_("Do not count the person who had the stroke. A number from 0 to 6."),
        most=MOST_COMPANIONS,
        beside="person persons people companion companions adult adults",
        refused=COMPANIONS_COUNTED,
        too_many=COMPANIONS_COUNTED,
    )
    companions_not_known = forms.BooleanField(label=_("I do not know yet"), required=False)
    message = forms.CharField(
        label=_("Is there anything else we should know?"),
        help_text=_("No documents are needed now. There is room for up to 2,000 characters."),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 5, "autocomplete": "off"}),
        error_messages={
            "max_length": _("Shorten this to %(limit_value)d characters; it has %(show_value)d.")
        },
    )

    WHY = {
        "destination": _("Prices, journeys and rules differ from country to country."),
        "companions": _("Their flights and rooms are part of the price."),
    }
    TO_YOU = {
        "destination": ToYou(_("Where would you go?")),
        "companions": ToYou(
            _("How many people would travel with you?"),
            hint=_("Do not count yourself. A number from 0 to 6."),
        ),
    }

    def __init__(self, typed: Typed | None = None, **options: Any):
        super().__init__(typed, **options)
        # With it, browsers cut what is pasted and say nothing; without it, our message does.
        self.fields["message"].widget.attrs.pop("maxlength", None)
        self.treatments = offered_treatments(today=timezone.localdate())
        self.fields["treatment"].error_messages["invalid_choice"] = NO_LONGER_OFFERED
        self.destinations = {place.slug: place for place in Destination.objects.filter(active=True)}
        self._offer("treatment", [(treatment.name, slug) for slug, treatment in self.treatments.items()])
        self._offer("destination", [(place.label, slug) for slug, place in self.destinations.items()])

    def _offer(self, name: str, named: Iterable[tuple[str, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - for the type checker
        field.choices = [*((slug, label) for label, slug in sorted(named)), (NOT_SURE, _("Not sure"))]

    def clean_treatment(self) -> Treatment | None:
        return self.treatments.get(self.cleaned_data["treatment"])

    def clean_destination(self) -> Destination | None:
        return self.destinations.get(self.cleaned_data["destination"])

    def clean(self) -> dict[str, Any]:
        answers = super().clean() or {}
        self.need_one(
            "companions",
            "companions_not_known",
            neither=_("Write how many people would travel along, or choose “I do not know yet”."),
            both=_("Write a number or choose “I do not know yet”, not both."),
        )
        return answers


# Quoted and invisible signs spell one mailbox in many ways, and the mail server turns letters like ß into
# others: the private link must go to exactly the address that was typed.
plain_address = RegexValidator(
    r"\A[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9.-]+\Z",
    _("Write an e-mail address like name@example.org, in plain letters and without quotation marks."),
)


class ContactForm(StepForm):
    OPTIONAL = ("phone",)
    NEEDS_NUMBER = (QuoteRequest.Channel.PHONE, QuoteRequest.Channel.MESSAGE)
    WITHOUT_EXTENSION: ClassVar[StrOrPromise] = _(
        "Write the number without its extension. At the end, where you check your answers, you can add the "
        "extension under “Anything else”."
    )

    name = forms.CharField(
        label=_("Your name"),
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={
            "required": _("Write your name."),
            "max_length": _("Shorten your name to %(limit_value)d characters; it has %(show_value)d."),
        },
    )
    email = forms.EmailField(
        label=_("Your e-mail address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email", "inputmode": "email", "spellcheck": "false"}),
        error_messages={
            "required": _("Write your e-mail address."),
            "invalid": _("Write an e-mail address like name@example.org."),
            "max_length": _("An e-mail address has no more than %(limit_value)d characters."),
        },
    )
    country = one_of(
        _("The country you live in"), (), missing=_("Choose the country you live in."), autocomplete="country"
    )
    phone = forms.CharField(
        label=_("Your phone number"),
        help_text=_(
            "As you dial it at home. If it is from another country, begin with + and that country’s code."
        ),
        max_length=40,
        required=False,
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel", "inputmode": "tel"}),
        error_messages={
            "max_length": _("Write one phone number, in no more than %(limit_value)d characters.")
        },
    )
    channel = radios(
        _("How should we contact you?"),
        QuoteRequest.Channel.choices,
        missing=_("Say how we should contact you."),
    )
    hours = radios(
        _("At what time of the day may we phone or text?"),
        QuoteRequest.Hours.choices,
        hint=_("In your own time."),
        required=False,
    )
    time_zone = one_of(
        _("Your time zone"),
        [("", _("Choose one")), *time_zones.GROUPS],
        hint=_("Choose the city that has the same time as yours."),
        required=False,
    )
    do_not_phone = forms.BooleanField(
        label=_("Text messages only: do not phone me"),
        help_text=_("If you never want a call:"),
        required=False,
    )
    language = one_of(
        _("Your language"),
        [(code, capfirst(LANG_INFO[code]["name_local"])) for code in LANGUAGES.split()],
        hint=_("If we cannot write in it, we say so in our first answer."),
        missing=_("Choose your language."),
    )
    website = forms.CharField(
        label=_("Leave this empty"),
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off", "tabindex": "-1"}),
    )

    WHY = {
        "email": _("Your reference, your private link and our answers go there. Nobody else gets it."),
        "country": _("Flights, visa and insurance depend on it."),
        "phone": _("Only for the contact that you choose below. Without a number nobody can phone."),
        "time_zone": _("So that nobody contacts you at night."),
    }
    GROUPS: ClassVar[tuple[Group, ...]] = (
        Group(_("You"), "name", "email", "country", "phone"),
        Group(_("How"), "channel", "language", "website"),
        Group(
            _("If we may phone or text you"),
            "hours",
            "time_zone",
            "do_not_phone",
            hint=_("Leave these empty if you chose e-mail."),
        ),
    )

    def __init__(self, typed: Typed | None = None, **options: Any):
        super().__init__(typed, **options)
        field = self.fields["country"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - for the type checker
        field.choices = [("", _("Choose one")), *countries]

    def clean_email(self) -> str:
        plain_address(self.cleaned_data["email"])
        return self.cleaned_data["email"]

    def clean_website(self) -> str:
        if self.cleaned_data["website"]:
            raise ValidationError(_("Empty the field “Leave this empty”. It is a trap for programs."))
        return ""

    def clean_phone(self) -> str:
        number = self.cleaned_data["phone"]
        if not number:
            return ""
        dialled = _dialled(number, self.cleaned_data.get("country"))
        if dialled.extension:  # the record keeps none
            raise ValidationError(self.WITHOUT_EXTENSION)
        return phonenumbers.format_number(dialled, phonenumbers.PhoneNumberFormat.E164)

    def clean(self) -> dict[str, Any]:
        answers = super().clean() or {}
        channel = answers.get("channel")
        if answers.get("do_not_phone") and channel == QuoteRequest.Channel.PHONE:
            self.add_error(
                "channel", _("You chose “do not phone me” below. Choose e-mail or text message here.")
            )
        elif channel in self.NEEDS_NUMBER and answers.get("phone") == "":
            self.add_error("phone", _("Write a phone number, or choose e-mail."))
        if channel in self.NEEDS_NUMBER:
            self.need("hours", _("Say at what time of the day we may contact you."))
            self.need("time_zone", _("Choose a city that has the same time as yours."))
        answers["hours"] = answers.get("hours") or QuoteRequest.Hours.ANY.value
        if answers.get("time_zone") == time_zones.ELSEWHERE:
            answers["time_zone"] = ""
        return answers


def _dialled(number: str, country: str | None) -> phonenumbers.PhoneNumber:
    """What a phone in that country would call. ValidationError for what no phone has."""
    if number.startswith("00"):
        number = "+" + number[2:]
    try:
        parsed = phonenumbers.parse(number, country or None)
    except phonenumbers.NumberParseException:
        parsed = None
    if parsed is None or not _is_whole(parsed):
        raise ValidationError(_("Write the whole phone number, like 020 7946 0018 or +44 20 7946 0018."))
    return parsed


def _is_whole(number: phonenumbers.PhoneNumber) -> bool:
    # Without the code of its town a number would become somebody else's. Possible, not valid: the library's
    # list of ranges lags behind numbers that people really have.
    reason = phonenumbers.is_possible_number_with_reason(number)
    return reason == phonenumbers.ValidationResult.IS_POSSIBLE


class ConsentForm(StepForm):
    consent_version = forms.CharField(widget=forms.HiddenInput, required=False, max_length=20)
    health = forms.BooleanField(
        label=_("I agree to this use of the health answers"),
        help_text=consents.text(consents.HEALTH),
        error_messages={
            "required": _("Without your consent to use the health answers we cannot make a quote.")
        },
    )
    news = forms.BooleanField(
        label=_("I would like these e-mails"), help_text=consents.text(consents.NEWS), required=False
    )

    GROUPS = (
        Group(_("The health answers"), "health", "consent_version"),
        Group(_("E-mails when the evidence changes"), "news"),
    )

    def clean(self) -> dict[str, Any]:
        answers = super().clean() or {}
        if self.about.must_be_asked_first:
            raise ValidationError(_("Ask the person first. Only then can you send this request."))
        if answers.get("consent_version") != consents.CURRENT:
            # The words changed while this page was open: show the new ones, unticked.
            self.data = {"consent_version": consents.CURRENT}
            raise ValidationError(_("The text on this page is new. Read it, then choose again."))
        return answers
