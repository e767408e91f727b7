"""Requests drawn from a grammar of slots are run as requested, or refused in a line that names a slot. Never else."""

from __future__ import annotations

import dataclasses
import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as draw
from stand_ins import FakeModels, Talk, small_library, wants

from tutor.curriculum.tree import Library
from tutor.dialogue.conversation import Conversation
from tutor.dialogue.request import OF_PART
from tutor.dialogue.types import Plan, Status
from tutor.experiments.registry import NAMES, find
from tutor.understanding.reader import Reader

SENTENCE = "The small dog ran after the big dog."
SLOTS = draw.fixed_dictionaries(
    {},
    optional={
        "part": draw.sampled_from(["encoder", "the decoder", "cross-attention"]),
        "layer": draw.lists(
            draw.sampled_from(["layer 1", "the second layer", "3"]), min_size=1, max_size=2, unique=True
        ),
        "head": draw.lists(draw.sampled_from(["head 1", "2", "the third head"]), min_size=1, max_size=2, unique=True),
        "word": draw.lists(draw.sampled_from(["cat", "“mat”", "is"]), min_size=1, max_size=2, unique=True),
        "position": draw.sampled_from(["the second word", "the last word"]),
        "count": draw.sampled_from(["five", "7"]),
        "temperature": draw.sampled_from(["0.5", "2"]),
    },
)
VALUES = {
    "encoder": "encoder", "the decoder": "decoder", "cross-attention": "cross", "layer 1": 1, "the second layer": 2,
    "3": 3, "head 1": 1, "2": 2, "the third head": 3, "cat": "cat", "“mat”": "mat", "is": "is", "five": 5, "7": 7,
    "0.5": 0.5, "the second word": "cat", "the last word": "mat",
}  # fmt: skip
"""Words of a learner -> what they stand for in the sentence 'The cat is on the mat.'"""


def asked_for(slots: dict[str, Any]) -> dict[str, list[Any]]:
    """Kind of slot -> the values that were asked for."""
    return {kind: [VALUES[one] for one in (text if isinstance(text, list) else [text])] for kind, text in slots.items()}


def is_shown(kind: str, value: Any, plan: Plan, name: str) -> bool:
    """Whether a value that was asked for is in what is run, or what is run shows it whatever its options are."""
    runs = [wanted.show for wanted in plan.wanted]
    if any(value in run.options.values() for run in runs):
        return True
    if kind == "part" and value in OF_PART.get(name, ()):
        return True
    if kind == "position" and any(str(option).startswith("#") for run in runs for option in run.options.values()):
        return True  # of the translation, whose words are known when it is written
    options = [{field.name for field in dataclasses.fields(find(run.experiment).options)} for run in runs]
    return kind == "head" and all("head" not in one and "layer" in one for one in options)


@given(name=draw.sampled_from(NAMES), slots=SLOTS)
def test_what_is_asked_for_is_in_the_options_or_a_slot_is_named(name: str, slots: dict[str, Any]) -> None:
    given_ = {kind: tuple(text) if isinstance(text, list) else text for kind, text in slots.items()}
    plan = Talk().plan(wants(name, **given_))
    if not plan.wanted:
        assert plan.status is Status.REFUSED
        assert any(kind in plan.paragraphs[0] for kind in (*slots, "pictures")), plan.paragraphs
        return
    for kind, values in asked_for(slots).items():
        for value in values:
            assert is_shown(kind, value, plan, name), (kind, value, [wanted.show for wanted in plan.wanted])


# --- as typed, through the reader ---------------------------------------------------------------------

WORDS = ("small", "ran", "after", "big")
LOOKS = ("show me {word} in layer {layer} head {head}", "attention of {word} in head {head} of layer {layer}",
         "what does {word} look at in layer {layer}, head {head}?", "{word}, layer {layer}, head {head}")  # fmt: skip
OFF = ("switch head {head} of layer {layer} off", "turn off head {head} in layer {layer}",
       "take head {head} of layer {layer} out")  # fmt: skip
WHOLE = ("switch off all heads of layer {layer}", "turn off the whole layer {layer}")
SEVERAL = ("switch heads {head} and {other} of layer {layer} off", "take heads {head} and {other} of layer {layer} out")
LINK = ("*{word}* may not look at *{key}*", "“{word}” looks only at “{key}”")


@pytest.fixture
def chat(library: Library, reader: Reader) -> Conversation:
    return Conversation(small_library(), reader, FakeModels(), SENTENCE)  # type: ignore[arg-type]


def drawn(templates: tuple[str, ...], count: int) -> list[tuple[str, dict[str, Any]]]:
    """Requests out of a grammar, always the same ones."""
    chance = random.Random(10)
    found = []
    for _ in range(count):
        head, other = chance.sample(range(1, 5), 2)
        word, key = chance.sample(WORDS, 2)
        slots = {"head": head, "other": other, "layer": chance.randint(1, 3), "word": word, "key": key}
        found.append((chance.choice(templates).format(**slots), slots))
    return found


@pytest.mark.parametrize(("text", "slots"), drawn(LOOKS, 12))
def test_a_place_and_a_word_are_shown_as_typed(chat: Conversation, text: str, slots: dict[str, Any]) -> None:
    (run,) = chat.turn(text).runs
    assert (run.options.layer, run.options.head, run.options.word) == (slots["layer"], slots["head"], slots["word"])


@pytest.mark.parametrize(("text", "slots"), drawn(OFF, 8))
def test_a_head_is_switched_off_as_typed(chat: Conversation, text: str, slots: dict[str, Any]) -> None:
    chat.turn(text)
    assert [one.short for one in chat.state.changes] == [f"encoder.{slots['layer']}.{slots['head']}"]


@pytest.mark.parametrize(("text", "slots"), drawn(WHOLE, 4))
def test_a_whole_layer_is_switched_off_as_typed(chat: Conversation, text: str, slots: dict[str, Any]) -> None:
    chat.turn(text)
    assert [one.short for one in chat.state.changes] == [f"encoder.{slots['layer']}"]


@pytest.mark.parametrize(("text", "slots"), drawn(SEVERAL, 6))
def test_several_heads_are_switched_off_as_typed(chat: Conversation, text: str, slots: dict[str, Any]) -> None:
    chat.turn(text)
    named = {f"encoder.{slots['layer']}.{slots[which]}" for which in ("head", "other")}
    assert {one.short for one in chat.state.changes} == named


@pytest.mark.parametrize(("text", "slots"), drawn(LINK, 6))
def test_a_link_is_changed_in_the_direction_typed(chat: Conversation, text: str, slots: dict[str, Any]) -> None:
    chat.turn(text)
    kind = "force" if "only" in text else "forbid"
    assert [one.short for one in chat.state.changes] == [f"{kind} {slots['word']}>{slots['key']}"]


def test_two_orders_in_one_turn_are_both_done(chat: Conversation) -> None:
    chat.turn("switch head 2 of layer 1 off")
    answer = chat.turn("turn it back on, now switch off all heads of layer 3")
    assert [one.short for one in chat.state.changes] == ["encoder.3"]
    assert answer.paragraphs[0].startswith("Taken back.") and "every head of encoder layer 3" in answer.paragraphs[1]
    assert chat.answers[-1] is answer and len(chat.answers) == 2


@pytest.mark.parametrize(
    "text", ["all intermediate results for the 4th word, layer 1, head 2", "take heads 1 and 3 of layer 2 out"]
)
def test_further_places_are_no_second_order(chat: Conversation, text: str) -> None:
    from tutor.dialogue.orders import orders

    assert len(orders(chat.reader.read(text, chat.context))) == 1
