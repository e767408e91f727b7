"""Traces: every value of one forward pass, named, ordered as computed, with its axes.

A trace is a tree of frozen dataclasses. The path to a field, `encoder.blocks.0.attention.weights`, is
the only name a value has: in edits, gradients, lessons and `trace --out` alike. The axes and the sentence
on each value are field metadata, so that the documentation, the shape tests and the labels on screen come
from one place.

A tensor in a trace is the very tensor that was used, not a copy, so gradients can be taken at it.
"""

from __future__ import annotations

import dataclasses
import difflib
import functools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from model.errors import EditError

if TYPE_CHECKING:
    from torch import Tensor

    from model.config import TransformerConfig


def axes(names: str, means: str) -> Any:
    """A field that holds one traced tensor: its axes, outermost first, and what it is."""
    return dataclasses.field(metadata={"axes": tuple(names.split()), "means": means})


def optional(names: str, means: str) -> Any:
    """Like `axes`, for a tensor that only some models or calls produce."""
    return dataclasses.field(default=None, metadata={"axes": tuple(names.split()), "means": means})


def part(cls: type, *, when: str = "", repeated: str = "") -> Any:
    """A field that holds a part of the tree.

    `when` names the condition on the configuration under which it exists; `repeated` says that it is a
    tuple with one entry a layer.
    """
    metadata = {"part": cls, "when": when, "repeated": repeated}
    return dataclasses.field(default=None, metadata=metadata) if when else dataclasses.field(metadata=metadata)


@dataclass(frozen=True, eq=False, kw_only=True)
class AttentionTrace:
    """One attention layer: who looked at whom, and what came of it."""

    query: Tensor = axes("batch head query d_head", "What each position asks for: its input times the query matrix.")
    key: Tensor = axes("batch head key d_head", "What each position can be found by: its input times the key matrix.")
    value: Tensor = axes("batch head key d_head", "What each position hands over: its input times the value matrix.")
    raw_scores: Tensor = axes("batch head query key", "Dot product of each query with each key.")
    scaled_scores: Tensor = axes("batch head query key", "Raw scores divided by the square root of d_head.")
    masked_scores: Tensor = axes("batch head query key", "Scaled scores, minus infinity where looking is forbidden.")
    weights: Tensor = axes("batch head query key", "Softmax of the masked scores: each row sums to 1 over key.")
    head_outputs: Tensor = axes("batch head query d_head", "The values summed with these weights, head by head.")
    output: Tensor = axes("batch query d_model", "All heads side by side, times the output matrix.")


@dataclass(frozen=True, eq=False, kw_only=True)
class FeedForwardTrace:
    """The two halves of a feed-forward layer, the same at every position."""

    hidden: Tensor = axes("batch token d_feed_forward", "First half: each position widened, before the threshold.")
    activated: Tensor = axes("batch token d_feed_forward", "The same with every negative number set to 0 (ReLU).")
    output: Tensor = axes("batch token d_model", "Second half: narrowed back to the width of the model.")


@dataclass(frozen=True, eq=False, kw_only=True)
class BlockTrace:
    """One block, encoder or decoder. Cross-attention exists in a decoder that has an encoder to look at."""

    attention_norm: Tensor = axes("batch token d_model", "Input of self-attention: the residual stream, normalised.")
    attention: AttentionTrace = part(AttentionTrace)
    residual_attention: Tensor = axes("batch token d_model", "Residual stream after self-attention is added.")
    cross_attention_norm: Tensor | None = optional(
        "batch token d_model", "Queries' input of cross-attention: the residual stream, normalised."
    )
    cross_attention: AttentionTrace | None = part(AttentionTrace, when="cross")
    residual_cross_attention: Tensor | None = optional(
        "batch token d_model", "Residual stream after cross-attention is added."
    )
    feed_forward_norm: Tensor = axes("batch token d_model", "Input of the feed-forward layer, normalised.")
    feed_forward: FeedForwardTrace = part(FeedForwardTrace)
    residual_feed_forward: Tensor = axes("batch token d_model", "Residual stream after the feed-forward layer.")


