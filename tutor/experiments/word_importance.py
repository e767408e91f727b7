"""`word-importance`: which source word mattered most to one predicted word, measured four ways."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tutor.errors import LearnerError
from tutor.experiments.base import experiment, option
from tutor.experiments.pieces import named
from tutor.experiments.places import attention_at, position_of

if TYPE_CHECKING:
    from torch import Tensor

    from model.trace import Trace
    from tutor.experiments.models import Models, Reading


@dataclass(frozen=True)
class WordImportanceOptions:
    output: str = option("", "the word of the translation to explain; by default its first long word")
    steps: int = option(32, "points on the path of integrated gradients")


@dataclass(frozen=True)
class WordScore:
    """One source token. All four speak of ln p of the explained token, in nats, but for attention."""

    token: str
    attention: float
    """Cross-attention on it, averaged over layers and heads: where the model looked, not what mattered."""
    gradient_input: float
    """Gradient times embedding."""
    integrated_gradients: float
    """From an embedding of zeros to this one (Sundararajan et al. 2017)."""
    removed: float
    """How much ln p falls when the token is left out and the model is run again."""


@dataclass(frozen=True)
class WordImportance:
    """Four answers to "which word mattered?", side by side."""

    source_tokens: tuple[str, ...]
    translation: str
    output_token: str
    output_word: str
    """The same as it is named inside a sentence: 'min…' for a piece of 'minister'."""
    output_position: int
    probability: float
    words: tuple[WordScore, ...]
    most_attended: str
    most_by_gradient: str
    most_by_integrated_gradients: str
    most_by_removal: str
    removal_drop: float
    agree: bool
    """True when attention and removal name the same token."""
    integrated_sum: float
    difference_from_baseline: float
    """ln p here minus ln p at the baseline; the integrated gradients should sum to it."""


@experiment("word-importance", "which word mattered most, measured four ways", WordImportanceOptions, WordImportance)
def weigh_words(models: Models, sentence: str, options: WordImportanceOptions) -> WordImportance:
    """Attribute ln p of one output token to the source tokens by attention, two gradients, and leaving out."""
    import torch

    from model.attribution import gradient_times_input, integrated_gradients

    if options.steps < 2:
        raise LearnerError("word-importance: steps must be at least 2")
    reading = models.read(sentence)
    position = _explained(options.output, reading)
    id_ = reading.target_ids[position]
    target = reading.target[:, : position + 1]

    def log_probability(trace: Trace) -> Tensor:
        return trace.logits[:, -1].log_softmax(-1)[:, id_].sum()

    with torch.enable_grad():
        by_gradient = gradient_times_input(models.model, reading.source, target, log_probability)
        integrated = integrated_gradients(models.model, reading.source, target, log_probability, options.steps)
    layers = range(1, models.model.config.decoder_layers + 1)
    looked = sum(attention_at(reading.trace, "cross", n).weights[0, :, position].mean(0) for n in layers)
    assert isinstance(looked, torch.Tensor)
    probability = reading.trace.probabilities[0, position, id_].item()
    drops = _drops(models, reading, target, id_, math.log(probability))
    words = tuple(
        map(
            WordScore,
            named(models, reading.source_ids),
            (looked / len(layers)).tolist(),
            by_gradient.scores.tolist(),
            integrated.scores.tolist(),
            drops,
        )
    )
    removal = max(words, key=lambda word: word.removed)
    attended = max(words, key=lambda word: word.attention)
    return WordImportance(
        source_tokens=reading.source_tokens,
        translation=reading.translation,
        output_token=reading.target_tokens[position],
        output_word=named(models, reading.target_ids)[position],
        output_position=position,
        probability=probability,
        words=words,
        most_attended=attended.token,
        most_by_gradient=max(words, key=lambda word: word.gradient_input).token,
        most_by_integrated_gradients=max(words, key=lambda word: word.integrated_gradients).token,
        most_by_removal=removal.token,
        removal_drop=removal.removed,
        agree=attended is removal,
        integrated_sum=float(integrated.scores.sum()),
        difference_from_baseline=integrated.difference,
    )


def _explained(word: str, reading: Reading) -> int:
    if word:
        return position_of(word, reading.target_tokens, "translation")
    long = [p for p, token in enumerate(reading.target_tokens) if token.isalpha() and len(token) > 3]
    return (long or [0])[0]


def _drops(models: Models, reading: Reading, target: Tensor, id_: int, here: float) -> list[float]:
    """How far ln p falls when each source token in turn is left out; all variants run as one batch."""
    import torch

    count = len(reading.source_ids)
    if count == 2:
        # Leaving out the only word would leave only the end mark to read: still something.
        shortened = torch.tensor([[reading.source_ids[1]], [reading.source_ids[0]]])
    else:
        shortened = torch.tensor([reading.source_ids[:gap] + reading.source_ids[gap + 1 :] for gap in range(count)])
    with torch.no_grad():
        logits = models.model(shortened, target.expand(count, -1)).logits[:, -1]
    there: list[float] = logits.log_softmax(-1)[:, id_].tolist()
    return [here - value for value in there]
