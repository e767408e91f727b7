"""The whole model against `nn.Transformer`, and what must hold for every input."""

from __future__ import annotations

import pytest
import torch
from oracles import (
    SHAPES,
    TOLERANCE,
    fitting,
    largest,
    model_difference,
    numpy_positions,
    padded_tokens,
    random_tokens,
    shaped,
    small_model,
)

from model.config import TransformerConfig
from model.errors import ConfigurationError, InputError
from model.layers import sinusoidal_positions

SOURCE, TARGET = [7, 4, 6], [5, 8, 3]


@SHAPES
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=["float32", "float64"])
@pytest.mark.parametrize("seed", [0, 1])
def test_the_whole_model_is_torchs_transformer(layers: tuple[int, int], dtype: torch.dtype, seed: int) -> None:
    model = shaped(layers, seed, dtype)
    source, target = fitting(layers, padded_tokens(SOURCE, seed + 10), padded_tokens(TARGET, seed + 20))
    assert model_difference(model, source, target) <= TOLERANCE[dtype]


@SHAPES
def test_a_stack_that_is_not_there_leaves_no_trace(layers: tuple[int, int]) -> None:
    trace = shaped(layers)(*fitting(layers, padded_tokens(SOURCE), padded_tokens(TARGET)))
    assert (trace.encoder is None) == (layers[0] == 0)
    assert (trace.decoder is None) == (layers[1] == 0)
    if trace.decoder is not None:
        assert all((block.cross_attention is None) == (trace.encoder is None) for block in trace.decoder.blocks)


def test_positions_are_the_papers_formula() -> None:
    found = sinusoidal_positions(101, 26).numpy()
    assert abs(found - numpy_positions(101, 26)).max() <= 1e-12


@pytest.mark.parametrize("layers", [(2, 3), (0, 3)], ids=["encoder-decoder", "decoder only"])
def test_no_token_attends_to_its_future(layers: tuple[int, int]) -> None:
    model = shaped(layers)
    length = 9
    source, target = fitting(layers, random_tokens(1, 6), random_tokens(1, length, seed=2))
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


@SHAPES
def test_a_sentence_gets_the_same_numbers_alone_and_in_a_batch(layers: tuple[int, int]) -> None:
    model = shaped(layers)
    source, target = fitting(layers, padded_tokens(SOURCE), padded_tokens(TARGET))
    together = model(source, target).logits
    for row, (s, t) in enumerate(zip(SOURCE, TARGET, strict=True)):
        alone = model(
            None if source is None else source[row : row + 1, :s], None if target is None else target[row : row + 1, :t]
        ).logits
        assert largest(alone[0] - together[row, : alone.size(1)]) <= 1e-13


@SHAPES
def test_more_padding_changes_nothing(layers: tuple[int, int]) -> None:
    model = shaped(layers)
    source, target = fitting(layers, random_tokens(1, 5), random_tokens(1, 4, seed=2))
    labels = random_tokens(1, 5 if target is None else 4, seed=3)
    pad = torch.nn.functional.pad
    plain = model(source, target, labels)
    wider = model(
        None if source is None else pad(source, (0, 6)),
        None if target is None else pad(target, (0, 3)),
        pad(labels, (0, 6 if target is None else 3)),
    )
    if layers[0]:
        assert largest(plain.encoder.output - wider.encoder.output[:, :5]) <= 1e-13
    assert largest(plain.logits - wider.logits[:, : labels.size(1)]) <= 1e-13
    assert largest(plain.loss - wider.loss) <= 1e-13


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
