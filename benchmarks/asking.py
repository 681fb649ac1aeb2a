"""Asks a server on this machine as fast as it answers, from a few processes, and notes how long each took."""

from __future__ import annotations

import http.client
import multiprocessing
import time
from collections.abc import Iterator, Sequence
from itertools import cycle
from statistics import quantiles
from typing import NamedTuple

HOST = "127.0.0.1"  # and never another
ASKING = 4  # at once: as many as the server has threads
LONGEST = 60.0  # seconds that anything is asked for
HEADERS = {"Accept-Encoding": "gzip"}


class Round(NamedTuple):
    """What one kind of page did in one round."""

    seconds: float
    times: list[float]

    @property
    def rate(self) -> float:
        return len(self.times) / self.seconds


def percentiles(times: Sequence[float]) -> tuple[float, float]:
    """The time that half of the answers needed at most, and 95 of 100."""
    cut = quantiles(times, n=100, method="inclusive")
    return cut[49], cut[94]


def ask(port: int, paths: Sequence[str], *, seconds: float, again: bool) -> Round:
    """Ask for these pages for so long; `again` from the first after the last, else it ends with the last."""
    share = [(port, paths[number::ASKING] or paths, min(seconds, LONGEST), again) for number in range(ASKING)]
    with multiprocessing.Pool(ASKING) as pool:
        found = pool.map(_one_of_them, share, chunksize=1)
    times = [moment for theirs, _took in found for moment in theirs]
    return Round(max(took for _theirs, took in found), times)


def _one_of_them(share: tuple[int, Sequence[str], float, bool]) -> tuple[list[float], float]:
    port, paths, seconds, again = share
    connection = http.client.HTTPConnection(HOST, port, timeout=30)
    connection.connect()
    began = time.perf_counter()
    times = list(_timed(connection, cycle(paths) if again else iter(paths), began + seconds))
    took = time.perf_counter() - began
    connection.close()
    return times, took


def _timed(connection: http.client.HTTPConnection, paths: Iterator[str], end: float) -> Iterator[float]:
    for path in paths:
        asked = time.perf_counter()
        if asked > end:
            return
        connection.request("GET", path, headers=HEADERS)
        response = connection.getresponse()
        response.read()
        if response.status != 200:
            raise RuntimeError(f"{path} answered {response.status}")
        yield time.perf_counter() - asked
