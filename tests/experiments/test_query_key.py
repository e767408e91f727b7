"""`query-key`: both orders and their agreement recomputed from the trace file with NumPy, pair by pair."""

from __future__ import annotations

import dataclasses
import math
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

from tutor.curriculum.loader import load_library
from tutor.curriculum.narration import narrate
from tutor.errors import LearnerError
from tutor.experiments import registry
from tutor.experiments.models import Models
from tutor.experiments.query_key import QueryKey
from tutor.tracing import save_trace

SENTENCE = "The minister gave the black cat some milk."
SENTENCES = [SENTENCE, "Why?", "a", "She sings", "The dog did not cross the street because it was too tired."]
PLACES = [("encoder", 1, 1), ("encoder", 3, 3), ("decoder", 2, 3), ("cross", 3, 4)]


def compare(models: Models, sentence: str, **options: object) -> QueryKey:
    found: QueryKey = registry.run("query-key", models, sentence, options).result
    return found


@pytest.fixture(scope="module")
def trace(models: Models, tmp_path_factory: pytest.TempPathFactory) -> dict[str, np.ndarray]:
    path: Path = tmp_path_factory.mktemp("trace") / "run.npz"
    save_trace(models, SENTENCE, path, gradients=True)
    with np.load(path) as held:
        return {name: value.astype(np.float64) for name, value in held.items() if value.dtype == np.float32}


