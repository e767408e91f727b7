"""`attention-steps`: one token's way through one head, every number of it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tutor.experiments.base import Matrix, experiment, matrix, option, row
from tutor.experiments.habits import telling_row, where
from tutor.experiments.pieces import axis_names
from tutor.experiments.places import attention_at, attention_path, axis_tokens, check_place, position_of

if TYPE_CHECKING:
    from tutor.experiments.models import Models


@dataclass(frozen=True)
class AttentionStepsOptions:
    part: str = option("encoder", "encoder, decoder or cross")
    layer: int = option(1, "layer, counted from 1")
    head: int = option(1, "head, counted from 1")
    word: str = option("", "the word to follow; by default a content word that looks sharply at another")


@dataclass(frozen=True)
class AttentionSteps:
    """Query · key → scores → ÷ √d → mask → softmax → weighted sum of values, for one query.

    Every field but the counts can be recomputed from `trace --out`: `trace_path` names the group of
    values, with batch 0, head `head - 1` and row `query_position`.
    """

    part: str
    layer: int
    head: int
    trace_path: str
    d_model: int
    d_head: int
    sqrt_d_head: float
    query_tokens: tuple[str, ...]
    key_tokens: tuple[str, ...]
    query_position: int
    query_word: str
    """The same. All tokens here are named as inside a sentence: 'min…' for a piece of 'minister'."""
    query_token: str
    input: tuple[float, ...]
    """The normalised residual stream at this position: what the query is made from."""
    query: tuple[float, ...]
    keys: Matrix
    values: Matrix
    raw_scores: tuple[float, ...]
    scaled_scores: tuple[float, ...]
    masked_scores: tuple[float, ...]
    """-inf (null in JSON) where looking is forbidden."""
    allowed: tuple[bool, ...]
    exponentials: tuple[float, ...]
    """e^(score - largest score): the numerators of softmax, 0 where forbidden."""
    exponential_sum: float
    weights: tuple[float, ...]
    head_output: tuple[float, ...]
    """Sum over keys of weight times value."""
    output: tuple[float, ...]
    """All heads side by side, times the output matrix: what is added to the residual stream."""
    key_position: int
    key_word: str
    key_token: str
    weight: float
    """The key that gets most, and how much."""
    second_key_word: str
    """The key that gets most after it, and how much; empty where there is no other."""
    second_weight: float
    key_raw_score: float
    key_scaled_score: float
    products: tuple[float, ...]
    """query_i × key_i for that key, one a dimension; they sum to its raw score."""
    where: str
    """The place in words: 'encoder layer 1, head 1'."""


@experiment(
    "attention-steps", "one word's way through one head, every number of it", AttentionStepsOptions, AttentionSteps
)
def follow_one_query(models: Models, sentence: str, options: AttentionStepsOptions) -> AttentionSteps:
    """Follow one query through one head; all values are read out of the trace, none is computed twice."""
    check_place(models, options.part, options.layer, options.head)
    reading = models.read(sentence)
    stack = reading.trace.encoder if options.part == "encoder" else reading.trace.decoder
    assert stack is not None
    block = stack.blocks[options.layer - 1]
    query_input = block.cross_attention_norm if options.part == "cross" else block.attention_norm
    assert query_input is not None
    layer, head = attention_at(reading.trace, options.part, options.layer), options.head - 1
    query_tokens, key_tokens = axis_names(models, reading, options.part)
    if options.word:
        query = position_of(options.word, axis_tokens(reading, options.part)[0])
    else:
        query = telling_row(matrix(layer.weights[0, head]), query_tokens, key_tokens)

    masked = row(layer.masked_scores[0, head, query])
    largest = max(masked)
    exponentials = tuple(math.exp(score - largest) for score in masked)
    weights = row(layer.weights[0, head, query])
    key, *others = sorted(range(len(weights)), key=weights.__getitem__, reverse=True)
    raw_scores = row(layer.raw_scores[0, head, query])
    scaled_scores = row(layer.scaled_scores[0, head, query])
    return AttentionSteps(
        part=options.part,
        layer=options.layer,
        head=options.head,
        trace_path=attention_path(options.part, options.layer),
        d_model=models.model.config.d_model,
        d_head=models.model.config.d_head,
        sqrt_d_head=math.sqrt(models.model.config.d_head),
        query_tokens=query_tokens,
        key_tokens=key_tokens,
        query_position=query,
        query_token=query_tokens[query],
        query_word=query_tokens[query],
        input=row(query_input[0, query]),
        query=row(layer.query[0, head, query]),
        keys=matrix(layer.key[0, head]),
        values=matrix(layer.value[0, head]),
        raw_scores=raw_scores,
        scaled_scores=scaled_scores,
        masked_scores=masked,
        allowed=tuple(math.isfinite(score) for score in masked),
        exponentials=exponentials,
        exponential_sum=sum(exponentials),
        weights=weights,
        head_output=row(layer.head_outputs[0, head, query]),
        output=row(layer.output[0, query]),
        key_position=key,
        key_token=key_tokens[key],
        key_word=key_tokens[key],
        weight=weights[key],
        second_key_word=key_tokens[others[0]] if others else "",
        second_weight=weights[others[0]] if others else 0.0,
        key_raw_score=raw_scores[key],
        key_scaled_score=scaled_scores[key],
        products=row(layer.query[0, head, query] * layer.key[0, head, key]),
        where=where(options.part, options.layer, options.head),
    )
