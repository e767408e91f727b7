"""How places in the model are named on a page, and asked for."""

from __future__ import annotations

PARTS = {"encoder": "Encoder", "decoder": "Decoder", "cross": "Cross-attention", "english": "English model"}


def options(part: str, layer: int, head: int = 1, **more: str) -> dict[str, str | int]:
    """The options that repeat a picture whose place is layer 1, head 1 of the encoder where none is named."""
    named: dict[str, str | int] = {"part": part, "layer": layer, "head": head, **more}
    return {name: value for name, value in named.items() if value not in ("encoder", 1)}


def place(part: str, layer: int, layers: int | None = None, head: int | None = None, heads: int | None = None) -> str:
    """'Encoder, layer 1 of 3, head 2 of 4'."""
    words = [PARTS.get(part, part), f"layer {layer}" + (f" of {layers}" if layers else "")]
    if head is not None:
        words.append(f"head {head}" + (f" of {heads}" if heads else ""))
    return ", ".join(words)
