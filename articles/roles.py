"""What each staff group may do with guides and evidence."""

from portal import roles

_READ: tuple[str, ...] = ("view",)
_WRITE: tuple[str, ...] = ("view", "add", "change")
_RECORDS = ("topic", "source", "trialcriteria", "glossaryterm", "guide", "treatment")
_SEEN = ("claim", "evidenceflag", "feedback")  # which no form writes

PERMISSIONS: dict[str, dict[str, tuple[str, ...]]] = {
    roles.EDITOR: dict.fromkeys(_RECORDS, _WRITE)
    | dict.fromkeys(_SEEN, _READ)
    | {
        "guiderevision": ("view", "submit", "publish"),
        "treatmentrevision": ("view", "submit", "publish"),
    },
    # Reviewers are the first to learn of a retraction, so they may say so at the source, and nothing else.
    roles.REVIEWER: dict.fromkeys((*_RECORDS, *_SEEN), _READ)
    | {
        "source": ("view", "state"),
        "guiderevision": ("view", "review"),
        "treatmentrevision": ("view", "review"),
    },
    roles.COORDINATOR: dict.fromkeys(_RECORDS, _READ),
    roles.MANAGER: dict.fromkeys((*_RECORDS, *_SEEN), _READ)
    | {
        "guiderevision": ("view", "publish"),
        "treatmentrevision": ("view", "publish"),
    },
    roles.AUDITOR: dict.fromkeys((*_RECORDS, *_SEEN, "guiderevision", "treatmentrevision"), _READ),
}
