"""Looking back on a lesson: what was seen, what was right at once, what is worth another look."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from tutor.curriculum.narration import fill
from tutor.curriculum.state import State
from tutor.curriculum.steps import GuidedLesson, Step

MOST_TO_STUDY = 2


def recap(lesson: GuidedLesson, state: State, fields: Callable[[Step], Mapping[str, Any]]) -> tuple[str, ...]:
    """A line for each step passed that has one, then how the questions went; at the end, what to do next."""
    passed = {*state.path, *([state.at] if state.done else [])}
    lines = [fill(step.recap, fields(step)) for step in lesson.walk() if step.recap and step.id in passed]
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


def _listed(steps: Sequence[Step]) -> str:
    return ", ".join(step.topic for step in steps if step.topic)
