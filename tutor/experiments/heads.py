"""`heads`: what each head of a layer does on this sentence, and what is lost without it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tutor.experiments.base import Matrix, experiment, option

if TYPE_CHECKING:
    from tutor.experiments.models import Models


@dataclass(frozen=True)
class HeadsOptions:
    part: str = option("encoder", "encoder, decoder or cross")
    layer: int = option(1, "layer, counted from 1")


@dataclass(frozen=True)
class HeadSummary:
    """One head on one sentence. Shares are averages over the rows, from 0 to 1."""

    head: int
    pattern: str
    """'previous', 'next', 'self', 'first', 'end', 'spread' or 'mixed': where most of its weight goes.
    In cross-attention only 'first', 'end', 'spread' and 'mixed' have a meaning."""
    pattern_share: float
    mean_entropy_bits: float
    weights: Matrix
    loss_without: float
    """Loss on the model's own translation, in nats a token, with this head switched off."""


@dataclass(frozen=True)
class Heads:
    """All heads of one layer."""

    part: str
    layer: int
    layers: int
    query_tokens: tuple[str, ...]
    key_tokens: tuple[str, ...]
    heads: tuple[HeadSummary, ...]
    head_count: int
    d_head: int
    translation: str
    loss: float
    """Loss on the model's own translation, in nats a token, with all heads on."""
    most_needed_head: int
    most_needed_loss: float
    least_needed_head: int
    least_needed_loss: float
    translation_without_layer: str
    """What comes out with every head of this layer switched off."""
    largest_difference: float
    """Mean total variation distance between the rows of the two heads that differ most, 0 to 1."""
    different_head_a: int
    different_head_b: int
