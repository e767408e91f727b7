"""Each edit does what its name says, there and only there."""

from __future__ import annotations

import pytest
import torch
from oracles import largest, padded_tokens, random_tokens, small_model
from torch import Tensor

from model import edits as make
from model.edits import Edit
from model.errors import EditError
from model.trace import Trace, named_values, value_at
from model.transformer import Transformer

ENCODER, DECODER, CROSS = "encoder.blocks.1.attention", "decoder.blocks.0.attention", "decoder.blocks.1.cross_attention"
SOURCE, TARGET = padded_tokens([6, 4]), padded_tokens([5, 5], seed=2)


@pytest.fixture(scope="module")
def model() -> Transformer:
    return small_model()


@pytest.fixture(scope="module")
def plain(model: Transformer) -> Trace:
    return model(SOURCE, TARGET)


def run(model: Transformer, *edits: Edit) -> Trace:
    trace = model(SOURCE, TARGET, edits=edits)
    assert isinstance(trace, Trace)
    return trace


def softmax_of(scores: Tensor) -> Tensor:
    return scores.softmax(-1)


def message(model: Transformer, *edits: Edit) -> str:
    with pytest.raises(EditError) as caught:
        run(model, *edits)
    return str(caught.value)


# --- heads -------------------------------------------------------------------------------------------------


def test_zero_head_silences_that_head_alone(model: Transformer, plain: Trace) -> None:
    edited = value_at(run(model, make.zero_head(ENCODER, 1)), f"{ENCODER}.head_outputs")
    assert (edited[:, 1] == 0).all()
    assert torch.equal(edited[:, 0], value_at(plain, f"{ENCODER}.head_outputs")[:, 0])


def test_keep_head_silences_every_other(model: Transformer, plain: Trace) -> None:
    edited = value_at(run(model, make.keep_head(CROSS, 1)), f"{CROSS}.head_outputs")
    assert (edited[:, 0] == 0).all()
    assert (edited[:, 1] != 0).all()


def test_the_layers_output_is_the_sum_of_its_heads_each_kept_alone(model: Transformer, plain: Trace) -> None:
    parts = [value_at(run(model, make.keep_head(ENCODER, h)), f"{ENCODER}.output") for h in range(2)]
    assert torch.allclose(sum(parts), value_at(plain, f"{ENCODER}.output"), rtol=0, atol=1e-13)


# --- weights -----------------------------------------------------------------------------------------------


def test_uniform_weights_share_equally_among_what_may_be_seen(model: Transformer) -> None:
    found = value_at(run(model, make.uniform_weights(DECODER)), f"{DECODER}.weights")
    expected = torch.ones(5, 5, dtype=torch.float64).tril() / torch.arange(1, 6).unsqueeze(1)
    assert torch.allclose(found, expected.expand_as(found), rtol=0, atol=1e-15)
    found = value_at(run(model, make.uniform_weights(ENCODER)), f"{ENCODER}.weights")
    assert torch.allclose(found[1, 0, 0], torch.tensor([1 / 4] * 4 + [0, 0], dtype=torch.float64))


def test_uniform_weights_in_one_head_leave_the_other(model: Transformer, plain: Trace) -> None:
    found = value_at(run(model, make.uniform_weights(ENCODER, head=0)), f"{ENCODER}.weights")
    assert torch.allclose(found[0, 0], torch.full((6, 6), 1 / 6, dtype=torch.float64))
    assert torch.equal(found[:, 1], value_at(plain, f"{ENCODER}.weights")[:, 1])


def test_one_hot_weights_look_at_one_position(model: Transformer, plain: Trace) -> None:
    trace = run(model, make.one_hot_weights(CROSS, key=2))
    found = value_at(trace, f"{CROSS}.weights")
    assert (found[..., 2] == 1).all()
    assert (found.sum(-1) == 1).all()
    value = value_at(plain, f"{CROSS}.value")[:, :, 2:3]
    assert torch.allclose(value_at(trace, f"{CROSS}.head_outputs"), value.expand(-1, -1, 5, -1), rtol=0, atol=1e-13)


def test_given_weights_are_used_as_they_are(model: Transformer) -> None:
    given = torch.rand(2, 2, 6, 6, generator=torch.Generator().manual_seed(4), dtype=torch.float64)
    trace = run(model, make.replace(f"{ENCODER}.weights", given))
    assert torch.equal(value_at(trace, f"{ENCODER}.weights"), given)
    assert torch.equal(value_at(trace, f"{ENCODER}.head_outputs"), given @ value_at(trace, f"{ENCODER}.value"))


