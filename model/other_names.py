"""What the values of a trace are called in TransformerLens, and in which order of axes it keeps them.

A decoder alone is named as a `HookedTransformer`, an encoder-decoder as a `HookedEncoderDecoder`. Values that it does
not keep (raw scores, say) keep their path. BertViz has no names: it takes the attention weights of all layers, as the
list of `….attention.weights` in their order, (batch, head, query, key) each.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

HEADS_LAST = (0, 2, 1, 3)
"""(batch, head, token, d_head) -> (batch, token, head, d_head), in which it keeps what belongs to heads."""

_ATTENTION = {
    "query": "hook_q",
    "key": "hook_k",
    "value": "hook_v",
    "masked_scores": "hook_attn_scores",
    "weights": "hook_pattern",
    "head_outputs": "hook_z",
}
_PER_HEAD = ("query", "key", "value", "head_outputs")
_BLOCK = {
    "attention_norm": "ln1.hook_normalized",
    **{f"attention.{own}": f"attn.{other}" for own, other in _ATTENTION.items()},
    "attention.output": "hook_attn_out",
    "residual_attention": "hook_resid_mid",
    "cross_attention_norm": "ln2.hook_normalized",
    **{f"cross_attention.{own}": f"cross_attn.{other}" for own, other in _ATTENTION.items()},
    "cross_attention.output": "hook_cross_attn_out",
    "residual_cross_attention": "hook_resid_mid_cross",
    "feed_forward_norm": "ln2.hook_normalized",
    "feed_forward.hidden": "mlp.hook_pre",
    "feed_forward.activated": "mlp.hook_post",
    "feed_forward.output": "hook_mlp_out",
    "residual_feed_forward": "hook_resid_post",
}
_STACK = {"embedding": "hook_embed", "positions": "hook_pos_embed", "output": "ln_final.hook_normalized"}


@dataclass(frozen=True)
class OtherName:
    """A name, and how the axes are to be put."""

    name: str
    axes: tuple[int, ...] = ()
    """As `Tensor.permute` takes them; empty where they stay."""


def transformerlens(path: str, *, both_stacks: bool) -> OtherName:
    """The name of the value at `path` of a model with encoder and decoder (`both_stacks`), or with one of them."""
    stack, _, rest = path.partition(".")
    if stack not in ("encoder", "decoder"):
        return OtherName(path)
    blocks = f"{stack}." if both_stacks else "blocks."
    if rest == "input":
        return OtherName(f"{blocks}0.hook_resid_pre")
    if rest in _STACK:
        return OtherName(_of_stack(stack, rest) if both_stacks else _STACK[rest])
    _, _, within = rest.partition("blocks.")
    layer, _, name = within.partition(".")
    if name not in _BLOCK:
        return OtherName(path)
    other = _BLOCK[name]
    if name == "feed_forward_norm" and both_stacks and stack == "decoder":
        other = "ln3.hook_normalized"
    per_head = name.rpartition(".")[2] in _PER_HEAD
    return OtherName(f"{blocks}{layer}.{other}", HEADS_LAST if per_head else ())


def _of_stack(stack: str, name: str) -> str:
    """An encoder-decoder has one embedding for both, and its names do not tell whose; ours do."""
    return f"{stack}_final_ln.hook_normalized" if name == "output" else f"{stack}.{_STACK[name]}"


def reference(paths: Sequence[str]) -> str:
    """The Markdown that lists what these paths, with N for the layer, are called there."""
    head = [
        "## In TransformerLens",
        "",
        "`attention-tutor trace … --names transformerlens` writes these names, with the axes in that order. Names of a",
        "model with one stack are those of a `HookedTransformer`; of both, those of a `HookedEncoderDecoder`, but that",
        "`hook_embed` says whose it is. What is not listed keeps its path. BertViz takes all layers' weights as a",
        "list.",
        "",
        "| path | one stack | both stacks | axes |",
        "|---|---|---|---|",
    ]
    rows = []
    for path in paths:
        alone, joined = (transformerlens(path, both_stacks=both) for both in (False, True))
        if joined.name != path:
            cross = "cross" in path
            axes = "batch, token, head, d_head" if joined.axes else "as here"
            rows.append(f"| `{path}` | {'–' if cross else f'`{alone.name}`'} | `{joined.name}` | {axes} |")
    return "\n".join([*head, *rows])
