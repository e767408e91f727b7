"""The shape of every tensor on its way through one attention block."""

from __future__ import annotations

from tutor.calculations.asked import BATCH, D_FF, D_MODEL, HEADS, TOKENS, Asked, Name, bounded, whole
from tutor.calculations.calculation import Calculation, worked
from tutor.calculations.digits import grouped
from tutor.errors import LearnerError

NAMES = (BATCH, TOKENS, D_MODEL, HEADS)
LIKELIEST = (TOKENS, D_MODEL, BATCH, HEADS)
"""What bare numbers are taken for: one is the tokens; three are batch, tokens and d_model in this order."""
DEFAULTS = {BATCH: 1, TOKENS: 10, D_MODEL: 512, HEADS: 8}


def work_out_shapes(asked: Asked) -> Calculation:
    """Batch, tokens, d_model and heads, named or in this order; the values are d_head and the number of scores."""
    rest = list(asked.rest(*NAMES, D_FF))
    missing = [name for name in LIKELIEST if asked.get(name) is None]
    if len(rest) > len(missing):
        raise LearnerError(
            f"attention shapes take batch, tokens, d_model and heads: got {len(rest) - len(missing)} more; "
            "as in: shapes for batch 8, tokens 128, d_model 512, heads 8"
        )
    bare = set(missing[: len(rest)])
    given: dict[Name, int] = {}
    for name in NAMES:
        number = rest.pop(0) if name in bare else asked.get(name)
        if number is not None:
            given[name] = whole(name.said, number)
    sizes = DEFAULTS | given
    batch, tokens, d_model, heads = (sizes[name] for name in NAMES)
    if d_model % heads:
        raise LearnerError(f"d_model must divide evenly into heads: got d_model {d_model}, heads {heads}")
    d_head, d_ff = d_model // heads, asked.whole(D_FF) or 4 * d_model
    scores = bounded(batch * heads * tokens * tokens)
    bounded(batch * tokens * max(d_model, d_ff))
    table = [
        ("token numbers", (batch, tokens)),
        ("embedded, with positions", (batch, tokens, d_model)),
        ("matrix for q (also k, v)", (d_model, d_model)),
        ("q, k, v", (batch, tokens, d_model)),
        ("q, k, v split into heads", (batch, heads, tokens, d_head)),
        ("scores q·kᵀ/√d_head", (batch, heads, tokens, tokens)),
        ("weights after softmax", (batch, heads, tokens, tokens)),
        ("weights times v", (batch, heads, tokens, d_head)),
        ("heads side by side", (batch, tokens, d_model)),
        ("output layer, added", (batch, tokens, d_model)),
        ("feed-forward, inside", (batch, tokens, d_ff)),
        ("out of the block", (batch, tokens, d_model)),
    ]
    lines = [f"{name.said} was not given; {DEFAULTS[name]} is taken." for name in NAMES if name not in given]
    lines.append(f"d_head = d_model / heads = {d_model} / {heads} = {d_head}")
    lines += [f"{said:<25} {shape}" for said, shape in table]
    lines.append(f"Scores in all: {batch:,} × {heads:,} × {tokens:,} × {tokens:,} = {grouped(scores)}")
    lines.append(f"In 16 bits (2 bytes each) that is {grouped(2 * scores)} bytes for each layer.")
    return worked(
        f"The block takes in and gives out {(batch, tokens, d_model)}; "
        f"inside, the scores are {(batch, heads, tokens, tokens)}.",
        lines,
        (float(d_head), float(scores)),
    )
