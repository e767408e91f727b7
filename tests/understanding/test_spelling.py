"""Mistyped words are read as words of the lessons; right ones are left alone."""

from __future__ import annotations

import pytest

from tutor.understanding.spelling import speller

WORDINGS = ["what is attention in a sentence", "why attention and what else in the sentence", "the softmax", "softmax"]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("attenton", "attention"),
        ("waht", "what"),
        ("sentance", "sentence"),
        ("softmx", "softmax"),
        ("river", "river"),
        ("else", "else"),
        ("zzzzzz", "zzzzzz"),
        ("is", "is"),
    ],
)
def test_a_word_is_read_as_the_one_that_was_meant(typed: str, meant: str) -> None:
    assert speller(WORDINGS, {"river"})(typed) == meant
