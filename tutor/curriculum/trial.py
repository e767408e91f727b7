"""A lesson tried on many sentences, each step of it: what only shows when the model runs.

Nothing is answered on the way to a step: its fields are made as after right answers, and after wrong ones.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from tutor.curriculum.answers import grade
from tutor.curriculum.bench import Bench, Runner
from tutor.curriculum.bets import foregone, outcome_of
from tutor.curriculum.choices import options_of
from tutor.curriculum.conditions import evaluate, holds
from tutor.curriculum.equations import equations, values_in
from tutor.curriculum.lesson_linter import texts_of
from tutor.curriculum.narration import fill
from tutor.curriculum.practice import comes_to, sentence_suits
from tutor.curriculum.printed import disagreements, undecided
from tutor.curriculum.problem import Problem
from tutor.curriculum.state import State
from tutor.curriculum.steps import GuidedLesson, Question, Step
from tutor.errors import AuthorError, LearnerError

HARDER = (
    *("I love you.", "The dog sleeps.", "Where is my key?", "No, thank you!", "My dear Tom, this is it."),
    *("Two and two.", "Don't wake the baby, please."),
)
"""Beside plain sentences: short ones, a question, marks, a word said twice, pieces of words."""


def try_out(lesson: GuidedLesson, sentences: Sequence[str], run: Runner) -> Iterator[Problem]:
    """What goes wrong with a lesson on these sentences; each fault once, with the first sentence that shows it."""
    told: set[tuple[str, str]] = set()
    bets: dict[str, Counter[str]] = {step.id: Counter() for step in lesson.walk() if step.kind == "predict"}
    for sentence in suiting(lesson, sentences, run):
        for step in lesson.walk():
            for found in _Trial(lesson, step, sentence, run, bets.get(step.id)).problems():
                if (step.id, found.message.partition(":")[0]) not in told:
                    told.add((step.id, found.message.partition(":")[0]))
                    yield found
    for step in lesson.walk():
        if step.id in bets and (fault := foregone(bets[step.id])):
            message = f"({step.id}) the bet is none: {fault}"
            yield Problem(step.where, "L030", message, "choose another word or head, or ask something that is open")


def suiting(lesson: GuidedLesson, sentences: Sequence[str], run: Runner) -> list[str]:
    """The sentences that the lesson would take, its own among them."""
    found = []
    for sentence in dict.fromkeys((lesson.sentence, *sentences)):
        try:
            if sentence_suits(lesson, sentence, run):
                found.append(sentence)
        except LearnerError:
            continue
    return found


class _Trial:
    """One step on one sentence."""

    def __init__(self, lesson: GuidedLesson, step: Step, sentence: str, run: Runner, bets: Counter[str] | None) -> None:
        self.lesson, self.step, self.sentence, self.run, self.bets = lesson, step, sentence, run, bets
        self.on = (sentence, run)

    def problems(self) -> Iterator[Problem]:
        try:
            reached = [right for right in (True, False) if comes_to(self.lesson, self.step, *self.on, right)]
            if not reached:
                return
            fields = self._fields(reached[0])
            yield from self._equations(fields)
            yield from self._printed(fields)
            if self.step.question and self.step.question.accept != "sentence":
                yield from self._question(self.step.question, fields)
        except AuthorError as error:
            yield self._problem("L027", f"cannot be made: {error}", "ask for less, or lead past it with a branch")
        except LearnerError as error:
            yield self._problem("L027", f"cannot be run: {error}", "say in 'requires:' what sentence it takes")

    def _problem(self, code: str, message: str, fix: str) -> Problem:
        return Problem(self.step.where, code, f"({self.step.id}) {message} [on “{self.sentence}”]", fix)

    def _fields(self, right: bool) -> dict[str, Any]:
        outcomes = {one.id: right for one in self.lesson.walk() if one.question}
        state = State(self.lesson.id, self.sentence, self.step.id, outcomes=outcomes)
        return {"given": 0.0, **Bench(self.lesson, self.run).fields(self.step, state)}

    def _equations(self, fields: dict[str, Any]) -> Iterator[Problem]:
        for _, text in texts_of(self.step):
            said = fill(text, fields)
            for one in equations(said):
                if not one.holds:
                    yield self._problem("L028", f"an equation is false as printed: {said[one.start :][:50]}",
                                        "give its fields more digits")  # fmt: skip
        for branch in self.step.narrate:
            holds(branch.when, fields)

    def _printed(self, fields: dict[str, Any]) -> Iterator[Problem]:
        """What a learner who calculates with the numbers on the screen would come to."""
        texts = self._told()
        for found in disagreements(self.step, texts, fields):
            yield self._problem("L033", found, "compute it of the printed numbers: 'rounded:'")
        if self.step.question and (found := undecided(self.step.question, texts, fields)):
            yield self._problem("L034", found, "decide it by the printed numbers: 'rounded:'")

    def _told(self) -> tuple[str, ...]:
        """The texts of the step and, for a bet, of the step that settles it."""
        steps = [self.step, *(one for one in self.lesson.walk() if one.of == self.step.id)]
        return tuple(text for step in steps for _, text in texts_of(step))

    def _question(self, question: Question, fields: dict[str, Any]) -> Iterator[Problem]:
        if self.bets is not None:
            self.bets[outcome_of(question, fields)] += 1
        if question.accept == "choice" and self.step.kind != "detour":
            right = [option.meant for option in options_of(question, fields) if option.right]
            if len(right) != 1:
                yield self._problem("L029", f"right answers: {len(right)}", "let the conditions leave exactly one")
        elif question.accept == "number":
            yield from self._number(question, fields)

    def _number(self, question: Question, fields: dict[str, Any]) -> Iterator[Problem]:
        wanted = float(evaluate(question.answer, fields))
        if not math.isfinite(wanted):
            yield self._problem("L029", f"the answer is {wanted}", "lead past it with a branch")
            return
        shown = [number for text in question.solution for number in values_in(fill(text, fields))]
        if shown and not any(grade(question, f"{number:.6f}", fields).right for number in shown):
            yield self._problem("L029", f"the solution never comes to the answer: {wanted:.4f}", "make them agree")
