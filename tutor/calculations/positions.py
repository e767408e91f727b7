"""Sinusoidal positions: each pair of dimensions is the sine and cosine of the position, at its own speed."""

from __future__ import annotations

import math
from decimal import Decimal

from tutor.calculations.asked import D_MODEL, POSITION, Asked, whole
from tutor.calculations.calculation import Calculation, worked
from tutor.calculations.digits import agrees, enough_digits, equals, exact, listed, rounded, text
from tutor.errors import LearnerError

DEFAULT_WIDTH = 4
MOST_SHOWN = 8
RESULT_PLACES = 4
BASE = Decimal(10_000)
EXAMPLE = "positional encoding of position 3 with d_model 4"


def work_out_positions(asked: Asked) -> Calculation:
    """A position and a width (4 by default): the first eight numbers of its vector at most."""
    rest = list(asked.rest(POSITION, D_MODEL))
    given, width = asked.get(POSITION), asked.get(D_MODEL)
    if given is None and rest:
        given = rest.pop(0)
    if width is None and rest:
        width = rest.pop(0)
    if given is None:
        raise LearnerError(f"a positional encoding needs a position, as in: {EXAMPLE}")
    position, size = whole("a position", given, 0), whole("d_model", DEFAULT_WIDTH if width is None else width)
    if size % 2:
        raise LearnerError(f"d_model must be even, since sines and cosines come in pairs: got {size}; as in: {EXAMPLE}")
    shown_size = min(size, MOST_SHOWN)
    angles = [position / 10_000 ** (pair / size) for pair in range(0, shown_size, 2)]
    truth = [wave(angle) for angle in angles for wave in (math.sin, math.cos)]

    def attempt(working: int) -> tuple[tuple[list[str], list[Decimal]], bool]:
        lines, found = [], []
        for pair in range(0, shown_size, 2):
            divisor = BASE ** (Decimal(pair) / size) if pair else Decimal(1)
            shown = rounded(_tidy(divisor), working)
            angle = rounded(position / shown, working)
            sine, cosine = (exact(wave(float(angle))) for wave in (math.sin, math.cos))
            lines.append(f"Dimensions {pair} and {pair + 1}:")
            lines.append(f"  divided by 10000^({pair}/{size}) {equals(_tidy(divisor), shown)}")
            lines.append(f"  angle: {position} / {text(shown)} {equals(position / shown, angle)}")
            sine_shown, cosine_shown = rounded(sine, RESULT_PLACES), rounded(cosine, RESULT_PLACES)
            lines.append(
                f"  sin {text(angle)} {equals(sine, sine_shown)}, cos {text(angle)} {equals(cosine, cosine_shown)}"
            )
            found += [sine_shown, cosine_shown]
        return (lines, found), all(agrees(a, b, RESULT_PLACES) for a, b in zip(found, truth, strict=True))

    lines, found = enough_digits(attempt)
    if width is None:
        lines.insert(0, f"No d_model was given; {DEFAULT_WIDTH} is taken.")
    if size > shown_size:
        lines.append(f"({size - shown_size:,} more dimensions follow, each pair slower than the last.)")
    first = f"the first {shown_size} of {size:,} numbers are" if size > shown_size else "the vector is"
    return worked(f"At position {position:,}, {first} {listed(found)}.", lines, truth)


def _tidy(divisor: Decimal) -> Decimal:
    """10000^(2/4) as exactly 100, without the dust of a power taken to sixty digits."""
    return rounded(divisor, 40)
