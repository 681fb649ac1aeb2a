import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q

# What articles.checks.statements.shows_it says of a source, for the database.
SHOWS = """
    SELECT 1 FROM articles_source WHERE id = NEW.shown_by_id AND (
        kind = 'trial' AND main_measure = 'met' AND control IN ('placebo', 'sham', 'usual_care')
        OR kind IN ('review', 'guideline') AND main_measure IN ('met', 'not_applicable') AND control <> 'none'
    )
"""
SQLITE = [
    f"""
    CREATE TRIGGER claim_shown_by_shows_it_{event} BEFORE {on} ON articles_claim
    WHEN NEW.shown_by_id IS NOT NULL AND NOT EXISTS ({SHOWS})
    BEGIN SELECT RAISE(ABORT, 'claim_shown_by_shows_it'); END
    """
    for event, on in (("new", "INSERT"), ("changed", "UPDATE"))
]
# A constraint, so that rows can be put back in any order by who defers it.
POSTGRESQL = [
    f"""
    CREATE FUNCTION articles_claim_shown() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF NEW.shown_by_id IS NOT NULL AND NOT EXISTS ({SHOWS}) THEN
            RAISE EXCEPTION 'claim_shown_by_shows_it' USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    END $$
    """,
    """
    CREATE CONSTRAINT TRIGGER claim_shown_by_shows_it AFTER INSERT OR UPDATE ON articles_claim
    DEFERRABLE INITIALLY IMMEDIATE FOR EACH ROW EXECUTE FUNCTION articles_claim_shown()
    """,
]
BACK = {
    "sqlite": [
        "DROP TRIGGER claim_shown_by_shows_it_new",
        "DROP TRIGGER claim_shown_by_shows_it_changed",
    ],
    "postgresql": [
        "DROP TRIGGER claim_shown_by_shows_it ON articles_claim",
        "DROP FUNCTION articles_claim_shown()",
    ],
}
SAID_NOW = "The record of its evidence has been corrected since: it no longer shows this."


def find_what_shows(apps, schema_editor):
    """Name it for the benefits there are; where a record was corrected since, that is said beside it."""
    claims, sources = apps.get_model("articles", "Claim"), apps.get_model("articles", "Source")
    trials = Q(kind="trial", main_measure="met", control__in=["placebo", "sham", "usual_care"])
    weighed = Q(kind__in=["review", "guideline"], main_measure__in=["met", "not_applicable"])
    showing = sources.objects.filter(trials | weighed & ~Q(control="none"))
    for claim in claims.objects.filter(direction="benefit"):
        own = Q(pk=claim.source_id) | Q(pk__in=claim.sources.values("pk"))
        claim.shown_by = showing.filter(own).order_by("pk").first()
        if claim.shown_by is None and not claim.caveat:
            claim.caveat = SAID_NOW
        claim.save(update_fields=["shown_by", "caveat"])


def watch(apps, schema_editor):
    for statement in SQLITE if schema_editor.connection.vendor == "sqlite" else POSTGRESQL:
        schema_editor.execute(statement, params=None)


def watch_no_more(apps, schema_editor):
    for statement in BACK[schema_editor.connection.vendor]:
        schema_editor.execute(statement, params=None)


class Migration(migrations.Migration):
    dependencies = [("articles", "0011_search")]

    operations = [
        migrations.AddField(
            model_name="claim",
            name="shown_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="articles.source",
            ),
        ),
        migrations.RunPython(find_what_shows, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name="claim",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("direction", "benefit"), _negated=True),
                    ("shown_by__isnull", False),
                    models.Q(("caveat", ""), _negated=True),
                    _connector="OR",
                ),
                name="claim_benefit_is_shown",
                violation_error_message="Say beside this benefit what its evidence lacks.",
            ),
        ),
        # The last: SQLite makes a table anew for each change of it, and its triggers are gone.
        migrations.RunPython(watch, watch_no_more),
    ]
