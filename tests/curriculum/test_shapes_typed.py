"""Shapes are read in every usual form, and a wrong one is told apart by the mistake that leads to it."""

from __future__ import annotations

import pytest
from guided import at

from tutor.curriculum.answers import grade
from tutor.curriculum.steps import Mistake, Question

FIELDS = {"tokens": 7, "d_model": 64, "heads": 4}
QUESTION = Question(
    "?",
    "shape",
    shape=("tokens", "d_model"),
    mistakes=(Mistake("", "", "That is one head: {given}.", shape=("tokens", "d_model / heads")),),
)


@pytest.mark.parametrize(
    "typed",
    [
        *("(7, 64)", "7 x 64", "7x64", "7 by 64", "7×64", "[7,64]", "7 * 64", "7 64", "(7,64)", "(7 , 64)."),
        *("7 rows and 64 columns", "seven by sixty four", "torch.Size([7, 64])", "7 tokens, 64 numbers", "(1, 7, 64)"),
        *("I think it's 7 X 64", "is it (7, 64)?", "seven by 64"),
    ],
)
def test_a_shape_is_right_in_every_usual_form(typed: str) -> None:
    assert grade(QUESTION, typed, FIELDS).right is True


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        *(("(64, 7)", "Transposed"), ("64 by 7", "Transposed"), ("7 x 16", "one head: (7, 16)")),
        *(("448", "how many numbers there are in all"), ("7", "You named 1 size"), ("7 x 64 x 4", "You named 3 sizes")),
        *(("7 x 63", "The first size is right. Look at the second"), ("8 x 64", "The second size is right")),
        ("64 x 3", "at another place"),
    ],
)
def test_a_wrong_shape_is_diagnosed(typed: str, says: str) -> None:
    graded = grade(QUESTION, typed, FIELDS)
    assert graded.right is False and says in graded.reply, graded


@pytest.mark.parametrize("typed", ["it is wide", "7.5 x 64", "-7 x 64", "rows by columns", "0 x 64"])
def test_what_is_no_shape_is_not_counted_and_told_how(typed: str) -> None:
    graded = grade(QUESTION, typed, FIELDS)
    assert graded.right is None and "such as 2 x 3" in graded.reply


def test_three_axes_in_another_order_are_named_as_such() -> None:
    question = Question("?", "shape", shape=("heads", "tokens", "d_model"))
    assert "axes are exchanged" in grade(question, "(7, 4, 64)", FIELDS).reply


def test_a_lesson_asks_for_a_shape_and_knows_the_learned_matrix_from_the_queries() -> None:
    session = at("width", name="many-heads")
    _, fields = session.here()
    tokens, width, each = fields["source_count"], fields["d_model"], fields["d_model"] // fields["heads"]
    assert "Transposed" in session.answer(f"{each} x {tokens}").paragraphs[0]
    assert "learned matrix" in session.answer(f"({width}, {each})").paragraphs[0]
    assert session.answer(f"{tokens} by {each}").correct
