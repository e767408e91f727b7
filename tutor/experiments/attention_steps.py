"""`attention-steps`: one token's way through one head, every number of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tutor.experiments.base import Matrix, experiment, option

if TYPE_CHECKING:
    from tutor.experiments.models import Models


@dataclass(frozen=True)
class AttentionStepsOptions:
    part: str = option("encoder", "encoder, decoder or cross")
    layer: int = option(1, "layer, counted from 1")
    head: int = option(1, "head, counted from 1")
    word: str = option("", "the word to follow; by default the one with the sharpest row")


@dataclass(frozen=True)
class AttentionSteps:
    """Query · key → scores → ÷ √d → mask → softmax → weighted sum of values, for one query.

    Every field but the counts can be recomputed from `trace --out`: `trace_path` names the group of
    values, with batch 0, head `head - 1` and row `query_position`.
    """

    part: str
    layer: int
    head: int
    trace_path: str
    d_model: int
    d_head: int
    sqrt_d_head: float
    query_tokens: tuple[str, ...]
    key_tokens: tuple[str, ...]
    query_position: int
    query_token: str
    input: tuple[float, ...]
    """The normalised residual stream at this position: what the query is made from."""
    query: tuple[float, ...]
    keys: Matrix
    values: Matrix
    raw_scores: tuple[float, ...]
    scaled_scores: tuple[float, ...]
    masked_scores: tuple[float, ...]
    """-inf (null in JSON) where looking is forbidden."""
    allowed: tuple[bool, ...]
    exponentials: tuple[float, ...]
    """e^(score - largest score): the numerators of softmax, 0 where forbidden."""
    exponential_sum: float
    weights: tuple[float, ...]
    head_output: tuple[float, ...]
    """Sum over keys of weight times value."""
    output: tuple[float, ...]
    """All heads side by side, times the output matrix: what is added to the residual stream."""
    key_position: int
    key_token: str
    weight: float
    """The key that gets most, and how much."""
    key_raw_score: float
    key_scaled_score: float
    products: tuple[float, ...]
    """query_i × key_i for that key, one a dimension; they sum to its raw score."""
