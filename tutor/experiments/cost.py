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


@experiment("cost", "how the work of attention grows with the sentence", CostOptions, Cost)
def count_scores(models: Models, sentence: str, options: CostOptions) -> Cost:
    """Repeat the sentence once, twice and four times, as far as the model reads, and count the scores."""
    import torch

    ids = models.source_ids(sentence)
    config = models.model.config
    rows = []
    for times in (1, 2, 4):
        length = times * (len(ids) - 1) + 1
        if length > config.max_tokens:
            break
        encoder = models.encode(torch.tensor([[*ids[:-1] * times, ids[-1]]]))
        scores = sum(block.attention.raw_scores.numel() for block in encoder.blocks)
        rows.append(CostRow(length, scores, length, length - 1, 1))
    return Cost(
        rows=tuple(rows),
        tokens=rows[0].tokens,
        scores=rows[0].scores,
        ratio_when_doubled=rows[1].scores / rows[0].scores if len(rows) > 1 else 0.0,
        layers=config.encoder_layers,
        heads=config.heads,
        max_tokens=config.max_tokens,
    )
