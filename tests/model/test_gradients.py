"""Gradients against central differences in float64, attributions against a plain sum along the path."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from oracles import config, largest, padded_tokens, small_model
from torch import Tensor

from model.attribution import gradient_times_input, integrated_gradients
from model.edits import Edit, detach
from model.errors import EditError
from model.gradients import gradients
from model.trace import Trace, trace_paths, value_at
from model.transformer import Transformer

SOURCE, TARGET = padded_tokens([5, 3]), padded_tokens([4, 2], seed=2)
LABELS = torch.where(TARGET != 0, 1 + (TARGET * 5) % 22, 0)
STEP = 1e-5
ENTRIES = 4
SIZES = {"encoder_layers": 1, "decoder_layers": 1}

SCALARS: dict[str, Callable[[Trace], Tensor]] = {
    "loss": lambda trace: trace.loss,
    "one logit": lambda trace: trace.logits[0, 3, 7],
    "one probability": lambda trace: trace.probabilities[0, 2, 5],
    "difference of two logits": lambda trace: trace.logits[1, 1, 4] - trace.logits[1, 1, 9],
}


@pytest.fixture(scope="module")
def model() -> Transformer:
    return small_model(**SIZES)


def entries_of(gradient: Tensor, usable: Tensor, seed: int) -> list[tuple[int, ...]]:
    """The entry with the largest gradient and a few at random."""
    places = usable.nonzero()
    chance = torch.Generator().manual_seed(seed)
    chosen = places[torch.randperm(len(places), generator=chance)[: ENTRIES - 1]].tolist()
    chosen.append(list(torch.unravel_index(gradient.abs().argmax(), gradient.shape)))
    return [tuple(int(index) for index in place) for place in chosen]


def assert_close(found: list[float], expected: list[float], name: str) -> None:
    a, b = torch.tensor(found, dtype=torch.float64), torch.tensor(expected, dtype=torch.float64)
    assert (a - b).norm() <= 1e-6 * b.norm() + 1e-11, f"{name}: got {found}, central differences say {expected}"


@pytest.mark.parametrize("kind", SCALARS)
def test_every_parameters_gradient_is_the_central_difference(model: Transformer, kind: str) -> None:
    scalar = SCALARS[kind]

    def run() -> Trace:
        return model(SOURCE, TARGET, LABELS)

    trace = run()
    found = gradients(trace, scalar(trace), model).parameters
    parameters = dict(model.named_parameters())
    assert list(found) == list(parameters)
    for seed, (name, parameter) in enumerate(parameters.items()):
        got, expected = [], []
        for place in entries_of(found[name], torch.ones_like(parameter, dtype=torch.bool), seed):
            with torch.no_grad():
                kept = parameter[place].item()
                parameter[place] = kept + STEP
                up = scalar(run()).item()
                parameter[place] = kept - STEP
                down = scalar(run()).item()
                parameter[place] = kept
            got.append(found[name][place].item())
            expected.append((up - down) / (2 * STEP))
        assert any(expected), f"{name} has no say in {kind}: nothing was tested"
        assert_close(got, expected, name)


@pytest.mark.parametrize("kind", ["loss", "difference of two logits"])
def test_every_named_values_gradient_is_the_central_difference(model: Transformer, kind: str) -> None:
    scalar = SCALARS[kind]
    trace = model(SOURCE, TARGET, LABELS)
    found = gradients(trace, scalar(trace), model).values
    for seed, path in enumerate(found):
        value = value_at(trace, path)
        got, expected = [], []
        for place in entries_of(found[path], torch.isfinite(value), seed):
            got.append(found[path][place].item())
            expected.append(
                (nudged(model, scalar, path, place, STEP) - nudged(model, scalar, path, place, -STEP)) / (2 * STEP)
            )
        assert_close(got, expected, path)


@torch.no_grad()
def nudged(
    model: Transformer, scalar: Callable[[Trace], Tensor], path: str, place: tuple[int, ...], step: float
) -> float:
    def change(value: Tensor, _: Tensor | None) -> Tensor:
        changed = value.clone()
        changed[place] += step
        return changed

    return scalar(model(SOURCE, TARGET, LABELS, edits=[Edit(path, change, "nudge")])).item()


def test_every_value_but_the_token_ids_has_a_gradient(model: Transformer) -> None:
    trace = model(SOURCE, TARGET, LABELS)
    found = gradients(trace, trace.loss, model).values
    paths = [info.path for info in trace_paths(config(**SIZES)) if not info.path.endswith(".tokens")]
    assert list(found) == paths
    for path in paths:
        assert found[path].shape == value_at(trace, path).shape
        assert torch.isfinite(found[path]).all(), path
        if path != "probabilities":  # the loss is computed from the logits, beside the probabilities
            assert found[path].abs().max() > 0, path
    assert (found["probabilities"] == 0).all()


def test_a_masked_score_has_no_gradient(model: Transformer) -> None:
    trace = model(SOURCE, TARGET, LABELS)
    path = "decoder.blocks.0.attention.masked_scores"
    found = gradients(trace, trace.loss, model).values[path]
    assert (found[torch.isneginf(value_at(trace, path))] == 0).all()


def test_the_gradient_at_the_logits_is_prediction_minus_target(model: Transformer) -> None:
    trace = model(SOURCE, TARGET, LABELS)
    found = gradients(trace, trace.loss, model).values["logits"]
    real = LABELS != 0
    target = torch.nn.functional.one_hot(LABELS, 23)
    expected = (trace.probabilities - target) * real.unsqueeze(2) / real.sum()
    assert largest(found - expected) <= 1e-15


def test_detaching_stops_every_gradient_behind_that_value(model: Transformer) -> None:
    trace = model(SOURCE, TARGET, LABELS, edits=[detach("encoder.output")])
    found = gradients(trace, trace.loss, model)
    assert (found.values["encoder.input"] == 0).all()
    assert (found.parameters["encoder.blocks.0.attention.w_query.weight"] == 0).all()
    assert found.values["decoder.input"].abs().max() > 0


def test_a_gradient_can_be_taken_twice_from_one_run(model: Transformer) -> None:
    trace = model(SOURCE, TARGET, LABELS)
    first = gradients(trace, trace.loss, model).values["encoder.embedding"]
    assert torch.equal(first, gradients(trace, trace.loss, model).values["encoder.embedding"])


def test_what_is_not_one_number_or_has_no_graph_is_refused(model: Transformer) -> None:
    trace = model(SOURCE, TARGET, LABELS)
    with pytest.raises(EditError) as caught:
        gradients(trace, trace.token_losses, model)
    assert str(caught.value) == "a gradient needs one number to start from: got shape (2, 4)"
    with torch.no_grad():
        trace = model(SOURCE, TARGET, LABELS)
    with pytest.raises(EditError) as caught:
        gradients(trace, trace.loss, model)
    assert str(caught.value) == "this run kept no graph; run the model with gradients enabled"


# --- attributions ------------------------------------------------------------------------------------------

ONE_SOURCE, ONE_TARGET = SOURCE[:1], TARGET[:1]


def log_probability(trace: Trace) -> Tensor:
    return trace.logits[:, -1].log_softmax(-1)[:, 7].sum()


@pytest.fixture(scope="module", params=[0, 1])
def deep(request: pytest.FixtureRequest) -> Transformer:
    return small_model(request.param, encoder_layers=2, decoder_layers=2)


def along_the_path(model: Transformer, points: int) -> Tensor:
    """Trapezoid rule, one point after the other, with a leaf of its own for the gradient."""
    with torch.no_grad():
        embedding = model(ONE_SOURCE, ONE_TARGET).encoder.embedding
    total = torch.zeros_like(embedding)
    for index in range(points + 1):
        here = (embedding * (index / points)).clone().requires_grad_()
        put = Edit("encoder.embedding", lambda _value, _before, here=here: here, "put", may_keep_value=True)
        log_probability(model(ONE_SOURCE, ONE_TARGET, edits=[put])).backward(inputs=[here])
        total += here.grad * (0.5 if index in (0, points) else 1.0) / points
    return (total * embedding).sum(-1)[0]


def test_integrated_gradients_are_the_sum_along_the_path(deep: Transformer) -> None:
    found = integrated_gradients(deep, ONE_SOURCE, ONE_TARGET, log_probability, steps=64)
    expected = along_the_path(deep, 500)
    assert largest(found.scores - expected) <= 0.01 * largest(expected)


def test_integrated_gradients_sum_to_the_difference_from_the_baseline(deep: Transformer) -> None:
    found = integrated_gradients(deep, ONE_SOURCE, ONE_TARGET, log_probability)
    with torch.no_grad():
        here = log_probability(deep(ONE_SOURCE, ONE_TARGET))
        nothing = Edit("encoder.embedding", lambda value, _: torch.zeros_like(value), "nothing")
        baseline = log_probability(deep(ONE_SOURCE, ONE_TARGET, edits=[nothing]))
    assert found.difference == pytest.approx((here - baseline).item(), rel=1e-12)
    assert abs(found.difference) > 0.1, "nothing to attribute: choose another token"
    assert found.scores.sum().item() == pytest.approx(found.difference, rel=0.01)


def test_gradient_times_input_is_the_first_order_guess(deep: Transformer) -> None:
    found = gradient_times_input(deep, ONE_SOURCE, ONE_TARGET, log_probability)
    assert found.scores.shape == (5,)
    assert found.difference != found.difference, "no sum is promised"
    for position in range(5):

        def scaled(factor: float, position: int = position) -> float:
            def change(value: Tensor, _: Tensor | None) -> Tensor:
                changed = value.clone()
                changed[:, position] *= factor
                return changed

            with torch.no_grad():
                edit = Edit("encoder.embedding", change, "scale one word")
                return log_probability(deep(ONE_SOURCE, ONE_TARGET, edits=[edit])).item()

        slope = (scaled(1 + STEP) - scaled(1 - STEP)) / (2 * STEP)
        assert found.scores[position].item() == pytest.approx(slope, rel=1e-6, abs=1e-9)
