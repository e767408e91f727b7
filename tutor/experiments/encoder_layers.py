"""`encoder-layers`: one word's vector on its way through the encoder: how far each layer takes it, and towards what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tutor.experiments.base import cosine, experiment, option
from tutor.experiments.pieces import is_content, named
from tutor.experiments.places import position_of

if TYPE_CHECKING:
    from torch import Tensor

    from model.trace import StackTrace
    from tutor.experiments.models import Models


@dataclass(frozen=True)
class EncoderLayersOptions:
    word: str = option("", "the word to follow; by default the content word whose vector turns farthest")


@dataclass(frozen=True)
class Stage:
    """The vector of the word at one stage, compared with the other vectors at the same stage.

    Shares are of the straight way from the vector that enters the first layer to the one that leaves the last. What a
    layer adds counts as far as it points along that way, so that the shares of all layers add up to 1; one that leads
    back is below 0.
    """

    label: str
    """'start', '+ position', 'layer 1', …"""
    layer: int
    """0 at the start and with the position signal, where no layer has worked yet."""
    cosine_start: float
    """With the word's row of the embedding table."""
    cosine_before: float
    """With the stage before; 1 at the start."""
    share: float
    """Of the way, by this layer; 0 where there is no layer."""
    attention_share: float
    """What its attention has of that, …"""
    feed_forward_share: float
    """… and its feed-forward network: the two add up to it."""
    nearest_token: str
    """The other word of the sentence whose vector at this stage is most alike, …"""
    nearest_cosine: float
    """… and how much."""
    usual_cosine: float
    """With the other words, on average."""


@dataclass(frozen=True, kw_only=True)
class EncoderLayers:
    """One word's vector from the embedding table to the last layer of the encoder."""

    word: str
    position: int
    rows: tuple[Stage, ...]
    layers: int
    d_model: int
    cosine_position: float
    """Of the vector that enters the first layer with the word's embedding: the position signal alone turned it."""
    cosine_end: float
    """Of the vector after the last layer with the word's embedding."""
    most_layer: int
    """The layer that goes farthest along the way, …"""
    most_share: float
    """… and what share of it."""
    least_layer: int
    least_share: float
    attention_share: float
    """Of the way, by the attention of all layers together, …"""
    feed_forward_share: float
    """… and by all feed-forward networks: the two add up to 1."""
    nearest_word: str
    """Most alike after the last layer, …"""
    nearest_cosine: float
    """… how much, …"""
    nearest_cosine_start: float
    """… and how much the embeddings of the two are alike."""
    nearest_word_start: str
    """The word whose embedding is most alike."""
    same_nearest: bool
    """The same word is most alike in the table and after the last layer."""
    other_words: int
    """How many words or pieces were compared with; 0 where there are only marks, which are then taken instead."""


@experiment("encoder-layers", "how a word's vector changes from layer to layer", EncoderLayersOptions, EncoderLayers)
def follow_vector(models: Models, sentence: str, options: EncoderLayersOptions) -> EncoderLayers:
    """Compare one word's vector after each encoder layer with its embedding, with the stage before and with the others.

    Raises `LearnerError` for a word that the sentence does not have and for a sentence longer than the model reads.
    """
    reading = models.read(sentence)
    encoder = reading.trace.encoder
    assert encoder is not None
    stages = [encoder.embedding[0], encoder.input[0]]  # each (S, C)
    stages += [block.residual_feed_forward[0] for block in encoder.blocks]
    names = named(models, reading.source_ids)
    if options.word:
        position = position_of(options.word, reading.source_tokens)
    else:
        position = _farthest(names, reading.source_tokens, cosine(stages[-1], stages[0]).tolist())
    others = [at for at in range(len(names)) if at != position]
    # A full stop or an end mark is alike to much and says nothing; it counts only where there is nothing else.
    others = [at for at in others if reading.source_tokens[at].isalpha()] or others
    shares = _shares(encoder, position)
    rows = []
    for number, stage in enumerate(stages):
        alike = cosine(stage[others], stage[position])
        nearest = int(alike.argmax())
        layer = max(0, number - 1)
        attention, feed_forward = shares[layer - 1] if layer else (0.0, 0.0)
        rows.append(
            Stage(
                label=f"layer {layer}" if layer else ("start", "+ position")[number],
                layer=layer,
                cosine_start=_alike(stage, stages[0], position),
                cosine_before=_alike(stage, stages[max(0, number - 1)], position),
                share=attention + feed_forward,
                attention_share=attention,
                feed_forward_share=feed_forward,
                nearest_token=names[others[nearest]],
                nearest_cosine=alike[nearest].item(),
                usual_cosine=alike.mean().item(),
            )
        )
    start, end, passed = rows[0], rows[-1], rows[2:]
    most, least = max(passed, key=lambda row: row.share), min(passed, key=lambda row: row.share)
    nearest = others[int(cosine(stages[-1][others], stages[-1][position]).argmax())]
    nearest_start = others[int(cosine(stages[0][others], stages[0][position]).argmax())]
    return EncoderLayers(
        word=names[position],
        position=position,
        rows=tuple(rows),
        layers=len(passed),
        d_model=stages[0].size(1),
        cosine_position=rows[1].cosine_start,
        cosine_end=end.cosine_start,
        most_layer=most.layer,
        most_share=most.share,
        least_layer=least.layer,
        least_share=least.share,
        attention_share=sum(row.attention_share for row in passed),
        feed_forward_share=sum(row.feed_forward_share for row in passed),
        nearest_word=end.nearest_token,
        nearest_cosine=end.nearest_cosine,
        nearest_cosine_start=cosine(stages[0][nearest], stages[0][position]).item(),
        nearest_word_start=start.nearest_token,
        same_nearest=nearest == nearest_start,
        other_words=sum(reading.source_tokens[at].isalpha() for at in others),
    )


def _farthest(names: tuple[str, ...], tokens: tuple[str, ...], kept: list[float]) -> int:
    """Of the content words the one that has `kept` least of its embedding; of any words where there are none."""
    places = [at for at, name in enumerate(names) if is_content(name)]
    places = places or [at for at, token in enumerate(tokens) if token.isalpha()] or [0]
    return min(places, key=kept.__getitem__)


def _alike(first: Tensor, second: Tensor, position: int) -> float:
    return cosine(first[position], second[position]).item()


def _shares(encoder: StackTrace, position: int) -> list[tuple[float, float]]:
    """For each layer, how far its attention and its feed-forward network go along the whole way, as shares of it.

    The residual stream is a sum: the way from its beginning to its end is what all parts have added.
    """
    way = encoder.blocks[-1].residual_feed_forward[0, position] - encoder.input[0, position]  # (C,)
    length = way @ way
    return [
        (
            (block.attention.output[0, position] @ way / length).item(),
            (block.feed_forward.output[0, position] @ way / length).item(),
        )
        for block in encoder.blocks
    ]
