"""One version of a guide or treatment in the admin: as it was written, and as readers would see it."""

from collections.abc import Callable, Sequence
from typing import Any, ClassVar, NoReturn, cast

from django import forms
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import BigIntegerField
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe
from js_asset import Script  # type: ignore[import-untyped]

from portal.admin import with_nonce
from portal.models import User

from ..checks.discern import QUESTIONS
from ..models import RevisionState
from ..texts import AnyRevision
from ..versions import may
from .comparisons import Comparison, between, in_a_list
from .passages import passages
from .steps_to_readers import STEPS, Offer, Step
from .subject_list import SubjectList
from .subject_page import errors_of, errors_of_form

VERSION = "<int:pk>/revisions/<int:number>/"  # in addresses
PEOPLE = ("subject", "author", "saved_by", "reviewed_by", "withdrawn_by")
PAGE_MEDIA = forms.Media(
    css={"all": ["portal/prose.css"]},
    js=["admin/js/urlify.js", Script("portal/writing.js", type="module")],
)


def staff(request: HttpRequest) -> User:
    """Who asks; the admin let nobody else in."""
    return cast("User", request.user)


class TwoVersionsForm(forms.Form):
    """Which two versions stand side by side."""

    def __init__(self, *args: Any, revisions: Sequence[AnyRevision], **options: Any) -> None:
        super().__init__(*args, **options)
        choices = [(revision.number, in_a_list(revision)) for revision in revisions]
        newest, before = revisions[0].number, revisions[min(1, len(revisions) - 1)].number
        for name, label, first in (("from", _("On the left"), before), ("to", _("On the right"), newest)):
            self.fields[name] = forms.TypedChoiceField(
                label=label,
                choices=choices,
                coerce=int,
                initial=first,
                error_messages={
                    "required": _("Choose a version."),
                    "invalid_choice": _("There is no such version."),
                },
            )

    @property
    def chosen(self) -> tuple[int, int]:
        return self.cleaned_data["from"], self.cleaned_data["to"]


def not_found() -> NoReturn:
    raise Http404


class VersionPages(SubjectList):
    """The pages of single versions, and what every page about a version needs."""

    page_of: ClassVar[Callable[..., dict[str, Any]]]
    public_template: ClassVar[str]

    def version_paths(self) -> list[Any]:
        protect = self.admin_site.admin_view
        return [
            path("<int:pk>/compare/", protect(require_safe(self.compare_view)), name=self.address("compare")),
            path(VERSION, protect(require_safe(self.revision_view)), name=self.address("revision")),
            path(
                f"{VERSION}preview/", protect(require_safe(self.preview_view)), name=self.address("preview")
            ),
        ]

    def address(self, page: str) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}_{page}"

    def url(self, page: str, *arguments: Any) -> str:
        return reverse(f"admin:{self.address(page)}", args=arguments)

    def may(self, request: HttpRequest, verb: str) -> bool:
        """Whether this person may submit, review or publish revisions of this kind."""
        return may(staff(request), verb, self.revision_model)

    # Views

    def revision_view(self, request: HttpRequest, pk: int, number: int) -> HttpResponse:
        self.check_may_read(request)
        return self.version_page(request, self.revision_or_404(pk, number))

    def version_page(
        self, request: HttpRequest, revision: AnyRevision, refused: Offer | None = None, *, status: int = 200
    ) -> HttpResponse:
        """One version as it was written, never to be changed, with the way to restore it."""
        offers = []
        if revision.is_frozen and revision.state != RevisionState.IN_REVIEW and self.may(request, "submit"):
            offers = [refused or self.offer(STEPS["restore"], revision)]
        context = self.admin_site.each_context(request) | {
            "title": _("Version %(number)s: %(title)s")
            % {"number": revision.number, "title": revision.title},
            "original": revision.subject,
            "opts": self.opts,
            "revision": revision,
            "text": passages(revision),
            "discern": [(QUESTIONS.get(one["question"], ""), one) for one in revision.discern],
            "offers": offers,
            "errors": list(errors_of(None, refused)),
            "preview_url": self.url("preview", revision.subject_id, revision.number),
            "media": self.page_media(request, None, offers),
        }
        return TemplateResponse(request, "admin/articles/revision.html", context, status=status)

    def preview_view(self, request: HttpRequest, pk: int, number: int) -> HttpResponse:
        """The version as readers would see it; for staff, never kept by a cache (admin_view sees to that)."""
        self.check_may_read(request)
        revision = self.revision_or_404(pk, number)
        shown = self.page_of(revision, today=timezone.localdate(), preview=True)
        back = {"preview_back": self.url("change", pk)}
        return TemplateResponse(request, self.public_template, shown | back)

    def compare_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Any two versions side by side: ?from=3&to=5."""
        self.check_may_read(request)
        revisions = self.versions_or_404(pk)
        subject = revisions[0].subject
        asked = bool(request.GET)
        form = TwoVersionsForm(request.GET if asked else None, revisions=revisions)
        comparison = self.two_versions(pk, form) if asked and form.is_valid() else None
        context = self.admin_site.each_context(request) | {
            "title": _("“%(title)s”: two versions side by side") % {"title": revisions[0].title},
            "original": subject,
            "opts": self.opts,
            "form": form,
            "errors": list(errors_of_form(form)),
            "comparison": comparison,
        }
        status = 422 if asked and comparison is None else 200
        return TemplateResponse(request, "admin/articles/compare.html", context, status=status)

    def two_versions(self, pk: int, form: TwoVersionsForm) -> Comparison:
        older, newer = (self.revision_or_404(pk, number) for number in form.chosen)
        return between(older, newer, str(_("Side by side")))

    def versions_or_404(self, pk: int) -> list[AnyRevision]:
        """Every version of one subject, newest first, without the long texts; those set aside among them."""
        if pk > BigIntegerField.MAX_BIGINT:
            raise Http404
        found = self.revision_model._default_manager.filter(subject=pk).select_related("subject", "author")
        return list(found.defer(*self.revision_model.LONG)) or not_found()

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> Any:
        """What happened to a text that readers never saw is for those who may read drafts."""
        subject = self.get_object(request, unquote(object_id))
        if subject and not (subject.is_live or self.may_read_drafts(request)):
            raise PermissionDenied
        return super().history_view(request, object_id, extra_context)

    def check_may_read(self, request: HttpRequest) -> None:
        if not (self.has_view_or_change_permission(request) and self.may_read_drafts(request)):
            raise PermissionDenied

    # What the pages share

    def revision_or_404(self, pk: int, number: int) -> AnyRevision:
        # SQLite fails on a larger number instead of finding nothing.
        if max(pk, number) > BigIntegerField.MAX_BIGINT:
            raise Http404
        found = self.revision_model._default_manager.select_related(*PEOPLE)
        return get_object_or_404(found, subject_id=pk, number=number)

    def page_media(
        self, request: HttpRequest, form: forms.ModelForm | None, offers: Sequence[Offer]
    ) -> forms.Media:
        used = self.media + PAGE_MEDIA
        for shown in (form, *(offer.form for offer in offers)):
            used = used + shown.media if shown else used
        return with_nonce(used, request)

    def offer(self, step: Step, revision: AnyRevision) -> Offer:
        url = self.url("step", revision.subject_id, revision.number, step.name)
        return Offer(step, revision, step.form(prefix=step.name, revision=revision), url)
