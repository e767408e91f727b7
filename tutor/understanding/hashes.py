"""The reader's files are what they were when they were made: each has its SHA-256 beside it, as checkpoints do.

`python -m training.reader index` writes the hashes. A file is hashed on a thread of its own while it is being read, so
that on more than one core the check takes no time.
"""

from __future__ import annotations

import hashlib
import json
import mmap
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from tutor.errors import BrokenFileError

FILE = "sha256.json"


def write_hashes(folder: Path, names: Sequence[str]) -> None:
    """Record the files `names` of `folder` as they are now."""
    held = {name: sha256(folder / name) for name in names}
    (folder / FILE).write_text(json.dumps(held, indent=1) + "\n", encoding="utf-8")


def recorded(folder: Path) -> Mapping[str, str]:
    """The hashes by file name; none where they were never written. Raises `BrokenFileError`."""
    path = folder / FILE
    try:
        held = json.loads(path.read_text("utf-8"))
        if not isinstance(held, dict):
            raise ValueError("not an object")
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, RecursionError) as error:
        raise BrokenFileError(path, error) from error
    return held


def sha256(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal. Raises `OSError`, and `ValueError` for an empty file."""
    # Mapped and in one call, the hash is made while other threads run; read piece by piece it would stop them.
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as held:
        return hashlib.sha256(held).hexdigest()


@contextmanager
def unchanged(path: Path) -> Iterator[None]:
    """What is read inside is only good if nothing is raised at the end: `BrokenFileError`, where the hash is another.

    A file without a recorded hash is taken as it is.
    """
    expected = recorded(path.parent).get(path.name)
    found: list[str | Exception] = []

    def compute() -> None:
        try:
            found.append(sha256(path))
        except (OSError, ValueError) as error:
            found.append(error)

    thread = threading.Thread(target=compute, name="hash", daemon=True)
    if expected is not None:
        thread.start()
    try:
        yield
    finally:
        if expected is not None:
            thread.join()
            if isinstance(found[0], Exception):
                raise BrokenFileError(path, found[0])
            if found[0] != expected:
                raise BrokenFileError(path, ValueError("it was changed: its hash is not the recorded one"))
