"""What would go wrong when a guided lesson is taken, as far as it shows without a model."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Container, Iterator, Mapping
from typing import Any, get_args, get_type_hints

from tutor.curriculum.answers import grade
from tutor.curriculum.conditions import names_in, put_in, unknown_field
from tutor.curriculum.equations import equations
from tutor.curriculum.narration import fill, names_in_template
from tutor.curriculum.problem import Problem, problem, stand_ins
from tutor.curriculum.smaller import smaller, worked
from tutor.curriculum.steps import ASKING, GIVEN, PREDICTED, GuidedLesson, Pick, Question, Step
from tutor.curriculum.tree import Show
from tutor.curriculum.words import folded
from tutor.errors import AuthorError, LearnerError
from tutor.experiments import registry
from tutor.experiments.base import make_options

_MEASURED = re.compile(r"\d\.\d|\d\s?%")
_NOT_SAID = re.compile(r"\{[^}]*\}|\(such as [^)]*\)")
"""What may hold digits: fields, and examples of how to type a number."""


class _Numbers(float):
    """Stands for a number, a row of numbers or a table of them: which of them does not show without a model."""


class _Words(str):
    """Stands for a list of words."""


class _Rows(_Numbers):
    """Stands for a list of rows with named fields."""

    of: Mapping[str, Any]
    """A stand-in for the list of each field."""


def _rows(of: Mapping[str, Any]) -> _Rows:
    rows = _Rows(0.5)
    rows.of = of
    return rows


class _Anything(str):
    """Stands for an answer, which may be a word or a number."""

    def __format__(self, form: str) -> str:
        return str(self)


def check_lesson(lesson: GuidedLesson, concepts: Container[str] = ()) -> Iterator[Problem]:
    """Every problem of one guided lesson; `concepts` are those that there are, none where that is not known."""
    outcomes = dict.fromkeys((step.outcome for step in lesson.walk() if step.kind in ASKING), 1)
    for step in lesson.walk():
        yield from _Checker(step, outcomes).problems()
        for concept in step.concepts if concepts else ():
            if concept not in concepts:
                where = step.places["concepts"]
                yield Problem(where, "L020", f"(step {step.id}) no concept '{concept}'", "see `lessons list`")


class _Checker:
    """The checks of one step."""

    def __init__(self, step: Step, outcomes: dict[str, Any]) -> None:
        self.step = step
        self.known: dict[str, Any] = {**outcomes, "sentence": "word", GIVEN: _Anything()}

    def problems(self) -> Iterator[Problem]:
        step = self.step
        if step.of:
            self.known[PREDICTED] = "word"
        if step.use:
            try:
                self.known |= _result_fields(step.use)
            except LearnerError as error:
                yield problem(
                    step.places.get("show") or step.places["use"], "L010", error,
                    "see `attention-tutor show --list`", f"(step {step.id}) ",
                )  # fmt: skip
                return
        yield from self._lets()
        yield from self._names("rounded", "rounded:", set(self.step.rounded))
        for key, text in texts_of(step):
            yield from self._text(key, text)
        for key, condition in _conditions(step):
            yield from self._names(key, f"'{condition}' names", names_in(condition))
        if step.narrate and step.narrate[-1].when:
            yield self._at(
                "narrate", "L009", "the narration has no otherwise-branch", "end it with {otherwise: true, …}"
            )
        for key in ("right", "wrong") if step.kind == "observe" else ():
            if key not in step.places:
                yield self._at(key, "L014", f"no {key}: a bet that is {key} hears nothing", f"add '{key}:'")
        if step.question and step.kind != "detour" and step.question.accept != "sentence":
            yield from self._question(step.question)

    def _at(self, key: str, code: str, message: str, fix: str) -> Problem:
        return Problem(self.step.places.get(key, self.step.where), code, f"(step {self.step.id}) {message}", fix)

    def _names(self, key: str, what: str, names: set[str]) -> Iterator[Problem]:
        for name in sorted(names - self.known.keys()):
            yield self._at(key, "L011", f"{what} '{name}', which the result does not have",
                           str(unknown_field(name, self.known)).partition("; ")[2])  # fmt: skip

    def _lets(self) -> Iterator[Problem]:
        for name, let in self.step.let.items():
            used = names_in(let) if isinstance(let, str) else {let.source, let.by} - {""}
            yield from self._names("let", f"'{name}' is made from", used)
            rows = self.known.get(let.source) if isinstance(let, Pick) else None
            if isinstance(let, Pick) and let.each and let.each not in getattr(rows, "of", ()):
                fix = str(unknown_field(let.each, getattr(rows, "of", ()))).partition("; ")[2]
                yield self._at("let", "L011", f"'{name}' takes '{let.each}' of each, which '{let.source}' lacks", fix)
            self.known[name] = self._made(let)

    def _made(self, let: Pick | str) -> Any:
        """A stand-in for what a `let` makes."""
        if isinstance(let, str):
            return 0.5
        if let.count:
            return 2
        source = self.known.get(let.source)
        if let.each:
            source = source.of.get(let.each) if isinstance(source, _Rows) else None
        words = isinstance(source, _Words)
        if not (let.rank or let.at or let.total):
            return source if words else _Numbers(0.5)
        return "word" if words else _Numbers()

    def _text(self, key: str, text: str) -> Iterator[Problem]:
        try:
            fill(text, self.known)
        except AuthorError as error:
            place = self.step.places.get(key, self.step.where)
            yield problem(place, "L011", error, "correct the text", f"(step {self.step.id}) ")
            return
        if found := _MEASURED.search(_NOT_SAID.sub("", text)):
            yield self._at(key, "L012", f"'{found[0]}' stands in the text", "make it a {field} of the result")

    def _question(self, question: Question) -> Iterator[Problem]:
        if question.choices and not any(choice.when for choice in question.choices):
            yield self._at(
                "choices", "L023", "no choice is right", "give the right one its 'when:', such as \"1 == 1\""
            )
        if self.step.kind == "predict":
            return
        if question.accept == "request":
            for show in question.wants.shows if question.wants else ():
                try:
                    make_options(registry.find(show.experiment), show.options)
                except LearnerError as error:
                    where = self.step.places["wants"]
                    yield problem(where, "L010", error, "see `show --list`", f"(step {self.step.id}) ")
            if not question.solution:
                yield self._at("solution", "L014", f"no solution: {_WHY['solution']}", "add 'solution:'")
            return
        wanted = {"hints": question.hints, "topic": self.step.topic, "concepts": self.step.concepts}
        if question.accept != "free":
            wanted["solution"] = question.solution
        for key, held in wanted.items():
            if not held:
                yield self._at(key, "L014", f"no {key}: {_WHY[key]}", f"add '{key}:'")
        yield from self._given_away(question)
        yield from self._smaller(question)
        if question.accept == "free":
            yield from self._explanation(question)

    def _smaller(self, question: Question) -> Iterator[Problem]:
        """Smaller numbers that are not all there, or do not come out."""
        if not question.smaller or question.accept != "number":
            return
        made = {name: let for name, let in self.step.let.items() if isinstance(let, str)}
        open_ones = {name: let for name, let in made.items() if name not in question.smaller}
        told = {name for text in worked(question) for name in names_in_template(text)}
        answer = names_in(put_in(question.answer, open_ones))
        wanted = (answer | told) - question.smaller.keys() - made.keys()
        numbers = {name for name in wanted if isinstance(self.known.get(name), int | float)}
        if numbers:
            yield self._at("smaller", "L032", f"no smaller number for '{min(numbers)}'", "give it one")
            return
        for text in smaller(self.step, self.known):
            for one in equations(text):
                if not one.holds:
                    said = text[one.start :][:40]
                    yield self._at("smaller", "L032", f"with them '{said}' is false", "choose others")

    def _given_away(self, question: Question) -> Iterator[Problem]:
        """A hint that holds the right words, or a text before the answer that holds the computed one."""
        said = {"word": question.answers, "choice": [one.say for one in question.choices if one.when]}
        for key, texts in (("say", self.step.say), ("ask", (question.ask,)), ("hints", question.hints)):
            for text in texts:
                held = [answer for answer in said.get(question.accept, ()) if key == "hints"]
                by_words = any(f" {folded(answer)} " in f" {folded(text)} " for answer in held)
                by_field = question.accept == "number" and question.answer in names_in_template(text)
                if by_words or by_field:
                    yield self._at(key, "L021", f"'{text[:40]}' gives the answer away", "say less")

    def _explanation(self, question: Question) -> Iterator[Problem]:
        for answer in question.answers:
            outcome = grade(question, answer, self.known)
            if not outcome.right:
                said = f" (“{outcome.reply}”)" if outcome.reply else ""
                yield self._at("answers", "L022", f"the model answer '{answer[:40]}' does not pass{said}",
                               "add its words to 'ideas:', or reword it")  # fmt: skip
        replies = set()
        for example in question.fails:
            outcome = grade(question, example, self.known)
            replies.add(outcome.reply)
            if outcome.right:
                yield self._at("fails", "L022", f"'{example[:40]}' passes",
                               "add its words to a mistake's 'forms:', or narrow those of the ideas")  # fmt: skip
        if not question.fails:
            yield self._at("fails", "L022", "no wrong explanation to try", "add 'fails:', two or three of them")
        for mistake in question.mistakes if question.fails else ():
            if fill(mistake.say, self.known) not in replies:
                yield self._at("mistakes", "L022", f"nothing in 'fails:' makes the mistake '{mistake.forms[0]}'",
                               "add an explanation that makes it")  # fmt: skip


_WHY = {
    "hints": "a learner who is stuck stays stuck",
    "topic": "the recap could not name it",
    "concepts": "the answer would count for nothing",
    "solution": "a learner who gives up wants to see it",
}


def texts_of(step: Step) -> Iterator[tuple[str, str]]:
    """Every text of a step, with the key that it stands under."""
    held = {"say": step.say, "alone": step.alone, "right": step.right, "wrong": step.wrong, "recap": (step.recap,)}
    held["narrate"] = tuple(branch.say for branch in step.narrate)
    if question := step.question:
        held |= {"ask": (question.ask,), "hints": question.hints, "solution": question.solution}
        held["mistakes"] = tuple(mistake.say for mistake in question.mistakes)
        held["ideas"] = tuple(idea.missing for idea in question.ideas)
        held["choices"] = tuple(text for choice in question.choices for text in (choice.say, choice.reply))
    yield from ((key, text) for key, texts in held.items() for text in texts if text)


def _conditions(step: Step) -> Iterator[tuple[str, str]]:
    held = {"when": [step.when], "narrate": [branch.when for branch in step.narrate]}
    if question := step.question:
        held |= {"answer": [question.answer], "choices": [choice.when for choice in question.choices]}
        held["shape"] = list(question.shape)
        held["mistakes"] = [
            text for mistake in question.mistakes for text in (mistake.value, mistake.when, *mistake.shape)
        ]
    yield from ((key, condition) for key, conditions in held.items() for condition in conditions if condition)


def _result_fields(use: Show) -> dict[str, Any]:
    """Stand-ins for what a result holds, lists included. Raises `LearnerError` for an unknown experiment or option."""
    found = registry.find(use.experiment)
    make_options(found, use.options)
    return _lists(found.result) | stand_ins(found.result)


def _lists(result: type) -> dict[str, Any]:
    """A stand-in for every field as if it were a list: of words, of numbers, or of rows with names."""
    hints = get_type_hints(result)
    lists: dict[str, Any] = {}
    for field in dataclasses.fields(result):
        row = next(iter(get_args(hints[field.name])), None)
        if isinstance(row, type) and dataclasses.is_dataclass(row):
            lists[field.name] = _rows(_lists(row))
        else:
            lists[field.name] = _Words() if "str" in str(field.type) else _Numbers(0.5)
    return lists
