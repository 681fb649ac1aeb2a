"""The same thing done by several people at once, each with a database connection of their own."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, TypeVar

from django.db import connection, connections, transaction

Result = TypeVar("Result")


def at_once(times: int, act: Callable[[int], Result]) -> list[Result]:
    """Call act(0), act(1), … in as many threads, started together; their results in that order.

    The test needs `transaction=True`: other connections see only what is committed.
    """
    start = threading.Barrier(times)

    def take_part(number: int) -> Result:
        try:
            start.wait(timeout=60)
            return act(number)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(times) as people:
        return list(people.map(take_part, range(times)))


@contextmanager
def just_before(statement: str, act: Callable[[], object]) -> Iterator[None]:
    """Somebody else acts, and is done, when this connection is about to send such a statement; once."""
    to_come = [act]

    def send(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if to_come and statement in sql:
            at_once(1, lambda _number: to_come.pop()())
        return execute(sql, params, many, context)

    with connection.execute_wrapper(send):
        yield
    assert not to_come, f"nothing like it was sent: {statement}"


@contextmanager
def not_yet_committed(act: Callable[[], object]) -> Iterator[None]:
    """Somebody else has acted, and commits as soon as another connection waits for it. On PostgreSQL."""
    acted = threading.Event()

    def take_part() -> None:
        try:
            with transaction.atomic():
                act()
                acted.set()
                _until_waited_for()
        finally:
            acted.set()
            connections.close_all()

    with ThreadPoolExecutor(1) as people:
        acting = people.submit(take_part)
        acted.wait(timeout=60)
        yield
        acting.result()


def _until_waited_for() -> None:
    ends = time.monotonic() + 60
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE pg_backend_pid() = ANY(pg_blocking_pids(pid))"
    with connection.cursor() as cursor:
        while time.monotonic() < ends:
            cursor.execute(waiting)
            if cursor.fetchone() != (0,):
                return
    raise AssertionError("nobody waits for what is not committed")
