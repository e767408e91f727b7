"""The names of a trace: pinned, with axes that match the shapes, and closed to change."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
import torch
from oracles import config, random_tokens, small_model

from model import trace as trace_module
from model.errors import EditError
from model.trace import Trace, known_path, named_values, reference, trace_paths, value_at

PATHS = """
encoder.tokens
encoder.embedding
encoder.positions
encoder.input
encoder.blocks.0.attention_norm
encoder.blocks.0.attention.query
encoder.blocks.0.attention.key
encoder.blocks.0.attention.value
encoder.blocks.0.attention.raw_scores
encoder.blocks.0.attention.scaled_scores
encoder.blocks.0.attention.masked_scores
encoder.blocks.0.attention.weights
encoder.blocks.0.attention.head_outputs
encoder.blocks.0.attention.output
encoder.blocks.0.residual_attention
encoder.blocks.0.feed_forward_norm
encoder.blocks.0.feed_forward.hidden
encoder.blocks.0.feed_forward.activated
encoder.blocks.0.feed_forward.output
encoder.blocks.0.residual_feed_forward
encoder.output
decoder.tokens
decoder.embedding
decoder.positions
decoder.input
decoder.blocks.0.attention_norm
decoder.blocks.0.attention.query
decoder.blocks.0.attention.key
decoder.blocks.0.attention.value
decoder.blocks.0.attention.raw_scores
decoder.blocks.0.attention.scaled_scores
decoder.blocks.0.attention.masked_scores
decoder.blocks.0.attention.weights
decoder.blocks.0.attention.head_outputs
decoder.blocks.0.attention.output
decoder.blocks.0.residual_attention
decoder.blocks.0.cross_attention_norm
decoder.blocks.0.cross_attention.query
decoder.blocks.0.cross_attention.key
decoder.blocks.0.cross_attention.value
decoder.blocks.0.cross_attention.raw_scores
decoder.blocks.0.cross_attention.scaled_scores
decoder.blocks.0.cross_attention.masked_scores
decoder.blocks.0.cross_attention.weights
decoder.blocks.0.cross_attention.head_outputs
decoder.blocks.0.cross_attention.output
decoder.blocks.0.residual_cross_attention
decoder.blocks.0.feed_forward_norm
decoder.blocks.0.feed_forward.hidden
decoder.blocks.0.feed_forward.activated
decoder.blocks.0.feed_forward.output
decoder.blocks.0.residual_feed_forward
decoder.output
logits
probabilities
token_losses
loss
""".split()

BATCH, SOURCE, TARGET = 3, 11, 5


def full_trace(**sizes: int) -> Trace:
    model = small_model(**sizes)
    source, target = random_tokens(BATCH, SOURCE), random_tokens(BATCH, TARGET, seed=2)
    source = source if sizes.get("encoder_layers", 1) else None
    target = target if sizes.get("decoder_layers", 1) else None
    return model(source, target, labels=random_tokens(BATCH, SOURCE if target is None else TARGET, seed=3))


def test_every_path_of_a_small_model_is_this_list() -> None:
    assert [info.path for info in trace_paths(config(encoder_layers=1, decoder_layers=1))] == PATHS


@pytest.mark.parametrize("layers", [(1, 1), (2, 3), (2, 0), (0, 2)])
def test_a_trace_holds_exactly_the_paths_that_are_promised(layers: tuple[int, int]) -> None:
    sizes = {"encoder_layers": layers[0], "decoder_layers": layers[1]}
    held = [path for path, _ in named_values(full_trace(**sizes))]
    assert held == [info.path for info in trace_paths(config(**sizes))]


@pytest.mark.parametrize("layers", [(2, 2), (2, 0), (0, 2)])
def test_axes_are_the_shapes(layers: tuple[int, int]) -> None:
    """No two axes have the same size (queries and keys of one sequence aside), so none can be mislabelled."""
    sizes = {"encoder_layers": layers[0], "decoder_layers": layers[1]}
    trace = full_trace(**sizes)
    fixed = {"batch": BATCH, "head": 2, "d_head": 7, "d_model": 14, "d_feed_forward": 19, "vocabulary": 23}
    for info in trace_paths(config(**sizes)):
        here = SOURCE if info.path.startswith("encoder") or not layers[1] else TARGET
        keys = SOURCE if "cross_attention." in info.path else here
        # A layer's keys and values run along the sequence that is looked at.
        known = fixed | {"token": here, "query": here, "key": keys}
        assert value_at(trace, info.path).shape == tuple(known[axis] for axis in info.axes), info.path


def test_every_path_says_in_a_sentence_what_it_is() -> None:
    for info in trace_paths(config()):
        assert info.means[0].isupper() or info.means.startswith("-ln")
        assert info.means.endswith(".")


def test_the_trace_holds_the_very_tensors_that_were_used() -> None:
    trace = full_trace()
    block = trace.encoder.blocks[0]
    assert torch.autograd.grad(trace.logits.sum(), block.attention.weights, allow_unused=True)[0] is not None


def test_each_value_follows_from_the_ones_before() -> None:
    trace = full_trace()
    for stack in (trace.encoder, trace.decoder):
        x = stack.input
        assert torch.equal(x, stack.embedding + stack.positions)
        for block in stack.blocks:
            attention = block.attention
            assert torch.equal(attention.weights, attention.masked_scores.softmax(-1))
            assert torch.allclose(attention.scaled_scores * 7**0.5, attention.raw_scores, rtol=0, atol=1e-12)
            assert torch.equal(block.residual_attention, x + attention.output)
            x = block.residual_attention
            if block.cross_attention is not None:
                x = x + block.cross_attention.output
                assert torch.equal(block.residual_cross_attention, x)
            assert torch.equal(block.feed_forward.activated, block.feed_forward.hidden.clamp(min=0))
            assert torch.equal(block.residual_feed_forward, x + block.feed_forward.output)
            x = block.residual_feed_forward
    assert torch.equal(trace.probabilities, trace.logits.softmax(-1))


def test_a_trace_is_frozen() -> None:
    trace = full_trace()
    block = trace.encoder.blocks[0]
    for held in (trace, trace.encoder, block, block.attention, block.feed_forward):
        for field in dataclasses.fields(held):
            with pytest.raises(dataclasses.FrozenInstanceError):
                setattr(held, field.name, None)


def test_without_the_right_answers_there_is_no_loss() -> None:
    trace = small_model()(random_tokens(1, 3), random_tokens(1, 2))
    assert trace.loss is None
    assert trace.token_losses is None
    assert "loss" not in dict(named_values(trace))
    with pytest.raises(EditError, match=r"^this trace holds no value called 'loss'$"):
        value_at(trace, "loss")


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("encoder.blocks.9.output", "this trace holds no value called 'encoder.blocks.9.output'"),
        ("encoder.blocks.x", "this trace holds no value called 'encoder.blocks.x'"),
        ("encoder", "'encoder' is a group of values; name one of them, such as 'encoder.output'"),
    ],
)
def test_a_name_that_holds_no_tensor_is_refused(path: str, message: str) -> None:
    with pytest.raises(EditError) as caught:
        value_at(full_trace(), path)
    assert str(caught.value) == message


def test_a_misspelt_path_gets_the_nearest_name() -> None:
    with pytest.raises(EditError) as caught:
        known_path(config(), "encoder.blocks.0.atention.weights")
    assert str(caught.value) == (
        "no value is called 'encoder.blocks.0.atention.weights'; did you mean 'encoder.blocks.0.attention.weights'?"
    )
    with pytest.raises(EditError) as caught:
        known_path(config(), "banana")
    assert str(caught.value) == "no value is called 'banana'; `trace --list` prints every name"


# --- the list of every name --------------------------------------------------------------------------------


def test_the_documented_list_is_what_the_command_prints(capsys: pytest.CaptureFixture[str]) -> None:
    trace_module.main()
    written = (Path(__file__).parents[2] / "docs" / "trace.md").read_text("utf-8")
    assert capsys.readouterr().out == written, "run `python -m model.trace > docs/trace.md`"


def test_the_list_has_every_path_of_a_model_once_and_in_order() -> None:
    listed = [line.split("`")[1] for line in reference(Trace).splitlines() if line.startswith("| `")]
    paths = [info.path.replace(".0.", ".N.") for info in trace_paths(config(encoder_layers=1, decoder_layers=1))]
    assert listed == paths


def test_the_list_tells_axes_and_meaning() -> None:
    lines = reference(Trace).splitlines()
    for info in trace_paths(config(encoder_layers=1, decoder_layers=1)):
        axes = " ".join(info.axes) or "one number"
        assert f"| `{info.path.replace('.0.', '.N.')}` | {axes} | {info.means} |" in lines
