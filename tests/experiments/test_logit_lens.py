"""`logit-lens`: each row recomputed from the trace file with NumPy alone, and what is promised of the rows."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
import torch

from tutor.curriculum.loader import load_library
from tutor.curriculum.narration import narrate
from tutor.errors import LearnerError
from tutor.experiments import registry
from tutor.experiments.logit_lens import LogitLens
from tutor.experiments.models import Models
from tutor.tracing import save_trace

SENTENCE = "The old man gave the black cat some milk."
SENTENCES = [
    SENTENCE,
    "Why?",
    "She sings",
    "Although it was raining, the children played until their mother called them.",
]
PARTS = ("english", "decoder")
EPSILON = 1e-5
"""Of PyTorch's layer norm, where none is given."""


def look(models: Models, sentence: str, **options: object) -> LogitLens:
    found: LogitLens = registry.run("logit-lens", models, sentence, options).result
    return found


def softmax(scores: np.ndarray) -> np.ndarray:
    exponentials = np.exp(scores - scores.max(-1, keepdims=True))
    return exponentials / exponentials.sum(-1, keepdims=True)


def by_hand(models: Models, path: Path, part: str, position: int) -> np.ndarray:
    """(1 + layers, V): the vector at each stage normalised, times the table, through softmax, in float64."""
    save_trace(models, SENTENCE, path, gradients=True, model="next-word" if part == "english" else "translator")
    with np.load(path) as held:
        arrays = {name: value.astype(np.float64) for name, value in held.items() if value.dtype == np.float32}
    layers = sum(name.endswith(".residual_feed_forward") and name.startswith("decoder") for name in arrays)
    stages = ["decoder.input"] + [f"decoder.blocks.{n}.residual_feed_forward" for n in range(layers)]
    x = np.stack([arrays[stage][0, position] for stage in stages])
    x = (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + EPSILON)
    x = x * arrays["parameters.decoder.norm.weight"] + arrays["parameters.decoder.norm.bias"]
    return softmax(x @ arrays["parameters.embedding.weight"].T)


@pytest.mark.parametrize(("part", "word"), [("english", "cat"), ("english", "gave"), ("decoder", "chat")])
def test_each_row_is_the_stages_vector_normalised_and_times_the_table(
    models: Models, tmp_path: Path, part: str, word: str
) -> None:
    tokenizer = models.next_word.tokenizer if part == "english" else models.tokenizer
    ids = [1, *models.text_ids(SENTENCE)] if part == "english" else models.read(SENTENCE).target[0].tolist()
    position = list(models.show(ids, tokenizer)).index(word)
    expected = by_hand(models, tmp_path / "run.npz", part, position)
    result = look(models, SENTENCE, part=part, word=word, candidates=4)
    final = int(expected[-1].argmax())
    assert result.final_token == models.show([final], tokenizer)[0]
    assert len(result.rows) == len(expected) == result.layers + 1
    for row, shares in zip(result.rows, expected, strict=True):
        best = np.argsort(-shares)[:4]
        assert [candidate.token for candidate in row.candidates] == list(models.show(best.tolist(), tokenizer))
        assert [candidate.probability for candidate in row.candidates] == pytest.approx(shares[best], abs=1e-5)
        assert row.final_probability == pytest.approx(shares[final], abs=1e-5)
        assert row.final_rank == (shares > shares[final]).sum() + 1


@pytest.mark.parametrize("sentence", SENTENCES)
def test_the_last_row_is_what_next_word_says(models: Models, sentence: str) -> None:
    result, said = look(models, sentence, candidates=8), registry.run("next-word", models, sentence).result
    assert result.text == said.text
    assert result.final_token == said.token and result.final_probability == pytest.approx(said.probability, abs=1e-6)
    assert [c.token for c in result.rows[-1].candidates] == [c.token for c in said.candidates]


