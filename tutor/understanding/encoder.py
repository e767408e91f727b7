"""A pretrained Transformer encoder, fine-tuned on questions and run by numpy: pieces of words in, readings out.

It knows what words mean before it ever saw a question of ours: "squash the scores until they are percentages" lies
near softmax although no phrasing says so. `benchmarks/train_encoder.py` writes the file; its origin and licence are
in `lessons/understanding/NOTICE.md`. The file is a safetensors file: matrices as int8 with one scale a row, and, in
its metadata, the vocabulary and the labels of each head as JSON.

T tokens, D width, H heads
"""

from __future__ import annotations

import json
import math
import os
import re
import threading
from collections.abc import Mapping, Sequence
from functools import cached_property
from itertools import accumulate, pairwise
from pathlib import Path
from typing import TYPE_CHECKING

# Set before anything loads numpy: on matrices this small, a second thread mostly waits for the first.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[tuple[int, ...], np.dtype[np.float32]]

FILE = "encoder.safetensors"
HEADS = 12
LONGEST = 72
"""Pieces that are read; of a longer turn the last ones, where the question is."""
_MOST_KEPT = 256
_PIECE = re.compile(r"\w+|[^\w\s]")

Readings = Mapping[str, Mapping[str, float]]
"""Head -> label -> log-probability."""


class WordPieces:
    """Splits text into the longest pieces of a fixed vocabulary."""

    def __init__(self, vocabulary: Sequence[str]) -> None:
        """Needs `[CLS]`, `[SEP]` and `[UNK]`; a piece inside a word starts with `##`."""
        self._ids = {piece: number for number, piece in enumerate(vocabulary)}
        self._start, self._end, self._unknown = (self._ids[piece] for piece in ("[CLS]", "[SEP]", "[UNK]"))

    def split(self, text: str) -> list[int]:
        """Numbers of the pieces of `text`; a word of unknown letters is one unknown piece."""
        return [number for word in _PIECE.findall(text) for number in self._word(word)]

    def joined(self, told: str, text: str) -> tuple[list[int], int]:
        """What the encoder reads: what was told before, then the text; and how many pieces the former takes."""
        before = [self._start, *self.split(told), self._end] if told else [self._start]
        room = LONGEST - len(before) - 1
        return [*before, *self.split(text)[-room:], self._end], len(before) if told else 0

    def _word(self, word: str) -> list[int]:
        found: list[int] = []
        at = 0
        while at < len(word):
            for stop in range(min(len(word), at + 20), at, -1):
                number = self._ids.get(word[at:stop] if at == 0 else "##" + word[at:stop])
                if number is not None:
                    break
            else:
                return [self._unknown]
            found.append(number)
            at = stop
        return found


