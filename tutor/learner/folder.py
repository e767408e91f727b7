"""Where the learner's data live, for their own eyes only; apart from the store: the prompt need not load SQLite."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from tutor.errors import LearnerError

HOME_VARIABLE = "ATTENTION_TUTOR_HOME"
FILE = "learner.sqlite3"
OWN_FOLDER, OWN_FILE = 0o700, 0o600
"""Rights: what was typed is the learner's alone."""


def data_folder() -> Path:
    """`ATTENTION_TUTOR_HOME`, or the platform's place for data. Raises `LearnerError` where there is no home."""
    named = os.environ.get(HOME_VARIABLE)
    if named:
        return _absolute(named)
    from platformdirs import user_data_dir

    try:
        return _absolute(user_data_dir("attention-tutor"))
    except RuntimeError as error:  # neither a HOME nor an entry for this user
        raise LearnerError(f"there is no home for this user; set {HOME_VARIABLE} to a folder") from error


def _absolute(named: str) -> Path:
    path = os.path.expanduser(named)
    if path.startswith("~"):  # nobody of that name, or no home
        raise LearnerError(f"{named}: there is no such home; set {HOME_VARIABLE} to a folder")
    return Path(path)


def make_private(folder: Path) -> None:
    """Make a folder that nobody else can look into. Raises `OSError`.

    One that was there before and was named by the variable keeps its rights: it may be shared on purpose.
    """
    existed = folder.is_dir()
    folder.mkdir(mode=OWN_FOLDER, parents=True, exist_ok=True)
    if not (existed and os.environ.get(HOME_VARIABLE)):
        folder.chmod(OWN_FOLDER)


def make_private_file(path: Path) -> None:
    """Make an empty file where there is none, and take the rights of others to it away. Raises `OSError`."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | getattr(os, "O_NONBLOCK", 0), OWN_FILE)
    try:
        held = os.fstat(descriptor)
        if not stat.S_ISREG(held.st_mode):
            raise OSError(None, "is no ordinary file", str(path))
        if stat.S_IMODE(held.st_mode) != OWN_FILE:
            path.chmod(OWN_FILE)
    finally:
        os.close(descriptor)
