"""Bugs planted in the model's own source, each of which must turn the oracles named beside it red.

A test that cannot fail proves nothing: this is the list of mistakes that the oracles are known to see. Each oracle
returns how far the model is from the truth: rounding without a bug, far above `RED` with it.
"""

from __future__ import annotations

import inspect
import itertools
import sys
import textwrap
from collections.abc import Callable
from types import ModuleType

import pytest
import torch
from captum.attr import IntegratedGradients
from oracles import (
    core_difference,
    difference_from_slopes,
    entries_of,
    largest,
    layer_difference,
    model_difference,
    padded_tokens,
    random_tokens,
    randomised,
    shaped,
    signal_of,
    small_model,
    torch_run,
)

from model import attribution, edits, generation
from model.attention import MultiHeadAttention
from model.gradients import gradients
from model.layers import Block, FeedForward
from model.next_token import NextToken, Remembered
from model.tokenizer import END, START
from model.transformer import Stack, Transformer

RED = 1e-3
"""Far above rounding (1e-12 in float64): a planted bug must be unmistakable."""
SOURCE, TARGET = padded_tokens([7, 4, 6]), padded_tokens([5, 8, 3], seed=2)

# --- the oracles -------------------------------------------------------------------------------------------


def whole_model() -> float:
    return model_difference(small_model(), SOURCE, TARGET)


def decoder_alone() -> float:
    return model_difference(shaped((0, 2)), None, TARGET)


def encoder_alone() -> float:
    return model_difference(shaped((2, 0)), SOURCE, None)


def whole_layer() -> float:
    layer = randomised(MultiHeadAttention(22, 2), seed=3)
    chance = torch.Generator().manual_seed(5)
    queries_from = torch.randn(3, 5, 22, generator=chance, dtype=torch.float64)
    keys_from = torch.randn(3, 7, 22, generator=chance, dtype=torch.float64)
    allowed = torch.ones(3, 1, 5, 7, dtype=torch.bool)
    allowed[1, ..., 5:] = False
    return layer_difference(layer, queries_from, keys_from, allowed)


def loss() -> float:
    """The mean of -ln p of the right tokens, from the logits."""
    labels = torch.where(TARGET != 0, 1 + TARGET % 22, 0)
    trace = small_model()(SOURCE, TARGET, labels)
    right = trace.logits.log_softmax(-1).gather(2, labels.unsqueeze(2)).squeeze(2)
    return largest(trace.loss + right[labels != 0].mean())


def slopes() -> float:
    """Every parameter's gradient of the loss, and central differences."""
    model = small_model(encoder_layers=1, decoder_layers=1)
    trace = model(SOURCE, TARGET, TARGET)
    found = gradients(trace, trace.loss, model).parameters
    worst = 0.0
    for seed, (name, parameter) in enumerate(model.named_parameters()):

        def nudged(place: tuple[int, ...], step: float, parameter: torch.Tensor = parameter) -> float:
            kept = parameter[place].item()
            parameter[place] = kept + step
            reached = model(SOURCE, TARGET, TARGET).loss.item()
            parameter[place] = kept
            return reached

        places = entries_of(found[name], torch.ones_like(parameter, dtype=torch.bool), seed)
        worst = max(worst, difference_from_slopes(found[name], places, nudged))
    return worst


def reading_on() -> float:
    """What a beam's rows say token by token, and what they say when everything is read again."""
    model, source, worst = small_model(1), random_tokens(1, 6), 0.0
    written, parents = torch.tensor([[START, 8]]), None
    reader = NextToken(model, source, written, (), traced=False)
    for then in ([0, 0, 0], [2, 0, 1], [1]):
        found, _ = reader(written, parents)
        logits = model(source.expand(written.size(0), -1), written).logits
        worst = max(worst, largest(found - logits[:, -1].log_softmax(-1)))
        parents = torch.tensor(then)
        written = torch.cat([written[parents], random_tokens(len(then), 1, seed=len(then))], dim=1)
    return worst


