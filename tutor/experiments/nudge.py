"""`nudge`: one weight turned up and down, by much and by little: the slope measured beside the slope computed."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import takewhile
from typing import TYPE_CHECKING

from tutor.errors import LearnerError
from tutor.experiments.base import experiment, option
from tutor.experiments.habits import where
from tutor.experiments.pieces import is_content, named
from tutor.experiments.places import attention_path, check_place

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from torch import Tensor

    from model.transformer import Transformer
    from tutor.experiments.models import Models, Reading

SIZES = (1.0, 0.1, 0.01, 1e-4, 1e-6, 1e-9, 1e-12, 1e-15)
"""From far too much, where the loss is no straight line, to less than rounding lets through."""
LARGEST_STEP, SMALLEST_STEP = 1.0, 1e-15
MOST_DIGITS = 15
"""About as many as float64 holds."""
IN_ATTENTION = ("query", "key", "value", "output")
IN_FEED_FORWARD = ("widen", "narrow")


@dataclass(frozen=True)
class NudgeOptions:
    part: str = option("encoder", "encoder, decoder or cross")
    layer: int = option(0, "layer, counted from 1; by default the last")
    matrix: str = option("query", "query, key, value or output; or widen or narrow, of the feed-forward layer")
    step: float = option(1e-4, "how far to turn the weights of other kinds; it is among the sizes for the first, too")


@dataclass(frozen=True)
class Size:
    """The weight turned up by `nudge` and down by as much."""

    nudge: float
    loss_up: float
    loss_down: float
    slope: float
    """(loss up - loss down) / (2 nudge)."""
    digits: int
    """So many of its leading digits are those of the slope computed."""


@dataclass(frozen=True)
class Kind:
    """A weight of another kind, turned by `step`: of its matrix, or of a word's embedding, that with most gradient."""

    kind: str
    """'value weight'."""
    where: str
    """'cross-attention layer 3', or for a number of an embedding '“cat”'."""
    parameter: str
    parameter_index: tuple[int, ...]
    gradient: float
    slope: float
    digits: int


@dataclass(frozen=True, kw_only=True)
class Nudge:
    """Slopes measured by turning a weight, and the same slopes as one backward pass computes them; all in float64.

    A loss is that on the model's own translation, in nats a token.
    """

    translation: str
    part: str
    layer: int
    layers: int
    matrix: str
    kind: str
    """'query weight'."""
    where: str
    """'encoder layer 3'."""
    parameter: str
    """The path of the matrix in the model; the weight is the one in it with the largest gradient."""
    parameter_index: tuple[int, ...]
    value: float
    loss: float
    """With nothing turned."""
    gradient: float
    """d loss / d weight, from the backward pass."""
    rows: tuple[Size, ...]
    """The largest first."""
    best_nudge: float
    """The size at which the slopes agree best, the largest of several."""
    best_slope: float
    best_digits: int
    largest_nudge: float
    largest_slope: float
    largest_digits: int
    smallest_nudge: float
    smallest_slope: float
    smallest_digits: int
    step: float
    kinds: tuple[Kind, ...]
    kind_count: int
    fewest_digits: int
    """The digits in which the slopes of the kinds agree, where they agree least."""


@experiment("nudge", "one weight turned up and down: its slope measured, and computed", NudgeOptions, Nudge)
def nudge_weights(models: Models, sentence: str, options: NudgeOptions) -> Nudge:
    """Turn one weight by several sizes and a few others by one, each in a copy, and compare with one backward pass.

    The smaller the size, the less the slope between the two sides misses the true one, until rounding counts. Raises
    `LearnerError` for a place that does not exist or a step out of range.
    """
    import torch

    if not SMALLEST_STEP <= options.step <= LARGEST_STEP:
        raise LearnerError(
            f"nudge: step must be from {SMALLEST_STEP:g} to {LARGEST_STEP:g}, not {options.step:g}; try 0.0001"
        )
    config = models.model.config
    layers = config.encoder_layers if options.part == "encoder" else config.decoder_layers
    layer = options.layer or layers
    name = _parameter(models, options.part, layer, options.matrix)
    reading = models.read(sentence)
    others = _others(models, reading)
    names = list(dict.fromkeys([name, *(other for _, _, other, _ in others)]))
    parameters = dict(models.exact.named_parameters())
    with torch.enable_grad():
        loss = models.exact(reading.source, reading.target, reading.labels).loss
    slopes = dict(zip(names, torch.autograd.grad(loss, [parameters[path] for path in names]), strict=True))

    index = _steepest(slopes[name])
    gradient = slopes[name][index].item()
    sizes = sorted({*SIZES, options.step}, reverse=True)
    pairs = _turned(models.exact, reading, [(name, index, size) for size in sizes])
    rows = tuple(_size(size, pair, gradient) for size, pair in zip(sizes, pairs, strict=True))
    best = max(rows, key=lambda row: row.digits)
    kinds = _measured(models, reading, others, slopes, options.step)
    return Nudge(
        translation=reading.translation,
        part=options.part,
        layer=layer,
        layers=layers,
        matrix=options.matrix,
        kind=f"{options.matrix} weight",
        where=where(options.part, layer),
        parameter=name,
        parameter_index=index,
        value=parameters[name][index].item(),
        loss=loss.item(),
        gradient=gradient,
        rows=rows,
        best_nudge=best.nudge,
        best_slope=best.slope,
        best_digits=best.digits,
        largest_nudge=rows[0].nudge,
        largest_slope=rows[0].slope,
        largest_digits=rows[0].digits,
        smallest_nudge=rows[-1].nudge,
        smallest_slope=rows[-1].slope,
        smallest_digits=rows[-1].digits,
        step=options.step,
        kinds=kinds,
        kind_count=len(kinds),
        fewest_digits=min(kind.digits for kind in kinds),
    )


