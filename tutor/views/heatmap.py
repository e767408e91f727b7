"""A heat map of attention that stays readable without colour, in ASCII, and when it must be narrow.

Rows are queries, columns are keys. From wide to narrow: columns under their full names; columns with
a number and a short name; numbers and glyph shades only; shades only, one cell a column; several maps.
"""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from rich.text import Text

from tutor.views import theme
from tutor.views.base import Page, listing, pad
from tutor.views.numbers import percent, tight_percent

Matrix = Sequence[Sequence[float]]
_SHORTEST_LABEL = 6
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
        _named(page, rows, names, weights, marked, label, full)
        return

    numbers = len(str(max(len(rows), len(columns))))
    labels = [f"{index:>{numbers}} {row}" for index, row in enumerate(rows, 1)] if same else list(rows)
    longest = max(cell_len(page.clean(text)) for text in labels)
    shortest = min(longest, _SHORTEST_LABEL + (numbers + 1 if same else 0))

    def label_for(cell: int, extra: int = 0) -> int:
        """Cells left for the labels when each column takes `cell`; 0 if too few."""
        left = min(longest, page.width - 2 - cell * len(names) - extra)
        return left if left >= shortest else 0

    for cell in (5, 4, 3):
        if width := label_for(cell):
            _numbered(page, labels, names, weights, marked, width, cell)
            break
    else:
        plans = ((2, _STRONGEST), (1, _STRONGEST), (2, 1), (1, 1))
        found = next(((cell, extra, width) for cell, extra in plans if (width := label_for(cell, extra))), None)
        if found:
            cell, extra, width = found
            _shaded(page, labels, names, weights, marked, width, cell, range(len(names)), extra == _STRONGEST)
        else:
            # As few maps as possible, of about the same size.
            fit = max(1, page.width - 3 - shortest)
            maps = -(-len(names) // fit)
            size = -(-len(names) // maps)
            cell = 2 if 2 * size <= fit else 1
            for start in range(0, len(names), size):
                part = range(start, min(start + size, len(names)))
                _shaded(page, labels, names, weights, marked, shortest, cell, part, part.stop == len(names))
                if part.stop < len(names):
                    page.blank()
        for text in listing(page, theme.ASCII_SHADE_LEGEND if page.ascii else theme.SHADE_LEGEND, "  "):
            page.line("  ", (text, "view.note"))
    if not same:
        legend = listing(page, (f"{index} {name}" for index, name in enumerate(names, 1)))
        page.note("columns:", indent=2)
        for line in legend:
            page.line("  ", (line, "view.note"))


def _row(page: Page, label: str, width: int, is_marked: bool) -> list[str | tuple[str, str] | Text]:
    return [page.mark(is_marked), (page.label(label, width), "view.mark" if is_marked else "view.label")]


def _cell(page: Page, weight: float, width: int, with_shade: bool = True) -> tuple[str, str]:
    """Shade and percent; a weight of exactly 0, as a mask leaves it, is a dot alone."""
    shown = "·" if weight == 0 else tight_percent(weight)
    glyph = theme.shade(weight, page.ascii) if with_shade and weight >= theme.SHADE_FROM[1] else ""
    text = glyph + shown.rjust(3) if with_shade and glyph else shown
    return pad(page.clean(text), width, right=True), (f"heat.{theme.tenth(weight)}" if weight else "view.note")


def _named(
    page: Page,
    rows: Sequence[str],
    names: Sequence[str],
    weights: Matrix,
    marked: int | None,
    label: int,
    widths: Sequence[int],
) -> None:
    heads = " ".join(pad(name, width, right=True) for name, width in zip(names, widths, strict=True))
    page.line(" " * (2 + label), " ", (heads, "view.head"))
    for index, (row, line) in enumerate(zip(rows, weights, strict=True)):
        parts = _row(page, row, label, index == marked)
        for weight, width in zip(line, widths, strict=True):
            parts += [" ", _cell(page, weight, width)]
        page.line(*parts)


def _numbered(
    page: Page,
    labels: Sequence[str],
    names: Sequence[str],
    weights: Matrix,
    marked: int | None,
    label: int,
    cell: int,
) -> None:
    space = " " * (2 + label)
    page.line(space, ("".join(str(n).rjust(cell) for n in range(1, len(names) + 1)), "view.head"))
    if cell > 3:
        short = "".join(" " + pad(_clip(name, cell - 1), cell - 1, right=True) for name in names)
        page.line(space, (short, "view.head"))
    some_blank = False
    for index, (row, line) in enumerate(zip(labels, weights, strict=True)):
        parts = _row(page, row, label, index == marked)
        for weight in line:
            text, style = _cell(page, weight, max(3, cell - 1), with_shade=cell >= 5)
            # So many columns are easier to read when what is next to nothing is left out.
            blank = text.endswith("<1")
            some_blank |= blank
            parts += [" " if cell > 3 else "", (" " * len(text) if blank else text, style)]
        page.line(*parts)
    if some_blank:
        page.note("blank: under half a percent, but not 0", indent=2)


def _shaded(
    page: Page,
    labels: Sequence[str],
    names: Sequence[str],
    weights: Matrix,
    marked: int | None,
    label: int,
    cell: int,
    part: range,
    strongest: bool,
) -> None:
    space = " " * (3 + label)
    # Tens above units, since two digits a column would run together.
    tens = "".join((str((n + 1) // 10) if (n + 1) % 10 == 0 else "").rjust(cell) for n in part)
    if tens.strip():
        page.line(space, (tens, "view.head"))
    page.line(space, ("".join(str((n + 1) % 10).rjust(cell) for n in part), "view.head"))
    room = min(_STRONGEST - 1, page.width - 3 - label - cell * len(part))
    for index, (row, line) in enumerate(zip(labels, weights, strict=True)):
        parts = _row(page, row, label, index == marked)
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
