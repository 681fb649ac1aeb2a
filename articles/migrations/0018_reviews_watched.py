from django.db import migrations

# What no constraint can hold: rows that were approved before there were scores stay as they are, and who
# wrote is in another table. Each kind of text has its own table, so each has its own triggers.
KINDS = ("guiderevision", "treatmentrevision")
REVIEWED = "{row}.state IN ('approved', 'published')"
SCORED = {
    "sqlite": "({row}.discern_total IS NOT NULL AND json_array_length({row}.discern) = 15)",
    "postgresql": (
        "({row}.discern_total IS NOT NULL AND jsonb_typeof({row}.discern) = 'array'"
        " AND jsonb_array_length({row}.discern) = 15)"
    ),
}
WROTE = "SELECT 1 FROM articles_{kind}_writers WHERE {kind}_id = NEW.id AND user_id = NEW.reviewed_by_id"
REVIEWS = "SELECT 1 FROM articles_{kind} WHERE id = NEW.{kind}_id AND reviewed_by_id = NEW.user_id"


def rules(kind, vendor):
    """Of each rule: its name, its table, the events, and what of a row is refused."""
    new, old = (
        {"reviewed": REVIEWED.format(row=row), "scored": SCORED[vendor].format(row=row)}
        for row in ("NEW", "OLD")
    )
    unscored = f"{new['reviewed']} AND NOT {new['scored']}"
    before = f"{old['reviewed']} AND NOT {old['scored']}"
    wrote, reviews = WROTE.format(kind=kind), REVIEWS.format(kind=kind)
    table, writers = f"articles_{kind}", f"articles_{kind}_writers"
    scores, apart = f"{kind}_approved_has_scores", f"{kind}_reviewer_wrote_nothing"
    return [
        (scores, "new", table, "INSERT", unscored),
        (scores, "changed", table, "UPDATE OF state, discern, discern_total", f"{unscored} AND NOT ({before})"),
        (apart, "changed", table, "UPDATE OF reviewed_by_id", f"EXISTS ({wrote})"),
        (apart, "writer", writers, "INSERT", f"EXISTS ({reviews})"),
        (apart, "writer_changed", writers, "UPDATE", f"EXISTS ({reviews})"),
    ]


def on_sqlite(name, event, table, on, refused):
    return [
        f"CREATE TRIGGER {name}_{event} AFTER {on} ON {table} WHEN {refused}"
        f" BEGIN SELECT RAISE(ABORT, '{name}'); END"
    ]


def on_postgresql(name, event, table, on, refused):
    return [
        f"""
        CREATE FUNCTION {name}_{event}() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF {refused} THEN
                RAISE EXCEPTION '{name}' USING ERRCODE = 'check_violation';
            END IF;
            RETURN NULL;
        END $$
        """,
        # A constraint, so that rows can be put back in any order by who defers it.
        f"CREATE CONSTRAINT TRIGGER {name}_{event} AFTER {on} ON {table}"
        f" DEFERRABLE INITIALLY IMMEDIATE FOR EACH ROW EXECUTE FUNCTION {name}_{event}()",
    ]


def watch(apps, schema_editor):
    vendor = schema_editor.connection.vendor
    write = on_sqlite if vendor == "sqlite" else on_postgresql
    for kind in KINDS:
        for rule in rules(kind, vendor):
            for statement in write(*rule):
                schema_editor.execute(statement, params=None)


def watch_no_more(apps, schema_editor):
    vendor = schema_editor.connection.vendor
    for kind in KINDS:
        for name, event, table, _on, _refused in rules(kind, vendor):
            if vendor == "sqlite":
                schema_editor.execute(f"DROP TRIGGER IF EXISTS {name}_{event}", params=None)
            else:
                schema_editor.execute(f"DROP TRIGGER IF EXISTS {name}_{event} ON {table}", params=None)
                schema_editor.execute(f"DROP FUNCTION IF EXISTS {name}_{event}()", params=None)


class Migration(migrations.Migration):
    dependencies = [("articles", "0017_source_changed_at")]

    # A later migration that changes a table of texts on SQLite, or the one of their writers, begins with
    # RunPython(watch_no_more, watch) and ends with RunPython(watch, watch_no_more).
    operations = [migrations.RunPython(watch, watch_no_more)]
