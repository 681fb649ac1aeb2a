"""What the admin pages of guides, evidence and upkeep share: forms of records, links."""

from collections.abc import Iterable
from typing import Any, ClassVar

from django.db import models
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from portal import edition
from portal.admin import AuditedAdmin, Unovertaken

from .. import search
from ..checks import quality
from ..models import Revision
from ..subjects import NO_ADDRESS

# Django's own message calls an address or a key a slug.
PLAIN_ADDRESS: dict[type[models.Field], dict[str, Any]] = {
    models.SlugField: {"error_messages": {"invalid": NO_ADDRESS}}
}


class UnreviewedWordsForm(Unovertaken):
    """For words that readers see as soon as they are saved: they promise no more than a reviewed text may."""

    SEEN: ClassVar[tuple[str, ...]] = ()

    def clean(self):
        for name in self.SEEN:
            for message in quality.promises(self.cleaned_data.get(name, "")):
                self.add_error(name, message)
        return super().clean()


class RecordAdmin(AuditedAdmin):
    """For records of which readers see every saved word at once."""

    audit_looking = False
    audit_values = True
    # What only the form has.
    only_to_write: ClassVar[tuple[str, ...]] = ("opened",)

    def get_fields(self, request, obj=None):
        # Who only reads has no form to which the stamp of its opening belongs.
        hidden = () if self.has_change_permission(request, obj) else self.only_to_write
        return [name for name in super().get_fields(request, obj) if name not in hidden]

    def save_related(self, request, form, formsets, change):
        super().save_related(request, form, formsets, change)
        edition.renew()


class FindableAdmin(RecordAdmin):
    """For records that are found by searching."""

    def save_related(self, request, form, formsets, change):
        search.index(form.instance)
        super().save_related(request, form, formsets, change)


def subject_link(subject: Any, label: Any = "") -> SafeString:
    """The page of a guide or treatment in the admin."""
    url = reverse(f"admin:articles_{subject._meta.model_name}_change", args=[subject.pk])
    return format_html('<a href="{}">{}</a>', url, label or subject.slug)


def without_long_texts(*revisions: str) -> Iterable[str]:
    """For `defer`: what no list shows of the texts at the end of these paths."""
    return [f"{path}__{name}" for path in revisions for name in Revision.LONG]
