"""How much likelier an answer is because of the one told before: most turns after an answer go on from it.

M nodes
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from tutor.curriculum.tree import Library, Node

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[tuple[int, ...], np.dtype[np.float32]]

SAME_SUBJECT, LED_TO, TOLD = 0.06, 0.06, -0.15
"""What is added to the score of a node: about the same concept, offered by the answer, and that answer itself.
Chosen on a kept-back hand of follow-ups, and so that a change of subject is still heard."""


class GoingOn:
    """Nearness of all nodes to the one told last."""

    def __init__(self, library: Library) -> None:
        self._nodes = list(library.nodes.values())
        self._by_question = {node.ask: node for node in self._nodes}
        self._scores = lru_cache(maxsize=8)(self._scores_after)

    def scores(self, told: str) -> Array | None:
        """What to add (M,) to the nodes' scores after the question `told` was answered; None where it is no node's."""
        node = self._by_question.get(told)
        return self._scores(node.id) if node else None

    def _scores_after(self, name: str) -> Array:
        import numpy as np

        told = next(node for node in self._nodes if node.id == name)
        led = {*told.next, told.below}
        return np.array([_nearness(told, led, node) for node in self._nodes], np.float32)


def _nearness(told: Node, led: set[str], node: Node) -> float:
    if node.id == told.id:
        return SAME_SUBJECT + TOLD
    return SAME_SUBJECT * (told.concept in (node.concept, node.other)) + LED_TO * (node.id in led)
