"""What is weak is offered as an exercise by answers that touch it, and by no others."""

from __future__ import annotations

from typing import Any

from stand_ins import act, asks


def test_an_answer_that_touches_something_weak_offers_its_exercise(talk: Any) -> None:
    before = talk(asks("softmax.what"))
    talk.weak = ("softmax",)
    answer = talk(asks("softmax.what"))
    assert answer.offers[-1].command == "/review softmax" and len(answer.offers) <= 3
    assert not any(offer.command.startswith("/review") for offer in before.offers)


def test_an_answer_about_something_else_does_not(talk: Any) -> None:
    talk.weak = ("softmax",)
    answer = talk(asks("attention.what"))
    assert not any(offer.command.startswith("/review") for offer in answer.offers)
    assert not any(offer.command.startswith("/review") for offer in talk(act("thanks")).offers)


def test_what_is_weak_stays_known_through_the_conversation(talk: Any) -> None:
    talk.weak = ("softmax",)
    talk(asks("attention.what"))
    assert talk.state.weak == ("softmax",)
