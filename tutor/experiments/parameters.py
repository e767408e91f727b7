"""`parameters`: the learned numbers, which stay, beside the attention weights, which do not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tutor.experiments.base import experiment, option

if TYPE_CHECKING:
    from tutor.experiments.models import Models


@dataclass(frozen=True)
class ParametersOptions:
    other: str = option("My old car will not start when it is cold.", "a second sentence to compare with")


@dataclass(frozen=True)
class ParameterGroup:
    """Parameters of one kind."""

    name: str
    count: int


@dataclass(frozen=True)
class Parameters:
    """Two things called weights: parameters are learned and stay, attention weights are computed each time."""

    groups: tuple[ParameterGroup, ...]
    parameter_count: int
    attention_weight_count: int
    """Attention weights computed in the encoder for the learner's sentence."""
    other: str
    other_attention_weight_count: int
    parameters_changed: int
    """Parameters that differ after running both sentences: 0."""
    d_model: int
    layers: int
    heads: int
