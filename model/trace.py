"""Traces: every value of one forward pass, named, ordered as computed, with its axes.

A trace is a tree of frozen dataclasses. The path to a field, `encoder.blocks.0.attention.weights`, is
the only name a value has: in edits, gradients, lessons and `trace --out` alike. The axes and the sentence
on each value are field metadata, so that the documentation, the shape tests and the labels on screen come
from one place.

A tensor in a trace is the very tensor that was used, not a copy, so gradients can be taken at it.

`python -m model.trace > docs/trace.md` writes the list of every name.
"""

from __future__ import annotations

import dataclasses
import difflib
import functools
import inspect
from collections.abc import Callable, Iterator
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


def walk(cls: type, parts: Callable[[str, dataclasses.Field[Any]], list[str]], prefix: str = "") -> Iterator[PathInfo]:
    """The paths of a trace class in the order computed.

    `parts` says under which paths the field found at a path exists: none, itself, or one a layer.
    """
    for field in dataclasses.fields(cls):
        for path in parts(prefix + field.name, field):
            if "part" in field.metadata:
                yield from walk(field.metadata["part"], parts, path + ".")
            else:
                yield PathInfo(path, field.metadata["axes"], field.metadata["means"])


@functools.cache
def trace_paths(config: TransformerConfig) -> tuple[PathInfo, ...]:
    """Every path of this model's traces, in the order computed."""
    layers = {"encoder": config.encoder_layers, "decoder": config.decoder_layers}

    def parts(path: str, field: dataclasses.Field[Any]) -> list[str]:
        if "cross" in field.name and not (path.startswith("decoder") and config.encoder_layers):
            return []
        if field.metadata.get("repeated"):
            return [f"{path}.{layer}" for layer in range(layers[path.split(".")[0]])]
        return [path] if layers.get(path, 1) else []

    return tuple(walk(Trace, parts))


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


# --- the list of every name ------------------------------------------------------------------------------


def general(path: str, field: dataclasses.Field[Any]) -> list[str]:
    """For `walk`: every part once, with N for the layer."""
    if "cross" in field.name and path.startswith("encoder"):
        return []
    return [path + ".N"] if field.metadata.get("repeated") else [path]


def reference(*traces: type) -> str:
    """The Markdown that lists every path of these trace classes, one table each."""

    def table(cls: type) -> str:
        title, _, more = inspect.cleandoc(cls.__doc__ or "").partition("\n")
        rows = [
            f"| `{info.path}` | {' '.join(info.axes) or 'one number'} | {info.means} |" for info in walk(cls, general)
        ]
        about = [title, *([more.strip()] if more.strip() else [])]
        return "\n".join(
            [f"## `{cls.__name__}`", "", *about, "", "| path | axes | what it is |", "|---|---|---|", *rows]
        )

    return "\n\n".join([INTRODUCTION, *map(table, traces)])


INTRODUCTION = """\
# Every name in a trace

Written by `python -m model.trace > docs/trace.md`; a test compares the two.

A forward pass keeps everything it computed. The path below is the only name a value has: in edits, in gradients,
in `attention-tutor trace --out`, in the lessons. Paths stand in the order in which they are computed. `N` is the layer,
counted from 0. Axes are listed outermost first. A path exists where the model has that part: a decoder
without an encoder has no `cross_attention`, and `loss` needs the right answers."""


def main() -> None:
    """Print the list for every model there is, and what others call the same."""
    from model import other_names
    from model.recurrent import RecurrentTrace

    print(reference(Trace, RecurrentTrace))
    print("\n" + other_names.reference([info.path for info in walk(Trace, general)]))


if __name__ == "__main__":
    main()
