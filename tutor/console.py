"""What every command says beside its answer: one line of narration, a spinner, an exit code."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

ANSWERED, BROKEN, USAGE, OUTSIDE = 0, 1, 2, 3
DEBUG = "ATTENTION_TUTOR_DEBUG"
"""Environment variable that lets tracebacks through."""


def explain(error: Exception) -> int:
    """Say what went wrong in one line; the exit code for it."""
    from model.errors import InputError, ModelError
    from tutor.errors import LearnerError, NotTaught, TutorError

    say(one_line(error))
    if isinstance(error, NotTaught):
        return OUTSIDE
    if isinstance(error, LearnerError | InputError):
        return USAGE
    if not isinstance(error, TutorError | ModelError | OSError):
        say(f"that should not have happened; {DEBUG}=1 shows where it did")
    return BROKEN


def one_line(error: Exception) -> str:
    """The message of an error, on one line and without escapes."""
    from tutor.text.clean import clean

    if isinstance(error, OSError) and error.strerror:
        return clean(f"{error.filename or 'file'}: {error.strerror.lower()}")
    return clean(str(error)) or type(error).__name__


def say(line: str) -> None:
    """One line of narration."""
    print(f"attention-tutor: {line}", file=sys.stderr, flush=True)


@contextmanager
def waiting(what: str) -> Iterator[None]:
    """Say on standard error what takes a moment: a spinner on a terminal, otherwise nothing."""
    if sys.stderr.isatty() and os.environ.get("TERM", "") != "dumb":
        from rich.console import Console

        with Console(stderr=True).status(what):
            yield
    else:
        yield
