"""`decoder-step`: the distribution over the next token of the translation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tutor.errors import LearnerError
from tutor.experiments.base import entropy_bits, experiment, option, row
from tutor.experiments.models import START_ID
from tutor.experiments.places import attention_path
from tutor.experiments.translate import Candidate

if TYPE_CHECKING:
    from torch import Tensor

    from model.edits import Edit
    from tutor.experiments.models import Models


@dataclass(frozen=True)
class DecoderStepOptions:
    so_far: str = option("", "the French written so far; by default the first half of the model's translation")
    candidates: int = option(8, "how many candidates to list")
    temperature: float = option(1.0, "divides the logits: below 1 sharper, above 1 flatter")


@dataclass(frozen=True)
class DecoderStep:
    """What the decoder expects next, given the source sentence and the French so far."""

    source_tokens: tuple[str, ...]
    so_far: str
    so_far_tokens: tuple[str, ...]
    candidates: tuple[Candidate, ...]
    logits: tuple[float, ...]
    """Of the candidates, before softmax."""
    temperature: float
    token: str
    probability: float
    second_token: str
    second_probability: float
    entropy_bits: float
    vocabulary_size: int
    listed_probability: float
    """What the listed candidates have together."""
    token_without_order: str
    """The likeliest token with the position signals left out of the decoder."""
    probability_without_order: float
    """What `token` gets then."""
    token_without_source: str
    """The likeliest token when the decoder looks evenly at the whole source."""
    probability_without_source: float


@experiment("decoder-step", "one step of the decoder: what it expects to write next", DecoderStepOptions, DecoderStep)
def take_step(models: Models, sentence: str, options: DecoderStepOptions) -> DecoderStep:
    """The distribution over the next French token, and the same with order or source taken away."""
    import torch

    from model.edits import bypass, uniform_weights

    if options.candidates < 2 or options.temperature <= 0:
        raise LearnerError("decoder-step: candidates must be at least 2 and temperature above 0")
    reading = models.read(sentence)
    if options.so_far:
        written = models.source_ids(options.so_far)[:-1]
    else:
        written = reading.target_ids[: (len(reading.target_ids) - 1) // 2]
    target = torch.tensor([[START_ID, *written]])

    def last_logits(edits: list[Edit]) -> Tensor:
        with torch.no_grad():
            logits: Tensor = models.model(reading.source, target, edits=edits).logits[0, -1]
        return logits

    logits = last_logits([])
    probabilities = (logits / options.temperature).softmax(-1)
    best = probabilities.topk(options.candidates)
    ids, likely = best.indices.tolist(), best.values.tolist()
    tokens = models.show(ids)
    layers = models.model.config.decoder_layers
    without_order = last_logits([bypass("decoder.input")]).softmax(-1)
    without_source = last_logits(
        [uniform_weights(attention_path("cross", layer)) for layer in range(1, layers + 1)]
    ).softmax(-1)
    return DecoderStep(
        source_tokens=reading.source_tokens,
        so_far=models.tokenizer.decode(written),
        so_far_tokens=models.show(written),
        candidates=tuple(map(Candidate, tokens, likely)),
        logits=row(logits[best.indices]),
        temperature=options.temperature,
        token=tokens[0],
        probability=likely[0],
        second_token=tokens[1],
        second_probability=likely[1],
        entropy_bits=entropy_bits(row(probabilities)),
        vocabulary_size=models.tokenizer.size,
        listed_probability=sum(likely),
        token_without_order=models.show([int(without_order.argmax())])[0],
        probability_without_order=without_order[ids[0]].item(),
        token_without_source=models.show([int(without_source.argmax())])[0],
        probability_without_source=without_source[ids[0]].item(),
    )
