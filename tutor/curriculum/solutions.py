"""How a question goes, for those who gave it up or left it out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tutor.curriculum.narration import fill
from tutor.curriculum.steps import Question


def solved(question: Question, fields: Mapping[str, Any]) -> tuple[str, ...]:
    """The worked answer, or an explanation in other words."""
    return (*(fill(text, fields) for text in question.solution), *one_way(question))


def one_way(question: Question) -> tuple[str, ...]:
    """A model answer, to hold one's own explanation against."""
    return tuple(f"One way to say it: {answer}" for answer in question.answers[:1] if question.accept == "free")
