"""A calculation is an answer with every step that leads to it, in digits that can be checked by eye."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from dataclasses import dataclass

LINE_WIDTH = 76


@dataclass(frozen=True)
class Calculation:
    """What was worked out on the learner's own numbers."""

    result: str
    """The answer in one sentence, in plain words with the number."""
    steps: tuple[str, ...]
    """Lines of at most 76 characters, to be printed as they are."""
    values: tuple[float, ...]
    """The resulting numbers at full precision."""


def worked(result: str, lines: Iterable[str], values: Iterable[float]) -> Calculation:
    """A calculation whose lines are folded to the width that is printed."""
    return Calculation(result, tuple(part for line in lines for part in folded(line)), tuple(values))


def folded(line: str) -> list[str]:
    """One line as lines of at most 76 characters; what follows the first is indented."""
    return textwrap.wrap(line, LINE_WIDTH, subsequent_indent="    ", break_on_hyphens=False)
