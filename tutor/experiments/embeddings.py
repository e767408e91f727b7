"""`embeddings`: the vector of each token, its neighbours, and what nearness buys.

The table is that of the English model: learned from predicting the next word alone, it holds nothing but what words
have in common in use. The translator's table, which is for two languages and an output layer too, has little of that.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tutor.experiments.base import Matrix, cosine, experiment, matrix, option, row
from tutor.experiments.pieces import is_content, named
from tutor.experiments.places import position_of

if TYPE_CHECKING:
    from collections.abc import Sequence

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
    """The embedding of one token of the sentence, as the English model has it.

    `change_with_*`: total variation distance between the model's next-token distributions before and
    after the swap, averaged over the positions from there on: 0 nothing changed, 1 everything.
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

    @property
    def shows(self) -> bool:
        """The neighbour changes clearly less than the stranger."""
        return self.change_with_stranger > _CLEARLY * self.change_with_neighbour


_NEAREST = 4
_PEERS = 200
"""Words of about the same frequency rank, among which the far one is sought."""
_CLEARLY = 1.2
_GOES_ON = 0.2
"""After a whole word the model expects less than this of pieces that would make it longer."""


@experiment("embeddings", "a word's vector, its neighbours, and what nearness buys", EmbeddingsOptions, Embeddings)
def look_up(models: Models, sentence: str, options: EmbeddingsOptions) -> Embeddings:
    """Look one token up in the English model's table, list its neighbours, and swap it for one and for a stranger."""
    ids = models.text_ids(sentence)
    tokens = named(models, ids, models.next_word.tokenizer)
    table = models.predictor.embedding.weight.detach()  # (V, C)
    position = position_of(options.word, tokens) if options.word else _telling(models, ids, tokens)
    id_ = ids[position]
    cosines = cosine(table, table[id_])  # (V,)
    words = [other for other in models.whole_words if other != id_]
    ranked = sorted(words, key=lambda other: float(cosines[other]), reverse=True)
    wanted = max(1, options.neighbours)
    near = _whole(models, ranked[: 4 * wanted])[:wanted] or ranked[:wanted]
    # Of tokens learned at about the same time (ids follow frequency), the one whose vector is least alike.
    alike = sorted(words, key=lambda other: abs(other - id_))[:_PEERS]
    far = [
        other for other in sorted(alike, key=lambda other: float(cosines[other])) if is_content(_name(models, other))
    ]
    stranger = (_whole(models, far[: _PEERS // 4]) or far)[0]
    rows = table[ids]  # (T, C)
    change_with_neighbour, change_with_stranger = _changes(models, ids, position, (near[0], stranger))
    return Embeddings(
        tokens=tokens,
        position=position,
        token=tokens[position],
        id=id_,
        d_model=table.size(1),
        vocabulary_size=table.size(0),
        vector=row(table[id_]),
        neighbours=tuple(
            Neighbour(_name(models, other), cosines[other].item()) for other in near[: options.neighbours]
        ),
        cosines=matrix(cosine(rows.unsqueeze(1), rows.unsqueeze(0))),
        one_hot_cosine=0.0,
        neighbour=_name(models, near[0]),
        stranger=_name(models, stranger),
        stranger_cosine=cosines[stranger].item(),
        change_with_neighbour=change_with_neighbour,
        change_with_stranger=change_with_stranger,
    )


def _telling(models: Models, ids: Sequence[int], tokens: Sequence[str]) -> int:
    """The content word whose neighbours are nearest, on average; any whole word where there is none.

    The neighbours of a function word are mostly other forms of itself.
    """
    import torch

    places = [place for place, name in enumerate(tokens) if is_content(name)]
    places = places or [place for place, name in enumerate(tokens) if name.isalpha()]
    table = models.predictor.embedding.weight.detach()
    words = table[torch.tensor(models.whole_words)]

    def nearness(place: int) -> float:
        """Mean cosine of the nearest neighbours, the word itself left out."""
        return float(cosine(words, table[ids[place]]).topk(1 + _NEAREST).values[1:].mean())

    return max(places or [0], key=nearness)


def _name(models: Models, id_: int) -> str:
    return models.show([id_], models.next_word.tokenizer)[0]


def _whole(models: Models, ids: Sequence[int]) -> list[int]:
    """Those that are words and not just beginnings of words ('min' of 'minister').

    The vocabulary does not say; the model does. After a beginning it expects the rest of it.
    """
    import torch

    from model.tokenizer import START

    with torch.no_grad():
        trace = models.predictor(None, torch.tensor([[START, id_] for id_ in ids]))
    tokens = models.next_word.tokenizer.tokens(range(models.next_word.tokenizer.size))
    continuing = torch.tensor([float(not token.starts_word and token.text.isalpha()) for token in tokens])  # (V,)
    longer = trace.probabilities[:, -1] @ continuing
    return [id_ for id_, share in zip(ids, longer.tolist(), strict=True) if share < _GOES_ON]


def _changes(models: Models, ids: Sequence[int], position: int, others: Sequence[int]) -> list[float]:
    """For each other token in place of the one at `position`: what it changes.

    Mean total variation distance between the next-token distributions from there on, which alone can see it.
    """
    import torch

    from model.tokenizer import START

    rows = [[START, *ids]] + [[START, *ids[:position], other, *ids[position + 1 :]] for other in others]
    with torch.no_grad():
        expected = models.predictor(None, torch.tensor(rows)).probabilities[
            :, position + 1 :
        ]  # (rows, T - position, V)
    distances: list[float] = ((expected[1:] - expected[:1]).abs().sum(-1).mean(-1) / 2).tolist()
    return distances
