"""`softmax`: scores into weights that are positive and sum to one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tutor.experiments.base import entropy_bits, experiment, matrix, option, row
from tutor.experiments.habits import telling_row, where
from tutor.experiments.pieces import named
from tutor.experiments.places import attention_at, check_place, position_of

if TYPE_CHECKING:
    from tutor.experiments.models import Models


@dataclass(frozen=True)
class SoftmaxOptions:
    layer: int = option(1, "encoder layer, counted from 1")
    head: int = option(1, "head, counted from 1")
    word: str = option("", "the word whose row to take; by default a content word that looks sharply at another")
    shift: float = option(5.0, "a constant to add to every score, to see that nothing changes")


@dataclass(frozen=True)
class Softmax:
    """One row of scores through softmax, and through two things that are not softmax."""

    query_word: str
    """The same. All tokens here are named as inside a sentence: 'min…' for a piece of 'minister'."""
    query_token: str
    key_tokens: tuple[str, ...]
    scores: tuple[float, ...]
    exponentials: tuple[float, ...]
    """e^(score - largest)."""
    weights: tuple[float, ...]
    weight_sum: float
    shift: float
    largest_change_when_shifted: float
    proportional: tuple[float, ...]
    """Score divided by the sum of scores: what goes wrong without exponentials."""
    negative_proportional: int
    """How many of those are negative."""
    halved: tuple[float, ...]
    doubled: tuple[float, ...]
    """Softmax of half and of twice the scores: flatter and sharper."""
    entropy_bits: float
    entropy_bits_halved: float
    entropy_bits_doubled: float
    key_word: str
    key_token: str
    weight: float
    hard_max_gradient: float
    """Derivative of a hard choice of the largest: 0, nothing to learn from."""
    softmax_gradient: float
    """w(1 - w) at the largest weight."""
    layer: int
    head: int
    where: str
    """The place in words: 'encoder layer 1, head 1'."""


@experiment("softmax", "scores into weights that are positive and sum to one", SoftmaxOptions, Softmax)
def turn_scores_into_weights(models: Models, sentence: str, options: SoftmaxOptions) -> Softmax:
    """Take one row of encoder scores through softmax, its variations, and two things that fail."""
    check_place(models, "encoder", options.layer, options.head)
    reading = models.read(sentence)
    words = named(models, reading.source_ids)
    layer, head = attention_at(reading.trace, "encoder", options.layer), options.head - 1
    if options.word:
        query = position_of(options.word, reading.source_tokens)
    else:
        query = telling_row(matrix(layer.weights[0, head]), words, words)
    scores = layer.masked_scores[0, head, query]
    weights = layer.weights[0, head, query]
    shifted = (scores + options.shift).softmax(-1)
    total = scores.sum().item()
    proportional = tuple(score / total for score in scores.tolist()) if total else ()
    halved, doubled = row((scores / 2).softmax(-1)), row((scores * 2).softmax(-1))
    largest = int(weights.argmax())
    weight = weights[largest].item()
    return Softmax(
        query_token=words[query],
        query_word=words[query],
        key_tokens=words,
        scores=row(scores),
        exponentials=row((scores - scores.max()).exp()),
        weights=row(weights),
        weight_sum=weights.sum().item(),
        shift=options.shift,
        largest_change_when_shifted=(shifted - weights).abs().max().item(),
        proportional=proportional,
        negative_proportional=sum(share < 0 for share in proportional),
        halved=halved,
        doubled=doubled,
        entropy_bits=entropy_bits(row(weights)),
        entropy_bits_halved=entropy_bits(halved),
        entropy_bits_doubled=entropy_bits(doubled),
        key_token=words[largest],
        key_word=words[largest],
        weight=weight,
        hard_max_gradient=0.0,
        softmax_gradient=weight * (1 - weight),
        layer=options.layer,
        head=options.head,
        where=where("encoder", options.layer, options.head),
    )
