"""`positions`: what the model knows of word order, and what it does without."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tutor.experiments.base import Matrix, experiment, matrix
from tutor.experiments.models import SPARE_TOKENS

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
    import torch

    from model.edits import bypass, in_row
    from model.generation import greedy

    reading = models.read(sentence)
    # Token by token, so that every token of one run has its twin in the other; the end mark stays last.
    reversed_ids = (*reversed(reading.source_ids[:-1]), reading.source_ids[-1])
    # One batch: reversed; without positions; reversed and without positions.
    source = torch.tensor([reversed_ids, reading.source_ids, reversed_ids])
    orderless = [in_row(row, bypass("encoder.input")) for row in (1, 2)]
    vectors = models.encode(source, orderless).output  # (3, S, C)
    backwards, *without = (found.ids for found in greedy(models.model, source, edits=orderless))
    lengths = [len(own) + SPARE_TOKENS for own in (reading.target_ids, backwards)]
    here, there = (models.tokenizer.decode(ids[:length]) for ids, length in zip(without, lengths, strict=True))
    assert reading.trace.encoder is not None
    return Positions(
        tokens=reading.source_tokens,
        reversed_sentence=" ".join(models.show(reversed_ids[:-1])),
        signals=matrix(reading.trace.encoder.positions[0, :, :8]),
        difference_with_positions=_difference(reading.trace.encoder.output[0], vectors[0]),
        difference_without_positions=_difference(vectors[1], vectors[2]),
        translation=reading.translation,
        translation_reversed=models.tokenizer.decode(backwards),
        translation_without_positions=here,
        translation_reversed_without_positions=there,
    )


def _difference(there: Tensor, back: Tensor) -> float:
    """Mean relative distance between the vectors of the same word in both runs (S, C)."""
    order = [*range(there.size(0) - 2, -1, -1), there.size(0) - 1]
    return float(((back[order] - there).norm(dim=-1) / there.norm(dim=-1)).mean())
