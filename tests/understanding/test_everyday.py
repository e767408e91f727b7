"""A sentence about the world is one to work on, whatever words of the subject are in it; talk of the subject is not."""

from __future__ import annotations

import pytest

from tutor.curriculum.loader import load_library
from tutor.understanding.encoder import FILE as ENCODER
from tutor.understanding.encoder import Encoder
from tutor.understanding.everyday import FILE, Everyday
from tutor.understanding.lexicon import default_root
from tutor.understanding.reader import Reader
from tutor.understanding.types import Context

READER = Reader(load_library())
WORLD = [
    "My key does not fit the lock.",
    "The weight of the box is ten kilos.",
    "The head of the company resigned yesterday.",
    "She pays attention to her teacher.",
    "The train to Berlin was cancelled because of the strike.",
    "I love you because you are my friend.",
    "The memory of that day makes me sad.",
    "The network was down all day.",
    "He lost the value of his house.",
    "The government wants to train more nurses.",
    "This is my brother.",
]
TALK = [
    "The weights are learned in training.",
    "The encoder translates the sentence.",
    "I understand the question, but backpropagation still confuses me.",
    "Well, it means the network thinks it is a dog.",
    "You said the opposite a minute ago.",
    "My sentence is about the nurse.",
    "Softmax ignores the rest.",
    "Words are only labels.",
    "A programmer set those numbers by hand.",
    "I think attention is memory.",
]


@pytest.mark.parametrize("text", WORLD)
def test_a_sentence_about_the_world_is_put_in_force(text: str) -> None:
    understood = READER.read(text, Context())
    assert (understood.act, understood.sentence) == ("set_sentence", text)


@pytest.mark.parametrize("text", TALK)
def test_talk_of_the_subject_is_no_sentence_to_work_on(text: str) -> None:
    assert READER.read(text, Context()).act != "set_sentence"


def test_the_probability_tells_the_two_apart() -> None:
    everyday = Everyday(Encoder(default_root() / ENCODER), default_root() / FILE)
    world = [everyday.probability(READER.prepare(text).corrected) for text in WORLD]
    talk = [everyday.probability(READER.prepare(text).corrected) for text in TALK]
    assert sum(world) / len(world) > 0.9 > 0.4 > sum(talk) / len(talk)
    assert all(0 <= probability <= 1 for probability in world + talk)
