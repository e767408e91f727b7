"""Numbers, places and quoted words inside a turn, and what the words in a slot stand for."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tutor.understanding import forms, values


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("softmax of 1, 2 and 3", (1, 2, 3)),
        ("[0.5, -1.5, −2]", (0.5, -1.5, -2)),
        ("5-3", (5, 3)),
        ("40 % and 7%", (0.4, 0.07)),
        ("12,000,000 weights", (12_000_000,)),
        ("1e-3 or 2.5E4", (0.001, 25_000)),
        (".5 and -.25", (0.5, -0.25)),
        ("(2,3)", (2, 3)),
        ("layer2 v1.2 d64", ()),
        ("d_model=512", (512,)),
        ("3.", (3,)),
        ("10k rows, 5 km", (10_000, 5)),
        ("none", ()),
    ],
)
def test_numbers_are_found_in_their_order(text: str, numbers: tuple[float, ...]) -> None:
    assert forms.numbers_in(text) == pytest.approx(numbers)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("d_model=512, heads 8", {"d_model": 512, "heads": 8}),
        ("a vocabulary of 30,000", {"vocabulary": 30_000}),
        ("lr = 0.1 steps: 5", {"lr": 0.1, "steps": 5}),
        ("7b weights", {"weights": 7e9}),
        ("2000 tokens, 32 heads of 128", {"tokens": 2000, "heads": 32, "heads_of": 128}),
        ("a 12-layer model with 768 dims", {"layer": 12, "dims": 768}),
        ("12 heads 768 wide, batch 4 and 200 tokens", {"heads": 12, "wide": 768, "batch": 4, "tokens": 200}),
        ("d_model 512 layers 6", {"d_model": 512, "layers": 6}),
        ("vocab 32k and context is 2M", {"vocab": 32_000, "context": 2_000_000}),
        ("lr=1e-3", {"lr": 0.001}),
        ("x = -2", {"x": -2}),
        ("dropout=.1", {"dropout": 0.1}),
        ("share is 40%", {"share": 0.4}),
        ("x-3", {}),
        ("I've 4096 tokens", {"tokens": 4096}),
        ("32 heads, head dim 128, 2 kv heads", {"heads": 32, "head_dim": 128, "kv_heads": 2}),
        ("hidden size 768, vocab-size 32000", {"hidden_size": 768, "vocab_size": 32_000}),
    ],
)
def test_numbers_with_a_name_are_found_by_it(text: str, named: dict[str, float]) -> None:
    assert forms.named_numbers(text) == pytest.approx(named)


@given(st.text(max_size=60))
def test_no_text_breaks_the_forms(text: str) -> None:
    assert all(isinstance(number, float) for number in forms.numbers_in(text))
    assert all(name == name.casefold() for name in forms.named_numbers(text))
    assert all(number >= -1 for number in forms.whole_numbers(text))
    forms.quoted(text)
    values.part(text), values.place(text, 3), values.word(text), values.number(text), values.count(text)


@given(st.lists(st.floats(-1e6, 1e6).map(lambda number: round(number, 4)), max_size=6))
def test_numbers_that_are_printed_are_read_back(numbers: list[float]) -> None:
    assert forms.numbers_in(", ".join(f"{number:.4f}" for number in numbers)) == tuple(numbers)
    assert all(math.isfinite(number) for number in numbers)


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("layer 2, head 3", (2, 3)),
        ("the second and the fourth", (2, 4)),
        ("the last", (-1,)),
        ("the bottom layer", (1,)),
        ("the 10th", (10,)),
        ("layer one", (1,)),
        ("one", (1,)),
        ("the other one", ()),
        ("the first one", (1,)),
        ("that one before", ()),
        ("someone", ()),
    ],
)
def test_places_are_numbers_and_ordinals(text: str, numbers: tuple[int, ...]) -> None:
    assert forms.whole_numbers(text) == numbers


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('swap "cat" for “dog”', ("cat", "dog")),
        ("the 'mat' and ‘roof’", ("mat", "roof")),
        ("don't say the dog's name", ()),
        ("'don't' is two tokens", ("don't",)),
        ("*cat* or «chat»", ("cat", "chat")),
        ("2*3*4", ()),
        ('""', ()),
    ],
)
def test_quoted_words(text: str, words: tuple[str, ...]) -> None:
    assert forms.quoted(text) == words


@pytest.mark.parametrize(
    ("text", "picked"),
    [("1", 1), ("#2", 2), (" 3. ", 3), ("(2)", 2), ("4", 0), ("0", 0), ("12", 0), ("1 please", 0), ("", 0)],
)
def test_an_offer_is_picked_by_its_bare_number(text: str, picked: int) -> None:
    assert forms.number_of_offer(text, 3) == picked
    assert forms.number_of_offer(text, 0) == 0


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("the encoder", "encoder"),
        ("reading side", "encoder"),
        ("where it writes, no: writing", "decoder"),
        ("decoder", "decoder"),
        ("cross-attention", "cross"),
        ("between the two", "cross"),
        ("upstairs", ""),
    ],
)
def test_parts_go_by_many_names(text: str, part: str) -> None:
    assert values.part(text) == part


@pytest.mark.parametrize(
    ("text", "place"),
    [("layer 2", 2), ("the last one", 3), ("third", 3), ("9", 9), ("top", 3), ("first", 1), ("any", 0)],
)
def test_a_place_is_counted_from_one_and_the_last_is_known(text: str, place: int) -> None:
    assert values.place(text, 3) == place


def test_several_places_are_each_named_once() -> None:
    assert values.places(["layers 1 and 3", "the last"], 3) == (1, 3)


def test_a_count_passes_over_what_is_no_number() -> None:
    assert [values.count(text) for text in ("the top five", "10 candidates", "a few")] == [5, 10, 0]


@pytest.mark.parametrize(
    ("text", "word"), [("“cat”", "cat"), ("cat,", "cat"), ("the word 'mat'", "mat"), ("don't", "don't"), ("", "")]
)
def test_a_word_is_bare(text: str, word: str) -> None:
    assert values.word(text) == word


@pytest.mark.parametrize(
    ("text", "word"), [("the second word", "cat"), ("the last one", "mat"), ("word 9", ""), ("that", "")]
)
def test_a_word_is_found_by_its_place(text: str, word: str) -> None:
    assert values.word_at(text, "The cat is on the mat.") == word


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("cat", "dog", "The dog, the mat."),
        ("mat", "roof", "The cat, the roof."),
        ("MAT", "roof", "The cat, the roof."),
        ("the", "a", "A cat, the mat."),
        ("the", "", "Cat, the mat."),
        ("mat", "", "The cat, the."),
        ("cat", "", "The the mat."),
        ("dog", "cat", ""),
        ("", "x", ""),
    ],
)
def test_a_word_is_exchanged_or_left_out_with_its_marks_and_capitals(old: str, new: str, sentence: str) -> None:
    assert values.exchanged("The cat, the mat.", old, new) == sentence


def test_the_only_word_cannot_be_left_out() -> None:
    assert values.exchanged("Why?", "why", "") == ""


@given(
    st.lists(st.sampled_from(["cat", "The", "mat.", "“red”", "—", "don't", "…"]), min_size=1, max_size=5),
    st.integers(0, 4),
)
def test_only_the_word_that_was_named_changes(tokens: list[str], at: int) -> None:
    sentence = " ".join(tokens)
    old = values.word(tokens[at % len(tokens)])
    found = values.exchanged(sentence, old, "zebra") if old else ""
    if old:
        changed = [(a, b) for a, b in zip(tokens, found.split(), strict=True) if a != b]
        assert len(changed) == 1 and values.word(changed[0][0]).casefold() == old.casefold()
        assert values.word(changed[0][1]).casefold() == "zebra"


@pytest.mark.parametrize(
    ("text", "groups"),
    [
        ("q=[1,0], keys [1,0] and [0,2], d_k=2", (("q", (1, 0)), ("keys", (1, 0)), ("keys", (0, 2)))),
        ("softmax of 2, 1 and 0", (("", (2, 1, 0)),)),
        ("the softmax of 2, 1, 0, and if I add 100 to each?", (("", (2, 1, 0)),)),
        ("dot product of 1 2 3 and 4 5 6", (("", (1, 2, 3)), ("", (4, 5, 6)))),
        ("(1, -2) · (3, 4): 4 + 10 + 18 = 30?", (("", (1, -2)), ("", (3, 4)))),
        ("v=[3]", (("v", (3,)),)),
        ("at temperature 0.5 with logits 3 1", (("logits", (3, 1)),)),
        ("8 heads, width 512", ()),
    ],
)
def test_numbers_that_stand_together_are_a_group(text: str, groups: tuple[tuple[str, tuple[float, ...]], ...]) -> None:
    assert forms.vectors_in(text) == groups
