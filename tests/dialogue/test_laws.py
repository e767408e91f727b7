"""What holds for every turn, whatever was read, at every point of a conversation."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stand_ins import NODES, Talk

from tutor.dialogue.carry_out import carry_out
from tutor.dialogue.offers import MOST
from tutor.dialogue.policy import LOST, RUN_MEANT, RUN_NOT_MEANT, SURE, decide
from tutor.dialogue.policy import heard as heard_as
from tutor.dialogue.types import State, Status
from tutor.experiments.registry import NAMES
from tutor.understanding.intent import ACTIONS, ACTS, CALCULATIONS, SLOTS, WISHES, Intent, Ranked, Slot

TELLING = [node.id for node in NODES]
SHARES = st.floats(0, 1)
WORDS = st.sampled_from(
    ["cat", "The", "mat.", "2", "the last one", "decoder", "zeppelin", "“He reads.”", "0.5", "1, 2", ""]
)
SLOT = st.builds(Slot, st.sampled_from(SLOTS), WORDS, st.just(0))


def ranked(among: Any, least: int = 0, most: int = 4) -> Any:
    names = st.lists(st.sampled_from(among), min_size=least, max_size=most, unique=True)
    return names.flatmap(
        lambda found: st.lists(SHARES, min_size=len(found), max_size=len(found)).map(
            lambda shares: tuple(map(Ranked, found, sorted(shares, reverse=True)))
        )
    )


@st.composite
def intents(draw: Any, offered: int = 0) -> Intent:
    """Any reading that the reader can give where so many offers stand."""
    return Intent(
        text=draw(st.sampled_from(["what is it?", "My dog sleeps.", "1", "2", "no", "cat " * 200])),
        acts=draw(ranked(ACTS, 1)),
        wish=draw(st.sampled_from(WISHES)),
        nodes=draw(ranked(TELLING)),
        likeness=draw(SHARES),
        runs=draw(ranked([*NAMES, *ACTIONS, *CALCULATIONS, "none"])),
        slots=tuple(draw(st.lists(SLOT, max_size=3))),
        numbers=tuple(draw(st.lists(st.floats(-3, 3), max_size=3))),
        marks=draw(ranked(["attention#0", "attention#1"])),
        picked=draw(st.integers(0, offered)),
    )


def moves_the_sentence(intent: Intent, state: State) -> bool:
    """Whether this turn may put another sentence in force."""
    act = heard_as(intent)
    if act == "set_sentence":
        return True
    run = intent.runs[0].id if intent.runs else ""
    spoken = any(slot.kind == "sentence" for slot in intent.slots)
    return act == "request" and (
        run in ("swap", "remove", "add", "earlier", "undo") or (spoken and run in (*NAMES, "same"))
    )


@settings(max_examples=80, deadline=None)
@given(data=st.data())
def test_whatever_is_read_the_conversation_goes_on_in_order(data: Any) -> None:
    talk = Talk()
    for _ in range(data.draw(st.integers(1, 5))):
        before = talk.state
        intent = data.draw(intents(len(before.offers)))
        kept = copy.deepcopy((intent, before.said, before.sentence, before.told, before.path))

        plan = decide(talk.library, intent, before)
        assert plan == decide(talk.library, intent, before)
        assert kept == (intent, before.said, before.sentence, before.told, before.path)

        answer, after = carry_out(plan, intent.text, intent, before, talk.library, talk.runner)
        if after.sentence != before.sentence:
            assert moves_the_sentence(intent, before) and not before.quiz and not intent.picked
        assert after.sentence == answer.sentence and after.sentence in after.sentences
        assert before.told <= after.told and set(before.sentences) <= set(after.sentences)
        assert after.path[: len(before.path)] == before.path
        assert answer.paragraphs or answer.shown or answer.notes or answer.command
        assert len(answer.offers) <= MOST and len(set(answer.offers)) == len(answer.offers)
        assert all(offer.text and (offer.node in talk.library.nodes or offer.command) for offer in answer.offers)
        if answer.node and answer.status is Status.ANSWERED:
            assert answer.node not in [offer.node for offer in answer.offers]
        if answer.status is Status.REFUSED:
            assert not answer.shown and after.sentence == before.sentence and after.node == before.node
        talk.state = after


@pytest.mark.parametrize(
    ("act", "sure", "run", "probability", "heard"),
    [
        ("question", SURE - 0.01, "attention", RUN_MEANT, "request"),
        ("back", SURE - 0.01, "earlier", RUN_MEANT, "request"),
        ("question", SURE - 0.01, "calc.softmax", RUN_MEANT, "calculate"),
        ("question", SURE, "attention", 0.99, "question"),  # surely a question
        ("question", 0.5, "attention", RUN_MEANT - 0.01, "question"),
        ("request", 0.9, "attention", RUN_NOT_MEANT, "request"),
        ("request", 0.9, "attention", RUN_NOT_MEANT - 0.01, "thanks"),  # the next act that wants nothing run
        ("set_sentence", 0.5, "attention", 0.99, "set_sentence"),
        ("request", 0.9, "shapes", 0.9, "request"),
    ],
)
def test_what_is_to_be_run_speaks_where_the_act_is_not_sure(
    act: str, sure: float, run: str, probability: float, heard: str
) -> None:
    acts = (Ranked(act, sure), Ranked("set_sentence", 0.1), Ranked("thanks", 0.05))
    assert heard_as(Intent("text", acts, runs=(Ranked(run, probability),))) == heard
    assert heard_as(Intent("text", acts)) == act


def test_sizes_of_the_learners_own_model_are_worked_out_and_not_ours_shown() -> None:
    numbers = (Slot("number", "12", 0), Slot("number", "768", 1))
    given = Intent("12 heads, 768 wide", (Ranked("request", 0.9),), runs=(Ranked("shapes", 0.7),), slots=numbers)
    assert heard_as(given) == "calculate"


def test_a_remark_that_may_be_a_cry_for_help_is_heard_as_one() -> None:
    runs = (Ranked("same", 0.0),)
    acts = (Ranked("feedback", 0.48), Ranked("simpler", LOST))
    assert heard_as(Intent("huh", acts, runs=runs)) == "simpler"
    assert heard_as(Intent("nice", (Ranked("feedback", 0.6), Ranked("simpler", LOST - 0.01)), runs=runs)) == "feedback"
