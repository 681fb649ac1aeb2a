from django.db import migrations, models

from portal.roles import grant

# As it was when this migration was written; today's table is in articles/roles.py.
PERMISSIONS = {'Editor': {'topic': ('view', 'add', 'change'),
            'source': ('view', 'add', 'change'),
            'trialcriteria': ('view', 'add', 'change'),
            'glossaryterm': ('view', 'add', 'change'),
            'guide': ('view', 'add', 'change'),
            'treatment': ('view', 'add', 'change'),
            'claim': ('view',),
            'evidenceflag': ('view',),
            'feedback': ('view',),
            'guiderevision': ('view', 'submit', 'publish'),
            'treatmentrevision': ('view', 'submit', 'publish')},
 'Medical reviewer': {'topic': ('view',),
                      'source': ('view', 'state'),
                      'trialcriteria': ('view',),
                      'glossaryterm': ('view',),
                      'guide': ('view',),
                      'treatment': ('view',),
                      'claim': ('view',),
                      'evidenceflag': ('view',),
                      'feedback': ('view',),
                      'guiderevision': ('view', 'review'),
                      'treatmentrevision': ('view', 'review')},
 'Coordinator': {'topic': ('view',),
                 'source': ('view',),
                 'trialcriteria': ('view',),
                 'glossaryterm': ('view',),
                 'guide': ('view',),
                 'treatment': ('view',)},
 'Manager': {'topic': ('view',),
             'source': ('view',),
             'trialcriteria': ('view',),
             'glossaryterm': ('view',),
             'guide': ('view',),
             'treatment': ('view',),
             'claim': ('view',),
             'evidenceflag': ('view',),
             'feedback': ('view',),
             'guiderevision': ('view', 'publish'),
             'treatmentrevision': ('view', 'publish')},
 'Auditor': {'topic': ('view',),
             'source': ('view',),
             'trialcriteria': ('view',),
             'glossaryterm': ('view',),
             'guide': ('view',),
             'treatment': ('view',),
             'claim': ('view',),
             'evidenceflag': ('view',),
             'feedback': ('view',),
             'guiderevision': ('view',),
             'treatmentrevision': ('view',)}}


def grant_permissions(apps, schema_editor):
    grant(apps, "articles", PERMISSIONS)


class Migration(migrations.Migration):
    dependencies = [
        ("articles", "0015_groups_named_and_what_trials_tested"),
        ("portal", "0002_groups"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]
    operations = [
        migrations.AlterModelOptions(
            name="source",
            options={
                "ordering": [
                    models.OrderBy(models.F("year"), descending=True, nulls_last=True),
                    "title",
                ],
                "permissions": [("state_source", "Can say that a source’s state has changed")],
                "verbose_name": "source",
                "verbose_name_plural": "sources",
            },
        ),
        migrations.RunPython(grant_permissions, migrations.RunPython.noop, elidable=False),
    ]
