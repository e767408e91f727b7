"""A heat map of attention that stays readable without colour, in ASCII, and when it must be narrow.

Rows are queries, columns are keys. From wide to narrow: columns under their full names; columns with
a number and a short name; numbers and glyph shades only; shades only, one cell a column; several maps.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from rich.text import Text

from tutor.views import theme
from tutor.views.base import Page, listing, pad
from tutor.views.brief import others
from tutor.views.numbers import percent, tight_percent
from tutor.views.page import NARROW

Matrix = Sequence[Sequence[float]]
_SHORTEST_LABEL = 6
_BRIEF_NAME = 12
_BRIEF_NAME_NARROW = 9
_STRONGEST = 17
"""Cells that the note of a row's strongest column takes, where there is room."""


def heat_map(
    page: Page, rows: Sequence[str], columns: Sequence[str], weights: Matrix, marked: int | None = None
) -> None:
    """Write the map. Row labels are numbered when columns are known by number and both are the same tokens."""
    same = tuple(rows) == tuple(columns)
    names = [page.clean(name) for name in columns]
    label = max(cell_len(page.clean(row)) for row in rows)
    full = [max(4, cell_len(name)) for name in names]
    if 2 + label + sum(width + 1 for width in full) <= page.width:
        _named(page, _rows(rows, weights, range(len(rows)), marked), names, label, full)
        _signs(page)
        return

    numbers = len(str(max(len(rows), len(columns))))
    labels = [f"{index:>{numbers}} {row}" for index, row in enumerate(rows, 1)] if same else list(rows)
    shortest = _SHORTEST_LABEL + (numbers + 1 if same else 0)
    clipped = _by_number(page, _rows(labels, weights, range(len(rows)), marked), names, shortest)
    if clipped and not same:
        for text in listing(
            page, (f"{'' if place else 'columns: '}{n + 1} {names[n]}" for place, n in enumerate(clipped))
        ):
            page.line("  ", (text, "view.note"))


def brief_map(
    page: Page,
    rows: Sequence[str],
    columns: Sequence[str],
    weights: Matrix,
    kept: Sequence[int],
    marked: int | None = None,
) -> None:
    """Write the rows `kept`, under the names of as many columns as fit: those with most; the others are one column."""
    longest = _BRIEF_NAME if page.width >= NARROW else _BRIEF_NAME_NARROW
    label = min(longest, max(cell_len(page.clean(rows[row])) for row in kept))
    names = [page.label(name, min(longest, cell_len(page.clean(name)))) for name in columns]
    widths = [max(4, cell_len(name)) for name in names]
    chosen = _rows(rows, weights, kept, marked)
    room = page.width - 2 - label
    shown = list(range(len(names)))
    if sum(width + 1 for width in widths) > room:
        room -= 1 + cell_len(others(len(names)))
        shown = []
        # The row pointed out comes first.
        most = [max(row.weights[n] * (1 + row.marked) for row in chosen) for n in range(len(names))]
        for column in sorted(range(len(names)), key=lambda n: -most[n]):
            if widths[column] + 1 <= room:
                room -= widths[column] + 1
                shown.append(column)
        shown.sort()
    left = [column for column in range(len(names)) if column not in shown]
    heads = [names[column] for column in shown] + ([others(len(left))] if left else [])
    sizes = [widths[column] for column in shown] + ([cell_len(heads[-1])] if left else [])
    _heads(page, label, heads, sizes)
    for row in chosen:
        parts = _start(page, row, label)
        for column, width in zip(shown, sizes, strict=False):
            parts += [" ", _cell(page, row.weights[column], row.shown[column], width)]
        if left:
            rest = math.fsum(row.weights[column] for column in left)
            parts += [" ", (pad(page.clean(tight_percent(rest) if rest else "·"), sizes[-1], right=True), "view.note")]
        page.line(*parts)


def shade_key(page: Page, lead: str, weights: Matrix) -> None:
    """One line: `lead`, and from where on a cell of these rows has which shade."""
    if page.ascii:
        signs = f"one sign of [{theme.ASCII_SHADES}] for each 10%"
        page.short(f"{lead}: {signs}.", f"In %: [{theme.ASCII_SHADES}], one for each 10.")
        return
    zero = f"{theme.SHADES[0]} 0, " if any(weight == 0 for row in weights for weight in row) else ""
    steps = list(zip(theme.SHADES[1:], theme.SHADE_FROM[1:], strict=True))

    def starts(sign: str) -> str:
        return zero + ", ".join(
            f"{glyph} {'' if n else 'from '}{start * 100:.0f}{sign}" for n, (glyph, start) in enumerate(steps)
        )

    page.short(f"{lead}: {starts('%')}.", f"In %: {starts('')}.")


def _signs(page: Page) -> None:
    """What the signs before the numbers say; shades of grey need no word, ASCII does."""
    if page.ascii:
        page.note(f"signs: [{theme.ASCII_SHADES}], one for each 10%", indent=2)


