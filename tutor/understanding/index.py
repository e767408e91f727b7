"""Finding the node whose question a turn asks: the turn's vector against those of all wordings.

A node has a vector for each of its wordings and, once the encoder was trained on it, one for the question as such,
learned from many more wordings. A node added since then is found by its wordings alone. The vectors are computed
beforehand (`python -m training.reader index`); those of wordings that the file lacks are computed when first needed.

N wordings, M nodes, D width
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tutor.errors import BrokenFileError
from tutor.understanding.encoder import Encoder, check_finite, unit
from tutor.understanding.hashes import unchanged

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[tuple[int, ...], np.dtype[np.float32]]
    Numbers = np.ndarray[tuple[int, ...], np.dtype[Any]]

FILE = "index.safetensors"
NEAREST, MEAN, LEARNED = 0.2, 0.05, 0.75
"""What the likest wording, the three likest together, and the question as such count. Chosen on kept-back writers."""
EXACT, OWN_WORDS = 0.995, 0.3
"""Cosine from which a turn is one of the node's own wordings, and what that counts besides."""


class Index:
    """The wordings of all nodes as vectors of length 1, and the questions that the encoder learned."""

    def __init__(self, wordings: Mapping[str, Sequence[str]], encoder: Encoder, path: Path) -> None:
        """`wordings` are those of each node id; `path` holds the vectors computed beforehand."""
        self._encoder, self._path = encoder, path
        self.nodes = list(wordings)
        self._rows = [(text, number) for number, node in enumerate(self.nodes) for text in wordings[node]]

    def warm_up(self) -> None:
        """Read the vectors now rather than at the first question. Raises `BrokenFileError`."""
        _ = self._vectors

    def scores(self, vector: Array) -> tuple[Array, Array]:
        """The score (M,) of each node for a turn's vector (D,), and the cosine (M,) of its likest wording."""
        import numpy as np

        vectors, starts, learned, known = self._vectors
        likeness = vectors @ vector  # (N,)
        nearest = np.maximum.reduceat(likeness, starts)  # (M,)
        three = _mean_of_three(likeness, starts)  # (M,)
        as_such = np.where(known, learned @ vector, nearest)
        found = NEAREST * nearest + MEAN * three + LEARNED * as_such + OWN_WORDS * (nearest >= EXACT)
        return found.astype(np.float32), nearest

    def lost(self, vector: Array) -> str:
        """The node that the encoder learned and the library lacks, where a turn's vector (D,) is nearer to its question
        than to that of any node that is there; '' for none."""
        questions = self._known[1]
        near = {node: float(questions[node] @ vector) for node in questions}
        best = max(near, key=near.__getitem__, default="")
        return "" if best in self.nodes else best

    def missing(self) -> list[str]:
        """Wordings of which the file has no vector."""
        return [text for text, _ in self._rows if key_of(text) not in self._known[0]]

    def vectors(self, texts: Sequence[str]) -> Array:
        """The vectors (N, D) of texts: out of the file, computed now where it lacks them."""
        import numpy as np

        known = self._known[0]
        rows = {text: known[key_of(text)] for text in texts if key_of(text) in known}
        lacking = [text for text in dict.fromkeys(texts) if text not in rows]
        if lacking:
            rows |= dict(zip(lacking, self._encoder.vectors(lacking), strict=True))
        return np.stack([rows[text] for text in texts])

    @cached_property
    def _known(self) -> tuple[dict[int, Array], dict[str, Array]]:
        with unchanged(self._path):
            return load_index(self._path)

    @cached_property
    def _vectors(self) -> tuple[Array, Numbers, Array, Numbers]:
        """Wordings (N, D), where those of each node begin (M,), the learned questions (M, D), which are known (M,)."""
        import numpy as np

        questions = self._known[1]
        rows = self.vectors([text for text, _ in self._rows])
        starts = np.searchsorted([number for _, number in self._rows], np.arange(len(self.nodes)))
        nothing = np.zeros(rows.shape[1], np.float32)
        learned = np.stack([questions.get(node, nothing) for node in self.nodes])
        return rows, starts, learned, np.array([node in questions for node in self.nodes])


def _mean_of_three(likeness: Array, starts: Numbers) -> Array:
    """The mean (M,) of the three largest of each part of `likeness` (N,); the parts begin at `starts` (M,)."""
    import numpy as np

    counts = np.diff(starts, append=len(likeness))
    places = starts[:, None] + np.arange(counts.max())  # (M, most)
    inside = places < (starts + counts)[:, None]
    own = np.where(inside, likeness[np.minimum(places, len(likeness) - 1)], -np.inf)
    best = np.sort(own, 1)[:, -3:]
    found: Array = np.where(np.isfinite(best), best, 0).sum(1) / np.minimum(counts, 3)
    return found


def load_index(path: Path) -> tuple[dict[int, Array], dict[str, Array]]:
    """Vectors of wordings by their keys, and of learned questions by node. Raises `BrokenFileError`."""
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="numpy") as file:
            held = {name: file.get_tensor(name) for name in file.keys()}
            nodes = json.loads(file.metadata()["nodes"])
        check_finite(held)
        rows = held["vectors"] * held["scale"][:, None]
        questions = held["questions"] * held["questions.scale"][:, None]
        return (
            dict(zip(held["keys"].tolist(), rows.astype("float32"), strict=True)),
            dict(zip(nodes, questions.astype("float32"), strict=True)),
        )
    except (OSError, SafetensorError, KeyError, TypeError, ValueError, IndexError, RecursionError) as error:
        raise BrokenFileError(path, error) from error


def pack(texts: Sequence[str], vectors: Array, questions: Mapping[str, Array]) -> bytes:
    """A file of the vectors (N, D) of `texts` and of the learned questions, 8 bits a number with one scale a row."""
    import numpy as np
    from safetensors.numpy import save

    def small(rows: Array) -> tuple[Numbers, Numbers]:
        scale = np.abs(rows).max(1) / 127
        return np.round(rows / scale[:, None]).astype(np.int8), scale.astype(np.float32)

    rows, scale = small(vectors)
    learned, learned_scale = small(np.stack([unit(row) for row in questions.values()]))
    held: dict[str, Numbers] = {
        "vectors": rows,
        "scale": scale,
        "keys": np.array([key_of(text) for text in texts], dtype=np.int64),
        "questions": learned,
        "questions.scale": learned_scale,
    }
    return save(held, metadata={"nodes": json.dumps(list(questions))})


def key_of(text: str) -> int:
    """A number that stands for the text."""
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "little", signed=True)
