"""The training data: sentence pairs, their splits, and batches of like length.

The splits are by English sentence: every French line of a test sentence is a reference of it, and no
training pair shares its French with them.
"""

from __future__ import annotations

import gzip
import random
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from model.errors import DataError
from model.tokenizer import normalise

CYCLES = (2, 3, 4, 5, 6, 8, 10, 12, 16, 20)
"""Lengths of what is said again in `copies`."""


class Example(NamedTuple):
    """One sequence to learn: its ids, without start and end marks but for the source's end."""

    source: list[int]
    """With the end mark; empty for a language model."""
    target: list[int]
    learnt: Sequence[bool] = ()
    """For each token of the target and the end mark whether to learn to predict it; empty: all."""


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
    """Read `eng-fra.tsv.gz`, `validation-english.txt` and `test-english.txt` from `folder`. Raises `DataError`."""
    path = folder / "eng-fra.tsv.gz"
    pairs = []
    for number, line in enumerate(_lines(path), 1):
        row = line.split("\t")
        if len(row) != 2:
            raise DataError(f"{path}:{number}: {len(row)} columns, not 2; write English, a tab, French")
        pairs.append(Pair(normalise(row[0]), normalise(row[1])))
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
    if not train:
        raise DataError(f"{path}: holds no pair to train on; add some that are kept back for nothing")
    if not splits["validation"]:
        raise DataError(f"{folder / 'validation-english.txt'}: none of its sentences is in {path.name}; name some")
    return Corpus(tuple(train), splits["validation"], splits["test"])


def read_english(corpus: Corpus, folder: Path) -> tuple[str, ...]:
    """English to learn to predict: the training pairs' English sides, then `english.txt.gz` of `folder`.

    Raises `DataError` should one of them be a validation or test sentence.
    """
    more = [normalise(line) for line in _lines(folder / "english.txt.gz")]
    found = dict.fromkeys([pair.english for pair in corpus.train] + [line for line in more if line])
    if kept_back := (corpus.validation.keys() | corpus.test.keys()) & found.keys():
        raise DataError(f"{folder / 'english.txt.gz'}: holds {len(kept_back)} sentences that are kept back for testing")
    return tuple(found)


def copies(rows: Sequence[list[int]], tokens: int, longest: int, seed: int) -> list[Example]:
    """Targets of about `tokens` tokens in all, up to `longest` each, of which only what was said before is learnt.

    What comes next there is in no statistics of English; it can only be found by looking back to where the last token
    stood before, and taking what followed it. Three in four are random tokens said again and again; short ones, in
    which a look a few places back will do, lead up to long ones, in which it will not. The others are sentences of
    `rows` in which the same made-up name stands.
    """
    chance = random.Random(seed)
    vocabulary = sorted({token for row in rows for token in row})
    found: list[Example] = []
    while tokens > 0:
        if chance.random() < 0.75:
            cycle = [chance.choice(vocabulary) for _ in range(chance.choice(CYCLES))]
            target = (cycle * 4)[: min(longest, chance.randint(2 * len(cycle), 4 * len(cycle)))]
            known = [at > len(cycle) for at in range(len(target))]  # at the seam nothing foretells it
        else:
            name = [chance.choice(vocabulary) for _ in range(chance.randint(2, 4))]
            target, known = [], []
            while len(target) < longest:
                row = chance.choice(rows)
                before = chance.randint(0, len(row))
                known += [False] * (before + 1) + [bool(target)] * (len(name) - 1) + [False] * (len(row) - before)
                target += [*row[:before], *name, *row[before:]]
        found.append(Example([], target[:longest], [*known[:longest], False]))
        tokens -= len(found[-1].target)
    return found


def _lines(path: Path) -> list[str]:
    """The lines of a compressed file. Raises `DataError`."""
    try:
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            return [line.rstrip("\n") for line in lines]
    except gzip.BadGzipFile as error:
        raise DataError(f"{path}: is not compressed by gzip; compress it") from error
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
        raise _unreadable(path, error) from error


def _sentences(path: Path) -> set[str]:
    try:
        return {normalise(line) for line in path.read_text("utf-8").splitlines()}
    except (OSError, UnicodeDecodeError) as error:
        raise _unreadable(path, error) from error


def _unreadable(path: Path, error: Exception) -> DataError:
    why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return DataError(f"{path}: cannot be read ({why}); check the file")


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
