import datetime as dt
from importlib import import_module

import django.utils.timezone
from django.db import migrations, models
from django.db.models import Max

# SQLite makes the table of sources anew, which it refuses while a trigger reads from it.
watched = import_module("articles.migrations.0015_groups_named_and_what_trials_tested")
CHANGES = ("source.added", "source.changed", "source.state_changed")


def tell_when(apps, schema_editor):
    """The last change that the trail knows; a record without a trail was right when it was checked."""
    sources, trail = apps.get_model("articles", "Source"), apps.get_model("portal", "AuditEvent")
    told = trail.objects.filter(target_type="articles.source", action__in=CHANGES)
    last = dict(told.order_by().values_list("target_id").annotate(Max("at")))
    for source in sources.objects.order_by("pk"):
        checked = dt.datetime.combine(source.checked_on, dt.time.min, dt.UTC)
        source.changed_at = max(checked, last.get(str(source.pk), checked))
        source.save(update_fields=["changed_at"])


class Migration(migrations.Migration):
    dependencies = [
        ("articles", "0016_reviewers_state_sources"),
        ("portal", "0001_initial"),
    ]

    operations = [
        migrations.RunPython(watched.watch_no_more, watched.watch_again),
        migrations.AddField(
            model_name="source",
            name="changed_at",
            field=models.DateTimeField(editable=False, null=True, verbose_name="last changed"),
        ),
        migrations.RunPython(tell_when, migrations.RunPython.noop),
        migrations.AlterField(
            model_name="source",
            name="changed_at",
            field=models.DateTimeField(
                default=django.utils.timezone.now, editable=False, verbose_name="last changed"
            ),
        ),
        migrations.RunPython(watched.watch_again, watched.watch_no_more),
    ]
