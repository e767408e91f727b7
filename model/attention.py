"""Multi-head attention, step by step, each step kept.

Shapes: B batch, Tq query positions, Tk key positions, H heads, D d_head, C = H·D d_model.
"""

from __future__ import annotations

import math

from torch import Tensor, nn

from model.edits import Scope
from model.trace import AttentionTrace


class MultiHeadAttention(nn.Module):
    """Scaled dot-product attention in H heads (Vaswani et al. 2017, section 3.2).

    Self-attention when queries and keys come from the same sequence, cross-attention when they do not:
    the arithmetic is the same. The four matrices have no bias, so that a score is a dot product and
    nothing else.
    """

    def __init__(self, d_model: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.w_query = nn.Linear(d_model, d_model, bias=False)
        self.w_key = nn.Linear(d_model, d_model, bias=False)
        self.w_value = nn.Linear(d_model, d_model, bias=False)
        self.w_output = nn.Linear(d_model, d_model, bias=False)

    def forward(self, queries_from: Tensor, keys_from: Tensor, allowed: Tensor, edits: Scope) -> AttentionTrace:
        """Let each position of `queries_from` (B, Tq, C) gather from `keys_from` (B, Tk, C).

        `allowed` (broadcastable to B, 1, Tq, Tk) is True where looking is permitted; each query needs at
        least one such key.
        """
        query = edits("query", self._split_heads(self.w_query(queries_from)))  # (B, H, Tq, D)
        key = edits("key", self._split_heads(self.w_key(keys_from)))  # (B, H, Tk, D)
        value = edits("value", self._split_heads(self.w_value(keys_from)))  # (B, H, Tk, D)

        raw_scores = edits("raw_scores", query @ key.transpose(-2, -1))  # (B, H, Tq, Tk)
        # A sum of D products has variance D when its terms have variance 1; without 1/√D softmax
        # saturates on the largest score and its gradient dies.
        scaled_scores = edits("scaled_scores", raw_scores / math.sqrt(query.size(-1)), raw_scores)
        masked_scores = edits("masked_scores", scaled_scores.masked_fill(~allowed, float("-inf")), scaled_scores)
        weights = edits("weights", masked_scores.softmax(dim=-1), masked_scores)

        head_outputs = edits("head_outputs", weights @ value)  # (B, H, Tq, D)
        side_by_side = head_outputs.transpose(1, 2).flatten(2)  # (B, Tq, C)
        output = edits("output", self.w_output(side_by_side))  # (B, Tq, C)
        return AttentionTrace(
            query=query,
            key=key,
            value=value,
            raw_scores=raw_scores,
            scaled_scores=scaled_scores,
            masked_scores=masked_scores,
            weights=weights,
            head_outputs=head_outputs,
            output=output,
        )

    def _split_heads(self, x: Tensor) -> Tensor:
        return x.reshape(*x.shape[:2], self.heads, x.size(2) // self.heads).transpose(1, 2)  # (B, T, C) -> (B, H, T, D)
