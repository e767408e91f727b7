"""Gradients against central differences in float64, attributions against Captum and a plain sum along the path."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from captum.attr import InputXGradient, IntegratedGradients
from oracles import (
    DEVICES,
    difference_from_slopes,
    entries_of,
    fitting,
    largest,
    padded_tokens,
    shaped,
    signal_of,
    slope,
    small_model,
    torch_run,
)
from torch import Tensor

from model.attribution import gradient_times_input, integrated_gradients
from model.edits import Edit, detach
from model.errors import EditError
from model.gradients import gradients
from model.trace import Trace, trace_paths, value_at
from model.transformer import Transformer

SOURCE, TARGET = padded_tokens([5, 3]), padded_tokens([4, 2], seed=2)
LABELS = torch.where(TARGET != 0, 1 + (TARGET * 5) % 22, 0)
SIZES = {"encoder_layers": 1, "decoder_layers": 1}
SMALL = pytest.mark.parametrize(
    "layers", [(1, 1), (1, 0), (0, 2)], ids=["encoder-decoder", "encoder only", "decoder only"]
)

SCALARS: dict[str, Callable[[Trace], Tensor]] = {
    "loss": lambda trace: trace.loss,
    "one logit": lambda trace: trace.logits[0, 3, 7],
    "one probability": lambda trace: trace.probabilities[0, 2, 5],
    "difference of two logits": lambda trace: trace.logits[1, 1, 4] - trace.logits[1, 1, 9],
}


@pytest.fixture(scope="module")
def model() -> Transformer:
    return small_model(**SIZES)


def inputs(layers: tuple[int, int]) -> tuple[Tensor | None, Tensor | None, Tensor]:
    source, target = fitting(layers, SOURCE, TARGET)
    return source, target, LABELS if layers[1] else torch.where(SOURCE != 0, 1 + (SOURCE * 5) % 22, 0)


@SMALL
@pytest.mark.parametrize("kind", SCALARS)
def test_every_parameters_gradient_is_the_central_difference(layers: tuple[int, int], kind: str) -> None:
    model, given, scalar = shaped(layers), inputs(layers), SCALARS[kind]
    trace = model(*given)
    found = gradients(trace, scalar(trace), model).parameters
    parameters = dict(model.named_parameters())
    assert list(found) == list(parameters)
    for seed, (name, parameter) in enumerate(parameters.items()):

        def nudged(place: tuple[int, ...], step: float, parameter: Tensor = parameter) -> float:
            kept = parameter[place].item()
            parameter[place] = kept + step
            reached = scalar(model(*given)).item()
            parameter[place] = kept
            return reached

        places = entries_of(found[name], torch.ones_like(parameter, dtype=torch.bool), seed)
        assert any(slope(nudged, place) for place in places), f"{name} has no say in {kind}: nothing was tested"
        assert difference_from_slopes(found[name], places, nudged) <= 1e-6, name


@SMALL
@pytest.mark.parametrize("kind", SCALARS)
def test_every_named_values_gradient_is_the_central_difference(layers: tuple[int, int], kind: str) -> None:
    model, given, scalar = shaped(layers), inputs(layers), SCALARS[kind]
    trace = model(*given)
    found = gradients(trace, scalar(trace), model).values
    tested = 0
    for seed, path in enumerate(found):

        def nudged(place: tuple[int, ...], step: float, path: str = path) -> float:
            def change(value: Tensor, _: Tensor | None) -> Tensor:
                changed = value.clone()
                changed[place] += step
                return changed

            return scalar(model(*given, edits=[Edit(path, change, "nudge")])).item()

        places = entries_of(found[path], torch.isfinite(value_at(trace, path)), seed)
        assert difference_from_slopes(found[path], places, nudged) <= 1e-6, path
        tested += any(slope(nudged, place) for place in places)
    # The losses have no say in a logit, and the probabilities none in the loss; all else has in everything.
    assert tested >= len(found) - 4


@SMALL
def test_every_value_but_the_token_ids_has_a_gradient(layers: tuple[int, int]) -> None:
    model = shaped(layers)
    trace = model(*inputs(layers))
    found = gradients(trace, trace.loss, model).values
    paths = [info.path for info in trace_paths(model.config) if not info.path.endswith(".tokens")]
    assert list(found) == paths
    for path in paths:
        assert found[path].shape == value_at(trace, path).shape
        assert torch.isfinite(found[path]).all(), path
        if path != "probabilities":  # the loss is computed from the logits, beside the probabilities
            assert found[path].abs().max() > 0, path
    assert (found["probabilities"] == 0).all()


@pytest.mark.parametrize("device", DEVICES)
@SMALL
def test_gradients_and_attributions_run_where_the_model_is(layers: tuple[int, int], device: str) -> None:
    """In float32, which every device has. With another default device, a tensor made without one shows anywhere."""
    here = shaped(layers, 0, torch.float32)
    there = shaped(layers, 0, torch.float32).to(device)
    source, target, labels = inputs(layers)
    moved = tuple(None if ids is None else ids.to(device) for ids in (source, target, labels))
    expected_trace = here(source, target, labels)
    expected = gradients(expected_trace, expected_trace.loss, here)
    with torch.device("meta"):
        trace = there(*moved)
        found = gradients(trace, trace.loss, there)
    for kind in ("values", "parameters"):
        for name, gradient in getattr(expected, kind).items():
            assert largest(getattr(found, kind)[name].cpu() - gradient) <= 1e-4, name
    one = tuple(None if ids is None else ids[:1] for ids in moved[:2])
    for attribute in (gradient_times_input, integrated_gradients):
        with torch.device("meta"):
            scores = attribute(there, *one, log_probability).scores
        assert (
            largest(scores.cpu() - attribute(here, *(fitting(layers, SOURCE[:1], TARGET[:1])), log_probability).scores)
            <= 1e-3
        )


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
ATTRIBUTED = pytest.mark.parametrize(
    "layers", [(2, 2), (2, 0), (0, 2)], ids=["encoder-decoder", "encoder only", "decoder only"]
)


def log_probability(trace: Trace) -> Tensor:
    return trace.logits[:, -1].log_softmax(-1)[:, 7].sum()


def embedding_path(layers: tuple[int, int]) -> str:
    return "encoder.embedding" if layers[0] else "decoder.embedding"


def by_torch(model: Transformer, layers: tuple[int, int]) -> tuple[Tensor, Callable[[Tensor], Tensor]]:
    """The embedding read, and PyTorch's log-probabilities as a function of it: none of our forward pass."""
    given = fitting(layers, ONE_SOURCE, ONE_TARGET)

    def log_probabilities(embedding: Tensor) -> Tensor:
        rows, length = embedding.shape[:2]
        source, target = (None if ids is None else ids.expand(rows, -1) for ids in given)
        _, logits = torch_run(model, source, target, embedding + signal_of(model, length))
        return logits[:, -1].log_softmax(-1)[:, 7]

    table = model.embedding.weight.detach()
    return table[ONE_SOURCE if layers[0] else ONE_TARGET] * table.size(1) ** 0.5, log_probabilities


