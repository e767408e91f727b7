"""Which nodes share the telling words of a turn: what an encoder reads past, a rare word or a name, decides here.

Okapi BM25 (Robertson and Zaragoza 2009) over the words of each node: what it asks, how it is asked for, what it says.

M nodes
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from tutor.curriculum.tree import Node
from tutor.understanding.forms import words_of

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[tuple[int, ...], np.dtype[np.float32]]

SATURATION, LENGTH = 1.2, 0.75
"""BM25's k₁ and b, at their usual values."""
STEM, SHORTEST = 7, 3
"""Letters of a word that count, so that 'embeddings' is 'embedding'; and those that it needs to count at all."""


class Lexical:
    """The words of all nodes."""

    def __init__(self, nodes: Sequence[Node]) -> None:
        self._nodes = nodes

    def scores(self, text: str) -> Array:
        """How well each node (M,) fits the words of a turn, 0 to 1: 1 for the one that fits best."""
        import numpy as np

        counts, lengths = self._words
        spread = SATURATION * (1 - LENGTH + LENGTH * lengths / max(1.0, float(lengths.mean())))  # (M,)
        found = np.zeros(len(counts), np.float32)
        for word in set(_stems(text)):
            times = np.array([count.get(word, 0) for count in counts], np.float32)  # (M,)
            holding = np.count_nonzero(times)
            rare = math.log(1 + (len(counts) - holding + 0.5) / (holding + 0.5))
            found += rare * times * (SATURATION + 1) / (times + spread)
        return found / max(float(found.max(initial=0.0)), 1e-6)

    @cached_property
    def _words(self) -> tuple[list[Counter[str]], Array]:
        """How often each word stands in each node, and how many words each has (M,)."""
        import numpy as np

        counts = [Counter(_stems(_text(node))) for node in self._nodes]
        return counts, np.array([count.total() for count in counts], np.float32)

    def warm_up(self) -> None:
        """Count the words now rather than at the first question."""
        _ = self._words


def _text(node: Node) -> str:
    return " ".join((node.ask, node.ask, *node.asked, node.line, *node.say))


def _stems(text: str) -> list[str]:
    return [word[:STEM] for word in words_of(text.casefold()) if len(word) >= SHORTEST]
