"""Numbers as people write them, and equations that hold as they are printed."""

from __future__ import annotations

import pytest
from guided import course, run

from tutor.curriculum.answers import grade
from tutor.curriculum.choices import chosen
from tutor.curriculum.choices import options_of as options
from tutor.curriculum.equations import equations
from tutor.curriculum.lesson_linter import texts_of
from tutor.curriculum.narration import fill
from tutor.curriculum.numbers import read_number
from tutor.curriculum.steps import Choice, Question
from tutor.curriculum.syllabus import load_sentences
from tutor.curriculum.trial import HARDER, suiting
from tutor.errors import AuthorError

QUICK = ("attention-steps", "one-hot", "tokens", "positions")
"""Experiments that thirty sentences can be run through in a test."""


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        *(("minus 0.54", -0.54), ("e^0", 1), ("√64", 8), ("0.369*0.75", 0.27675), ("0.369 (36.9%)", 0.369)),
        *(("two point four", 2.4), ("minus two point four", -2.4), ("twenty-five per cent", 0.25), ("5 - 3", 2)),
        *(("is it about 2.4?", 2.4), ("3*(2+1)", 9), ("exp(0) / 2", 0.5), ("5 x 3", 15), ("0.3 times 0.5", 0.15)),
    ],
)
def test_a_number_is_read_however_it_is_written(typed: str, value: float) -> None:
    assert [one.value for one in read_number(typed)] == [pytest.approx(value)]


@pytest.mark.parametrize("typed", ["0.3 or 0.4", "1 2", "1/0", "x+y", "9^9^9^9", "the third one", "3 and 4"])
def test_what_is_not_one_number_is_not_read_as_one(typed: str) -> None:
    assert read_number(typed) == ()


def test_a_number_rounded_beyond_recognition_is_another_number() -> None:
    question = Question("?", "number", answer="0.068", tolerance=0.0004)
    assert grade(question, "0,1", {}).right is False and grade(question, "0.07", {}).right is True


def test_minus_in_words_is_a_sign() -> None:
    question = Question("?", "number", answer="2.4", tolerance=0.01)
    assert grade(question, "2.4", {}).right and "sign" in grade(question, "minus 2.4", {}).reply


@pytest.mark.parametrize(
    ("typed", "meant"), [("the third one", "c"), ("number two", "b"), ("the last", "d"), ("first", "a")]
)
def test_a_choice_is_named_by_its_place(typed: str, meant: str) -> None:
    question = Question("?", "choice", choices=tuple(Choice(name, "1 == 1", "") for name in "abcd"))
    found = chosen(typed, options(question, {}))
    assert found and found.say == meant


def test_a_false_equation_is_seen_and_a_true_one_is_not() -> None:
    seen = {
        one.left.strip(): one.holds
        for one in equations("0.313 × 1.62 ≈ 0.50. √64 = 8; 3,600 × 2 = 7,200, 50% / 2 = 25%.")
    }
    assert seen == {"0.313 × 1.62": False, "√64": True, "3,600 × 2": True, "50% / 2": True}


def test_an_equation_gets_the_digits_that_make_it_true() -> None:
    fields = {"q": 0.3126, "v": 1.6155, "p": 0.3126 * 1.6155}
    assert fill("{q:.2f} × {v:.2f} ≈ {p:.2f}", fields) == "0.313 × 1.615 ≈ 0.51"


def test_equations_hold_as_printed_on_thirty_sentences() -> None:
    checked = 0
    for lesson in course().values():
        steps = [step for step in lesson.walk() if step.use is None or step.use.experiment in QUICK]
        steps = [step for step in steps if step.use and any("≈" in text for _, text in texts_of(step))]
        for sentence in suiting(lesson, (*load_sentences(), *HARDER), run) if steps else ():
            for step in steps:
                checked += check_equations(lesson, step, sentence)
    assert checked > 600


def check_equations(lesson: object, step: object, sentence: str) -> int:
    """How many equations the texts of a step print on a sentence; all of them hold."""
    from tutor.curriculum.bench import Bench
    from tutor.curriculum.state import State

    try:
        fields = {"given": 0.0, **Bench(lesson, run).fields(step, State("", sentence, step.id))}  # type: ignore
    except AuthorError:
        return 0
    found = [one for _, text in texts_of(step) for one in equations(fill(text, fields))]  # type: ignore
    assert all(one.holds for one in found), (step, sentence, [one for one in found if not one.holds])
    return len(found)
