"""Mistakes to plant in the model's own source, and how to plant them."""

from __future__ import annotations

import inspect
import sys
import textwrap
from types import ModuleType

import pytest

from model import attribution, generation
from model.attention import MultiHeadAttention
from model.layers import Block, FeedForward
from model.next_token import Remembered
from model.transformer import Stack, Transformer

Bug = tuple[type | ModuleType, str, dict[str, str]]
"""The class or module, its method or function, and the pieces of source to replace."""

ATTENTION: dict[str, Bug] = {
    "dropped scale": (MultiHeadAttention, "forward", {"raw_scores / math.sqrt(query.size(-1))": "raw_scores * 1"}),
    "scaled by the width of the model": (MultiHeadAttention, "forward", {"query.size(-1)": "queries_from.size(-1)"}),
    "scaled by d_head, not its root": (MultiHeadAttention, "forward", {"math.sqrt(query.size(-1))": "query.size(-1)"}),
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
    "heads split interleaved": (
        MultiHeadAttention,
        "_split_heads",
        {"self.heads, x.size(2) // self.heads).transpose(1, 2)": "-1, self.heads).permute(0, 3, 1, 2)"},
    ),
    "no output matrix": (MultiHeadAttention, "forward", {"self.w_output(side_by_side)": "side_by_side"}),
    "mask turned round": (MultiHeadAttention, "forward", {"masked_fill(~allowed": "masked_fill(allowed"}),
    "masked to zero before softmax": (MultiHeadAttention, "forward", {'float("-inf")': "0.0"}),
    "softmax over queries": (
        MultiHeadAttention,
        "forward",
        {"masked_scores.softmax(dim=-1)": "scaled_scores.softmax(dim=-2)"},
    ),
}
EVERYWHERE: dict[str, Bug] = {
    "missing residual around self-attention": (
        Block,
        "forward",
        {'edits("residual_attention", x + added, added)': 'edits("residual_attention", added, added)'},
    ),
    "missing residual around the feed-forward layer": (
        Block,
        "forward",
        {'edits("residual_feed_forward", x + added, added)': 'edits("residual_feed_forward", added, added)'},
    ),
    "self-attention not normalised": (Block, "forward", {"self.attention_norm(x), x)": "x, x)"}),
    "feed-forward layer not normalised": (Block, "forward", {"self.feed_forward_norm(x), x)": "x, x)"}),
    "normalised stream carried on": (
        Block,
        "forward",
        {'= x = edits("residual_attention", x + added': '= x = edits("residual_attention", attention_norm + added'},
    ),
    "no threshold": (FeedForward, "forward", {"hidden.relu()": "hidden * 1"}),
    "no last normalisation": (Stack, "forward", {'edits("output", self.norm(x), x)': 'edits("output", x, x)'}),
    "embedding not scaled": (Stack, "forward", {" * self.scale": ""}),
    "positions left out": (Stack, "forward", {"embedding + positions, embedding": "embedding, embedding"}),
    "positions off by one": (
        Stack,
        "forward",
        {"self.positions[start : tokens.size(1)]": "self.positions[start + 1 : tokens.size(1) + 1]"},
    ),
    "every layer the first": (Stack, "forward", {"blocks.append(block(x": "blocks.append(self.blocks[0](x"}),
}
CAUSAL: dict[str, Bug] = {
    "mask off by one, sees one token ahead": (Stack, "may_look_at", {".tril()": ".tril(1)"}),
    "mask off by one, blind to itself": (Stack, "may_look_at", {".tril()": ".tril(-1)"}),
    "mask the wrong way round": (Stack, "may_look_at", {".tril()": ".triu()"}),
}
PADDING: dict[str, Bug] = {
    "padding looked at": (Stack, "may_look_at", {"tokens != self.pad_id": "tokens >= 0"}),
}
CROSS: dict[str, Bug] = {
    "missing residual around cross-attention": (
        Block,
        "forward",
        {'edits("residual_cross_attention", x + added, added)': 'edits("residual_cross_attention", added, added)'},
    ),
    "cross-attention looks at itself": (
        Block,
        "forward",
        {"cross_attention_norm, memory, memory_allowed,": "cross_attention_norm, cross_attention_norm, allowed,"},
    ),
    "cross-attention not normalised": (Block, "forward", {"self.cross_attention_norm(x), x)": "x, x)"}),
}
LOSS: dict[str, Bug] = {
    "padding counted in the mean": (
        Transformer,
        "forward",
        {"(labels != self.config.pad_id).sum()": "labels.numel()"},
    ),
    "padding scored": (Transformer, "forward", {"ignore_index=self.config.pad_id, ": ""}),
    "loss summed": (
        Transformer,
        "forward",
        {"token_losses.sum() / (labels != self.config.pad_id).sum()": "token_losses.sum()"},
    ),
}
GRADIENT: dict[str, Bug] = {
    "no gradient through the values": (
        MultiHeadAttention,
        "forward",
        {"weights @ value)": "weights @ value.detach())"},
    ),
    "no gradient through the weights": (
        MultiHeadAttention,
        "forward",
        {"weights @ value)": "weights.detach() @ value)"},
    ),
    "no gradient along the residual stream": (
        Block,
        "forward",
        {'"residual_feed_forward", x + added': '"residual_feed_forward", x.detach() + added'},
    ),
    "no gradient into the encoder": (Transformer, "forward", {"encoder.output if": "encoder.output.detach() if"}),
    "no gradient into the embedding read": (
        Stack,
        "forward",
        {"table(tokens[:, start:])": "table(tokens[:, start:]).detach()"},
    ),
}
READING_ON: dict[str, Bug] = {
    "what is remembered stays in its row": (Remembered, "follow", {"value[parents]": "value[parents.sort().values]"}),
    "the newest token at the first position": (
        Stack,
        "forward",
        {"self.positions[start : tokens.size(1)]": "self.positions[: tokens.size(1) - start]"},
    ),
}
BEAM: dict[str, Bug] = {
    "length penalty ignored": (generation, "beam_search", {"** length_penalty)": "** 0)"}),
    "probabilities so far forgotten": (
        generation,
        "_continuations",
        {"(so_far.unsqueeze(1) + scores).flatten()": "(0 * so_far.unsqueeze(1) + scores).flatten()"},
    ),
    "every output continues the first": (generation, "beam_search", {"[found.parent for": "[0 for"}),
    "stops at the first end mark": (generation, "beam_search", {"if not alive or (": "if finished or not alive or ("}),
}
PATH: dict[str, Bug] = {
    "pieces weighted as if all were long": (
        attribution._Path,
        "gains",
        {"(lengths * self.shares)": "(lengths**0 * self.shares)"},
    ),
    "gradients at the end of the path only": (
        attribution._Path,
        "gains",
        {"lengths * self.nodes": "0 * self.nodes + 1"},
    ),
    "not times the input": (attribution._Path, "gains", {"(gradients * self.end)": "gradients"}),
}


def plant(monkeypatch: pytest.MonkeyPatch, bug: Bug) -> None:
    """Replace a method or a function by its own source with a mistake in it."""
    owner, name, replacements = bug
    source = textwrap.dedent(inspect.getsource(getattr(owner, name)))
    for right, wrong in replacements.items():
        assert source.count(right) == 1, f"{owner.__name__}.{name} no longer says {right!r}; plant this bug anew"
        source = source.replace(right, wrong)
    made: dict[str, object] = {}
    module = owner if isinstance(owner, ModuleType) else sys.modules[owner.__module__]
    exec(source, vars(module), made)  # our own source, with one mistake
    monkeypatch.setattr(owner, name, made[name])
