"""`training`: one sentence and one translation, read by the same small Transformer at moments of its training."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tutor.experiments.base import experiment, option, row
from tutor.experiments.habits import telling_row
from tutor.experiments.models import SPARE_TOKENS
from tutor.experiments.pieces import named
from tutor.experiments.places import attention_at, loss_of, position_of

if TYPE_CHECKING:
    from tutor.experiments.models import Models


@dataclass(frozen=True)
class TrainingOptions:
    output: str = option("", "a word of the translation to follow; by default the most telling in the end")


@dataclass(frozen=True)
class Moment:
    """The model after so many steps of training. Weights: last layer's cross-attention, averaged over its heads."""

    step: int
    loss: float
    """On the same translation at every moment, in nats a token."""
    weights: tuple[float, ...]
    """What the followed word gives to each source token; they sum to 1."""
    weight: float
    """What it gives to the token that it looks at most in the end."""
    probability: float
    """Of the followed word, where it stands."""
    translation: str
    """What the model would have written then."""


@dataclass(frozen=True)
class Training:
    """How attention came about on this sentence."""

    source_tokens: tuple[str, ...]
    translation: str
    """The translation that every moment reads: the last moment's own."""
    word: str
    """The token of the translation that is followed, named as inside a sentence: 'min…' for a piece of 'ministre'."""
    looked_at: str
    """The source token that it looks at most in the end."""
    even_weight: float
    """What each source token would get if the word looked evenly."""
    moments: tuple[Moment, ...]
    first_weight: float
    last_weight: float
    first_loss: float
    last_loss: float
    last_step: int
    turning_step: int
    """The first moment at which the word looked at that token more than halfway between its first and last weight."""

    @property
    def shows(self) -> bool:
        """A whole word came to look somewhere."""
        return "…" not in self.word and self.last_weight > self.first_weight + 0.2


@experiment("training", "how attention came about: one sentence through training", TrainingOptions, Training)
def follow_training(models: Models, sentence: str, options: TrainingOptions) -> Training:
    """Let every kept moment of the small Transformer read `sentence` and the last moment's translation of it."""
    import torch

    from model.generation import greedy, rewrite

    source = torch.tensor([models.source_ids(sentence)])
    last = models.moments[-1].network
    target = greedy(last, source)[0].ids
    traces = [moment.read(source, target) for moment in models.moments]
    written = [
        rewrite(moment.network, source, target, trace.logits[0], len(target) + SPARE_TOKENS)
        for moment, trace in zip(models.moments, traces, strict=True)
    ]
    layers = last.config.decoder_layers
    rows = [attention_at(trace, "cross", layers).weights[0].mean(0) for trace in traces]  # (T, S) each
    tokens, source_tokens = named(models, target), named(models, source[0].tolist())
    if options.output:
        at = position_of(options.output, models.show(target), "translation")
    else:
        at = telling_row(rows[-1].tolist(), tokens, source_tokens)
    key = int(rows[-1][at].argmax())
    moments = tuple(
        Moment(
            step=moment.step,
            loss=loss_of(trace),
            weights=row(weights[at]),
            weight=weights[at, key].item(),
            probability=trace.probabilities[0, at, target[at]].item(),
            translation=models.tokenizer.decode(ids),
        )
        for moment, trace, weights, ids in zip(models.moments, traces, rows, written, strict=True)
    )
    first, final = moments[0].weight, moments[-1].weight
    middle = (first + final) / 2
    return Training(
        source_tokens=source_tokens,
        translation=models.tokenizer.decode(target),
        word=tokens[at],
        looked_at=source_tokens[key],
        even_weight=1 / source.size(1),
        moments=moments,
        first_weight=first,
        last_weight=final,
        first_loss=moments[0].loss,
        last_loss=moments[-1].loss,
        last_step=moments[-1].step,
        turning_step=next((m.step for m in moments if (m.weight - middle) * (final - first) >= 0), moments[-1].step),
    )
