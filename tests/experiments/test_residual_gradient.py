"""`residual-gradient`: each length found again from the trace file, by nudging, and by one backward pass a token."""

from __future__ import annotations

import copy
import dataclasses
import functools
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from model.edits import Edit, bypass
from model.transformer import Transformer
from tutor.curriculum.loader import load_library
from tutor.curriculum.narration import narrate, narrate_run
from tutor.experiments import registry, residual_gradient
from tutor.experiments.models import Models
from tutor.experiments.residual_gradient import Arrived, ResidualGradient
from tutor.tracing import save_trace

SENTENCE = "My sister gave the old book to the teacher."
SENTENCES = [SENTENCE, "The cat is on the mat.", "Why?"]
NETWORKS = ("untrained", "trained")


@functools.cache
def send(models: Models, sentence: str) -> ResidualGradient:
    found: ResidualGradient = registry.run("residual-gradient", models, sentence).result
    return found


def network_of(models: Models, name: str) -> Transformer:
    return models.untrained if name == "untrained" else models.model


def without(network: Transformer) -> list[Edit]:
    parts = ("attention", "feed_forward")
    layers = range(network.config.encoder_layers)
    return [bypass(f"encoder.blocks.{layer}.residual_{part}") for layer in layers for part in parts]


def stream(network: Transformer, models: Models, sentence: str, edits: list[Edit]) -> tuple[list[Tensor], Tensor]:
    """The encoder's vectors from the top down, each (1, S, C), and the loss."""
    reading = models.read(sentence)
    with torch.enable_grad():
        trace = network(reading.source, reading.target, reading.labels, edits)
    return [*(block.residual_feed_forward for block in reversed(trace.encoder.blocks)), trace.encoder.input], trace.loss


def error_of(network: Transformer, models: Models, sentence: str) -> Tensor:
    """The gradient of the loss at the top of the encoder as it is built, (1, S, C)."""
    (top, *_), loss = stream(network, models, sentence, [])
    return torch.autograd.grad(loss, top)[0]


def test_with_residual_connections_the_lengths_are_those_of_the_trace_file(models: Models, tmp_path: Path) -> None:
    save_trace(models, SENTENCE, tmp_path / "run.npz", gradients=True)
    paths = [*(f"encoder.blocks.{layer}.residual_feed_forward" for layer in (2, 1, 0)), "encoder.input"]
    with np.load(tmp_path / "run.npz") as arrays:
        lengths = [float(np.linalg.norm(arrays[f"gradient:{path}"])) for path in paths]
    shown = [row.trained.share for row in send(models, SENTENCE).rows]
    assert shown == pytest.approx([length / lengths[0] for length in lengths], rel=1e-4)


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize("sentence", SENTENCES)
def test_every_number_is_found_again_by_one_backward_pass_after_the_other(
    models: Models, sentence: str, name: str
) -> None:
    network = network_of(models, name)
    error = error_of(network, models, sentence)
    for edits, ending in (([], ""), (without(network), "_without")):
        (top, *below), _ = stream(network, models, sentence, edits)
        whole = torch.autograd.grad(top, below, error, retain_graph=True)
        squares = []  # of each token's error alone: (depths, S)
        for place in range(error.size(1)):
            alone = torch.zeros_like(error)
            alone[0, place] = error[0, place]
            found = torch.autograd.grad(top, below, alone, retain_graph=True)
            squares.append(torch.stack([gradient[0].square().sum(-1) for gradient in found]))
        spread = torch.stack(squares)  # (S, depths, S)
        own = spread.diagonal(dim1=0, dim2=2).sum(-1) / spread.sum((0, 2))
        rows = [getattr(row, name) for row in send(models, sentence).rows]
        shares = [(gradient.norm() / error.norm()).item() for gradient in whole]
        assert [getattr(row, f"share{ending}") for row in rows] == pytest.approx([1.0, *shares], rel=1e-3)
        assert [getattr(row, f"own{ending}") for row in rows] == pytest.approx([1.0, *own.tolist()], rel=1e-3)


