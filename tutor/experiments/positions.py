"""`positions`: what the model knows of word order, and what it does without."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tutor.experiments.base import Matrix, experiment

if TYPE_CHECKING:
    from tutor.experiments.models import Models


@dataclass(frozen=True)
class PositionsOptions:
    """No options."""


@dataclass(frozen=True)
class Positions:
    """The sentence and the same words in reverse, with the position signal and without."""

    tokens: tuple[str, ...]
    reversed_sentence: str
    signals: Matrix
    """First eight numbers of each position's signal."""
    difference_with_positions: float
    """Mean distance between each word's encoder output here and in the reversed sentence, relative to its length."""
    difference_without_positions: float
    """The same with the position signals left out: 0 but for rounding."""
    translation: str
    translation_reversed: str
    translation_without_positions: str
    translation_reversed_without_positions: str
