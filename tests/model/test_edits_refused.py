"""An edit that makes no sense, or that leaves everything as it was, is an error that says why."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from oracles import padded_tokens, small_model
from torch import Tensor

from model import edits as make
from model.edits import Edit
from model.errors import EditError
from model.trace import Trace
from model.transformer import Transformer

ENCODER, DECODER, CROSS = "encoder.blocks.1.attention", "decoder.blocks.0.attention", "decoder.blocks.1.cross_attention"
SOURCE, TARGET = padded_tokens([6, 4]), padded_tokens([5, 5], seed=2)


@pytest.fixture(scope="module")
def model() -> Transformer:
    return small_model()


def run(model: Transformer, *edits: Edit) -> Trace:
    trace = model(SOURCE, TARGET, edits=edits)
    assert isinstance(trace, Trace)
    return trace


def message(model: Transformer, *edits: Edit) -> str:
    with pytest.raises(EditError) as caught:
        run(model, *edits)
    return str(caught.value)


@pytest.mark.parametrize(
    ("edit", "expected"),
    [
        (
            lambda: make.bypass("encoder.blocks.0.atention.scaled_scores"),
            "no value is called 'encoder.blocks.0.atention.scaled_scores'; "
            "did you mean 'encoder.blocks.0.attention.scaled_scores'?",
        ),
        (
            lambda: make.zero_head("encoder.blocks.7.attention", 0),
            "no value is called 'encoder.blocks.7.attention.head_outputs'; "
            "did you mean 'encoder.blocks.1.attention.head_outputs'?",
        ),
        (lambda: make.zero_head(ENCODER, 2), f"{ENCODER}: head 2 does not exist; they go from 0 to 1"),
        (lambda: make.keep_head(ENCODER, -1), f"{ENCODER}: head -1 does not exist; they go from 0 to 1"),
        (lambda: make.uniform_weights(CROSS, 5), f"{CROSS}: head 5 does not exist; they go from 0 to 1"),
        (lambda: make.one_hot_weights(CROSS, 6), f"{CROSS}: key 6 does not exist; they go from 0 to 5"),
        (lambda: make.forbid_link(CROSS, 5, 0), f"{CROSS}: query 5 does not exist; they go from 0 to 4"),
        (lambda: make.force_link(CROSS, 0, 6), f"{CROSS}: key 6 does not exist; they go from 0 to 5"),
        (
            lambda: make.shuffle_positions("encoder", [0, 0, 1, 2, 3, 4]),
            "encoder.positions: the new order must name each of the 6 positions once: got [0, 0, 1, 2, 3, 4]",
        ),
        (
            lambda: make.given_weights(ENCODER, torch.eye(5)),
            f"{ENCODER}.weights: the given weights have shape (5, 5), expected (2, 2, 6, 6) or its last axes",
        ),
        (
            lambda: make.replace("encoder.output", torch.zeros(2, 5, 14)),
            "encoder.output: the replacement has shape (2, 5, 14), expected (2, 6, 14)",
        ),
        (
            lambda: make.transplant("encoder.output", torch.zeros(2, 9, 14), 6),
            "encoder.output: position 6 does not exist; they go from 0 to 5",
        ),
        (
            lambda: make.transplant("encoder.output", torch.zeros(2, 3, 14), 1, 3),
            "encoder.output: position of the donor 3 does not exist; they go from 0 to 2",
        ),
        (
            lambda: make.bypass("encoder.blocks.0.attention.output"),
            "encoder.blocks.0.attention.output: this step cannot be left out, its input has another shape",
        ),
    ],
)
def test_an_edit_that_makes_no_sense_says_why(model: Transformer, edit: Callable[[], Edit], expected: str) -> None:
    assert message(model, edit()) == expected


def test_a_step_without_an_input_of_its_shape_cannot_be_bypassed() -> None:
    with pytest.raises(EditError) as caught:
        make.bypass("logits")
    assert str(caught.value) == (
        "logits: this step cannot be left out; those that can are scaled_scores, masked_scores, attention_norm, "
        "cross_attention_norm, feed_forward_norm, residual_attention, residual_cross_attention, "
        "residual_feed_forward, input, output"
    )


@pytest.mark.parametrize(
    ("edit", "expected"),
    [
        (
            lambda: make.forbid_link(DECODER, 1, 3),
            f"{DECODER}.masked_scores: 'forbid the link from 1 to 3' changes nothing here; the run would be the same",
        ),
        (
            lambda: make.shuffle_positions("decoder", range(5)),
            "decoder.positions: 'shuffle positions' changes nothing here; the run would be the same",
        ),
        (
            lambda: make.uniform_weights("decoder.blocks.0.cross_attention"),
            "decoder.blocks.0.cross_attention.weights: 'uniform weights' changes nothing here; "
            "the run would be the same",
        ),
        (
            lambda: make.replace("encoder.output", make_output()),
            "encoder.output: 'replace' changes nothing here; the run would be the same",
        ),
        (
            lambda: Edit("loss", lambda value, _: value + 1, "raise"),
            "loss: 'raise' changes nothing here; the run would be the same",
        ),
    ],
)
def test_an_edit_that_changes_nothing_is_an_error(model: Transformer, edit: Callable[[], Edit], expected: str) -> None:
    source = SOURCE[:1, :1]  # one key, so that every weight on it is 1 already
    with pytest.raises(EditError) as caught:
        model(source, TARGET[:1], edits=[edit()])
    assert str(caught.value) == expected


def make_output() -> Tensor:
    """What the run would compute anyway."""
    trace = small_model()(SOURCE[:1, :1], TARGET[:1])
    assert trace.encoder is not None
    return trace.encoder.output


def test_detaching_where_no_gradient_flows_is_an_error(model: Transformer) -> None:
    with torch.no_grad():
        assert message(model, make.detach("encoder.output")) == (
            "encoder.output: 'detach' changes nothing here; the run would be the same"
        )


def test_no_mask_is_an_error_where_nothing_was_masked(model: Transformer) -> None:
    with pytest.raises(EditError) as caught:
        model(SOURCE[:1], TARGET[:1], edits=[make.bypass(f"{ENCODER}.masked_scores")])
    assert str(caught.value) == (
        f"{ENCODER}.masked_scores: 'leave this step out' changes nothing here; the run would be the same"
    )


def test_of_two_edits_the_idle_one_is_named(model: Transformer) -> None:
    assert "'forbid the link from 0 to 4'" in message(
        model, make.zero_head(ENCODER, 0), make.forbid_link(DECODER, 0, 4)
    )
