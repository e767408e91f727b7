"""`embeddings`: the vector of each token, its neighbours, and what nearness buys."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tutor.experiments.base import Matrix, cosine, experiment, matrix, option, row
from tutor.experiments.places import position_of

if TYPE_CHECKING:
    from tutor.experiments.models import Models, Reading


@dataclass(frozen=True)
class EmbeddingsOptions:
    word: str = option("", "the word to look at; by default one with telling neighbours")
    neighbours: int = option(6, "how many neighbours to list")


@dataclass(frozen=True)
class Neighbour:
    """Another token of the vocabulary and how near its vector points."""

    token: str
    cosine: float


@dataclass(frozen=True)
class Embeddings:
    """The embedding of one token of the sentence.

    `change_with_*`: total variation distance between the model's next-token distributions before and
    after the swap, averaged over the output positions: 0 nothing changed, 1 everything.
    """

    tokens: tuple[str, ...]
    position: int
    token: str
    id: int
    d_model: int
    vocabulary_size: int
    vector: tuple[float, ...]
    """The token's row of the embedding table."""
    neighbours: tuple[Neighbour, ...]
    cosines: Matrix
    """Cosine of every token of the sentence with every other."""
    one_hot_cosine: float
    """Cosine of any two different ids as one-hot vectors: 0, whatever they mean."""
    neighbour: str
    stranger: str
    """A token of about the same frequency rank whose vector is far away."""
    stranger_cosine: float
    change_with_neighbour: float
    change_with_stranger: float


_FUNCTION_WORDS = 1000
"""Pieces with smaller ids are mostly single characters, word endings and function words."""
_NEAREST = 4


@experiment("embeddings", "a word's vector, its neighbours, and what nearness buys", EmbeddingsOptions, Embeddings)
def look_up(models: Models, sentence: str, options: EmbeddingsOptions) -> Embeddings:
    """Look one token up in the table, list its neighbours, and swap it for a neighbour and for a stranger."""
    reading = models.read(sentence)
    table = models.model.embedding.weight.detach()  # (V, C)
    position = position_of(options.word, reading.source_tokens) if options.word else _telling(models, reading)
    id_ = reading.source_ids[position]
    cosines = cosine(table, table[id_])  # (V,)
    words = [other for other in models.whole_words if other != id_]
    ranked = sorted(words, key=lambda other: float(cosines[other]), reverse=True)
    # Of tokens learned at about the same time (ids follow frequency), the one whose vector is least alike.
    stranger = min(sorted(words, key=lambda other: abs(other - id_))[:200], key=lambda other: float(cosines[other]))
    rows = table[list(reading.source_ids)]  # (S, C)
    return Embeddings(
        tokens=reading.source_tokens,
        position=position,
        token=reading.source_tokens[position],
        id=id_,
        d_model=table.size(1),
        vocabulary_size=table.size(0),
        vector=row(table[id_]),
        neighbours=tuple(
            Neighbour(models.show([other])[0], cosines[other].item()) for other in ranked[: options.neighbours]
        ),
        cosines=matrix(cosine(rows.unsqueeze(1), rows.unsqueeze(0))),
        one_hot_cosine=0.0,
        neighbour=models.show([ranked[0]])[0],
        stranger=models.show([stranger])[0],
        stranger_cosine=cosines[stranger].item(),
        change_with_neighbour=_change(models, reading, position, ranked[0]),
        change_with_stranger=_change(models, reading, position, stranger),
    )


def _telling(models: Models, reading: Reading) -> int:
    """The content word whose neighbours are nearest, on average; any whole word where there is none.

    Ids follow frequency, and the commonest pieces are function words: their neighbours are other forms of themselves.
    A piece that the next one continues is no word.
    """
    import torch

    ids, whole = reading.source_ids, models.whole_words
    starts = [token.starts_word or not token.text.isalpha() for token in models.tokenizer.tokens(ids)] + [True]
    places = [place for place, id_ in enumerate(ids) if id_ in set(whole) and starts[place + 1]]
    places = [place for place in places if ids[place] >= _FUNCTION_WORDS] or places
    table = models.model.embedding.weight.detach()
    words = table[torch.tensor(whole)]

    def nearness(place: int) -> float:
        """Mean cosine of the nearest neighbours, the word itself left out."""
        return float(cosine(words, table[ids[place]]).topk(1 + _NEAREST).values[1:].mean())

    return max(places or [0], key=nearness)


def _change(models: Models, reading: Reading, position: int, swapped: int) -> float:
    """Mean total variation distance between the next-token distributions before and after the swap."""
    ids = (*reading.source_ids[:position], swapped, *reading.source_ids[position + 1 :])
    there = models.read_pair(reading.sentence, ids, reading.target_ids).trace.probabilities
    return (there - reading.trace.probabilities).abs().sum(-1).mean().item() / 2
