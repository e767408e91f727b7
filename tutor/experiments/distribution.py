"""One distribution over a vocabulary, and what becomes of it without word order: what two experiments share."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tutor.errors import LearnerError
from tutor.experiments.base import entropy_bits, option, row
from tutor.experiments.places import attention_path
from tutor.experiments.translate import Candidate

if TYPE_CHECKING:
    from torch import Tensor

    from model.edits import Edit


@dataclass(frozen=True, kw_only=True)
class DistributionOptions:
    candidates: int = option(8, "how many candidates to list")
    temperature: float = option(1.0, "divides the logits: below 1 sharper, above 1 flatter")

    def check(self, experiment: str) -> None:
        """Raise `LearnerError` where these make no distribution."""
        if self.candidates < 2 or not self.temperature > 0:
            raise LearnerError(f"{experiment}: candidates must be at least 2 and temperature above 0")


@dataclass(frozen=True, kw_only=True)
class Distribution:
    """What a model expects next. All probabilities are taken at the same temperature."""

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


def distribution(
    candidates: Sequence[Candidate],
    logits: Sequence[float],
    *,
    temperature: float,
    entropy_bits: float,
    size: int,
    without_order: Candidate,
) -> Distribution:
    """The distribution over `size` tokens of which these are the likeliest: at least two, best first."""
    first, second, *_ = candidates
    return Distribution(
        candidates=tuple(candidates),
        logits=tuple(logits),
        temperature=temperature,
        token=first.token,
        probability=first.probability,
        second_token=second.token,
        second_probability=second.probability,
        entropy_bits=entropy_bits,
        vocabulary_size=size,
        listed_probability=sum(candidate.probability for candidate in candidates),
        token_without_order=without_order.token,
        probability_without_order=without_order.probability,
    )


def read_distribution(
    last_logits: Callable[[Sequence[Edit]], Tensor],
    options: DistributionOptions,
    show: Callable[[Iterable[int]], Sequence[str]],
    *,
    even: str,
    layers: int,
) -> tuple[Distribution, Candidate]:
    """What is expected by the `last_logits` (V) of a run under edits, and what is left if attention may not choose.

    The second is the likeliest token where the first `layers` of the part `even` look evenly at all they may see,
    with the probability that the first distribution's `token` then has.
    """
    from model.edits import bypass, uniform_weights

    logits = last_logits([])
    whole = (logits / options.temperature).softmax(-1)  # (V,)
    best = whole.topk(min(options.candidates, len(whole)))
    ids = best.indices.tolist()

    def under(edits: Sequence[Edit]) -> Candidate:
        changed = (last_logits(edits) / options.temperature).softmax(-1)
        return Candidate(show([int(changed.argmax())])[0], changed[ids[0]].item())

    found = distribution(
        tuple(map(Candidate, show(ids), best.values.tolist())),
        row(logits[best.indices]),
        temperature=options.temperature,
        entropy_bits=entropy_bits(row(whole)),
        size=len(whole),
        without_order=under([bypass("decoder.input")]),
    )
    return found, under([uniform_weights(attention_path(even, layer)) for layer in range(1, layers + 1)])
