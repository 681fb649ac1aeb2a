from importlib import import_module

from django.db import migrations, models


watched = import_module("articles.migrations.0012_benefit_shown_by")


def watch_again(apps, schema_editor):
    """SQLite makes the table of claims anew for each change of it, and its triggers are gone."""
    if schema_editor.connection.vendor == "sqlite":
        watch_no_more(apps, schema_editor)
        watched.watch(apps, schema_editor)


def watch_no_more(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        for statement in watched.BACK["sqlite"]:
            schema_editor.execute(statement.replace("DROP TRIGGER", "DROP TRIGGER IF EXISTS"), params=None)


def be_very_unsure(apps, schema_editor):
    """On the way back: before this, what nobody knows was kept as what nobody can be sure of."""
    apps.get_model("articles", "Claim").objects.filter(how_sure="").update(how_sure="very_low")


class Migration(migrations.Migration):

    dependencies = [
        ("articles", "0014_reviewers_change_sources"),
    ]

    operations = [
        migrations.RunPython(migrations.RunPython.noop, watch_again),
        migrations.RemoveConstraint(
            model_name='claim',
            name='claim_how_sure_known',
        ),
        migrations.RunPython(migrations.RunPython.noop, be_very_unsure),
        migrations.AddField(
            model_name='claim',
            name='group',
            field=models.CharField(blank=True, default='', max_length=80, verbose_name='what they got'),
        ),
        migrations.AddField(
            model_name='source',
            name='treatments',
            field=models.ManyToManyField(blank=True, help_text='Of a trial: it counts as a trial of these, and of no others that cite it.', related_name='tested_in', to='articles.treatment', verbose_name='treatments that it tested'),
        ),
        migrations.AlterField(
            model_name='claim',
            name='how_sure',
            field=models.CharField(blank=True, choices=[('high', 'high: more studies are unlikely to change this'), ('moderate', 'moderate: more studies may change this'), ('low', 'low: more studies will probably change this'), ('very_low', 'very low: nobody can be sure of this')], max_length=10, verbose_name='how sure'),
        ),
        migrations.AddConstraint(
            model_name='claim',
            constraint=models.CheckConstraint(condition=models.Q(('how_sure__in', ['high', 'moderate', 'low', 'very_low']), models.Q(('direction', 'not_known'), ('how_sure', '')), _connector='OR'), name='claim_how_sure_known'),
        ),
        migrations.RunPython(watch_again, watch_no_more),
    ]
