"""The real program in a pseudo-terminal, and the screen that a person would see."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pexpect
import pyte
import pytest

ROOT = Path(__file__).parent.parent.parent
PATIENCE = 20.0
"""Seconds: torch is slow to load on a busy machine."""


class Terminal:
    """A program, its keyboard and its screen."""

    def __init__(self, arguments: list[str], rows: int, columns: int, environment: dict[str, str]) -> None:
        # pexpect's own encoding stays off: pyte must see the bytes as they come.
        self.process = pexpect.spawn(
            sys.executable, ["-m", "tutor", *arguments], dimensions=(rows, columns), env=environment, cwd=str(ROOT)
        )
        self.screen = pyte.HistoryScreen(columns, rows, history=2000, ratio=0.5)
        self.stream = pyte.ByteStream(self.screen)
        self.seen = b""
        self.typed_at = 0

    def type(self, text: str) -> None:
        self.typed_at = len(self.seen)
        self.process.send(text)

    def enter(self, text: str) -> None:
        self.type(text + "\r")

    def read(self, seconds: float = 0.05) -> None:
        """Take in what the program has written."""
        try:
            data = self.process.read_nonblocking(65536, timeout=seconds)
        except (pexpect.TIMEOUT, pexpect.EOF):
            return
        self.seen += data
        self.stream.feed(data)
        if b"\x1b[6n" in data:  # prompt-toolkit asks where the cursor is
            self.process.send(f"\x1b[{self.screen.cursor.y + 1};{self.screen.cursor.x + 1}R")

    def text(self) -> str:
        """What is on the screen now."""
        return "\n".join(line.rstrip() for line in self.screen.display)

    def all_text(self) -> str:
        """What has scrolled off the top, and the screen."""
        width = self.screen.columns
        above = ["".join(line[x].data for x in range(width)).rstrip() for line in self.screen.history.top]
        return "\n".join([*above, self.text()])

    def wait_for(self, *words: str, patience: float = PATIENCE) -> str:
        """Wait until all words are on the screen; returns the screen."""
        end = time.monotonic() + patience
        while not all(word in self.text() for word in words):
            if time.monotonic() > end:
                missing = [word for word in words if word not in self.text()]
                raise AssertionError(f"never saw {missing} on:\n{self.text()}")
            self.read()
        return self.text()

    def wait_until_idle(self, patience: float = PATIENCE) -> str:
        """Wait for a new and empty prompt: each one starts by turning on bracketed paste."""
        end = time.monotonic() + patience
        while time.monotonic() < end:
            self.read(0.15)
            lines = [line for line in self.text().splitlines() if line]
            at_prompt = len(lines) > 1 and lines[-2] in (">", "lesson>") and " | " in lines[-1]
            if at_prompt and b"\x1b[?2004h" in self.seen[self.typed_at :]:
                return self.text()
        raise AssertionError(f"never came back to the prompt:\n{self.text()}")

    def leave(self) -> int:
        """Ctrl-D, and the exit code."""
        self.type("\x04")
        end = time.monotonic() + PATIENCE
        while self.process.isalive() and time.monotonic() < end:
            self.read()
        assert not self.process.isalive(), self.text()
        self.process.close()
        return int(self.process.exitstatus if self.process.exitstatus is not None else -1)


Open = Callable[..., Terminal]


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Open]:
    """Opens terminals; closes what is left of them."""
    opened: list[Terminal] = []

    def open_one(*arguments: str, rows: int = 24, columns: int = 80, **more: str) -> Terminal:
        environment = {**os.environ, "TERM": "xterm-256color", "ATTENTION_TUTOR_HOME": str(tmp_path / "home"), **more}
        for name in ("NO_COLOR", "COLUMNS", "LINES"):
            if name not in more:
                environment.pop(name, None)
        opened.append(Terminal(list(arguments), rows, columns, environment))
        return opened[-1]

    yield open_one
    for one in opened:
        one.process.close(force=True)
