"""The program from its first moment to its last: what Ctrl-C, a kill and leaving do, whatever is being loaded.

At its head it imports only what Python has loaded already: before `program` runs, Ctrl-C would print a traceback.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False  # as of typing, which takes longer to import than all of this
if TYPE_CHECKING:
    from types import FrameType
    from typing import Any, NoReturn

LOADER = "warm-up"
"""Name of the thread that loads lessons and models."""
STOPPED = 1
_AS_BEFORE = b"\x1b[?2004l\x1b[?25h\x1b[0m"
"""Pasting, cursor and colours as a shell expects them."""


def program() -> NoReturn:
    """Run the command line, then leave."""
    try:
        restore_when_killed()
        from tutor.cli import main

        code = main()
    except KeyboardInterrupt:  # while modules were being imported
        sys.stderr.write("attention-tutor: stopped\n")
        code = STOPPED
    except SystemExit as left:
        code = left.code if isinstance(left.code, int) else STOPPED
    leave(code)


def leave(code: int) -> NoReturn:
    """End with this exit code, also while the loader is in the middle of importing PyTorch.

    A thread inside C++ cannot be ended in an orderly way: Python would abort. So it is left where it is.
    """
    import threading

    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):  # nobody reads any more, which was said where it could be
            continue
    if any(thread.name == LOADER for thread in threading.enumerate()):
        os._exit(code)
    sys.exit(code)


def restore_when_killed() -> None:
    """Let a kill leave the terminal as it found it."""
    import signal

    saved = _terminal_state()

    def end(number: int, frame: FrameType | None) -> None:
        _restore(saved)
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)

    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) == signal.SIG_DFL:
            signal.signal(number, end)


def _terminal_state() -> Any:
    try:
        import termios

        return termios.tcgetattr(0)
    except Exception:  # no terminal, or a system without termios
        return None


def _restore(saved: Any) -> None:
    if saved is None:
        return
    import termios

    try:
        termios.tcsetattr(0, termios.TCSANOW, saved)
        if os.isatty(1):
            os.write(1, _AS_BEFORE)
    except (OSError, termios.error):  # the terminal is gone
        return
