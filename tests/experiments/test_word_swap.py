"""`word-swap`: distances recomputed with NumPy from a run of each new sentence by itself, and what is exchanged."""

from __future__ import annotations

import dataclasses
import functools

import numpy as np
import pytest
import torch

from tutor.curriculum.loader import load_library
from tutor.curriculum.narration import narrate
from tutor.errors import LearnerError
from tutor.experiments import registry
from tutor.experiments.models import Models
from tutor.experiments.word_swap import MOVED, WordSwap

CAT = "The cat is on the mat."
SENTENCES = [CAT, "My sister reads the letter in the kitchen.", "I left my heart in the old house by the sea.", "Why?"]


@functools.cache
def swap(models: Models, sentence: str = CAT, **options: object) -> WordSwap:
    found: WordSwap = registry.run("word-swap", models, sentence, options).result
    return found


def chances(models: Models, sentence: str, target_ids: tuple[int, ...]) -> np.ndarray:
    """(T, V): what is expected at each place of a translation, softmax of a trace's logits."""
    trace = models.read_pair(sentence, models.source_ids(sentence), target_ids).trace
    scores = trace.logits[0].numpy().astype(np.float64)
    powers = np.exp(scores - scores.max(-1, keepdims=True))
    shares: np.ndarray = powers / powers.sum(-1, keepdims=True)
    return shares


def divergence(p: np.ndarray, q: np.ndarray) -> np.ndarray:
    """Jensen-Shannon by its definition: the mean Kullback-Leibler divergence from the two to their middle, in bits."""
    middle = (p + q) / 2
    found: np.ndarray = ((p * np.log2(p / middle)).sum(-1) + (q * np.log2(q / middle)).sum(-1)) / 2
    return found


@pytest.mark.parametrize(
    ("sentence", "options"), [*((sentence, {}) for sentence in SENTENCES), (CAT, {"word": "cat", "new": "black dog"})]
)
def test_bits_are_the_divergence_of_runs_over_each_sentence_by_itself(
    models: Models, sentence: str, options: dict[str, str]
) -> None:
    """The last are of unequal length: side by side in one batch, the shorter ones must not read their padding."""
    result, ids = swap(models, sentence, **options), models.read(sentence).target_ids
    expected = chances(models, sentence, ids)
    for one in result.swaps:
        bits = divergence(expected, chances(models, one.sentence, ids))
        assert one.bits == pytest.approx(bits, abs=1e-5)
        assert one.mean_bits == pytest.approx(bits.mean(), abs=1e-5)
        assert one.most_place == bits.argmax()
        assert one.most_bits == pytest.approx(bits.max(), abs=1e-5)
        assert one.elsewhere_bits == pytest.approx(np.delete(bits, bits.argmax()).mean(), abs=1e-5)
        assert one.moved == (bits > MOVED).sum()
        assert all(0 <= distance <= 1 for distance in one.bits)


@pytest.mark.parametrize("sentence", SENTENCES)
def test_each_translation_is_what_the_model_writes_for_that_sentence(models: Models, sentence: str) -> None:
    result = swap(models, sentence)
    for one in result.swaps:
        assert one.translation == models.read(one.sentence).translation
        assert one.same == (one.translation == result.translation)
    assert result.unchanged == sum(one.same for one in result.swaps)


@pytest.mark.parametrize("sentence", SENTENCES)
def test_a_new_sentence_is_the_old_one_but_for_that_word(models: Models, sentence: str) -> None:
    result = swap(models, sentence)
    for one in result.swaps:
        assert one.sentence == sentence.replace(result.word, one.word, 1) != sentence
        assert one.word[0].isupper() == result.word[0].isupper()


def test_near_and_far_are_those_of_the_english_models_table(models: Models) -> None:
    result, found = swap(models), registry.run("embeddings", models, CAT).result
    assert result.word == found.token == "cat"
    assert [one.word for one in result.swaps] == [*(n.token for n in found.neighbours[:3]), found.stranger]
    assert [one.kind for one in result.swaps] == ["near", "near", "near", "far"]
    table = models.predictor.embedding.weight.detach()
    rows = [table[models.text_ids(word)[0]] for word in ("cat", *(one.word for one in result.swaps))]
    for one, row in zip(result.swaps, rows[1:], strict=True):
        assert one.cosine == pytest.approx(torch.cosine_similarity(rows[0], row, dim=0).item(), abs=1e-5)


def test_no_new_word_is_the_old_one_in_other_capitals(models: Models) -> None:
    for sentence in (*SENTENCES, "The old man gave the black cat some milk."):
        result = swap(models, sentence)
        words = [one.word.casefold() for one in result.swaps]
        assert len({result.word.casefold(), *words}) == 1 + len(words)


def test_an_unlike_word_disturbs_the_rest_more_than_near_ones(models: Models) -> None:
    result = swap(models)
    near = [one for one in result.swaps if one.kind == "near"]
    assert result.near_elsewhere_bits == pytest.approx(np.mean([one.elsewhere_bits for one in near]))
    assert result.shows and result.far_elsewhere_bits > 2 * result.near_elsewhere_bits
    assert result.near_most_token == "chat" and result.near_most_share > 0.9


def test_a_word_of_the_learners_own_stands_first_beside_the_nearest_and_the_unlike(models: Models) -> None:
    result = swap(models, word="cat", new="black dog")
    yours, near, far = result.swaps
    assert (yours.kind, near.kind, far.kind) == ("yours", "near", "far")
    assert yours.sentence == "The black dog is on the mat."
    assert yours.cosine is None and (result.yours_word, result.yours_bits) == ("black dog", yours.mean_bits)
    assert near.word == swap(models).near_word


def test_a_word_in_pieces_is_exchanged_whole_but_has_no_neighbours(models: Models) -> None:
    sentence = "The zebra sleeps."
    result = swap(models, sentence, word="zebra", new="dog")
    assert (result.word, result.whole, result.near_word, result.far_word) == ("zebra", False, "", "")
    assert [one.sentence for one in result.swaps] == ["The dog sleeps."]
    with pytest.raises(LearnerError, match=r"“zebra” has no row in the table, so nothing is near it; say with new"):
        registry.run("word-swap", models, sentence, {"word": "zebra"})


@pytest.mark.parametrize("new", ["cat", " ", " cat "])
def test_a_word_is_not_exchanged_for_itself_or_nothing(models: Models, new: str) -> None:
    with pytest.raises(LearnerError, match=r"name another word than “cat” to put in its place"):
        registry.run("word-swap", models, CAT, {"word": "cat", "new": new})


def test_each_way_it_can_come_out_is_told_in_its_own_words(models: Models) -> None:
    branches = load_library().narrations["word-swap"].branches
    usual, house = swap(models), swap(models, SENTENCES[2])
    red = swap(models, "She gave him a red book yesterday.")
    results = {
        "leaves the translation as it is": swap(models, SENTENCES[2], word="house", new="town"),
        "The rest of the old translation hardly moves": swap(models, word="cat", new="dog"),
        "But the rest of the old translation moves too": swap(models, word="cat", new="elephant"),
        "has no row of its own": swap(models, "Hello."),
        "So here the translator hardly uses that word": dataclasses.replace(usual, unchanged=usual.swap_count),
        "the translation stays as it is: what": dataclasses.replace(usual, near_same=True),
        "Near or unlike makes little difference to the rest here": house,
        "Of all that moves": usual,
        "with “Come”. Near and far": red,
    }
    for words, result in results.items():
        assert words in narrate(branches, result), words
