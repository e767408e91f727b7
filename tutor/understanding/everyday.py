"""Whether a statement is about the world, and so a sentence to work on, or about the subject and the talk.

"The weight of the box is ten kilos." and "The weights are learned." share their words; the encoder's vectors of the two
lie far apart. `benchmarks/train_everyday.py` writes the file: one weight for each number of the vector, and a bias.
"""

from __future__ import annotations

import math
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tutor.understanding.encoder import Encoder

if TYPE_CHECKING:
    from numpy.typing import NDArray

FILE = "everyday.safetensors"


class Everyday:
    """A logistic regression on the encoder's vectors."""

    def __init__(self, encoder: Encoder, path: Path) -> None:
        self._encoder, self._path = encoder, path

    def probability(self, text: str) -> float:
        """That the corrected `text` tells of the world."""
        weight, bias = self._held
        return 1 / (1 + math.exp(-float(self._encoder.vector(text) @ weight) - bias))

    @cached_property
    def _held(self) -> tuple[NDArray[Any], float]:
        from safetensors.numpy import load_file

        held = load_file(self._path)
        return held["weight"], float(held["bias"][0])
