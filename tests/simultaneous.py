"""The same thing done by several people at once, each with a database connection of their own."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from django.db import connections

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
