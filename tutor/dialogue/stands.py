"""Whose number it is that a learner names from the screen: '0.71' is the share of one word on another."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from typing import Any

from tutor.understanding.values import numbers_typed

NAMES = ("token", "word", "query_word", "label", "text")
"""Fields that say of an entry of a list what it is."""
MOST = 2
"""Places that are named for one number."""


def whose(text: str, result: Any) -> str:
    """For the first number of the turn that stands in the result, the line that says where; '' for none."""
    if result is None:
        return ""
    for typed, value, tolerance in numbers_typed(text):
        found = list(dict.fromkeys(name for name, number in _numbers(result) if abs(number - value) <= tolerance))
        if 0 < len(found) <= MOST:
            return f"{typed} stands there for {' and for '.join(found)}."
    return ""


def _numbers(result: Any) -> Iterator[tuple[str, float]]:
    """Every number of a result that belongs to a word or to a pair of words, and whose it is."""
    yield from _of_cells(result)
    for field in dataclasses.fields(result) if dataclasses.is_dataclass(result) else ():
        entries = getattr(result, field.name)
        if isinstance(entries, tuple) and entries and dataclasses.is_dataclass(entries[0]):
            yield from _of_entries(entries)
    row: Sequence[float] = getattr(result, "row", ())
    for token, share in zip(getattr(result, "key_tokens", ()), row, strict=False):
        yield f"“{getattr(result, 'query_word', '')}” on “{token}”", share


def _of_cells(result: Any) -> Iterator[tuple[str, float]]:
    queries, keys = getattr(result, "query_tokens", ()), getattr(result, "key_tokens", ())
    for query, shares in zip(queries, getattr(result, "weights", ()), strict=False):
        for key, share in zip(keys, shares, strict=False):
            if isinstance(share, float):
                yield f"“{query}” on “{key}”", share


def _of_entries(entries: Sequence[Any]) -> Iterator[tuple[str, float]]:
    for entry in entries:
        name = next((str(found) for field in NAMES if (found := getattr(entry, field, ""))), "")
        numbers = [getattr(entry, field.name) for field in dataclasses.fields(entry)] if name else []
        yield from ((f"“{name}”", number) for number in numbers if isinstance(number, float))
