"""Numbers as printed: a step goes on with the digits it shows, so every printed sum and product holds.

A calculation that rounds on its way tries four digits, then five, then more, until what it prints in the end is
also the correctly rounded truth: see `enough_digits`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import TypeVar

FEWEST_PLACES, MOST_PLACES = 4, 14
PRECISION = 60
"""Significant digits of the arithmetic behind the printed digits."""

Found = TypeVar("Found")


def exact(number: float) -> Decimal:
    """The decimal that was typed: 0.1 is one tenth."""
    return stripped(Decimal(repr(float(number))))


def stripped(number: Decimal) -> Decimal:
    """The same number without zeros at its end, and without an exponent."""
    if not number:
        return Decimal(0)
    number = number.normalize()
    return number.quantize(Decimal(1)) if number.as_tuple().exponent > 0 else number  # type: ignore[operator]


def rounded(number: Decimal, places: int) -> Decimal:
    """The number to so many places; the zeros at the end stay unless nothing was rounded away."""
    result = number.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    if result == number:
        return stripped(result)
    return result if result else abs(result)


def text(number: Decimal) -> str:
    """Digits without an exponent."""
    return format(number, "f")


def bracketed(number: Decimal) -> str:
    """Digits to stand behind an operator: a negative number is put in brackets."""
    return f"({text(number)})" if number < 0 else text(number)


def equals(number: Decimal, shown: Decimal) -> str:
    """'= 0.5' where the digits are exact, '≈ 0.333' where they are rounded."""
    return f"{'=' if number == shown else '≈'} {text(shown)}"


def total(numbers: Iterable[Decimal]) -> Decimal:
    """The sum of the digits shown."""
    return sum(numbers, Decimal(0))


def addition(numbers: Sequence[Decimal]) -> str:
    """'1 + (-2) + 3', without its result."""
    first, *others = numbers
    return " + ".join((text(first), *map(bracketed, others)))


def listed(numbers: Iterable[Decimal]) -> str:
    """'1, 2, 3'."""
    return ", ".join(map(text, numbers))


def pair_text(numbers: Sequence[Decimal]) -> str:
    """'(1, 2)', and a single number without brackets."""
    return text(numbers[0]) if len(numbers) == 1 else f"({listed(numbers)})"


def grouped(count: int) -> str:
    """'1,050,624'."""
    return f"{count:,}"


def counted(count: int, noun: str) -> str:
    """'1 layer', '12 layers'."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def significant(number: float, digits: int = 6) -> tuple[str, bool]:
    """A number in so many significant digits, and whether that is all of it."""
    typed = exact(number)
    if not typed:
        return "0", True
    places = max(0, digits - 1 - typed.adjusted())
    if places > 12 or typed.adjusted() > 12:
        return f"{number:.{digits - 1}e}", False
    shown = rounded(typed, places)
    return text(stripped(shown)), shown == typed


def agrees(shown: Decimal, truth: float, places: int) -> bool:
    """Whether the digits shown are the truth rounded to so many places (either way at a tie)."""
    return abs(shown - Decimal(truth)) <= Decimal("0.500001").scaleb(-places)


def enough_digits(attempt: Callable[[int], tuple[Found, bool]]) -> Found:
    """What the attempt finds with the fewest places at which it says that its end is right."""
    for places in range(FEWEST_PLACES, MOST_PLACES):
        found, right = attempt(places)
        if right:
            return found
    return attempt(MOST_PLACES)[0]
