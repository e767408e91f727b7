"""The training data: sentence pairs, their splits, and batches of like length.

The splits are by English sentence: every French line of a test sentence is a reference of it, and no
training pair shares its French with them.
"""

from __future__ import annotations

import gzip
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from model.errors import DataError
from model.tokenizer import normalise


@dataclass(frozen=True)
class Pair:
    """An English sentence and one French translation."""

    english: str
    french: str


@dataclass(frozen=True)
class Corpus:
    """Pairs to train on, and English sentences with all their references to judge by."""

    train: tuple[Pair, ...]
    validation: dict[str, tuple[str, ...]]
    test: dict[str, tuple[str, ...]]


def read_corpus(folder: Path) -> Corpus:
    """Read `eng-fra.tsv.gz`, `validation-english.txt` and `test-english.txt` from `folder`."""
    with gzip.open(folder / "eng-fra.tsv.gz", "rt", encoding="utf-8") as lines:
        rows = [line.rstrip("\n").split("\t") for line in lines]
    pairs = [Pair(normalise(english), normalise(french)) for english, french in rows]
    held_out = {name: _sentences(folder / f"{name}-english.txt") for name in ("validation", "test")}
    references: dict[str, list[str]] = {}
    for pair in pairs:
        references.setdefault(pair.english, []).append(pair.french)
    kept_back = held_out["validation"] | held_out["test"]
    forbidden = {french for english in kept_back for french in references.get(english, ())}
    train = dict.fromkeys(p for p in pairs if p.english not in kept_back and p.french not in forbidden)
    splits = {
        name: {english: tuple(references[english]) for english in sorted(sentences) if english in references}
        for name, sentences in held_out.items()
    }
    return Corpus(tuple(train), splits["validation"], splits["test"])


def read_english(corpus: Corpus, folder: Path) -> tuple[str, ...]:
    """English to learn to predict: the training pairs' English sides, then `english.txt.gz` of `folder`.

    Raises `DataError` should one of them be a validation or test sentence.
    """
    with gzip.open(folder / "english.txt.gz", "rt", encoding="utf-8") as lines:
        more = [normalise(line) for line in lines]
    found = dict.fromkeys([pair.english for pair in corpus.train] + [line for line in more if line])
    if kept_back := (corpus.validation.keys() | corpus.test.keys()) & found.keys():
        raise DataError(f"{folder / 'english.txt.gz'}: holds {len(kept_back)} sentences that are kept back for testing")
    return tuple(found)


def paragraphs(sentences: Sequence[Sequence[int]], separator: int, longest: int) -> list[list[int]]:
    """Sentences (as token ids) that share their rarest token, joined by `separator` up to `longest` tokens.

    Single sentences rarely repeat a name, so a model of single sentences has no reason to look back for one.
    Each sentence goes into one paragraph.
    """
    how_often = Counter(token for sentence in sentences for token in set(sentence))
    order = sorted(range(len(sentences)), key=lambda at: min((how_often[t], t) for t in sentences[at]))
    found: list[list[int]] = []
    for at in order:
        if found and len(found[-1]) + 1 + len(sentences[at]) <= longest:
            found[-1] += [separator, *sentences[at]]
        else:
            found.append(list(sentences[at]))
    return found


def _sentences(path: Path) -> set[str]:
    return {normalise(line) for line in path.read_text("utf-8").splitlines()}


def batches(lengths: Sequence[int], budget: int, seed: int) -> Iterator[list[int]]:
    """Indices in batches of like length, about `budget` tokens each, in an order fixed by `seed`."""
    order = list(range(len(lengths)))
    chance = random.Random(seed)
    chance.shuffle(order)
    order.sort(key=lambda index: lengths[index])  # stable: the shuffle decides among equals
    found: list[list[int]] = [[]]
    for index in order:
        if found[-1] and (len(found[-1]) + 1) * lengths[index] > budget:
            found.append([])
        found[-1].append(index)
    chance.shuffle(found)
    yield from found
