"""What a line typed at a question means: a command by its word alone, or a question to the tutor."""

from __future__ import annotations

from collections.abc import Container

from tutor.curriculum.answers import grade
from tutor.curriculum.engine import Session
from tutor.curriculum.words import folded


def meant(session: Session, line: str, words: Container[str]) -> str:
    """The command that one of `words` alone means, with its slash; otherwise the line as it is."""
    word = "help" if line and not line.strip("?") else folded(line)
    return f"/{word}" if word in words and not _answers(session, line) else line


def _answers(session: Session, word: str) -> bool:
    """Whether the open question can be answered with this word."""
    if session.finished:
        return False
    step, fields = session.here()
    if step.question is None or step.question.accept not in ("choice", "word"):
        return False
    outcome = grade(step.question, word, fields)
    return outcome.right is not None and bool(outcome.right or outcome.reply or step.question.accept == "choice")
