"""Trains what tells everyday sentences from talk of the subject.

`python -m benchmarks.train_everyday --data F --english F2` writes `everyday.safetensors`. Everyday are sentences of the
next-word model's training text, above all those with words that the lessons use in another sense (key, head, weight,
train). Talk of the subject are the lessons' own sentences, the beliefs and questions in them, and `said.txt`: what
learners say between questions.
"""

from __future__ import annotations

import argparse
import random
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
from safetensors.numpy import save_file
from torch.nn import functional

from model.data import read_corpus, read_english
from tutor.curriculum.loader import load_library
from tutor.curriculum.tree import Library
from tutor.understanding.encoder import FILE as ENCODER
from tutor.understanding.encoder import Encoder
from tutor.understanding.everyday import FILE
from tutor.understanding.lexicon import default_root, load_lexicon
from tutor.understanding.reader import Reader
from tutor.understanding.text import sentences

AMBIGUOUS = re.compile(
    r"\b(?:keys?|heads?|weigh\w*|attention|train\w*|models?|values?|layers?|masks?|quer\w+|languages?|networks?|scores?|"
    r"positions?|memor\w+|learn\w*|words?|sentences?|translat\w+|programs?|computers?|numbers?|tables?|mean\w*|lesson\w*|"
    r"pictures?|cod\w+|steps?|match\w*|shares?|mixed|loss|errors?|mistakes?|predict\w*|guess\w*|question\w*|answer\w*)\b"
)
TALK = re.compile(
    r"^(?:i (?:do not|don't|can't|cannot)? ?(?:think|thought|understand|get|see|know|agree|guess|suppose|believe|mean)|"
    r"that|this|it|these|those|so|well|maybe|thank|you're (?:right|wrong)|please|let me|let's|tell|show|explain|give)\b"
)
COMMON, TELLING = 4000, 4000
ROUNDS, DECAY = 400, 1e-4


def everyday(texts: Sequence[str], dice: random.Random) -> list[str]:
    """Statements of four words and more; half of them with a word that the lessons use in another sense."""
    told = [t for t in texts if t.endswith((".", "!")) and len(t.split()) > 3 and not TALK.match(t.casefold())]
    telling = [t for t in told if AMBIGUOUS.search(t.casefold())]
    return dice.sample(told, COMMON) + dice.sample(telling, min(TELLING, len(telling)))


def talk(library: Library) -> Iterator[str]:
    """What is said in lessons and of them."""
    yield from (Path(__file__).parent / "said.txt").read_text("utf-8").splitlines()
    for concept in library.concepts.values():
        for belief in concept.misconceptions:
            yield from (belief.belief, *belief.phrased, *sentences(belief.refute))
        for node in concept.nodes:
            yield from (node.ask, *node.phrased)
            for paragraph in (*node.say, *node.simpler):
                yield from (part for part in sentences(paragraph) if 3 < len(part.split()) < 20)


def fit(vectors: torch.Tensor, labels: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """(D,) weights and a bias: logistic regression with both classes of equal weight."""
    weight, bias = torch.zeros(vectors.size(1), requires_grad=True), torch.zeros(1, requires_grad=True)
    shares = torch.where(labels > 0, 0.5 / labels.mean(), 0.5 / (1 - labels.mean()))
    optimiser = torch.optim.LBFGS([weight, bias], max_iter=ROUNDS, line_search_fn="strong_wolfe")

    def closure() -> torch.Tensor:
        optimiser.zero_grad()
        loss = functional.binary_cross_entropy_with_logits(vectors @ weight + bias, labels, shares)
        loss = loss + DECAY * weight.square().sum()
        loss.backward()  # type: ignore[no-untyped-call]
        return loss

    optimiser.step(closure)  # type: ignore[no-untyped-call]
    return weight.detach(), bias.detach()


def main() -> None:
    """Train, say how well it does on a tenth that was kept back, and write the file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with eng-fra.tsv.gz and the splits")
    parser.add_argument("--english", type=Path, required=True, help="folder with english.txt.gz")
    options = parser.parse_args()
    dice, library, root = random.Random(5), load_library(), default_root()
    reader, encoder = Reader(library, load_lexicon()), Encoder(root / ENCODER)
    world = everyday(read_english(read_corpus(options.data), options.english), dice)
    texts = [(text, 1.0) for text in world] + [(text, 0.0) for text in dict.fromkeys(talk(library))]
    dice.shuffle(texts)
    prepared = [(reader.prepare(text).corrected, text, label) for text, label in texts]
    vectors = torch.from_numpy(np.stack([encoder.vector(corrected) for corrected, _, _ in prepared])).float()
    labels = torch.tensor([label for *_, label in prepared])
    kept_back = len(labels) // 10
    weight, bias = fit(vectors[kept_back:], labels[kept_back:])
    right = ((vectors[:kept_back] @ weight + bias > 0) == (labels[:kept_back] > 0)).float()
    for label, name in ((1, "everyday"), (0, "talk")):
        print(f"{name}: {right[labels[:kept_back] == label].mean():.1%} right of those kept back", file=sys.stderr)
    weight, bias = fit(vectors, labels)
    save_file({"weight": weight.numpy(), "bias": bias.numpy()}, root / FILE)


if __name__ == "__main__":
    main()
