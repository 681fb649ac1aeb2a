from django.core.exceptions import ImproperlyConfigured
from django.db import ProgrammingError, migrations, models, transaction

CREATE = {
    "postgresql": (
        "CREATE TABLE articles_search_words (entry_id bigint PRIMARY KEY, words tsvector NOT NULL)",
        # A list of words still to be sorted in would be read through by every search.
        "CREATE INDEX articles_search_words_gin ON articles_search_words USING gin (words)"
        " WITH (fastupdate = off)",
        "CREATE INDEX articles_searchword_trigrams ON articles_searchword USING gin (word gin_trgm_ops)",
    ),
    "sqlite": (
        "CREATE VIRTUAL TABLE articles_search_words USING fts5"
        " (title, words, marks, tokenize = 'unicode61 remove_diacritics 0', detail = column)",
    ),
}
DROP = {
    "postgresql": ("DROP INDEX articles_searchword_trigrams", "DROP TABLE articles_search_words"),
    "sqlite": ("DROP TABLE articles_search_words",),
}
MAY_NOT = (
    "Searching needs the PostgreSQL extension pg_trgm, and this role may not create it. Let a superuser run, "
    "in this database: CREATE EXTENSION pg_trgm; then migrate again."
)


def create_trigrams(apps, schema_editor):
    if schema_editor.connection.vendor != "postgresql":
        return
    try:
        with transaction.atomic(using=schema_editor.connection.alias):
            schema_editor.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    except ProgrammingError as error:
        raise ImproperlyConfigured(MAY_NOT) from error


def create(apps, schema_editor):
    for sql in CREATE[schema_editor.connection.vendor]:
        schema_editor.execute(sql)


def drop(apps, schema_editor):
    for sql in DROP[schema_editor.connection.vendor]:
        schema_editor.execute(sql)


class Migration(migrations.Migration):
    dependencies = [("articles", "0010_constraints_know_empty_fields")]

    operations = [
        migrations.RunPython(create_trigrams, migrations.RunPython.noop),
        migrations.CreateModel(
            name="SearchEntry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(choices=[("guide", "guide"), ("treatment", "treatment"), ("source", "source"), ("word", "word explained")], max_length=10)),
                ("number", models.BigIntegerField()),
                ("path", models.CharField(max_length=200)),
                ("language", models.CharField(max_length=12)),
                ("title", models.CharField(max_length=600)),
                ("summary", models.TextField()),
                ("text", models.TextField()),
                ("state", models.CharField(blank=True, choices=[("current", "current"), ("terminated", "terminated early"), ("retracted", "retracted"), ("superseded", "superseded")], max_length=20)),
                ("checked_on", models.DateField(null=True)),
                ("title_stems", models.TextField()),
                ("summary_stems", models.TextField()),
                ("often_stems", models.TextField()),
            ],
            options={
                "default_permissions": (),
                "constraints": [models.UniqueConstraint(fields=("kind", "number"), name="searchentry_one")],
            },
        ),
        migrations.CreateModel(
            name="SearchWord",
            fields=[
                ("word", models.CharField(max_length=40, primary_key=True, serialize=False)),
                ("stem", models.CharField(db_index=True, max_length=40)),
                ("entries", models.IntegerField()),
            ],
            options={"default_permissions": ()},
        ),
        migrations.RunPython(create, drop),
    ]