def test_given_weights_may_be_one_matrix_for_one_head(model: Transformer, plain: Trace) -> None:
    given = torch.eye(6).flip(0)
    found = value_at(run(model, make.given_weights(ENCODER, given, head=1)), f"{ENCODER}.weights")
    assert torch.equal(found[:, 1], given.double().expand(2, -1, -1))
    assert torch.equal(found[:, 0], value_at(plain, f"{ENCODER}.weights")[:, 0])
    found = value_at(run(model, make.given_weights(ENCODER, given)), f"{ENCODER}.weights")
    assert torch.equal(found, given.double().expand(2, 2, -1, -1))


def test_a_forbidden_link_gets_nothing_and_the_rest_of_the_row_grows(model: Transformer, plain: Trace) -> None:
    before = value_at(plain, f"{ENCODER}.weights")
    found = value_at(run(model, make.forbid_link(ENCODER, 3, 1)), f"{ENCODER}.weights")
    assert (found[..., 3, 1] == 0).all()
    kept = [0, 2, 3, 4, 5]
    expected = before[..., 3, kept] / before[..., 3, kept].sum(-1, keepdim=True)
    assert torch.allclose(found[..., 3, kept], expected, rtol=0, atol=1e-14)
    others = [0, 1, 2, 4, 5]
    assert torch.equal(found[..., others, :], before[..., others, :])


def test_a_link_can_be_forbidden_in_one_head(model: Transformer, plain: Trace) -> None:
    before = value_at(plain, f"{ENCODER}.weights")
    found = value_at(run(model, make.forbid_link(ENCODER, 3, 1, head=0)), f"{ENCODER}.weights")
    assert (found[:, 0, 3, 1] == 0).all()
    assert torch.equal(found[:, 1], before[:, 1])


def test_a_forced_link_gets_everything(model: Transformer, plain: Trace) -> None:
    before = value_at(plain, f"{ENCODER}.weights")
    found = value_at(run(model, make.force_link(ENCODER, 3, 1, head=1)), f"{ENCODER}.weights")
    assert torch.equal(found[:, 1, 3], torch.eye(6, dtype=torch.float64)[1].expand(2, -1))
    assert torch.equal(found[:, 0], before[:, 0])
    assert torch.equal(found[:, 1, :3], before[:, 1, :3])


def test_forbidding_the_last_link_is_refused(model: Transformer) -> None:
    assert message(model, make.forbid_link(DECODER, 0, 0)) == (
        f"{DECODER}: position 0 would have nothing left to look at"
    )


def test_forbidding_the_last_link_of_one_head_or_one_row_is_refused(model: Transformer) -> None:
    one_head = [make.forbid_link(DECODER, 1, key, head=0) for key in range(2)]
    assert message(model, *one_head) == f"{DECODER}: position 1 would have nothing left to look at"
    # The second sentence has four tokens: forbidding them all leaves the first one two more.
    one_row = [make.forbid_link(ENCODER, 2, key) for key in range(4)]
    assert message(model, *one_row) == f"{ENCODER}: position 2 would have nothing left to look at"


def test_links_forbidden_in_different_heads_do_not_add_up(model: Transformer) -> None:
    trace = run(model, make.forbid_link(DECODER, 1, 0, head=0), make.forbid_link(DECODER, 1, 1, head=1))
    assert value_at(trace, f"{DECODER}.weights")[0, :, 1, :2].tolist() == [[0, 1], [1, 0]]


# --- steps left out ----------------------------------------------------------------------------------------


def test_no_scale(model: Transformer) -> None:
    trace = run(model, make.bypass(f"{ENCODER}.scaled_scores"))
    assert torch.equal(value_at(trace, f"{ENCODER}.scaled_scores"), value_at(trace, f"{ENCODER}.raw_scores"))


def test_no_mask_lets_a_position_see_its_future(model: Transformer) -> None:
    trace = run(model, make.bypass(f"{DECODER}.masked_scores"))
    weights = value_at(trace, f"{DECODER}.weights")
    assert (weights > 0).all()
    assert torch.equal(weights, softmax_of(value_at(trace, f"{DECODER}.scaled_scores")))


def test_no_norm(model: Transformer) -> None:
    trace = run(model, make.bypass("encoder.blocks.1.feed_forward_norm"))
    block = trace.encoder.blocks[1]
    assert torch.equal(block.feed_forward_norm, block.residual_attention)


@pytest.mark.parametrize(
    ("residual", "added"),
    [
        ("residual_attention", "attention.output"),
        ("residual_cross_attention", "cross_attention.output"),
        ("residual_feed_forward", "feed_forward.output"),
    ],
)
def test_no_residual(model: Transformer, residual: str, added: str) -> None:
    trace = run(model, make.bypass(f"decoder.blocks.1.{residual}"))
    found = value_at(trace, f"decoder.blocks.1.{residual}")
    assert torch.equal(found, value_at(trace, f"decoder.blocks.1.{added}"))


def test_no_positions_makes_the_encoder_blind_to_order(model: Transformer) -> None:
    source, order = random_tokens(1, 6), [4, 2, 0, 5, 1, 3]
    edit = make.bypass("encoder.input")
    first = model(source, TARGET[:1], edits=[edit]).encoder.output
    second = model(source[:, order], TARGET[:1], edits=[edit]).encoder.output
    assert torch.allclose(first[:, order], second, rtol=0, atol=1e-13)


