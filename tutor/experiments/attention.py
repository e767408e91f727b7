"""`attention`: who looks at whom, in one head of one layer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tutor.experiments.base import Matrix, entropy_bits, experiment, matrix, option
from tutor.experiments.models import attention_at, axis_tokens, check_place, chosen_query

if TYPE_CHECKING:
    from tutor.experiments.models import Models


@dataclass(frozen=True)
class AttentionOptions:
    part: str = option("encoder", "encoder, decoder or cross")
    layer: int = option(1, "layer, counted from 1")
    head: int = option(1, "head, counted from 1")
    word: str = option("", "a word whose row to point out; by default the sharpest row")


@dataclass(frozen=True)
class Attention:
    """The weights of one head. `weights[q][k]`: share of query q's attention on key k; rows sum to 1."""

    part: str
    layer: int
    head: int
    layers: int
    heads: int
    query_tokens: tuple[str, ...]
    key_tokens: tuple[str, ...]
    weights: Matrix
    entropies_bits: tuple[float, ...]
    """Per row: 0 when all on one key."""
    query_position: int
    query_token: str
    """The row pointed out."""
    key_position: int
    key_token: str
    """Where that row looks most."""
    weight: float
    entropy_bits: float
    uniform_weight: float
    """What each key would get if all that may be looked at got the same."""
    second_key_token: str
    second_weight: float


@experiment("attention", "who looks at whom, in one head: a heat map", AttentionOptions, Attention)
def look_at_attention(models: Models, sentence: str, options: AttentionOptions) -> Attention:
    """The attention weights of one head on `sentence` and, for decoder and cross, the model's translation of it."""
    check_place(models, options.part, options.layer, options.head)
    reading = models.read(sentence)
    query_tokens, key_tokens = axis_tokens(reading, options.part)
    weights = matrix(attention_at(reading.trace, options.part, options.layer).weights[0, options.head - 1])
    entropies = tuple(entropy_bits(row) for row in weights)
    query = chosen_query(options.word, query_tokens, weights)
    ranked = sorted(range(len(key_tokens)), key=lambda key: weights[query][key], reverse=True)
    seen = sum(weight > 0 for weight in weights[query])
    config = models.model.config
    return Attention(
        part=options.part,
        layer=options.layer,
        head=options.head,
        layers=config.encoder_layers if options.part == "encoder" else config.decoder_layers,
        heads=config.heads,
        query_tokens=query_tokens,
        key_tokens=key_tokens,
        weights=weights,
        entropies_bits=entropies,
        query_position=query,
        query_token=query_tokens[query],
        key_position=ranked[0],
        key_token=key_tokens[ranked[0]],
        weight=weights[query][ranked[0]],
        entropy_bits=entropies[query],
        uniform_weight=1 / seen,
        second_key_token=key_tokens[ranked[1]] if len(ranked) > 1 else "",
        second_weight=weights[query][ranked[1]] if len(ranked) > 1 else 0.0,
    )
