"""What was typed, kept for the arrow keys of the next time; a file that cannot be used costs one line, not the chat."""

from __future__ import annotations

import stat
from collections.abc import Iterable
from pathlib import Path

from prompt_toolkit.history import FileHistory, History, InMemoryHistory

from tutor.console import one_line
from tutor.errors import LearnerError
from tutor.learner.folder import data_folder, make_private, make_private_file

LONGEST = 4_000_000
"""Bytes of a history that are read at the start; of a longer one, none."""


class Remembered(FileHistory):
    """The lines that were typed, in a file for as long as it can be written."""

    def __init__(self, path: Path) -> None:
        super().__init__(str(path))
        self.notice = ""
        """Why lines are no longer kept, until it is told."""
        self._failed = False

    def load_history_strings(self) -> Iterable[str]:
        """Earlier lines, the last one first; none where the file cannot be read."""
        try:
            held = Path(str(self.filename)).stat()
            if not stat.S_ISREG(held.st_mode) or held.st_size > LONGEST:
                return []
            return list(super().load_history_strings())
        except OSError:
            return []

    def store_string(self, string: str) -> None:
        """Keep a line; where that fails, say so once and go on without."""
        if self._failed:
            return
        try:
            make_private_file(Path(str(self.filename)))
            super().store_string(string)
        except OSError as error:
            self._failed = True
            self.notice = f"What you type is no longer kept for the next time. {one_line(error)}"


def open_history() -> History:
    """The learner's history; where there is no place for it, one that ends with the program."""
    try:
        folder = data_folder()
        make_private(folder)
        make_private_file(folder / "history")
    except (OSError, LearnerError):  # a home that cannot be written to is no reason not to talk
        return InMemoryHistory()
    return Remembered(folder / "history")
