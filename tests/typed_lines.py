"""A learner at the prompt without a terminal: lines in, what was printed and prompted out."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

from tutor.curriculum.choices import options_of
from tutor.curriculum.conditions import evaluate
from tutor.curriculum.engine import Session
from tutor.curriculum.loader import load_library
from tutor.curriculum.shapes import wanted_shape
from tutor.dialogue.types import State
from tutor.experiments.models import Models
from tutor.terminal.session import Chat
from tutor.understanding.likeness import AnswerReader

Line = str | Callable[[], str]
"""What is typed, or what says it when its turn comes."""


@functools.cache
def reader() -> AnswerReader:
    """The bundled reader."""
    return AnswerReader(load_library())


def typed(models: Models, lines: list[Line], do: Callable[[Chat], None], width: int = 80) -> tuple[str, list[str]]:
    """What was printed, and the prompts, when these lines are typed; then the learner leaves."""
    waiting: Iterator[Line] = iter(lines)
    said: list[str] = []
    prompts: list[str] = []

    def read(prompt: str) -> str:
        prompts.append(prompt)
        line = next(waiting, None)
        if line is None:
            raise EOFError
        return line if isinstance(line, str) else line()

    conversation: Any = SimpleNamespace(
        sentence="",
        runner=SimpleNamespace(models=models),
        library=SimpleNamespace(concepts={}, fault=""),
        reader=reader(),
        state=State(""),
    )
    do(Chat(lambda: conversation, models=models, write=said.append, read=read, width=lambda: width))
    return "\n".join(said), prompts


def right_answer(session: Session) -> str:
    """The right answer to the question on the screen."""
    step, fields = session.here()
    question = step.question
    assert question
    if question.accept == "choice":
        return next(option.say for option in options_of(question, fields) if option.right)
    if question.accept == "number":
        return repr(float(evaluate(question.answer, fields)))
    if question.accept == "shape":
        return " x ".join(str(size) for size in wanted_shape(question.shape, fields))
    return question.answers[0] if question.answers else str(evaluate(question.answer, fields))
