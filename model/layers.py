"""The parts of a Transformer around attention: positions, the feed-forward layer, and the block.

Shapes: B batch, T tokens, C d_model, F d_feed_forward.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from model.attention import MultiHeadAttention
from model.config import TransformerConfig
from model.edits import Scope
from model.trace import BlockTrace, FeedForwardTrace


def sinusoidal_positions(max_tokens: int, d_model: int) -> Tensor:
    """The position signal of Vaswani et al. 2017, section 3.5; (max_tokens, d_model), float64.

    Even columns are sines, odd columns cosines; the wavelength grows from 2π to 10000·2π. A shift by k
    positions is the same rotation of each sine-cosine pair wherever it starts.
    """
    position = torch.arange(max_tokens, dtype=torch.float64).unsqueeze(1)  # (T, 1)
    rate = torch.exp(torch.arange(0, d_model, 2, dtype=torch.float64) * (-math.log(10000.0) / d_model))  # (C/2,)
    signal = torch.empty(max_tokens, d_model, dtype=torch.float64)
    signal[:, 0::2] = torch.sin(position * rate)
    signal[:, 1::2] = torch.cos(position * rate)
    return signal


class FeedForward(nn.Module):
    """Two linear layers with a threshold (ReLU) between, applied to each position on its own."""

    def __init__(self, d_model: int, d_feed_forward: int) -> None:
        super().__init__()
        self.widen = nn.Linear(d_model, d_feed_forward)
        self.narrow = nn.Linear(d_feed_forward, d_model)

    def forward(self, x: Tensor, edits: Scope) -> FeedForwardTrace:
        """Transform (B, T, C) position by position."""
        hidden = edits("hidden", self.widen(x))  # (B, T, F)
        activated = edits("activated", hidden.relu())  # (B, T, F)
        output = edits("output", self.narrow(activated))  # (B, T, C)
        return FeedForwardTrace(hidden=hidden, activated=activated, output=output)


class Block(nn.Module):
    """Self-attention, cross-attention where there is an encoder to look at, feed-forward.

    Pre-norm: each part reads the normalised residual stream and adds its output to the stream itself
    (Xiong et al. 2020), so the gradient has an unbroken path from the last block to the first.
    """

    def __init__(self, config: TransformerConfig, *, cross: bool) -> None:
        super().__init__()
        self.attention_norm = nn.LayerNorm(config.d_model)
        self.attention = MultiHeadAttention(config.d_model, config.heads)
        self.cross_attention_norm = nn.LayerNorm(config.d_model) if cross else None
        self.cross_attention = MultiHeadAttention(config.d_model, config.heads) if cross else None
        self.feed_forward_norm = nn.LayerNorm(config.d_model)
        self.feed_forward = FeedForward(config.d_model, config.d_feed_forward)
        self.dropout = nn.Dropout(config.dropout)

    def forward(
        self, x: Tensor, allowed: Tensor, memory: Tensor | None, memory_allowed: Tensor | None, edits: Scope
    ) -> BlockTrace:
        """Run one block on the residual stream `x` (B, T, C); `memory` (B, S, C) is the encoder's output."""
        attention_norm = edits("attention_norm", self.attention_norm(x), x)
        attention = self.attention(attention_norm, attention_norm, allowed, edits.at("attention"))
        added = self.dropout(attention.output)
        residual_attention = x = edits("residual_attention", x + added, added)

        cross_attention_norm = cross_attention = residual_cross_attention = None
        if self.cross_attention is not None and self.cross_attention_norm is not None:
            cross_attention_norm = edits("cross_attention_norm", self.cross_attention_norm(x), x)
            cross_attention = self.cross_attention(
                cross_attention_norm, memory, memory_allowed, edits.at("cross_attention")
            )
            added = self.dropout(cross_attention.output)
            residual_cross_attention = x = edits("residual_cross_attention", x + added, added)

        feed_forward_norm = edits("feed_forward_norm", self.feed_forward_norm(x), x)
        feed_forward = self.feed_forward(feed_forward_norm, edits.at("feed_forward"))
        added = self.dropout(feed_forward.output)
        residual_feed_forward = edits("residual_feed_forward", x + added, added)
        return BlockTrace(
            attention_norm=attention_norm,
            attention=attention,
            residual_attention=residual_attention,
            cross_attention_norm=cross_attention_norm,
            cross_attention=cross_attention,
            residual_cross_attention=residual_cross_attention,
            feed_forward_norm=feed_forward_norm,
            feed_forward=feed_forward,
            residual_feed_forward=residual_feed_forward,
        )
