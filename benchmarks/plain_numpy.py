"""The Transformer once more, in NumPy alone and from the weights on disk: to hold exercises against.

It shares no arithmetic with `model/` or `tutor/`. Shapes: T tokens, S source tokens, C d_model, H heads, D d_head.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import load_file

Array = np.ndarray[Any, np.dtype[np.float64]]
PAD, START, END = 0, 1, 2


@dataclass
class Head:
    """What one attention layer made, all heads."""

    query: Array  # (H, T, D)
    key: Array  # (H, S, D)
    value: Array  # (H, S, D)
    scores: Array  # (H, T, S), scaled
    weights: Array  # (H, T, S)


@dataclass
class Pass:
    """What is kept of one run through a stack."""

    stream: list[Array] = field(default_factory=list)
    """(T, C): what enters the first layer, and what leaves each."""
    heads: list[Head] = field(default_factory=list)
    output: Array = field(default_factory=lambda: np.zeros(0))


class PlainTransformer:
    """A checkpoint folder, read without torch."""

    def __init__(self, folder: Path) -> None:
        packed = load_file(folder / "weights.safetensors")
        self.sizes: dict[str, int] = json.loads((folder / "config.json").read_text("utf-8"))["config"]
        self.table = {
            name: held.astype(np.float64) * packed.get(f"{name}.scale", np.float32(1)).astype(np.float64)
            for name, held in packed.items()
            if not name.endswith(".scale")
        }
        self.embedding = self.table["embedding.weight"]

    def signal(self, count: int) -> Array:
        """The signal of place of the first `count` places; (T, C)."""
        width = self.sizes["d_model"]
        places, columns = np.arange(count)[:, None], np.arange(0, width, 2)[None, :]
        angles = places / 10000.0 ** (columns / width)
        return np.stack([np.sin(angles), np.cos(angles)], axis=-1).reshape(count, width)

    def run(self, stack: str, ids: list[int], memory: Array | None = None) -> Pass:
        """Read `ids` with the encoder or the decoder, which looks back only."""
        x = self.embedding[ids] * self.sizes["d_model"] ** 0.5 + self.signal(len(ids))
        kept = Pass([x])
        for layer in range(self.sizes[f"{stack}_layers"]):
            block = f"{stack}.blocks.{layer}"
            normed = self._norm(f"{block}.attention_norm", x)
            added, head = self._attend(f"{block}.attention", normed, normed, causal=stack == "decoder")
            kept.heads.append(head)
            x = x + added
            if memory is not None:
                normed = self._norm(f"{block}.cross_attention_norm", x)
                x = x + self._attend(f"{block}.cross_attention", normed, memory, causal=False)[0]
            normed = self._norm(f"{block}.feed_forward_norm", x)
            wide = np.maximum(self._linear(f"{block}.feed_forward.widen", normed), 0)
            x = x + self._linear(f"{block}.feed_forward.narrow", wide)
            kept.stream.append(x)
        kept.output = self._norm(f"{stack}.norm", x)
        return kept

    def log_probabilities(self, output: Array) -> Array:
        """ln of the probability of every token, for each place; (T, V)."""
        logits = output @ self.embedding.T
        largest = logits.max(axis=-1, keepdims=True)
        return np.asarray(logits - largest - np.log(np.exp(logits - largest).sum(axis=-1, keepdims=True)))

    def greedy(self, source: list[int], most: int = 60) -> list[int]:
        """The likeliest token each time, the end mark included."""
        memory, written = self.run("encoder", source).output, list[int]()
        while len(written) < most and written[-1:] != [END]:
            told = self.log_probabilities(self.run("decoder", [START, *written], memory).output)[-1]
            written.append(int(told.argmax()))
        return written

    def _linear(self, name: str, x: Array) -> Array:
        return np.asarray(x @ self.table[f"{name}.weight"].T + self.table.get(f"{name}.bias", 0.0))

    def _norm(self, name: str, x: Array) -> Array:
        centred = x - x.mean(axis=-1, keepdims=True)
        spread = np.sqrt((centred**2).mean(axis=-1, keepdims=True) + 1e-5)
        return np.asarray(centred / spread * self.table[f"{name}.weight"] + self.table[f"{name}.bias"])

    def _attend(self, name: str, asks: Array, holds: Array, causal: bool) -> tuple[Array, Head]:
        heads = self.sizes["heads"]

        def split(matrix: str, x: Array) -> Array:
            made = self._linear(f"{name}.{matrix}", x)
            return np.asarray(made.reshape(len(x), heads, -1).transpose(1, 0, 2))

        query, key, value = split("w_query", asks), split("w_key", holds), split("w_value", holds)
        scores = query @ key.transpose(0, 2, 1) / query.shape[-1] ** 0.5
        seen = np.where(np.tri(*scores.shape[-2:], dtype=bool), scores, -np.inf) if causal else scores
        parts = np.exp(seen - seen.max(axis=-1, keepdims=True))
        weights = parts / parts.sum(axis=-1, keepdims=True)
        mixed = (weights @ value).transpose(1, 0, 2).reshape(len(asks), -1)
        return self._linear(f"{name}.w_output", mixed), Head(query, key, value, scores, weights)
