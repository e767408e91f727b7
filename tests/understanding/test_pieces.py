"""Words fall into the pieces that the encoder was trained on."""

from __future__ import annotations

import functools
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors import safe_open
from tokenizers import BertWordPieceTokenizer

from tutor.curriculum.loader import lessons_root
from tutor.understanding import encoder
from tutor.understanding.pieces import LONGEST, WordPieces

PIECES = ["[UNK]", "[CLS]", "[SEP]", "soft", "##max", "s", "##o", "?", "why", "x"]
SMALL = WordPieces(PIECES)
TOLD = 32


@functools.cache
def vocabulary() -> list[str]:
    with safe_open(lessons_root() / "understanding" / encoder.FILE, framework="numpy") as file:
        return list(json.loads(file.metadata()["vocabulary"]))


@functools.cache
def both() -> tuple[WordPieces, BertWordPieceTokenizer]:
    numbers = {piece: number for number, piece in enumerate(vocabulary())}
    return WordPieces(vocabulary()), BertWordPieceTokenizer(vocab=numbers, lowercase=True)


def ours(text: str) -> list[str]:
    return [vocabulary()[number] for _, _, word in both()[0].words(text) for number in word]


LETTERS = st.characters(max_codepoint=0x24F, categories=["Ll", "Lu", "Nd", "Po", "Ps", "Pe", "Pd"])
ORDINARY = st.text(st.one_of(LETTERS, st.sampled_from(" _’“”…–=<>+")), max_size=40)
TERMS = ["softmax", "Backpropagation", "naïve", "don't", "d_model=512", "√", "…?", "x" * 30]


@settings(max_examples=300, deadline=None)
@given(st.one_of(ORDINARY, st.lists(st.sampled_from(TERMS)).map(" ".join)))
def test_the_pieces_are_those_of_the_published_tokenizer(text: str) -> None:
    assert ours(text) == both()[1].encode(text, add_special_tokens=False).tokens


@pytest.mark.parametrize("text", ["résumé", "re\u0301sume\u0301", "NAÏVE naïve", "nai\u0308ve"])
def test_an_accent_makes_no_difference_however_it_is_written(text: str) -> None:
    assert ours(text) == both()[1].encode(text, add_special_tokens=False).tokens


@given(st.text(max_size=60))
def test_any_text_falls_into_words_that_stand_where_they_are_said_to(text: str) -> None:
    end = 0
    for start, stop, pieces in both()[0].words(text):
        assert end <= start < stop <= len(text) and pieces and not text[end:start].strip()
        end = stop
    assert not text[end:].strip()


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("why softmax?", ["why", "soft", "##max", "?"]),
        ("so", ["s", "##o"]),
        ("zebra why", ["[UNK]", "why"]),
        ("", []),
    ],
)
def test_a_word_falls_into_its_longest_known_pieces(text: str, pieces: list[str]) -> None:
    assert [PIECES[number] for _, _, word in SMALL.words(text) for number in word] == pieces


def test_what_was_told_comes_first_and_the_places_of_the_turns_words_are_known() -> None:
    numbers, before, places = SMALL.joined("softmax", "why so?")
    assert [PIECES[n] for n in numbers] == ["[CLS]", "soft", "##max", "[SEP]", "why", "s", "##o", "?", "[SEP]"]
    assert before == 4 and places == [(0, 3, 4), (4, 6, 5), (6, 7, 7)]


def test_where_nothing_was_told_nothing_stands_before() -> None:
    numbers, before, places = SMALL.joined("", "why")
    assert [PIECES[n] for n in numbers] == ["[CLS]", "why", "[SEP]"] and before == 0 and places == [(0, 3, 1)]


@settings(deadline=None)
@given(st.integers(0, 60), st.integers(0, 400), st.sampled_from(["x", "so"]))
def test_what_is_read_is_never_longer_than_the_encoder_was_trained_on(told: int, count: int, word: str) -> None:
    numbers, before, places = SMALL.joined("why " * told, f"{word} " * count)
    assert len(numbers) <= LONGEST and before <= TOLD + 2
    assert numbers[-1] == PIECES.index("[SEP]")
    for start, stop, place in places:
        assert stop - start == len(word) and PIECES[numbers[place]] == word[0]


def test_of_a_long_turn_the_beginning_and_the_end_are_read() -> None:
    text = "why " + "x " * 200 + "soft?"
    numbers, _, places = SMALL.joined("", text)
    assert PIECES[numbers[1]] == "why" and [PIECES[n] for n in numbers[-3:]] == ["soft", "?", "[SEP]"]
    assert len(numbers) == LONGEST
    assert [text[start:stop] for start, stop, _ in (places[0], *places[-2:])] == ["why", "soft", "?"]
