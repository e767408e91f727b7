"""`gradients`: the loss, and its gradient at every stage back to the embedding of each word."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tutor.experiments.base import experiment, option

if TYPE_CHECKING:
    from tutor.experiments.models import Models


@dataclass(frozen=True)
class GradientsOptions:
    target: str = option("", "the French sentence to call right; by default the model's own translation")


@dataclass(frozen=True)
class Stage:
    """One stop on the way back."""

    path: str
    label: str
    norm: float
    """Euclidean length of d loss / d value, over all its numbers."""


@dataclass(frozen=True)
class WordGradient:
    """How strongly the loss depends on one source token's embedding."""

    token: str
    norm: float


@dataclass(frozen=True)
class Gradients:
    """One backward pass, from the loss to the source embeddings; stages in the order of the way back."""

    source_tokens: tuple[str, ...]
    target_tokens: tuple[str, ...]
    token_losses: tuple[float, ...]
    """-ln of the probability given to each right token, in nats."""
    loss: float
    stages: tuple[Stage, ...]
    stage_count: int
    words: tuple[WordGradient, ...]
    strongest_word: str
    strongest_norm: float
    first_norm: float
    """Gradient at the logits: the start of the way back."""
    last_norm: float
    """Gradient at the source embeddings: its end."""
    parameter: str
    parameter_index: tuple[int, ...]
    parameter_value: float
    parameter_gradient: float
    nudge: float
    loss_nudged_up: float
    loss_nudged_down: float
    nudged_slope: float
    """(loss up - loss down) / (2 nudge): must agree with the gradient. Computed in float64."""
    parameters_with_gradient: int
    parameter_count: int
    learning_rate: float
    loss_after_step: float
    """Loss after one step of gradient descent on a copy: every parameter minus rate times gradient."""
