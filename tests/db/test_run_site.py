"""`make run`, from where the environment is there: the site and the worker begin and end together."""

import http.client
import os
import signal
import socket
from pathlib import Path

import pytest

from portal.management.commands.run_site import was_interrupted_alone
from portal.models import WorkerPulse
from tests.processes import PATIENCE, environment_of_this_test, started, wait_until

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="looks processes up in Linux's /proc"),
]


@pytest.fixture
def port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@pytest.fixture
def site(port, tmp_path):
    """The command, up and answering, with its worker at work."""
    environment = environment_of_this_test(tmp_path) | {"PORT": str(port)}
    with started("run_site", environment=environment) as process:
        wait_until(lambda: answers(port) and WorkerPulse.objects.exists(), "site and worker up")
        yield process
        process.terminate()
        process.wait(PATIENCE)


def answers(port):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", "/health/live")
        return connection.getresponse().read() == b"ok"
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def children(number):
    """All processes below this one, each with what it is."""
    found = {}
    for child in Path(f"/proc/{number}/task/{number}/children").read_text().split():
        found[int(child)] = Path(f"/proc/{child}/cmdline").read_text()
        found |= children(child)
    return found


def one_of(process, command):
    return next(number for number, words in children(process.pid).items() if command in words)


def runs(number):
    try:
        return ") Z " not in Path(f"/proc/{number}/stat").read_text()
    except FileNotFoundError:
        return False


def wait_until_gone(numbers):
    wait_until(lambda: not any(map(runs, numbers)), "nobody left behind")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_one_signal_ends_both_and_leaves_nobody_behind(site, port, number):
    family = children(site.pid)
    site.send_signal(number)
    assert site.wait(PATIENCE) == 0
    wait_until_gone(family)
    assert not answers(port)


@pytest.mark.parametrize("command", ["run_worker", "granian"])
def test_when_one_dies_the_other_is_ended_and_the_exit_code_says_so(site, command):
    family = children(site.pid)
    os.kill(one_of(site, command), signal.SIGKILL)
    assert site.wait(PATIENCE) == 1
    wait_until_gone(family)


def test_a_port_that_is_taken_is_a_failure(site, port, tmp_path):
    environment = environment_of_this_test(tmp_path) | {"PORT": str(port)}
    with started("run_site", environment=environment) as second:
        assert second.wait(PATIENCE) == 1
    assert answers(port)


def test_a_starter_that_holds_its_ctrl_c_back_is_seen():
    """As make does, when the SIGINT reached only itself."""
    before = was_interrupted_alone(os.getpid())
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    during = was_interrupted_alone(os.getpid())
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    assert (before, during) == (False, True)
