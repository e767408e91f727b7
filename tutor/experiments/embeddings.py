"""`embeddings`: the vector of each token, its neighbours, and what nearness buys."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tutor.experiments.base import Matrix, experiment, option

if TYPE_CHECKING:
    from tutor.experiments.models import Models


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
