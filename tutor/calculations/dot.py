"""The dot product: multiply number by number and add; divided by both lengths it is the cosine."""

from __future__ import annotations

import math
from collections.abc import Sequence
from decimal import Decimal

from tutor.calculations.asked import TAKEN, Asked, decimals, shortened
from tutor.calculations.calculation import Calculation, worked
from tutor.calculations.digits import (
    addition,
    agrees,
    bracketed,
    enough_digits,
    equals,
    pair_text,
    rounded,
    text,
    total,
)
from tutor.errors import LearnerError

COSINE_PLACES = 3
LENGTH_DIGITS = 5


def work_out_dot(asked: Asked) -> Calculation:
    """Two vectors of the same length, written one behind the other: dot product, lengths, cosine."""
    numbers = _given(asked)
    if len(numbers) < 2 or len(numbers) % 2:
        raise LearnerError(
            f"a dot product needs two vectors of the same length: got {len(numbers)} "
            f"number{'' if len(numbers) == 1 else 's'} in all, as in: dot product of (1, 2) and (3, 4)"
        )
    taken, half = decimals(numbers), len(numbers) // 2
    first, second = taken[:half], taken[half:]
    lines = ([TAKEN] if shortened(numbers) else []) + [f"a = {pair_text(first)}, b = {pair_text(second)}"]
    products = [left * right for left, right in zip(first, second, strict=True)]
    lines += [f"  {text(a)} × {bracketed(b)} = {text(ab)}" for a, b, ab in zip(first, second, products, strict=True)]
    dot = total(products)
    lines.append(f"a · b = {addition(products)} = {text(dot)}")
    squares = [total(number * number for number in vector) for vector in (first, second)]
    truth = math.fsum(a * b for a, b in zip(numbers[:half], numbers[half:], strict=True))
    sizes = math.hypot(*numbers[:half]), math.hypot(*numbers[half:])
    if not all(squares):
        lines += [_length_line(name, vector, LENGTH_DIGITS) for name, vector in (("a", first), ("b", second))]
        lines.append("A vector of length 0 points nowhere, so there is no cosine.")
        return worked(f"The dot product is {text(dot)}; with a zero vector there is no cosine.", lines, (truth, *sizes))
    cosine = max(-1.0, min(1.0, truth / sizes[0] / sizes[1]))

    def attempt(working: int) -> tuple[tuple[list[str], Decimal], bool]:
        extra = working - 4
        lengths = [_length(square, LENGTH_DIGITS + extra) for square in squares]
        product = lengths[0] * lengths[1]
        shown = rounded(dot / product, COSINE_PLACES)
        steps = [_length_line(name, vector, LENGTH_DIGITS + extra) for name, vector in (("a", first), ("b", second))]
        steps.append(f"cosine = {text(dot)} / ({text(lengths[0])} × {text(lengths[1])}) {equals(dot / product, shown)}")
        return (steps, shown), agrees(shown, cosine, COSINE_PLACES)

    steps, shown = enough_digits(attempt)
    return worked(
        f"The dot product is {text(dot)} and the cosine {text(shown)}: {_meaning(shown)}.",
        lines + steps,
        (truth, *sizes, cosine),
    )


def _given(asked: Asked) -> tuple[float, ...]:
    """Two vectors of one length, if the first two groups of numbers are that; else all numbers."""
    first, second, *_ = (*(group for _, group in asked.vectors), (), ())
    return first + second if len(first) == len(second) > 0 else asked.numbers


def _length(square: Decimal, digits: int) -> Decimal:
    root = square.sqrt()
    return rounded(root, max(0, digits - 1 - root.adjusted())) if root else Decimal(0)


def _length_line(name: str, vector: Sequence[Decimal], digits: int) -> str:
    squares = [number * number for number in vector]
    square = total(squares)
    inside = f"√({addition(squares)}) = √{text(square)}" if len(squares) > 1 else f"√{text(square)}"
    return f"length of {name} = {inside} {equals(square.sqrt(), _length(square, digits))}"


def _meaning(cosine: Decimal) -> str:
    if cosine >= Decimal("0.9"):
        return "the vectors point the same way" if cosine == 1 else "the vectors point nearly the same way"
    if cosine <= Decimal("-0.9"):
        return "the vectors point nearly opposite ways"
    if abs(cosine) <= Decimal("0.1"):
        return "the vectors are nearly at right angles" if cosine else "the vectors are at right angles"
    return "the vectors point partly the same way" if cosine > 0 else "the vectors point partly opposite ways"
