"""The last answer, or the one asked for, on the learner's numbers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from stand_ins import act, asks, node

from tutor.curriculum.tree import Branch, Case
from tutor.understanding.forms import named_numbers, numbers_in
from tutor.understanding.intent import Intent, Ranked

PAIRS = Case({"n": ("tokens",)}, {}, {"pairs": "n * (n + 1) / 2"}, (Branch("", "{pairs:,} pairs of {n:,}."),))
COUNT = node("softmax.math", case=PAIRS, next=("softmax.what",))


def gives(text: str, intent: Intent) -> Intent:
    """The turn with the numbers of its text."""
    return replace(intent, text=text, numbers=numbers_in(text), named=named_numbers(text))


def told(conversation: Any, intent: Intent) -> str:
    return "\n".join(conversation(intent).paragraphs)


def test_a_question_with_numbers_gets_their_result_first_and_then_the_rule(make_talk: Any) -> None:
    said = told(make_talk(COUNT), gives("how many pairs have 4 tokens", asks("softmax.math")))
    assert said.startswith("10 pairs of 4.") and "Say softmax.math." in said


def test_numbers_after_an_answer_are_put_into_it(make_talk: Any) -> None:
    talk = make_talk(COUNT)
    assert "pairs of" not in told(talk, asks("softmax.math"))
    assert told(talk, gives("and 12?", asks(("softmax.what", 0.3)))) == "78 pairs of 12."
    assert told(talk, gives("3 tokens then", act("calculate", runs=(Ranked("calc.softmax", 0.9),)))) == "6 pairs of 3."


def test_numbers_of_a_request_are_those_of_the_request(make_talk: Any) -> None:
    talk = make_talk(COUNT)
    told(talk, asks("softmax.math"))
    show = act("request", runs=(Ranked("attention", 0.9),))
    assert "pairs of" not in told(talk, gives("show me number 3", show))


def test_numbers_of_another_question_stay_there(make_talk: Any) -> None:
    talk = make_talk(COUNT)
    told(talk, asks("softmax.math"))
    assert "pairs of" not in told(talk, gives("softmax has 3 uses?", asks("softmax.what")))
    told(talk, asks("softmax.math"))
    assert "pairs of" not in told(talk, gives("with 2 heads", asks(("softmax.what", 0.3))))
