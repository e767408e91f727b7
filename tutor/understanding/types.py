"""What was asked, as data: the parts found separately, so that they combine."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Clue:
    """Words of the learner's and what they speak for: what `/understood` shows."""

    words: str
    speaks_for: str


@dataclass(frozen=True)
class Guess:
    """One reading of the question, for "did you mean"."""

    concept: str
    facet: str
    score: float


@dataclass(frozen=True)
class Context:
    """What the conversation has established before this turn."""

    concepts: tuple[str, ...] = ()
    """Of the last answer, main one first."""
    facet: str = ""
    node: str = ""
    """Id of the last node told."""
    offered: tuple[str, ...] = ()
    """Follow-ups offered last, in order; a bare number picks one."""
    offered_nodes: tuple[str, ...] = ()
    """The nodes behind them, '' where an offer is a command."""
    history: tuple[tuple[str, ...], ...] = ()
    """Concepts of the earlier turns, latest last."""
    sentence: str = ""


@dataclass(frozen=True)
class Understood:
    """One turn, understood."""

    act: str
    """'question' or one of the acts of `concepts.yaml`."""
    concepts: tuple[str, ...] = ()
    """Best first; a comparison or relation lists both first."""
    facet: str = ""
    confidence: float = 0.0
    """0 to 1."""
    sentence: str = ""
    """A sentence to work on that the turn gives."""
    picked: int = 0
    """Follow-up picked by number, counted from 1; 0 for none."""
    misconception: str = ""
    """The belief recognised in the turn, worded as in the lesson file; '' for none."""
    guesses: tuple[Guess, ...] = ()
    """Next best readings, best first, for "did you mean" and for `/understood`."""
    clues: tuple[Clue, ...] = ()
    unsure: bool = False
    """True when the best readings are so close that asking back is better than answering."""
