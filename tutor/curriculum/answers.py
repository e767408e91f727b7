"""Grading an answer: the many forms in which a right one is right, and what a wrong one tells.

    grade(question, text, fields) -> Grade

Pure functions over a question, what was typed, and the fields of a live result. An answer that cannot be
read is neither right nor wrong: `Grade.right` is None, the learner is told what is wanted, and no try is spent.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tutor.curriculum import slips
from tutor.curriculum.choices import Option, chosen, options_of
from tutor.curriculum.conditions import evaluate, holds
from tutor.curriculum.explanations import Likeness, judge, says
from tutor.curriculum.narration import fill
from tutor.curriculum.numbers import close, read_number, rounds_to
from tutor.curriculum.shapes import read_shape, same_shape, shown_shape, slip_of, wanted_shape
from tutor.curriculum.steps import GIVEN, Mistake, Question
from tutor.curriculum.words import folded, gave_up, same_words
from tutor.errors import AuthorError

LONGEST = 1000
"""Characters of an answer that are read."""


@dataclass(frozen=True)
class Grade:
    """What came of an answer."""

    right: bool | None
    """None: could not be read, and does not count."""
    given: str
    """The answer as understood: a choice's own words, a number, or the text."""
    reply: str
    """What the mistake was, or what to type instead; may be empty."""


def grade(question: Question, text: str, fields: Mapping[str, Any], likeness: Likeness | None = None) -> Grade:
    """Grade what was typed. `fields` are those of the live result, lists included.

    An explanation may be several lines, the last of them new; `likeness`, where there is one, compares it by meaning.
    """
    free = question.accept == "free"
    text = text.strip()[-LONGEST if free else 0 :][:LONGEST]
    line = text.rpartition("\n")[2]
    if not text or (gave_up(line) and not (free and len(line.split()) >= 8)):
        return Grade(None, "", "No need to be sure. `/hint` helps you along, and `/skip` leaves this step out.")
    if free:
        return _free(question, text, fields, likeness)
    graders = {"choice": _choice, "number": _number, "shape": _shape, "word": _word}
    return graders[question.accept](question, text, fields)


def _choice(question: Question, text: str, fields: Mapping[str, Any]) -> Grade:
    options = options_of(question, fields)
    option = chosen(text, options)
    if option is None:
        alike = [option.say for option in options if option.value and same_words(text, option.value)]
        if alike:
            return Grade(None, "", f"Which one: {' or '.join(f'“{say}”' for say in alike)}? Its number will do.")
        tokens = fields[question.choices_from] if question.choices_from else ()
        option = chosen(text, [Option(token) for token in dict.fromkeys(tokens)])  # one that is not on the list
    if option is None:
        return Grade(None, "", f"Type one of them, or its number from 1 to {len(options)}.")
    if option.right:
        return Grade(True, option.meant, "")
    told = {**fields, GIVEN: option.meant}
    return Grade(False, option.meant, fill(option.reply, told) if option.reply else _diagnosed(question, told))


def _number(question: Question, text: str, fields: Mapping[str, Any]) -> Grade:
    readings = read_number(text, question.share)
    if not readings:
        return Grade(None, "", "Type one number, such as 2.5, −3, 1/4 or 25 %.")
    wanted = float(evaluate(question.answer, fields))
    if any(close(reading.value, wanted, question.tolerance, question.share) for reading in readings):
        return Grade(True, text, "")
    for reading in readings:
        if reply := _computed(question, reading.value, wanted, fields):
            return Grade(False, text, reply)
    if any(rounds_to(reading, wanted) for reading in readings):
        return Grade(True, text, "")
    if wanted and any(close(-reading.value, wanted, question.tolerance) for reading in readings):
        return Grade(False, text, "The size is right; look at the sign again.")
    first = readings[0].value
    told = _diagnosed(question, {**fields, GIVEN: first})
    told = told or slips.diagnosed(question.worked or question.answer, wanted, readings[0], fields, question.share)
    return Grade(False, text, told or f"That is too {'large' if first > wanted else 'small'}.")


def _shape(question: Question, text: str, fields: Mapping[str, Any]) -> Grade:
    given, wanted = read_shape(text), wanted_shape(question.shape, fields)
    if not given:
        sizes = " x ".join(str(size) for size in range(2, 2 + len(wanted)))
        return Grade(None, "", f"Type the {len(wanted)} sizes in their order, such as {sizes}.")
    if same_shape(given, wanted):
        return Grade(True, text, "")
    told = {**fields, GIVEN: shown_shape(given)}
    for mistake in question.mistakes:
        error = wanted_shape(mistake.shape, fields)
        if same_shape(given, error) and error != wanted:
            return Grade(False, text, fill(mistake.say, told))
    return Grade(False, text, slip_of(given, question, fields))


def _computed(question: Question, value: float, wanted: float, fields: Mapping[str, Any]) -> str:
    """What to say to the mistake that leads to `value`, of several the nearest."""
    found: list[tuple[float, str]] = []
    for mistake in question.mistakes:
        if not mistake.value:
            continue
        try:
            error = float(evaluate(mistake.value, fields))
        except AuthorError:  # on this sentence the mistake cannot even be made: a division by nothing
            continue
        if not close(error, wanted, question.tolerance, question.share) and close(value, error, question.tolerance):
            found.append((abs(value - error), mistake.say))
    return fill(min(found)[1], {**fields, GIVEN: value}) if found else ""


def _diagnosed(question: Question, fields: Mapping[str, Any]) -> str:
    """What to say to an answer that is recognised by its words or by a condition."""
    given = fields[GIVEN]
    return next((fill(one.say, fields) for one in question.mistakes if _is_made(one, given, fields)), "")


def _is_made(mistake: Mistake, given: Any, fields: Mapping[str, Any]) -> bool:
    if mistake.forms:
        return says(mistake.forms, given)
    try:
        if mistake.when:
            return holds(mistake.when, fields)
        return isinstance(given, str) and bool(evaluate(mistake.value, fields) == given)
    except AuthorError:  # on this sentence the mistake cannot be made
        return False


def _word(question: Question, text: str, fields: Mapping[str, Any]) -> Grade:
    answers = [*question.answers, *([str(evaluate(question.answer, fields))] if question.answer else [])]
    if any(same_words(text, answer) for answer in answers):
        return Grade(True, text, "")
    return Grade(False, text, _diagnosed(question, {**fields, GIVEN: folded(text)}))


def _free(question: Question, text: str, fields: Mapping[str, Any], likeness: Likeness | None) -> Grade:
    if len(folded(text.rpartition("\n")[2]).split()) < 3:
        return Grade(None, "", "Say it in a sentence, however rough.")
    verdict = judge(question, text, likeness)
    return Grade(verdict.right, text, fill(verdict.reply, fields))
