"""How like a turn is to every phrasing that the lessons list, by meaning.

Words in common find "why blend instead of picking?"; meaning finds it in "isn't it enough to keep the winner?" too.
The vectors of the phrasings are computed beforehand (`python -m benchmarks.train_reader`); those of a lesson added
since then are computed when first needed.

N phrasings, D width
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from tutor.curriculum.tree import Library
from tutor.understanding.encoder import Encoder

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[tuple[int, ...], np.dtype[np.float32]]

FILE = "vectors.safetensors"


class Alike:
    """The phrasings of a library as vectors, less what all of them have in common, each of length 1."""

    def __init__(self, library: Library, encoder: Encoder, prepare: Callable[[str], str], path: Path) -> None:
        """`prepare` makes of a text what the encoder reads; `path` holds the vectors computed beforehand."""
        worded = [(phrasing.text, phrasing.node.id) for phrasing in library.phrasings()]
        self._encoder, self._prepare, self._path = encoder, prepare, path
        self._texts = [text for text, _ in worded]
        self._nodes = [node for _, node in worded]

    def warm_up(self) -> None:
        """Read the vectors now rather than at the first question."""
        _ = self._vectors

    def nodes(self, text: str) -> Mapping[str, float]:
        """Node id -> cosine with the likest of its phrasings, -1 to 1; empty where the text says nothing."""
        prepared = self._prepare(text)
        if not prepared or not self._texts:
            return {}
        vectors, mean = self._vectors
        own = _unit(self._encoder.vector(prepared) - mean)  # (D,)
        found: dict[str, float] = {}
        for node, cosine in zip(self._nodes, (vectors @ own).tolist(), strict=True):
            if cosine > found.get(node, -2.0):
                found[node] = cosine
        return found

    def missing(self) -> list[str]:
        """Phrasings of which the file has no vector."""
        known = self._file()[0]
        return [text for text in self._texts if key_of(text) not in known]

    @cached_property
    def _vectors(self) -> tuple[Array, Array]:
        """The phrasings (N, D) and what all of them have in common (D,)."""
        import numpy as np

        known, mean = self._file()
        rows = [known.get(key_of(text)) for text in self._texts]
        fresh = [
            row if row is not None else _unit(self._encoder.vector(self._prepare(text)) - mean)
            for row, text in zip(rows, self._texts, strict=True)
        ]
        return np.stack(fresh), mean

    def _file(self) -> tuple[dict[int, Array], Array]:
        from safetensors.numpy import load_file

        held = load_file(self._path)
        rows = held["vectors"] * held["scale"][:, None]
        return dict(zip(held["keys"].tolist(), rows, strict=True)), held["mean"]


def pack(texts: Sequence[str], encoder: Encoder, prepare: Callable[[str], str]) -> bytes:
    """A file of the vectors of `texts`, 8 bits a number with one scale a row."""
    import numpy as np
    from safetensors.numpy import save

    kept = list(dict.fromkeys(texts))
    raw = np.stack([encoder.vector(prepare(text)) for text in kept])  # (N, D)
    mean = raw.mean(0)
    rows = np.stack([_unit(row) for row in raw - mean])
    scale = np.abs(rows).max(1) / 127
    keys = np.array([key_of(text) for text in kept], dtype=np.int64)
    return save(
        {
            "vectors": np.round(rows / scale[:, None]).astype(np.int8),
            "scale": scale.astype(np.float32),
            "keys": keys,
            "mean": mean.astype(np.float32),
        }
    )


def key_of(text: str) -> int:
    """A number that stands for the text."""
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "little", signed=True)


def _unit(vector: Array) -> Array:
    found: Array = vector / float((vector * vector).sum() + 1e-12) ** 0.5
    return found
