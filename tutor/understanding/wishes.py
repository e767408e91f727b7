"""What a turn inside a lesson wants of the lesson: found by its nearness to wordings of wishes, as a node is.

N wordings, D width
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from tutor.understanding.encoder import Encoder
from tutor.understanding.index import Index
from tutor.understanding.intent import Ranked

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[tuple[int, ...], np.dtype[np.float32]]


class Wishes:
    """Wishes and their wordings."""

    def __init__(self, wordings: Mapping[str, Sequence[str]], encoder: Encoder, index: Index) -> None:
        self._rows = [(text, wish) for wish, texts in wordings.items() for text in texts]
        self._encoder, self._index = encoder, index

    def nearest(self, text: str) -> Ranked:
        """The likest wish, with the cosine of its likest wording."""
        if not self._rows:
            return Ranked("", 0.0)
        likeness = self._vectors @ self._encoder.vectors([text])[0]  # (N,)
        best = int(likeness.argmax())
        return Ranked(self._rows[best][1], float(likeness[best]))

    @cached_property
    def _vectors(self) -> Array:
        return self._index.vectors([text for text, _ in self._rows])  # (N, D)
