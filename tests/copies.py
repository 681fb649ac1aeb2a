"""All rows of the database set aside and put back: many tests begin with what is made only once."""

import io
import sqlite3
from collections.abc import Callable

from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.core.management.color import no_style
from django.db import connection, transaction

PutBack = Callable[[], None]
# What migrations made, as every test finds it; set by the fixture that makes the database.
MIGRATED: list[PutBack] = []


def set_aside() -> PutBack:
    """Copy every row as it is now; what is returned puts them in place of whatever is there."""
    put_back = _whole_file() if connection.vendor == "sqlite" else _every_table()

    def again() -> None:
        put_back()
        ContentType.objects.clear_cache()

    return again


def _whole_file() -> PutBack:
    copy = sqlite3.connect(":memory:", check_same_thread=False)
    connection.ensure_connection()
    connection.connection.backup(copy)

    def put_back() -> None:
        connection.ensure_connection()
        copy.backup(connection.connection)

    return put_back


def _every_table() -> PutBack:
    """Only tables whose rows are others now are written: PostgreSQL takes seconds to empty sixty of them."""
    names = sorted(set(connection.introspection.table_names()) - {"django_migrations"})
    rows = {name: io.StringIO() for name in names}
    with connection.cursor() as cursor:
        for name in names:
            cursor.copy_expert(f"COPY {_quoted(name)} TO STDOUT", rows[name])
    marks = _marks(names)

    @transaction.atomic
    def put_back() -> None:
        now = _marks(names)
        changed = [name for name in names if now[name] != marks[name]]
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")  # a claim is put back before its sources
            for name in changed:
                cursor.execute(f"DELETE FROM {_quoted(name)}")  # noqa: S608 - a name of our own table
            for name in changed:
                rows[name].seek(0)
                cursor.copy_expert(f"COPY {_quoted(name)} FROM STDIN", rows[name])
            for statement in _number_on(changed):
                cursor.execute(statement)

    return put_back


def _marks(names: list[str]) -> dict[str, str]:
    """For each table something that is the same as long as its rows are; one query."""
    each = (
        "SELECT '{0}', md5(string_agg(row, '' ORDER BY row))"
        " FROM (SELECT md5(r::text) AS row FROM {1} r) rows"
    )
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(each.format(name, _quoted(name)) for name in names))
        return dict(cursor.fetchall())


def _number_on(names: list[str]) -> list[str]:
    models = apps.get_models(include_auto_created=True)
    ours = [model for model in models if model._meta.db_table in names]
    return connection.ops.sequence_reset_sql(no_style(), ours)


def _quoted(name: str) -> str:
    return connection.ops.quote_name(name)
