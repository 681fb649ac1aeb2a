"""What Lighthouse says of the reading pages: `make lighthouse`.

It reads a copy of the demonstration of its own. Fails below 100 for accessibility, good practice and
finding by search engines; speed is measured on a machine that does other things too, so it is only told.
"""

import http.client
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.browser.conftest import CHROMIUM, SWITCHES

ROOT = Path(__file__).parent.parent
PAGES = {
    "home": "/",
    "guide": "/guides/stem-cells-for-stroke-benefits-and-risks/",
    "easy version": "/guides/stem-cells-for-stroke-benefits-and-risks/easy/",
    "treatment": "/treatments/neural-stem-cells/",
    "comparison": "/treatments/compare/?t=neural-stem-cells&t=mesenchymal-stem-cells",
    "search": "/search/",
}
TOLD = {"performance": False, "accessibility": True, "best-practices": True, "seo": True}  # True: must be 100
PATIENCE = 120
STARTS = 3


@contextmanager
def site(folder: Path) -> Iterator[str]:
    """The demonstration, running; its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    ours = {"DEVELOPMENT": "true", "VAR_DIR": str(folder), "PORT": str(port), "SITE_URL": address}
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"} | ours
    for command in (["migrate", "-v0"], ["load_demo", "-v0"], ["collectstatic", "--no-input", "-v0"]):
        manage(command, environment)
    with subprocess.Popen(
        [sys.executable, "manage.py", "run_site"], cwd=ROOT, env=environment, stdout=subprocess.DEVNULL
    ) as process:
        try:
            wait_for(port)
            yield address
        finally:
            process.terminate()


def manage(command: list[str], environment: dict[str, str]) -> None:
    subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "manage.py", *command],
        cwd=ROOT,
        env=environment,
        check=True,
        stdout=subprocess.DEVNULL,
    )


def wait_for(port: int) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
            connection.request("GET", "/health/live")
            if connection.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.2)
    sys.exit("the site did not come up")


def report_on(address: str, program: str) -> dict:
    """All that Lighthouse found on one page.

    A run that does not end is begun again: now and then Chromium records no start of the page, and Lighthouse
    says to run it once more. A score is never asked for twice.
    """
    for _ in range(STARTS):
        done = run(address, program)
        if not done.returncode:
            return json.loads(done.stdout)
        print(f"  Lighthouse did not end on {address}: {done.stderr[-2000:]}", file=sys.stderr)
    sys.exit(f"Lighthouse ended on no start of {STARTS}")


def run(address: str, program: str) -> subprocess.CompletedProcess[str]:
    flags = " ".join(["--headless=new", *SWITCHES])
    return subprocess.run(  # noqa: S603 - the program of the Makefile, our own address
        [program, address, "--quiet", "--output=json", f"--chrome-flags={flags}"],
        env=os.environ | {"CHROME_PATH": str(CHROMIUM)},
        check=False,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )


def scores(report: dict) -> dict[str, int]:
    return {name: round(100 * report["categories"][name]["score"]) for name in TOLD}


def short_of(report: dict, category: str) -> list[str]:
    """What keeps a category below 100."""
    parts = [part["id"] for part in report["categories"][category]["auditRefs"] if part["weight"]]
    found = (report["audits"][part] for part in parts)
    return [audit["title"] for audit in found if audit["score"] is not None and audit["score"] < 1]


def main(program: str) -> int:
    if not CHROMIUM or not shutil.which(program):
        sys.exit("Chromium and npm are needed: apt-get install chromium npm")
    failed = False
    print("| page |", " | ".join(TOLD), "|\n| --- |" + " ---: |" * len(TOLD))
    with tempfile.TemporaryDirectory() as folder, site(Path(folder)) as address:
        for name, path in PAGES.items():
            report = report_on(address + path, program)
            found = scores(report)
            print(f"| {name} |", " | ".join(map(str, found.values())), "|", flush=True)
            for category, must in TOLD.items():
                if must and found[category] < 100:
                    failed = True
                    print(f"  {category}: {'; '.join(short_of(report, category))}", file=sys.stderr)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
