"""Which sentence is in force, and what puts another one in its place."""

from __future__ import annotations

from typing import Any

import pytest
from stand_ins import act, asks

from tutor.dialogue.sentence import CERTAIN
from tutor.dialogue.types import Offer, Status
from tutor.understanding.intent import Intent, Ranked, Slot

DEFAULT = "The cat is on the mat."


def sentence(probability: float, text: str = "My dog sleeps.", **more: Any) -> Intent:
    acts = (Ranked("set_sentence", probability), Ranked("question", 1 - probability))
    return Intent(text, acts, **more)


def test_a_sentence_comes_into_force_and_is_shown(talk: Any) -> None:
    answer = talk(sentence(CERTAIN))
    assert answer.sentence == talk.sentence == answer.runs[0].sentence == "My dog sleeps."
    assert (answer.runs[0].experiment, answer.shown[0].pictured) == ("attention", True)
    assert [offer.command for offer in answer.offers] == ["/show translate", "/show link", "/show next-word"]
    assert talk.state.sentences == (DEFAULT, "My dog sleeps.")


def test_of_a_turn_with_a_sentence_in_it_only_that_is_taken(talk: Any) -> None:
    given = "take “My dog sleeps.” please"
    slots = (Slot("sentence", "My", 6), Slot("sentence", "“My dog sleeps.”", 5))
    assert talk(sentence(0.9, given, slots=slots)).sentence == "My dog sleeps."


def test_what_may_be_talk_is_not_put_in_force_but_offered(talk: Any) -> None:
    answer = talk(sentence(CERTAIN - 0.01))
    assert talk.sentence == DEFAULT and answer.shown == ()
    assert (answer.status, answer.paragraphs) == (Status.ASKED_BACK, talk.replies("a sentence?"))
    assert answer.offers == (Offer("Use it as the sentence: My dog sleeps.", command="/sentence My dog sleeps."),)
    assert talk(act("yes")).command == "/sentence My dog sleeps."


@pytest.mark.parametrize(("likeness", "node"), [(0.61, "softmax.what"), (0.6, "")])
def test_what_may_be_a_known_question_is_answered_and_offered_as_a_sentence(
    talk: Any, likeness: float, node: str
) -> None:
    answer = talk(sentence(0.5, nodes=(Ranked("softmax.what", 0.9),), likeness=likeness))
    assert answer.node == node and talk.sentence == DEFAULT
    assert answer.offers[0].command == "/sentence My dog sleeps."


def test_where_nothing_may_run_it_is_said_which_is_in_force(talk: Any) -> None:
    answer = talk(sentence(0.9), live=False)
    assert (answer.paragraphs, answer.shown, talk.sentence) == (("In force: *My dog sleeps.*",), (), "My dog sleeps.")


def test_a_sentence_that_the_model_cannot_read_leaves_the_old_one_in_force(talk: Any) -> None:
    answer = talk(sentence(0.9, "cat " * 199 + "cat"))
    assert "shorten it" in answer.notes[0] and answer.broken
    assert talk.sentence == answer.sentence == DEFAULT and talk.state.sentences == (DEFAULT,)


def test_a_sentence_known_already_is_listed_once(talk: Any) -> None:
    for text in ("My dog sleeps.", DEFAULT, "My dog sleeps."):
        talk(sentence(0.9, text))
    assert talk.state.sentences == (DEFAULT, "My dog sleeps.")
    talk.sentence = "He reads."
    talk.sentence = DEFAULT
    assert talk.state.sentences == (DEFAULT, "My dog sleeps.", "He reads.")


def test_an_answer_stays_the_last_one_when_a_sentence_is_put_in(talk: Any) -> None:
    talk(asks("attention.what"))
    talk(sentence(0.9))
    assert talk(act("why")).node == "attention.why"


def test_show_with_a_sentence_puts_it_in_force_and_without_leaves_it(talk: Any) -> None:
    assert talk.show("attention", {}, "He reads.").sentence == talk.sentence == "He reads."
    talk.show("softmax", {"layer": "2"})
    assert talk.sentence == "He reads." and talk.state.last_run.options.layer == 2


def test_no_control_character_comes_into_force(talk: Any) -> None:
    talk.use_sentence("\x1b[31mHe\x07 reads.")
    assert talk.sentence == "He reads."


@pytest.mark.parametrize("text", ["the pizza was cold but i ate it anyway", "Nobody told Anna."])
@pytest.mark.parametrize("read_as", ["request", "set_sentence"])
def test_a_turn_that_is_nothing_but_a_sentence_is_shown_whatever_was_spoken_of(
    talk: Any, text: str, read_as: str
) -> None:
    slots = (Slot("sentence", text.rstrip("."), 0),)
    acts = (Ranked(read_as, 0.45), Ranked("question", 0.4))
    answer = talk(Intent(text, acts, runs=(Ranked("softmax", 0.66),), slots=slots))
    assert [(run.experiment, run.sentence) for run in answer.runs] == [("attention", talk.sentence)]
    assert talk.sentence.rstrip(".") == text.rstrip(".")


def test_words_beside_a_sentence_make_it_a_request(talk: Any) -> None:
    slots = (Slot("sentence", "Nobody told Anna", 10),)
    acts = (Ranked("request", 0.9),)
    intent = Intent("translate Nobody told Anna", acts, runs=(Ranked("translate", 0.9),), slots=slots)
    assert talk(intent).runs[0].experiment == "translate"
