"""The numbers that a choice names, and whether a number typed lies among them: 3.8 bits are “from 2 to 4 bits”."""

from __future__ import annotations

import math
import re
import unicodedata
from dataclasses import dataclass

from tutor.curriculum.numbers import numbers_in, read_number

_NUMBER = r"(-?(?:\d+(?:[.,]\d+)*)(?:\s?/\s?\d+)?\s?%?)"
_BETWEEN = re.compile(rf"\b(?:from|between)\s+{_NUMBER}\s+(?:to|and)\s+{_NUMBER}|^{_NUMBER}\s+to\s+{_NUMBER}")
_LEAST = re.compile(
    rf"\b(?:more than|above|over|at least|greater than)\s+{_NUMBER}|{_NUMBER}(?:\s\w+)?\s+(?:or|and) (?:more|above)\b"
)
_MOST = re.compile(
    rf"\b(?:up to|at most|less than|fewer than|below|under)\s+{_NUMBER}"
    rf"|{_NUMBER}(?:\s\w+)?\s+(?:or|and) (?:less|fewer|below)\b|{_NUMBER}\s+at most\b"
)


@dataclass(frozen=True)
class Range:
    """Numbers from `low` to `high`."""

    low: float = -math.inf
    high: float = math.inf

    def holds(self, other: Range) -> bool:
        """Whether all of `other` lies in this one."""
        return self.low - 1e-9 <= other.low and other.high <= self.high + 1e-9


def range_in(text: str) -> Range | None:
    """The range that a text names; None where it names none."""
    flat = re.sub(r"[−–—]", "-", unicodedata.normalize("NFKC", text).casefold())
    if between := _BETWEEN.search(flat):
        low, high = (_value(one) for one in between.groups() if one)
        return Range(low, high) if low <= high else None
    least, most = _LEAST.search(flat), _MOST.search(flat)
    low = _value(next(filter(None, least.groups()))) if least else -math.inf
    high = _value(next(filter(None, most.groups()))) if most else math.inf
    return Range(low, high) if (least or most) and low <= high else None


def one_number(text: str) -> float | None:
    """The number that a text is about: 'ten', 'near −1: opposite meanings', '5 I think'; None for none or several."""
    if readings := read_number(text):
        return readings[0].value
    found = set(numbers_in(text))
    return found.pop() if len(found) == 1 else None


def _value(text: str) -> float:
    readings = read_number(text)
    return readings[0].value if readings else math.nan
