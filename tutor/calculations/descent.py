"""One step of gradient descent: the weight less learning rate times gradient."""

from __future__ import annotations

from tutor.calculations.asked import GRADIENT, LEARNING_RATE, TAKEN, WEIGHT, Asked, decimals, shortened
from tutor.calculations.calculation import Calculation, worked
from tutor.calculations.digits import bracketed, text
from tutor.errors import LearnerError

PARTS = (WEIGHT, GRADIENT, LEARNING_RATE)
EXAMPLE = "gradient descent from w 2 with gradient 6 and lr 0.1"


def work_out_descent(asked: Asked) -> Calculation:
    """A weight, a gradient and a learning rate, named or in this order; the value is the new weight."""
    rest = list(asked.rest(*PARTS))
    missing = [part for part in PARTS if asked.get(part) is None]
    if len(rest) < len(missing):
        absent = " and a ".join(part.said for part in missing[len(rest) :])
        raise LearnerError(f"a step of gradient descent still needs a {absent}, as in: {EXAMPLE}")
    if len(rest) > len(missing):
        raise LearnerError(
            "a step of gradient descent takes one weight, one gradient and one learning rate: "
            f"got {len(rest) - len(missing)} more; as in: {EXAMPLE}"
        )
    given = [number if (number := asked.get(part)) is not None else rest.pop(0) for part in PARTS]
    if given[2] <= 0:
        raise LearnerError(f"a learning rate lies above 0: got {given[2]:g}; as in: {EXAMPLE}")
    weight, gradient, rate = decimals(given)
    change = rate * gradient
    new = weight - change
    if not change:
        meaning = "the gradient is 0, so the weight stays."
    elif change > 0:
        meaning = "the loss grows with the weight, so the weight goes down."
    else:
        meaning = "the loss falls as the weight grows, so the weight goes up."
    lines = ["new weight = weight − learning rate × gradient"]
    lines.append(f"  {text(rate)} × {bracketed(gradient)} = {text(change)}")
    lines.append(f"  {text(weight)} − {bracketed(change)} = {text(new)}")
    lines.append(f"  {meaning}")
    return worked(
        f"After one step the weight is {text(new)}.",
        [TAKEN, *lines] if shortened(given) else lines,
        (given[0] - given[2] * given[1],),
    )
