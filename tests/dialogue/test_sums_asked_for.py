"""A calculation on a learner's own numbers is handed on with all of them, and told with its steps."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

import pytest
from stand_ins import act, asks

import tutor.calculations
from tutor.calculations import KINDS, Calculation
from tutor.dialogue.calculate import ABOUT, CERTAIN, MEANT
from tutor.dialogue.types import Status
from tutor.errors import LearnerError
from tutor.understanding.intent import CALCULATIONS, Intent, Ranked, Slot

CALLS: list[Any] = []


@pytest.fixture(autouse=True)
def _worked_out(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    def work_out(kind: str, numbers: Any, named: Any, slots: Any, vectors: Any) -> Calculation:
        CALLS.append((kind, numbers, named, slots, vectors))
        if not numbers:
            raise LearnerError("softmax needs numbers, as in softmax of 1, 2")
        return Calculation("It is 3.", ("1 + 2", "= 3"), (3.0,))

    CALLS.clear()
    monkeypatch.setattr(tutor.calculations, "work_out", work_out)
    yield


def sums(run: str = "calc.softmax", *numbers: float, **more: Any) -> Intent:
    return act("calculate", runs=(Ranked("attention", 0.5), Ranked(run, 0.4)), numbers=numbers, **more)


def test_the_numbers_their_names_and_groups_and_the_slots_are_handed_on(talk: Any) -> None:
    slots = (Slot("temperature", "2", 0), Slot("word", "cat", 1), Slot("word", "mat", 2))
    answer = talk(sums("calc.softmax", 1.0, 2.0, named={"t": 2.0}, slots=slots, vectors=(("t", (1.0, 2.0)),)))
    assert CALLS == [("softmax", (1.0, 2.0), {"t": 2.0}, {"temperature": "2", "word": "cat"}, (("t", (1.0, 2.0)),))]
    assert answer.paragraphs == ("It is 3.", "```\n1 + 2\n= 3") and answer.status is Status.ANSWERED
    assert talk.sentence == "The cat is on the mat." and answer.shown == ()


def test_what_is_missing_is_said(talk: Any) -> None:
    answer = talk(sums())
    assert (answer.status, answer.paragraphs) == (Status.REFUSED, ("softmax needs numbers, as in softmax of 1, 2",))


def test_a_question_without_numbers_that_a_node_answers_is_answered(talk: Any) -> None:
    assert talk(sums(nodes=(Ranked("softmax.what", 0.5),), likeness=0.9)).node == "softmax.what"
    assert talk(sums(nodes=(Ranked("softmax.what", 0.49),), likeness=0.9)).status is Status.REFUSED


def test_a_doubtful_sum_that_cannot_be_worked_out_is_answered_as_a_question(talk: Any) -> None:
    doubtful = (Ranked("calculate", CERTAIN - 0.01), Ranked("question", 0.2))
    intent = dataclasses.replace(sums(nodes=(Ranked("softmax.what", 0.3),), likeness=0.9), acts=doubtful)
    assert talk(intent).node == "softmax.what"


def test_where_no_calculation_was_read_it_is_a_question(talk: Any) -> None:
    intent = act("calculate", runs=(Ranked("attention", 0.9),), nodes=(Ranked("softmax.what", 0.9),), likeness=0.9)
    assert talk(intent).node == "softmax.what" and CALLS == []


def test_every_calculation_can_be_read_worked_out_and_explained(library: Any) -> None:
    assert {f"calc.{kind}" for kind in KINDS} == set(CALCULATIONS) == set(ABOUT)
    assert [node for node in ABOUT.values() if node not in library.nodes] == []


def test_numbers_in_a_question_are_worked_out_before_its_answer(talk: Any) -> None:
    runs = (Ranked("calc.softmax", 0.6),)
    answer = talk(asks("softmax.why", runs=runs, numbers=(1.0, 2.0)))
    assert answer.paragraphs[:2] == ("It is 3.", "```\n1 + 2\n= 3") and "Line of softmax.why." in answer.paragraphs[2]
    assert answer.offers[0].node == "softmax.why"  # told in a line, so the whole is offered
    assert talk(asks("softmax.why", runs=runs, numbers=(1.0, 2.0))).paragraphs[0] == "It is 3."


@pytest.mark.parametrize(
    ("node", "run", "numbers"),
    [
        ("attention.why", Ranked("calc.softmax", 0.9), (1.0, 2.0)),  # the numbers are about something else
        ("softmax.why", Ranked("calc.softmax", MEANT - 0.01), (1.0, 2.0)),
        ("softmax.why", Ranked("calc.softmax", 0.9), ()),
        ("softmax.why", Ranked("attention", 0.9), (1.0, 2.0)),
    ],
)
def test_numbers_that_belong_to_no_sum_of_the_subject_are_left_alone(
    talk: Any, node: str, run: Ranked, numbers: tuple[float, ...]
) -> None:
    assert talk(asks(node, runs=(run,), numbers=numbers)).paragraphs[0] == f"Say {node}."


def test_below_what_is_missing_stands_the_answer_of_a_sure_node(talk: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: Any) -> Calculation:
        raise LearnerError("softmax needs at least two scores")

    monkeypatch.setattr(tutor.calculations, "work_out", refused)
    sure = sums("calc.softmax", 2.0, nodes=(Ranked("softmax.what", 0.9),), likeness=0.9)
    answer = talk(dataclasses.replace(sure, acts=(Ranked("calculate", 0.99),)))
    assert answer.paragraphs[0] == "softmax needs at least two scores" and answer.node == "softmax.what"


@pytest.mark.parametrize(("name", "worked_out"), [("temperature", True), ("colour", False)])
def test_a_question_whose_numbers_have_the_names_of_its_calculation_is_worked_out(
    talk: Any, name: str, worked_out: bool
) -> None:
    asked = act("question", nodes=(Ranked("softmax.what", 0.9),), likeness=0.9, numbers=(0.5, 1.0, 2.0))
    asked = dataclasses.replace(asked, runs=(Ranked("calc.softmax", 0.01),), named={name: 0.5})
    assert ("It is 3." in talk(asked).paragraphs) == worked_out
