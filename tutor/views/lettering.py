"""Text in cells: cut, padded and wrapped to a width, and spelt in ASCII for terminals that have no more."""

from __future__ import annotations

import re

from rich.cells import cell_len, chop_cells, set_cell_size
from rich.text import Text

# Same width on both sides: drawing turned into ASCII after the layout is done.
_SIGNS = str.maketrans(
    dict(zip("·×÷→←‹›─│┼►…−–’‘“”≈≤≥", ".x/><<>-|+*~--''\"\"~<>", strict=True)) | dict.fromkeys("█▉▊▋▌▍▎▏", "#")
)
# Different width: before the layout.
_WORDS = (
    (re.compile(r"√(\w+)"), r"sqrt(\1)"),
    (re.compile("√"), "sqrt"),
    (re.compile("²"), "^2"),
    (re.compile("ε"), "eps"),
    (re.compile("∂"), "d"),
    (re.compile("[Σ∑]"), "sum"),
    (re.compile("ᵀ"), "^T"),
    (re.compile("⁻¹"), "^-1"),
    (re.compile("³"), "^3"),
    (re.compile("ᵢ"), "_i"),
    (re.compile("ⱼ"), "_j"),
    (re.compile("ₖ"), "_k"),
    (re.compile("₁"), "_1"),
    (re.compile("₂"), "_2"),
    (re.compile("≠"), "!="),
    (re.compile("α"), "alpha"),
    (re.compile("θ"), "theta"),
    (re.compile("η"), "eta"),
    (re.compile("π"), "pi"),
)


def one_cell_for_one(text: str) -> str:
    """`text` with drawing in ASCII of the same width: for what is laid out already."""
    # Alone, the pointer marks a row; in ASCII it must not look like the prompt.
    return text.replace("─►", "->").translate(_SIGNS)


def in_ascii(text: str) -> str:
    """`text` with its signs spelt out, which may make it longer: for what is not laid out yet."""
    for pattern, spelt in _WORDS:
        text = pattern.sub(spelt, text)
    return one_cell_for_one(text)


def spelt_out(text: Text) -> Text:
    """Styled `text` with the signs that ASCII lacks in words, before it is wrapped."""
    for pattern, spelt in _WORDS:
        for found in reversed(list(pattern.finditer(text.plain))):
            text = text[: found.start()] + found.expand(spelt) + text[found.end() :]
    return text


def pad(text: str, width: int, right: bool = False) -> str:
    """`text` in exactly `width` cells; what is too long is cut.

    A text that is cut ends in an ellipsis. A word that is cut ends in a hyphen: "un…" is a piece of a word.
    """
    length = cell_len(text)
    if length > width:
        cut = "…" if len(text.split()) > 2 else "-"
        return set_cell_size(set_cell_size(text, max(0, width - 1)).rstrip() + cut, width)
    space = " " * (width - length)
    return space + text if right else text + space


def wrap(text: str, width: int) -> list[str]:
    """`text` in lines of at most `width` cells, broken between words where possible."""
    lines: list[str] = []
    line = ""
    for word in text.split():
        if line and cell_len(line) + 1 + cell_len(word) <= width:
            line += " " + word
            continue
        if line:
            lines.append(line)
        *broken, line = chop_cells(word, width) if cell_len(word) > width else [word]
        lines += broken
    return [*lines, line] if line or not lines else lines
