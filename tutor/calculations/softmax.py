"""Softmax: e to the power of each score, divided by the sum of them all."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from tutor.calculations.asked import TAKEN, TEMPERATURE, Asked, decimals, shortened
from tutor.calculations.calculation import LINE_WIDTH, Calculation, worked
from tutor.calculations.digits import (
    addition,
    agrees,
    enough_digits,
    equals,
    exact,
    listed,
    rounded,
    stripped,
    text,
    total,
)
from tutor.errors import LearnerError

ONE_A_LINE = 8
"""Up to so many scores stand on lines of their own."""
PLAIN_UP_TO = 10
"""Scores beyond this have the largest taken off first: e^11 is no number to check by eye."""
SMALL_BELOW = -3
"""So has a row that is small throughout: its powers would begin with zeros."""
NOTHING_BELOW = -100
SHARE_PLACES = (3, 4, 5, 6)
LEAST_TEMPERATURE, MOST_TEMPERATURE = 0.001, 1000


@dataclass(frozen=True)
class Shares:
    """Softmax in the digits shown."""

    lines: tuple[str, ...]
    shown: tuple[Decimal, ...]


def work_out_softmax(asked: Asked) -> Calculation:
    """Two or more scores into shares, at a temperature where one is named."""
    scores, temperature = _given(asked), _temperature(asked)
    if len(scores) < 2:
        raise LearnerError("softmax needs at least two scores, as in: softmax of 2, 1, 0.1")
    taken, divisor = decimals(scores), decimals((temperature,))[0]
    truth = softmax([score / temperature for score in scores])
    places = share_places(truth)

    def attempt(working: int) -> tuple[tuple[list[str], Shares], bool]:
        lines, scaled = _scaled(taken, divisor, working)
        shares = shares_of(scaled, working, places)
        right = all(agrees(shown, share, places) for shown, share in zip(shares.shown, truth, strict=True))
        return (lines, shares), right

    lines, shares = enough_digits(attempt)
    at = "" if temperature == 1 else f" at temperature {text(divisor)}"
    return worked(
        f"Softmax turns {listed(taken)}{at} into the shares {listed(shares.shown)}.",
        ([TAKEN] if shortened(scores) else []) + lines + list(shares.lines),
        truth,
    )


def _given(asked: Asked) -> tuple[float, ...]:
    """The scores: the first numbers that stand together, where others stand elsewhere; else all but the temperature."""
    together = [group for _, group in asked.vectors if len(group) > 1]
    return together[0] if together else asked.rest(TEMPERATURE)


def softmax(scores: Sequence[float]) -> tuple[float, ...]:
    """Shares at full precision; the largest score is taken off first, so that nothing overflows."""
    powers = [math.exp(score - max(scores)) for score in scores]
    return tuple(power / math.fsum(powers) for power in powers)


def share_places(shares: Sequence[float]) -> int:
    """The fewest places, from 3 on, at which the rounded shares add up to exactly 1; 3 where there are none."""
    for places in SHARE_PLACES:
        if total(rounded(exact(share), places) for share in shares) == 1:
            return places
    return SHARE_PLACES[0]


def shares_of(scores: Sequence[Decimal], working: int, places: int) -> Shares:
    """The steps from scores to shares: powers to `working` places, shares to `places`."""
    lines: list[str] = []
    largest = max(scores)
    if max(map(abs, scores)) > PLAIN_UP_TO or largest < SMALL_BELOW:
        shifted = [score - largest for score in scores]
        lines.append(f"Take the largest score, {text(largest)}, off each (the shares stay the same):")
        lines.append(f"  {listed(shifted)}")
        scores = shifted
    powers = [rounded(power(score), working) for score in scores]
    lines.append("e to the power of each score:")
    lines += _together(
        [f"e^{text(score)} {equals(power(score), shown)}" for score, shown in zip(scores, powers, strict=True)]
    )
    whole = total(powers)
    lines += ["Their sum:", f"  {addition(powers)} = {text(whole)}", "Each power divided by the sum:"]
    shown = [rounded(part / whole, places) for part in powers]
    lines += _together(
        [
            f"{text(part)} / {text(whole)} {equals(part / whole, share)}"
            for part, share in zip(powers, shown, strict=True)
        ]
    )
    return Shares((*lines, adding_up(shown)), tuple(shown))


def adding_up(shares: Sequence[Decimal]) -> str:
    """The line that adds the shares: to 1, or to 1 but for the rounding."""
    whole = total(shares)
    end = "the shares add up to 1." if whole == 1 else "1, but for the rounding."
    return f"Check: {addition(shares)} = {text(stripped(whole))}: {end}"


def power(score: Decimal) -> Decimal:
    """e^score, and 0 where no digit of it would be seen."""
    return score.exp() if score > NOTHING_BELOW else Decimal("1e-44")


def _temperature(asked: Asked) -> float:
    temperature = asked.get(TEMPERATURE)
    if temperature is None:
        found = re.search(r"-?\d*\.?\d+", asked.slots.get("temperature", ""))
        temperature = float(found.group()) if found else 1.0
    if not LEAST_TEMPERATURE <= temperature <= MOST_TEMPERATURE:
        raise LearnerError(
            f"a temperature lies between {LEAST_TEMPERATURE} and {MOST_TEMPERATURE}: got {temperature:g}; "
            "as in: softmax of 2, 1, 0.1 at temperature 0.5"
        )
    return temperature


def _scaled(scores: Sequence[Decimal], temperature: Decimal, working: int) -> tuple[list[str], list[Decimal]]:
    if temperature == 1:
        return [], list(scores)
    scaled = [rounded(score / temperature, working) for score in scores]
    lines = [
        f"{text(score)} / {text(temperature)} {equals(score / temperature, shown)}"
        for score, shown in zip(scores, scaled, strict=True)
    ]
    return [f"Each score divided by the temperature {text(temperature)}:", *_together(lines)], scaled


def _together(parts: Sequence[str]) -> list[str]:
    """A line for each part, or as many parts to a line as there is room for where they are many."""
    if len(parts) <= ONE_A_LINE:
        return [f"  {part}" for part in parts]
    lines = ["  " + parts[0]]
    for part in parts[1:]:
        if len(lines[-1]) + len(part) + 2 < LINE_WIDTH:
            lines[-1] += f"; {part}"
        else:
            lines.append(f"  {part}")
    return lines
