"""`next-word`: the distribution over the next token of the translation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tutor.experiments.base import experiment, option
from tutor.experiments.translate import Candidate

if TYPE_CHECKING:
    from tutor.experiments.models import Models


@dataclass(frozen=True)
class NextWordOptions:
    so_far: str = option("", "the French written so far; by default the first half of the model's translation")
    candidates: int = option(8, "how many candidates to list")
    temperature: float = option(1.0, "divides the logits: below 1 sharper, above 1 flatter")


@dataclass(frozen=True)
class NextWord:
    """What the decoder expects next, given the source sentence and the French so far."""

    source_tokens: tuple[str, ...]
    so_far: str
    so_far_tokens: tuple[str, ...]
    candidates: tuple[Candidate, ...]
    logits: tuple[float, ...]
    """Of the candidates, before softmax."""
    temperature: float
    token: str
    probability: float
    second_token: str
    second_probability: float
    entropy_bits: float
    vocabulary_size: int
    listed_probability: float
    """What the listed candidates have together."""
    token_without_order: str
    """The likeliest token with the position signals left out of the decoder."""
    probability_without_order: float
    """What `token` gets then."""
    token_without_source: str
    """The likeliest token when the decoder looks evenly at the whole source."""
    probability_without_source: float
