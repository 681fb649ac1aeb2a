from django.db import migrations

from portal.roles import grant

# As it was when this migration was written; today's table is in portal/roles.py.
PERMISSIONS = {
    "Editor": {
        "page": ("view", "add", "change"),
    },
    "Medical reviewer": {
        "page": ("view",),
    },
    "Coordinator": {
        "outboxmessage": ("view", "retry"),
    },
    "Manager": {
        "page": ("view", "add", "change"),
        "outboxmessage": ("view", "retry"),
        "auditevent": ("view",),
        "user": ("view",),
    },
    "Auditor": {
        "auditevent": ("view",),
        "outboxmessage": ("view",),
        "page": ("view",),
        "user": ("view",),
    },
}


def grant_permissions(apps, schema_editor):
    grant(apps, "portal", PERMISSIONS)


class Migration(migrations.Migration):
    dependencies = [
        ("portal", "0001_initial"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]
    operations = [migrations.RunPython(grant_permissions, migrations.RunPython.noop, elidable=False)]
