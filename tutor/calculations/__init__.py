"""What a learner's own numbers give, worked out step by step.

The steps print what they go on with: every printed sum, product and quotient holds in the digits shown.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import ROUND_HALF_EVEN, Context, localcontext

from tutor.calculations.asked import Asked, check
from tutor.calculations.attention import work_out_attention
from tutor.calculations.cache import work_out_cache
from tutor.calculations.calculation import Calculation
from tutor.calculations.derivative import work_out_derivative
from tutor.calculations.descent import work_out_descent
from tutor.calculations.digits import PRECISION
from tutor.calculations.dot import work_out_dot
from tutor.calculations.loss import work_out_cross_entropy, work_out_perplexity
from tutor.calculations.pairs import work_out_pairs
from tutor.calculations.parameters import work_out_parameters
from tutor.calculations.positions import work_out_positions
from tutor.calculations.shapes import work_out_shapes
from tutor.calculations.softmax import work_out_softmax
from tutor.errors import LearnerError

__all__ = ["KINDS", "Calculation", "work_out"]

KINDS: Mapping[str, Callable[[Asked], Calculation]] = {
    "softmax": work_out_softmax,
    "dot": work_out_dot,
    "attention": work_out_attention,
    "cross-entropy": work_out_cross_entropy,
    "perplexity": work_out_perplexity,
    "derivative": work_out_derivative,
    "descent": work_out_descent,
    "positions": work_out_positions,
    "parameters": work_out_parameters,
    "shapes": work_out_shapes,
    "cache": work_out_cache,
    "bpe": work_out_pairs,
}
"""Every kind of calculation, by its name."""


def work_out(
    kind: str,
    numbers: Sequence[float],
    named: Mapping[str, float],
    slots: Mapping[str, str],
    vectors: Sequence[tuple[str, Sequence[float]]] = (),
) -> Calculation:
    """What this kind of calculation gives; raises `LearnerError` where it cannot be done as asked.

    `numbers` are all numbers of the turn in order, also those in `named`, which are the numbers that a name stands
    before; `vectors` are those that stand together, each group with the name before it; `slots` are the words
    recognised: temperature, expression, word.
    """
    if kind not in KINDS:
        raise LearnerError(f"I cannot work out '{kind}'; I can work out {', '.join(KINDS)}")
    groups = tuple((name, tuple(map(float, group))) for name, group in vectors)
    asked = Asked(tuple(map(float, numbers)), {name: float(number) for name, number in named.items()}, slots, groups)
    check(asked)
    with localcontext(Context(prec=PRECISION, rounding=ROUND_HALF_EVEN)):
        return KINDS[kind](asked)
