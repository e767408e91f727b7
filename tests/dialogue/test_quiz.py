"""A question back to the learner: what is asked, how it is graded, and how it ends."""

from __future__ import annotations

from typing import Any

import pytest
from stand_ins import act, asks

from tutor.dialogue.quiz import grade
from tutor.dialogue.types import Quiz, Status
from tutor.understanding.intent import Ranked

QUIZ = Quiz("Which?", ("It divides.", "It adds.", "It sorts."), 1, "Sums grow.")


@pytest.mark.parametrize("typed", ["2", " 2. ", "It adds.", "it adds", "“it adds”"])
def test_the_right_answer_is_its_number_or_its_words(typed: str) -> None:
    assert grade(QUIZ, typed.replace("“", '"').replace("”", '"')) == "Right. Sums grow."


@pytest.mark.parametrize("typed", ["2, easy", "i think it is the second one", "number 2!"])
def test_a_number_with_a_few_words_is_an_answer(typed: str) -> None:
    assert grade(QUIZ, typed) == "Right. Sums grow."


@pytest.mark.parametrize(
    ("typed", "run", "graded"), [("2, easy", "same", True), ("show me head 2", "attention", False)]
)
def test_an_open_quiz_takes_what_no_order_surely_is(talk: Any, typed: str, run: str, graded: bool) -> None:
    talk(act("quiz"))
    surely = 0.9 if not graded else 0.2
    answer = talk(act("request", typed, runs=(Ranked(run, surely),)))
    assert answer.text.startswith(("Right.", "Not this time")) == graded


def test_a_quiz_is_on_the_concept_that_is_named(talk: Any) -> None:
    talk(asks("attention.what"))
    talk(act("quiz", "a quiz about softmax", nodes=(Ranked("softmax.what", 0.6),)))
    assert talk.state.quiz.node.startswith("softmax.")


@pytest.mark.parametrize("typed", ["1", "3.", "It sorts"])
def test_a_wrong_answer_is_told_the_right_one(typed: str) -> None:
    assert grade(QUIZ, typed) == "Not this time: number 2 does. *It adds.* Sums grow."


@pytest.mark.parametrize("typed", ["", "0", "4", "-1", "why?", "it", "12345", "²"])
def test_what_is_no_answer_is_not_graded(typed: str) -> None:
    assert grade(QUIZ, typed) == ""


def test_the_quiz_is_about_what_was_told_and_its_right_choice_moves(talk: Any) -> None:
    for name in ("softmax.what", "attention.what"):
        talk(asks(name))
    seen = []
    for _ in range(4):
        answer = talk(act("quiz"))
        quiz = talk.state.quiz
        assert quiz and len(set(quiz.choices)) == len(quiz.choices) == 3
        assert quiz.choices[quiz.right] == talk.library.nodes[quiz.node].line
        assert answer.paragraphs == (quiz.question, *(f"{n}. {text}" for n, text in enumerate(quiz.choices, 1)))
        assert quiz.question.endswith(f"*Ask {quiz.node}?*")
        seen.append((quiz.node, quiz.right))
    assert {node for node, _ in seen} == {"softmax.what", "attention.what"} and len({at for _, at in seen}) == 3


def test_before_any_answer_the_quiz_is_about_a_place_to_begin(talk: Any) -> None:
    talk(act("quiz"))
    assert talk.state.quiz.node == "attention.what"


@pytest.mark.parametrize(("typed", "begins"), [("1", "Right."), ("2", "Not this time: number 1 does.")])
def test_a_number_answers_the_quiz_and_not_an_offer(talk: Any, typed: str, begins: str) -> None:
    talk(asks("attention.what"))
    talk(act("quiz"))
    assert talk.state.quiz.right == 0 and talk.context.quizzed
    answer = talk(act("yes", typed, picked=int(typed)))
    assert answer.paragraphs[0].startswith(begins) and "More of attention.what." in answer.paragraphs[0]
    assert answer.offers[0].command == "/quiz" and talk.state.quiz is None and answer.status is Status.SMALL


def test_stop_drops_the_quiz_and_tells_no_answer(talk: Any) -> None:
    talk(asks("attention.what"))
    talk(act("quiz"))
    answer = talk(act("stop"))
    assert "Line of" not in answer.text and talk.state.quiz is None and answer.status is Status.SMALL


@pytest.mark.parametrize("ending", ["no", "simpler", "feedback"])
def test_a_quiz_that_is_not_wanted_is_answered_and_closed(talk: Any, ending: str) -> None:
    talk(asks("attention.what"))
    talk(act("quiz"))
    answer = talk(act(ending))
    assert answer.paragraphs == ("It is number 1. *Line of attention.what.*",)
    assert talk.state.quiz is None and not talk.context.quizzed
    assert talk(asks("scaling.what", text="Line of attention.what.")).node == "scaling.what"


def test_another_question_ends_the_quiz_and_is_answered(talk: Any) -> None:
    talk(act("quiz"))
    assert talk(asks("softmax.what")).node == "softmax.what" and talk.state.quiz is None
