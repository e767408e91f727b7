"""`softmax`: scores into weights that are positive and sum to one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tutor.experiments.base import experiment, option

if TYPE_CHECKING:
    from tutor.experiments.models import Models


@dataclass(frozen=True)
class SoftmaxOptions:
    layer: int = option(1, "encoder layer, counted from 1")
    head: int = option(1, "head, counted from 1")
    word: str = option("", "the word whose row to take; by default the sharpest")
    shift: float = option(5.0, "a constant to add to every score, to see that nothing changes")


@dataclass(frozen=True)
class Softmax:
    """One row of scores through softmax, and through two things that are not softmax."""

    query_token: str
    key_tokens: tuple[str, ...]
    scores: tuple[float, ...]
    exponentials: tuple[float, ...]
    """e^(score - largest)."""
    weights: tuple[float, ...]
    weight_sum: float
    shift: float
    largest_change_when_shifted: float
    proportional: tuple[float, ...]
    """Score divided by the sum of scores: what goes wrong without exponentials."""
    negative_proportional: int
    """How many of those are negative."""
    halved: tuple[float, ...]
    doubled: tuple[float, ...]
    """Softmax of half and of twice the scores: flatter and sharper."""
    entropy_bits: float
    entropy_bits_halved: float
    entropy_bits_doubled: float
    key_token: str
    weight: float
    hard_max_gradient: float
    """Derivative of a hard choice of the largest: 0, nothing to learn from."""
    softmax_gradient: float
    """w(1 - w) at the largest weight."""
