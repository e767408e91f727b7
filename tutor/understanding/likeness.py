"""How near a line comes to other texts: answers in one's own words are held against those that a step has."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from tutor.understanding.reader import Reader

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[tuple[int, ...], np.dtype[np.float32]]

KEPT = 400
"""Vectors that are kept: a step is asked about more than once."""


class AnswerReader(Reader):
    """A reader that also compares a line with other texts."""

    def likeness(self, text: str, others: Sequence[str]) -> tuple[float, ...]:
        """The cosine of `text` with each of `others`, -1 to 1."""
        lacking = [one for one in dict.fromkeys((text, *others)) if one not in self._vectors]
        if lacking:
            if len(self._vectors) + len(lacking) > KEPT:
                self._vectors.clear()
                lacking = list(dict.fromkeys((text, *others)))
            self._vectors.update(zip(lacking, self._encoder.vectors(lacking), strict=True))
        own = self._vectors[text]
        return tuple(float(self._vectors[one] @ own) for one in others)

    @cached_property
    def _vectors(self) -> dict[str, Array]:
        return {}
