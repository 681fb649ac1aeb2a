"""What staff fill in on the page of a lead."""

from typing import Any, cast

from django import forms
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from portal.models import User

from . import desk, summary, time_zones
from .contact import CONTACT, Overtaken, stamp
from .forms import ContactForm
from .models import Note, QuoteRequest

LONGEST_NOTE = Note._meta.get_field("text").max_length
WORK_LEADS = "quotes.work_quoterequest"  # as pipeline.assign asks; groups may be renamed


def lead_workers() -> QuerySet[User]:
    """Whom a lead may be given to: active staff who were granted to work leads, which superusers were not."""
    granted = User.objects.with_perm(WORK_LEADS, include_superusers=False)
    return granted.filter(is_staff=True).order_by("username")


def still_works(member: str) -> Exists:
    """Whether the member of staff that this column names may work leads today; superusers may too."""
    return Exists(User.objects.with_perm(WORK_LEADS).filter(is_staff=True, pk=OuterRef(member)))


class NoteForm(forms.Form):
    """Beside every button; only the button that saves nothing else needs something written."""

    text = forms.CharField(
        label=_("New note"),
        max_length=LONGEST_NOTE,
        required=False,
        widget=forms.Textarea({"rows": 4}),
        help_text=_("For colleagues only; the requester never sees it. Each button here saves it too."),
        error_messages={"required": _("Write the note first. Nothing was saved.")},
    )

    def __init__(self, typed: Any = None, *, alone: bool = False):
        super().__init__(typed)
        self.fields["text"].required = alone
        self.fields["text"].widget.is_required = False


class Colleague(forms.ModelChoiceField):
    gone: int | None = None

    def label_from_instance(self, member):
        return desk.holder(member, works=member.pk != self.gone)


class AssignForm(forms.Form):
    """Offers who may be given leads, and who has this one, also where they no longer may."""

    assignee = Colleague(User.objects.none(), label=_("Give to"), required=False, empty_label=_("nobody"))

    def __init__(self, lead: QuoteRequest, typed: Any = None, *, works: bool):
        super().__init__(typed, initial={"assignee": lead.assignee_id})
        colleagues = Q(pk__in=lead_workers().order_by()) | Q(pk=lead.assignee_id)
        field = self.fields["assignee"]
        assert isinstance(field, Colleague)  # noqa: S101 - for the type checker
        field.queryset = User.objects.filter(colleagues).order_by("username")
        field.gone = None if works else lead.assignee_id


class CorrectionForm(ContactForm):
    """How the requester is called and reached, by the rules of the request's own form; and why it changes."""

    reason = forms.CharField(
        label=_("Why is this corrected?"),
        max_length=LONGEST_NOTE,
        widget=forms.Textarea({"rows": 3}),
        help_text=_("Kept as a note, for colleagues only. For example: “She spelt it for me on the phone.”"),
        error_messages={"required": _("Say why this is corrected.")},
    )
    opened = forms.CharField(widget=forms.HiddenInput, required=False)
    GROUPS = ()
    WITHOUT_EXTENSION = _("Write the number without its extension, and the extension into the reason.")

    def __init__(self, lead: QuoteRequest, typed: Any = None):
        now = {name: getattr(lead, name) for name in CONTACT} | {"opened": stamp(lead)}
        super().__init__(typed, initial=now | {"time_zone": lead.time_zone or time_zones.ELSEWHERE})
        self.lead = lead
        self.as_it_is: list[summary.Row] = []
        for name in set(self.fields) - {*CONTACT, "reason", "opened"}:
            del self.fields[name]
        for name in CONTACT:
            self.fields[name].label = summary.label(name)
            self.fields[name].help_text = ""

    def clean_phone(self) -> str:
        self.cleaned_data["country"] = str(self.lead.country)  # a number may be written as at home
        return super().clean_phone()

    def overtaken(self, refusal: Overtaken) -> None:
        """Keep what was typed beside the lead as it is now, and its stamp: the next save is a choice."""
        typed, lead = self.cleaned_data, self.lead
        differing = [name for name in CONTACT if typed[name] != getattr(lead, name)]
        self.as_it_is = summary.rows(lead, differing)
        posted = cast("QueryDict", self.data).copy()
        posted["opened"] = stamp(lead)
        self.data = posted
        self.add_error(None, str(refusal))
