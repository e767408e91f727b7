"""The pretrained encoder as a PyTorch module, with the heads that read turns.

B batch, T tokens, D width, H heads, M nodes
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn.functional import gelu, normalize, scaled_dot_product_attention

from tutor.understanding.encoder import HEADS
from tutor.understanding.pieces import LONGEST

DROPPED = 0.1
LAYERS, FROZEN = 6, 2
"""Layers in all, and how many of the lower ones always stay as they were published."""
SHARPNESS = 20.0
"""Multiplies cosines before softmax over the nodes."""


class Layer(nn.Module):
    """One post-norm encoder layer."""

    def __init__(self, width: int, inner: int) -> None:
        super().__init__()
        self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.wide, self.narrow = nn.Linear(width, inner), nn.Linear(inner, width)
        self.norm1, self.norm2 = nn.LayerNorm(width, eps=1e-12), nn.LayerNorm(width, eps=1e-12)
        self.drop = nn.Dropout(DROPPED)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        batch, tokens, width = x.shape
        qkv = self.qkv(x).view(batch, tokens, 3, HEADS, width // HEADS)
        query, key, value = qkv.permute(2, 0, 3, 1, 4)  # (B, H, T, D/H) each
        seen = scaled_dot_product_attention(query, key, value, attn_mask=mask[:, None, None, :])
        x = self.norm1(x + self.drop(self.out(seen.transpose(1, 2).reshape(batch, tokens, width))))
        x = self.norm2(x + self.drop(self.narrow(gelu(self.wide(x), approximate="tanh"))))
        return x  # (B, T, D)


class Base(nn.Module):
    """The pretrained encoder, with the names of `tutor/understanding/encoder.py`."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        held = {name: value.float() for name, value in load_file(path).items()}
        kinds = held["embeddings.token_type_embeddings.weight"]
        self.pieces = held["embeddings.word_embeddings.weight"]
        self.positions = held["embeddings.position_embeddings.weight"][:LONGEST] + kinds[0]
        self.kinds = torch.stack((torch.zeros_like(kinds[0]), kinds[1] - kinds[0]))
        width = self.pieces.shape[1]
        inner = held["encoder.layer.0.intermediate.dense.bias"].shape[0]
        self.norm = nn.LayerNorm(width, eps=1e-12)
        self.layers = nn.ModuleList(Layer(width, inner) for _ in range(LAYERS))
        self.frozen = FROZEN
        _fill(self.norm, held, "embeddings.LayerNorm")
        for number, layer in enumerate(self.layers):
            assert isinstance(layer, Layer)
            under = f"encoder.layer.{number}."
            for kind in ("weight", "bias"):
                three = [held[f"{under}attention.self.{part}.{kind}"] for part in ("query", "key", "value")]
                getattr(layer.qkv, kind).data = torch.cat(three)
            _fill(layer.out, held, under + "attention.output.dense")
            _fill(layer.norm1, held, under + "attention.output.LayerNorm")
            _fill(layer.wide, held, under + "intermediate.dense")
            _fill(layer.narrow, held, under + "output.dense")
            _fill(layer.norm2, held, under + "output.LayerNorm")

    def below(self, numbers: Tensor, before: Tensor, mask: Tensor) -> Tensor:
        """What the frozen part makes of pieces; `before` is 1 for the pieces of what was told."""
        x: Tensor = self.norm(self.pieces[numbers] + self.positions[: numbers.shape[1]] + self.kinds[before])
        for layer in self.layers[: self.frozen]:
            x = layer(x, mask)
        return x  # (B, T, D)

    def above(self, x: Tensor, mask: Tensor) -> Tensor:
        """The rest of the way."""
        for layer in self.layers[self.frozen :]:
            x = layer(x, mask)
        return x  # (B, T, D)


class Heads(nn.Module):
    """What is read off the encoder: labels of the whole turn, a slot for each word, and a vector for each node."""

    def __init__(self, width: int, labels: Mapping[str, Sequence[str]], nodes: int) -> None:
        super().__init__()
        self.linear = nn.ModuleDict({name: nn.Linear(width, len(found)) for name, found in labels.items()})
        self.questions = nn.Parameter(torch.zeros(nodes, width))

    def node_logits(self, mean: Tensor) -> Tensor:
        """(B, M): how near each turn (B, D) lies to each question."""
        return SHARPNESS * normalize(mean, dim=-1) @ normalize(self.questions, dim=-1).T


def _fill(module: nn.Module, held: dict[str, Tensor], name: str) -> None:
    for kind in ("weight", "bias"):
        getattr(module, kind).data = held[f"{name}.{kind}"]