class Encoder:
    """Reads a turn, beside what the last answer was about, as log-probabilities for each head's labels."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._kept: dict[tuple[str, str], tuple[Array, Readings]] = {}
        self._lock = threading.Lock()

    def warm_up(self) -> None:
        """Load the file now rather than at the first question."""
        with self._lock:
            _ = self._parts

    def read(self, text: str, told: str = "") -> Readings:
        """The readings of corrected lower-case `text`; `told` names what was talked about, '' for nothing."""
        return self._both(text, told)[1]

    def vector(self, text: str) -> Array:
        """The mean (D,) of the last layer's vectors: texts that mean alike lie near each other."""
        return self._both(text, "")[0]

    def _both(self, text: str, told: str) -> tuple[Array, Readings]:
        if (told, text) not in self._kept:
            self.warm_up()
            if len(self._kept) >= _MOST_KEPT:
                self._kept.clear()
            # Most of the time goes into fetching the matrices: two turns at once take little longer than one.
            both = dict.fromkeys([(told, text), ("", text)])
            self._kept.update(zip(both, self._read(list(both)), strict=True))
        return self._kept[told, text]

    @cached_property
    def _parts(self) -> tuple[WordPieces, Mapping[str, Sequence[str]], Mapping[str, Array]]:
        from safetensors import safe_open

        with safe_open(self._path, framework="numpy") as file:
            held = {name: file.get_tensor(name) for name in file.keys()}
            about = file.metadata()
        scales = {name.removesuffix(".scale"): held.pop(name) for name in list(held) if name.endswith(".scale")}
        for name, scale in scales.items():
            if name != "pieces":
                # Rows of inputs: BLAS copies the other order first, which takes as long as the sums.
                held[name] = (held[name].T * scale).astype("float32", order="C")
        held["pieces.scale"] = scales["pieces"]
        return WordPieces(json.loads(about["vocabulary"])), json.loads(about["labels"]), held

    def _read(self, turns: Sequence[tuple[str, str]]) -> list[tuple[Array, Readings]]:
        """Several (told, text), side by side in one sequence of T tokens; each attends only to itself."""
        import numpy as np

        pieces, labels, held = self._parts
        joined = [pieces.joined(told, text) for told, text in turns]
        spans = list(pairwise(accumulate((len(numbers) for numbers, _ in joined), initial=0)))
        all_numbers = [number for numbers, _ in joined for number in numbers]
        places = np.concatenate([np.arange(len(numbers)) for numbers, _ in joined])  # (T,)
        kinds = np.concatenate([(np.arange(len(numbers)) < before).astype(np.int64) for numbers, before in joined])
        x = held["pieces"][all_numbers] * held["pieces.scale"][all_numbers, None]  # (T, D)
        x = _normal(x + held["positions"][places] + held["kinds"][kinds], held, "norm")
        for layer in range(sum(name.endswith("qkv.weight") for name in held)):
            x = _normal(x + _attend(x, spans, held, f"{layer}."), held, f"{layer}.norm1")
            wide = _affine(x, held, f"{layer}.wide")
            # The usual approximation of GELU: numpy has no error function.
            wide = 0.5 * wide * (1 + np.tanh(math.sqrt(2 / math.pi) * wide * (1 + 0.044715 * wide * wide)))
            x = _normal(x + _affine(wide, held, f"{layer}.narrow"), held, f"{layer}.norm2")
        means = [x[start:stop].mean(0) for start, stop in spans]  # (D,) each
        return [(mean, _readings(mean, labels, held)) for mean in means]


def _readings(mean: Array, labels: Mapping[str, Sequence[str]], held: Mapping[str, Array]) -> Readings:
    import numpy as np

    found = {}
    for head, names in labels.items():
        logits = mean @ held[f"{head}.weight"] + held[f"{head}.bias"]
        logs = logits - logits.max()
        logs -= np.log(np.exp(logs).sum())
        found[head] = dict(zip(names, logs.tolist(), strict=True))
    return found


def _affine(x: Array, held: Mapping[str, Array], name: str) -> Array:
    return x @ held[f"{name}.weight"] + held[f"{name}.bias"]


def _normal(x: Array, held: Mapping[str, Array], name: str) -> Array:
    x = x - x.mean(-1, keepdims=True)
    scale = (x * x).mean(-1, keepdims=True) + 1e-12
    found: Array = x / scale**0.5 * held[f"{name}.weight"] + held[f"{name}.bias"]
    return found


def _attend(x: Array, spans: Sequence[tuple[int, int]], held: Mapping[str, Array], layer: str) -> Array:
    import numpy as np

    tokens, width = x.shape
    qkv = _affine(x, held, layer + "qkv").reshape(tokens, 3, HEADS, width // HEADS)
    joined = []
    for start, stop in spans:
        query, key, value = qkv[start:stop].transpose(1, 2, 0, 3)  # (H, S, D/H) each
        scores = query @ key.transpose(0, 2, 1) / math.sqrt(width // HEADS)  # (H, S, S)
        weights = np.exp(scores - scores.max(-1, keepdims=True))
        weights /= weights.sum(-1, keepdims=True)
        joined.append((weights @ value).transpose(1, 0, 2).reshape(stop - start, width))  # (S, D)
    return _affine(np.concatenate(joined), held, layer + "out")
