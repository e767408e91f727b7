"""The way through a lesson: which step follows, past branches and detours that do not apply, and its number."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tutor.curriculum.conditions import holds
from tutor.curriculum.state import State
from tutor.curriculum.steps import GuidedLesson, Step
from tutor.errors import AuthorError, LearnerError


def position_of(lesson: GuidedLesson, at: str) -> int:
    """The number of the screen of step `at`, counted from 1; the last where `at` is empty.

    A detour keeps the number of the step before it.
    """
    count = 0
    for step in lesson.steps:
        count += step.kind not in ("branch", "detour")
        if at in (step.id, *(inner.id for inner in step.steps)):
            break
    return max(count, 1)


def following(lesson: GuidedLesson, step: Step, state: State, fields: Callable[[Step], Mapping[str, Any]]) -> str:
    """The step after `step`: into a detour that was wanted, out of one at its end, past what does not apply."""
    if step.kind == "detour" and state.done and state.answers.get(step.id) == "yes":
        return step.steps[0].id
    order = lesson.steps
    index = next(place for place, main in enumerate(order) if step in (main, *main.steps))
    inside = order[index].steps
    if step in inside[:-1]:
        return inside[inside.index(step) + 1].id
    ids = [one.id for one in order]
    index += 1
    while index < len(order):
        candidate = order[index]
        if candidate.kind not in ("branch", "detour"):
            return candidate.id
        applies = _applies(candidate, fields)
        if applies and candidate.kind == "detour":
            return candidate.id
        index = ids.index(candidate.goto) if applies else index + 1
    return ""


def _applies(step: Step, fields: Callable[[Step], Mapping[str, Any]]) -> bool:
    """Whether a branch or detour is taken; one that cannot be decided on this sentence is not."""
    try:
        return holds(step.when, fields(step))
    except (AuthorError, LearnerError):
        return False
