"""`embeddings`: the vector of each token, its neighbours, and what nearness buys."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tutor.experiments.base import Matrix, cosine, experiment, matrix, option, row
from tutor.experiments.pieces import is_content, named
from tutor.experiments.places import position_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor

    from model.tokenizer import SubwordTokenizer
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


_NEAREST = 4
_PEERS = 200
"""Words of about the same frequency rank, among which the far one is sought."""
_GOES_ON = 0.2
"""After a whole word the models expect less than this of pieces that would make it longer."""


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
    wanted = max(1, options.neighbours)
    near = _whole(models, reading, ranked[: 4 * wanted])[:wanted] or ranked[:wanted]
    # Of tokens learned at about the same time (ids follow frequency), the one whose vector is least alike.
    alike = sorted(words, key=lambda other: abs(other - id_))[:_PEERS]
    far = [
        other for other in sorted(alike, key=lambda other: float(cosines[other])) if is_content(_name(models, other))
    ]
    stranger = (_whole_english(models, far[: _PEERS // 4]) or far)[0]
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
            Neighbour(_name(models, other), cosines[other].item()) for other in near[: options.neighbours]
        ),
        cosines=matrix(cosine(rows.unsqueeze(1), rows.unsqueeze(0))),
        one_hot_cosine=0.0,
        neighbour=_name(models, near[0]),
        stranger=_name(models, stranger),
        stranger_cosine=cosines[stranger].item(),
        change_with_neighbour=_change(models, reading, position, near[0]),
        change_with_stranger=_change(models, reading, position, stranger),
    )


def _telling(models: Models, reading: Reading) -> int:
    """The content word whose neighbours are nearest, on average; any whole word where there is none.

    The neighbours of a function word are mostly other forms of itself.
    """
    import torch

    ids, whole = reading.source_ids, models.whole_words
    names = named(models, ids)
    places = [place for place, name in enumerate(names) if is_content(name)]
    places = places or [place for place, name in enumerate(names) if name.isalpha()]
    table = models.model.embedding.weight.detach()
    words = table[torch.tensor(whole)]

    def nearness(place: int) -> float:
        """Mean cosine of the nearest neighbours, the word itself left out."""
        return float(cosine(words, table[ids[place]]).topk(1 + _NEAREST).values[1:].mean())

    return max(places or [0], key=nearness)


def _name(models: Models, id_: int) -> str:
    return models.show([id_])[0]


def _whole(models: Models, reading: Reading, ids: Sequence[int]) -> list[int]:
    """Those that are words and not just beginnings of words ('seu' of 'seul'), in French or in English.

    The vocabulary does not say; the models do. After a beginning they expect the rest of it.
    """
    import torch

    from model.tokenizer import START

    with torch.no_grad():
        trace = models.model(reading.source.expand(len(ids), -1), torch.tensor([[START, id_] for id_ in ids]))
    french = trace.probabilities[:, -1] @ _continuing(models.tokenizer)
    english = set(_whole_english(models, ids))
    return [id_ for id_, longer in zip(ids, french.tolist(), strict=True) if longer < _GOES_ON or id_ in english]


def _whole_english(models: Models, ids: Sequence[int]) -> list[int]:
    """The same as the English model sees it."""
    import torch

    from model.tokenizer import PAD, START

    texts = [[START, *models.text_ids(_name(models, id_))] for id_ in ids]
    longest = max(map(len, texts))
    read = torch.tensor([text + [PAD] * (longest - len(text)) for text in texts])
    with torch.no_grad():
        trace = models.predictor(None, read)
    after = torch.stack([line[len(text) - 1] for line, text in zip(trace.probabilities, texts, strict=True)])
    longer = after @ _continuing(models.next_word.tokenizer)
    return [id_ for id_, share in zip(ids, longer.tolist(), strict=True) if share < _GOES_ON]


def _continuing(tokenizer: SubwordTokenizer) -> Tensor:
    """(V,): 1 for each token that would make a word longer."""
    import torch

    tokens = tokenizer.tokens(range(tokenizer.size))
    return torch.tensor([float(not token.starts_word and token.text.isalpha()) for token in tokens])


def _change(models: Models, reading: Reading, position: int, swapped: int) -> float:
    """Mean total variation distance between the next-token distributions before and after the swap."""
    ids = (*reading.source_ids[:position], swapped, *reading.source_ids[position + 1 :])
    there = models.read_pair(reading.sentence, ids, reading.target_ids).trace.probabilities
    return (there - reading.trace.probabilities).abs().sum(-1).mean().item() / 2
