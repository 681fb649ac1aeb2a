"""What each staff group may do with guides and evidence."""

from portal import roles

_READ: tuple[str, ...] = ("view",)
_WRITE: tuple[str, ...] = ("view", "add", "change")
_RECORDS = ("topic", "source", "glossaryterm", "guide", "treatment")

PERMISSIONS: dict[str, dict[str, tuple[str, ...]]] = {
    roles.EDITOR: dict.fromkeys(_RECORDS, _WRITE)
    | {
        "guiderevision": ("view", "submit", "publish"),
        "treatmentrevision": ("view", "submit", "publish"),
    },
    roles.REVIEWER: dict.fromkeys(_RECORDS, _READ)
    | {
        "guiderevision": ("view", "review"),
        "treatmentrevision": ("view", "review"),
    },
    roles.COORDINATOR: dict.fromkeys(_RECORDS, _READ),
    roles.MANAGER: dict.fromkeys(_RECORDS, _READ)
    | {
        "guiderevision": ("view", "publish"),
        "treatmentrevision": ("view", "publish"),
    },
    roles.AUDITOR: dict.fromkeys((*_RECORDS, "guiderevision", "treatmentrevision"), _READ),
}
