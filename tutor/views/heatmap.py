"""A heat map of attention that stays readable without colour, in ASCII, and when it must be narrow.

Rows are queries, columns are keys. From wide to narrow: columns under their full names; columns with
a number and a short name; numbers and glyph shades only; shades only, one cell a column; several maps.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from rich.text import Text

from tutor.views import theme
from tutor.views.base import Page, listing, pad
from tutor.views.numbers import percent, percents, tight_percent

Matrix = Sequence[Sequence[float]]
_SHORTEST_LABEL = 6
_STRONGEST = 17
"""Cells that the note of a row's strongest column takes, where there is room."""


def heat_map(
    page: Page,
    rows: Sequence[str],
    columns: Sequence[str],
    weights: Matrix,
    marked: int | None = None,
    only: Sequence[int] | None = None,
    whole: bool = True,
) -> None:
    """Write the map, or `only` these rows of it; `whole` rows are shown so that they add up.

    Row labels are numbered when columns are known by number and both are the same tokens.
    """
    same = tuple(rows) == tuple(columns)
    names = [page.clean(name) for name in columns]
    kept = range(len(rows)) if only is None else only
    label = max(cell_len(page.clean(rows[index])) for index in kept)
    full = [max(4, cell_len(name)) for name in names]
    if 2 + label + sum(width + 1 for width in full) <= page.width:
        _named(page, _chosen(rows, weights, kept, marked, whole), names, label, full)
        return

    numbers = len(str(max(len(rows), len(columns))))
    labels = [f"{index:>{numbers}} {row}" for index, row in enumerate(rows, 1)] if same else list(rows)
    chosen = _chosen(labels, weights, kept, marked, whole)
    shortest = _SHORTEST_LABEL + (numbers + 1 if same else 0)
    clipped = _by_number(page, chosen, names, shortest, only is None)
    if only is not None:
        # The rows left out would have named their columns: these are the ones that have any shade.
        clipped = [n for n in clipped if any(row.weights[n] >= theme.SHADE_FROM[1] for row in chosen)]
    if clipped and (not same or len(kept) < len(rows)):
        for text in listing(
            page, (f"{'' if place else 'columns: '}{n + 1} {names[n]}" for place, n in enumerate(clipped))
        ):
            page.line("  ", (text, "view.note"))


def _by_number(page: Page, rows: Sequence[_Row], names: Sequence[str], shortest: int, full: bool) -> list[int]:
    """The map with its columns known by number, as wide as fits; gives the columns whose name is not to be read.

    A `full` map has room for short names and for what its signs mean.
    """
    longest = max(cell_len(page.clean(row.label)) for row in rows)
    shortest = min(longest, shortest)

    def label_for(cell: int, extra: int = 0) -> int:
        """Cells left for the labels when each column takes `cell`; 0 if too few."""
        left = min(longest, page.width - 2 - cell * len(names) - extra)
        return left if left >= shortest else 0

    for cell in (5, 4, 3):
        if width := label_for(cell):
            _numbered(page, rows, names, width, cell, full)
            return [n for n in range(len(names)) if cell < 5 or not full or cell_len(names[n]) >= cell]
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


def _chosen(labels: Sequence[str], weights: Matrix, kept: Sequence[int], marked: int | None, whole: bool) -> list[_Row]:
    def shown(line: Sequence[float]) -> Sequence[str]:
        return percents(line) if whole else [tight_percent(weight) for weight in line]

    return [_Row(labels[index], weights[index], shown(weights[index]), index == marked) for index in kept]


def _start(page: Page, row: _Row, width: int) -> list[str | tuple[str, str] | Text]:
    return [page.mark(row.marked), (page.label(row.label, width), "view.mark" if row.marked else "view.label")]


def _cell(page: Page, weight: float, shown: str, width: int, with_shade: bool = True) -> tuple[str, str]:
    """Shade and percent; a weight of exactly 0, as a mask leaves it, is a dot alone."""
    shown = shown if weight else "·"
    glyph = theme.shade(weight, page.ascii) if with_shade and weight >= theme.SHADE_FROM[1] else ""
    text = glyph + shown.rjust(3) if with_shade and glyph else shown
    return pad(page.clean(text), width, right=True), (f"heat.{theme.tenth(weight)}" if weight else "view.note")


def _named(page: Page, rows: Sequence[_Row], names: Sequence[str], label: int, widths: Sequence[int]) -> None:
    heads = " ".join(pad(name, width, right=True) for name, width in zip(names, widths, strict=True))
    page.line(" " * (2 + label), " ", (heads, "view.head"))
    for row in rows:
        parts = _start(page, row, label)
        for weight, shown, width in zip(row.weights, row.shown, widths, strict=True):
            parts += [" ", _cell(page, weight, shown, width)]
        page.line(*parts)


def _numbered(page: Page, rows: Sequence[_Row], names: Sequence[str], label: int, cell: int, full: bool) -> None:
    space = " " * (2 + label)
    page.line(space, ("".join(str(n).rjust(cell) for n in range(1, len(names) + 1)), "view.head"))
    if cell > 4 and full:
        short = "".join(" " + pad(_clip(name, cell - 1), cell - 1, right=True) for name in names)
        page.line(space, (short, "view.head"))
    some_blank = False
    for row in rows:
        parts = _start(page, row, label)
        for weight, shown in zip(row.weights, row.shown, strict=True):
            text, style = _cell(page, weight, shown, min(4, cell), with_shade=cell > 3)
            # So many columns are easier to read when what is next to nothing is left out.
            blank = text.endswith("<1")
            some_blank |= blank
            parts += [" " if cell > 4 else "", (" " * len(text) if blank else text, style)]
        page.line(*parts)
    if some_blank and full:
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
