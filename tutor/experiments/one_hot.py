"""`one-hot`: the words of the sentence as one-hot vectors beside their embeddings, and the product that joins the two.

The table is that of the English model, as in `embeddings`: there words used alike lie together.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import fmean
from typing import TYPE_CHECKING

from tutor.errors import LearnerError
from tutor.experiments.base import cosine, experiment, option, row
from tutor.experiments.embeddings import EmbeddingsOptions, look_up
from tutor.experiments.pieces import named
from tutor.experiments.places import position_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor

    from tutor.experiments.embeddings import Embeddings
    from tutor.experiments.models import Models

_SOUGHT = 6
"""Neighbours among which there is one that differs in more than its capitals."""


@dataclass(frozen=True)
class OneHotOptions:
    word: str = option("", "the word to look at; by default one with telling neighbours")
    other: str = option("", "the word to compare it with; by default its nearest neighbour in the table")


@dataclass(frozen=True)
class OneHotWord:
    """One token, by its cosines with the word that is looked at."""

    token: str
    id: int
    """The place of its single 1, from 0; its row of the table."""
    one_hot_cosine: float
    """1 for the same token, 0 for every other."""
    cosine: float
    """Of the embeddings."""


@dataclass(frozen=True, kw_only=True)
class OneHot:
    """A word as a one-hot vector and as a row of the embedding table."""

    tokens: tuple[OneHotWord, ...]
    """Those of the sentence, and last the other word where the sentence does not have it."""
    token_count: int
    """Of the sentence."""
    vocabulary_size: int
    """Numbers of a one-hot vector; all but one are 0."""
    d_model: int
    """Numbers of an embedding."""
    times_longer: float
    """How many times as long the one-hot vector is."""
    position: int
    """Where the word stands in `tokens`."""
    word: str
    id: int
    vector: tuple[float, ...]
    """Its row of the table."""
    other: str
    other_id: int
    one_hot_cosine: float
    """Of the word and the other, …"""
    cosine: float
    """… and of their embeddings."""
    largest_one_hot_cosine: float
    """Of any two different tokens here: 0; also where there are no two."""
    mean_cosine: float
    """Of the embeddings of any two different tokens here; 0 where there are no two."""
    largest_difference: float
    """Between one-hot times table and the row, over all tokens here and all numbers."""
    exact: bool
    """The two are the same to the last bit."""
    products: int
    """Multiplications in one-hot times table for one word; looking the row up takes none."""


@experiment("one-hot", "words as one-hot vectors beside their embeddings", OneHotOptions, OneHot)
def compare_one_hot(models: Models, sentence: str, options: OneHotOptions) -> OneHot:
    """Write each token as a one-hot vector, multiply it by the table, and compare the cosines of both kinds.

    Raises `LearnerError` for a word that is not there, and for another that the table has no row for or is the same.
    """
    from torch.nn.functional import one_hot

    tokenizer = models.next_word.tokenizer
    found = look_up(models, sentence, EmbeddingsOptions(options.word, _SOUGHT))
    ids = models.text_ids(sentence)
    other_id = _other(models, found, options.other, ids)
    shown = [*ids, other_id] if other_id not in ids else ids
    table = models.predictor.embedding.weight.detach()  # (V, C)
    vectors = one_hot(_tensor(shown), table.size(0)).to(table)  # (n, V)
    rows = table[shown]  # (n, C)
    apart = (vectors @ table - rows).abs().max().item()
    at, beside = found.position, shown.index(other_id)
    sparse, dense = cosine(vectors, vectors[at]), cosine(rows, rows[at])  # (n,)
    pairs = [(a, b) for a in range(len(shown)) for b in range(a) if shown[a] != shown[b]]
    all_sparse, all_dense = _all_cosines(vectors), _all_cosines(rows)  # (n, n)
    names = [*named(models, ids, tokenizer), *models.show(shown[len(ids) :], tokenizer)]
    return OneHot(
        tokens=tuple(map(OneHotWord, names, shown, sparse.tolist(), dense.tolist())),
        token_count=len(ids),
        vocabulary_size=table.size(0),
        d_model=table.size(1),
        times_longer=table.size(0) / table.size(1),
        position=at,
        word=names[at],
        id=shown[at],
        vector=row(rows[at]),
        other=names[beside],
        other_id=other_id,
        one_hot_cosine=sparse[beside].item(),
        cosine=dense[beside].item(),
        largest_one_hot_cosine=max((all_sparse[pair].item() for pair in pairs), default=0.0),
        mean_cosine=fmean(all_dense[pair].item() for pair in pairs) if pairs else 0.0,
        largest_difference=apart,
        exact=apart == 0,
        products=table.numel(),
    )


def _tensor(ids: Sequence[int]) -> Tensor:
    import torch

    return torch.tensor(list(ids))


def _all_cosines(vectors: Tensor) -> Tensor:
    """Of each with each: (n, C) -> (n, n)."""
    units = vectors / vectors.norm(dim=-1, keepdim=True)
    alike: Tensor = units @ units.T
    return alike


def _other(models: Models, found: Embeddings, word: str, ids: Sequence[int]) -> int:
    """The id of the other word. Raises `LearnerError` where it has no row of its own, or is the word itself."""
    tokenizer = models.next_word.tokenizer
    if not word.strip():
        unlike = [one.token for one in found.neighbours if one.token.casefold() != found.token.casefold()]
        return models.text_ids((unlike or [found.neighbour])[0])[0]
    own = models.show(ids, tokenizer)
    spelt = models.text_ids(word)
    if len(spelt) != 1:
        try:
            return _different(found, ids[position_of(word, own)], word)
        except LearnerError:
            pieces = " · ".join(models.show(spelt, tokenizer))
            raise LearnerError(f"'{word}' is no single token but {pieces}; name a word that is one") from None
    return _different(found, spelt[0], word)


def _different(found: Embeddings, id_: int, word: str) -> int:
    if id_ == found.id:
        raise LearnerError(f"'{word}' is the word itself; name a different one to compare it with")
    return id_
