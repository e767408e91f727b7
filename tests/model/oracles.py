"""Small random models, and PyTorch's own modules carrying the same weights to compare them with.

Shapes: B batch, Tq query positions, Tk key positions, H heads, D d_head, C d_model.
"""

from __future__ import annotations

import numpy as np
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


def model_difference(model: Transformer, source: Tensor, target: Tensor) -> float:
    """Largest difference of memory and logits from `nn.Transformer`, at every position that is not padding."""
    trace = model(source, target)
    assert trace.encoder is not None
    peer = torch_transformer(model)
    length = target.size(1)
    options = {
        "tgt_mask": torch.ones(length, length, dtype=torch.bool).triu(1),
        "src_key_padding_mask": source == 0,
        "tgt_key_padding_mask": target == 0,
        "memory_key_padding_mask": source == 0,
    }
    start_source, start_target = start_of_stream(model, source), start_of_stream(model, target)
    memory = peer.encoder(start_source, src_key_padding_mask=source == 0)
    logits = peer(start_source, start_target, **options) @ model.embedding.weight.T
    return max(
        largest((trace.encoder.output - memory)[source != 0]),
        largest((trace.logits - logits)[target != 0]),
    )


def start_of_stream(model: Transformer, tokens: Tensor) -> Tensor:
    """Embedding times √d_model plus positions, computed apart from the model."""
    table = model.embedding.weight
    signal = torch.from_numpy(numpy_positions(tokens.size(1), table.size(1))).to(table.dtype)
    return table[tokens] * table.size(1) ** 0.5 + signal


def torch_transformer(model: Transformer) -> nn.Transformer:
    """An `nn.Transformer` with the weights of an encoder–decoder."""
    sizes = model.config
    kept = {"dropout": 0.0, "activation": "relu", "batch_first": True, "norm_first": True}
    layer = nn.TransformerEncoderLayer(sizes.d_model, sizes.heads, sizes.d_feed_forward, **kept)
    encoder = nn.TransformerEncoder(
        layer, sizes.encoder_layers, nn.LayerNorm(sizes.d_model), enable_nested_tensor=False
    )
    peer = nn.Transformer(
        sizes.d_model,
        sizes.heads,
        num_decoder_layers=sizes.decoder_layers,
        dim_feedforward=sizes.d_feed_forward,
        custom_encoder=encoder,
        **kept,
    )
    peer = peer.to(model.embedding.weight.dtype).eval()
    assert isinstance(model.encoder, Stack)
    assert isinstance(model.decoder, Stack)
    copy_stack(model.encoder, peer.encoder)
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
