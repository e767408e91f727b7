"""A calculation is followed up: the same with another number, or without the division; what it has not is named."""

from __future__ import annotations

from typing import Any

from stand_ins import act, asks

from tutor.dialogue.types import Status
from tutor.understanding.forms import named_numbers, numbers_in
from tutor.understanding.intent import Intent, Ranked


def says(text: str, run: str, how: str = "request") -> Intent:
    """A turn as it is read: its numbers, and the run that it may mean."""
    return act(how, text, runs=(Ranked(run, 0.9),), numbers=numbers_in(text), named=named_numbers(text))


def first(talk: Any, intent: Intent) -> str:
    text: str = talk(intent).paragraphs[0]
    return text


STEP = says("gradient descent from w 2 with gradient 6 and lr 0.1", "calc.descent", "calculate")
ROW = says("attention with q (1, 0), keys (1, 0) and (0, 1), values (1, 2) and (3, 4)", "calc.attention", "calculate")
SHARES = says("softmax of 2, 1, 0.1", "calc.softmax", "calculate")


def test_another_rate_takes_the_place_of_the_rate(talk: Any) -> None:
    assert first(talk, STEP) == "After one step the weight is 1.4."
    assert first(talk, says("rate 1", "same")) == "After one step the weight is -4."
    assert "-1" in first(talk, says("with a learning rate of 0.5", "same"))


def test_other_numbers_take_the_place_of_the_numbers(talk: Any) -> None:
    first(talk, SHARES)
    assert first(talk, says("same with temperature 2", "same")).startswith("Softmax turns 2, 1, 0.1 at temperature 2")
    assert first(talk, says("and for 1, 2, 3", "same")).startswith("Softmax turns 1, 2, 3 ")


def test_a_row_of_attention_is_worked_out_without_the_division(talk: Any) -> None:
    first(talk, ROW)
    answer = talk(says("same again but without √d", "scaling"))
    assert "Not divided by √2" in answer.paragraphs[1] and "0.7311" in answer.paragraphs[0]


def test_what_a_calculation_has_not_is_named(talk: Any) -> None:
    first(talk, SHARES)
    plan = talk.plan(says("same with rate 1", "same"))
    assert plan.status is Status.REFUSED and "has no rate" in plan.paragraphs[0] and "temperature" in plan.paragraphs[0]


def test_after_a_picture_the_same_is_of_the_picture(talk: Any) -> None:
    first(talk, SHARES)
    talk(asks("attention.what"))
    assert talk.state.sum is None


def test_a_statement_is_conceded_whatever_it_was_read_as(talk: Any) -> None:
    for how in ("question", "request", "objection", "feedback"):
        assert talk.plan(act(how, "0.8+0.3 is not 1")).paragraphs[0] == "Right: 0.8 + 0.3 = 1.1."


def test_a_statement_about_the_screen_names_whose_numbers_they_are(talk: Any) -> None:
    talk(says("attention", "attention"))
    told = talk(act("objection", "30% + 70% is 100%")).paragraphs
    assert told == ("Right: 30% + 70% = 100%.", "In the row of “cat” these are the shares of “The” and “cat”; "
                    "with the other 4 they make 100%.")  # fmt: skip
    assert talk.state.picture_last
