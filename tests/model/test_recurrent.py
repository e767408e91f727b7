"""The recurrent translators against PyTorch's own GRU, NumPy, and what padding must not change."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from oracles import TOLERANCE, randomised
from torch import nn

from model.errors import ConfigurationError, InputError
from model.generation import beam_search, greedy
from model.recurrent import GatedRecurrentUnit, RecurrentConfig, RecurrentTranslator
from model.trace import named_values

BOTH = pytest.mark.parametrize("attention", [False, True], ids=["fixed context", "attention"])
SOURCE = torch.tensor([[5, 8, 13, 3, 2], [7, 9, 2, 0, 0]])
TARGET = torch.tensor([[1, 11, 4, 6], [1, 12, 10, 15]])
LABELS = torch.tensor([[11, 4, 6, 2], [12, 10, 15, 2]])


def translator(attention: bool, seed: int = 0, dtype: torch.dtype = torch.float64) -> RecurrentTranslator:
    sizes = RecurrentConfig(23, attention, d_embedding=6, d_reader=5, d_writer=7, d_attention=4, max_tokens=9)
    model = randomised(RecurrentTranslator(sizes), seed, dtype)
    assert isinstance(model, RecurrentTranslator)
    return model


@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize("backwards", [False, True])
def test_the_unit_is_pytorchs_gru(dtype: torch.dtype, backwards: bool) -> None:
    unit = randomised(GatedRecurrentUnit(6, 5), dtype=dtype)
    peer = nn.GRU(6, 5, batch_first=True, bidirectional=True).to(dtype)
    suffix = "_l0_reverse" if backwards else "_l0"
    with torch.no_grad():
        for name, layer in (("ih", unit.from_input), ("hh", unit.from_state)):
            getattr(peer, f"weight_{name}{suffix}").copy_(layer.weight)
            getattr(peer, f"bias_{name}{suffix}").copy_(layer.bias)
    inputs = torch.randn(2, 7, 6, dtype=dtype)
    found = unit(inputs, torch.ones(2, 7, dtype=torch.bool), backwards=backwards).state
    expected = peer(inputs)[0].chunk(2, dim=-1)[backwards]
    assert (found - expected).abs().max() <= TOLERANCE[dtype]


@BOTH
def test_padding_changes_nothing(attention: bool) -> None:
    model = translator(attention)
    together = model(SOURCE, TARGET, LABELS)
    alone = model(SOURCE[1:, :3], TARGET[1:], LABELS[1:])
    assert torch.allclose(together.logits[1:], alone.logits, atol=1e-12)
    assert torch.allclose(together.encoder.output[1:, :3], alone.encoder.output, atol=1e-12)


@BOTH
def test_what_is_written_later_changes_nothing_before(attention: bool) -> None:
    model = translator(attention)
    before = model(SOURCE, TARGET).logits
    for at in range(1, TARGET.size(1)):
        changed = TARGET.clone()
        changed[:, at] = 17
        after = model(SOURCE, changed).logits
        assert torch.equal(before[:, :at], after[:, :at])
        assert not torch.allclose(before[:, at], after[:, at])


@BOTH
@pytest.mark.parametrize("seed", range(4))
def test_writing_on_from_the_state_is_reading_everything_again(attention: bool, seed: int) -> None:
    model = translator(attention, seed)
    source = SOURCE[:1]
    for kept, again in (
        (greedy(model, source, 7), greedy(model, source, 7, steps=[])),
        (beam_search(model, source, 3, max_new=6), beam_search(model, source, 3, max_new=6, steps=[])),
    ):
        assert [found.ids for found in kept] == [found.ids for found in again]
        assert [f.log_probability for f in kept] == pytest.approx([f.log_probability for f in again], abs=1e-10)


def test_without_attention_every_step_sees_the_same_two_states() -> None:
    trace = translator(attention=False)(SOURCE, TARGET)
    there, back = trace.encoder.left_to_right.state, trace.encoder.right_to_left.state
    expected = torch.cat([torch.stack([there[0, 4], there[1, 2]]), back[:, 0]], dim=-1)
    assert torch.equal(trace.decoder.context, expected.unsqueeze(1).expand_as(trace.decoder.context))
    assert trace.decoder.weights is None and trace.decoder.scores is None


def test_additive_attention_is_bahdanaus_formula() -> None:
    model = translator(attention=True)
    trace = model(SOURCE, TARGET)
    weights, memory = trace.decoder.weights, trace.encoder.output
    assert weights is not None and model.attention is not None
    state = {name: value.detach().numpy() for name, value in model.attention.state_dict().items()}
    before = trace.decoder.unit.state[0, 1].detach().numpy()  # the state that looks at step 2
    keys = memory[0].detach().numpy()
    hidden = np.tanh(state["w_state.weight"] @ before + keys @ state["w_memory.weight"].T)
    scores = hidden @ state["w_score.weight"][0]
    expected = np.exp(scores) / np.exp(scores).sum()
    assert np.abs(weights[0, 2].detach().numpy() - expected).max() <= 1e-12
    assert np.abs(trace.decoder.context[0, 2].detach().numpy() - expected @ keys).max() <= 1e-12
    assert (weights[1, :, 3:] == 0).all()


@BOTH
def test_gradients_are_central_differences(attention: bool) -> None:
    model = translator(attention)
    loss = model(SOURCE, TARGET, LABELS).loss
    loss.backward()
    for name, parameter in model.named_parameters():
        assert parameter.grad is not None, name
        at = int(parameter.grad.abs().argmax())
        flat, step = parameter.detach().view(-1), 1e-6
        middle = flat[at].item()
        losses = []
        for moved in (middle + step, middle - step):
            flat[at] = moved
            with torch.no_grad():
                losses.append(model(SOURCE, TARGET, LABELS).loss.item())
        flat[at] = middle
        difference = (losses[0] - losses[1]) / (2 * step)
        assert parameter.grad.view(-1)[at].item() == pytest.approx(difference, rel=1e-6, abs=1e-9), name


@BOTH
def test_a_trace_holds_every_state_with_its_axes(attention: bool) -> None:
    trace = translator(attention)(SOURCE, TARGET, LABELS)
    held = {path: tuple(value.shape) for path, value in named_values(trace)}
    assert held["encoder.left_to_right.state"] == (2, 5, 5)
    assert held["decoder.unit.update"] == (2, 4, 7)
    assert held["decoder.context"] == (2, 4, 10)
    assert ("decoder.weights" in held) == attention


def test_sizes_and_lengths_that_make_no_sense_are_named() -> None:
    with pytest.raises(ConfigurationError, match="d_writer must be at least 1: got 0"):
        RecurrentConfig(23, True, d_writer=0)
    with pytest.raises(InputError, match="that is 12 tokens and the model reads 9"):
        translator(True).encode(torch.full((1, 12), 5))
