"""The splits share nothing; batches are whole, of like length, and the same every time."""

from __future__ import annotations

import gzip
import itertools
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.data import Corpus, Pair, batches, copies, read_corpus, read_english
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


@settings(max_examples=30)
@given(st.integers(0, 10**6), st.integers(20, 60))
def test_what_is_learnt_of_copies_can_be_read_off_what_stood_before(seed: int, longest: int) -> None:
    rows = [list(range(3 + at, 9 + at)) for at in range(0, 400, 5)]
    for example in copies(rows, 500, longest, seed):
        assert not example.source and len(example.target) <= longest
        assert len(example.learnt) == len(example.target) + 1 and not example.learnt[-1]  # no end mark
        for at in (at for at, known in enumerate(example.learnt) if known):
            before, token = example.target[at - 1], example.target[at]
            assert (before, token) in itertools.pairwise(example.target[:at])


def test_copies_are_as_many_tokens_as_asked_for_and_the_same_for_a_seed() -> None:
    rows = [list(range(3 + at, 9 + at)) for at in range(0, 400, 5)]
    found = copies(rows, 5000, 47, 1)
    assert 5000 <= sum(len(example.target) for example in found) < 5047
    assert found == copies(rows, 5000, 47, 1) != copies(rows, 5000, 47, 2)
    assert 0.4 < sum(map(sum, (example.learnt for example in found))) / 5000 < 0.8
    assert {token for example in found for token in example.target} <= {token for row in rows for token in row}


def test_english_to_predict_holds_no_sentence_of_the_tests(tmp_path: Path) -> None:
    corpus = Corpus((Pair("Go.", "Va !"), Pair("Go.", "Allez !")), {"Stop.": ("Arrête.",)}, {"Wait.": ("Attends.",)})
    with gzip.open(tmp_path / "english.txt.gz", "wt", encoding="utf-8") as file:
        file.write("Run.\nGo.\n\nSit  down.\n")
    assert read_english(corpus, tmp_path) == ("Go.", "Run.", "Sit down.")
    with gzip.open(tmp_path / "english.txt.gz", "wt", encoding="utf-8") as file:
        file.write("Wait.\n")
    with pytest.raises(DataError, match="holds 1 sentences that are kept back for testing"):
        read_english(corpus, tmp_path)