def test_shuffled_positions_are_the_same_signals_in_another_order(model: Transformer, plain: Trace) -> None:
    order = [4, 2, 0, 5, 1, 3]
    trace = run(model, make.shuffle_positions("encoder", order))
    assert torch.equal(trace.encoder.positions, plain.encoder.positions[:, order])
    assert torch.equal(trace.encoder.embedding, plain.encoder.embedding)


# --- transplants, several at once, gradients ---------------------------------------------------------------


def test_a_transplant_copies_one_position_of_another_run(model: Transformer, plain: Trace) -> None:
    path = "encoder.blocks.0.residual_feed_forward"
    donor = value_at(model(random_tokens(2, 6, seed=9), TARGET), path)
    found = value_at(run(model, make.transplant(path, donor, 1, 4)), path)
    assert torch.equal(found[:, 1], donor[:, 4])
    others = [0, 2, 3, 4, 5]
    assert torch.equal(found[:, others], value_at(plain, path)[:, others])


def test_transplanting_everything_gives_the_other_run(model: Transformer) -> None:
    other = model(random_tokens(2, 6, seed=9).where(SOURCE != 0, 0), TARGET)
    trace = run(model, make.replace("encoder.output", other.encoder.output))
    assert torch.equal(trace.logits, other.logits)


def test_several_edits_apply_at_once_and_those_at_one_place_in_order(model: Transformer) -> None:
    trace = run(
        model,
        make.zero_head(ENCODER, 0),
        make.bypass(f"{DECODER}.scaled_scores"),
        make.uniform_weights(CROSS, head=0),
        make.force_link(CROSS, 1, 0, head=0),
    )
    assert (value_at(trace, f"{ENCODER}.head_outputs")[:, 0] == 0).all()
    assert torch.equal(value_at(trace, f"{DECODER}.scaled_scores"), value_at(trace, f"{DECODER}.raw_scores"))
    weights = value_at(trace, f"{CROSS}.weights")[0, 0]
    assert weights[1].tolist() == [1, 0, 0, 0, 0, 0]
    assert torch.allclose(weights[0], torch.full((6,), 1 / 6, dtype=torch.float64))


def test_an_edit_changes_nothing_before_its_place(model: Transformer, plain: Trace) -> None:
    path = f"{CROSS}.weights"
    edited, before = dict(named_values(run(model, make.uniform_weights(CROSS)))), dict(named_values(plain))
    names = list(before)
    for name in names[: names.index(path)]:
        assert torch.equal(edited[name], before[name]), name
    assert not torch.equal(edited["logits"], before["logits"])


def test_detach_keeps_the_number_and_stops_the_gradient(model: Transformer, plain: Trace) -> None:
    trace = run(model, make.detach("encoder.output"))
    assert torch.equal(trace.logits, plain.logits)
    gradient = torch.autograd.grad(trace.logits[0, 0, 3], model.encoder.norm.weight, allow_unused=True)[0]
    assert gradient is None
    gradient = torch.autograd.grad(plain.logits[0, 0, 3], model.encoder.norm.weight, retain_graph=True)[0]
    assert gradient.abs().max() > 0


# --- one row of a batch ------------------------------------------------------------------------------------


def test_runs_with_different_edits_can_share_one_pass(model: Transformer) -> None:
    source, target = random_tokens(1, 6), random_tokens(1, 5, seed=2)
    different = {
        0: [make.zero_head(ENCODER, 1)],
        2: [make.bypass(f"{DECODER}.scaled_scores"), make.forbid_link(CROSS, 3, 1)],
    }
    edits = [make.in_row(row, edit) for row, given in different.items() for edit in given]
    together = model(source.expand(3, -1), target.expand(3, -1), edits=edits)
    for row in range(3):
        alone = model(source, target, edits=different.get(row, ()))
        for (path, value), (_, there) in zip(named_values(alone), named_values(together), strict=True):
            finite = value.isfinite()
            assert torch.equal(finite, there[row : row + 1].isfinite()), path
            assert largest((value - there[row : row + 1])[finite]) <= 1e-13, path


def test_an_edit_of_a_row_that_is_not_there_or_stays_as_it_was_is_refused(model: Transformer) -> None:
    assert message(model, make.in_row(2, make.zero_head(ENCODER, 1))) == (
        "encoder.blocks.1.attention.head_outputs: row 2 does not exist; they go from 0 to 1"
    )
    idle = make.in_row(0, make.bypass(f"{ENCODER}.masked_scores"))
    assert message(model, idle) == (
        "encoder.blocks.1.attention.masked_scores: 'leave this step out in row 0' changes nothing here; "
        "the run would be the same"
    )
