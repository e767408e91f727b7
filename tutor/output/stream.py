"""What this process's output can carry."""

from __future__ import annotations

import os
import shutil
import sys

from tutor.settings import settings


def output_width() -> int:
    """Columns of the terminal, 80 for a pipe; no more than the settings allow."""
    columns = max(20, shutil.get_terminal_size((80, 24)).columns)
    return min(columns, settings().width or columns)


def output_height() -> int:
    """Rows of the terminal; 24 for a pipe."""
    return max(10, shutil.get_terminal_size((80, 24)).lines)


def in_colour() -> bool:
    """Colour is for a terminal that wants it."""
    return sys.stdout.isatty() and os.environ.get("TERM", "") != "dumb" and not os.environ.get("NO_COLOR")


def in_ascii() -> bool:
    """True where standard output cannot carry more than ASCII, or the settings want no more."""
    return settings().ascii or "utf" not in (sys.stdout.encoding or "").casefold()
