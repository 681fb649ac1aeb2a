"""The fixed pages: a text that is replaced is kept, and can be brought back.

Nobody else approves them, so they promise nothing, and count people only beside a link to a source page.
"""

import datetime as dt
import html
import re
from collections.abc import Iterator

from django.conf import settings
from django.db import transaction
from django.utils.html import strip_tags

from . import audit, edition, wording
from .models import Page, PageVersion, User

TEXT = ("title", "summary", "body")
# The footer of every page leads to these; it is drawn without asking the database.
IN_THE_FOOTER = (
    *("about", "how-we-review", "how-we-are-funded", "privacy", "accessibility", "disclaimer"),
    "contact",
)


END_OF_BLOCK = re.compile(r"</(?:p|li|h\d|tr|blockquote)>")
A_SOURCE = re.compile(rf'href="(?:{re.escape(settings.SITE_URL.rstrip("/"))})?/evidence/[\w-]+/')


class Unfit(Exception):
    """The words of a page that readers must not see as they are; the message says which."""


def unfit(text: str) -> Iterator[str]:
    """What keeps these words from readers: promises, and people counted where no source is linked to."""
    blocks = END_OF_BLOCK.split(text)
    # No words of two blocks make one phrase.
    yield from wording.promises(" · ".join(map(_read, blocks)))
    for block in blocks:
        if not A_SOURCE.search(block):
            yield from wording.unsourced(_read(block))


def _read(block: str) -> str:
    return html.unescape(strip_tags(block)).strip()


@transaction.atomic
def save(page: Page, *, by: User, now: dt.datetime) -> None:
    """Write the page; a text that readers could see until now is kept as a version.

    Unfit, and nothing written, where its words may not reach readers.
    """
    if faults := [fault for name in TEXT for fault in unfit(getattr(page, name))]:
        raise Unfit(" ".join(faults))
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