@dataclass(frozen=True, eq=False, kw_only=True)
class StackTrace:
    """A whole encoder or decoder, from token ids to its last normalised vectors."""

    tokens: Tensor = axes("batch token", "Ids of the tokens read.")
    embedding: Tensor = axes("batch token d_model", "Each token's row of the embedding table, times √d_model.")
    positions: Tensor = axes("batch token d_model", "The sinusoidal position signal added to each embedding.")
    input: Tensor = axes("batch token d_model", "Embedding plus position: where the residual stream begins.")
    blocks: tuple[BlockTrace, ...] = part(BlockTrace, repeated="layers")
    output: Tensor = axes("batch token d_model", "The residual stream after the last block, normalised.")


@dataclass(frozen=True, eq=False, kw_only=True)
class Trace:
    """One forward pass. `loss` and `token_losses` exist when the right answers were given."""

    encoder: StackTrace | None = part(StackTrace, when="encoder")
    decoder: StackTrace | None = part(StackTrace, when="decoder")
    logits: Tensor = axes("batch token vocabulary", "Score of every vocabulary entry as this position's output.")
    probabilities: Tensor = axes("batch token vocabulary", "Softmax of the logits: each row sums to 1.")
    token_losses: Tensor | None = optional("batch token", "-ln of the probability given to each right token, in nats.")
    loss: Tensor | None = optional("", "Mean of the token losses, padding left out, in nats.")


@dataclass(frozen=True)
class PathInfo:
    """One path a trace of some model can have."""

    path: str
    axes: tuple[str, ...]
    means: str


@functools.cache
def trace_paths(config: TransformerConfig) -> tuple[PathInfo, ...]:
    """Every path of this model's traces, in the order computed."""
    layers = {"encoder": config.encoder_layers, "decoder": config.decoder_layers}

    def walk(cls: type, prefix: str, stack: str) -> Iterator[PathInfo]:
        cross = stack == "decoder" and config.encoder_layers > 0
        for field in dataclasses.fields(cls):
            path, meta = prefix + field.name, field.metadata
            if "cross" in field.name and not cross:
                continue
            if "axes" in meta:
                yield PathInfo(path, meta["axes"], meta["means"])
            elif meta["repeated"]:
                for layer in range(layers[stack]):
                    yield from walk(meta["part"], f"{path}.{layer}.", stack)
            elif layers.get(field.name, 1):
                yield from walk(meta["part"], path + ".", stack or field.name)

    return tuple(walk(Trace, "", ""))


def known_path(config: TransformerConfig, path: str) -> PathInfo:
    """The description of `path`; raises `EditError` naming the nearest path where there is none."""
    by_path = {info.path: info for info in trace_paths(config)}
    if path in by_path:
        return by_path[path]
    near = difflib.get_close_matches(path, by_path, n=1)
    hint = f"did you mean '{near[0]}'?" if near else "`trace --list` prints every name"
    raise EditError(f"no value is called '{path}'; {hint}")


def named_values(trace: Any, prefix: str = "") -> Iterator[tuple[str, Tensor]]:
    """Every tensor in a trace with its path, in the order computed."""
    for field in dataclasses.fields(trace):
        held, path = getattr(trace, field.name), prefix + field.name
        if held is None:
            continue
        if isinstance(held, tuple):
            for index, entry in enumerate(held):
                yield from named_values(entry, f"{path}.{index}.")
        elif dataclasses.is_dataclass(held):
            yield from named_values(held, path + ".")
        else:
            yield path, held


def value_at(trace: Any, path: str) -> Tensor:
    """The tensor at `path`. Raises `EditError` where the trace holds none."""
    held = trace
    for name in path.split("."):
        if isinstance(held, tuple):
            held = held[int(name)] if name.isdigit() and int(name) < len(held) else None
        else:
            held = getattr(held, name, None)
        if held is None:
            raise EditError(f"this trace holds no value called '{path}'")
    if dataclasses.is_dataclass(held) or isinstance(held, tuple):
        raise EditError(f"'{path}' is a group of values; name one of them, such as '{path}.output'")
    found: Tensor = held
    return found
