"""A proof is shown where it proves: on the learner's sentence, else on its own, named as such, else not at all."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import pytest
from stand_ins import PROVING, act, asks, evidence, node

from tutor.errors import LearnerError

THEIRS, OURS = PROVING[1], PROVING[0]
DEFAULT = "The cat is on the mat."


def test_on_the_learners_sentence_it_is_told_of_their_sentence(make_talk: Callable[..., Any], ran: list[Any]) -> None:
    talk = make_talk()
    talk.use_sentence(THEIRS, live=False)
    (shown,) = talk(asks("attention.what")).shown
    assert shown.told == "On your sentence dog has 60%." and shown.run.sentence == THEIRS
    assert ran == [("attention", THEIRS)] and shown.pictured and not shown.whole


def test_of_the_example_sentence_it_is_not_said_that_it_is_the_learners(make_talk: Callable[..., Any]) -> None:
    (shown,) = make_talk(sentence=OURS)(asks("attention.what")).shown
    assert shown.told == "On the example sentence “The dog sleeps” dog has 60%."


def test_where_the_learners_sentence_does_not_show_it_ours_does_and_is_named(talk: Any, ran: list[Any]) -> None:
    talk.use_sentence("A bird sings.", live=False)
    (shown,) = talk(asks("attention.what")).shown
    assert shown.run.sentence == OURS and ran == [("attention", "A bird sings."), ("attention", OURS)]
    assert shown.told == "Your sentence does not show it, another does. On “The dog sleeps” dog has 60%."
    assert talk.sentence == "A bird sings."


def test_where_neither_shows_it_nothing_is_shown(talk: Any, ran: list[Any]) -> None:
    answer = talk(asks("attention.how"))
    assert (
        answer.shown == ()
        and answer.notes == ()
        and answer.paragraphs == ("Say attention.how.", "More of attention.how.")
    )
    assert ran == [("attention", DEFAULT)] and not answer.broken


def test_a_proof_without_a_condition_always_holds(talk: Any) -> None:
    assert talk(asks("embedding.what")).runs[0].sentence == DEFAULT


def test_no_other_experiment_is_run_in_place_of_a_proof(make_talk: Callable[..., Any], ran: list[Any]) -> None:
    proof = evidence("softmax", "weight > 2", OURS)
    talk = make_talk(node("softmax.what", evidence=proof))
    assert talk(asks("softmax.what")).shown == () and ran == [("softmax", DEFAULT), ("softmax", OURS)]


@pytest.mark.parametrize(
    "proof", [evidence("gone"), evidence("attention", "wieght > 1"), evidence("attention", "1 / (weight - weight) > 1")]
)
def test_a_proof_that_breaks_costs_no_answer(make_talk: Callable[..., Any], proof: Any) -> None:
    answer = make_talk(node("scaling.what", evidence=proof))(asks("scaling.what"))
    assert answer.paragraphs[0] == "Say scaling.what." and answer.shown == () and answer.notes == ()


def test_a_proof_that_cannot_be_run_on_the_learners_sentence_is_run_on_ours(talk: Any) -> None:
    talk.use_sentence("cat " * 200, live=False)
    assert talk(asks("attention.what")).runs[0].sentence == OURS


@pytest.mark.parametrize("kind", ["shorter", "simpler", "exact", "analogy", "summary", "thanks"])
def test_only_the_full_answer_brings_its_proof(talk: Any, ran: list[Any], kind: str) -> None:
    talk(asks("attention.what"))
    ran.clear()
    assert talk(act(kind)).shown == () and ran == []


def test_where_nothing_may_run_nothing_is(talk: Any, ran: list[Any]) -> None:
    assert talk(asks("attention.what"), live=False).shown == () and ran == []


def test_a_picture_that_stands_on_the_screen_is_told_and_not_drawn_again(talk: Any) -> None:
    talk.use_sentence(THEIRS, live=False)
    assert talk(asks("attention.what")).shown[0].pictured
    again = talk(act("again"))
    assert not again.shown[0].pictured and again.shown[0].told
    talk(asks("scaling.what"))
    assert talk(asks("embedding.what")).shown[0].pictured  # it has scrolled off


def test_the_same_run_is_made_once(talk: Any, ran: list[Any]) -> None:
    for _ in range(2):
        talk(asks("embedding.what"))
        talk(act("again"))
    assert ran == [("attention", DEFAULT)]


def test_a_place_that_was_chosen_is_where_the_proof_looks(talk: Any) -> None:
    talk.set_place(layer=3, head=2)
    options = talk(asks("embedding.what")).runs[0].options
    assert (options.layer, options.head) == (3, 2)


def test_options_of_the_proof_go_before_the_chosen_place(make_talk: Callable[..., Any]) -> None:
    proof = evidence("attention")
    proof = dataclasses.replace(proof, show=dataclasses.replace(proof.show, options={"layer": 1}))
    talk = make_talk(node("scaling.what", evidence=proof))
    talk.set_place(layer=3, head=2)
    options = talk(asks("scaling.what")).runs[0].options
    assert (options.layer, options.head) == (1, 2)


def test_a_place_that_is_not_there_is_refused_and_changes_nothing(talk: Any) -> None:
    talk.set_place(layer=2)
    with pytest.raises(LearnerError, match="there is no layer 9"):
        talk.set_place(layer=9)
    assert talk.runner.place == {"layer": 2}
