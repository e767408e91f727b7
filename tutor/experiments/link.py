"""`link`: why one word looked at another: where, how much, and what changes when it may not."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import fmean
from typing import TYPE_CHECKING

from tutor.errors import LearnerError
from tutor.experiments.base import Matrix, experiment, option, row
from tutor.experiments.habits import telling_row, where
from tutor.experiments.pieces import axis_names, named
from tutor.experiments.places import IN_WORDS, attention_at, attention_path, axis_tokens, check_place, position_of

if TYPE_CHECKING:
    from torch import Tensor

    from tutor.experiments.models import Models, Reading


@dataclass(frozen=True)
class LinkOptions:
    query: str = option("", "the word that looks, of your sentence or of the translation; by default the most telling")
    key: str = option("", "the word looked at; by default where the query looks most")
    layer: int = option(0, "layer, counted from 1; by default the one where the link is strongest")
    head: int = option(0, "head, counted from 1; by default the one where the link is strongest")


@dataclass(frozen=True)
class Link:
    """One query and one key through every layer and head, and the model with that link forbidden."""

    part: str
    """'encoder': both words are yours; 'cross': a French word looked at yours; 'decoder': both are French."""
    query_token: str
    query_word: str
    """The same. All tokens here are named as inside a sentence: 'min…' for a piece of 'minister'."""
    query_position: int
    key_token: str
    key_word: str
    key_position: int
    weights: Matrix
    """Share of the query's attention on the key: a row a layer, a column a head."""
    layer: int
    head: int
    """Where the scores are taken, counted from 1: as asked for, else where the link is strongest."""
    weight: float
    mean_weight: float
    uniform_weight: float
    """What the key would get if the query looked at everything evenly."""
    raw_score: float
    scaled_score: float
    key_tokens: tuple[str, ...]
    row: tuple[float, ...]
    """Where else the query looks in that head."""
    is_top: bool
    """Whether the key gets more than any other there."""
    top_token: str
    top_weight: float
    weight_untrained: float
    """The same place in the same network before training."""
    affected_token: str
    """The word of the translation whose probability falls most when the link is forbidden in every head."""
    probability: float
    probability_without: float
    translation: str
    where: str
    """The place in words: 'cross-attention layer 3, head 1'."""
    place_named: bool = False
    """The learner named the layer and the head; else the link is strongest there."""
    whole: str = ""
    """The part in words: 'the encoder', 'cross-attention'."""
    head_count: int = 0
    """Heads of all its layers together."""
    top_count: int = 0
    """In how many of them the key gets more than any other."""
    most_weight: float = 0.0
    """The largest share of the key in any of them, …"""
    most_where: str = ""
    """… and where, in words."""


@experiment("link", "why one word looked at another, and what changes when it may not", LinkOptions, Link)
def examine_link(models: Models, sentence: str, options: LinkOptions) -> Link:
    """Find the link between two words in the layer and head where it is strongest, then forbid it everywhere."""
    from model.edits import forbid_link

    reading = models.read(sentence)
    part, query, key = places_of_link(models, reading, options.query, options.key)
    config = models.model.config
    layers = range(1, (config.encoder_layers if part == "encoder" else config.decoder_layers) + 1)
    weights = tuple(row(attention_at(reading.trace, part, layer).weights[0, :, query, key]) for layer in layers)
    check_place(models, part, options.layer or 1, options.head or None)
    layer, head = max(
        (
            (layer, head)
            for layer in ([options.layer] if options.layer else layers)
            for head in ([options.head] if options.head else range(1, config.heads + 1))
        ),
        key=lambda place: weights[place[0] - 1][place[1] - 1],
    )
    traced = attention_at(reading.trace, part, layer)
    shares = row(traced.weights[0, head - 1, query])
    top = max(range(len(shares)), key=shares.__getitem__)
    query_tokens, key_tokens = axis_names(models, reading, part)

    untrained = attention_at(models.run_untrained(reading), part, layer)
    seen = sum(share > 0 for share in shares)
    if seen < 2:
        raise LearnerError(f"'{query_tokens[query]}' can look at nothing else here; choose a later word")
    places = [(n, h) for n in layers for h in range(1, config.heads + 1)]
    strongest = max(places, key=lambda place: weights[place[0] - 1][place[1] - 1])
    forbidden = models.edited(reading, [forbid_link(attention_path(part, n), query, key) for n in layers])
    before, after = (
        _label_probabilities(reading, reading.trace.probabilities),
        _label_probabilities(reading, forbidden.probabilities),
    )
    affected = query if part == "cross" else max(range(len(before)), key=lambda place: before[place] - after[place])
    return Link(
        part=part,
        query_token=query_tokens[query],
        query_word=query_tokens[query],
        query_position=query,
        key_token=key_tokens[key],
        key_word=key_tokens[key],
        key_position=key,
        weights=weights,
        layer=layer,
        head=head,
        weight=weights[layer - 1][head - 1],
        mean_weight=fmean(weight for line in weights for weight in line),
        uniform_weight=1 / seen,
        raw_score=traced.raw_scores[0, head - 1, query, key].item(),
        scaled_score=traced.scaled_scores[0, head - 1, query, key].item(),
        key_tokens=key_tokens,
        row=shares,
        is_top=top == key,
        top_token=key_tokens[top],
        top_weight=shares[top],
        weight_untrained=untrained.weights[0, head - 1, query, key].item(),
        affected_token=named(models, reading.target_ids)[affected],
        probability=before[affected],
        probability_without=after[affected],
        translation=reading.translation,
        where=where(part, layer, head),
        place_named=bool(options.layer and options.head),
        whole=IN_WORDS[part],
        head_count=len(places),
        top_count=sum(
            int((attention_at(reading.trace, part, n).weights[0, :, query].argmax(-1) == key).sum()) for n in layers
        ),
        most_weight=weights[strongest[0] - 1][strongest[1] - 1],
        most_where=where(part, *strongest),
    )


