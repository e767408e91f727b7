"""`residual`: the model with and without its skip connections."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tutor.experiments.base import experiment

if TYPE_CHECKING:
    from tutor.experiments.models import Models


@dataclass(frozen=True)
class ResidualOptions:
    """No options."""


@dataclass(frozen=True)
class Residual:
    """Gradient at the source embeddings with the encoder's residual connections and without them."""

    translation: str
    translation_without: str
    loss: float
    loss_without: float
    gradient_norm: float
    """Length of d loss / d (source embedding + position)."""
    gradient_norm_without: float
    stream_norms: tuple[float, ...]
    """Mean length of a token's vector in the encoder's residual stream, from the input through each block."""
    similarity_to_input: tuple[float, ...]
    """Mean cosine of each token's stream vector with its input, after each block: how much is carried on."""
    layers: int
