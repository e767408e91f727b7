"""A question of a lesson asked by itself, away from its place: to review it, or to skip the lesson by it.

What it is computed from is another sentence each time. Not every step can be asked alone, and not on every sentence: a
lesson leaves steps out where they would mean nothing there, and so does this.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from random import Random
from typing import Any

from tutor.curriculum.bench import Bench, Runner, fields_of
from tutor.curriculum.choices import options_of
from tutor.curriculum.conditions import evaluate, holds
from tutor.curriculum.engine import Session
from tutor.curriculum.state import State
from tutor.curriculum.steps import GuidedLesson, Step
from tutor.errors import AuthorError, LearnerError

ITEMS = 4
"""Questions by which a whole lesson is left out."""


def comes_again(lesson: GuidedLesson, step: Step) -> bool:
    """Whether `step` is a question that can be asked by itself, with an answer that is not an explanation."""
    return _stands_alone(lesson, step) and step.question is not None and step.question.accept != "free"


def _stands_alone(lesson: GuidedLesson, step: Step) -> bool:
    if step.kind not in ("check", "exercise") or step.question is None or step.question.accept == "sentence":
        return False
    return step in lesson.steps or bool(step.alone)  # inside a detour, most speak of what was told there


def on_fresh_sentence(lesson: GuidedLesson, step: Step, run: Runner, sentences: Iterable[str]) -> Session:
    """A session of this one question, on the first sentence that suits it; the lesson's own suits always.

    Raises `LearnerError` where none does.
    """
    for sentence in (*sentences, lesson.sentence):
        if suits(lesson, step, sentence, run):
            return _alone(lesson, step, sentence, run)
    raise LearnerError(f"“{step.topic}” of {lesson.title} can be set on no sentence; take the lesson again")


def _alone(lesson: GuidedLesson, step: Step, sentence: str, run: Runner) -> Session:
    bare = replace(step, say=step.alone or step.say)
    return Session(replace(lesson, steps=(bare,)), State(lesson.id, sentence, step.id), run)


def suits(lesson: GuidedLesson, step: Step, sentence: str, run: Runner) -> bool:
    """Whether the lesson, taken on this sentence, could come to this step, and its question has an answer there."""
    try:
        return (
            sentence_suits(lesson, sentence, run)
            and any(comes_to(lesson, step, sentence, run, right) for right in (True, False))
            and _has_answer(lesson, step, sentence, run)
        )
    except (LearnerError, AuthorError, ArithmeticError):  # nothing can be made of this sentence
        return False


def sentence_suits(lesson: GuidedLesson, sentence: str, run: Runner) -> bool:
    """Whether the lesson would take this sentence. Raises `LearnerError` where it cannot be read."""
    wanted = [step.question.requires for step in lesson.walk() if step.question and step.question.requires]
    fields = fields_of(run("tokens", sentence, {})) if wanted else {}
    return all(holds(branch.when, fields) for requires in wanted for branch in requires)


def comes_to(lesson: GuidedLesson, step: Step, sentence: str, run: Runner, right: bool) -> bool:
    """Whether no branch leads past the step, where all questions were answered rightly, or all wrongly."""
    state = State(lesson.id, sentence, step.id, outcomes={one.id: right for one in lesson.walk() if one.question})
    bench = Bench(lesson, run)
    ids = [one.id for one in lesson.steps]
    place = next(at for at, main in enumerate(lesson.steps) if step in (main, *main.steps))
    at = 0
    while at < place:
        one = lesson.steps[at]
        jumps = one.kind == "branch" and holds(one.when, bench.fields(one, state))
        at = ids.index(one.goto) if jumps else at + 1
    return at == place


def _has_answer(lesson: GuidedLesson, step: Step, sentence: str, run: Runner) -> bool:
    """Whether the question has one right answer on this sentence: a number, or one choice of several."""
    session = _alone(lesson, step, sentence, run)
    session.screen()
    question, fields = step.question, session.here()[1]
    assert question is not None
    if question.accept == "choice":
        options = options_of(question, fields)
        return len(options) > 1 and sum(option.right for option in options) == 1
    if question.accept == "number":
        return math.isfinite(float(evaluate(question.answer, fields)))
    return True


def in_fresh_order(sentences: Sequence[str], last: str, random: Random) -> list[str]:
    """The sentences in an order of chance, the one that was used last at the end."""
    others = [sentence for sentence in dict.fromkeys(sentences) if sentence != last]
    random.shuffle(others)
    return [*others, *([last] if last in sentences else [])]


def draw_items(lesson: GuidedLesson, run: Runner, sentence: str, random: Random) -> list[Session]:
    """Four questions of the lesson on one sentence, in the order of the lesson; fewer where it has no more.

    Exercises come before explanations, and each concept before one is asked a second time.
    """
    fitting = [step for step in lesson.walk() if _stands_alone(lesson, step) and suits(lesson, step, sentence, run)]
    random.shuffle(fitting)
    fitting.sort(key=lambda step: step.question is not None and step.question.accept == "free")
    chosen = list(_each_concept_first(fitting))[:ITEMS]
    order: list[Any] = list(lesson.walk())
    return [_alone(lesson, step, sentence, run) for step in sorted(chosen, key=order.index)]


def _each_concept_first(steps: Sequence[Step]) -> Iterator[Step]:
    told: set[str] = set()
    again = []
    for step in steps:
        if told.issuperset(step.concepts):
            again.append(step)
        else:
            told.update(step.concepts)
            yield step
    yield from again
