"""What the steps that bring a text to readers ask of whoever takes them (articles.staff.steps_to_readers)."""

import datetime as dt
from functools import partial
from typing import Any

from django import forms
from django.contrib.admin.widgets import AdminDateWidget, AdminSplitDateTime
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .. import approvals, flags, versions
from ..models import Revision, RevisionState
from ..texts import Made, made_of, problems_with
from .checks_panel import REASON, reason_field, telling
from .writing_fields import in_our_words

LONGEST_NOTE = 4000


class StepForm(forms.Form):
    """What a step with one revision asks; this one asks nothing but the button."""

    def __init__(self, *args: Any, revision: Revision, **options: Any) -> None:
        super().__init__(*args, **options)
        in_our_words(self.fields.values())
        self.revision = revision

    @property
    def plain_fields(self) -> list[forms.BoundField]:
        """Those that are asked one below the other."""
        return self.visible_fields()


class ReviewDateForm(StepForm):
    """Asks by when the text must be looked at again."""

    next_review_on = forms.DateField(
        label=_("Check again by"),
        widget=AdminDateWidget,
        help_text=_("At most two years ahead. After this day readers see a warning and the quote link goes."),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["next_review_on"].initial = timezone.localdate() + approvals.REVIEW_AGAIN_AFTER

    def clean_next_review_on(self) -> dt.date:
        chosen = self.cleaned_data["next_review_on"]
        if chosen <= timezone.localdate():
            raise forms.ValidationError(_("Choose a day in the future."))
        if chosen > approvals.latest_review(timezone.now()):
            raise forms.ValidationError(approvals.too_far(timezone.now()))
        return chosen


class ConfirmForm(ReviewDateForm):
    reason = forms.CharField(
        label=_("Why it still holds"),
        max_length=400,
        validators=[telling],
        error_messages={"required": _("Say why it still holds.")},
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("What you looked at: the sources, newer trials, other news."),
    )
    # The date and the flags that this page showed: who comes after a colleague, or a change, is told.
    seen = forms.DateField(required=False, widget=forms.HiddenInput)
    seen_flags = forms.CharField(required=False, widget=forms.HiddenInput)
    field_order = ("reason", "next_review_on", "seen", "seen_flags")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["seen"].initial = self.revision.next_review_on
        subject: Any = self.revision.subject  # type: ignore[attr-defined]
        self.fields["seen_flags"].initial = " ".join(sorted(flags.marks_of(subject)))


def ask_reasons(form: StepForm, made: Made) -> list[str]:
    """Ask why each warning may stand that nobody has given a reason for; the names of the new fields."""
    revision: Any = form.revision
    came_up = versions.came_up(problems_with(revision, made), revision.overrides)
    new = {f"{REASON}{problem.name}": problem for problem in came_up}
    form.fields |= {
        name: reason_field(
            problem, error_messages={"required": _("Say why this may stay, or have the text mended.")}
        )
        for name, problem in new.items()
    }
    return list(new)


class CheckAgainForm(StepForm):
    """Asks for a reason where the checks show a warning that nobody has given one for."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        revision: Any = self.revision
        ask_reasons(self, made_of(revision))


class RevokeForm(StepForm):
    reason = forms.CharField(
        label=_("Why it is no longer approved, and what must change"),
        max_length=LONGEST_NOTE,
        validators=[partial(telling, asked=_("Write what is wrong with it, and where."))],
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class RestoreForm(StepForm):
    """Asks for leave where a draft with words of its own stands in the way."""

    set_draft_aside = forms.BooleanField(required=False)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        draft: Any = self.revision.subject.revisions.filter(state=RevisionState.DRAFT).first()  # type: ignore[attr-defined]
        if draft is None or versions.is_untouched(draft):
            del self.fields["set_draft_aside"]
        else:
            self.fields["set_draft_aside"].label = _(
                "Set the open draft aside (version %(number)s). It stays among the versions."
            ) % {"number": draft.number}


class PublishForm(StepForm):
    at = forms.SplitDateTimeField(
        label=_("Publish at"),
        required=False,
        widget=AdminSplitDateTime,
        help_text=_("Leave empty to publish now."),
    )

    def clean_at(self) -> dt.datetime | None:
        chosen = self.cleaned_data["at"]
        if chosen and chosen <= timezone.now():
            raise forms.ValidationError(_("This time has passed. Leave it empty to publish now."))
        return chosen


class WithdrawForm(StepForm):
    reason = forms.CharField(
        label=_("Why readers should no longer see it"),
        max_length=400,
        validators=[partial(telling, asked=_("Write what readers would be told wrongly, or what changed."))],
        error_messages={"required": _("Say why readers should no longer see it.")},
        widget=forms.Textarea(attrs={"rows": 2}),
    )
