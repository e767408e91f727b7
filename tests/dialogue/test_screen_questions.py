"""Questions about the picture on the screen are answered from its legend, with the number that stands there."""

from __future__ import annotations

from typing import Any

import pytest
from stand_ins import act, asks, wants

from tutor.dialogue.screen import BESIDE, FEW, MEANT
from tutor.dialogue.types import Status
from tutor.understanding.intent import Intent, Ranked

DARK, ARROW = "Dark: 30%.", "The arrow marks cat."


def about(first: float, second: float) -> Intent:
    marks = sorted((Ranked("attention#0", first), Ranked("attention#1", second)), key=lambda mark: -mark.probability)
    return act("screen", marks=tuple(marks))


def test_the_mark_that_was_meant_is_told_with_its_number(talk: Any) -> None:
    talk(wants("attention"))
    answer = talk(about(0.8, 0.2))
    assert (answer.paragraphs, answer.status) == ((DARK,), Status.ANSWERED)
    assert talk(about(0.2, 0.8)).paragraphs == (ARROW,)


def test_two_marks_that_are_equally_near_are_both_told(talk: Any) -> None:
    talk(wants("attention"))
    assert talk(about(0.8, 0.8 - BESIDE + 0.001)).paragraphs == (DARK, ARROW)
    assert talk(about(0.8, 0.8 - BESIDE - 0.001)).paragraphs == (DARK,)


def test_where_no_mark_is_near_the_whole_legend_is_told(talk: Any) -> None:
    talk(wants("attention"))
    assert talk(about(MEANT - 0.01, 0.1)).paragraphs == (DARK, ARROW)


def test_a_picture_without_a_legend_has_its_numbers(talk: Any) -> None:
    talk(wants("softmax"))
    assert talk(act("screen")).paragraphs == talk.replies("no legend")


def test_where_no_picture_stands_it_is_a_question(talk: Any) -> None:
    assert talk(act("screen", nodes=(Ranked("softmax.what", 0.9),), likeness=0.9)).node == "softmax.what"


def test_it_runs_nothing_and_the_picture_stays_the_last_one(talk: Any, ran: list[Any]) -> None:
    talk(asks("embedding.what"))
    before = talk.state.last_run
    ran.clear()
    talk(about(0.8, 0.2))
    assert talk.state.last_run is before and ran == [] and talk.state.node == "embedding.what"


def test_the_reader_is_told_which_picture_stands_there(talk: Any) -> None:
    assert talk.context.picture == ""
    talk(wants("attention"))
    assert (talk.context.picture, talk.context.picture_title) == ("attention", "Who looks at whom")
    talk(asks("scaling.what"))
    assert talk.context.picture_title == "" and talk.context.told == "Ask scaling.what?"


@pytest.mark.parametrize("said", ["simpler", "shorter"])
def test_who_is_lost_after_a_picture_gets_its_marks_explained(talk: Any, said: str) -> None:
    talk(act("set_sentence", "The dog sleeps."))
    answer = talk(act(said))
    assert answer.telling == "legend" and 1 <= len(answer.paragraphs) <= FEW
    assert talk(asks("attention.what")).node == "attention.what"
    assert talk(act("shorter")).telling == "line"


def test_a_question_mark_after_a_picture_has_all_of_it_explained(talk: Any) -> None:
    talk(wants("attention"))
    answer = talk.turn("?")
    assert answer.paragraphs == (DARK, ARROW) and answer.shown == () and talk.state.last_run is not None
