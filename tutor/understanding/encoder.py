"""A pretrained Transformer encoder, fine-tuned on questions and run by numpy: pieces of words in, readings out.

It knows what words mean before it ever saw a question of ours: "squash the scores until they are percentages" lies
near softmax although no wording says so. `python -m training.reader` writes the file; its origin and licence are in
`lessons/understanding/NOTICE.md`. The file is a safetensors file: matrices as int8 with one scale a row, and, in its
metadata, the vocabulary and the labels of each head as JSON.

T tokens, D width, H heads
"""

from __future__ import annotations

import json
import math
import os
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tutor.errors import BrokenFileError
from tutor.understanding.hashes import unchanged
from tutor.understanding.pieces import WordPieces
from tutor.understanding.spelling import speller

# Set before anything loads numpy: on matrices this small, a second thread mostly waits for the first.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[tuple[int, ...], np.dtype[np.float32]]

FILE = "encoder.safetensors"
HEADS = 12
WHOLE_TURN = ("act", "wish", "run")
"""Heads that read the turn as a whole."""
EACH_WORD = "slot"
"""The head that reads each word."""


@dataclass(frozen=True, eq=False)
class Read:
    """What the encoder makes of one turn."""

    vector: Array
    """(D,) of length 1: texts that ask the same lie near each other."""
    labels: Mapping[str, Mapping[str, float]]
    """Head -> label -> probability."""
    words: tuple[tuple[int, int, str], ...]
    """(start, end, slot) of each word of the turn, in characters; the slot is '-' for none."""


class Encoder:
    """Reads turns, each beside what was told before it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._wordings: Sequence[str] = ()
        self._lock = threading.Lock()

    def correct(self, wordings: Sequence[str]) -> None:
        """From the next turn on, read mistyped words as those of `wordings` that they are likest to."""
        self._wordings = wordings

    def warm_up(self) -> None:
        """Load the file now rather than at the first question. Raises `BrokenFileError`."""
        with self._lock:
            _ = self._parts

    def read(self, turns: Sequence[tuple[str, str]]) -> list[Read]:
        """Several (told, text), side by side in one pass; each attends only to itself.

        Most of the time goes into fetching the matrices, so two turns take little longer than one.
        """
        import numpy as np

        self.warm_up()
        pieces, labels, held = self._parts
        joined = [pieces.joined(told, text) for told, text in turns]
        x, spans = self._last_layer([(numbers, before) for numbers, before, _ in joined])
        found = []
        for (start, stop), (_, _, words) in zip(spans, joined, strict=True):
            own = x[start:stop]
            mean = own.mean(0)  # (D,)
            whole = {head: _shares(mean, head, labels, held) for head in WHOLE_TURN}
            rows = own[[place for _, _, place in words]] if words else own[:0]
            best = np.argmax(rows @ held["slot.weight"] + held["slot.bias"], -1)
            slots = tuple((a, b, labels[EACH_WORD][n]) for (a, b, _), n in zip(words, best.tolist(), strict=True))
            found.append(Read(unit(mean), whole, slots))
        return found

    def vectors(self, texts: Sequence[str]) -> Array:
        """The vectors (N, D) of texts that stand alone."""
        import numpy as np

        found = []
        for at in range(0, len(texts), 16):
            found += [read.vector for read in self.read([("", text) for text in texts[at : at + 16]])]
        return np.stack(found)

    @cached_property
    def _parts(self) -> tuple[WordPieces, Mapping[str, Sequence[str]], Mapping[str, Array]]:
        with unchanged(self._path):
            return self._unpacked()

    def _unpacked(self) -> tuple[WordPieces, Mapping[str, Sequence[str]], Mapping[str, Array]]:
        from safetensors import SafetensorError, safe_open

        try:
            with safe_open(self._path, framework="numpy") as file:
                held = {name: file.get_tensor(name) for name in file.keys()}
                about = file.metadata()
            vocabulary, labels = json.loads(about["vocabulary"]), json.loads(about["labels"])
            check_finite(held)
        except (OSError, SafetensorError, KeyError, TypeError, ValueError, RecursionError) as error:
            raise BrokenFileError(self._path, error) from error
        scales = {name.removesuffix(".scale"): held.pop(name) for name in list(held) if name.endswith(".scale")}
        for name, scale in scales.items():
            if name != "pieces":
                # Rows of inputs: BLAS copies the other order first, which takes as long as the sums.
                held[name] = (held[name].T * scale).astype("float32", order="C")
        held["pieces.scale"] = scales["pieces"]
        pieces = WordPieces(vocabulary)
        if self._wordings:
            pieces.meant = speller(self._wordings, frozenset(vocabulary))
        return pieces, labels, held

    def _last_layer(self, turns: Sequence[tuple[list[int], int]]) -> tuple[Array, list[tuple[int, int]]]:
        """The vectors (T, D) after the last layer of all turns in one sequence, and where each turn stands in it."""
        import numpy as np

        held = self._parts[2]
        spans = list(pairwise(accumulate((len(numbers) for numbers, _ in turns), initial=0)))
        all_numbers = [number for numbers, _ in turns for number in numbers]
        places = np.concatenate([np.arange(len(numbers)) for numbers, _ in turns])  # (T,)
        kinds = np.concatenate([(np.arange(len(numbers)) < before).astype(np.int64) for numbers, before in turns])
        x = held["pieces"][all_numbers] * held["pieces.scale"][all_numbers, None]  # (T, D)
        x = _normal(x + held["positions"][places] + held["kinds"][kinds], held, "norm")
        for layer in range(sum(name.endswith("qkv.weight") for name in held)):
            x = _normal(x + _attend(x, spans, held, f"{layer}."), held, f"{layer}.norm1")
            wide = _affine(x, held, f"{layer}.wide")
            # The usual approximation of GELU: numpy has no error function.
            wide = 0.5 * wide * (1 + np.tanh(math.sqrt(2 / math.pi) * wide * (1 + 0.044715 * wide * wide)))
            x = _normal(x + _affine(wide, held, f"{layer}.narrow"), held, f"{layer}.norm2")
        return x, spans


def check_finite(held: Mapping[str, Any]) -> None:
    """Raise `ValueError` where a number of these arrays is infinite or none."""
    import numpy as np

    for name, values in held.items():
        if values.dtype.kind == "f" and not np.isfinite(values).all():
            raise ValueError(f"{name} holds something that is no number")


def unit(vector: Array) -> Array:
    """The vector at length 1."""
    found: Array = vector / float((vector * vector).sum() + 1e-12) ** 0.5
    return found


def _shares(mean: Array, head: str, labels: Mapping[str, Sequence[str]], held: Mapping[str, Array]) -> dict[str, float]:
    import numpy as np

    logits = mean @ held[f"{head}.weight"] + held[f"{head}.bias"]
    shares = np.exp(logits - logits.max())
    return dict(zip(labels[head], (shares / shares.sum()).tolist(), strict=True))


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
