"""The questions of a request, one form a step, and all of them checked together at the end."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

import phonenumbers
from django import forms
from django.conf.locale import LANG_INFO
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_countries import countries

from articles.models import Treatment

from . import consents, time_zones
from .models import MOST_COMPANIONS, Certainty, Destination, QuoteRequest
from .questions import TICK, Group, StepForm, Typed, one_of, radios, whole_number, yes_no

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

NOT_SURE = "not_sure"
LONGEST_AGO = 1200  # months
# The same answers as on the desk, in the words of whoever gives them.
I_AM: dict[str, StrOrPromise] = {
    QuoteRequest.Relationship.PARTNER.value: _("I am their wife, husband or partner"),
    QuoteRequest.Relationship.CHILD.value: _("I am their daughter or son"),
    QuoteRequest.Relationship.PARENT.value: _("I am their mother or father"),
    QuoteRequest.Relationship.SIBLING.value: _("I am their sister or brother"),
    QuoteRequest.Relationship.FRIEND.value: _("I am a friend"),
    QuoteRequest.Relationship.CARER.value: _("I am a paid carer"),
    QuoteRequest.Relationship.OTHER.value: _("In another way"),
}
LANGUAGES = "en ar bn de el es fa fr hi id it ja ko nl pl pt ro ru tr uk ur zh-hans"


class WhoForm(StepForm):
    for_whom = radios(
        _("Who is the quote for?"), QuoteRequest.ForWhom.choices, missing=_("Say who the quote is for.")
    )
    relationship = forms.ChoiceField(
        label=_("How do you know that person?"),
        choices=[("", _("Choose one")), *I_AM.items()],
        required=False,
        error_messages={"invalid_choice": _("Choose one of the answers in the list.")},
    )
    person_knows = forms.ChoiceField(
        label=_("Does that person know about this request?"),
        choices=Certainty.choices,
        required=False,
        widget=forms.RadioSelect(attrs=TICK),
        error_messages={"invalid_choice": _("Choose one of the answers shown.")},
    )

    WHY = {
        "person_knows": _(
            "The next questions are about that person’s health. They have a right to know who is told "
            "about it. If they cannot be asked, say “not sure”: we will talk about it with you."
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


class StrokeForm(StepForm):
    new_signs = radios(
        _("Are there new signs of a stroke right now?"),
        [("no", _("No")), ("yes", _("Yes, or I am not sure"))],
        hint=_(
            "Signs that are new or suddenly worse, different from usual: the face droops on one side, an arm "
            "or leg is weak, or speech is slurred or makes no sense. Signs that have been there for months "
            "are not meant."
        ),
        missing=_("Say whether there are new signs of a stroke right now."),
    )
    stroke_type = radios(
        _("What kind of stroke was it?"),
        QuoteRequest.StrokeType.choices,
        missing=_("Say what kind of stroke it was, or “not sure”."),
    )
    months_since_stroke = whole_number(
        _("How many months ago was the stroke?"),
        hint=_(
            "A whole number, for example 14. Write 0 for less than a month. If there was more than one "
            "stroke, count from the last."
        ),
        most=LONGEST_AGO,
        beside="month months mth mths mo m ago",
        refused=_("Write the months as a whole number, for example 14."),
        required=False,
    )
    months_not_sure = forms.BooleanField(label=_("I am not sure when it was"), required=False)
    affected = forms.MultipleChoiceField(
        label=_("What is affected now?"),
        choices=QuoteRequest.Affected.choices,
        help_text=_("Choose all that fit."),
        widget=forms.CheckboxSelectMultiple(attrs=TICK),
        error_messages={
            "required": _("Say what is affected, or “not sure”."),
            "invalid_choice": _("Choose from the answers shown."),
            "invalid_list": _("Choose from the answers shown."),
        },
    )
    daily_help = radios(
        _("How much help is needed each day?"),
        QuoteRequest.DailyHelp.choices,
        missing=_("Say how much help is needed each day, or “not sure”."),
    )

    WHY = {
        "stroke_type": _(
            "Studies took people after one kind of stroke or the other. A clinic will ask it first."
        ),
        "months_since_stroke": _(
            "What has been studied soon after a stroke may not have been studied later."
        ),
        "daily_help": _("It decides about nursing, the length of the stay, and who has to travel too."),
    }
    GROUPS = (
        Group(_("First of all"), "new_signs"),
        Group(
            _("The stroke"), "stroke_type", "months_since_stroke", "months_not_sure", "affected", "daily_help"
        ),
    )

    @property
    def is_emergency(self) -> bool:
        return self.data.get("new_signs") == "yes"

    def clean_new_signs(self) -> str:
        if self.is_emergency:
            raise ValidationError(_("Call your emergency number now. Do not fill in this form."))
        return self.cleaned_data["new_signs"]

    def clean_affected(self) -> list[str]:
        """What is affected, in the order of the page; “not sure” and “nothing” yield to whatever is named."""
        chosen = set(self.cleaned_data["affected"])
        for yields in (QuoteRequest.Affected.NONE, QuoteRequest.Affected.NOT_SURE):
            chosen -= {yields.value} if len(chosen) > 1 else set()
        return [part for part in QuoteRequest.Affected.values if part in chosen]

    def clean(self) -> dict[str, Any]:
        answers = super().clean() or {}
        months = answers.get("months_since_stroke")
        if answers.get("months_not_sure"):
            if months is not None:
                self.add_error("months_since_stroke", _("Write a number or choose “not sure”, not both."))
        elif months is None and "months_since_stroke" not in self.errors:
            self.add_error(
                "months_since_stroke", _("Write how many months ago it was, or choose “not sure”.")
            )
        return answers


class SafetyForm(StepForm):
    other_brain_disease = yes_no(
        _("Is there another disease of the brain?"),
        _("Please say whether there is another disease of the brain, or “not sure”."),
    )
    seizures = yes_no(
        _("Have there been seizures (fits)?"),
        _("Please say whether there have been seizures, or “not sure”."),
    )
    cancer = yes_no(
        _("Is there cancer, now or in the past?"),
        _("Please say whether there is or was cancer, or “not sure”."),
    )
    blood_thinners = yes_no(
        _("Is a medicine taken that thins the blood?"),
        _("Please say whether a medicine is taken that thins the blood, or “not sure”."),
    )
    pregnancy = yes_no(
        _("Is there a pregnancy, or could there be?"),
        _("Please say whether there is or could be a pregnancy, or “not sure”."),
        hint=_("Choose “no” where it cannot be."),
    )
    can_decide = yes_no(
        _("Can the person decide about treatment themselves?"),
        _("Please say who can decide: choose “yes”, “no” or “not sure”."),
    )
    can_travel = yes_no(
        _("Can the person travel by plane?"),
        _("Please say whether a journey by plane is possible, or “not sure”."),
    )

    FOR_ME: ClassVar[Mapping[str, StrOrPromise]] = {
        "blood_thinners": _("Do you take a medicine that thins the blood?"),
        "can_decide": _("Can you decide about treatment yourself?"),
        "can_travel": _("Can you travel by plane?"),
    }
    GROUPS = (
        Group(
            "",
            *QuoteRequest.SAFETY_QUESTIONS,
            hint=_("“Not sure” is a good answer to any of these."),
            why=_(
                "Each of these can make the treatment or the journey more dangerous, or more expensive. "
                "Studies ask the same. No answer here ends your request."
            ),
        ),
    )

    def __init__(self, typed: Typed | None = None, **options: Any):
        super().__init__(typed, **options)
        if self.about == QuoteRequest.ForWhom.ME:
            for name, label in self.FOR_ME.items():
                self.fields[name].label = label


NO_LONGER_OFFERED = _(
    "The treatment you chose is not offered at present. Choose one of those shown, or “not sure”."
)


def offered_treatments(*, today: dt.date) -> dict[str, Treatment]:
    """By slug: those that readers may see and whose page is not past its review, as on the page itself."""
    live = Treatment.objects.live().named().exclude(live_revision__next_review_on__lt=today)
    return {treatment.slug: treatment for treatment in live}


class WishesForm(StepForm):
    OPTIONAL = ("message",)

    treatment = radios(
        _("Which treatment is the quote for?"),
        (),
        hint=_("We found no country that has approved any of these for stroke. All are still being studied."),
        missing=_("Choose a treatment, or “not sure”."),
    )
    destination = radios(
        _("Where would you go?"),
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
        _("How many people would travel along?"),
        hint=_(
            "Without the person who had the stroke. A number from 0 to 6. Write 0 if you do not know yet."
        ),
        most=MOST_COMPANIONS,
        beside="person persons people companion companions adult adults",
        refused=_("Write how many people would travel along, from 0 to 6."),
    )
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
        "companions": _("Their flights and rooms are part of the whole price."),
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


# Quoted and invisible signs spell one mailbox in many ways, and the mail server turns letters like ß into
# others: the private link must go to exactly the address that was typed.
plain_address = RegexValidator(
    r"\A[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9.-]+\Z",
    _("Write an e-mail address like name@example.org, in plain letters and without quotation marks."),
)


class ContactForm(StepForm):
    OPTIONAL = ("phone",)
    NEEDS_NUMBER = (QuoteRequest.Channel.PHONE, QuoteRequest.Channel.MESSAGE)

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
    do_not_phone = forms.BooleanField(label=_("Do not phone me"), required=False)
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
    language = one_of(
        _("Your language"),
        [(code, LANG_INFO[code]["name_local"].capitalize()) for code in LANGUAGES.split()],
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
    GROUPS = (
        Group(_("You"), "name", "email", "country", "phone", "do_not_phone"),
        Group(_("How"), "channel", "language", "website"),
        Group(
            _("If we may phone or text you"),
            "hours",
            "time_zone",
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
        return _e164(number, self.cleaned_data.get("country")) if number else ""

    def clean(self) -> dict[str, Any]:
        answers = super().clean() or {}
        channel = answers.get("channel")
        if answers.get("do_not_phone") and channel == QuoteRequest.Channel.PHONE:
            self.add_error("channel", _("You chose “do not phone me”. Choose e-mail or text message here."))
        elif channel in self.NEEDS_NUMBER and answers.get("phone") == "":
            self.add_error("phone", _("Write a phone number, or choose e-mail."))
        if channel in self.NEEDS_NUMBER:
            self.need("hours", _("Say at what time of the day we may contact you."))
            self.need("time_zone", _("Choose a city that has the same time as yours."))
        answers["hours"] = answers.get("hours") or QuoteRequest.Hours.ANY.value
        if answers.get("time_zone") == time_zones.ELSEWHERE:
            answers["time_zone"] = ""
        return answers


def _e164(number: str, country: str | None) -> str:
    """'020 7946 0018' in GB → '+442079460018'. ValidationError for what no phone has."""
    if number.startswith("00"):
        number = "+" + number[2:]
    try:
        parsed = phonenumbers.parse(number, country or None)
    except phonenumbers.NumberParseException:
        parsed = None
    # Possible, not valid: the library's list of ranges lags behind numbers that people really have.
    if parsed is None or not phonenumbers.is_possible_number(parsed):
        raise ValidationError(_("Write a phone number like 020 7946 0018, or +44 20 7946 0018."))
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


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
        Group(_("The health answers"), "consent_version", "health"),
        Group(_("E-mails when the evidence changes"), "news"),
    )

    def clean(self) -> dict[str, Any]:
        answers = super().clean() or {}
        if answers.get("consent_version") != consents.CURRENT:
            # The words changed while this page was open: show the new ones, unticked.
            self.data = {"consent_version": consents.CURRENT}
            raise ValidationError(_("The text on this page is new. Read it, then choose again."))
        return answers
