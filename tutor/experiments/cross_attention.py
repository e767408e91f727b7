"""`cross-attention`: which source words each word of the translation looked at."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import fmean
from typing import TYPE_CHECKING

from tutor.experiments.base import Matrix, experiment, matrix, option
from tutor.experiments.habits import telling_row, where
from tutor.experiments.pieces import named
from tutor.experiments.places import attention_at, check_place

if TYPE_CHECKING:
    from torch import Tensor

    from tutor.experiments.models import Models


@dataclass(frozen=True)
class CrossAttentionOptions:
    layer: int = option(0, "decoder layer, counted from 1; 0 for the one that aligns most sharply")
    head: int = option(0, "head, counted from 1; 0 for the average of all")


@dataclass(frozen=True)
class Link:
    """One output token and the source token it looked at most."""

    target: str
    source: str
    weight: float


@dataclass(frozen=True)
class CrossAttention:
    """Rows: positions of the output, named by the token written there. Columns: source tokens."""

    layer: int
    head: int
    """0: the average over the heads."""
    layers: int
    heads: int
    source_tokens: tuple[str, ...]
    target_tokens: tuple[str, ...]
    translation: str
    weights: Matrix
    links: tuple[Link, ...]
    sharpest_target: str
    sharpest_source: str
    sharpest_target_word: str
    sharpest_source_word: str
    """The same. All tokens here are named as inside a sentence: 'min…' for a piece of 'minister'."""
    sharpest_weight: float
    query_shape: tuple[int, ...]
    """(output positions, d_head): queries come from the decoder."""
    key_shape: tuple[int, ...]
    """(source tokens, d_head): keys come from the encoder's output …"""
    value_shape: tuple[int, ...]
    """… and so do the values."""
    mean_largest_weight: float
    """Average over the rows of the largest weight, in the trained model."""
    mean_largest_weight_untrained: float
    """The same in a model of the same shape before any training: alignment is learned."""
    where: str
    """The place in words: 'cross-attention layer 2', with its head where only one was taken."""


@experiment(
    "cross-attention",
    "which source words each word of the translation looked at",
    CrossAttentionOptions,
    CrossAttention,
)
def align(models: Models, sentence: str, options: CrossAttentionOptions) -> CrossAttention:
    """The cross-attention of one decoder layer over the model's own translation."""
    reading = models.read(sentence)
    config = models.model.config
    by_layer = [attention_at(reading.trace, "cross", n).weights[0] for n in range(1, config.decoder_layers + 1)]
    layer = options.layer or 1 + max(range(len(by_layer)), key=lambda n: _sharpness(by_layer[n].mean(0)))
    check_place(models, "cross", layer, options.head or None)
    chosen = by_layer[layer - 1]
    weights = matrix(chosen[options.head - 1] if options.head else chosen.mean(0))

    untrained = models.run_untrained(reading)
    untrained_layer = attention_at(untrained, "cross", layer).weights[0]
    source, target = named(models, reading.source_ids), named(models, reading.target_ids)
    links = tuple(
        Link(token, source[line.index(max(line))], max(line)) for token, line in zip(target, weights, strict=True)
    )
    sharpest = links[telling_row(weights, target, source)]
    traced = attention_at(reading.trace, "cross", layer)
    return CrossAttention(
        layer=layer,
        head=options.head,
        layers=config.decoder_layers,
        heads=config.heads,
        source_tokens=source,
        target_tokens=target,
        translation=reading.translation,
        weights=weights,
        links=links,
        sharpest_target=sharpest.target,
        sharpest_source=sharpest.source,
        sharpest_target_word=sharpest.target,
        sharpest_source_word=sharpest.source,
        sharpest_weight=sharpest.weight,
        query_shape=tuple(traced.query.shape[2:]),
        key_shape=tuple(traced.key.shape[2:]),
        value_shape=tuple(traced.value.shape[2:]),
        mean_largest_weight=fmean(max(line) for line in weights),
        mean_largest_weight_untrained=_sharpness(
            untrained_layer[options.head - 1] if options.head else untrained_layer.mean(0)
        ),
        where=where("cross", layer, options.head),
    )


def _sharpness(weights: Tensor) -> float:
    """Average over the rows of the largest weight."""
    return weights.amax(-1).mean().item()
