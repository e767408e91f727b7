"""`translate`: the translation growing token by token."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tutor.errors import LearnerError
from tutor.experiments.base import experiment, option
from tutor.experiments.models import END_MARK
from tutor.experiments.places import attention_at

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


@experiment("translate", "the translation growing word by word", TranslateOptions, Translate)
def grow_translation(models: Models, sentence: str, options: TranslateOptions) -> Translate:
    """Translate `sentence` and look at every step of the way.

    The steps are read from one pass over the finished translation: the causal mask makes each position
    compute exactly what it computed when it was the last one.
    """
    if options.candidates < 1 or options.beam < 1:
        raise LearnerError("translate: candidates and beam must be at least 1")
    reading = models.read(sentence) if options.beam == 1 else models.read_beam(sentence, options.beam)
    probabilities = reading.trace.probabilities[0]  # (T, V)
    looked = attention_at(reading.trace, "cross", models.model.config.decoder_layers).weights[0].mean(0)  # (T, S)
    steps = []
    for position, id_ in enumerate(reading.target_ids):
        best = probabilities[position].topk(max(2, options.candidates))
        source = int(looked[position].argmax())
        steps.append(
            Step(
                written=models.tokenizer.decode(reading.target_ids[:position]),
                token=reading.target_tokens[position],
                probability=probabilities[position, id_].item(),
                candidates=tuple(map(Candidate, models.show(best.indices.tolist()), best.values.tolist())),
                looked_at=reading.source_tokens[source],
                looked_at_weight=looked[position, source].item(),
            )
        )
    least = min(steps, key=lambda step: step.probability)
    whole = math.prod(step.probability for step in steps)
    return Translate(
        source_tokens=reading.source_tokens,
        translation=reading.translation,
        steps=tuple(replace(step, candidates=step.candidates[: options.candidates]) for step in steps),
        step_count=len(steps),
        stopped_by_end_mark=reading.target_tokens[-1] == END_MARK,
        probability=whole,
        mean_probability=whole ** (1 / len(steps)),
        least_sure_token=least.token,
        least_sure_probability=least.probability,
        least_sure_alternative=next((c.token for c in least.candidates if c.token != least.token), ""),
    )
