"""One mark for the program as it stands here: two processes with the same mark draw the same pages."""

import hashlib
from collections.abc import Iterable
from pathlib import Path

# What Python makes of its own files, at any time.
COMPILED = "__pycache__"


def mark(root: Path, folders: Iterable[str], also: Iterable[object]) -> str:
    """A digest of every file in these folders, of the locked packages, and of `also` (settings).

    Every file, because a page names scripts, drawings and fonts by what they contain, too. A list of kinds
    would miss the next one, and a mark too many costs a page drawn anew.
    """
    digest = hashlib.sha256()
    for path in [*drawing(root, folders), root / "requirements.txt"]:
        content = path.read_bytes()
        digest.update(f"{path.relative_to(root)}\n{len(content)}\n".encode())
        digest.update(content)
    digest.update(repr(list(also)).encode())
    return digest.hexdigest()


def drawing(root: Path, folders: Iterable[str]) -> list[Path]:
    """The files that pages are drawn from, or that they name."""
    found = (path for folder in folders for path in (root / folder).rglob("*"))
    return sorted(path for path in found if path.is_file() and COMPILED not in path.parts)
