from django.db import migrations


def carry_writers(apps, schema_editor):
    """Whoever's words may stand in a text is one of its writers, also where it was begun on an approved one.

    A reviewer who once wrote in an earlier version stays only its reviewer: the database keeps the two apart.
    """
    for kind in ("GuideRevision", "TreatmentRevision"):
        wrote = {}
        texts = apps.get_model("articles", kind).objects.order_by("subject_id", "number")
        for text in texts.only("based_on_id", "reviewed_by_id").iterator(chunk_size=500):
            own = set(text.writers.values_list("pk", flat=True))
            wrote[text.pk] = own | wrote.get(text.based_on_id, set())
            text.writers.add(*wrote[text.pk] - own - {text.reviewed_by_id})


class Migration(migrations.Migration):
    dependencies = [("articles", "0020_evidence_flags_tell_of_facts")]

    operations = [migrations.RunPython(carry_writers, migrations.RunPython.noop)]
