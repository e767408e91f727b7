"""`translate`: the translation growing token by token."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tutor.experiments.base import experiment, option

if TYPE_CHECKING:
    from tutor.experiments.models import Models


@dataclass(frozen=True)
class TranslateOptions:
    candidates: int = option(3, "how many candidates to keep at each step")
    beam: int = option(1, "1 takes the likeliest token each time; more keeps that many beginnings open")


@dataclass(frozen=True)
class Candidate:
    """A token the model might write next."""

    token: str
    probability: float


@dataclass(frozen=True)
class Step:
    """One step of the decoder."""

    written: str
    """The text so far, before this step."""
    token: str
    probability: float
    candidates: tuple[Candidate, ...]
    looked_at: str
    """The source token with most cross-attention at this step (last layer, average over heads)."""
    looked_at_weight: float


@dataclass(frozen=True)
class Translate:
    """A whole translation, step by step."""

    source_tokens: tuple[str, ...]
    translation: str
    steps: tuple[Step, ...]
    step_count: int
    stopped_by_end_mark: bool
    probability: float
    """Of the whole output: the product over the steps."""
    mean_probability: float
    """Geometric mean over the steps."""
    least_sure_token: str
    least_sure_probability: float
    least_sure_alternative: str
