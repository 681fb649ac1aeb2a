"""The fixed pages: a text that is replaced is kept, and can be brought back."""

import datetime as dt

from django.db import transaction

from . import audit, edition
from .models import Page, PageVersion, User

TEXT = ("title", "summary", "body")
# The footer of every page leads to these; it is drawn without asking the database.
IN_THE_FOOTER = (
    *("about", "how-we-review", "how-we-are-funded", "privacy", "accessibility", "disclaimer"),
    "contact",
)


@transaction.atomic
def save(page: Page, *, by: User, now: dt.datetime) -> None:
    """Write the page; a text that readers could see until now is kept as a version."""
    before = Page.objects.select_for_update().filter(pk=page.pk).first()
    if before and any(getattr(before, name) != getattr(page, name) for name in TEXT):
        keep(before, by=by, now=now)
    page.updated_at = now
    page.save()
    edition.renew()


def keep(before: Page, *, by: User, now: dt.datetime) -> PageVersion:
    text = {name: getattr(before, name) for name in TEXT}
    return PageVersion.objects.create(
        page=before, saved_at=before.updated_at, replaced_at=now, replaced_by=by, **text
    )


@transaction.atomic
def restore(version: PageVersion, *, by: User, now: dt.datetime) -> Page:
    """Bring an earlier text back; the one that it replaces is kept too."""
    page = Page.objects.select_for_update().get(pk=version.page_id)
    for name in TEXT:
        setattr(page, name, getattr(version, name))
    save(page, by=by, now=now)
    audit.record("page.restored", page, by=by, now=now, detail={"version": version.pk})
    return page
