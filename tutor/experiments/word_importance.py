"""`word-importance`: which source word mattered most to one predicted word, measured four ways."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tutor.experiments.base import experiment, option

if TYPE_CHECKING:
    from tutor.experiments.models import Models


@dataclass(frozen=True)
class WordImportanceOptions:
    output: str = option("", "the word of the translation to explain; by default its first long word")
    steps: int = option(32, "points on the path of integrated gradients")


@dataclass(frozen=True)
class WordScore:
    """One source token. All four speak of ln p of the explained token, in nats, but for attention."""

    token: str
    attention: float
    """Cross-attention on it, averaged over layers and heads: where the model looked, not what mattered."""
    gradient_input: float
    """Gradient times embedding."""
    integrated_gradients: float
    """From an embedding of zeros to this one (Sundararajan et al. 2017)."""
    removed: float
    """How much ln p falls when the token is left out and the model is run again."""


@dataclass(frozen=True)
class WordImportance:
    """Four answers to "which word mattered?", side by side."""

    source_tokens: tuple[str, ...]
    translation: str
    output_token: str
    output_position: int
    probability: float
    words: tuple[WordScore, ...]
    most_attended: str
    most_by_gradient: str
    most_by_integrated_gradients: str
    most_by_removal: str
    removal_drop: float
    agree: bool
    """True when attention and removal name the same token."""
    integrated_sum: float
    difference_from_baseline: float
    """ln p here minus ln p at the baseline; the integrated gradients should sum to it."""
