"""What each staff group may do with requests."""

from portal import roles

PERMISSIONS: dict[str, dict[str, tuple[str, ...]]] = {
    roles.EDITOR: {},
    roles.REVIEWER: {},
    roles.COORDINATOR: {
        "quoterequest": ("view", "work"),
        "destination": ("view",),
    },
    roles.MANAGER: {
        "quoterequest": ("view", "work", "assign", "export"),
        "destination": ("view", "add", "change"),
    },
    # The auditor reads who looked; the trail says so without showing a patient's answers.
    roles.AUDITOR: {"destination": ("view",)},
}
