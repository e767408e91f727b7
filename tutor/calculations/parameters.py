"""How many numbers are learned in a linear layer, an attention layer, a block and a whole model."""

from __future__ import annotations

from dataclasses import dataclass

from tutor.calculations.asked import (
    D_FF,
    D_MODEL,
    HEADS,
    INPUTS,
    LAYERS,
    OUTPUTS,
    TOKENS,
    VOCABULARY,
    Asked,
    Name,
    bounded,
    whole,
)
from tutor.calculations.calculation import Calculation, worked
from tutor.calculations.digits import counted, grouped
from tutor.errors import LearnerError

NAMES = (INPUTS, OUTPUTS, D_MODEL, D_FF, LAYERS, VOCABULARY, TOKENS, HEADS)
EXAMPLES = "parameters of a linear layer 512 by 2048, or: parameters of a model with d_model 512, layers 6, vocab 32000"
ASSUMED = "Assumed: every linear layer and every layer norm has a bias."


@dataclass(frozen=True)
class Sizes:
    """What the turn says about a model."""

    d_model: int
    d_ff: int
    layers: int | None
    vocabulary: int | None
    learned_positions: int | None


def work_out_parameters(asked: Asked) -> Calculation:
    """The largest part the turn has the sizes for; the value is its number of parameters."""
    rest = list(asked.rest(*NAMES))
    inputs, outputs = asked.get(INPUTS), asked.get(OUTPUTS)
    others = any(asked.get(name) is not None for name in (D_MODEL, D_FF, LAYERS, VOCABULARY))
    if not others and inputs is None and outputs is None and len(rest) == 2:
        inputs, outputs = rest
    if not others and (inputs is not None or outputs is not None):
        ends = [_given(name, number, rest) for name, number in ((INPUTS, inputs), (OUTPUTS, outputs))]
        return _linear(whole("the number of inputs", ends[0]), whole("the number of outputs", ends[1]))
    width = asked.get(D_MODEL)
    if width is None and len(rest) == 1:
        width = rest[0]
    if width is None:
        raise LearnerError(f"to count parameters I need sizes, at least d_model, as in: {EXAMPLES}")
    d_model = whole("d_model", width)
    heads = asked.whole(HEADS)
    if heads and d_model % heads:
        raise LearnerError(f"d_model must divide evenly into heads: got d_model {d_model}, heads {heads}")
    sizes = Sizes(
        d_model,
        asked.whole(D_FF) or 4 * d_model,
        asked.whole(LAYERS),
        asked.whole(VOCABULARY),
        asked.whole(TOKENS),
    )
    if sizes.layers is not None:
        return _model(sizes, given_d_ff=asked.get(D_FF) is not None)
    if sizes.vocabulary is not None:
        return _embedding(sizes.vocabulary, d_model)
    words = " ".join(asked.slots.values()).casefold()
    if "attention" in words and "block" not in words and asked.get(D_FF) is None:
        return _attention(d_model)
    return _block(sizes, given_d_ff=asked.get(D_FF) is not None)


def _given(name: Name, number: float | None, rest: list[float]) -> float:
    if number is not None:
        return number
    if not rest:
        raise LearnerError(f"a linear layer needs in and out: '{name.said}' is missing; as in: {EXAMPLES}")
    return rest.pop(0)


def _linear(inputs: int, outputs: int) -> Calculation:
    weights = inputs * outputs
    count = bounded(weights + outputs)
    return worked(
        f"A linear layer from {grouped(inputs)} to {grouped(outputs)} has {grouped(count)} parameters "
        f"with its biases ({grouped(weights)} without).",
        [
            f"weights: {grouped(inputs)} × {grouped(outputs)} = {grouped(weights)}",
            f"biases:  one for each output = {grouped(outputs)}",
            f"in all:  {grouped(weights)} + {grouped(outputs)} = {grouped(count)}",
        ],
        (float(count),),
    )


def _embedding(vocabulary: int, d_model: int) -> Calculation:
    count = bounded(vocabulary * d_model)
    return worked(
        f"An embedding of {grouped(vocabulary)} tokens has {grouped(count)} parameters.",
        [
            f"one vector of {grouped(d_model)} numbers for each token:",
            f"  {grouped(vocabulary)} × {grouped(d_model)} = {grouped(count)}",
            "Name the layers too and I count the whole model.",
        ],
        (float(count),),
    )


