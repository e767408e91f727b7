"""`looked-at` and the places that can now be named: recomputed from the trace file with NumPy."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tutor.errors import LearnerError
from tutor.experiments import registry
from tutor.experiments.models import Models
from tutor.tracing import save_trace

SENTENCE = "The dog did not cross the street because the dog was tired."


def found(models: Models, name: str, **options: object) -> Any:
    return registry.run(name, models, SENTENCE, options).result


@pytest.fixture(scope="module")
def trace(models: Models, tmp_path_factory: pytest.TempPathFactory) -> dict[str, np.ndarray]:
    path: Path = tmp_path_factory.mktemp("trace") / "run.npz"
    save_trace(models, SENTENCE, path, gradients=True)
    with np.load(path) as held:
        return {name: value.astype(np.float64) for name, value in held.items() if value.dtype == np.float32}


def scores(trace: dict[str, np.ndarray], layer: int, head: int) -> np.ndarray:
    """(T, T): query times key of one encoder head, from what enters the layer and its matrices."""
    name = f"encoder.blocks.{layer - 1}.attention"
    x = trace[f"{name}_norm"][0]
    here = slice((head - 1) * x.shape[1] // 4, head * x.shape[1] // 4)
    query, key = (x @ trace[f"parameters.{name}.w_{kind}.weight"][here].T for kind in ("query", "key"))
    return query @ key.T


def shares(trace: dict[str, np.ndarray], layer: int, head: int) -> np.ndarray:
    raw = scores(trace, layer, head)
    raw = raw / np.sqrt(trace["parameters.embedding.weight"].shape[1] // 4)
    raised = np.exp(raw - raw.max(1, keepdims=True))
    return raised / raised.sum(1, keepdims=True)


def test_what_a_word_gets_in_each_head_is_the_mean_of_its_column(models: Models, trace: dict[str, np.ndarray]) -> None:
    result = found(models, "looked-at", word="street")
    key = result.key_position
    assert len(result.heads) == 12 and [one.share for one in result.heads] == sorted(
        (one.share for one in result.heads), reverse=True
    )
    for one in result.heads:
        column = np.delete(shares(trace, one.layer, one.head)[:, key], key)
        assert one.share == pytest.approx(column.mean(), abs=1e-5)
        assert one.query_share == pytest.approx(column.max(), abs=1e-5)
    for word in result.words:
        assert word.share <= result.weight + 1e-9


def test_of_a_layer_only_its_heads_are_compared(models: Models) -> None:
    result = found(models, "looked-at", word="street", layer=2)
    assert {one.layer for one in result.heads} == {2} and result.head_count == 4


def test_in_the_decoder_only_later_words_look_back(models: Models) -> None:
    result = found(models, "looked-at", part="decoder", word="chien")
    assert all(one.query_word != "‹start›" for one in result.words)
    with pytest.raises(LearnerError, match="choose an earlier word"):
        found(models, "looked-at", part="decoder", word=".")


def test_a_pair_at_a_named_head_is_its_own_product(models: Models, trace: dict[str, np.ndarray]) -> None:
    result = found(models, "link", query="tired", key="dog#2", layer=1, head=3)
    at = (result.query_position, result.key_position)
    assert (result.layer, result.head) == (1, 3) and result.place_named
    assert result.raw_score == pytest.approx(scores(trace, 1, 3)[at], abs=1e-4)
    assert result.weight == pytest.approx(shares(trace, 1, 3)[at], abs=1e-5)


def test_the_second_of_two_like_words_is_the_second(models: Models) -> None:
    first, second = (found(models, "attention", word=f"dog#{n}").query_position for n in (1, 2))
    assert (first, second) == (1, 9) and found(models, "attention", word="dog").query_position == 1
    with pytest.raises(LearnerError, match="'dog' stands 2 times in this sentence, not 3"):
        found(models, "attention", word="dog#3")


def test_the_gradient_of_a_named_word_is_that_of_its_embedding(models: Models, trace: dict[str, np.ndarray]) -> None:
    result = found(models, "gradients", word="street")
    norms = np.linalg.norm(trace["gradient:encoder.embedding"][0], axis=1)
    at = result.source_tokens.index("street")
    assert result.asked_norm == pytest.approx(norms[at], abs=1e-5)
    assert result.asked_rank == 1 + int((norms > norms[at]).sum())


@pytest.mark.parametrize("length", [1, 3])
def test_it_goes_on_for_so_many_words_or_to_the_end(models: Models, length: int) -> None:
    result = registry.run("next-word", models, "The old man", {"length": length}).result
    assert result.written == len(result.continuation.split()) <= length
    assert all(len(text.split()) <= length for text in result.continuations)


def test_all_heads_of_a_layer_off_are_its_heads_off_one_by_one(models: Models) -> None:
    whole, each = (
        found(models, "effect", off=off) for off in ("encoder.2", ", ".join(f"encoder.2.{n}" for n in (1, 2, 3, 4)))
    )
    assert (whole.loss_changed, whole.translation_changed) == (each.loss_changed, each.translation_changed)
    assert whole.changes == "every head of encoder layer 2 is off"


def test_in_how_many_heads_a_word_is_looked_at_most_is_counted_over_all(
    models: Models, trace: dict[str, np.ndarray]
) -> None:
    result = found(models, "link", query="tired", key="was", layer=1, head=3)
    rows = {(n, h): shares(trace, n, h)[result.query_position] for n in (1, 2, 3) for h in (1, 2, 3, 4)}
    at = result.key_position
    best = max(rows, key=lambda place: float(rows[place][at]))
    assert result.head_count == len(rows) and result.whole == "the encoder"
    assert result.top_count == sum(int(row.argmax()) == at for row in rows.values()) > 0
    assert result.most_weight == pytest.approx(float(rows[best][at]), abs=1e-5)
    assert result.most_where == f"encoder layer {best[0]}, head {best[1]}"