def _by_number(page: Page, rows: Sequence[_Row], names: Sequence[str], shortest: int) -> list[int]:
    """The map with its columns known by number, as wide as fits; gives the columns whose name is not to be read."""
    longest = max(cell_len(page.clean(row.label)) for row in rows)
    shortest = min(longest, shortest)

    def label_for(cell: int, extra: int = 0) -> int:
        """Cells left for the labels when each column takes `cell`; 0 if too few."""
        left = min(longest, page.width - 2 - cell * len(names) - extra)
        return left if left >= shortest else 0

    for cell in (5, 4, 3):
        # Wide cells begin with a space; the others are set off from their label.
        if width := label_for(cell, int(cell < 5)):
            _numbered(page, rows, names, width, cell)
            if cell > 3:
                _signs(page)
            return [n for n in range(len(names)) if cell < 5 or cell_len(names[n]) >= cell]
    plans = ((2, _STRONGEST), (1, _STRONGEST), (2, 1), (1, 1))
    found = next(((cell, extra, width) for cell, extra in plans if (width := label_for(cell, extra))), None)
    if found:
        cell, extra, width = found
        _shaded(page, rows, names, width, cell, range(len(names)), extra == _STRONGEST)
    else:
        # As few maps as possible, of about the same size.
        fit = max(1, page.width - 3 - shortest)
        maps = -(-len(names) // fit)
        size = -(-len(names) // maps)
        cell = 2 if 2 * size <= fit else 1
        for start in range(0, len(names), size):
            part = range(start, min(start + size, len(names)))
            _shaded(page, rows, names, shortest, cell, part, part.stop == len(names))
            if part.stop < len(names):
                page.blank()
    for text in listing(page, theme.ASCII_SHADE_LEGEND if page.ascii else theme.SHADE_LEGEND, "  "):
        page.line("  ", (text, "view.note"))
    return list(range(len(names)))


@dataclass(frozen=True)
class _Row:
    """One row to be written."""

    label: str
    weights: Sequence[float]
    shown: Sequence[str]
    """The weights in %."""
    marked: bool


def _rows(labels: Sequence[str], weights: Matrix, kept: Sequence[int], marked: int | None) -> list[_Row]:
    return [_Row(labels[n], weights[n], [tight_percent(weight) for weight in weights[n]], n == marked) for n in kept]


def _start(page: Page, row: _Row, width: int) -> list[str | tuple[str, str] | Text]:
    return [page.mark(row.marked), (page.label(row.label, width), "view.mark" if row.marked else "view.label")]


def _cell(page: Page, weight: float, shown: str, width: int, with_shade: bool = True) -> tuple[str, str]:
    """Shade and percent; a weight of exactly 0, as a mask leaves it, is a dot alone."""
    shown = shown if weight else "·"
    glyph = theme.shade(weight, page.ascii) if with_shade and weight >= theme.SHADE_FROM[1] else ""
    text = glyph + shown.rjust(3) if with_shade and glyph else shown
    return pad(page.clean(text), width, right=True), (f"heat.{theme.tenth(weight)}" if weight else "view.note")


def _named(page: Page, rows: Sequence[_Row], names: Sequence[str], label: int, widths: Sequence[int]) -> None:
    _heads(page, label, names, widths)
    for row in rows:
        parts = _start(page, row, label)
        for weight, shown, width in zip(row.weights, row.shown, widths, strict=True):
            parts += [" ", _cell(page, weight, shown, width)]
        page.line(*parts)


def _heads(page: Page, label: int, names: Sequence[str], widths: Sequence[int]) -> None:
    heads = " ".join(pad(name, width, right=True) for name, width in zip(names, widths, strict=True))
    page.line(" " * (2 + label), " ", (heads, "view.head"))


def _numbered(page: Page, rows: Sequence[_Row], names: Sequence[str], label: int, cell: int) -> None:
    gap = "" if cell > 4 else " "
    space = " " * (2 + label) + gap
    page.line(space, ("".join(str(n).rjust(cell) for n in range(1, len(names) + 1)), "view.head"))
    if cell > 4:
        short = "".join(" " + pad(_clip(name, cell - 1), cell - 1, right=True) for name in names)
        page.line(space, (short, "view.head"))
    some_blank = False
    for row in rows:
        parts = [*_start(page, row, label), gap]
        for weight, shown in zip(row.weights, row.shown, strict=True):
            text, style = _cell(page, weight, shown, min(4, cell), with_shade=cell > 3)
            # So many columns are easier to read when what rounds to 0 is left out.
            blank = text.endswith("<1")
            some_blank |= blank
            parts += [" " if cell > 4 else "", (" " * len(text) if blank else text, style)]
        page.line(*parts)
    if some_blank:
        page.note("blank: under half a percent, but not 0", indent=2)


def _shaded(
    page: Page, rows: Sequence[_Row], names: Sequence[str], label: int, cell: int, part: range, strongest: bool
) -> None:
    space = " " * (3 + label)
    # Tens above units, since two digits a column would run together.
    tens = "".join((str((n + 1) // 10) if (n + 1) % 10 == 0 else "").rjust(cell) for n in part)
    if tens.strip():
        page.line(space, (tens, "view.head"))
    page.line(space, ("".join(str((n + 1) % 10).rjust(cell) for n in part), "view.head"))
    room = min(_STRONGEST - 1, page.width - 3 - label - cell * len(part))
    for row in rows:
        line = row.weights
        parts = _start(page, row, label)
        parts.append(" ")
        for n in part:
            parts.append((theme.shade(line[n], page.ascii) * cell, f"ink.{theme.tenth(line[n])}"))
        if strongest and room >= 8:
            best = max(range(len(line)), key=line.__getitem__)
            name = pad(f"{best + 1} {names[best]}", room - 6) if room >= _STRONGEST - 1 else str(best + 1)
            parts.append((f" {percent(line[best]):>4} {name}", "view.note"))
        page.line(*parts)


def _clip(name: str, width: int) -> str:
    """The beginning of a name; without an ellipsis, since the number above says which it is."""
    kept = ""
    for character in name:
        if cell_len(kept + character) > width:
            break
        kept += character
    return kept
