"""What a brief page keeps: the rows that the point needs, and a word on the rest."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from tutor.views.numbers import percents


def most_telling(values: Sequence[float], most: int, always: int | None = None) -> list[int]:
    """Places of the `most` largest values, in their own order; `always` is among them."""
    ranked = sorted(range(len(values)), key=lambda place: (place == always, values[place]), reverse=True)
    return sorted(ranked[:most])


@dataclass(frozen=True)
class Shortened:
    """The largest shares of a row, and the others in one."""

    kept: list[int]
    rest: float
    """What the others have together."""
    left: int
    """How many they are."""
    shown: list[str]
    """All of it in %: those kept, then the rest if there is any; together they add up."""


def shortened(shares: Sequence[float], most: int, always: int | None = None) -> Shortened:
    """The `most` largest shares of a row in their order, `always` among them, and what is left."""
    kept = most_telling(shares, most, always)
    left = len(shares) - len(kept)
    rest = math.fsum(share for place, share in enumerate(shares) if place not in kept)
    ranked = sorted(range(len(kept)), key=lambda place: -shares[kept[place]])
    named = {*ranked[:2], *([kept.index(always)] if always is not None else [])}
    shown = percents([*(shares[place] for place in kept), *([rest] if left else [])], named)
    return Shortened(kept, rest, left, [f"{text}%" for text in shown])


def others(count: int) -> str:
    """'1 other', '5 others'."""
    return f"{count} other{'' if count == 1 else 's'}"