def both_orders(
    trace: dict[str, np.ndarray], part: str, layer: int, head: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Plain products, scores, and what may be looked at, each (Tq, Tk), from what enters the layer and its matrices."""
    block = f"{'encoder' if part == 'encoder' else 'decoder'}.blocks.{layer - 1}."
    name = block + ("cross_attention" if part == "cross" else "attention")
    queries_from = trace[f"{name}_norm"][0]
    keys_from = trace["encoder.output"][0] if part == "cross" else queries_from
    d_head = queries_from.shape[1] // 4
    here = slice((head - 1) * d_head, head * d_head)
    query = queries_from @ trace[f"parameters.{name}.w_query.weight"][here].T
    key = keys_from @ trace[f"parameters.{name}.w_key.weight"][here].T
    allowed = np.tril(np.ones((len(query), len(key)), bool)) if part == "decoder" else np.ones((len(query), len(key)))
    return queries_from @ keys_from.T, query @ key.T / math.sqrt(d_head), allowed.astype(bool)


def pairs_alike(first: np.ndarray, second: np.ndarray) -> tuple[int, int]:
    """(pairs that stand the same way in both, pairs)."""
    pairs = list(combinations(range(len(first)), 2))
    return sum((first[a] > first[b]) == (second[a] > second[b]) for a, b in pairs), len(pairs)


@pytest.mark.parametrize(("part", "layer", "head"), PLACES)
def test_both_orders_can_be_recomputed_from_the_trace_file(
    models: Models, trace: dict[str, np.ndarray], part: str, layer: int, head: int
) -> None:
    result = compare(models, SENTENCE, part=part, layer=layer, head=head)
    plain, scores, allowed = both_orders(trace, part, layer, head)
    row = result.query_position
    seen = np.flatnonzero(allowed[row])
    by_score = seen[np.argsort(-scores[row, seen])]
    by_plain = seen[np.argsort(-plain[row, seen])]
    shares = np.exp(scores[row, by_score]) / np.exp(scores[row, seen]).sum()
    assert result.key_count == len(result.keys) == len(seen)
    assert [key.score for key in result.keys] == pytest.approx(scores[row, by_score], abs=1e-5)
    assert [key.likeness for key in result.keys] == pytest.approx(plain[row, by_score], rel=1e-5, abs=1e-4)
    assert [key.share for key in result.keys] == pytest.approx(shares, abs=1e-5)
    assert [key.score_place for key in result.keys] == list(range(1, len(seen) + 1))
    assert [key.likeness_place for key in result.keys] == [list(by_plain).index(at) + 1 for at in by_score]
    assert [key.is_self for key in result.keys] == [part != "cross" and at == row for at in by_score]


@pytest.mark.parametrize(("part", "layer", "head"), PLACES)
def test_agreement_is_counted_pair_by_pair(
    models: Models, trace: dict[str, np.ndarray], part: str, layer: int, head: int
) -> None:
    result = compare(models, SENTENCE, part=part, layer=layer, head=head)
    by_head = []
    for one in range(1, 5):
        plain, scores, allowed = both_orders(trace, part, layer, one)
        counted = [pairs_alike(plain[row, seen], scores[row, seen]) for row, seen in enumerate(allowed)]
        agreements = {row: 2 * alike / pairs - 1 for row, (alike, pairs) in enumerate(counted) if pairs >= 3}
        by_head.append(np.mean(list(agreements.values())))
        if one == head:
            assert (result.pairs_alike, result.pairs) == counted[result.query_position]
            assert result.agreement == pytest.approx(agreements[result.query_position], abs=1e-5)
            assert result.lowest_agreement == pytest.approx(min(agreements.values()), abs=1e-5)
            assert result.highest_agreement == pytest.approx(max(agreements.values()), abs=1e-5)
            assert result.rows_compared == len(agreements)
    assert result.mean_agreement == pytest.approx(by_head[head - 1], abs=1e-5)
    assert result.head_agreements == pytest.approx(by_head, abs=1e-5)


@pytest.mark.parametrize("part", ["encoder", "decoder", "cross"])
@pytest.mark.parametrize("sentence", SENTENCES)
def test_first_places_and_both_ways_are_those_of_the_keys(models: Models, sentence: str, part: str) -> None:
    result = compare(models, sentence, part=part)
    top = result.keys[0]
    likest = next(key for key in result.keys if key.likeness_place == 1)
    assert (result.top_word, result.top_share, result.top_likeness_place) == (top.token, top.share, top.likeness_place)
    assert (result.likest_word, result.likest_share) == (likest.token, likest.share)
    assert (result.likest_score_place, result.likest_is_self) == (likest.score_place, likest.is_self)
    assert result.same_top == (top is likest)
    assert sum(key.share for key in result.keys) == pytest.approx(1, abs=1e-5)
    assert result.score_there == top.score
    assert result.both_ways == (part == "encoder" and not top.is_self)
    assert result.both_ways or result.score_back == 0
    if result.both_ways:
        back = compare(models, sentence, layer=result.layer, head=result.head, word=top.token)
        assert back.query_word != top.token or result.score_back in [key.score for key in back.keys]


def test_the_place_shown_is_the_one_that_attention_shows(models: Models) -> None:
    for options in ({}, {"part": "cross"}, {"layer": 2}, {"word": "milk"}):
        result = compare(models, SENTENCE, **options)
        shown = registry.run("attention", models, SENTENCE, options).result
        assert (result.layer, result.head, result.query_word) == (shown.layer, shown.head, shown.query_word)
        assert (result.top_word, result.top_share) == (shown.key_word, shown.weight)
        assert result.heads_compared == shown.heads_compared


def test_in_the_encoder_a_word_is_most_like_itself(models: Models) -> None:
    for word in ("minister", "gave", "black", "cat", "milk"):
        assert compare(models, SENTENCE, word=word).likest_is_self


def test_a_decoder_word_sees_only_what_stands_before(models: Models) -> None:
    first = compare(models, SENTENCE, part="decoder", word="‹start›")
    assert (first.key_count, first.pairs, first.agreement) == (1, 0, 0.0)
    assert compare(models, SENTENCE, part="decoder", word="chat").key_count < len(models.read(SENTENCE).target_ids)


def test_two_keys_are_too_few_for_an_order(models: Models) -> None:
    result = compare(models, "a")
    assert (result.key_count, result.rows_compared) == (2, 0)
    assert result.agreement == result.mean_agreement == 0.0 == max(result.head_agreements)


def test_bad_places_say_what_there_is(models: Models) -> None:
    with pytest.raises(LearnerError, match=r"^there is no part 'english'; here there are encoder, decoder and cross$"):
        compare(models, SENTENCE, part="english")
    with pytest.raises(LearnerError, match=r"^there is no head 5; each layer has heads 1 to 4$"):
        compare(models, SENTENCE, head=5)
    with pytest.raises(LearnerError, match=r"^there is no layer 9; the encoder has layers 1 to 3$"):
        compare(models, SENTENCE, layer=9)
    with pytest.raises(LearnerError, match=r"^there is no 'dog' in this sentence; its tokens are The · min"):
        compare(models, SENTENCE, word="dog")


def test_each_outcome_is_told_in_its_own_words(models: Models) -> None:
    branches = load_library().narrations["query-key"].branches
    result = compare(models, SENTENCE, word="cat")
    for changes, said in (
        ({"key_count": 1}, "it can look at itself alone"),
        ({"key_count": 2}, "too few to speak of two orders"),
        ({"same_top": True, "likest_is_self": True}, "looks most at itself"),
        ({"same_top": True, "likest_is_self": False}, "likeness alone would do"),
        ({"same_top": False, "likest_is_self": True}, "asks for something else"),
        ({"same_top": False, "likest_is_self": False}, "put another first"),
    ):
        assert said in narrate(branches, dataclasses.replace(result, **changes))
