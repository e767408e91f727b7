"""The very lines of `model/` that computed what a picture shows, with the shapes and values of that run.

B batch, T tokens, Tq queries, Tk keys, H heads, D d_head, C d_model, F d_feed_forward, V vocabulary
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tutor.errors import LearnerError

if TYPE_CHECKING:
    from tutor.experiments.base import Run
    from tutor.experiments.models import Models

ATTENTION = "attention.MultiHeadAttention.forward"
BLOCK = "layers.Block.forward"
STACK = "transformer.Stack.forward"
LOGITS = "transformer.Transformer.score_vocabulary"
GRADIENTS = "gradients.gradients"
FUNCTIONS: Mapping[str, str] = {
    **dict.fromkeys(
        ("attention", "link", "looked-at", "query-key", "attention-steps", "softmax", "scaling", "heads", "rank-heads"),
        ATTENTION,
    ),
    **dict.fromkeys(("effect", "causal-mask", "cross-attention", "without-encoder", "cost"), ATTENTION),
    **dict.fromkeys(("residual", "blocks", "residual-gradient"), BLOCK),
    **dict.fromkeys(("contextual", "encoder-layers", "embeddings", "one-hot", "paragraph", "compare"), STACK),
    **dict.fromkeys(("positions",), "layers.sinusoidal_positions"),
    **dict.fromkeys(("tokens",), "tokenizer.SubwordTokenizer.encode"),
    **dict.fromkeys(("decoder-step", "next-word", "logit-lens", "repeat", "word-swap", "teacher-forcing"), LOGITS),
    **dict.fromkeys(("translate", "decoding"), "generation.greedy"),
    **dict.fromkeys(("gradients", "nudge", "why-backprop", "descent", "learn-sentence"), GRADIENTS),
    **dict.fromkeys(("word-importance",), "attribution.integrated_gradients"),
    **dict.fromkeys(("bottleneck", "way-back"), "recurrent.RecurrentTranslator.decode"),
    **dict.fromkeys(("training",), "trainer.Trainer.run"),
    **dict.fromkeys(("parameters", "shapes", "by-hand"), "transformer.Transformer.forward"),
}
"""Experiment -> the function of `model/` in which its numbers come about."""
SHOWN = 3
"""Numbers of a value that are printed."""


@dataclass(frozen=True)
class Value:
    """A named value on its way through the function."""

    name: str
    shape: tuple[int, ...]
    first: tuple[float, ...]
    """Its first numbers, at the first place of every other axis."""


@dataclass(frozen=True)
class Source:
    """A function as it stands in the file, and what went through it."""

    file: str
    line: int
    """Where it begins."""
    lines: tuple[str, ...]
    """Without the docstring, set to the left; shape comments hold the numbers of this run."""
    where: str
    """Trace path of the values; empty where the function names none."""
    values: tuple[Value, ...]


def source(models: Models, run: Run) -> Source:
    """The function behind a picture. Raises `LearnerError` where there is none."""
    place = FUNCTIONS.get(run.experiment)
    if not place:
        raise LearnerError(f"the numbers of {run.experiment} come from no single function of the model")
    module, *names = place.split(".")
    path = _folder() / f"{module}.py"
    function, lines = _function(path, names)
    where = _where(place, run)
    values = tuple(_values(models, run, where, lines)) if where is not None else ()
    sizes = _sizes(models, run)
    shaped = tuple(_with_sizes(line, sizes) for line in lines)
    return Source(f"model/{module}.py", function.lineno, shaped, where or "", values)


def _folder() -> Path:
    from importlib.util import find_spec

    found = find_spec("model")
    assert found is not None and found.submodule_search_locations
    return Path(found.submodule_search_locations[0])


def _function(path: Path, names: list[str]) -> tuple[ast.FunctionDef, list[str]]:
    """The definition that is called so, and its lines without the docstring."""
    text = path.read_text("utf-8")
    node: Any = ast.parse(text)
    for name in names:
        node = next(one for one in node.body if isinstance(one, ast.FunctionDef | ast.ClassDef) and one.name == name)
    all_lines = text.splitlines()
    told = node.body[0] if ast.get_docstring(node) else None
    kept = [
        line[node.col_offset :]
        for number, line in enumerate(all_lines[node.lineno - 1 : node.end_lineno], node.lineno)
        if not (told and told.lineno <= number <= told.end_lineno)
    ]
    return node, kept


def _where(place: str, run: Run) -> str | None:
    """Trace path of the part that was looked at; None where the function keeps no named values."""
    part, layer = getattr(run.result, "part", "encoder"), getattr(run.result, "layer", 0) or 1
    part = {"cross-attention": "cross", "causal-mask": "decoder"}.get(run.experiment, part)
    if part not in ("encoder", "decoder", "cross"):
        return None
    stack = "encoder" if part == "encoder" else "decoder"
    if place == ATTENTION:
        return f"{stack}.blocks.{layer - 1}.{'cross_attention' if part == 'cross' else 'attention'}"
    return {BLOCK: f"{stack}.blocks.{layer - 1}", STACK: stack}.get(place)


def _values(models: Models, run: Run, where: str, lines: list[str]) -> Iterator[Value]:
    from model.trace import named_values

    held = dict(named_values(models.read(run.sentence).trace))
    for name in _named(lines):
        value = held.get(f"{where}.{name}")
        if value is None:  # an encoder has no cross-attention
            continue
        first = value
        while first.dim() > 1:
            first = first[0]
        yield Value(name, tuple(value.shape), tuple(first[:SHOWN].tolist()))


def _named(lines: list[str]) -> Iterator[str]:
    """Names that the lines give to values: edits("query", …)."""
    for line in lines:
        _, begun, rest = line.partition('edits("')
        if begun:
            yield rest.partition('"')[0]


def _sizes(models: Models, run: Run) -> dict[str, int]:
    config, reading = models.model.config, models.read(run.sentence)
    part = {"cross-attention": "cross", "causal-mask": "decoder"}.get(
        run.experiment, getattr(run.result, "part", "encoder")
    )
    source, target = len(reading.source_ids), len(reading.target_ids)
    queries, keys = (source if part == "encoder" else target), (target if part == "decoder" else source)
    return {
        "B": 1, "H": config.heads, "D": config.d_head, "C": config.d_model, "F": config.d_feed_forward,
        "V": config.vocabulary_size, "S": source, "T": queries, "Tq": queries, "Tk": keys,
    }  # fmt: skip


def _with_sizes(line: str, sizes: Mapping[str, int]) -> str:
    """'x = …  # (B, T, C)' -> 'x = …  # (1, 8, 256)'."""
    before, mark, shape = line.rpartition("  # (")
    names = shape.rstrip(")").split(", ")
    if not mark or not shape.endswith(")") or not all(name in sizes for name in names):
        return line
    return f"{before}{mark}{', '.join(str(sizes[name]) for name in names)})"
