"""`cost`: how the work of attention grows with the length of the sentence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tutor.experiments.base import experiment

if TYPE_CHECKING:
    from tutor.experiments.models import Models


@dataclass(frozen=True)
class CostOptions:
    """No options."""


@dataclass(frozen=True)
class CostRow:
    """The sentence repeated until it has this many tokens."""

    tokens: int
    scores: int
    """Query-key scores in the encoder, counted in the trace: layers × heads × tokens²."""
    recurrent_steps: int
    """Steps that a recurrent network must take one after the other: one a token."""
    longest_path_recurrent: int
    """Steps between the first and the last word in a recurrent network."""
    longest_path_attention: int
    """The same in one attention layer: 1."""


@dataclass(frozen=True)
class Cost:
    """Counts, not seconds: they hold on any machine."""

    rows: tuple[CostRow, ...]
    tokens: int
    scores: int
    ratio_when_doubled: float
    """Scores at the second length over scores at the first."""
    layers: int
    heads: int
    max_tokens: int
