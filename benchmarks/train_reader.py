"""Trains the readings from every known phrasing: `python -m benchmarks.train_reader` writes `readings.bin`.

And `vectors.safetensors`, every phrasing as the encoder reads it.
"""

from __future__ import annotations

import argparse
import itertools
import random
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tutor.curriculum.loader import load_library
from tutor.curriculum.tree import FACETS, Library
from tutor.understanding import alike, linear
from tutor.understanding.encoder import FILE as ENCODER
from tutor.understanding.encoder import Encoder
from tutor.understanding.lexicon import Lexicon, default_root, load_lexicon, read_yaml
from tutor.understanding.paraphrase import FOREIGN
from tutor.understanding.reader import Reader
from tutor.understanding.text import sentences

PHRASINGS = "phrasings.yaml"
_TYPED = 1.0
"""What a question as typed counts; a phrasing of the lessons counts `_WRITTEN`."""
_WRITTEN = 0.5
_MARRED, _RAMBLED = 0.3, 0.31
_RATE = 0.1
_KEYS = {a: b for row in ("qwertyuiop", "asdfghjkl", "zxcvbnm") for a, b in itertools.pairwise(row)}
POWER = 0.7


@dataclass(frozen=True)
class Example:
    """A text, the concepts and facets of which any is right, and how much it counts."""

    text: str
    concepts: tuple[str, ...]
    facets: tuple[str, ...]
    weight: float
    follows: bool = False


def typed(path: Path) -> Iterator[Example]:
    """The questions of a phrasings file."""
    for concepts, entries in read_yaml(path).items():
        follows = concepts == "after"
        for facets, block in entries.items():
            for line in block.splitlines():
                yield Example(
                    line.strip(),
                    () if follows else tuple(concepts.split("|")),
                    () if concepts == FOREIGN else tuple(facets.split("|")),
                    _TYPED,
                    follows,
                )


def written(lexicon: Lexicon, library: Library) -> Iterator[Example]:
    """The phrasings of the lexicon and of the lessons."""
    for ask in lexicon.asks:
        yield Example(ask.text, (ask.concept,), (ask.facet,), _WRITTEN)
    for text in lexicon.foreign_asks:
        yield Example(text, (FOREIGN,), (), _WRITTEN)
    for text in lexicon.neighbours:
        yield Example(f"what is {text}", (FOREIGN,), (), _WRITTEN / 2)
    for concept in library.concepts.values():
        for facet, texts in concept.asks.items():
            for text in texts:
                yield Example(text, (concept.id,), (facet,), _WRITTEN)
    for node in library.nodes.values():
        for text in (node.ask, *node.phrased):
            yield Example(text, tuple(c for c in (node.concept, node.other) if c), (node.facet,), _WRITTEN)


def marred(example: Example, dice: random.Random) -> Example:
    """The same question with a letter doubled, dropped, swapped or mistyped in two of its words."""
    words = example.text.split()
    for _ in range(2):
        at = dice.randrange(len(words))
        word = words[at]
        if len(word) > 4:
            i = dice.randrange(1, len(word) - 2)
            words[at] = dice.choice(
                (
                    word[:i] + word[i + 1 :],
                    word[:i] + word[i + 1] + word[i] + word[i + 2 :],
                    word[:i] + word[i] + word[i:],
                    word[:i] + _KEYS.get(word[i], word[i]) + word[i + 1 :],
                )
            )
    return Example(" ".join(words), example.concepts, example.facets, _MARRED, example.follows)


def rambled(examples: Sequence[Example], dice: random.Random) -> Iterator[Example]:
    """Questions with the lead-in of another: what is told before a question is often not what it is about."""
    split = [(e, sentences(e.text)) for e in examples if not e.follows]
    openings = [" ".join(parts[:-1]) for _, parts in split if len(parts) > 2]
    for e, parts in split:
        if len(parts) == 1 and openings and 5 < len(e.text.split()) < 25:
            text = f"{dice.choice(openings)} {e.text[0].upper()}{e.text[1:].rstrip('?')}?"
            yield Example(text, e.concepts, e.facets, _RAMBLED)


