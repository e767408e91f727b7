"""Every number of a run as CSV, one a line: what a spreadsheet, pandas or R reads."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any

from tutor.experiments.base import Run, plain_values


def run_csv(run: Run) -> str:
    """Columns `field, i, j, …, value`: the name as in `--json`, the places in its lists counted from 0, the value.

    Fields of entries are joined by dots. There are as many places as the deepest list has; unused ones are empty.
    """
    cells = list(_cells(plain_values(run.result)))
    deep = max((len(places) for _, places, _ in cells), default=0)
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["field", *"ijklmnop"[:deep], "value"])
    for name, places, value in cells:
        writer.writerow([name, *places, *[""] * (deep - len(places)), "" if value is None else value])
    return out.getvalue().rstrip("\n")


def _cells(value: Any, name: str = "", places: tuple[int, ...] = ()) -> Iterator[tuple[str, tuple[int, ...], Any]]:
    if isinstance(value, dict):
        for key, held in value.items():
            yield from _cells(held, f"{name}.{key}" if name else key, places)
    elif isinstance(value, list):
        for place, held in enumerate(value):
            yield from _cells(held, name, (*places, place))
    else:
        yield name, places, value
