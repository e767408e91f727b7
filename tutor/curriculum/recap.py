"""Looking back on a lesson: what was seen, what was right at once, what is worth another look."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from textwrap import shorten, wrap
from typing import Any

from tutor.curriculum.narration import fill
from tutor.curriculum.state import State
from tutor.curriculum.steps import GuidedLesson, Step
from tutor.errors import AuthorError, LearnerError

MOST_TO_STUDY = 2
LINES, WIDTH = 18, 76
"""What a recap may fill of a terminal of 24 lines by 80 columns; the rest is for what frames it, and the prompt."""
SHORT = 150
"""Characters, about two lines, of an explanation that is shown again, and of a list of topics."""


def recap(lesson: GuidedLesson, state: State, fields: Callable[[Step], Mapping[str, Any]]) -> tuple[str, ...]:
    """A line for each step passed that has one, then how the questions went; at the end, what to do next.

    It fits on a screen: of the lines of steps, those of questions stay longest, then the first.
    """
    passed = {*state.path, *([state.at] if state.done else [])}
    told = [(step, line) for step in lesson.walk() if step.id in passed for line in _of_step(step, fields)]
    own = [line for step in lesson.walk() if step.id in passed for line in _own_words(step, state)]
    after = [*own, *_how_it_went(lesson, state)]
    lines = [*_fitting(told, LINES - _height(after)), *after]
    return tuple(lines) or ("Nothing yet: you are at the beginning.",)


def _how_it_went(lesson: GuidedLesson, state: State) -> list[str]:
    asked = [step for step in lesson.walk() if step.id in state.outcomes]
    right = [step for step in asked if state.outcomes[step.id]]
    wrong = [step for step in asked if step not in right]
    lines = []
    if asked:
        named = f": {_listed(right)}" if right else ""
        lines.append(f"Right at the first try, without a hint, {len(right)} of {len(asked)}{named}.")
    if wrong:
        lines.append(f"Worth another look: {_listed(wrong)}.")
    if not state.at:
        study = [*dict.fromkeys(step.study for step in wrong if step.study)][:MOST_TO_STUDY]
        lines += [f"Ask next, in the chat: {' '.join(study)}"] if study else []
        lines += lesson.next
    return lines


def _fitting(told: Sequence[tuple[Step, str]], room: int) -> list[str]:
    """As many of the lines as there is room for, in the order in which they were told."""
    first = sorted(range(len(told)), key=lambda place: told[place][0].kind not in ("check", "exercise"))
    kept: set[int] = set()
    for place in first:
        room -= _height([told[place][1]])
        if room < 0:
            break
        kept.add(place)
    return [told[place][1] for place in sorted(kept)]


def _height(lines: Iterable[str]) -> int:
    return sum(len(wrap(line, WIDTH)) for line in lines)


def _of_step(step: Step, fields: Callable[[Step], Mapping[str, Any]]) -> list[str]:
    """The line that a step leaves; none where it was left out on this sentence."""
    try:
        return [fill(step.recap, fields(step))] if step.recap else []
    except (AuthorError, LearnerError):
        return []


def _own_words(step: Step, state: State) -> list[str]:
    """The learner's own words, with a model answer below them."""
    question, own = step.question, state.answers.get(step.id, "")
    if not (question and question.accept == "free" and own):
        return []
    mine = shorten(own, SHORT, placeholder=" …")
    return [f"In your words: “{mine}”", f"One way to say it: {question.answers[0]}"]


def _listed(steps: Sequence[Step]) -> str:
    return shorten(", ".join(step.topic for step in steps if step.topic), SHORT, placeholder=" …")
