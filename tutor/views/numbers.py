"""Numbers as a learner should see them: short, and never rounded into something untrue.

A share that is not zero is never shown as 0, one that is not whole never as 100. A row that is shown whole adds up.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence

LOSS = "Loss: -ln of the probability of the right token, on average (in nats; 0.69 is a coin toss, 0 is certain)."
"""What a loss in nats is, for the foot of a picture."""


def spread(bits: float, of: int) -> str:
    """1.32, 12 -> '1.32 bits (0: all on one, 3.58: even)': `of` so many."""
    even = f", {number(math.log2(of), 2)}: even" if of > 1 else ""
    return f"{number(bits, 2)} bits (0: all on one{even})"


def percents(shares: Sequence[float], named: Collection[int] = ()) -> tuple[str, ...]:
    """A whole row as `percent`s without the sign that add up: largest remainders give way, not always the nearest.

    Those `named`, or without any the two largest, are what texts speak of: they keep their own rounding, even where no
    other is left to give way. What is shown as '<1' stays out of the sum: the others show what is left.
    """
    shown = [tight_percent(abs(share)) for share in shares]
    whole = [n for n, text in enumerate(shown) if text.isdigit() and shares[n]]
    counts = {n: round(shares[n] * 100) for n in whole}
    missing = round(math.fsum(shares[n] for n in whole) * 100) - sum(counts.values())
    step = 1 if missing > 0 else -1
    kept = set(named) or set(sorted(whole, key=lambda n: -abs(shares[n]))[:2])
    willing = [
        n
        for n in whole
        if n not in kept and abs(counts[n] + step) < 100 and (counts[n] + step or abs(shares[n]) < 0.01)
    ]

    def untruth(n: int) -> float:
        return abs(counts[n] + step - shares[n] * 100)

    for n in sorted(willing, key=untruth)[: abs(missing)]:
        counts[n] += step
        shown[n] = str(abs(counts[n])) if counts[n] else "<1"
    return tuple(f"-{text}" if share < 0 else text for share, text in zip(shares, shown, strict=True))


def percent(share: float) -> str:
    """0.57 -> '57%'; 0.004 -> '<1%'; 0.998 -> '>99%'."""
    return f"{tight_percent(share)}%"


def tight_percent(share: float) -> str:
    """`percent` without the sign, at most three characters: '57', '<1', '>99', '100'."""
    if not math.isfinite(share):
        return "?"
    rounded = f"{share * 100:.0f}"
    if rounded == "0" and share > 0:
        return "<1"
    if rounded == "100" and share < 1:
        return ">99"
    return rounded


def number(value: float, places: int = 3) -> str:
    """A number with about `places` decimals, fewer where it is large, powers of ten where it is tiny."""
    if math.isnan(value):
        return "?"
    if math.isinf(value):
        return "-inf" if value < 0 else "inf"
    if value == 0:
        return "0"
    size = abs(value)
    if size < 0.5 * 10**-places:
        return f"{value:.1g}".replace("e-0", "e-")
    if size >= 10_000:
        return f"{value:,.0f}"
    for limit, fewer in ((1000, 3), (100, 2), (10, 1)):
        if size >= limit:
            return f"{value:.{max(0, places - fewer)}f}"
    return f"{value:.{places}f}"


def signed(value: float, places: int = 2) -> str:
    """`number` with its sign always shown, but for zero."""
    return f"+{number(value, places)}" if value > 0 else number(value, places)


def noise(value: float, places: int = 3) -> str:
    """`number`, for what would be 0 if computers did not round."""
    return "0 (rounding)" if 0 < abs(value) < 1e-5 else number(value, places)


def count(value: int) -> str:
    """4123456 -> '4,123,456'."""
    return f"{value:,}"


def general(value: float, digits: int = 6) -> str:
    """A number with so many significant digits and no trailing zeros: 8.0 -> '8', 0.0001 -> '0.0001'."""
    return f"{value:.{digits}g}".replace("e-0", "e-")
