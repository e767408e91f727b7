"""Two texts below each other, column by column, with a third line that says where they differ."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len

from tutor.experiments.alignment import AlignedWord
from tutor.views.base import Page, pad

DIFFERS = "≠"
_WIDEST = 14
"""Cells of a column."""


@dataclass(frozen=True)
class Columns:
    """Cells that stand below each other: of the first text, of the second, and the mark or number below both."""

    labels: tuple[str, str, str]
    first: Sequence[str]
    second: Sequence[str]
    below: Sequence[str]
    different: Sequence[bool]


def side_by_side(page: Page, columns: Columns) -> int:
    """Write the columns in as many bands as they need, on a brief page one; returns how many were left out."""
    rows = [[page.clean(cell) for cell in cells] for cells in (columns.first, columns.second, columns.below)]
    widths = [min(_WIDEST, max(map(cell_len, cells))) for cells in zip(*rows, strict=True)]
    label = max(map(cell_len, columns.labels))
    room = page.width - 2 - label
    if page.brief:
        first_apart = next((n for n, apart in enumerate(columns.different) if apart), 0)
        start, stop = _window(widths, room, first_apart)
        _band(page, columns, rows, widths, range(start, stop), label)
        return len(widths) - (stop - start)
    start = 0
    while start < len(widths):
        _, stop = _window(widths[start:], room, 0)
        if start:
            page.blank()
        _band(page, columns, rows, widths, range(start, start + stop), label)
        start += stop
    return 0


def _window(widths: Sequence[int], room: int, at: int) -> tuple[int, int]:
    """The columns that fit around `at`, one more at the right and one more at the left in turn."""
    start, stop = at, min(at + 1, len(widths))
    left = room - sum(width + 2 for width in widths[start:stop])
    grew = True
    while grew:
        grew = False
        if stop < len(widths) and widths[stop] + 2 <= left:
            left -= widths[stop] + 2
            stop, grew = stop + 1, True
        if start and widths[start - 1] + 2 <= left:
            left -= widths[start - 1] + 2
            start, grew = start - 1, True
    return start, stop


def _band(
    page: Page,
    columns: Columns,
    rows: Sequence[Sequence[str]],
    widths: Sequence[int],
    shown: range,
    label: int,
) -> None:
    for name, cells, words in zip(columns.labels, rows, (True, True, False), strict=True):
        line = page.text("  ", (pad(page.clean(name), label), "view.head"))
        for n in shown:
            style = "view.new" if columns.different[n] else "view.strong" if words else "view.number"
            line.append("  ")
            line.append(pad(cells[n], widths[n]), style)
        page.line(line)


def marked(words: Sequence[AlignedWord], second: bool) -> str:
    """One of two texts on a line, ≠ before each word that the other has not there."""
    text = ""
    for aligned in words:
        word = aligned.other_word if second else aligned.word
        if word:
            apart = text and not (aligned.same and all(letter in ".,…)" for letter in word))
            text += " " * bool(apart) + (word if aligned.same else DIFFERS + word)
    return text or "(nothing)"
