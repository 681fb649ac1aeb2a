from django.db import migrations

from portal.roles import grant

# As it was when this migration was written; today's table is in quotes/roles.py.
PERMISSIONS = {
    "Editor": {},
    "Medical reviewer": {},
    "Coordinator": {
        "quoterequest": ("view", "work"),
        "destination": ("view",),
    },
    "Manager": {
        "quoterequest": ("view", "work", "assign", "export"),
        "destination": ("view", "add", "change"),
    },
    "Auditor": {
        "destination": ("view",),
    },
}


def grant_permissions(apps, schema_editor):
    grant(apps, "quotes", PERMISSIONS)


class Migration(migrations.Migration):
    dependencies = [
        ("quotes", "0001_initial"),
        ("portal", "0002_groups"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]
    operations = [migrations.RunPython(grant_permissions, migrations.RunPython.noop, elidable=False)]
