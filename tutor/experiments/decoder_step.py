"""`decoder-step`: the distribution over the next token of the translation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tutor.experiments.base import experiment, option
from tutor.experiments.distribution import Distribution, DistributionOptions, read_distribution
from tutor.experiments.models import START_ID

if TYPE_CHECKING:
    from torch import Tensor

    from model.edits import Edit
    from tutor.experiments.models import Models


@dataclass(frozen=True, kw_only=True)
class DecoderStepOptions(DistributionOptions):
    so_far: str = option("", "the French written so far; by default the first half of the model's translation")


@dataclass(frozen=True, kw_only=True)
class DecoderStep(Distribution):
    """What the decoder expects next, given the source sentence and the French so far."""

    source_tokens: tuple[str, ...]
    so_far: str
    so_far_tokens: tuple[str, ...]
    token_without_source: str
    """The likeliest token when the decoder looks evenly at the whole source."""
    probability_without_source: float


@experiment("decoder-step", "one step of the decoder: what it expects to write next", DecoderStepOptions, DecoderStep)
def take_step(models: Models, sentence: str, options: DecoderStepOptions) -> DecoderStep:
    """The distribution over the next French token, and the same with order or source taken away."""
    import torch

    options.check("decoder-step")
    reading = models.read(sentence)
    if options.so_far:
        written = models.source_ids(options.so_far)[:-1]
    else:
        written = reading.target_ids[: (len(reading.target_ids) - 1) // 2]
    target = torch.tensor([[START_ID, *written]])

    def last_logits(edits: Sequence[Edit]) -> Tensor:
        with torch.no_grad():
            logits: Tensor = models.model(reading.source, target, edits=edits).logits[0, -1]
        return logits

    layers = models.model.config.decoder_layers
    found, without_source = read_distribution(last_logits, options, models.show, even="cross", layers=layers)
    return DecoderStep(
        **vars(found),
        source_tokens=reading.source_tokens,
        so_far=models.tokenizer.decode(written),
        so_far_tokens=models.show(written),
        token_without_source=without_source.token,
        probability_without_source=without_source.probability,
    )
