"""`scaling`: the same attention with and without the division by √d."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import fmean
from typing import TYPE_CHECKING

from tutor.experiments.base import entropy_bits, experiment, matrix, option, row
from tutor.experiments.habits import where
from tutor.experiments.pieces import axis_names
from tutor.experiments.places import PARTS, attention_at, attention_path, axis_tokens, check_place, position_of

if TYPE_CHECKING:
    from tutor.experiments.models import Models


@dataclass(frozen=True)
class ScalingOptions:
    part: str = option("encoder", "encoder, decoder or cross")
    layer: int = option(1, "layer, counted from 1")
    head: int = option(1, "head, counted from 1")
    word: str = option("", "the word to follow; by default the one that changes most")


@dataclass(frozen=True)
class Scaling:
    """What 1/√d does to one query's attention weights, and to the whole model."""

    part: str
    layer: int
    head: int
    query_word: str
    """The same as it is named inside a sentence: 'min…' for a piece of 'minister'."""
    query_token: str
    key_tokens: tuple[str, ...]
    d_head: int
    sqrt_d_head: float
    raw_scores: tuple[float, ...]
    scaled_scores: tuple[float, ...]
    scaled: tuple[float, ...]
    """Probability per key, sums to 1."""
    unscaled: tuple[float, ...]
    """The same without the division."""
    entropy_bits_scaled: float
    entropy_bits_unscaled: float
    largest_scaled: float
    largest_unscaled: float
    largest_key_word: str
    largest_key_token: str
    gradient_scaled: float
    """Largest derivative of this row's weights by one of its scores, w(1 - w): the signal that gets through."""
    gradient_unscaled: float
    mean_entropy_bits_scaled: float
    mean_entropy_bits_unscaled: float
    """Over all queries of this head."""
    loss_scaled: float
    loss_unscaled: float
    """Loss on the model's own translation with no division anywhere, in nats a token."""
    translation_scaled: str
    translation_unscaled: str
    where: str
    """The place in words: 'encoder layer 1, head 1'."""


@experiment("scaling", "the same attention with and without the division by √d", ScalingOptions, Scaling)
def compare_scaling(models: Models, sentence: str, options: ScalingOptions) -> Scaling:
    """Leave the division out, first in one row of one head, then in the whole model."""
    from model.edits import bypass

    check_place(models, options.part, options.layer, options.head)
    reading = models.read(sentence)
    layer, head = attention_at(reading.trace, options.part, options.layer), options.head - 1
    query_tokens, key_tokens = axis_tokens(reading, options.part)
    query_words, key_words = axis_names(models, reading, options.part)
    config = models.model.config
    scaled_rows = layer.weights[0, head]  # (Tq, Tk)
    # The mask's minus infinity stays minus infinity when multiplied.
    unscaled_rows = (layer.masked_scores[0, head] * math.sqrt(config.d_head)).softmax(-1)
    if options.word:
        query = position_of(options.word, query_tokens)
    else:
        changes = (scaled_rows - unscaled_rows).abs().sum(-1).tolist()
        words = [n for n, token in enumerate(query_tokens) if token.isalpha()] or range(len(query_tokens))
        query = max(words, key=changes.__getitem__)
    scaled, unscaled = row(scaled_rows[query]), row(unscaled_rows[query])

    everywhere = [
        bypass(f"{attention_path(part, number)}.scaled_scores")
        for part in PARTS
        for number in range(1, (config.encoder_layers if part == "encoder" else config.decoder_layers) + 1)
    ]
    loss, loss_unscaled = reading.trace.loss, models.edited(reading, everywhere).loss
    assert loss is not None and loss_unscaled is not None
    return Scaling(
        part=options.part,
        layer=options.layer,
        head=options.head,
        query_token=query_tokens[query],
        query_word=query_words[query],
        key_tokens=key_tokens,
        d_head=config.d_head,
        sqrt_d_head=math.sqrt(config.d_head),
        raw_scores=row(layer.raw_scores[0, head, query]),
        scaled_scores=row(layer.scaled_scores[0, head, query]),
        scaled=scaled,
        unscaled=unscaled,
        entropy_bits_scaled=entropy_bits(scaled),
        entropy_bits_unscaled=entropy_bits(unscaled),
        largest_scaled=max(scaled),
        largest_unscaled=max(unscaled),
        largest_key_token=key_tokens[unscaled.index(max(unscaled))],
        largest_key_word=key_words[unscaled.index(max(unscaled))],
        gradient_scaled=max(w * (1 - w) for w in scaled),
        gradient_unscaled=max(w * (1 - w) for w in unscaled),
        mean_entropy_bits_scaled=fmean(entropy_bits(line) for line in matrix(scaled_rows)),
        mean_entropy_bits_unscaled=fmean(entropy_bits(line) for line in matrix(unscaled_rows)),
        loss_scaled=loss.item(),
        loss_unscaled=loss_unscaled.item(),
        translation_scaled=reading.translation,
        translation_unscaled=models.translate_edited(reading, everywhere),
        where=where(options.part, options.layer, options.head),
    )
