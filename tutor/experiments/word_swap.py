"""`word-swap`: one word of the sentence exchanged for others, and how far the translator's prediction moves.

Which words are near is read off the English model's table, where words used alike lie together; the translator never
saw that table. What is measured is the translator's.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import fmean
from typing import TYPE_CHECKING

from tutor.errors import LearnerError
from tutor.experiments.base import Matrix, cosine, experiment, matrix, option
from tutor.experiments.embeddings import EmbeddingsOptions, look_up
from tutor.experiments.pieces import named
from tutor.experiments.places import position_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor

    from tutor.experiments.embeddings import Embeddings
    from tutor.experiments.models import Models, Reading

NEAR = 3
"""Neighbours that are tried; with a word of the learner's own only the nearest."""
_SOUGHT = 8
"""Neighbours among which there are so many that differ in more than their capitals."""
MOVED = 0.1
"""A place has moved where its two distributions lie further apart than this, in bits."""


@dataclass(frozen=True)
class WordSwapOptions:
    word: str = option("", "the word to exchange; by default one with telling neighbours")
    new: str = option("", "what to put in its place; by default its nearest neighbours and an unlike word")


@dataclass(frozen=True)
class Swap:
    """The sentence with another word in it.

    Distances are Jensen-Shannon divergences in bits between what the translator expects with the old word and with
    the new one: 0 the same, 1 nothing in common. Both times it is given its own translation of the old sentence.
    """

    word: str
    kind: str
    """'near', 'far' or 'yours'."""
    cosine: float | None
    """With the old word's row of the English model's table; None where the new one has no row of its own."""
    sentence: str
    translation: str
    bits: tuple[float, ...]
    """At each place of the old translation, the end mark among them."""
    mean_bits: float
    most_place: int
    """Where it is largest: …"""
    most_token: str
    """… the piece that the old translation has there, …"""
    most_bits: float
    """… and how large it is."""
    elsewhere_bits: float
    """Mean over all the other places; 0 where there is none."""
    moved: int
    """Places further apart than `MOVED`."""
    same: bool
    """The translation is the old one."""


_NOTHING = Swap("", "", None, "", "", (), 0.0, 0, "", 0.0, 0.0, 0, False)
"""Where there is no swap of a kind."""


@dataclass(frozen=True, kw_only=True)
class WordSwap:
    """What becomes of the prediction when one word is exchanged.

    Means over the near words where there are several. Where there is no word of a kind, its fields are empty and 0.
    """

    position: int
    """Where the word stands among the English model's tokens of the sentence."""
    word: str
    row_word: str
    """What was looked up: the word, or its first piece where the table has no row for the whole."""
    whole: bool
    """The table has a row for the whole word."""
    translation: str
    target_tokens: tuple[str, ...]
    swaps: tuple[Swap, ...]
    """Yours, if there is one, then near ones, then the unlike one; yours alone where the word has no row."""
    near_word: str
    """The nearest."""
    near_translation: str
    near_same: bool
    """With the nearest the translation is the old one."""
    near_most_token: str
    near_most_bits: float
    near_most_share: float
    """How much of all that moves, the bits of all places together, is in that place. All this of the nearest alone."""
    near_bits: float
    near_elsewhere_bits: float
    far_word: str
    far_translation: str
    far_most_token: str
    far_most_bits: float
    far_bits: float
    far_elsewhere_bits: float
    yours_word: str
    """The learner's own; empty where there is none."""
    yours_translation: str
    yours_same: bool
    yours_most_token: str
    yours_most_bits: float
    yours_bits: float
    yours_elsewhere_bits: float
    unchanged: int
    """Swaps after which the translation is the same as before."""
    swap_count: int

    @property
    def shows(self) -> bool:
        """An unlike word disturbs the rest of the translation clearly more than near ones."""
        return self.far_elsewhere_bits > 1.5 * self.near_elsewhere_bits


@experiment("word-swap", "one word exchanged: how far the prediction moves, and where", WordSwapOptions, WordSwap)
def exchange_word(models: Models, sentence: str, options: WordSwapOptions) -> WordSwap:
    """Exchange one word for near ones and an unlike one, and compare what the translator expects at each place.

    Raises `LearnerError` for a word that is not there or is exchanged for itself.
    """
    reading = models.read(sentence)
    tokenizer, ids = models.next_word.tokenizer, models.text_ids(sentence)
    pieces = named(models, ids, tokenizer)
    asked = pieces[position_of(options.word, models.show(ids, tokenizer))] if options.word else ""
    found = look_up(models, sentence, EmbeddingsOptions(asked, _SOUGHT))
    start, stop = _whole_word(pieces, found.position)
    word, whole = tokenizer.decode(ids[start:stop]), stop - start == 1
    others = _others(models, found, word, whole, options)
    texts = [_put(models, ids, start, stop, other.word) for other in others]
    bits, translations = _compare(models, reading, texts)
    names = named(models, reading.target_ids)
    swaps = [
        _swap(other, text, translation, line, names, reading.translation)
        for other, text, translation, line in zip(others, texts, translations, bits, strict=True)
    ]
    yours, near, far = ([one for one in swaps if one.kind == kind] or [_NOTHING] for kind in ("yours", "near", "far"))
    nearest = near[0]
    return WordSwap(
        position=start,
        word=word,
        row_word=found.token,
        whole=whole,
        translation=reading.translation,
        target_tokens=names,
        swaps=tuple(swaps),
        near_word=nearest.word,
        near_translation=nearest.translation,
        near_same=nearest.same,
        near_most_token=nearest.most_token,
        near_most_bits=nearest.most_bits,
        near_most_share=nearest.most_bits / sum(nearest.bits) if sum(nearest.bits) else 0.0,
        near_bits=fmean(one.mean_bits for one in near),
        near_elsewhere_bits=fmean(one.elsewhere_bits for one in near),
        far_word=far[0].word,
        far_translation=far[0].translation,
        far_most_token=far[0].most_token,
        far_most_bits=far[0].most_bits,
        far_bits=far[0].mean_bits,
        far_elsewhere_bits=far[0].elsewhere_bits,
        yours_word=yours[0].word,
        yours_translation=yours[0].translation,
        yours_same=yours[0].same,
        yours_most_token=yours[0].most_token,
        yours_most_bits=yours[0].most_bits,
        yours_bits=yours[0].mean_bits,
        yours_elsewhere_bits=yours[0].elsewhere_bits,
        unchanged=sum(one.same for one in swaps),
        swap_count=len(swaps),
    )


