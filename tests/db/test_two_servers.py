"""Two real servers on one database: what one publishes, the other shows."""

import http.client
import os
import re
import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager

import pytest
import redis
from django.conf import settings
from django.core.cache import caches
from django.utils import timezone

from articles import publishing
from articles.models import GuideRevision
from tests import builders
from tests.processes import PATIENCE, environment_of_this_test, wait_until

pytestmark = pytest.mark.django_db(transaction=True)
REDIS = os.environ.get("REDIS_URL") or "redis://127.0.0.1:6379/9"
TITLE = re.compile(r"<h1>\s*(?:Text number )?(.*?)\s*</h1>", re.DOTALL)
ONE_SECOND = 1.0
TIMES = 20
# Publishes as another server would: `manage.py shell` in a process of its own.
PUBLISH = """
from articles import publishing
from articles.models import GuideRevision
from django.utils import timezone
revision = GuideRevision.objects.get(pk={pk})
publishing.publish(revision, by=revision.author, now=timezone.now())
"""
# Killed after its commit, before a word to the others: what it would say on commit is never said.
KILLED = """
import os, signal
from portal import edition
edition._tell = lambda: os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def redis_url():
    try:
        redis.Redis.from_url(REDIS, socket_connect_timeout=2).ping()
    except redis.ConnectionError:
        if os.environ.get("CI") == "true":
            raise
        pytest.skip(f"no Redis at {REDIS}")
    return REDIS


@pytest.fixture
def guide():
    """Live, with the number of its publication as title."""
    found = builders.guide("risks", now=timezone.now())
    builders.published(found, now=timezone.now(), title="Text number 0")
    found.refresh_from_db()
    return found


@pytest.fixture
def environment(tmp_path):
    # The settings of the tests take static files from where they are written.
    ours = {"DJANGO_SETTINGS_MODULE": "tests.settings", "KEEP_PAGES": "true"}
    return environment_of_this_test(tmp_path) | ours


@contextmanager
def server(environment):
    """A real server of the site with two threads; its port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1"]
    command += ["--port", str(port), "--blocking-threads", "2", "--log-level", "warning"]
    command += ["--workers-kill-timeout", "5", "portal.wsgi:application"]
    process = subprocess.Popen(  # noqa: S603
        command, env=environment, cwd=settings.BASE_DIR, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        wait_until(lambda: is_up(port), "a server answers")
        yield port
    finally:
        process.terminate()
        process.wait(PATIENCE)


def is_up(port):
    try:
        return shown(port) is not None
    except OSError:
        return False


def shown(port):
    """The number of the text that this server shows."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        connection.request("GET", "/guides/risks/")
        response = connection.getresponse()
        body = response.read().decode()
        return int(TITLE.search(body)[1]) if response.status == 200 else None
    finally:
        connection.close()


@pytest.fixture
def with_redis(environment, redis_url, settings):
    """The servers and this process share one cache."""
    where = {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": redis_url}
    settings.CACHES = {"default": where}
    settings.KEEP_PAGES = True
    return environment | {"REDIS_URL": redis_url}


@pytest.fixture
def with_memory(environment):
    return environment | {"REDIS_URL": ""}


def approved(guide, number):
    return builders.approved(guide, now=timezone.now(), title=f"Text number {number}")


def publish(revision):
    publishing.publish(revision, by=revision.author, now=timezone.now())


def run(program, environment):
    command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "shell", "-v", "0", "-c", program]
    return subprocess.run(command, env=environment, timeout=PATIENCE, check=False).returncode  # noqa: S603


def test_the_next_request_to_any_server_shows_what_was_published(guide, with_redis):
    with server(with_redis) as one, server(with_redis) as other:
        seen = []
        for number in range(1, 6):
            publish(approved(guide, number))
            seen.append((shown(one), shown(other)))
    assert seen == [(number, number) for number in range(1, 6)]


class Readers:
    """Ask a server without a pause and note of each answer when it was asked for and what it showed."""

    def __init__(self, *ports):
        self.answers = []
        self.over = threading.Event()
        self.threads = [
            threading.Thread(target=self.read, args=[port]) for port in ports for _two in range(2)
        ]

    def read(self, port):
        while not self.over.is_set():
            asked_at = time.monotonic()
            self.answers.append((asked_at, shown(port)))

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *failure):
        self.over.set()
        for thread in self.threads:
            thread.join(PATIENCE)


def too_old(answers, published):
    """Answers older than the last text whose publication had ended a second before they were asked for."""
    return [
        (number, asked_at)
        for asked_at, number in answers
        if number < max((n for n, at in published if at + ONE_SECOND < asked_at), default=0)
    ]


@pytest.mark.parametrize("kind", ["with_redis", "with_memory"])
def test_while_texts_are_published_no_answer_is_older_than_a_second(guide, kind, request):
    environment = request.getfixturevalue(kind)
    published = []
    with server(environment) as one, server(environment) as other:
        with Readers(one, other) as readers:
            for number in range(1, TIMES + 1):
                publish(approved(guide, number))
                published.append((number, time.monotonic()))
            time.sleep(2 * ONE_SECOND)
        assert [shown(one), shown(other)] == [TIMES, TIMES]
    assert too_old(readers.answers, published) == []
    assert {number for _at, number in readers.answers} > {0, TIMES}


@pytest.mark.parametrize("kind", ["with_redis", "with_memory"])
def test_a_process_killed_after_its_commit_leaves_no_stale_page(guide, kind, request):
    environment = request.getfixturevalue(kind)
    with server(environment) as one, server(environment) as other:
        before = [shown(one), shown(other)]
        revision = approved(guide, 1)
        assert run(KILLED + PUBLISH.format(pk=revision.pk), environment) == -9
        committed = GuideRevision.objects.get(pk=revision.pk).state
        time.sleep(ONE_SECOND)
        after = [shown(one), shown(other)]
    assert (before, committed, after) == ([0, 0], "published", [1, 1])


def test_a_cache_that_was_emptied_is_filled_with_what_holds_now(guide, with_redis):
    with server(with_redis) as one, server(with_redis) as other:
        shown(one)
        caches["default"].clear()
        publish(approved(guide, 1))
        assert [shown(one), shown(other)] == [1, 1]