@pytest.mark.parametrize("sentence", SENTENCES)
def test_the_last_row_of_the_translator_is_what_decoder_step_says(models: Models, sentence: str) -> None:
    result = look(models, sentence, part="decoder")
    said = registry.run("decoder-step", models, sentence).result
    assert result.text == said.so_far
    assert (result.final_token, result.layers) == (said.token, models.model.config.decoder_layers)
    assert result.final_probability == pytest.approx(said.probability, abs=1e-5)


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("sentence", SENTENCES)
def test_settled_leap_and_echo_are_those_of_the_rows(models: Models, sentence: str, part: str) -> None:
    result = look(models, sentence, part=part)
    ranks, shares = [row.final_rank for row in result.rows], [row.final_probability for row in result.rows]
    assert [row.layer for row in result.rows] == list(range(result.layers + 1))
    assert ranks[-1] == 1 and shares[-1] == result.final_probability == max(
        candidate.probability for candidate in result.rows[-1].candidates
    )
    assert all(rank == 1 for rank in ranks[result.settled_layer :])
    assert result.settled_layer == 0 or ranks[result.settled_layer - 1] > 1
    assert shares[result.settled_layer] == result.settled_probability
    gains = np.diff(shares)
    assert result.leap_layer == int(gains.argmax()) + 1
    assert (result.leap_from, result.leap_to) == (shares[result.leap_layer - 1], shares[result.leap_layer])
    own = result.word.strip("…")
    firsts = [row.candidates[0].token for row in result.rows]
    assert result.echoes == (firsts[0] == own == result.first_token)
    assert all(token == own for token in firsts[: result.echo_layer + 1]) or not result.echoes
    assert result.last_but_one_token == firsts[result.last_but_one_layer]


@pytest.mark.parametrize("part", PARTS)
def test_before_the_first_layer_the_table_reads_out_what_it_read_in(models: Models, part: str) -> None:
    result = look(models, SENTENCE, part=part)
    assert result.echoes and result.first_probability > 0.99 > result.final_probability


def test_what_comes_after_the_word_changes_nothing(models: Models) -> None:
    whole = look(models, "The old man gave the cat some milk.", word="cat")
    beginning = look(models, "The old man gave the cat")
    assert (whole.text, whole.word) == (beginning.text, beginning.word) == ("The old man gave the cat", "cat")
    for row, other in zip(whole.rows, beginning.rows, strict=True):
        assert [c.token for c in row.candidates] == [c.token for c in other.candidates]
        assert row.final_probability == pytest.approx(other.final_probability, abs=1e-5)


def test_bad_options_say_what_to_do(models: Models) -> None:
    with pytest.raises(LearnerError, match=r"^there is no part 'encoder'; here there are english and decoder$"):
        look(models, SENTENCE, part="encoder")
    with pytest.raises(LearnerError, match=r"^logit-lens: candidates goes from 1 to 20$"):
        look(models, SENTENCE, candidates=0)
    with pytest.raises(LearnerError, match=r"^there is no 'dog' in this translation; its tokens are ‹start› · Le"):
        look(models, SENTENCE, part="decoder", word="dog")
    with pytest.raises(LearnerError, match=r"^That sentence is \d+ tokens long and the model reads 128"):
        look(models, "word " * 300)


def test_models_are_left_as_they_were(models: Models) -> None:
    before = [parameter.clone() for parameter in models.predictor.parameters()]
    look(models, SENTENCE)
    assert all(map(torch.equal, models.predictor.parameters(), before))


def test_each_outcome_is_told_in_its_own_words(models: Models) -> None:
    branches = load_library().narrations["logit-lens"].branches
    result = look(models, SENTENCE)
    assert "From layer 4 of 5 on it says “milk”" in narrate(branches, result)
    last = {"settled_layer": 5, "leap_layer": 5}
    for changes, said in (
        ({"settled_layer": 0}, "does not mean that the layers do nothing"),
        (last, "Only the last layer puts"),
        ({**last, "leap_layer": 3}, "but only after the last layer"),
        ({**last, "echoes": False}, "Only after the last layer is"),
        ({"echoes": False}, "From layer 4 of 5 on it says"),
    ):
        told = narrate(branches, dataclasses.replace(result, **changes))
        assert said in told
        assert "all the same" in told or changes.get("settled_layer") == 0  # that it is a rough look is always said
