"""What a brief page keeps: the rows that the point needs, and a word on the rest."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len

from tutor.views.numbers import percent


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
    """All of it in %: those kept, then the rest if there is any."""


def shortened(shares: Sequence[float], most: int, always: int | None = None) -> Shortened:
    """The `most` largest shares of a row in their order, `always` among them, and what is left."""
    kept = most_telling(shares, most, always)
    left = len(shares) - len(kept)
    rest = math.fsum(share for place, share in enumerate(shares) if place not in kept)
    return Shortened(kept, rest, left, [percent(share) for share in (*(shares[n] for n in kept), *[rest] * (left > 0))])


def fitting(count: int, most: int) -> int:
    """How many of `count` rows to keep: all where only one is too many, since its line would go to say so."""
    return count if count <= most + 1 else most


def others(count: int, what: str = "") -> str:
    """'1 other', '5 others', '5 other rows'."""
    return f"{count} other{' ' * bool(what)}{what}{'' if count == 1 else 's'}"


def the_others(count: int, what: str) -> str:
    """'the other row', 'the 5 other rows'."""
    return f"the {others(count, what)}" if count > 1 else f"the other {what}"


def excerpt(text: str, word: str, room: int) -> str:
    """As much of `text` as fits `room` cells, in whole words, with `word` in it; its end where that has no word."""
    words = text.split()
    at = next((n for n, one in enumerate(words) if word and word in one), len(words) - 1)
    first, last = 0, len(words) - 1

    def kept() -> str:
        return " ".join((["…"] if first else []) + words[first : last + 1] + (["…"] if last < len(words) - 1 else []))

    while first < last and cell_len(kept()) > room:
        # The longer side gives way; the word itself stays.
        if at - first > last - at:
            first += 1
        else:
            last -= 1
    return kept()
