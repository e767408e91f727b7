"""Small random models, and PyTorch's own modules carrying the same weights to compare them with.

Shapes: B batch, Tq query positions, Tk key positions, H heads, D d_head, C d_model.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from model.attention import MultiHeadAttention
from model.config import TransformerConfig
from model.edits import Edits, Scope
from model.trace import AttentionTrace
from model.transformer import Stack, Transformer

NO_EDITS = Scope(Edits())
TOLERANCE = {torch.float32: 1e-5, torch.float64: 1e-12}
SHAPES = pytest.mark.parametrize(
    "layers", [(2, 3), (2, 0), (0, 3)], ids=["encoder-decoder", "encoder only", "decoder only"]
)
DEVICES = [
    "cpu",
    *(["cuda"] if torch.cuda.is_available() else []),
    *(["mps"] if torch.backends.mps.is_available() else []),
]


def config(**sizes: float) -> TransformerConfig:
    """Sizes that differ from one another, so that a mixed-up axis cannot hide."""
    chosen = {
        "vocabulary_size": 23,
        "d_model": 14,
        "heads": 2,
        "encoder_layers": 2,
        "decoder_layers": 3,
        "d_feed_forward": 19,
        "max_tokens": 17,
        "dropout": 0.1,
    }
    return TransformerConfig(**(chosen | sizes))


def randomised(module: nn.Module, seed: int = 0, dtype: torch.dtype = torch.float64) -> nn.Module:
    """The module with every parameter random, the biases and the norms' scales too; ready to run."""
    chance = torch.Generator().manual_seed(seed)
    module = module.to(dtype).eval()
    with torch.no_grad():
        for name, parameter in module.named_parameters():
            noise = torch.randn(parameter.shape, generator=chance, dtype=torch.float64)
            fan_in = parameter.size(-1) if parameter.dim() > 1 else 1
            offset = 1.0 if name.endswith("norm.weight") else 0.0
            parameter.copy_(offset + noise * (fan_in**-0.5 if parameter.dim() > 1 else 0.3))
    return module


def small_model(seed: int = 0, dtype: torch.dtype = torch.float64, **sizes: float) -> Transformer:
    model = randomised(Transformer(config(**sizes)), seed, dtype)
    assert isinstance(model, Transformer)
    for stack in (model.encoder, model.decoder):
        if stack is not None:  # a float64 model deserves float64 positions, in a float32 one they round
            stack.positions = torch.from_numpy(numpy_positions(model.config.max_tokens, model.config.d_model)).to(dtype)
    return model


def random_tokens(batch: int, length: int, seed: int = 1, vocabulary: int = 23) -> Tensor:
    """Ids without padding."""
    return torch.randint(1, vocabulary, (batch, length), generator=torch.Generator().manual_seed(seed))


def fitting(layers: tuple[int, int], source: Tensor, target: Tensor) -> tuple[Tensor | None, Tensor | None]:
    """The two without what a model of these layers does not read."""
    return source if layers[0] else None, target if layers[1] else None


def shaped(layers: tuple[int, int], seed: int = 0, dtype: torch.dtype = torch.float64, **sizes: float) -> Transformer:
    return small_model(seed, dtype, encoder_layers=layers[0], decoder_layers=layers[1], **sizes)


def padded_tokens(lengths: list[int], seed: int = 1, vocabulary: int = 23) -> Tensor:
    tokens = random_tokens(len(lengths), max(lengths), seed, vocabulary)
    for row, length in enumerate(lengths):
        tokens[row, length:] = 0
    return tokens


def numpy_positions(max_tokens: int, d_model: int) -> np.ndarray:
    """Vaswani et al. 2017, section 3.5, number by number."""
    signal = np.empty((max_tokens, d_model))
    for position in range(max_tokens):
        for column in range(d_model):
            angle = position / 10000 ** ((column - column % 2) / d_model)
            signal[position, column] = np.cos(angle) if column % 2 else np.sin(angle)
    return signal


def largest(difference: Tensor) -> float:
    """The largest entry, NaN counted as infinite: Python's `max` would pass over a NaN in silence."""
    return difference.detach().abs().nan_to_num(nan=torch.inf).max().item()


STEP = 1e-5
ENTRIES = 4
Nudged = Callable[[tuple[int, ...], float], float]
"""The scalar after one entry of one tensor, at a place, has been moved by a step."""


def entries_of(gradient: Tensor, usable: Tensor, seed: int) -> list[tuple[int, ...]]:
    """The entry with the largest gradient and a few at random."""
    places = usable.nonzero()
    chance = torch.Generator().manual_seed(seed)
    chosen = places[torch.randperm(len(places), generator=chance)[: ENTRIES - 1]].tolist()
    chosen.append(list(torch.unravel_index(gradient.abs().argmax(), gradient.shape)))
    return [tuple(int(index) for index in place) for place in chosen]


@torch.no_grad()
def slope(nudged: Nudged, place: tuple[int, ...]) -> float:
    """The central difference."""
    return (nudged(place, STEP) - nudged(place, -STEP)) / (2 * STEP)


def difference_from_slopes(gradient: Tensor, places: list[tuple[int, ...]], nudged: Nudged) -> float:
    """Relative distance of the gradient at these places from central differences, their rounding allowed for."""
    found = gradient.new_tensor([gradient[place].item() for place in places])
    expected = gradient.new_tensor([slope(nudged, place) for place in places])
    return max(0.0, (found - expected).norm().item() - 1e-11) / max(expected.norm().item(), 1e-30)


def core_difference(trace: AttentionTrace, allowed: Tensor) -> float:
    """Largest difference from PyTorch's attention on the traced queries, keys and values."""
    expected = functional.scaled_dot_product_attention(trace.query, trace.key, trace.value, attn_mask=allowed)
    return largest(trace.head_outputs - expected)


