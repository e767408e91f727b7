"""`attention`: who looks at whom, in one head of one layer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tutor.experiments.base import Matrix, experiment, option

if TYPE_CHECKING:
    from tutor.experiments.models import Models


@dataclass(frozen=True)
class AttentionOptions:
    part: str = option("encoder", "encoder, decoder or cross")
    layer: int = option(1, "layer, counted from 1")
    head: int = option(1, "head, counted from 1")
    word: str = option("", "a word whose row to point out; by default the sharpest row")


@dataclass(frozen=True)
class Attention:
    """The weights of one head. `weights[q][k]`: share of query q's attention on key k; rows sum to 1."""

    part: str
    layer: int
    head: int
    layers: int
    heads: int
    query_tokens: tuple[str, ...]
    key_tokens: tuple[str, ...]
    weights: Matrix
    entropies_bits: tuple[float, ...]
    """Per row: 0 when all on one key."""
    query_position: int
    query_token: str
    """The row pointed out."""
    key_position: int
    key_token: str
    """Where that row looks most."""
    weight: float
    entropy_bits: float
    uniform_weight: float
    """What each key would get if all that may be looked at got the same."""
    second_key_token: str
    second_weight: float
