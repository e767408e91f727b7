"""Looking back on a lesson: what was seen, what was right at once, what is worth another look."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from textwrap import shorten
from typing import Any

from tutor.curriculum.narration import fill
from tutor.curriculum.state import State
from tutor.curriculum.steps import GuidedLesson, Step
from tutor.errors import AuthorError, LearnerError

MOST_TO_STUDY = 2
LONGEST_OWN = 300
"""Characters of an explanation that are shown again."""


def recap(lesson: GuidedLesson, state: State, fields: Callable[[Step], Mapping[str, Any]]) -> tuple[str, ...]:
    """A line for each step passed that has one, then how the questions went; at the end, what to do next."""
    passed = {*state.path, *([state.at] if state.done else [])}
    lines = [line for step in lesson.walk() if step.id in passed for line in _of_step(step, state, fields)]
    asked = [step for step in lesson.walk() if step.id in state.outcomes]
    right = [step for step in asked if state.outcomes[step.id]]
    wrong = [step for step in asked if step not in right]
    if asked:
        named = f": {_listed(right)}" if right else ""
        lines.append(f"Right at the first try, without a hint, {len(right)} of {len(asked)}{named}.")
    if wrong:
        lines.append(f"Worth another look: {_listed(wrong)}.")
    if not state.at:
        study = [*dict.fromkeys(step.study for step in wrong if step.study)][:MOST_TO_STUDY]
        lines += [f"Ask next, in the chat: {' '.join(study)}"] if study else []
        lines += lesson.next
    return tuple(lines) or ("Nothing yet: you are at the beginning.",)


def _of_step(step: Step, state: State, fields: Callable[[Step], Mapping[str, Any]]) -> list[str]:
    """What a step leaves: its line, or the learner's own words with a model answer below them."""
    question, own = step.question, state.answers.get(step.id, "")
    try:
        lines = [fill(step.recap, fields(step))] if step.recap else []
    except (AuthorError, LearnerError):  # it was left out on this sentence
        lines = []
    if question and question.accept == "free" and own:
        lines.append(f"In your words: “{shorten(own, LONGEST_OWN, placeholder=' …')}”")
        lines.append(f"One way to say it: {question.answers[0]}")
    return lines


def _listed(steps: Sequence[Step]) -> str:
    return ", ".join(step.topic for step in steps if step.topic)