def best_output() -> float:
    """How far the ranks of a wide beam's five best outputs are from those of the five best there are."""
    worst, size, limit, penalty = 0.0, 5, 3, 1.0
    others = [id_ for id_ in range(size) if id_ != END]
    outputs = [(*ids, END) for n in range(limit) for ids in itertools.product(others, repeat=n)]
    outputs += itertools.product(others, repeat=limit)
    for seed in range(4):
        model, source = small_model(seed, vocabulary_size=size), random_tokens(1, 4, seed, size)
        true = {}
        for ids in outputs:
            logits = model(source, torch.tensor([[START, *ids[:-1]]])).logits[0].log_softmax(-1)
            true[ids] = logits.gather(1, torch.tensor(ids).unsqueeze(1)).sum().item()
        ranks = {ids: total / ((5 + len(ids)) / 6) ** penalty for ids, total in true.items()}
        found = generation.beam_search(model, source, len(others) ** limit, penalty, limit)
        for best, output in zip(sorted(ranks.values(), reverse=True)[:5], found, strict=False):
            worst = max(worst, best - ranks[output.ids], abs(output.log_probability - true[output.ids]))
    return worst


def captum() -> float:
    """Integrated gradients, and Captum's on PyTorch's model."""
    model, source, target = small_model(), SOURCE[:1], TARGET[:1, :4]

    def log_probabilities(embedding: torch.Tensor) -> torch.Tensor:
        rows, length = embedding.shape[:2]
        ids = source.expand(rows, -1), target.expand(rows, -1)
        return torch_run(model, *ids, embedding + signal_of(model, length))[1][:, -1, 7]

    table = model.embedding.weight.detach()
    expected = IntegratedGradients(log_probabilities).attribute(table[source] * table.size(1) ** 0.5, n_steps=400)
    found = attribution.integrated_gradients(model, source, target, lambda trace: trace.logits[:, -1, 7].sum())
    # Both approximate: to 1 % of the largest score.
    return max(0.0, largest(found.scores - expected.sum(-1)[0]) / largest(expected.sum(-1)) - 0.01)


# --- the bugs ----------------------------------------------------------------------------------------------

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

Oracle = Callable[[], float]
SEEN_BY: list[tuple[dict[str, Bug], tuple[Oracle, ...]]] = [
    (ATTENTION, (whole_layer, whole_model, decoder_alone, encoder_alone)),
    (EVERYWHERE, (whole_model, decoder_alone, encoder_alone)),
    (CAUSAL, (whole_model, decoder_alone)),
    (PADDING, (whole_model, encoder_alone)),
    (CROSS, (whole_model,)),
    (LOSS, (loss,)),
    (GRADIENT, (slopes,)),
    (READING_ON, (reading_on,)),
    (BEAM, (best_output,)),
    (PATH, (captum,)),
]
ORACLES = list(dict.fromkeys(oracle for _, oracles in SEEN_BY for oracle in oracles))


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


@pytest.mark.parametrize("oracle", ORACLES, ids=lambda oracle: oracle.__name__)
def test_without_a_bug_every_oracle_is_green(oracle: Oracle) -> None:
    assert oracle() <= (1e-6 if oracle is slopes else 1e-12)


@pytest.mark.parametrize(
    ("bug", "oracle"),
    [
        pytest.param(bug, oracle, id=f"{oracle.__name__}-{name}")
        for bugs, oracles in SEEN_BY
        for name, bug in bugs.items()
        for oracle in oracles
    ],
)
def test_a_planted_bug_is_seen(bug: Bug, oracle: Oracle, monkeypatch: pytest.MonkeyPatch) -> None:
    plant(monkeypatch, bug)
    assert oracle() > RED


def test_a_forgotten_device_is_seen_on_any_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Made without saying where, a tensor goes to the default device, which here is another one than the model's."""
    model, edit = small_model(), edits.uniform_weights("encoder.blocks.0.attention", head=0)
    plant(monkeypatch, (edits, "_in_head", {", device=value.device": ""}))
    with torch.device("meta"), pytest.raises((RuntimeError, NotImplementedError)):
        model(SOURCE, TARGET, edits=[edit])


def test_only_central_differences_see_a_gradient_that_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    """The values stay right, so that no oracle on values could."""
    for bug in GRADIENT.values():
        with monkeypatch.context() as patch:
            plant(patch, bug)
            assert whole_model() <= 1e-12


def test_the_oracle_on_traced_values_sees_a_dropped_scale_but_not_swapped_matrices(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Why two oracles: the one inside the layer takes the traced q, k and v as they are."""
    allowed = (SOURCE != 0)[:, None, None, :]
    seen = {}
    for name in ("dropped scale", "values from the keys' matrix"):
        with monkeypatch.context() as patch:
            plant(patch, ATTENTION[name])
            trace = small_model()(SOURCE, SOURCE).encoder.blocks[0].attention
            seen[name] = core_difference(trace, allowed) > RED
    assert seen == {"dropped scale": True, "values from the keys' matrix": False}
