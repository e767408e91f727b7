"""Bugs planted in the model's own source, each of which must turn an oracle red.

A test that cannot fail proves nothing: this is the list of mistakes that the oracles are known to see.
"""

from __future__ import annotations

import inspect
import sys
import textwrap

import pytest
import torch
from oracles import core_difference, layer_difference, model_difference, padded_tokens, randomised, small_model

from model.attention import MultiHeadAttention
from model.layers import Block
from model.transformer import Stack

RED = 1e-3
"""Far above rounding (1e-12 in float64): a planted bug must be unmistakable."""

Bug = tuple[type, str, dict[str, str]]
"""The class, its method, and the pieces of source to replace."""

IN_ATTENTION: dict[str, Bug] = {
    "dropped scale": (MultiHeadAttention, "forward", {"raw_scores / math.sqrt(query.size(-1))": "raw_scores * 1"}),
    "scaled by the width of the model": (MultiHeadAttention, "forward", {"query.size(-1)": "queries_from.size(-1)"}),
    "swapped query and key matrices": (
        MultiHeadAttention,
        "forward",
        {"w_query(queries_from)": "w_key(queries_from)", "w_key(keys_from)": "w_query(keys_from)"},
    ),
    "values from the keys' matrix": (MultiHeadAttention, "forward", {"w_value(keys_from)": "w_key(keys_from)"}),
    "heads merged in reverse order": (
        MultiHeadAttention,
        "forward",
        {"head_outputs.transpose(1, 2).flatten(2)": "head_outputs.flip(1).transpose(1, 2).flatten(2)"},
    ),
    "heads merged interleaved": (
        MultiHeadAttention,
        "forward",
        {"head_outputs.transpose(1, 2).flatten(2)": "head_outputs.permute(0, 2, 3, 1).flatten(2)"},
    ),
    "mask turned round": (MultiHeadAttention, "forward", {"masked_fill(~allowed": "masked_fill(allowed"}),
    "softmax over queries": (
        MultiHeadAttention,
        "forward",
        {"masked_scores.softmax(dim=-1)": "scaled_scores.softmax(dim=-2)"},
    ),
}
AROUND_ATTENTION: dict[str, Bug] = {
    "mask off by one, sees one token ahead": (Stack, "may_look_at", {".tril()": ".tril(1)"}),
    "mask off by one, blind to itself": (Stack, "may_look_at", {".tril()": ".tril(-1)"}),
    "padding looked at": (Stack, "may_look_at", {"tokens != self.pad_id": "tokens >= 0"}),
    "missing residual around self-attention": (
        Block,
        "forward",
        {'edits("residual_attention", x + added, added)': 'edits("residual_attention", added, added)'},
    ),
    "missing residual around cross-attention": (
        Block,
        "forward",
        {'edits("residual_cross_attention", x + added, added)': 'edits("residual_cross_attention", added, added)'},
    ),
    "missing residual around the feed-forward layer": (
        Block,
        "forward",
        {'edits("residual_feed_forward", x + added, added)': 'edits("residual_feed_forward", added, added)'},
    ),
    "cross-attention looks at itself": (
        Block,
        "forward",
        {"cross_attention_norm, memory, memory_allowed,": "cross_attention_norm, cross_attention_norm, allowed,"},
    ),
    "no last normalisation": (Stack, "forward", {'edits("output", self.norm(x), x)': 'edits("output", x, x)'}),
    "embedding not scaled": (Stack, "forward", {"table(tokens) * self.scale": "table(tokens)"}),
}


def plant(monkeypatch: pytest.MonkeyPatch, bug: Bug) -> None:
    """Replace a method by its own source with a mistake in it."""
    owner, method, replacements = bug
    source = textwrap.dedent(inspect.getsource(getattr(owner, method)))
    for right, wrong in replacements.items():
        assert source.count(right) == 1, f"{owner.__name__}.{method} no longer says {right!r}; plant this bug anew"
        source = source.replace(right, wrong)
    made: dict[str, object] = {}
    exec(source, vars(sys.modules[owner.__module__]), made)  # our own source, with one mistake
    monkeypatch.setattr(owner, method, made[method])


def whole_model() -> float:
    return model_difference(small_model(), padded_tokens([7, 4, 6]), padded_tokens([5, 8, 3], seed=2))


def whole_layer() -> float:
    layer = randomised(MultiHeadAttention(22, 2), seed=3)
    chance = torch.Generator().manual_seed(5)
    queries_from = torch.randn(3, 5, 22, generator=chance, dtype=torch.float64)
    keys_from = torch.randn(3, 7, 22, generator=chance, dtype=torch.float64)
    allowed = torch.ones(3, 1, 5, 7, dtype=torch.bool)
    allowed[1, ..., 5:] = False
    return layer_difference(layer, queries_from, keys_from, allowed)


def test_without_a_bug_both_oracles_are_green() -> None:
    assert whole_model() <= 1e-12
    assert whole_layer() <= 1e-12


@pytest.mark.parametrize("name", [*IN_ATTENTION, *AROUND_ATTENTION])
def test_the_whole_model_oracle_sees(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    plant(monkeypatch, (IN_ATTENTION | AROUND_ATTENTION)[name])
    assert whole_model() > RED


@pytest.mark.parametrize("name", IN_ATTENTION)
def test_the_whole_layer_oracle_sees(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    plant(monkeypatch, IN_ATTENTION[name])
    assert whole_layer() > RED


def test_the_oracle_on_traced_values_sees_a_dropped_scale_but_not_swapped_matrices(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Why two oracles: the one inside the layer takes the traced q, k and v as they are."""
    source = padded_tokens([7, 4, 6])
    allowed = (source != 0)[:, None, None, :]
    seen = {}
    for name in ("dropped scale", "values from the keys' matrix"):
        with monkeypatch.context() as patch:
            plant(patch, IN_ATTENTION[name])
            trace = small_model()(source, source).encoder.blocks[0].attention
            seen[name] = core_difference(trace, allowed) > RED
    assert seen == {"dropped scale": True, "values from the keys' matrix": False}