def places_of_link(models: Models, reading: Reading, query: str, key: str) -> tuple[str, int, int]:
    """Which attention joins the two words, and where they stand. Words left open are chosen by where most weight is."""
    source, target = reading.source_tokens, reading.target_tokens
    if query and key and _stands_in(query, source) and not _stands_in(key, source) and _stands_in(key, target):
        query, key = key, query  # only the French word can look across
    in_source = _stands_in(query, source)
    if query and not in_source and not _stands_in(query, target):
        raise LearnerError(
            f"there is no '{query}' in your sentence or its translation; "
            f"the tokens are {' · '.join(source)} and {' · '.join(target)}"
        )
    if key and _stands_in(key, source):
        part = "encoder" if in_source else "cross"
    elif key and _stands_in(key, target) and not in_source:
        part = "decoder"
    elif key:
        position_of(key, source)  # raises, and lists what there is
        part = "encoder"
    else:
        part = "encoder" if in_source else "cross"
    query_tokens, key_tokens = axis_tokens(reading, part)
    strongest = _strongest(models, reading, part)  # (Tq, Tk)
    at_key = position_of(key, key_tokens) if key else None
    if query:
        at_query = position_of(query, query_tokens, "sentence" if part == "encoder" else "translation")
    else:
        columns = slice(None) if at_key is None else slice(at_key, at_key + 1)
        query_names, key_names = axis_names(models, reading, part)
        at_query = telling_row(strongest[:, columns].tolist(), query_names, key_names[columns])
        to_key = strongest[:, columns].amax(-1)  # (Tq,)
        if to_key[at_query] < 0.5 * to_key.max():  # a whole word would be nicer to read, but it is a piece that looks
            at_query = int(to_key.argmax())
    if at_key is None:
        others = [p for p in range(len(key_tokens)) if part == "cross" or p != at_query]
        at_key = max(others, key=lambda p: float(strongest[at_query, p]))
    return part, at_query, at_key


def _stands_in(word: str, tokens: tuple[str, ...]) -> bool:
    try:
        position_of(word, tokens)
    except LearnerError:
        return False
    return True


def _strongest(models: Models, reading: Reading, part: str) -> Tensor:
    """For each query and key, the largest weight in any layer and head, (Tq, Tk)."""
    import torch

    config = models.model.config
    layers = range(1, (config.encoder_layers if part == "encoder" else config.decoder_layers) + 1)
    return torch.stack([attention_at(reading.trace, part, layer).weights[0].amax(0) for layer in layers]).amax(0)


def _label_probabilities(reading: Reading, probabilities: Tensor) -> list[float]:
    """What each token of the translation gets at its own position."""
    found: list[float] = probabilities[0].gather(1, reading.labels[0].unsqueeze(1)).squeeze(1).tolist()
    return found
