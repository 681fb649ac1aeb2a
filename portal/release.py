"""One mark for the program as it stands here: two processes with the same mark draw the same pages."""

import hashlib
from collections.abc import Iterable
from pathlib import Path

DRAWS = (".py", ".html", ".css", ".mo", ".toml")


def mark(root: Path, folders: Iterable[str], also: Iterable[object]) -> str:
    """A digest of what draws pages in these folders, of the locked packages, and of `also` (settings)."""
    digest = hashlib.sha256()
    for path in [*_drawing(root, folders), root / "requirements.txt"]:
        digest.update(str(path.relative_to(root)).encode())
        digest.update(path.read_bytes())
    digest.update(repr(list(also)).encode())
    return digest.hexdigest()


def _drawing(root: Path, folders: Iterable[str]) -> list[Path]:
    found = (path for folder in folders for path in (root / folder).rglob("*") if path.suffix in DRAWS)
    return sorted(found)
