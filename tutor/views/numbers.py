"""Numbers as a learner should see them: short, and never rounded into something untrue.

A share that is not zero is never shown as 0, one that is not whole never as 100. Each is rounded by itself, so that
what a row shows may add up to 99 or 101.
"""

from __future__ import annotations

import math

LOSS = "Loss: -ln of the probability of the right token, on average (in nats; 0.69 is a coin toss, 0 is certain)."
"""What a loss in nats is, for the foot of a picture."""


def spread(bits: float, of: int) -> str:
    """1.32, 12 -> '1.32 bits (0: all on one, 3.58: even)': `of` so many."""
    even = f", {number(math.log2(of), 2)}: even" if of > 1 else ""
    return f"{number(bits, 2)} bits (0: all on one{even})"


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
