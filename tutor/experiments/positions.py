"""`positions`: what the model knows of word order, and what it does without."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tutor.experiments.base import Matrix, experiment, matrix

if TYPE_CHECKING:
    from torch import Tensor

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


@experiment("positions", "what the model knows of word order, and what it does without", PositionsOptions, Positions)
def remove_order(models: Models, sentence: str, options: PositionsOptions) -> Positions:
    """Reverse the words, with the position signals and without, and compare what the encoder makes of each word."""
    from model.edits import bypass

    reading = models.read(sentence)
    # Token by token, so that every token of one run has its twin in the other; the end mark stays last.
    reversed_ids = (*reversed(reading.source_ids[:-1]), reading.source_ids[-1])
    backwards = models.read_ids(models.tokenizer.decode(reversed_ids), reversed_ids)
    orderless = [bypass("encoder.input")]
    return Positions(
        tokens=reading.source_tokens,
        reversed_sentence=" ".join(models.show(reversed_ids[:-1])),
        signals=matrix(models.encode(reading.source).positions[0, :, :8]),
        difference_with_positions=_difference(
            models.encode(reading.source).output, models.encode(backwards.source).output
        ),
        difference_without_positions=_difference(
            models.encode(reading.source, orderless).output, models.encode(backwards.source, orderless).output
        ),
        translation=reading.translation,
        translation_reversed=backwards.translation,
        translation_without_positions=models.translate_edited(reading, orderless),
        translation_reversed_without_positions=models.translate_edited(backwards, orderless),
    )


def _difference(there: Tensor, back: Tensor) -> float:
    """Mean relative distance between the vectors of the same word in both runs (1, S, C)."""
    order = [*range(there.size(1) - 2, -1, -1), there.size(1) - 1]
    return float(((back[0, order] - there[0]).norm(dim=-1) / there[0].norm(dim=-1)).mean())
