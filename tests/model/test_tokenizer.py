"""Text to ids and back: nothing is lost, nothing is unknown, nothing typed is special."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.errors import InputError
from model.tokenizer import END, PAD, START, SubwordTokenizer, Token, normalise

CORPUS = [
    "The cat is on the mat.",
    "The cats are on the mats.",
    "The dog sat on the cat's mat, didn't it?",
    "Le chat est sur le tapis.",
    "Les chats étaient sur les tapis !",
    "Où est le chat ? Ça dépend : l'été 2019, ou l'hiver 1987.",
] * 3
SIZE = 330

TEXT = st.text(max_size=40) | st.text("aàéç ▁<>xX0123456789’“”\u00a0\u202f\u200d\u0301\n\t-'end", max_size=30)


@pytest.fixture(scope="module")
def tokenizer() -> SubwordTokenizer:
    return SubwordTokenizer.train(CORPUS, SIZE)


def shown(tokenizer: SubwordTokenizer, text: str) -> list[str]:
    return [token.text for token in tokenizer.tokens(tokenizer.encode(text))]


@given(text=TEXT)
@settings(max_examples=400, deadline=None)
def test_what_is_encoded_comes_back(tokenizer: SubwordTokenizer, text: str) -> None:
    plain = normalise(text)
    if not plain:
        with pytest.raises(InputError):
            tokenizer.encode(text)
    else:
        assert tokenizer.decode(tokenizer.encode(plain)) == plain


@given(text=TEXT)
@settings(max_examples=400, deadline=None)
def test_normalising_twice_is_normalising_once(text: str) -> None:
    assert normalise(normalise(text)) == normalise(text)


@given(text=TEXT)
@settings(max_examples=200, deadline=None)
def test_no_text_encodes_to_a_special_token(tokenizer: SubwordTokenizer, text: str) -> None:
    ids = tokenizer.encode_all([text])[0]
    assert not {PAD, START, END} & set(ids)
    assert all(0 <= id_ < tokenizer.size for id_ in ids)


@given(ids=st.lists(st.integers(0, SIZE - 1), max_size=20))
@settings(max_examples=200, deadline=None)
def test_any_ids_at_all_can_be_shown_and_decoded(tokenizer: SubwordTokenizer, ids: list[int]) -> None:
    ids = [id_ % tokenizer.size for id_ in ids]
    assert isinstance(tokenizer.decode(ids), str)
    assert all(token.text for token in tokenizer.tokens(ids))


def test_many_texts_encode_as_each_alone(tokenizer: SubwordTokenizer) -> None:
    assert tokenizer.encode_all(CORPUS) == [tokenizer.encode(text) for text in CORPUS]


def test_a_character_outside_the_vocabulary_becomes_its_bytes(tokenizer: SubwordTokenizer) -> None:
    ids = tokenizer.encode("猫")
    assert shown(tokenizer, "猫") == ["␣", "‹E7›", "‹8C›", "‹AB›"]
    assert [tokenizer.is_byte(id_) for id_ in ids] == [False, True, True, True]
    assert tokenizer.decode(ids) == "猫"


def test_broken_bytes_are_shown_as_such(tokenizer: SubwordTokenizer) -> None:
    assert tokenizer.decode(tokenizer.encode("猫")[:-1]) == "\ufffd"


@pytest.mark.parametrize("typed", ["<end>", "‹end›", "‹pad›", "<pad>", "\x00end", "[PAD]", "</s>"])
def test_a_typed_special_name_is_ordinary_text(tokenizer: SubwordTokenizer, typed: str) -> None:
    ids = tokenizer.encode(typed)
    assert min(ids) > END
    assert tokenizer.decode(ids) == normalise(typed)


def test_a_typed_byte_name_is_ordinary_text(tokenizer: SubwordTokenizer) -> None:
    assert tokenizer.decode(tokenizer.encode("<0x41>")) == "<0x41>"


def test_special_tokens_are_left_out_of_the_text(tokenizer: SubwordTokenizer) -> None:
    assert tokenizer.decode([START, *tokenizer.encode("The cat"), END, PAD, PAD]) == "The cat"


def test_special_tokens_are_shown_by_name(tokenizer: SubwordTokenizer) -> None:
    assert tokenizer.tokens([PAD, START, END]) == [
        Token(0, "‹pad›", True),
        Token(1, "‹start›", True),
        Token(2, "‹end›", True),
    ]


@pytest.mark.parametrize("mark", list(".,?!:;()'\"-…«»€"))
def test_punctuation_is_a_token_of_its_own(tokenizer: SubwordTokenizer, mark: str) -> None:
    with_mark, without = tokenizer.encode(f"cat{mark}mat"), tokenizer.encode("cat")
    assert with_mark[: len(without)] == without
    assert tokenizer.decode(with_mark[len(without) :]).startswith(mark)


def test_each_digit_is_a_token_of_its_own(tokenizer: SubwordTokenizer) -> None:
    assert shown(tokenizer, "in 1987")[-4:] == ["1", "9", "8", "7"]


def test_a_frequent_word_is_one_token_and_a_new_one_several(tokenizer: SubwordTokenizer) -> None:
    assert tokenizer.tokens(tokenizer.encode("The"))[0].starts_word
    assert shown(tokenizer, "the") == ["the"]
    assert len(shown(tokenizer, "hippopotamus")) > 3


def test_only_the_first_token_of_a_word_starts_it(tokenizer: SubwordTokenizer) -> None:
    tokens = tokenizer.tokens(tokenizer.encode("the hippopotamus"))
    assert [token.starts_word for token in tokens] == [True, True] + [False] * (len(tokens) - 2)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("  two\t\n spaces  ", "two spaces"),
        ("a\x00b\x07c\x1b[31m", "abc[31m"),
        ("zero\u200bwidth\ufeff", "zerowidth"),
        ("right\u202eleft", "rightleft"),
        ("l’été “chaud”", 'l\'été "chaud"'),
        ("quoi\u202f! vingt\u00a0ans", "quoi ! vingt ans"),
        ("cafe\u0301", "café"),
        ("cafe\u200d\u0301", "café"),  # composed after the joiner between them is gone
        ("a▁b", "a_b"),
        ("\x00\u200b", ""),
    ],
)
def test_text_is_made_plain(text: str, expected: str) -> None:
    assert normalise(text) == expected


@pytest.mark.parametrize("text", ["", "   ", "\x00\x07", "\u200b"])
def test_nothing_to_read_is_said(tokenizer: SubwordTokenizer, text: str) -> None:
    with pytest.raises(InputError) as caught:
        tokenizer.encode(text)
    assert str(caught.value) == "there is nothing to read in that text; type a sentence"


def test_what_is_saved_is_what_is_loaded(tokenizer: SubwordTokenizer, tmp_path: Path) -> None:
    tokenizer.save(tmp_path / "tokenizer.json")
    loaded = SubwordTokenizer.load(tmp_path / "tokenizer.json")
    assert loaded.vocabulary == tokenizer.vocabulary
    assert loaded.merges == tokenizer.merges
    assert loaded.encode_all([*CORPUS, "猫 <end>"]) == tokenizer.encode_all([*CORPUS, "猫 <end>"])
    loaded.save(tmp_path / "again.json")
    assert (tmp_path / "again.json").read_bytes() == (tmp_path / "tokenizer.json").read_bytes()


def test_learning_from_the_same_text_gives_the_same_tokens(tokenizer: SubwordTokenizer) -> None:
    assert SubwordTokenizer.train(CORPUS, SIZE).vocabulary == tokenizer.vocabulary


def test_the_vocabulary_has_the_size_asked_for(tokenizer: SubwordTokenizer) -> None:
    assert tokenizer.size == SIZE
    assert sorted(tokenizer.vocabulary.values()) == list(range(SIZE))
