"""Steps that are done by a request, smaller numbers, jumps, what is left out: the engine, without a terminal."""

from __future__ import annotations

import pytest
from guided import SENTENCES, at, course, lesson, run

from tutor.curriculum.engine import Session
from tutor.curriculum.equations import equations
from tutor.curriculum.screens import Deed
from tutor.curriculum.state import State

HEADS = "many-heads"


def test_a_request_is_done_when_exactly_what_is_wanted_stands() -> None:
    session = at("one-off-do", name=HEADS)
    assert session.screen().kind == "request" and not session.answer("whatever").advance
    assert not session.did(Deed()).advance
    other = session.did(Deed(("encoder.1.3",)))
    assert not other.advance and "head 3 of encoder layer 1 is off" in other.paragraphs[0]
    assert session.did(Deed(("encoder.1.2",))).advance and session.next()
    assert not session.state.outcomes  # nothing of it is graded


def test_mending_wants_nothing_changed() -> None:
    session = at("one-off-undo", name=HEADS)
    assert not session.did(Deed(("encoder.1.2",))).advance
    assert session.did(Deed()).advance


def test_a_picture_that_is_asked_for_may_be_one_of_several_and_of_the_right_head() -> None:
    wrong, right = {"layer": 3, "head": 2}, {"layer": 3, "head": 4, "part": "encoder"}
    assert not at("elsewhere").did(Deed((), (("attention", wrong),))).advance
    for shown in ("attention", "attention-steps"):
        assert at("elsewhere").did(Deed((), ((shown, right),))).advance


def test_at_least_five_lessons_have_something_to_break_by_a_request() -> None:
    asking = [one.id for one in course().values() if any(step.kind == "do" for step in one.walk())]
    assert len(asking) >= 5


def test_smaller_numbers_are_offered_after_two_wrong_answers_and_come_out() -> None:
    session = at("product")
    assert "/smaller" not in " ".join(session.answer("987").paragraphs)
    assert "/smaller" in " ".join(session.answer("988").paragraphs)
    assert "2 × 3 = 6." in session.smaller().paragraphs
    assert not session.smaller().advance and session.state.hints["product"]


def test_every_step_with_smaller_numbers_tells_true_equations() -> None:
    found = 0
    for one in course().values():
        for step in one.walk():
            if (
                step.question
                and step.question.smaller
                and (step.use is None or step.use.experiment == "attention-steps")
            ):
                session = Session(one, State(one.id, SENTENCES[0], step.id), run)
                said = [equation for text in session.smaller().paragraphs for equation in equations(text)]
                assert said and all(equation.holds for equation in said), (one.id, step.id)
                found += 1
    assert found >= 6


def test_a_step_can_be_gone_to_by_its_number() -> None:
    session = Session.start(lesson(), "", run)
    assert session.goto(8) and session.position == 8 and not session.goto(99) and not session.goto(0)
    assert session.back() and session.position == 1


def test_what_is_left_out_is_told() -> None:
    assert "≈" in " ".join(at("product").left_open())
    assert at("bet").left_open() == () and at("explain").left_open()[0].startswith("One way to say it")


def test_the_recap_has_ones_own_words_beside_a_model_answer() -> None:
    session = at("explain")
    session.answer("It weighs the other words and collects their values")
    lines = session.recap()
    own = next(line for line in lines if line.startswith("In your words"))
    assert "collects their values" in own and lines[lines.index(own) + 1].startswith("One way to say it")


@pytest.mark.parametrize("given", ["a slip", "another"])
def test_a_rank_beyond_the_sentence_is_an_error_that_can_be_skipped(given: str) -> None:
    from dataclasses import replace

    from tutor.curriculum.steps import Pick
    from tutor.errors import AuthorError

    one = lesson()
    steps = tuple(
        replace(step, let={"far": Pick("key_tokens", by="weights", rank=9)}) if step.id == "product" else step
        for step in one.steps
    )
    session = Session(replace(one, steps=steps), State(one.id, SENTENCES[1], "product"), run)
    with pytest.raises(AuthorError, match="no rank 9"):
        session.screen()
    session.skip()
    assert session.state.at == "agree" and session.screen() and session.recap()
