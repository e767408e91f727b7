"""Questions in the middle of a lesson lean towards it: towards the step's concepts first, then the lesson's others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from tutor.curriculum.engine import Session
from tutor.understanding.intent import Context, Intent, Ranked

if TYPE_CHECKING:
    from tutor.curriculum.tree import Library, Node
    from tutor.dialogue.conversation import ReadsTurns

OF_STEP, OF_LESSON = 6.0, 2.0
"""How many times as likely a node is that is about the step's concepts, or about others of the lesson."""


class LeaningReader:
    """A reader whose nodes are weighed by what the lesson is about."""

    def __init__(self, reader: ReadsTurns, library: Library, session: Session) -> None:
        self._reader = reader
        self._nodes = library.nodes
        self._of_step = set() if session.finished else set(session.here()[0].concepts)
        self._of_lesson = {name for step in session.lesson.walk() for name in step.concepts}
        self._study = "" if session.finished else session.here()[0].study

    def read(self, text: str, context: Context) -> Intent:
        """What a turn is, its nodes weighed anew."""
        intent = self._reader.read(text, context)
        weighed = [replace(one, probability=one.probability * self._weight(one.id)) for one in intent.nodes]
        total = sum(one.probability for one in weighed) or 1.0
        before = sum(one.probability for one in intent.nodes)
        shares = (replace(one, probability=one.probability / total * before) for one in weighed)
        return replace(intent, nodes=tuple(sorted(shares, key=lambda one: -one.probability)))

    def wish(self, text: str) -> Ranked:
        """As the reader has it."""
        return self._reader.wish(text)

    def likeness(self, text: str, others: Sequence[str]) -> tuple[float, ...]:
        """As the reader has it."""
        return self._reader.likeness(text, others)

    def _weight(self, id: str) -> float:
        node: Node | None = self._nodes.get(id)
        if node is None:
            return 1.0
        if node.concept in self._of_step or (self._study and node.ask == self._study):
            return OF_STEP
        return OF_LESSON if node.concept in self._of_lesson else 1.0
