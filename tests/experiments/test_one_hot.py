"""`one-hot`: products and cosines recomputed with NumPy from the stored table, and what is promised of them."""

from __future__ import annotations

import numpy as np
import pytest

from tutor.curriculum.loader import load_library
from tutor.curriculum.narration import narrate
from tutor.errors import LearnerError
from tutor.experiments import registry
from tutor.experiments.models import Models
from tutor.experiments.one_hot import OneHot

SENTENCES = ["The cat is on the mat.", "Why?", "a", "[red]naïve[/red] 猫 🙂", "The dog saw the dog."]


def compare(models: Models, sentence: str, **options: object) -> OneHot:
    found: OneHot = registry.run("one-hot", models, sentence, options).result
    return found


def cosine(a: np.ndarray, b: np.ndarray) -> float:
    return float(a @ b / np.sqrt((a @ a) * (b @ b)))


@pytest.mark.parametrize("sentence", SENTENCES)
def test_cosines_and_products_can_be_recomputed_from_the_table(models: Models, sentence: str) -> None:
    result = compare(models, sentence)
    table = models.predictor.embedding.weight.detach().double().numpy()
    unit = np.eye(len(table))
    ids = [token.id for token in result.tokens]
    assert ids[: result.token_count] == models.text_ids(sentence)
    assert ids[result.token_count :] == [result.other_id] * (result.other_id not in models.text_ids(sentence))
    for token in result.tokens:
        assert token.one_hot_cosine == pytest.approx(cosine(unit[token.id], unit[result.id]), abs=1e-5)
        assert token.cosine == pytest.approx(cosine(table[token.id], table[result.id]), abs=1e-5)
        assert np.abs(unit[token.id] @ table - table[token.id]).max() == 0
    np.testing.assert_allclose(result.vector, table[result.id], atol=1e-6)
    assert (result.vocabulary_size, result.d_model) == table.shape and result.products == table.size
    assert result.times_longer == pytest.approx(len(table) / table.shape[1])
    pairs = [(a, b) for n, a in enumerate(ids) for b in ids[:n] if a != b]
    assert result.mean_cosine == pytest.approx(np.mean([cosine(table[a], table[b]) for a, b in pairs]), abs=1e-5)
    assert result.one_hot_cosine == result.largest_one_hot_cosine == 0
    assert result.cosine == pytest.approx(cosine(table[result.id], table[result.other_id]), abs=1e-5)


@pytest.mark.parametrize("sentence", SENTENCES)
def test_one_hot_times_table_is_the_row_to_the_last_bit(models: Models, sentence: str) -> None:
    result = compare(models, sentence)
    assert result.exact and result.largest_difference == 0


def test_the_difference_is_measured_and_not_presumed(models: Models, monkeypatch: pytest.MonkeyPatch) -> None:
    from torch.nn import functional

    whole = functional.one_hot
    monkeypatch.setattr(functional, "one_hot", lambda ids, size: whole(ids, size).roll(1, -1))
    result = compare(models, SENTENCES[0])
    assert not result.exact and result.largest_difference > 0.1
    assert "gives the row but for rounding" in narrate(load_library().narrations["one-hot"].branches, result)


def test_the_same_token_twice_is_the_same_one_hot_vector(models: Models) -> None:
    result = compare(models, "The dog saw the dog.", word="dog")
    ones = [token.token for token in result.tokens if token.one_hot_cosine == 1]
    assert ones == ["dog", "dog"]


def test_by_default_the_other_word_is_the_nearest_of_another_spelling(models: Models) -> None:
    result = compare(models, "The cat is on the mat.")
    assert (result.word, result.other) == ("cat", "dog") and result.cosine > 0.5
    near = registry.run("embeddings", models, "The cat is on the mat.").result
    assert (near.token, near.neighbour) == ("cat", "dog")


def test_another_word_may_be_of_the_sentence_or_of_the_vocabulary(models: Models) -> None:
    within = compare(models, "The cat is on the mat.", word="cat", other="mat")
    assert within.other == "mat" and len(within.tokens) == within.token_count
    without = compare(models, "The cat is on the mat.", word="cat", other="Monday")
    assert without.tokens[-1].token == without.other == "Monday" and len(without.tokens) == without.token_count + 1


def test_a_word_without_a_row_of_its_own_and_the_word_itself_are_refused(models: Models) -> None:
    with pytest.raises(LearnerError, match=r"^'unbelievably' is no single token but .+ · .+; name a word that is one$"):
        compare(models, "The cat is on the mat.", other="unbelievably")
    with pytest.raises(LearnerError, match=r"^'cat' is the word itself; name a different one to compare it with$"):
        compare(models, "The cat is on the mat.", word="cat", other="cat")


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"word": "cat"}, "to the table the two are much alike"),
        ({"word": "cat", "other": "table"}, "as one-hot vectors they never can"),
        ({"word": "cat", "other": "the"}, "point a little away from each other"),
    ],
)
def test_each_way_it_can_come_out_is_told(models: Models, options: dict, told: str) -> None:
    result = compare(models, "The cat is on the mat.", **options)
    assert told in " ".join(narrate(load_library().narrations["one-hot"].branches, result).split()), result
