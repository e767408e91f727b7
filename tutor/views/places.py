"""How places in the model are named on a page."""

from __future__ import annotations

PARTS = {"encoder": "Encoder", "decoder": "Decoder", "cross": "Cross-attention"}


def place(part: str, layer: int, layers: int | None = None, head: int | None = None, heads: int | None = None) -> str:
    """'Encoder, layer 1 of 3, head 2 of 4'."""
    words = [PARTS.get(part, part), f"layer {layer}" + (f" of {layers}" if layers else "")]
    if head is not None:
        words.append(f"head {head}" + (f" of {heads}" if heads else ""))
    return ", ".join(words)