def _parameter(models: Models, part: str, layer: int, matrix: str) -> str:
    """The path of that matrix. Raises `LearnerError`."""
    check_place(models, part, layer)
    if matrix in IN_ATTENTION:
        return f"{attention_path(part, layer)}.w_{matrix}.weight"
    if matrix in IN_FEED_FORWARD and part != "cross":
        return f"{part}.blocks.{layer - 1}.feed_forward.{matrix}.weight"
    known = IN_ATTENTION if part == "cross" else (*IN_ATTENTION, *IN_FEED_FORWARD)
    raise LearnerError(f"nudge: {part} has no matrix '{matrix}'; it has {', '.join(known[:-1])} and {known[-1]}")


def _others(models: Models, reading: Reading) -> list[tuple[str, str, str, int | None]]:
    """(kind, where, parameter, row to keep to) of a few weights that have little in common."""
    words = named(models, reading.source_ids)
    word = next((at for at, name in enumerate(words) if is_content(name)), 0)
    last = models.model.config.decoder_layers
    return [
        ("embedding", f"“{words[word]}”", "embedding.weight", reading.source_ids[word]),
        ("norm factor", where("encoder", 1), "encoder.blocks.0.attention_norm.weight", None),
        ("key weight", where("encoder", 1), f"{attention_path('encoder', 1)}.w_key.weight", None),
        ("widen weight", where("decoder", 1), "decoder.blocks.0.feed_forward.widen.weight", None),
        ("value weight", where("cross", last), f"{attention_path('cross', last)}.w_value.weight", None),
    ]


def _measured(
    models: Models,
    reading: Reading,
    others: Sequence[tuple[str, str, str, int | None]],
    slopes: Mapping[str, Tensor],
    step: float,
) -> tuple[Kind, ...]:
    at = [_steepest(slopes[name], row) for _, _, name, row in others]
    turns = [(name, index, step) for (_, _, name, _), index in zip(others, at, strict=True)]
    # The table of embeddings is too large to be copied for the others' sake.
    pairs = [*_turned(models.exact, reading, turns[:1]), *_turned(models.exact, reading, turns[1:])]
    kinds = []
    for (kind, place, name, _), index, pair in zip(others, at, pairs, strict=True):
        gradient = slopes[name][index].item()
        measured = _size(step, pair, gradient)
        kinds.append(Kind(kind, place, name, index, gradient, measured.slope, measured.digits))
    return tuple(kinds)


def _steepest(slopes: Tensor, row: int | None = None) -> tuple[int, ...]:
    """Where the loss changes most, of the whole parameter or of one row of it."""
    if row is not None:
        return (row, int(slopes[row].abs().argmax()))
    flat = int(slopes.abs().argmax())
    return divmod(flat, slopes.size(1)) if slopes.dim() > 1 else (flat,)


def _turned(
    network: Transformer, reading: Reading, turns: Sequence[tuple[str, tuple[int, ...], float]]
) -> list[tuple[float, float]]:
    """(loss with the weight turned up, loss with it turned down) for each (parameter, index, size).

    The network keeps its weights: each side of each turn has its own copy of the parameters that are turned at all.
    """
    import torch
    from torch.func import functional_call, vmap

    parameters = dict(network.named_parameters())
    inputs = (reading.source, reading.target, reading.labels)
    with torch.no_grad():
        copies = {
            name: parameters[name].expand(2 * len(turns), *parameters[name].shape).clone()
            for name in dict.fromkeys(name for name, _, _ in turns)
        }  # each (N, …), where N counts sides
        for turn, (name, index, size) in enumerate(turns):
            copies[name][(2 * turn, *index)] += size
            copies[name][(2 * turn + 1, *index)] -= size

        def loss(changed: dict[str, Tensor]) -> Tensor:
            found: Tensor = functional_call(network, changed, inputs).loss
            return found

        if network.standing:  # edits look at values, which a batch of networks does not allow
            found = [loss({name: held[side] for name, held in copies.items()}).item() for side in range(2 * len(turns))]
        else:
            found = vmap(loss)(copies).tolist()
    return list(zip(found[::2], found[1::2], strict=True))


def _size(size: float, pair: tuple[float, float], gradient: float) -> Size:
    up, down = pair
    slope = (up - down) / (2 * size)
    return Size(size, up, down, slope, _digits(slope, gradient))


def _digits(measured: float, computed: float) -> int:
    """Leading digits in which they agree, counted as they are printed; none where size or sign differ."""
    if measured == computed:
        return MOST_DIGITS
    (one, size), (other, other_size) = (f"{x:.{MOST_DIGITS - 1}e}".split("e") for x in (measured, computed))
    if size != other_size or one.startswith("-") != other.startswith("-"):
        return 0
    alike = takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=True))
    return sum(digit.isdigit() for digit, _ in alike)
