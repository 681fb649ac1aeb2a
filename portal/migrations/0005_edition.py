import uuid

from django.db import migrations, models
from django.utils import timezone


def begin(apps, schema_editor):
    apps.get_model("portal", "Edition").objects.create(mark=uuid.uuid4(), since=timezone.now())


class Migration(migrations.Migration):
    dependencies = [("portal", "0004_addresses_taken")]

    operations = [
        migrations.CreateModel(
            name="Edition",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("mark", models.UUIDField()),
                ("since", models.DateTimeField()),
            ],
            options={"default_permissions": ()},
        ),
        migrations.RunPython(begin, migrations.RunPython.noop),
    ]
