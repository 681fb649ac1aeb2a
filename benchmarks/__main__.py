"""python -m benchmarks: fills a database of its own, starts the site on it, measures, drops the database.

DATABASE_URL names a PostgreSQL server on which databases may be made; the one it names is not touched.
With REDIS_URL the site keeps its pages there, else in its own memory. What is compared is measured in one
run, in turns: this machine is faster at one moment than at the next.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import pickle
import secrets
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from urllib.parse import urlsplit, urlunsplit

import psycopg2

from . import asking
from .asking import Round

ROOT = Path(__file__).resolve().parent.parent
WORKERS, THREADS = 1, 4  # as `make run`
BEGINS_WITHIN = 60.0  # seconds
# Headers that a server writes itself, or that belong to one answer.
OF_ONE_ANSWER = {"content-length", "date", "server", "x-request-id", "connection"}
BARE, PRESSED = "bare Django view, same bytes", "bare Django view, compressing the same bytes"
KEPT, AHEAD = "guide, from the cache", "guide, cache empty, drawn ahead by the worker"
DRAWN = "guide, cache empty, drawn for this reader"
# Pages of each kind and turn. Nobody asks twice for one that is not to come from the cache.
IN_CACHE, AHEAD_A_TURN = 100, 1_000


def main() -> None:
    asked = _arguments()
    server = os.environ.get("DATABASE_URL", "")
    if not server.startswith("postgres"):
        sys.exit("Set DATABASE_URL, for example DATABASE_URL=postgres://portal:password@127.0.0.1/postgres")
    with _database(server, asked) as address, tempfile.TemporaryDirectory() as folder:
        environment = _environment(address, Path(folder))
        _prepare(environment)
        _draw_ahead(environment, _ahead(asked.guides, asked.rounds))
        with _site(environment) as port:
            _write_bare(port, Path(environment["BARE_PAGE"]))
            rounds = _measured(port, guides=asked.guides, rounds=asked.rounds, seconds=asked.seconds)
        searches = _searched(environment)
    print(_told(asked, rounds))
    print(_told_of_search(searches))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--guides", type=int, default=100_000, help="how many are generated")
    parser.add_argument("--rounds", type=int, default=5, help="how often each kind of page has its turn")
    parser.add_argument("--seconds", type=float, default=4.0, help="how long each turn is")
    parser.add_argument("--keep", action="store_true", help="leave the filled database for the next such run")
    return parser.parse_args()


# --- Before -------------------------------------------------------------------------------------


@contextmanager
def _database(server: str, asked: argparse.Namespace) -> Iterator[str]:
    """A filled database of our own beside the one that was named. Gone afterwards, unless it is kept."""
    kept = f"benchmark_{asked.guides}"
    name = f"{kept}_{secrets.token_hex(4)}"
    connection = psycopg2.connect(server)
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [kept])
        if asked.keep and cursor.fetchone():
            yield _beside(server, kept)
            return
        cursor.execute(f"CREATE DATABASE {name}")
        try:
            _fill(_beside(server, name), asked.guides)
            if asked.keep:
                cursor.execute(f"ALTER DATABASE {name} RENAME TO {kept}")
                yield _beside(server, kept)
            else:
                yield _beside(server, name)
        finally:
            cursor.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
    connection.close()


def _beside(server: str, name: str) -> str:
    return urlunsplit(urlsplit(server)._replace(path=f"/{name}"))


def _environment(address: str, folder: Path) -> dict[str, str]:
    return os.environ | {
        "DATABASE_URL": address,
        "DEVELOPMENT": "true",
        "DJANGO_SETTINGS_MODULE": "benchmarks.settings",
        "VAR_DIR": str(folder),
        "BARE_PAGE": str(folder / "bare"),
        "LOG_LEVEL": "WARNING",
    }


def _fill(address: str, guides: int) -> None:
    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        environment = _environment(address, Path(folder))
        _manage(environment, "migrate", "--no-input", "--verbosity", "0")
        _manage(environment, "load_demo")
        fill = f"from benchmarks import filling; filling.copy_guides({guides}); filling.tidy_up()"
        _manage(environment, "shell", "--verbosity", "0", "--command", fill)
    print(f"{guides:,} guides made in {time.perf_counter() - began:.0f} s", file=sys.stderr)


def _prepare(environment: dict[str, str]) -> None:
    _manage(environment, "migrate", "--no-input", "--verbosity", "0")
    _manage(environment, "collectstatic", "--no-input", "--verbosity", "0")


def _draw_ahead(environment: dict[str, str], numbers: range) -> None:
    draw = f"from benchmarks import filling; filling.draw_ahead({numbers.start}, {numbers.stop})"
    began = time.perf_counter()
    _manage(environment, "shell", "--verbosity", "0", "--command", draw)
    print(f"{len(numbers):,} pages drawn ahead in {time.perf_counter() - began:.0f} s", file=sys.stderr)


def _manage(environment: dict[str, str], *words: str) -> str:
    """What the command prints."""
    command = [sys.executable, str(ROOT / "manage.py"), *words]
    return subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, text=True).stdout  # noqa: S603


@contextmanager
def _site(environment: dict[str, str]) -> Iterator[int]:
    """The site as run_site starts it; its port."""
    with socket.socket() as free:
        free.bind((asking.HOST, 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", asking.HOST]
    command += ["--port", str(port), "--workers", str(WORKERS), "--blocking-threads", str(THREADS)]
    command += ["--log-level", "warning", "portal.wsgi:application"]
    with subprocess.Popen(command, env=environment, cwd=ROOT) as process:  # noqa: S603
        try:
            _wait_for(port)
            yield port
        finally:
            process.terminate()


def _wait_for(port: int) -> None:
    end = time.monotonic() + BEGINS_WITHIN
    while time.monotonic() < end:
        try:
            if _get(port, "/health/live")[0] == 200:
                return
        except OSError:
            time.sleep(0.2)
    raise RuntimeError(f"the site did not answer within {BEGINS_WITHIN:.0f} seconds")


def _get(port: int, path: str) -> tuple[int, bytes, dict[str, str]]:
    connection = http.client.HTTPConnection(asking.HOST, port, timeout=30)
    try:
        connection.request("GET", path, headers=asking.HEADERS)
        response = connection.getresponse()
        return response.status, response.read(), dict(response.getheaders())
    finally:
        connection.close()


# --- Measuring ----------------------------------------------------------------------------------


def _address(number: int) -> str:
    return f"/guides/generated-{number}/"


def _write_bare(port: int, place: Path) -> None:
    """What the bare view answers: a guide page, byte for byte, with its headers."""
    status, body, headers = _get(port, _address(1))
    assert status == 200, status
    kept = {name: value for name, value in headers.items() if name.lower() not in OF_ONE_ANSWER}
    place.write_bytes(pickle.dumps((body, kept)))


def _measured(port: int, *, guides: int, rounds: int, seconds: float) -> dict[str, list[Round]]:
    """Each kind of page in turns."""
    kept = [_address(number) for number in range(1, IN_CACHE + 1)]
    asking.ask(port, kept, seconds=asking.LONGEST, again=False)
    asking.ask(port, ["/bare/"], seconds=1.0, again=True)
    ahead = _ahead(guides, rounds)
    unseen = range(ahead.stop, guides + 1)
    found: dict[str, list[Round]] = {BARE: [], PRESSED: [], KEPT: [], AHEAD: [], DRAWN: []}
    for number in range(rounds):
        print(f"round {number + 1} of {rounds}", file=sys.stderr)
        found[BARE].append(asking.ask(port, ["/bare/"], seconds=seconds, again=True))
        found[PRESSED].append(asking.ask(port, ["/bare/compressing/"], seconds=seconds, again=True))
        found[AHEAD].append(asking.ask(port, _some(ahead, number, rounds), seconds=seconds, again=False))
        found[DRAWN].append(asking.ask(port, _some(unseen, number, rounds), seconds=seconds, again=False))
        # The others may have pushed them out of the cache meanwhile.
        asking.ask(port, kept, seconds=asking.LONGEST, again=False)
        found[KEPT].append(asking.ask(port, kept, seconds=seconds, again=True))
    return found


def _ahead(guides: int, rounds: int) -> range:
    """The guides that the worker has drawn: after those in the cache, and of few guides not all."""
    first = IN_CACHE + 1
    return range(first, first + min(rounds * AHEAD_A_TURN, (guides - IN_CACHE) // 2))


def _some(numbers: range, number: int, rounds: int) -> list[str]:
    """The addresses of one round, from all over these."""
    return [_address(n) for n in numbers[number::rounds]]


def _searched(environment: dict[str, str]) -> dict[str, list[float]]:
    search = "from benchmarks import searching; searching.main()"
    return json.loads(_manage(environment, "shell", "--verbosity", "0", "--command", search))


# --- Afterwards ---------------------------------------------------------------------------------


def _told(asked: argparse.Namespace, found: dict[str, list[Round]]) -> str:
    """The table, in Markdown."""
    bare, pressed = _rate(found[BARE]), _rate(found[PRESSED])
    lines = [
        f"{asked.guides:,} guides in PostgreSQL, pages kept in {_cache()}; granian with {WORKERS} worker of"
        f" {THREADS} threads; {asking.ASKING} readers at once; median of {asked.rounds} turns of"
        f" {asked.seconds:g} s each; {os.cpu_count()} cores for the database, the site and the readers;"
        f" load {os.getloadavg()[0]:.1f} at the end.",
        "",
        "| page | requests a second | of the bare view | of the compressing one | p50 | p95 |",
        "| --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    for name, rounds in found.items():
        half, most = asking.percentiles([moment for one in rounds for moment in one.times])
        rate = _rate(rounds)
        lines.append(
            f"| {name} | {rate:,.0f} | {rate / bare:.0%} | {rate / pressed:.0%}"
            f" | {half * 1000:.1f} ms | {most * 1000:.1f} ms |"
        )
    return "\n".join(lines)


def _told_of_search(searches: dict[str, list[float]]) -> str:
    lines = ["", "| search, one to three words | p50 | p95 |", "| --- | ---: | ---: |"]
    for name, label in (
        ("bare", "bare SQL, all rows fetched"),
        ("query", "`search.query`, one page of results"),
    ):
        half, most = asking.percentiles(searches[name])
        lines.append(f"| {label} | {half * 1000:.1f} ms | {most * 1000:.1f} ms |")
    return "\n".join(lines)


def _rate(rounds: Sequence[Round]) -> float:
    return median(one.rate for one in rounds)


def _cache() -> str:
    return "Redis" if os.environ.get("REDIS_URL") else "the memory of the process"


if __name__ == "__main__":
    main()
