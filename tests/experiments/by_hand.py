"""The translator computed again with NumPy alone, in float64, from its parameters: an oracle for what is left out.

Shapes: S source tokens, T target tokens, C d_model, V vocabulary.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np

from model.tokenizer import END, START
from tutor.experiments.models import Models

Array = np.ndarray


class ByHand:
    """One model, of which parts can be left out."""

    def __init__(
        self, models: Models, out: Collection[tuple[str, str]] = (), off: Collection[tuple[str, int, int]] = ()
    ):
        """`out`: stack and kind, such as ('encoder', 'norm'); `off`: heads by part, layer and number, from 1."""
        self.parameters = {name: held.double().numpy() for name, held in models.model.state_dict().items()}
        self.config = models.model.config
        self.out, self.off = frozenset(out), frozenset(off)

    def encode(self, source: Sequence[int]) -> Array:
        """(S,) -> (S, C)."""
        return self._stack("encoder", source, None)

    def logits(self, memory: Array, target: Sequence[int]) -> Array:
        """(T,) -> (T, V)."""
        return self._stack("decoder", target, memory) @ self.parameters["embedding.weight"].T

    def probabilities(self, source: Sequence[int], target_ids: Sequence[int]) -> Array:
        """(T, V): what follows each beginning of a translation that ends in the end mark."""
        return softmax(self.logits(self.encode(source), [START, *target_ids[:-1]]))

    def loss(self, source: Sequence[int], target_ids: Sequence[int]) -> float:
        """Mean -ln of the probability of the right token."""
        right = self.probabilities(source, target_ids)[range(len(target_ids)), list(target_ids)]
        return float(-np.log(right).mean())

    def write(self, source: Sequence[int], limit: int) -> list[int]:
        """The likeliest token each time."""
        memory, written = self.encode(source), [START]
        while len(written) <= limit and written[-1] != END:
            written.append(int(self.logits(memory, written)[-1].argmax()))
        return written[1:]

    def _stack(self, stack: str, tokens: Sequence[int], memory: Array | None) -> Array:
        x = self.parameters["embedding.weight"][list(tokens)] * np.sqrt(self.config.d_model)
        x = x + positions(len(tokens), self.config.d_model)
        layers = self.config.encoder_layers if stack == "encoder" else self.config.decoder_layers
        steps = ("attention", "feed_forward") if memory is None else ("attention", "cross_attention", "feed_forward")
        for layer in range(layers):
            for step in steps:
                path = f"{stack}.blocks.{layer}.{step}"
                seen = x if (stack, "norm") in self.out else self._norm(f"{path}_norm", x)
                if (stack, step) in self.out:
                    added = np.zeros_like(x)
                elif step == "feed_forward":
                    added = self._feed_forward(path, seen)
                elif step == "cross_attention":
                    assert memory is not None
                    added = self._attention(path, seen, memory, ("cross", layer + 1), causal=False)
                else:
                    added = self._attention(path, seen, seen, (stack, layer + 1), causal=stack == "decoder")
                x = added if (stack, "residual") in self.out else x + added
        return self._norm(f"{stack}.norm", x)

    def _norm(self, path: str, x: Array) -> Array:
        centred = x - x.mean(-1, keepdims=True)
        unit = centred / np.sqrt((centred**2).mean(-1, keepdims=True) + 1e-5)
        return unit * self.parameters[f"{path}.weight"] + self.parameters[f"{path}.bias"]

    def _feed_forward(self, path: str, x: Array) -> Array:
        held = self.parameters
        wide = np.maximum(0, x @ held[f"{path}.widen.weight"].T + held[f"{path}.widen.bias"])
        return wide @ held[f"{path}.narrow.weight"].T + held[f"{path}.narrow.bias"]

    def _attention(self, path: str, queries: Array, keys: Array, place: tuple[str, int], *, causal: bool) -> Array:
        query, key, value = (
            vectors @ self.parameters[f"{path}.w_{name}.weight"].T
            for name, vectors in (("query", queries), ("key", keys), ("value", keys))
        )
        size = self.config.d_head
        gathered = np.zeros_like(query)
        for head in range(self.config.heads):
            if (*place, head + 1) in self.off:
                continue
            own = slice(head * size, (head + 1) * size)
            scores = query[:, own] @ key[:, own].T / np.sqrt(size)
            if causal:
                scores = np.where(np.tri(len(scores), dtype=bool), scores, -np.inf)
            gathered[:, own] = softmax(scores) @ value[:, own]
        return gathered @ self.parameters[f"{path}.w_output.weight"].T


def softmax(scores: Array) -> Array:
    """Along the last axis."""
    powers = np.exp(scores - scores.max(-1, keepdims=True))
    return powers / powers.sum(-1, keepdims=True)


def positions(count: int, size: int) -> Array:
    """Vaswani et al. 2017, section 3.5."""
    angle = np.arange(count)[:, None] / 10000.0 ** (np.arange(0, size, 2) / size)
    return np.stack([np.sin(angle), np.cos(angle)], -1).reshape(count, size)
