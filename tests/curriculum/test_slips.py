"""Wrong numbers are told apart by making the mistake, also where the lesson names none."""

from __future__ import annotations

import dataclasses
import math

import pytest
from guided import at

from tutor.curriculum.answers import grade
from tutor.curriculum.conditions import evaluate, put_in
from tutor.curriculum.engine import Session
from tutor.curriculum.steps import Question

ORDER = "where-order-comes-from"


def told(session: Session, value: float) -> str:
    """What is said to a wrong number, by an exercise that names no mistakes of its own."""
    step, fields = session.here()
    assert step.question
    graded = grade(dataclasses.replace(step.question, mistakes=()), f"{value:.4f}", fields)
    assert graded.right is False
    return graded.reply


def softmax(scores: list[float]) -> list[float]:
    powers = [math.exp(score - max(scores)) for score in scores]
    return [power / sum(powers) for power in powers]


def test_a_share_without_the_division_by_the_root_is_recognised() -> None:
    session = at("softmax")
    fields = session.here()[1]
    at_key = fields["weights"].index(max(fields["weights"]))
    assert "without the division by √d" in told(session, softmax(list(fields["raw_scores"]))[at_key])


def test_another_keys_share_is_named_by_its_word() -> None:
    session = at("softmax")
    fields = session.here()[1]
    assert "share of “cat”" in told(session, fields["weights"][fields["key_tokens"].index("cat")])


def test_shares_made_before_masking_are_recognised() -> None:
    session = at("share", name=ORDER)
    fields = session.here()[1]
    at_key = fields["weights"].index(max(fields["weights"]))
    assert "Mask first" in told(session, softmax(list(fields["scaled_scores"]))[at_key])


@pytest.mark.parametrize(
    ("expression", "says"),
    [
        *(
            ("raw", "Divide it by √d"),
            ("raw / d_head", "d itself"),
            ("scaled * d_head", "Divide by it"),
            ("-scaled", "sign"),
        ),
    ],
)
def test_ways_of_dividing_wrongly_are_recognised(expression: str, says: str) -> None:
    session = at("again")
    value = float(evaluate(expression, session.here()[1]))
    assert says in told(session, value), value


@pytest.mark.parametrize(
    ("value", "says"),
    [
        *((7.0, "You added. Multiply."), (12 / 7, "two"), (3.0, "One step is missing"), (9.0, "by itself")),
        *((0.75, "You divided. Multiply."), (120.0, "decimal point"), (-12.0, "sign"), (13.0, "One too many")),
    ],
)
def test_the_answers_own_arithmetic_done_wrongly_is_recognised(value: float, says: str) -> None:
    question = Question("?", "number", answer="a * b", tolerance=0.01)
    reply = grade(question, f"{value:g}", {"a": 3, "b": 4}).reply
    assert (says in reply) == (value != 12 / 7), reply


def test_a_share_and_per_cent_mixed_up_are_recognised() -> None:
    question = Question("?", "number", answer="n", tolerance=0.01)
    assert "per cent" in grade(question, "0.37", {"n": 37.0}).reply


def test_row_and_column_and_softmax_down_the_column_are_recognised() -> None:
    scores = ((1.0, 2.0, 0.5), (0.2, 1.5, 2.5), (2.0, 0.1, 1.1))
    fields = {"scores": scores, "s": scores[0][1], "w": softmax(list(scores[0]))[1]}
    assert "exchanged" in grade(Question("?", "number", answer="s"), "0.2", fields).reply
    down = softmax([row[1] for row in scores])[0]
    assert "down the column" in grade(Question("?", "number", answer="w"), f"{down:.4f}", fields).reply


def test_what_let_names_is_put_into_the_answer() -> None:
    assert put_in("2 * part", {"part": "w * v", "w": object()}) == "2 * (w * v)"