@dataclass(frozen=True)
class _Other:
    """A word to put in the place of another."""

    word: str
    kind: str
    cosine: float | None


def _others(models: Models, found: Embeddings, word: str, whole: bool, options: WordSwapOptions) -> list[_Other]:
    """The learner's own word and the nearest one, or several near ones; then the unlike one."""
    new = options.new.strip()
    if options.new and new in ("", word):
        raise LearnerError(f"word-swap: name another word than “{word}” to put in its place")
    if new and not whole:
        return [_Other(new, "yours", None)]
    if options.word and not whole:
        raise LearnerError(
            f"word-swap: “{word}” has no row in the table, so nothing is near it; say with new what to put in its place"
        )
    yours = [_Other(new, "yours", _cosine(models, found.id, new))] if new else []
    far = _Other(_like(found.stranger, word), "far", found.stranger_cosine)
    return [*yours, *_near(found, word, 1 if new else NEAR), far]


def _near(found: Embeddings, word: str, most: int) -> list[_Other]:
    """The nearest words, each in one spelling: "Give" is no other word than "give"."""
    kept: dict[str, _Other] = {}
    for neighbour in found.neighbours:
        kept.setdefault(neighbour.token.casefold(), _Other(_like(neighbour.token, word), "near", neighbour.cosine))
    first = next(iter(kept.values()))
    kept.pop(word.casefold(), None)
    return (list(kept.values()) or [first])[:most]


def _like(other: str, word: str) -> str:
    """With a capital where the old word has one."""
    return other[:1].upper() + other[1:] if word[:1].isupper() else other


def _cosine(models: Models, id_: int, word: str) -> float | None:
    """Of two rows of the English model's table; None where the word has no row of its own."""
    ids = models.text_ids(word)
    table = models.predictor.embedding.weight.detach()
    return cosine(table[id_], table[ids[0]]).item() if len(ids) == 1 else None


def _whole_word(names: Sequence[str], position: int) -> tuple[int, int]:
    """Where the word begins and ends of which a piece stands at `position`."""
    start, stop = position, position + 1
    while start and names[start].startswith("…"):
        start -= 1
    while stop < len(names) and names[stop - 1].endswith("…"):
        stop += 1
    return start, stop


def _put(models: Models, ids: Sequence[int], start: int, stop: int, word: str) -> str:
    """The sentence with `word` in place of its tokens from `start` to `stop`."""
    tokenizer = models.next_word.tokenizer
    before, after = tokenizer.decode(ids[:start]), tokenizer.decode(ids[stop:])
    spaced = [at < len(ids) and tokenizer.token(ids[at]).starts_word for at in (start, stop)]
    return f"{before}{' ' * (spaced[0] and start > 0)}{word}{' ' * spaced[1]}{after}"


def _compare(models: Models, reading: Reading, texts: Sequence[str]) -> tuple[Matrix, list[str]]:
    """How far apart what is expected is at each place of the old translation, (texts, T) in bits; new translations.

    All texts are rows of one batch, the shorter ones padded.
    """
    import torch
    from torch.nn.utils.rnn import pad_sequence

    from model.generation import greedy
    from model.tokenizer import PAD

    sources = pad_sequence(
        [torch.tensor(models.source_ids(text)) for text in texts], batch_first=True, padding_value=PAD
    )
    with torch.no_grad():
        changed = models.model(sources, reading.target.expand(len(texts), -1)).probabilities.double()  # (texts, T, V)
    expected = reading.trace.probabilities.double()
    bits = (_entropy((expected + changed) / 2) - (_entropy(expected) + _entropy(changed)) / 2) / math.log(2)
    written = greedy(models.model, sources)
    # Rounding can take a distance of nothing below nothing.
    return matrix(bits.clamp(min=0.0)), [models.tokenizer.decode(output.ids) for output in written]


def _entropy(probabilities: Tensor) -> Tensor:
    """In nats, of each distribution along the last axis."""
    import torch

    entropy: Tensor = torch.special.entr(probabilities).sum(-1)
    return entropy


def _swap(
    other: _Other, sentence: str, translation: str, bits: tuple[float, ...], names: Sequence[str], old: str
) -> Swap:
    most = bits.index(max(bits))
    elsewhere = bits[:most] + bits[most + 1 :]
    return Swap(
        word=other.word,
        kind=other.kind,
        cosine=other.cosine,
        sentence=sentence,
        translation=translation,
        bits=bits,
        mean_bits=fmean(bits),
        most_place=most,
        most_token=names[most],
        most_bits=bits[most],
        elsewhere_bits=fmean(elsewhere) if elsewhere else 0.0,
        moved=sum(distance > MOVED for distance in bits),
        same=translation == old,
    )
