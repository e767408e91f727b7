"""Greetings, remarks, offers taken up or declined, and other subjects."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from stand_ins import act, asks

from tutor.dialogue.offers import STARTERS
from tutor.dialogue.social import ASKS_AFTER_ALL, KNOWN, NEAR
from tutor.dialogue.types import Offer, Status
from tutor.understanding.intent import Intent, Ranked


@pytest.mark.parametrize("kind", ["greet", "thanks", "menu", "no", "stop", "feedback"])
def test_a_small_reply_runs_nothing_and_leaves_the_answer_in_force(talk: Any, kind: str) -> None:
    talk(asks("attention.what"))
    before = talk.state
    answer = talk(act(kind))
    reply = {"stop": "stopped", "feedback": "remark"}.get(kind, kind)
    assert answer.paragraphs == talk.replies(reply)[:1] and answer.shown == ()
    assert (talk.state.node, talk.state.runs, talk.state.sentence) == (before.node, before.runs, before.sentence)


def test_replies_of_a_kind_are_given_in_turn(talk: Any) -> None:
    given = [talk(act("thanks")).paragraphs[0] for _ in range(4)]
    assert given == [*talk.replies("thanks"), talk.replies("thanks")[0]]


def test_goodbye_leaves_and_offers_nothing(talk: Any) -> None:
    answer = talk(act("bye"))
    assert answer.status is Status.LEAVING and answer.offers == ()


def test_stopping_never_leaves(talk: Any) -> None:
    assert talk(act("stop")).status is Status.SMALL


def test_before_any_answer_places_to_begin_are_offered_and_later_what_follows(talk: Any) -> None:
    known = [name for name in STARTERS if name in talk.library.nodes]
    assert [offer.node for offer in talk(act("greet")).offers] == known[:3]
    talk(asks("attention.what"))
    assert talk(act("thanks")).offers[0].node == "attention.why"
    assert "attention.what" not in [offer.node for offer in talk(act("menu")).offers]


def test_yes_takes_the_first_offer_or_the_one_that_the_words_speak_of(talk: Any) -> None:
    talk(asks("attention.what"))
    assert talk(act("yes")).node == "attention.why"
    talk(asks("attention.what", ("softmax.why", 0.1), ("scaling.what", 0.1), text="more?"))
    talk(act("not_asked"))
    assert talk(act("yes", nodes=(Ranked("scaling.what", 0.3),))).node == "scaling.what"


def test_a_weak_reading_does_not_choose_among_offers(talk: Any) -> None:
    talk(asks(("attention.what", 0.1), ("softmax.why", 0.1), likeness=0.1))
    assert talk(act("yes", nodes=(Ranked("softmax.why", 0.2),))).node == "attention.what"


def test_yes_to_nothing_gets_places_to_begin(talk: Any) -> None:
    answer = talk(act("yes"))
    assert answer.paragraphs == talk.replies("nothing offered") and answer.offers


def test_a_picked_offer_is_carried_out_whatever_else_was_read(talk: Any) -> None:
    talk(asks("softmax.what"))
    offers = talk.state.offers
    assert [(offer.node, offer.command) for offer in offers] == [
        ("softmax.why", ""),
        ("", "/show softmax"),
        ("softmax.limits", ""),
    ]
    assert talk.plan(Intent("2", (Ranked("question", 1.0),), picked=2)).command == "/show softmax"
    assert talk(act("question", "3", picked=3)).node == "softmax.limits"


def test_an_offer_that_is_a_question_in_words_is_read_as_if_it_were_typed(talk: Any) -> None:
    talk.state = replace(talk.state, offers=(Offer("Why not?"),))
    talk.reader.script["Why not?"] = asks("softmax.what", text="Why not?")
    assert talk.turn("1").node == "softmax.what" and talk.answers[-1].question == "1"


def test_the_reader_is_told_how_many_offers_stand(talk: Any) -> None:
    assert talk.context.offered == 0
    talk(asks(("softmax.what", 0.1), ("softmax.why", 0.1), likeness=0.1))
    assert talk.context.offered == 2


def test_small_talk_leaves_the_offers_standing(talk: Any) -> None:
    offers = talk(asks("attention.what")).offers
    talk(Intent("", ()))  # an empty line
    assert talk.state.offers == offers


def test_no_offers_what_was_not_offered(talk: Any) -> None:
    first = talk(act("greet")).offers
    after = talk(act("no")).offers
    assert set(after).isdisjoint(first) and after


def test_a_remark_is_heard_unless_it_surely_asks_for_something_known(talk: Any) -> None:
    def remark(probability: float) -> Intent:
        acts = (Ranked("feedback", 0.9), Ranked("question", 0.05))
        return Intent("big deal", acts, nodes=(Ranked("softmax.what", probability),), likeness=0.9)

    assert talk(remark(ASKS_AFTER_ALL - 0.01)).paragraphs == talk.replies("remark")[:1]
    assert talk(remark(ASKS_AFTER_ALL)).node == "softmax.what"


@pytest.mark.parametrize(("likeness", "near"), [(NEAR, True), (NEAR - 0.01, False)])
def test_outside_the_subject_the_nearest_is_offered_where_something_is_near(
    talk: Any, likeness: float, near: bool
) -> None:
    answer = talk(act("out_of_scope", nodes=(Ranked("scaling.what", 0.1),), likeness=likeness))
    assert answer.status is Status.OUTSIDE and answer.paragraphs == talk.replies("outside")[:1]
    assert (answer.offers == (Offer("Ask scaling.what?", "scaling.what"),)) == near
    assert answer.node == "" and answer.offers


def test_lessons_and_quizzes_are_begun(talk: Any) -> None:
    assert talk(act("lesson")).command == "/lesson"


def test_a_very_long_turn_and_an_empty_one_get_a_line(talk: Any) -> None:
    assert "5,000 characters long and I read 4,000" in talk.turn("a" * 5000).paragraphs[0]
    assert "nothing to read" in talk.turn("\x1b[31m").paragraphs[0]


def test_what_can_be_done_here_is_told_by_an_answer_that_is_sure_and_then_in_a_few_lines(talk: Any) -> None:
    help_wanted = act("menu", nodes=(Ranked("attention.why", KNOWN),))
    assert talk(help_wanted).node == "attention.why"
    assert talk(help_wanted).paragraphs == talk.replies("menu")[:1]
