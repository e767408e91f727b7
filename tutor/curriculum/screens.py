"""What a lesson hands to whoever draws it: a screen, a reply, an attempt for the record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Live:
    """What came out of an experiment."""

    result: Any
    parts: tuple[int, ...] = ()
    """Which parts of its picture to show, counted from 1; all where none is named."""


@dataclass(frozen=True)
class Screen:
    """What the learner sees and what the prompt waits for."""

    step: str
    """Its id, for bug reports; empty at the end."""
    paragraphs: tuple[str, ...]
    kind: str = "read"
    """What the prompt takes: read (only Enter), choice, number, shape, word, free, sentence (Enter keeps the present
    one), request (something to be done to the model), yes-no (a detour is offered), end."""
    run: Live | None = None
    """A picture to draw below the paragraphs."""
    after: tuple[str, ...] = ()
    """What to say below the picture."""
    prompt: str = ""
    """The question; empty where there is none."""
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Attempt:
    """One graded answer, for `Store.answer`."""

    step: str
    concepts: tuple[str, ...]
    correct: bool
    hinted: bool
    first: bool
    choices: int = 0
    """Among how many the answer was chosen; 0 where it was not a choice."""


@dataclass(frozen=True)
class Deed:
    """What came of a request: what is changed in the model now, and what was shown."""

    changes: tuple[str, ...] = ()
    """Short forms of all changes in force."""
    shown: tuple[tuple[str, Mapping[str, Any]], ...] = ()
    """(experiment, its options) of each picture."""


@dataclass(frozen=True)
class Reply:
    """What came of an answer, a hint or a solution."""

    paragraphs: tuple[str, ...]
    correct: bool | None = None
    advance: bool = False
    """The step is done: call `next()`."""
    attempt: Attempt | None = None
