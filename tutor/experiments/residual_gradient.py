"""`residual-gradient`: the same error sent down the encoder, with and without residual connections."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tutor.experiments.base import experiment

if TYPE_CHECKING:
    from torch import Tensor

    from model.transformer import Transformer
    from tutor.experiments.models import Models, Reading

MOST_WORDS = 24
"""Of a longer sentence, the errors of so many tokens are followed one by one, evenly spaced."""


@dataclass(frozen=True)
class ResidualGradientOptions:
    """None: both networks are compared at once."""


@dataclass(frozen=True)
class Arrived:
    """What of the error arrives at one depth: with residual connections, and without."""

    share: float
    """Length of its gradient, over its own length at the top of the stack."""
    share_without: float
    own: float
    """Of the error of one token, the part (of the squared length) that arrives at that token; over all of them."""
    own_without: float


@dataclass(frozen=True)
class Depth:
    """One stop on the way down: the vectors after a block, or those that go into the first."""

    below: int
    """Blocks above it."""
    untrained: Arrived
    trained: Arrived


@dataclass(frozen=True, kw_only=True)
class ResidualGradient:
    """How an error that enters at the top of the encoder comes down through its blocks.

    In each network the error is the gradient of the loss as it comes out of the decoder, taken with the residual
    connections in place; without them, the very same error is sent down. So nothing here depends on how much larger
    the loss is without them. The loss is that on the trained model's own translation.
    """

    translation: str
    source_tokens: tuple[str, ...]
    layers: int
    rows: tuple[Depth, ...]
    """From the top of the stack to the vectors of the words."""
    untrained: float
    """The last row's numbers by name: `share` at the words, …"""
    untrained_without: float
    untrained_own: float
    untrained_own_without: float
    trained: float
    trained_without: float
    trained_own: float
    trained_own_without: float
    even: float
    """`own` where the error of a token is spread evenly over all: one over their number."""
    untrained_left: float
    """`untrained_without` over `untrained`: what is left of what would arrive."""
    trained_left: float
    followed: int
    """Tokens whose errors were followed one by one."""
    token_count: int


@experiment(
    "residual-gradient",
    "the same error with and without skips, on its way down",
    ResidualGradientOptions,
    ResidualGradient,
)
def send_down(models: Models, sentence: str, options: ResidualGradientOptions) -> ResidualGradient:
    """Send one error through the encoder's blocks twice, in the trained translator and in its untrained twin.

    The untrained one is where training has to start from; the trained one has never learned to do without.
    """
    from tutor.experiments.pieces import named

    reading = models.read(sentence)
    tokens = len(reading.source_ids)
    followed = _evenly(tokens, MOST_WORDS)
    untrained = _way_down(models.untrained, reading, followed)
    trained = _way_down(models.model, reading, followed)
    last, last_trained = untrained[-1], trained[-1]
    return ResidualGradient(
        translation=reading.translation,
        source_tokens=named(models, reading.source_ids),
        layers=len(trained) - 1,
        rows=tuple(Depth(below, *pair) for below, pair in enumerate(zip(untrained, trained, strict=True))),
        untrained=last.share,
        untrained_without=last.share_without,
        untrained_own=last.own,
        untrained_own_without=last.own_without,
        trained=last_trained.share,
        trained_without=last_trained.share_without,
        trained_own=last_trained.own,
        trained_own_without=last_trained.own_without,
        even=1 / tokens,
        untrained_left=last.share_without / last.share,
        trained_left=last_trained.share_without / last_trained.share,
        followed=len(followed),
        token_count=tokens,
    )


def _evenly(count: int, most: int) -> list[int]:
    """All of `count` places, or `most` of them, the first and the last among them."""
    if count <= most:
        return list(range(count))
    return [round(n * (count - 1) / (most - 1)) for n in range(most)]


def _way_down(network: Transformer, reading: Reading, followed: list[int]) -> list[Arrived]:
    """What arrives at each depth, from the top down. Row 0 of each batch has residual connections, row 1 has none."""
    import torch

    from model.edits import bypass, in_row

    layers = network.config.encoder_layers
    without = [
        in_row(1, bypass(f"encoder.blocks.{layer}.residual_{part}"))
        for layer in range(layers)
        for part in ("attention", "feed_forward")
    ]
    source, target, labels = (ids.expand(2, -1) for ids in (reading.source, reading.target, reading.labels))
    with torch.enable_grad():
        trace = network(source, target, labels, without)
        loss = trace.token_losses[0].mean()
    stream = [*(block.residual_feed_forward for block in reversed(trace.encoder.blocks)), trace.encoder.input]
    top, below = stream[0], stream[1:]  # each (2, S, C)
    error = torch.autograd.grad(loss, top, retain_graph=True)[0][:1].expand_as(top)
    whole = torch.autograd.grad(top, below, error, retain_graph=True)
    single = torch.zeros(len(followed), *top.shape)  # (W, 2, S, C): in each, the error of one token alone
    for row, place in enumerate(followed):
        single[row, :, place] = error[:, place]
    each = torch.autograd.grad(top, below, single, is_grads_batched=True)
    shares = [1.0, 1.0], *(_over(gradient, error) for gradient in whole)
    owns = [1.0, 1.0], *(_own(gradient, followed) for gradient in each)
    return [
        Arrived(share, share_without, own, own_without)
        for (share, share_without), (own, own_without) in zip(shares, owns, strict=True)
    ]


def _over(gradient: Tensor, error: Tensor) -> list[float]:
    """Length of each row (2, S, C) over that of the error."""
    lengths = gradient.flatten(1).norm(dim=-1) / error.flatten(1).norm(dim=-1)
    found: list[float] = lengths.tolist()
    return found


def _own(gradients: Tensor, followed: list[int]) -> list[float]:
    """The part of the squared length (W, 2, S, C) that is at the token whose error it was, of each row (2,)."""
    squares = gradients.square().sum(dim=-1)  # (W, 2, S)
    own = sum(squares[row, :, place] for row, place in enumerate(followed))
    found: list[float] = (own / squares.sum(dim=(0, 2))).tolist()
    return found