def _attention_lines(d_model: int) -> tuple[list[str], int]:
    square, one = d_model * d_model, d_model * d_model + d_model
    return [
        "Attention: four linear layers (query, key, value, output), any heads:",
        f"  one:  {grouped(d_model)} × {grouped(d_model)} + {grouped(d_model)} = "
        f"{grouped(square)} + {grouped(d_model)} = {grouped(one)}",
        f"  four: 4 × {grouped(one)} = {grouped(4 * one)}",
    ], 4 * one


def _attention(d_model: int) -> Calculation:
    lines, count = _attention_lines(d_model)
    return worked(
        f"An attention layer with d_model {grouped(d_model)} has {grouped(bounded(count))} parameters.",
        [*lines, ASSUMED],
        (float(count),),
    )


def _block_lines(sizes: Sizes, given_d_ff: bool) -> tuple[list[str], int, int]:
    d_model, d_ff = sizes.d_model, sizes.d_ff
    lines, attention = _attention_lines(d_model)
    up, down, norms = d_model * d_ff + d_ff, d_ff * d_model + d_model, 4 * d_model
    block = attention + up + down + norms
    lines += [
        f"Feed-forward, d_ff {grouped(d_ff)}"
        + (":" if given_d_ff else f" (4 × {grouped(d_model)}, as none was given):"),
        f"  up:   {grouped(d_model)} × {grouped(d_ff)} + {grouped(d_ff)} = {grouped(up)}",
        f"  down: {grouped(d_ff)} × {grouped(d_model)} + {grouped(d_model)} = {grouped(down)}",
        "Two layer norms, a scale and a bias for each dimension:",
        f"  2 × 2 × {grouped(d_model)} = {grouped(norms)}",
        "One block:",
        f"  {grouped(attention)} + {grouped(up)} + {grouped(down)} + {grouped(norms)} = {grouped(block)}",
    ]
    return lines, attention, block


def _block(sizes: Sizes, given_d_ff: bool) -> Calculation:
    lines, attention, block = _block_lines(sizes, given_d_ff)
    return worked(
        f"A block with d_model {grouped(sizes.d_model)} has {grouped(bounded(block))} parameters, "
        f"{grouped(attention)} of them in its attention layer.",
        [*lines, ASSUMED],
        (float(block),),
    )


def _model(sizes: Sizes, given_d_ff: bool) -> Calculation:
    lines, _, block = _block_lines(sizes, given_d_ff)
    layers = sizes.layers or 1
    parts = [layers * block]
    lines.append(f"{counted(layers, 'block')}: {layers:,} × {grouped(block)} = {grouped(parts[0])}")
    assumed = [ASSUMED]
    for said, rows in (("Embedding", sizes.vocabulary), ("Learned positions", sizes.learned_positions)):
        if rows is not None:
            parts.append(rows * sizes.d_model)
            lines.append(f"{said}: {grouped(rows)} × {grouped(sizes.d_model)} = {grouped(parts[-1])}")
    parts.append(2 * sizes.d_model)
    lines.append(f"Last layer norm: 2 × {grouped(sizes.d_model)} = {grouped(parts[-1])}")
    count = bounded(sum(parts))
    lines.append(f"In all: {' + '.join(map(grouped, parts))} = {grouped(count)}")
    if sizes.vocabulary is None:
        assumed.append("No vocab was given, so the embedding is not counted.")
    else:
        assumed.append("The output layer shares the embedding's numbers (as in GPT-2).")
    if sizes.learned_positions is None:
        assumed.append("Positions are computed, not learned; name a context for learned ones.")
    return worked(
        f"A model with {counted(layers, 'layer')} and d_model {grouped(sizes.d_model)} "
        f"has {grouped(count)} parameters{_about(count)}.",
        [*lines, *assumed],
        (float(count),),
    )


def _about(count: int) -> str:
    if count >= 10**9:
        return f", about {count / 10**9:.1f} billion"
    return f", about {count / 10**6:.1f} million" if count >= 10**6 else ""
