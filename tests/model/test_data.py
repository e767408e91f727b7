"""The splits share nothing; batches are whole, of like length, and the same every time."""

from __future__ import annotations

import gzip
import itertools
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.data import Corpus, Pair, batches, paragraphs, read_corpus, read_english
from model.errors import DataError

ROWS = [
    ("The cat sleeps.", "Le chat dort."),
    ("The cat sleeps.", "Le chat dort."),  # twice the same
    ("The cat’s asleep.", "Le chat dort."),  # another English of a test sentence's French
    ("The cat sleeps.", "Le chat\u202fsommeille."),
    ("A dog barks.", "Un chien aboie."),
    ("A dog barks.", "Il y a un chien qui aboie."),
    ("It rains.", "Il pleut."),
    ("It is raining.", "Il pleut."),
    ("It snows.", "Il neige."),
    ("It  snows.", "Il neige."),
    ("I know.", "Je sais."),
]


@pytest.fixture
def corpus(tmp_path: Path) -> Corpus:
    with gzip.open(tmp_path / "eng-fra.tsv.gz", "wt", encoding="utf-8") as lines:
        lines.writelines(f"{english}\t{french}\n" for english, french in ROWS)
    (tmp_path / "test-english.txt").write_text("The cat sleeps.\nNobody translated this.\n", "utf-8")
    (tmp_path / "validation-english.txt").write_text("A dog  barks.\nIt rains.\n", "utf-8")
    return read_corpus(tmp_path)


def test_every_french_line_of_a_held_out_sentence_is_a_reference(corpus: Corpus) -> None:
    assert {english: set(french) for english, french in corpus.test.items()} == {
        "The cat sleeps.": {"Le chat dort.", "Le chat sommeille."}
    }
    assert corpus.validation == {
        "A dog barks.": ("Un chien aboie.", "Il y a un chien qui aboie."),
        "It rains.": ("Il pleut.",),
    }


def test_no_training_pair_shares_either_side_with_a_held_out_one(corpus: Corpus) -> None:
    held_out = corpus.validation | corpus.test
    references = {french for several in held_out.values() for french in several}
    assert not {pair.english for pair in corpus.train} & set(held_out)
    assert not {pair.french for pair in corpus.train} & references


def test_what_is_left_is_trained_on_once_in_the_order_of_the_file(corpus: Corpus) -> None:
    assert corpus.train == (Pair("It snows.", "Il neige."), Pair("I know.", "Je sais."))


LENGTHS = st.lists(st.integers(1, 30), min_size=1, max_size=60)


@given(lengths=LENGTHS, budget=st.integers(1, 120), seed=st.integers(0, 5))
@settings(max_examples=200, deadline=None)
def test_every_example_is_in_exactly_one_batch(lengths: list[int], budget: int, seed: int) -> None:
    found = list(batches(lengths, budget, seed))
    assert sorted(index for batch in found for index in batch) == list(range(len(lengths)))


@given(lengths=LENGTHS, budget=st.integers(1, 120), seed=st.integers(0, 5))
@settings(max_examples=200, deadline=None)
def test_a_batch_padded_to_its_longest_keeps_to_the_budget(lengths: list[int], budget: int, seed: int) -> None:
    for batch in batches(lengths, budget, seed):
        assert len(batch) == 1 or len(batch) * max(lengths[index] for index in batch) <= budget


@given(lengths=LENGTHS, seed=st.integers(0, 5))
@settings(max_examples=100, deadline=None)
def test_batches_hold_sentences_of_like_length(lengths: list[int], seed: int) -> None:
    """No batch reaches into the range of another: sorted, they lie side by side."""
    spans = sorted(
        (min(lengths[i] for i in batch), max(lengths[i] for i in batch)) for batch in batches(lengths, 40, seed)
    )
    assert all(before[1] <= after[0] for before, after in itertools.pairwise(spans))


def test_the_order_is_fixed_by_the_seed() -> None:
    lengths = [(7 * index) % 13 + 1 for index in range(80)]
    assert list(batches(lengths, 50, 3)) == list(batches(lengths, 50, 3))
    assert list(batches(lengths, 50, 3)) != list(batches(lengths, 50, 4))


def test_batches_do_not_come_shortest_first() -> None:
    lengths = [index % 20 + 1 for index in range(200)]
    longest = [max(lengths[index] for index in batch) for batch in batches(lengths, 60, 1)]
    assert longest != sorted(longest)


def pieces(row: list[int]) -> list[tuple[int, ...]]:
    return [tuple(group) for mark, group in itertools.groupby(row, lambda token: token == 2) if not mark]


def test_each_sentence_goes_into_one_paragraph_beside_those_that_share_its_rarest_token() -> None:
    sentences = [[3, 9], [3, 4, 8], [3, 4, 9, 5], [3, 8, 4], [3, 4, 5]]
    found = paragraphs(sentences, separator=2, longest=9)
    assert sorted(piece for row in found for piece in pieces(row)) == sorted(map(tuple, sentences))
    assert all(len(row) <= 9 for row in found)
    assert [3, 4, 8, 2, 3, 8, 4] in found


def test_english_to_predict_holds_no_sentence_of_the_tests(tmp_path: Path) -> None:
    corpus = Corpus((Pair("Go.", "Va !"), Pair("Go.", "Allez !")), {"Stop.": ("Arrête.",)}, {"Wait.": ("Attends.",)})
    with gzip.open(tmp_path / "english.txt.gz", "wt", encoding="utf-8") as file:
        file.write("Run.\nGo.\n\nSit  down.\n")
    assert read_english(corpus, tmp_path) == ("Go.", "Run.", "Sit down.")
    with gzip.open(tmp_path / "english.txt.gz", "wt", encoding="utf-8") as file:
        file.write("Wait.\n")
    with pytest.raises(DataError, match="holds 1 sentences that are kept back for testing"):
        read_english(corpus, tmp_path)
