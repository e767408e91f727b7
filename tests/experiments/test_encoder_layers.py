"""`encoder-layers`: cosines and shares recomputed from the trace file with NumPy, and what is promised of them."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from tutor.curriculum.loader import load_library
from tutor.curriculum.narration import narrate
from tutor.errors import LearnerError
from tutor.experiments import registry
from tutor.experiments.encoder_layers import EncoderLayers
from tutor.experiments.models import Models
from tutor.tracing import save_trace

SENTENCE = "The minister gave the black cat some milk."
SENTENCES = [SENTENCE, "Why?", "a", "She sings", "The dog did not cross the street because it was too tired."]


def follow(models: Models, sentence: str, **options: object) -> EncoderLayers:
    found: EncoderLayers = registry.run("encoder-layers", models, sentence, options).result
    return found


@pytest.fixture(scope="module")
def trace(models: Models, tmp_path_factory: pytest.TempPathFactory) -> dict[str, np.ndarray]:
    path = tmp_path_factory.mktemp("trace") / "run.npz"
    save_trace(models, SENTENCE, path)
    with np.load(path) as held:
        return {name: value.astype(np.float64) for name, value in held.items() if value.dtype == np.float32}


def alike(a: np.ndarray, b: np.ndarray) -> float:
    return float(a @ b / np.sqrt((a @ a) * (b @ b)))


@pytest.mark.parametrize("word", ["cat", "gave", "min", "."])
def test_cosines_and_shares_can_be_recomputed_from_the_trace_file(
    models: Models, trace: dict[str, np.ndarray], word: str
) -> None:
    result = follow(models, SENTENCE, word=word)
    tokens = models.read(SENTENCE).source_tokens
    at = tokens.index(word)
    blocks = [f"encoder.blocks.{n}" for n in range(3)]
    stages = [trace[name][0] for name in ("encoder.embedding", "encoder.input")]
    stages += [trace[f"{block}.residual_feed_forward"][0] for block in blocks]
    others = [n for n, token in enumerate(tokens) if n != at and token.isalpha()]
    way = stages[-1][at] - stages[1][at]
    assert result.position == at and result.other_words == len(others)
    for number, (row, stage) in enumerate(zip(result.rows, stages, strict=True)):
        near = [alike(stage[n], stage[at]) for n in others]
        assert row.cosine_start == pytest.approx(alike(stage[at], stages[0][at]), abs=1e-5)
        assert row.cosine_before == pytest.approx(alike(stage[at], stages[max(0, number - 1)][at]), abs=1e-5)
        assert row.nearest_cosine == pytest.approx(max(near), abs=1e-5)
        assert row.nearest_token.strip("…") == tokens[others[int(np.argmax(near))]]
        assert row.usual_cosine == pytest.approx(np.mean(near), abs=1e-5)
        if row.layer:
            added = stage[at] - stages[number - 1][at]
            assert row.share == pytest.approx(added @ way / (way @ way), abs=1e-5)
            by_attention = trace[f"{blocks[row.layer - 1]}.residual_attention"][0, at] - stages[number - 1][at]
            assert row.attention_share == pytest.approx(by_attention @ way / (way @ way), abs=1e-5)


@pytest.mark.parametrize("sentence", SENTENCES)
def test_the_layers_share_out_the_whole_way(models: Models, sentence: str) -> None:
    result = follow(models, sentence)
    passed = [row for row in result.rows if row.layer]
    assert [row.layer for row in result.rows] == [0, 0, 1, 2, 3]
    assert sum(row.share for row in passed) == pytest.approx(1, abs=1e-5)
    assert result.attention_share + result.feed_forward_share == pytest.approx(1, abs=1e-5)
    for row in result.rows:
        assert row.share == pytest.approx(row.attention_share + row.feed_forward_share, abs=1e-6)
    assert all(row.share == 0 for row in result.rows if not row.layer)
    shares = [row.share for row in passed]
    assert (result.most_share, result.least_share) == (max(shares), min(shares))
    assert shares[result.most_layer - 1] == max(shares) and shares[result.least_layer - 1] == min(shares)


@pytest.mark.parametrize("sentence", SENTENCES)
def test_the_ends_of_the_way_are_those_of_the_rows(models: Models, sentence: str) -> None:
    result = follow(models, sentence)
    start, placed, *_, end = result.rows
    assert start.cosine_start == pytest.approx(1, abs=1e-6) == start.cosine_before
    assert (result.cosine_position, result.cosine_end) == (placed.cosine_start, end.cosine_start)
    assert (result.nearest_word, result.nearest_cosine) == (end.nearest_token, end.nearest_cosine)
    assert result.nearest_word_start == start.nearest_token
    assert result.nearest_cosine_start <= start.nearest_cosine + 1e-6
    assert not result.same_nearest or result.nearest_cosine_start == pytest.approx(start.nearest_cosine, abs=1e-6)


def test_the_word_followed_is_the_content_word_that_turns_farthest(models: Models) -> None:
    result = follow(models, SENTENCE)
    ends = {word: follow(models, SENTENCE, word=word).cosine_end for word in ("gave", "black", "cat", "milk")}
    assert result.word == min(ends, key=ends.__getitem__)


def test_a_word_is_never_compared_with_itself_but_with_its_repetition(models: Models) -> None:
    result = follow(models, "The cat sees the cat.", word="cat")
    assert result.rows[0].nearest_token == "cat" and result.rows[0].nearest_cosine == pytest.approx(1, abs=1e-6)
    assert result.rows[1].nearest_cosine < 0.999
    assert all(row.nearest_token not in ("Why", ".") for row in follow(models, "Why is it cold?", word="Why").rows)


def test_marks_count_only_where_there_are_no_words(models: Models) -> None:
    alone = follow(models, "Why?")
    assert alone.other_words == 0 and {row.nearest_token for row in alone.rows} <= {"?", "‹end›"}
    assert all(row.nearest_token.strip("…").isalpha() for row in follow(models, SENTENCE).rows)


def test_a_word_that_is_not_there_lists_those_that_are(models: Models) -> None:
    with pytest.raises(LearnerError, match=r"^there is no 'dog' in this sentence; its tokens are The · min"):
        follow(models, SENTENCE, word="dog")


def test_each_outcome_is_told_in_its_own_words(models: Models) -> None:
    branches = load_library().narrations["encoder-layers"].branches
    result = follow(models, SENTENCE, word="cat")
    nearer = {"nearest_cosine": 0.4, "nearest_cosine_start": 0.1}
    for changes, said in (
        ({"other_words": 0}, "is the only word here"),
        ({"least_share": -0.02}, "leads a little back"),
        ({"cosine_end": 0.2}, "Little of its row"),
        ({**nearer, "same_nearest": False}, "At first “"),
        ({**nearer, "same_nearest": True}, "even nearer"),
        ({"nearest_cosine": 0.1, "nearest_cosine_start": 0.4}, "but not towards"),
        ({"nearest_cosine": 0.1, "nearest_cosine_start": 0.1}, "but hardly towards"),
    ):
        assert said in narrate(branches, dataclasses.replace(result, **changes))
