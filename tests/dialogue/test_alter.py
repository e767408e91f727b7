"""Changes of the model stay until they are taken back, are told wherever they matter, and never come by themselves."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from stand_ins import act, asks, wants

from tutor.dialogue.alter import INSTEAD
from tutor.dialogue.types import Status
from tutor.experiments.changes import Change
from tutor.understanding.intent import Ranked

DEFAULT = "The cat is on the mat."
HEAD = Change("head", "encoder", 1, 2)


@pytest.mark.parametrize(
    ("intent", "changes"),
    [
        (wants("head-off", layer="the first layer", head="head 2"), (HEAD,)),
        (
            wants("head-off", part="the writing side", layer="3", head=("1", "the last one")),
            (Change("head", "decoder", 3, 1), Change("head", "decoder", 3, 4)),
        ),
        (wants("mask-off"), (Change("mask"),)),
        (wants("positions-off"), (Change("order"),)),
        (wants("forbid", word="cat", key="mat"), (Change("forbid", query="cat", key="mat"),)),
        (wants("force", word=("cat", "mat")), (Change("force", query="cat", key="mat"),)),
    ],
)
def test_what_is_named_is_changed_and_its_effect_shown(talk: Any, intent: Any, changes: tuple[Change, ...]) -> None:
    answer = talk(intent)
    assert talk.state.changes == changes
    assert [(run.experiment, run.options.off) for run in answer.runs] == [
        ("effect", ", ".join(change.short for change in changes))
    ]
    assert all(change.told in answer.paragraphs[0] for change in changes) and answer.offers[0].command == "/undo"


def test_that_head_is_the_one_on_the_screen(talk: Any) -> None:
    talk(wants("attention", part="cross", layer="3", head="2"))
    assert talk(wants("head-off", head="that head")).runs[0].options.off == "cross.3.2"


@pytest.mark.parametrize("intent", [wants("head-off"), wants("head-off", head="2"), wants("forbid", word="cat")])
def test_where_it_is_not_said_what_to_change_nothing_is(talk: Any, intent: Any) -> None:
    answer = talk(intent)
    assert answer.status is Status.REFUSED and talk.state.changes == () and answer.shown == ()


def test_changes_add_up_and_are_taken_back_one_by_one(talk: Any) -> None:
    talk(wants("head-off", layer="1", head="2"))
    talk(wants("mask-off"))
    assert talk.state.changes == (HEAD, Change("mask"))
    assert talk(wants("mask-off")).status is Status.REFUSED  # it is so already
    assert "head 2 of encoder layer 1 is off" in talk(wants("undo")).paragraphs[0].casefold()
    assert talk.state.changes == (HEAD,)
    talk(wants("undo"))
    assert talk.state.changes == () and talk(wants("undo")).status is Status.REFUSED


def test_a_change_of_the_sentence_is_taken_back_too(talk: Any) -> None:
    talk(wants("swap", word="cat", new="dog"))
    talk(wants("add", word="dog", new="old", text="add old before dog"))
    assert talk.sentence == "The old dog is on the mat."
    talk(wants("undo"))
    assert talk.sentence == "The dog is on the mat."
    assert talk(wants("undo")).runs[0].sentence == talk.sentence == DEFAULT


def test_everything_is_as_it_was_after_a_reset(talk: Any) -> None:
    talk(wants("head-off", layer="1", head="2"))
    assert HEAD.told in talk(wants("in-force")).paragraphs[0].casefold()
    answer = talk(wants("reset"))
    assert talk.state.changes == () and answer.command == "/auto"
    assert "as it was trained" in talk(wants("in-force")).paragraphs[0]


def test_a_picture_says_what_was_changed_and_a_proof_that_nothing_was(talk: Any) -> None:
    talk.use_sentence("The dog sleeps.")
    talk(wants("head-off", layer="1", head="2"))
    assert HEAD.told in talk(wants("attention")).notes[0]
    assert "as it was trained" in talk(asks("attention.what")).shown[0].told


def test_a_question_changes_nothing(talk: Any) -> None:
    talk(wants("mask-off"))
    for intent in (asks("attention.what"), act("why"), wants("softmax"), act("thanks")):
        talk(intent)
        assert talk.state.changes == (Change("mask"),) and len(talk.state.before) == 1


def test_what_cannot_be_made_does_not_come_into_force(talk: Any) -> None:
    talk.use_sentence("The dog sleeps.")
    before = talk.state.before
    talk.state = talk.state.__class__(**{**vars(talk.state), "sentence": "cat " * 200})
    answer = talk(wants("mask-off"))
    assert answer.broken and answer.paragraphs == () and talk.state.changes == () and talk.state.before == before


def test_a_head_is_put_back_on_where_that_may_be_meant(talk: Any) -> None:
    talk(wants("head-off", layer="1", head="2"))
    again = wants("head-off", layer="1", head="2")
    assert talk(again).status is Status.REFUSED  # it is off already
    answer = talk(dataclasses.replace(again, runs=(*again.runs, Ranked("undo", INSTEAD))))
    assert talk.state.changes == () and "as it was trained" in answer.paragraphs[0]


def test_a_link_does_not_stand_in_the_way_of_a_sentence_without_its_words(talk: Any) -> None:
    talk(wants("forbid", word="cat", key="mat"))
    talk.use_sentence("The dog sleeps.")
    assert talk.sentence == "The dog sleeps." and len(talk.state.changes) == 1


def test_our_own_example_is_nothing_to_go_back_to(talk: Any) -> None:
    talk.use_sentence("My dog sleeps.")
    assert talk(wants("undo")).status is Status.REFUSED and talk.sentence == "My dog sleeps."
    talk.use_sentence("A bird sings.")
    talk(wants("undo"))
    assert talk.sentence == "My dog sleeps."


def test_what_was_reset_does_not_come_back_with_another_word(talk: Any) -> None:
    talk(wants("head-off", layer="1", head="2"))
    talk(wants("reset"))
    run = talk(wants("swap", word="cat", new="dog")).runs[0]
    assert (run.experiment, run.sentence) == ("translate", "The dog is on the mat.")
