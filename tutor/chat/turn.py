"""One turn of a conversation, as data: what was asked and everything that was answered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tutor.chat.clean import plain
from tutor.experiments.base import Run
from tutor.understanding.types import Understood


@dataclass(frozen=True)
class Offer:
    """A follow-up: a question that a node answers, or a command."""

    text: str
    node: str = ""
    """Id of the node behind it; empty for a command."""
    command: str = ""
    """The command behind it, where there is one."""


@dataclass(frozen=True)
class Turn:
    """One question and its answer."""

    question: str
    sentence: str
    """The example sentence in force after this turn."""
    understood: Understood
    node_id: str
    """The node that was told; empty where none was."""
    paragraphs: tuple[str, ...]
    narrations: tuple[str, ...]
    """What each live run showed, told from its result; after them, why one could not be run."""
    runs: tuple[Run, ...]
    follow_ups: tuple[str, ...]
    outside: bool = False
    """Understood to be outside what this tutor teaches."""
    command: str = ""
    """A command that the terminal is asked to carry out, such as '/lesson'."""
    leave: bool = False
    """The learner said goodbye."""
    unpictured: tuple[str, ...] = ()
    """Experiments whose result the paragraphs tell already, so that the terminal draws no picture of them."""
    whole: bool = False
    """The pictures are wanted with everything in them."""
    broken: bool = False
    """A run was due and could not be made: the installation is damaged, or the sentence cannot be read."""

    @property
    def narration(self) -> str:
        """What the live runs showed."""
        return "\n\n".join(text for text in self.narrations if text)

    @property
    def answer(self) -> str:
        """Plain text: the paragraphs and the narration."""
        return "\n\n".join(plain(text) for text in (*self.paragraphs, self.narration) if text)

    def plain(self) -> dict[str, Any]:
        """The object that `ask --json` prints."""
        return {
            "question": self.question,
            "sentence": self.sentence,
            "understood": {
                "act": self.understood.act,
                "concepts": list(self.understood.concepts),
                "facet": self.understood.facet,
                "confidence": round(self.understood.confidence, 4),
            },
            "node": self.node_id,
            "answer": self.answer,
            "evidence": [run.plain() for run in self.runs],
            "follow_ups": list(self.follow_ups),
        }