def layer_difference(layer: MultiHeadAttention, queries_from: Tensor, keys_from: Tensor, allowed: Tensor) -> float:
    """Largest difference of the whole layer, outputs and weights, from `nn.MultiheadAttention`."""
    trace = layer(queries_from, keys_from, allowed, NO_EDITS)
    batch, heads = trace.weights.shape[:2]
    peer = nn.MultiheadAttention(queries_from.size(-1), heads, bias=False, batch_first=True)
    peer = peer.to(queries_from.dtype).eval()
    copy_attention(layer, peer)
    forbidden = ~allowed.expand(trace.weights.shape).reshape(batch * heads, *trace.weights.shape[2:])
    output, weights = peer(queries_from, keys_from, keys_from, attn_mask=forbidden, average_attn_weights=False)
    return max(largest(trace.output - output), largest(trace.weights - weights))


def model_difference(model: Transformer, source: Tensor | None, target: Tensor | None) -> float:
    """Largest difference of memory and logits from PyTorch's own modules, at every position that is not padding."""
    trace = model(source, target)
    memory, logits = torch_run(model, source, target)
    found = [(trace.logits, logits, source if target is None else target)]
    if source is not None:
        found.append((trace.encoder.output, memory, source))
    return max(largest((here - there)[tokens != 0]) for here, there, tokens in found)


def torch_run(
    model: Transformer, source: Tensor | None, target: Tensor | None, start: Tensor | None = None
) -> tuple[Tensor | None, Tensor]:
    """Memory and logits by `nn.Transformer`; `start` is embedding plus positions of the source, or of a lone target."""
    read = target if source is None else source
    start = start_of_stream(model, read) if start is None else start
    length = read.size(1) if target is None else target.size(1)
    ahead = torch.ones(length, length, dtype=torch.bool).triu(1)
    if source is None:  # a decoder alone is an encoder with a causal mask
        peer = torch_encoder(model.config, model.decoder)
        memory, output = None, peer(start, mask=ahead, src_key_padding_mask=target == 0)
    elif target is None:
        memory = output = torch_encoder(model.config, model.encoder)(start, src_key_padding_mask=source == 0)
    else:
        both = torch_transformer(model)
        memory = both.encoder(start, src_key_padding_mask=source == 0)
        output = both(
            start,
            start_of_stream(model, target),
            tgt_mask=ahead,
            src_key_padding_mask=source == 0,
            tgt_key_padding_mask=target == 0,
            memory_key_padding_mask=source == 0,
        )
    return memory, output @ model.embedding.weight.T


def start_of_stream(model: Transformer, tokens: Tensor) -> Tensor:
    """Embedding times √d_model plus positions, computed apart from the model."""
    table = model.embedding.weight
    return table[tokens] * table.size(1) ** 0.5 + signal_of(model, tokens.size(1))


def signal_of(model: Transformer, length: int) -> Tensor:
    table = model.embedding.weight
    return torch.from_numpy(numpy_positions(length, table.size(1))).to(table.dtype)


KEPT: dict[str, Any] = {"dropout": 0.0, "activation": "relu", "batch_first": True, "norm_first": True}


def torch_encoder(sizes: TransformerConfig, stack: Stack) -> nn.TransformerEncoder:
    """An `nn.TransformerEncoder` with the weights of a stack without cross-attention."""
    layer = nn.TransformerEncoderLayer(sizes.d_model, sizes.heads, sizes.d_feed_forward, **KEPT)
    peer = nn.TransformerEncoder(layer, len(stack.blocks), nn.LayerNorm(sizes.d_model), enable_nested_tensor=False)
    peer = peer.to(stack.norm.weight.dtype).eval()
    copy_stack(stack, peer)
    return peer


def torch_transformer(model: Transformer) -> nn.Transformer:
    """An `nn.Transformer` with the weights of an encoder–decoder."""
    sizes = model.config
    assert isinstance(model.encoder, Stack)
    assert isinstance(model.decoder, Stack)
    peer = nn.Transformer(
        sizes.d_model,
        sizes.heads,
        num_decoder_layers=sizes.decoder_layers,
        dim_feedforward=sizes.d_feed_forward,
        custom_encoder=torch_encoder(sizes, model.encoder),
        **KEPT,
    )
    peer = peer.to(model.embedding.weight.dtype).eval()
    copy_stack(model.encoder, peer.encoder)  # again: `nn.Transformer` draws its weights anew
    copy_stack(model.decoder, peer.decoder)
    return peer


@torch.no_grad()
def copy_attention(layer: MultiHeadAttention, peer: nn.MultiheadAttention) -> None:
    peer.in_proj_weight.copy_(torch.cat([layer.w_query.weight, layer.w_key.weight, layer.w_value.weight]))
    peer.out_proj.weight.copy_(layer.w_output.weight)
    for bias in (peer.in_proj_bias, peer.out_proj.bias):
        if bias is not None:
            bias.zero_()


def copy_stack(stack: Stack, peer: nn.Module) -> None:
    peer.norm.load_state_dict(stack.norm.state_dict())
    for block, theirs in zip(stack.blocks, peer.layers, strict=True):
        norms = [block.attention_norm, block.cross_attention_norm, block.feed_forward_norm]
        for number, norm in enumerate((norm for norm in norms if norm is not None), start=1):
            getattr(theirs, f"norm{number}").load_state_dict(norm.state_dict())
        copy_attention(block.attention, theirs.self_attn)
        if block.cross_attention is not None:
            copy_attention(block.cross_attention, theirs.multihead_attn)
        theirs.linear1.load_state_dict(block.feed_forward.widen.state_dict())
        theirs.linear2.load_state_dict(block.feed_forward.narrow.state_dict())
