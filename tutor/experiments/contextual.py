"""`contextual`: one word, two sentences: the same embedding, another vector after the encoder."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tutor.experiments.base import experiment, option

if TYPE_CHECKING:
    from tutor.experiments.models import Models


@dataclass(frozen=True)
class ContextualOptions:
    word: str = option("", "a word that stands in both sentences; by default the longest word")
    other: str = option("", "a second sentence with that word; by default the first one in a different frame")


@dataclass(frozen=True)
class Contextual:
    """How far the context moves one token's vector."""

    token: str
    sentence: str
    other: str
    cosine_embedding: float
    """Of the token's table rows in both sentences: 1, it is the same row."""
    cosines_by_layer: tuple[float, ...]
    """Of its vectors in both sentences after each encoder block."""
    cosine_output: float
    """Of the encoder's outputs."""
    outputs: int
    """Vectors that come out of the encoder for the learner's sentence: one a token."""
    other_outputs: int
    d_model: int
    translation: str
    other_translation: str
