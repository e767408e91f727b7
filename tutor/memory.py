"""Giving memory back: what was freed between runs of many sizes stays with the process unless it is asked for."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable

EVERY = 50
"""Turns between two times; each takes some milliseconds."""


def give_back() -> None:
    """Return freed memory to the system, where its allocator (glibc's) keeps it for itself."""
    trim = _trim()
    if trim:
        trim(0)


@functools.cache
def _trim() -> Callable[[int], int] | None:
    if not sys.platform.startswith("linux"):
        return None
    try:
        import ctypes

        found: Callable[[int], int] = ctypes.CDLL(None).malloc_trim
    except (ImportError, OSError, AttributeError):  # another allocator
        return None
    return found
