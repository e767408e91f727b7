"""`cross-attention`: which source words each word of the translation looked at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tutor.experiments.base import Matrix, experiment, option

if TYPE_CHECKING:
    from tutor.experiments.models import Models


@dataclass(frozen=True)
class CrossAttentionOptions:
    layer: int = option(0, "decoder layer, counted from 1; 0 for the one that aligns most sharply")
    head: int = option(0, "head, counted from 1; 0 for the average of all")


@dataclass(frozen=True)
class Link:
    """One output token and the source token it looked at most."""

    target: str
    source: str
    weight: float


@dataclass(frozen=True)
class CrossAttention:
    """Rows: positions of the output, named by the token written there. Columns: source tokens."""

    layer: int
    head: int
    """0: the average over the heads."""
    layers: int
    heads: int
    source_tokens: tuple[str, ...]
    target_tokens: tuple[str, ...]
    translation: str
    weights: Matrix
    links: tuple[Link, ...]
    sharpest_target: str
    sharpest_source: str
    sharpest_weight: float
    query_shape: tuple[int, ...]
    """(output positions, d_head): queries come from the decoder."""
    key_shape: tuple[int, ...]
    """(source tokens, d_head): keys come from the encoder's output …"""
    value_shape: tuple[int, ...]
    """… and so do the values."""
    mean_largest_weight: float
    """Average over the rows of the largest weight, in the trained model."""
    mean_largest_weight_untrained: float
    """The same in a model of the same shape before any training: alignment is learned."""
