"""`scaling`: the same attention with and without the division by √d."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tutor.experiments.base import experiment, option

if TYPE_CHECKING:
    from tutor.experiments.models import Models


@dataclass(frozen=True)
class ScalingOptions:
    part: str = option("encoder", "encoder, decoder or cross")
    layer: int = option(1, "layer, counted from 1")
    head: int = option(1, "head, counted from 1")
    word: str = option("", "the word to follow; by default the one that changes most")


@dataclass(frozen=True)
class Scaling:
    """What 1/√d does to one query's attention weights, and to the whole model."""

    part: str
    layer: int
    head: int
    query_token: str
    key_tokens: tuple[str, ...]
    d_head: int
    sqrt_d_head: float
    raw_scores: tuple[float, ...]
    scaled_scores: tuple[float, ...]
    scaled: tuple[float, ...]
    """Probability per key, sums to 1."""
    unscaled: tuple[float, ...]
    """The same without the division."""
    entropy_bits_scaled: float
    entropy_bits_unscaled: float
    largest_scaled: float
    largest_unscaled: float
    largest_key_token: str
    gradient_scaled: float
    """Largest derivative of this row's weights by one of its scores, w(1 - w): the signal that gets through."""
    gradient_unscaled: float
    mean_entropy_bits_scaled: float
    mean_entropy_bits_unscaled: float
    """Over all queries of this head."""
    loss_scaled: float
    loss_unscaled: float
    """Loss on the model's own translation with no division anywhere, in nats a token."""
    translation_scaled: str
    translation_unscaled: str
