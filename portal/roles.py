"""The five staff groups. What each may do stands beside the records: <app>/roles.py.

Those are today's tables. The migrations that grant them hold each its own, so that what once ran stays
what it was: whoever changes a table adds a migration with the new one (a test compares the two).
"""

from collections.abc import Mapping

Table = Mapping[str, Mapping[str, tuple[str, ...]]]

EDITOR = "Editor"
REVIEWER = "Medical reviewer"
COORDINATOR = "Coordinator"
MANAGER = "Manager"
AUDITOR = "Auditor"
ALL = (EDITOR, REVIEWER, COORDINATOR, MANAGER, AUDITOR)

# The fixed pages, the trail and the letters belong to this app.
PERMISSIONS: dict[str, dict[str, tuple[str, ...]]] = {
    EDITOR: {"page": ("view", "add", "change")},
    REVIEWER: {"page": ("view",)},
    COORDINATOR: {"outboxmessage": ("view", "retry")},
    MANAGER: {
        "page": ("view", "add", "change"),
        "outboxmessage": ("view", "retry"),
        "auditevent": ("view",),
        "user": ("view",),
    },
    AUDITOR: {"auditevent": ("view",), "outboxmessage": ("view",), "page": ("view",), "user": ("view",)},
}


def grant(apps, app_label: str, permissions: Table) -> None:
    """Give each group in the table just what the table says about one app's models, and take the rest.

    `apps` is a migration's registry or the real one. Django creates permissions after all migrations
    have run, too late for one that hands them out; those made here have the names Django would give.
    """
    Group = apps.get_model("auth", "Group")
    Permission = apps.get_model("auth", "Permission")
    for group_name, models in permissions.items():
        group, _ = Group.objects.get_or_create(name=group_name)
        granted = [
            _permission(apps, app_label, model, verb) for model, verbs in models.items() for verb in verbs
        ]
        ours = Permission.objects.filter(content_type__app_label=app_label)
        group.permissions.remove(*ours.exclude(pk__in=[permission.pk for permission in granted]))
        group.permissions.add(*granted)


def _permission(apps, app_label: str, model_name: str, verb: str):
    """The permission, made where it is not there yet; KeyError where the model has no such verb."""
    options = apps.get_model(app_label, model_name)._meta
    names = {
        f"{word}_{model_name}": f"Can {word} {options.verbose_name_raw}"
        for word in options.default_permissions
    }
    names |= dict(options.permissions)
    codename = f"{verb}_{model_name}"
    content_type, _ = apps.get_model("contenttypes", "ContentType").objects.get_or_create(
        app_label=app_label, model=model_name
    )
    permission, _ = apps.get_model("auth", "Permission").objects.get_or_create(
        content_type=content_type,
        codename=codename,
        defaults={"name": names[codename]},
    )
    return permission
