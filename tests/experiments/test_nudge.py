"""`nudge`: the losses are those of a copy whose weight was changed by hand, the slope computed that of the trace."""

from __future__ import annotations

import copy
import dataclasses
import functools
from typing import Any

import numpy as np
import pytest
import torch

from model.edits import bypass
from tutor.curriculum.loader import load_library
from tutor.curriculum.narration import narrate, narrate_run
from tutor.errors import LearnerError
from tutor.experiments import nudge, registry
from tutor.experiments.models import Models
from tutor.experiments.nudge import Nudge
from tutor.tracing import save_trace

SENTENCE = "The cat is on the mat."
SENTENCES = [SENTENCE, "My sister gave the old book to the teacher.", "Why?"]


@functools.cache
def turn(models: Models, sentence: str, **options: Any) -> Nudge:
    found: Nudge = registry.run("nudge", models, sentence, options).result
    return found


@pytest.fixture(scope="module")
def trace(models: Models, tmp_path_factory: pytest.TempPathFactory) -> dict[str, np.ndarray]:
    path = tmp_path_factory.mktemp("trace") / "run.npz"
    save_trace(models, SENTENCE, path, gradients=True)
    with np.load(path) as arrays:
        return dict(arrays)


def loss_with(models: Models, sentence: str, name: str, index: tuple[int, ...], change: float) -> float:
    """Cross-entropy by PyTorch of a copy in which that weight was changed."""
    network, reading = copy.deepcopy(models.model).double(), models.read(sentence)
    with torch.no_grad():
        dict(network.named_parameters())[name][index] += change
        logits = network(reading.source, reading.target).logits[0]
        return torch.nn.functional.cross_entropy(logits, reading.labels[0]).item()


@pytest.mark.parametrize("row", [0, 3, -1])
@pytest.mark.parametrize("sentence", SENTENCES)
def test_a_row_holds_the_losses_of_a_copy_changed_by_hand(models: Models, sentence: str, row: int) -> None:
    result = turn(models, sentence)
    size = result.rows[row]
    up, down = (
        loss_with(models, sentence, result.parameter, result.parameter_index, change)
        for change in (size.nudge, -size.nudge)
    )
    assert (size.loss_up, size.loss_down) == pytest.approx((up, down), abs=1e-12)
    assert size.slope == (size.loss_up - size.loss_down) / (2 * size.nudge)


@pytest.mark.parametrize("sentence", SENTENCES)
def test_weights_of_other_kinds_are_measured_in_the_same_way(models: Models, sentence: str) -> None:
    result = turn(models, sentence, step=0.01)
    assert len({kind.parameter.rpartition(".")[0] for kind in result.kinds}) == result.kind_count == 5
    for kind in result.kinds:
        up, down = (
            loss_with(models, sentence, kind.parameter, kind.parameter_index, change) for change in (0.01, -0.01)
        )
        assert kind.slope == pytest.approx((up - down) / 0.02, abs=1e-9)


@pytest.mark.parametrize("sentence", SENTENCES)
def test_weights_of_other_kinds_are_those_with_most_gradient(models: Models, sentence: str) -> None:
    network, reading = copy.deepcopy(models.model).double(), models.read(sentence)
    with torch.enable_grad():
        torch.autograd.backward(network(reading.source, reading.target, reading.labels).loss)
    embedding, *others = turn(models, sentence).kinds
    for kind in (embedding, *others):
        slopes = network.get_parameter(kind.parameter).grad
        assert slopes is not None
        row = slopes[kind.parameter_index[0]] if kind is embedding else slopes
        assert kind.gradient == pytest.approx(slopes[kind.parameter_index].item(), rel=1e-9)
        assert abs(kind.gradient) == pytest.approx(row.abs().max().item(), rel=1e-9)
    word = reading.source_ids.index(embedding.parameter_index[0])
    assert embedding.where == f"“{reading.source_tokens[word]}”"


@pytest.mark.parametrize(
    ("options", "traced", "read"),
    [
        ({}, "encoder.blocks.2.attention.query", "encoder.blocks.2.attention_norm"),
        ({"layer": 1, "matrix": "key"}, "encoder.blocks.0.attention.key", "encoder.blocks.0.attention_norm"),
        ({"part": "cross", "matrix": "value"}, "decoder.blocks.2.cross_attention.value", "encoder.output"),
        ({"part": "decoder", "layer": 2, "matrix": "widen"}, "decoder.blocks.1.feed_forward.hidden",
         "decoder.blocks.1.feed_forward_norm"),
    ],
)  # fmt: skip
def test_the_slope_computed_is_that_of_the_trace_file(
    models: Models, trace: dict[str, np.ndarray], options: dict[str, Any], traced: str, read: str
) -> None:
    made, inputs = (trace[path][0].astype(np.float64) for path in (f"gradient:{traced}", read))
    if made.ndim == 3:
        made = made.transpose(1, 0, 2).reshape(len(inputs), -1)  # heads side by side, (T, C)
    slopes = made.T @ inputs
    result = turn(models, SENTENCE, **options)
    assert result.gradient == pytest.approx(slopes[result.parameter_index], rel=1e-4)
    assert abs(result.gradient) == pytest.approx(np.abs(slopes).max(), rel=1e-4)


