"""`looked-at`: who looks at a word, and in which head."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import fmean
from typing import TYPE_CHECKING

from tutor.errors import LearnerError
from tutor.experiments.base import Matrix, experiment, matrix, option
from tutor.experiments.habits import where
from tutor.experiments.pieces import axis_names, is_content
from tutor.experiments.places import attention_at, axis_tokens, check_place, position_of

if TYPE_CHECKING:
    from tutor.experiments.models import Models


@dataclass(frozen=True)
class LookedAtOptions:
    word: str = option("", "the word that is looked at; by default the one that gets most")
    part: str = option("encoder", "encoder, decoder or cross")
    layer: int = option(0, "layer, counted from 1; 0 for all of them")


@dataclass(frozen=True)
class HeadOnWord:
    """What the other words of the sentence give the word in one head. Shares go from 0 to 1."""

    layer: int
    head: int
    share: float
    """Of the attention of each other word that may look at it, on average."""
    query_word: str
    """The word that gives it most there, …"""
    query_share: float
    """… and how much of its attention."""


@dataclass(frozen=True)
class WordOnWord:
    """Where one other word looks most at the word."""

    query_word: str
    layer: int
    head: int
    share: float


@dataclass(frozen=True, kw_only=True)
class LookedAt:
    """One column of every head's attention: a key, and all that look at it."""

    part: str
    layer: int
    """The one that was asked for; 0 for all."""
    key_word: str
    key_position: int
    heads: tuple[HeadOnWord, ...]
    """The one that looks most at the word first."""
    words: tuple[WordOnWord, ...]
    """Of each other word the head in which it looks most, the largest share first."""
    head_count: int
    even_share: float
    """What the word would get on average if everything were looked at evenly."""
    most_where: str
    """The head that looks most at the word, in words: 'encoder layer 3, head 2'."""
    most_share: float
    query_word: str
    """The single strongest look of all: the word that looks, …"""
    weight: float
    """… its share, …"""
    where: str
    """… and where."""


@experiment("looked-at", "who looks at a word, and in which head", LookedAtOptions, LookedAt)
def look_at_word(models: Models, sentence: str, options: LookedAtOptions) -> LookedAt:
    """The column of one word in every head. Raises `LearnerError` where nothing else may look at the word."""
    check_place(models, options.part, options.layer or 1)
    config = models.model.config
    count = config.encoder_layers if options.part == "encoder" else config.decoder_layers
    layers = [options.layer] if options.layer else range(1, count + 1)
    reading = models.read(sentence)
    queries, keys = axis_names(models, reading, options.part)
    weights = {
        (layer, head + 1): matrix(attention_at(reading.trace, options.part, layer).weights[0, head])
        for layer in layers
        for head in range(config.heads)
    }
    tokens = axis_tokens(reading, options.part)[1]
    key = position_of(options.word, tokens) if options.word else _most_looked_at(list(weights.values()), keys)
    lookers = [query for query in range(len(queries)) if _may_look(query, key, options.part)]
    if not lookers:
        raise LearnerError(f"nothing else may look at '{keys[key]}' here; choose an earlier word")
    heads = sorted(
        (_on_word(layer, head, rows, key, lookers, queries) for (layer, head), rows in weights.items()),
        key=lambda found: -found.share,
    )
    words = sorted((_of_word(query, key, queries[query], weights) for query in lookers), key=lambda found: -found.share)
    return LookedAt(
        part=options.part,
        layer=options.layer,
        key_word=keys[key],
        key_position=key,
        heads=tuple(heads),
        words=tuple(words),
        head_count=len(heads),
        even_share=fmean(1 / (query + 1 if options.part == "decoder" else len(keys)) for query in lookers),
        most_where=where(options.part, heads[0].layer, heads[0].head),
        most_share=heads[0].share,
        query_word=words[0].query_word,
        weight=words[0].share,
        where=where(options.part, words[0].layer, words[0].head),
    )


def _may_look(query: int, key: int, part: str) -> bool:
    """Whether a row is another word's and may see the key."""
    if part == "cross":
        return True
    return query > key if part == "decoder" else query != key


def _most_looked_at(weights: list[Matrix], keys: tuple[str, ...]) -> int:
    """The word with meaning that gets most over all heads and rows; of none with meaning, any token."""
    column = [sum(row[key] for rows in weights for row in rows) for key in range(len(keys))]
    telling = [key for key in range(len(keys) - 1) if is_content(keys[key])] or list(range(max(1, len(keys) - 1)))
    return max(telling, key=column.__getitem__)


def _on_word(layer: int, head: int, rows: Matrix, key: int, lookers: list[int], names: tuple[str, ...]) -> HeadOnWord:
    query = max(lookers, key=lambda row: rows[row][key])
    return HeadOnWord(layer, head, fmean(rows[row][key] for row in lookers), names[query], rows[query][key])


def _of_word(query: int, key: int, name: str, weights: dict[tuple[int, int], Matrix]) -> WordOnWord:
    layer, head = max(weights, key=lambda place: weights[place][query][key])
    return WordOnWord(name, layer, head, weights[layer, head][query][key])