def fit(
    features: Sequence[Mapping[str, float]],
    targets: Sequence[Sequence[int]],
    weights: Sequence[float],
    labels: int,
    decay: float,
    rounds: int,
) -> tuple[list[str], Any, Any]:
    """A multinomial logistic regression; an example with several targets is right with any of them."""
    import torch

    count = Counter(name for found in features for name in found)
    names = sorted(name for name, n in count.items() if n > 1)
    index = {name: row for row, name in enumerate(names)}
    rows, columns, values = [], [], []
    for row, found in enumerate(features):
        known = [(index[name], value) for name, value in found.items() if name in index]
        length = sum(value * value for _, value in known) ** (POWER / 2) or 1.0
        for column, value in known:
            rows.append(row)
            columns.append(column)
            values.append(value / length)
    matrix = torch.sparse_coo_tensor(torch.tensor([rows, columns]), torch.tensor(values), (len(features), len(names)))
    right = torch.full((len(features), labels), 1e-9)
    for row, wanted in enumerate(targets):
        right[row, list(wanted)] = 1.0
    logs, share = right.log(), torch.tensor(weights) / sum(weights)
    weight = torch.zeros(len(names), labels, requires_grad=True)
    bias = torch.zeros(labels, requires_grad=True)
    optimiser = torch.optim.Adam([weight, bias], lr=_RATE)
    for done in range(rounds):
        optimiser.param_groups[0]["lr"] = _RATE * (1 - done / rounds) + 0.002
        optimiser.zero_grad()
        chances = torch.log_softmax(torch.sparse.mm(matrix, weight) + bias, 1)
        loss = -(share * torch.logsumexp(chances + logs, 1)).sum() + decay * weight.square().sum()
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
    return names, weight.detach(), bias.detach()


def train(
    examples: Sequence[Example], lexicon: Lexicon, library: Library, decay: float, facet_decay: float, rounds: int
) -> bytes:
    """The bytes of a readings file."""
    words = Counter(
        word
        for e in examples
        if e.weight in (_TYPED, _WRITTEN)
        for word in Reader.spell(lexicon, e.text)
        if e.weight == _WRITTEN or word in lexicon.known
    )
    asks = sorted({linear.mark(e.text) for e in examples if e.weight == _WRITTEN})
    blank = linear.Model({}, words, frozenset(asks))
    reader = Reader(library, lexicon, blank)
    concepts = sorted({concept for e in examples for concept in e.concepts})
    heads = []
    for name, labels, decayed in (("concepts", concepts, decay), ("facets", list(FACETS), facet_decay)):
        features, targets, weights = [], [], []
        for e in examples:
            wanted = e.concepts if name == "concepts" else e.facets
            if wanted:
                prepared = reader.prepare(e.text)
                if not prepared.words:
                    continue
                of = reader.concept_features if name == "concepts" else reader.facet_features
                features.append(of(prepared, e.follows))
                targets.append([labels.index(one) for one in wanted])
                weights.append(e.weight)
        names, weight, bias = fit(features, targets, weights, len(labels), decayed, rounds)
        keep = [row for row in range(len(names)) if float(weight[row].abs().max()) > 0.22]
        heads.append((name, labels, POWER, [names[r] for r in keep], bias.tolist(), weight[keep].tolist()))
    return linear.pack(heads, words, asks)


def examples_of(lexicon: Lexicon, library: Library, more: Sequence[Example]) -> list[Example]:
    """What is trained on: each text once, typed questions also with slips of the keyboard."""
    dice = random.Random(7)
    found = {e.text: e for e in written(lexicon, library)} | {e.text: e for e in more}
    return [*found.values(), *(marred(e, dice) for e in more), *rambled(more, dice)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--decay", type=float, default=4e-6)
    parser.add_argument("--facet-decay", type=float, default=4e-5)
    parser.add_argument("--rounds", type=int, default=100)
    options = parser.parse_args()
    root = default_root()
    lexicon, library = load_lexicon(), load_library()
    examples = examples_of(lexicon, library, list(typed(root / PHRASINGS)))
    data = train(examples, lexicon, library, options.decay, options.facet_decay, options.rounds)
    (root / linear.FILE).write_bytes(data)
    reader = Reader(library, lexicon)  # corrects spelling with what was just learned
    vectors = alike.pack(
        [phrasing.text for phrasing in library.phrasings()],
        Encoder(root / ENCODER),
        lambda text: reader.prepare(text).corrected,
    )
    (root / alike.FILE).write_bytes(vectors)
    print(f"{len(examples)} phrasings, {len(data)} and {len(vectors)} bytes", file=sys.stderr)


if __name__ == "__main__":
    main()