@pytest.mark.parametrize("sentence", SENTENCES)
def test_in_the_middle_the_slopes_agree_and_at_both_ends_they_do_not(models: Models, sentence: str) -> None:
    result = turn(models, sentence)
    assert [row.nudge for row in result.rows] == sorted(nudge.SIZES, reverse=True)
    assert 1e-7 < result.best_nudge < 1e-2 and result.best_digits >= 6
    assert result.best_slope == pytest.approx(result.gradient, rel=1e-6)
    assert max(result.largest_digits, result.smallest_digits) <= 2
    assert result.fewest_digits >= 5
    assert result.fewest_digits == min(kind.digits for kind in result.kinds)


@pytest.mark.parametrize(
    ("measured", "computed", "digits"),
    [
        *((2.0, 2.0, 15), (2.0019, 2.0, 3), (2.19, 2.0, 1), (1.9, 2.1, 0), (20.0, 2.0, 0), (-2.0, 2.0, 0)),
        *((1e-9, 0.0, 0), (0.0, 0.0, 15)),
    ],
)
def test_digits_count_the_leading_ones_alike(measured: float, computed: float, digits: int) -> None:
    assert nudge._digits(measured, computed) == digits


def test_what_is_named_is_in_the_rows(models: Models) -> None:
    result = turn(models, SENTENCE)
    rows = {row.nudge: row for row in result.rows}
    for name in ("best", "largest", "smallest"):
        row = rows[getattr(result, f"{name}_nudge")]
        assert (row.slope, row.digits) == (getattr(result, f"{name}_slope"), getattr(result, f"{name}_digits"))
    assert result.best_digits == max(row.digits for row in result.rows)
    assert result.loss == pytest.approx(registry.run("gradients", models, SENTENCE).result.loss, abs=1e-6)
    assert result.value == models.model.get_parameter(result.parameter)[result.parameter_index].item()


def test_the_shared_models_are_left_as_they_were(models: Models) -> None:
    shared = {"float32": models.model, "float64": models.exact}
    before = {name: copy.deepcopy(network.state_dict()) for name, network in shared.items()}
    registry.run("nudge", models, SENTENCE)
    for name, network in shared.items():
        assert all(value.equal(before[name][path]) for path, value in network.state_dict().items())
        assert all(parameter.grad is None for parameter in network.parameters())


def test_a_step_of_ones_own_is_among_the_sizes_and_turns_the_other_kinds(models: Models) -> None:
    result = turn(models, SENTENCE, step=0.05)
    assert 0.05 in [row.nudge for row in result.rows] and len(result.rows) == len(nudge.SIZES) + 1
    assert result.fewest_digits < turn(models, SENTENCE).fewest_digits


def test_in_an_altered_model_the_slopes_are_those_of_the_altered_model(models: Models) -> None:
    altered = models.altered([bypass("encoder.input")])
    result: Nudge = registry.run("nudge", altered, SENTENCE).result
    assert result.loss != pytest.approx(turn(models, SENTENCE).loss, abs=1e-3)
    assert result.best_digits >= 6 and result.fewest_digits >= 5


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"matrix": "quary"}, "encoder has no matrix 'quary'; it has query, key, value, output, widen and narrow"),
        ({"part": "cross", "matrix": "widen"}, "cross has no matrix 'widen'; it has query, key, value and output"),
        ({"step": 0.0}, "step must be from 1e-15 to 1, not 0; try 0.0001"),
        ({"step": 2.0}, "step must be from 1e-15 to 1, not 2; try 0.0001"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(models: Models, options: dict[str, Any], message: str) -> None:
    with pytest.raises(LearnerError) as told:
        registry.run("nudge", models, SENTENCE, options)
    assert str(told.value) == f"nudge: {message}"


def test_a_layer_that_does_not_exist_is_named(models: Models) -> None:
    with pytest.raises(LearnerError, match=r"^there is no layer 4; the encoder has layers 1 to 3$"):
        registry.run("nudge", models, SENTENCE, {"layer": 4})


def test_each_way_it_can_come_out_has_words_of_its_own(models: Models) -> None:
    found, branches = turn(models, SENTENCE), load_library().narrations["nudge"].branches
    cases: list[tuple[dict[str, Any], str]] = [
        ({"gradient": 0.0}, "makes no difference"),
        ({}, "quite other kinds agree as well"),
        ({"fewest_digits": 1}, "does not suit them all"),
        ({"best_digits": 2}, "measures its slope badly"),
    ]
    for changed, words in cases:
        told = narrate(branches, dataclasses.replace(found, **changed))
        assert [other for _, other in cases if other in told] == [words], told
    assert "9 digits agree" in narrate_run(load_library(), registry.run("nudge", models, SENTENCE))
