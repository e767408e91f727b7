"""One attention layer: its properties, and two oracles from PyTorch."""

from __future__ import annotations

import pytest
import torch
from oracles import NO_EDITS, TOLERANCE, core_difference, layer_difference, randomised
from torch import Tensor

from model.attention import MultiHeadAttention

BATCH, QUERIES, KEYS, HEADS, D_HEAD = 3, 5, 7, 2, 11
BOTH_PRECISIONS = pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=["float32", "float64"])


def layer(dtype: torch.dtype = torch.float64) -> MultiHeadAttention:
    made = randomised(MultiHeadAttention(HEADS * D_HEAD, HEADS), seed=3, dtype=dtype)
    assert isinstance(made, MultiHeadAttention)
    return made


def inputs(dtype: torch.dtype = torch.float64) -> tuple[Tensor, Tensor, Tensor]:
    chance = torch.Generator().manual_seed(5)
    queries_from = torch.randn(BATCH, QUERIES, HEADS * D_HEAD, generator=chance, dtype=torch.float64)
    keys_from = torch.randn(BATCH, KEYS, HEADS * D_HEAD, generator=chance, dtype=torch.float64)
    allowed = torch.rand(BATCH, 1, QUERIES, KEYS, generator=chance) < 0.6
    allowed[..., 2] = True  # every query needs a key
    return queries_from.to(dtype), keys_from.to(dtype), allowed


def test_each_row_of_weights_sums_to_one() -> None:
    trace = layer()(*inputs(), NO_EDITS)
    assert torch.allclose(trace.weights.sum(-1), torch.ones(BATCH, HEADS, QUERIES, dtype=torch.float64), atol=1e-14)


def test_a_masked_key_gets_exactly_zero_and_an_allowed_one_more() -> None:
    queries_from, keys_from, allowed = inputs()
    weights = layer()(queries_from, keys_from, allowed, NO_EDITS).weights
    allowed = allowed.expand_as(weights)
    assert (weights[~allowed] == 0).all()
    assert (weights[allowed] > 0).all()


def test_a_masked_key_has_no_say_in_the_output() -> None:
    queries_from, keys_from, _ = inputs()
    allowed = torch.ones(BATCH, 1, QUERIES, KEYS, dtype=torch.bool)
    allowed[..., 4] = False
    changed = keys_from.clone()
    changed[:, 4] += 100.0
    attention = layer()
    before = attention(queries_from, keys_from, allowed, NO_EDITS).output
    assert torch.equal(before, attention(queries_from, changed, allowed, NO_EDITS).output)


@BOTH_PRECISIONS
def test_the_core_is_scaled_dot_product_attention(dtype: torch.dtype) -> None:
    queries_from, keys_from, allowed = inputs(dtype)
    trace = layer(dtype)(queries_from, keys_from, allowed, NO_EDITS)
    assert core_difference(trace, allowed) <= TOLERANCE[dtype]


@BOTH_PRECISIONS
def test_the_whole_layer_is_multi_head_attention(dtype: torch.dtype) -> None:
    assert layer_difference(layer(dtype), *inputs(dtype)) <= TOLERANCE[dtype]


@BOTH_PRECISIONS
def test_self_attention_is_multi_head_attention(dtype: torch.dtype) -> None:
    queries_from, _, _ = inputs(dtype)
    causal = torch.ones(QUERIES, QUERIES, dtype=torch.bool).tril().view(1, 1, QUERIES, QUERIES)
    assert layer_difference(layer(dtype), queries_from, queries_from, causal) <= TOLERANCE[dtype]


def test_shuffling_the_keys_shuffles_the_weights_and_leaves_the_output() -> None:
    queries_from, keys_from, allowed = inputs()
    order = [3, 1, 6, 0, 2, 5, 4]
    attention = layer()
    plain = attention(queries_from, keys_from, allowed, NO_EDITS)
    shuffled = attention(queries_from, keys_from[:, order], allowed[..., order], NO_EDITS)
    assert torch.allclose(plain.output, shuffled.output, atol=1e-13)
    assert torch.allclose(plain.weights[..., order], shuffled.weights, atol=1e-14)
