"""`attention`: who looks at whom, in one head of one layer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tutor.experiments.base import Matrix, entropy_bits, experiment, matrix, option
from tutor.experiments.habits import habit, liveliest, sharpness, telling_row, where
from tutor.experiments.pieces import axis_names
from tutor.experiments.places import attention_at, axis_tokens, check_place, position_of

if TYPE_CHECKING:
    from tutor.experiments.models import Models


@dataclass(frozen=True)
class AttentionOptions:
    part: str = option("encoder", "encoder, decoder or cross")
    layer: int = option(0, "layer, counted from 1; 0 for the one with the sharpest head")
    head: int = option(0, "head, counted from 1; 0 for the one that looks most sharply at other tokens")
    word: str = option("", "a word whose row to point out; by default a content word that looks sharply at another")


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
    query_word: str
    """The same. All tokens here are named as inside a sentence: 'min…' for a piece of 'minister'."""
    key_position: int
    key_token: str
    """Where that row looks most."""
    key_word: str
    weight: float
    entropy_bits: float
    uniform_weight: float
    """What each key would get if all that may be looked at got the same."""
    second_key_token: str
    second_key_word: str
    second_weight: float
    where: str = ""
    """The place in words: 'encoder layer 3, head 3'."""
    heads_compared: int = 1
    """1 where the learner named the head; else of how many this is the sharpest."""
    sharpness: float = 0.0
    """The largest weight that a row gives to a token other than itself, averaged over the rows."""
    pattern: str = ""
    """The head's habit: 'previous', 'next', 'self', 'first', 'end', 'spread' or 'mixed'."""
    pattern_share: float = 0.0


@experiment("attention", "who looks at whom, in one head: a heat map", AttentionOptions, Attention)
def look_at_attention(models: Models, sentence: str, options: AttentionOptions) -> Attention:
    """The attention weights of one head on `sentence` and, for decoder and cross, the model's translation of it.

    Where layer or head is left open, all that are possible are compared in the one forward pass, and the one that
    looks most sharply at other tokens is shown.
    """
    check_place(models, options.part, options.layer or 1, options.head or None)
    reading = models.read(sentence)
    query_tokens, key_tokens = axis_names(models, reading, options.part)
    named = position_of(options.word, axis_tokens(reading, options.part)[0]) if options.word else None
    layer, head, compared = liveliest(models, reading, options.part, options.layer, options.head, named)
    weights = matrix(attention_at(reading.trace, options.part, layer).weights[0, head - 1])
    entropies = tuple(entropy_bits(row) for row in weights)
    query = telling_row(weights, query_tokens, key_tokens) if named is None else named
    pattern, pattern_share = habit(weights, options.part)
    ranked = sorted(range(len(key_tokens)), key=lambda key: weights[query][key], reverse=True)
    seen = sum(weight > 0 for weight in weights[query])
    config = models.model.config
    return Attention(
        part=options.part,
        layer=layer,
        head=head,
        layers=config.encoder_layers if options.part == "encoder" else config.decoder_layers,
        heads=config.heads,
        query_tokens=query_tokens,
        key_tokens=key_tokens,
        weights=weights,
        entropies_bits=entropies,
        query_position=query,
        query_token=query_tokens[query],
        query_word=query_tokens[query],
        key_position=ranked[0],
        key_token=key_tokens[ranked[0]],
        key_word=key_tokens[ranked[0]],
        weight=weights[query][ranked[0]],
        entropy_bits=entropies[query],
        uniform_weight=1 / seen,
        second_key_token=key_tokens[ranked[1]] if len(ranked) > 1 else "",
        second_key_word=key_tokens[ranked[1]] if len(ranked) > 1 else "",
        second_weight=weights[query][ranked[1]] if len(ranked) > 1 else 0.0,
        where=where(options.part, layer, head),
        heads_compared=compared,
        sharpness=sharpness(weights, options.part),
        pattern=pattern,
        pattern_share=pattern_share,
    )
