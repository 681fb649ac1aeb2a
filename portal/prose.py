"""The rich-text field of the admin: one set of marks, cleaned on the server, under the strict policy."""

from typing import Any

from django import forms
from django_prose_editor.widgets import ProseEditorWidget, prose_editor_admin_media  # type: ignore[import-untyped]
from js_asset import Media, Script  # type: ignore[import-untyped]

from . import rich_text

# What an author may do to a text; portal.rich_text keeps what this makes and no more.
# Headings start at 2: the title is the page's only heading of level 1.
EXTENSIONS: dict[str, Any] = {
    "Bold": True,
    "Italic": True,
    "Heading": {"levels": [2, 3]},
    "BulletList": True,
    "OrderedList": True,
    "ListItem": True,
    "Blockquote": True,
    "HardBreak": True,
    "Link": {"enableTarget": False, "protocols": ["https", "mailto"]},
    "Table": True,
    "TableRow": True,
    "TableHeader": True,
    "TableCell": True,
    "HTML": True,
    # Buttons only: the package's own menu of headings opens by mouse alone.
    "Menu": {
        "groups": [
            {"group": group}
            for group in (
                *("blockType -lists", "lists", "nodes -blockType -lists"),
                *("marks", "link", "table", "history", "utility"),
            )
        ]
    },
}


class ProseWidget(ProseEditorWidget):
    """The editor started by our own script, because the package's would write a <style> element."""

    def __init__(self, attrs=None):
        super().__init__(attrs=attrs, config={"extensions": EXTENSIONS}, preset="portal")

    @property
    def media(self) -> Media:
        ours = Media(css={"all": ["portal/prose.css"]}, js=[Script("portal/prose.js", type="module")])
        return prose_editor_admin_media + ours


class ProseField(forms.CharField):
    """Rich text whose cleaned value holds only what the editor offers."""

    widget = ProseWidget

    def __init__(self, **options: Any) -> None:
        # What is too long is refused before the sanitiser spends time on it.
        super().__init__(**{"max_length": rich_text.LONGEST} | options)

    def clean(self, value: Any) -> str:
        return rich_text.clean(super().clean(value))

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Whether it will be stored otherwise: a browser's line ends are no change."""
        return rich_text.clean(initial or "") != rich_text.clean((data or "")[: rich_text.LONGEST])