@ATTRIBUTED
@pytest.mark.parametrize("seed", [0, 1])
def test_integrated_gradients_are_captums(layers: tuple[int, int], seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """To Captum's rounding with the same points on the same pieces, to 1 % with points of its own choice."""
    model, given = shaped(layers, seed), fitting(layers, ONE_SOURCE, ONE_TARGET)
    embedding, log_probabilities = by_torch(model, layers)
    captum = IntegratedGradients(log_probabilities)

    def along(start: float, end: float, points: int, method: str) -> Tensor:
        return captum.attribute(end * embedding, start * embedding, n_steps=points, method=method).sum(-1)[0]

    found = integrated_gradients(model, *given, log_probability, steps=256).scores
    assert largest(found - along(0.0, 1.0, 1000, "riemann_middle")) <= 0.01 * largest(found)
    monkeypatch.setattr("model.attribution.TOLERATED", torch.inf)  # so that no piece is halved
    found = integrated_gradients(model, *given, log_probability, steps=32).scores
    expected = sum(along(piece / 4, (piece + 1) / 4, 8, "gausslegendre") for piece in range(4))
    assert largest(found - expected) <= 1e-7 * largest(expected)  # Captum's points are float32


@ATTRIBUTED
@pytest.mark.parametrize("seed", [0, 1])
def test_gradient_times_input_is_captums(layers: tuple[int, int], seed: int) -> None:
    model = shaped(layers, seed)
    embedding, log_probabilities = by_torch(model, layers)
    expected = InputXGradient(log_probabilities).attribute(embedding.requires_grad_()).sum(-1)[0]
    found = gradient_times_input(model, *fitting(layers, ONE_SOURCE, ONE_TARGET), log_probability)
    assert largest(found.scores - expected) <= 1e-12
    assert found.difference != found.difference, "no sum is promised"


@ATTRIBUTED
@pytest.mark.parametrize("steps", [8, 32])
def test_integrated_gradients_sum_to_the_difference_from_the_baseline(layers: tuple[int, int], steps: int) -> None:
    for seed in range(4):
        model, given = shaped(layers, seed), fitting(layers, ONE_SOURCE, ONE_TARGET)
        with torch.no_grad():
            here = log_probability(model(*given))
            nothing = Edit(embedding_path(layers), lambda value, _: torch.zeros_like(value), "nothing")
            baseline = log_probability(model(*given, edits=[nothing]))
        found = integrated_gradients(model, *given, log_probability, steps)
        assert found.difference == pytest.approx((here - baseline).item(), rel=1e-12)
        assert abs(found.difference) > 0.01, "nothing to attribute: choose another token"
        assert found.scores.sum().item() == pytest.approx(found.difference, rel=0.01)


@ATTRIBUTED
def test_gradient_times_input_is_the_first_order_guess(layers: tuple[int, int]) -> None:
    model, given = shaped(layers), fitting(layers, ONE_SOURCE, ONE_TARGET)
    found = gradient_times_input(model, *given, log_probability)
    assert found.scores.shape == (5 if layers[0] else 4,)
    for position in range(len(found.scores)):

        def scaled(_: tuple[int, ...], step: float, position: int = position) -> float:
            def change(value: Tensor, _: Tensor | None) -> Tensor:
                changed = value.clone()
                changed[:, position] *= 1 + step
                return changed

            return log_probability(model(*given, edits=[Edit(embedding_path(layers), change, "scale one word")])).item()

        assert found.scores[position].item() == pytest.approx(slope(scaled, ()), rel=1e-6, abs=1e-9)