@pytest.mark.parametrize("name", NETWORKS)
def test_a_length_is_the_slope_along_the_gradient_measured_by_nudging(models: Models, name: str) -> None:
    network = copy.deepcopy(network_of(models, name)).double()
    error = error_of(network, models, SENTENCE)
    (top, *_, words), _ = stream(network, models, SENTENCE, without(network))
    (gradient,) = torch.autograd.grad(top, words, error)
    direction, reading = gradient / gradient.norm(), models.read(SENTENCE)
    nudged = []
    for size in (1e-5, -1e-5):
        push = Edit("encoder.input", lambda value, _, by=size: value + by * direction, "nudge")
        with torch.no_grad():
            trace = network(reading.source, reading.target, reading.labels, [push, *without(network)])
        nudged.append((trace.encoder.blocks[-1].residual_feed_forward * error).sum().item())
    slope = (nudged[0] - nudged[1]) / 2e-5
    arrived: Arrived = getattr(send(models, SENTENCE).rows[-1], name)
    assert arrived.share_without == pytest.approx(slope / error.norm().item(), rel=1e-3)


@pytest.mark.parametrize("sentence", SENTENCES)
def test_what_is_named_is_the_last_row_and_the_first_is_the_start(models: Models, sentence: str) -> None:
    result = send(models, sentence)
    assert [row.below for row in result.rows] == list(range(result.layers + 1))
    for name in NETWORKS:
        first, last = (getattr(result.rows[at], name) for at in (0, -1))
        assert first == Arrived(1.0, 1.0, 1.0, 1.0)
        named = [getattr(result, f"{name}{ending}") for ending in ("", "_without", "_own", "_own_without")]
        assert named == [last.share, last.share_without, last.own, last.own_without]
        assert getattr(result, f"{name}_left") == pytest.approx(last.share_without / last.share)
    assert result.even == 1 / result.token_count == 1 / len(result.source_tokens)
    assert result.followed == result.token_count


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("sentence", SENTENCES[:2])
def test_any_twin_with_random_weights_shortens_the_error_and_loses_its_address(
    models: Models, sentence: str, seed: int
) -> None:
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        twin = Transformer(models.model.config).eval()
    reading = models.read(sentence)
    tokens = len(reading.source_ids)
    arrived = residual_gradient._way_down(twin, reading, list(range(tokens)))[-1]
    assert arrived.share_without < arrived.share
    assert arrived.own > 0.5 and arrived.own_without == pytest.approx(1 / tokens, abs=0.05)


def test_of_a_long_sentence_some_tokens_are_followed_the_ends_among_them(models: Models) -> None:
    result = send(models, "the old man saw the sea and " * 6)
    assert result.followed == residual_gradient.MOST_WORDS < result.token_count
    assert residual_gradient._evenly(3, 24) == [0, 1, 2]
    places = residual_gradient._evenly(100, 24)
    assert len(set(places)) == 24 and (places[0], places[-1]) == (0, 99)


def test_models_and_their_gradients_are_left_as_they_were(models: Models) -> None:
    networks = (models.model, models.untrained)
    before = [parameter.clone() for network in networks for parameter in network.parameters()]
    registry.run("residual-gradient", models, SENTENCE)
    after = [parameter for network in networks for parameter in network.parameters()]
    assert all(map(torch.equal, after, before))
    assert all(parameter.grad is None for parameter in after)


def test_each_way_it_can_come_out_has_words_of_its_own(models: Models) -> None:
    found, branches = send(models, SENTENCE), load_library().narrations["residual-gradient"].branches
    cases: list[tuple[dict[str, Any], str]] = [
        ({"trained_left": 1.5}, "length proves nothing"),
        ({"trained_left": 0.5}, "in so few blocks not gone"),
        ({"untrained_left": 1.2}, "does not get shorter"),
        ({"untrained_own": found.untrained_own_without}, "has only 11 tokens"),
    ]
    for changed, words in cases:
        told = narrate(branches, dataclasses.replace(found, **changed))
        assert [other for _, other in cases if other in told] == [words], told
    assert "the address" in narrate_run(load_library(), registry.run("residual-gradient", models, SENTENCE))
