"""All rows of the database set aside and put back: many tests begin with what is made only once."""

import io
import sqlite3
from collections.abc import Callable

from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.core.management.color import no_style
from django.db import connection, transaction

PutBack = Callable[[], None]


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
    quote = connection.ops.quote_name
    names = sorted(set(connection.introspection.table_names()) - {"django_migrations"})
    rows = {}
    with connection.cursor() as cursor:
        for name in names:
            rows[name] = io.StringIO()
            cursor.copy_expert(f"COPY {quote(name)} TO STDOUT", rows[name])
    number_on = connection.ops.sequence_reset_sql(no_style(), apps.get_models(include_auto_created=True))

    @transaction.atomic
    def put_back() -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"TRUNCATE {', '.join(map(quote, names))}")
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")  # a claim is put back before its sources
            for name, lines in rows.items():
                lines.seek(0)
                cursor.copy_expert(f"COPY {quote(name)} FROM STDIN", lines)
            for statement in number_on:
                cursor.execute(statement)

    return put_back
