"""The whole model against `nn.Transformer`, and what must hold for every input."""

from __future__ import annotations

import pytest
import torch
from oracles import (
    TOLERANCE,
    config,
    model_difference,
    numpy_positions,
    padded_tokens,
    random_tokens,
    small_model,
    start_of_stream,
    torch_transformer,
)

from model.config import TransformerConfig
from model.errors import ConfigurationError, InputError
from model.layers import sinusoidal_positions
from model.transformer import Transformer

SOURCE, TARGET = [7, 4, 6], [5, 8, 3]


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=["float32", "float64"])
@pytest.mark.parametrize("seed", [0, 1])
def test_the_whole_model_is_torchs_transformer(dtype: torch.dtype, seed: int) -> None:
    model = small_model(seed, dtype)
    source, target = padded_tokens(SOURCE, seed + 10), padded_tokens(TARGET, seed + 20)
    assert model_difference(model, source, target) <= TOLERANCE[dtype]


def test_an_encoder_alone_is_torchs_encoder() -> None:
    both = small_model(encoder_layers=2, decoder_layers=1)
    alone = Transformer(config(encoder_layers=2, decoder_layers=0)).double().eval()
    alone.load_state_dict({k: v for k, v in both.state_dict().items() if not k.startswith("decoder")})
    alone.encoder.positions = both.encoder.positions
    source = padded_tokens(SOURCE)
    trace = alone(source=source)
    expected = torch_transformer(both).encoder(start_of_stream(alone, source), src_key_padding_mask=source == 0)
    assert trace.decoder is None
    real = source != 0
    assert torch.allclose(trace.encoder.output[real], expected[real], rtol=0, atol=1e-12)
    assert torch.allclose(trace.logits[real], (expected @ alone.embedding.weight.T)[real], rtol=0, atol=1e-12)


def test_a_decoder_alone_is_a_causal_torch_encoder() -> None:
    model = small_model(encoder_layers=0, decoder_layers=2)
    source_of_weights = small_model(encoder_layers=2, decoder_layers=1)
    with torch.no_grad():
        for name, parameter in source_of_weights.encoder.named_parameters():
            parameter.copy_(dict(model.decoder.named_parameters())[name])
    target = padded_tokens(TARGET)
    trace = model(target=target)
    peer = torch_transformer(source_of_weights).encoder
    causal = torch.ones(max(TARGET), max(TARGET), dtype=torch.bool).triu(1)
    expected = peer(start_of_stream(model, target), mask=causal, src_key_padding_mask=target == 0)
    assert trace.encoder is None
    assert all(block.cross_attention is None for block in trace.decoder.blocks)
    assert torch.allclose(trace.decoder.output[target != 0], expected[target != 0], rtol=0, atol=1e-12)


def test_positions_are_the_papers_formula() -> None:
    found = sinusoidal_positions(101, 26).numpy()
    assert abs(found - numpy_positions(101, 26)).max() <= 1e-12


def test_no_token_attends_to_its_future() -> None:
    model = small_model()
    length = 9
    source, target = random_tokens(1, 6), random_tokens(1, length, seed=2)
    before = model(source, target).logits
    for changed in range(1, length):
        other = target.clone()
        other[0, changed] = 1 + other[0, changed] % 22
        after = model(source, other).logits
        assert torch.equal(before[:, :changed], after[:, :changed]), f"token {changed} was seen too early"
        assert not torch.equal(before[:, changed], after[:, changed]), f"token {changed} was not seen at all"


def test_every_source_token_reaches_every_output() -> None:
    model = small_model()
    source, target = random_tokens(1, 6), random_tokens(1, 4, seed=2)
    before = model(source, target).logits
    for changed in range(6):
        other = source.clone()
        other[0, changed] = 1 + other[0, changed] % 22
        assert ((model(other, target).logits - before).abs().amax(-1) > 1e-6).all()


def test_a_sentence_gets_the_same_numbers_alone_and_in_a_batch() -> None:
    model = small_model()
    source, target = padded_tokens(SOURCE), padded_tokens(TARGET)
    together = model(source, target).logits
    for row, (s, t) in enumerate(zip(SOURCE, TARGET, strict=True)):
        alone = model(source[row : row + 1, :s], target[row : row + 1, :t]).logits
        assert torch.allclose(alone[0], together[row, :t], rtol=0, atol=1e-13)


def test_more_padding_changes_nothing() -> None:
    model = small_model()
    source, target = random_tokens(1, 5), random_tokens(1, 4, seed=2)
    plain = model(source, target)
    wider = model(
        torch.nn.functional.pad(source, (0, 6)),
        torch.nn.functional.pad(target, (0, 3)),
        labels=torch.nn.functional.pad(target, (0, 3)),
    )
    assert torch.allclose(plain.encoder.output, wider.encoder.output[:, :5], rtol=0, atol=1e-13)
    assert torch.allclose(plain.logits, wider.logits[:, :4], rtol=0, atol=1e-13)
    assert torch.allclose(model(source, target, target).loss, wider.loss, rtol=0, atol=1e-13)


def test_the_loss_is_the_mean_of_minus_ln_p_of_the_right_tokens() -> None:
    model = small_model()
    source, target = padded_tokens(SOURCE), padded_tokens(TARGET)
    labels = torch.where(target != 0, 1 + target % 22, 0)
    trace = model(source, target, labels)
    real = labels != 0
    expected = -trace.probabilities.gather(2, labels.unsqueeze(2)).squeeze(2).log()
    assert torch.allclose(trace.token_losses[real], expected[real], rtol=0, atol=1e-12)
    assert (trace.token_losses[~real] == 0).all()
    assert torch.allclose(trace.loss, expected[real].mean(), rtol=0, atol=1e-12)


@pytest.mark.parametrize(
    ("sizes", "message"),
    [
        ({"d_model": 10, "heads": 3}, "d_model must divide evenly into heads: got d_model=10, heads=3"),
        ({"d_model": 15, "heads": 3}, "d_model must be even, half for sines and half for cosines: got d_model=15"),
        ({"heads": 0}, "heads must be at least 1: got 0"),
        ({"vocabulary_size": 0}, "vocabulary_size must be at least 1: got 0"),
        ({"max_tokens": -4}, "max_tokens must be at least 1: got -4"),
        (
            {"encoder_layers": -1},
            "encoder_layers and decoder_layers must not be negative: got -1 and 3",
        ),
        (
            {"encoder_layers": 0, "decoder_layers": 0},
            "a Transformer needs at least one encoder or decoder layer",
        ),
    ],
)
def test_sizes_that_make_no_model_are_named(sizes: dict[str, int], message: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        TransformerConfig(**({"vocabulary_size": 5} | sizes))
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("layers", "source", "target", "message"),
    [
        ((1, 1), None, (1, 3), "this model needs source tokens; its configuration decides which stacks it has"),
        ((1, 1), (1, 3), None, "this model needs target tokens; its configuration decides which stacks it has"),
        ((1, 0), (1, 3), (1, 3), "this model takes no target tokens; its configuration decides which stacks it has"),
        ((0, 1), (1, 3), (1, 3), "this model takes no source tokens; its configuration decides which stacks it has"),
        (
            (1, 0),
            (3,),
            None,
            "source tokens must have shape (batch, tokens) with at least one token: got (3,)",
        ),
        (
            (0, 1),
            None,
            (2, 0),
            "target tokens must have shape (batch, tokens) with at least one token: got (2, 0)",
        ),
        ((1, 0), (1, 18), None, "that is 18 tokens and the model reads 17; shorten it"),
    ],
)
def test_input_that_the_model_cannot_read_is_named(
    layers: tuple[int, int], source: tuple[int, ...] | None, target: tuple[int, ...] | None, message: str
) -> None:
    model = small_model(encoder_layers=layers[0], decoder_layers=layers[1])
    with pytest.raises(InputError) as caught:
        model(
            source=None if source is None else torch.ones(source, dtype=torch.long),
            target=None if target is None else torch.ones(target, dtype=torch.long),
        )
    assert str(caught.value) == message
