"""The KV cache: a key and a value for every layer, key-value head and token so far, kept to be read again."""

from __future__ import annotations

from decimal import Decimal

from tutor.calculations.asked import (
    BATCH,
    BYTES,
    D_HEAD,
    D_MODEL,
    HEADS,
    KV_HEADS,
    LAYERS,
    TOKENS,
    Asked,
    bounded,
    whole,
)
from tutor.calculations.calculation import Calculation, worked
from tutor.calculations.digits import counted, exact, grouped, rounded, stripped, text
from tutor.errors import LearnerError

NAMES = (LAYERS, KV_HEADS, HEADS, D_HEAD, D_MODEL, TOKENS, BATCH, BYTES)
SIZES = (0.5, 1, 2, 4, 8)
EXAMPLE = "KV cache for layers 32, kv_heads 8, d_head 128, tokens 8192"
UNITS = (("GB", 10**9), ("MB", 10**6), ("kB", 10**3))


def work_out_cache(asked: Asked) -> Calculation:
    """Layers, key-value heads (or heads), d_head (or d_model and heads) and tokens; the value is the bytes."""
    notes: list[str] = []
    rest = list(asked.rest(*NAMES))
    heads, width = asked.whole(HEADS), asked.whole(D_MODEL)
    given = {name: asked.get(name) for name in (LAYERS, KV_HEADS, D_HEAD, TOKENS)}
    if given[KV_HEADS] is None and heads:
        given[KV_HEADS] = heads
        notes.append(f"No kv_heads were given, so each of {counted(heads, 'head')} keeps its own.")
    if given[D_HEAD] is None and width and heads:
        if width % heads:
            raise LearnerError(f"d_model must divide evenly into heads: got d_model {width}, heads {heads}")
        given[D_HEAD] = width // heads
        notes.append(f"d_head = d_model / heads = {width} / {heads} = {width // heads}")
    if given[KV_HEADS] is None and given[D_HEAD] is None and width:
        given[KV_HEADS], given[D_HEAD] = 1, width
        notes.append(f"All heads of a key (or value) together hold d_model numbers: kv_heads × d_head = {width:,}.")
    for name, number in given.items():
        if number is None and rest:
            given[name] = rest.pop(0)
    if given[TOKENS] is None and None not in (given[LAYERS], given[KV_HEADS], given[D_HEAD]):
        given[TOKENS] = 1
        notes.append("No number of tokens was given, so this is for one token.")
    missing = [name.said for name, number in given.items() if number is None]
    if missing:
        raise LearnerError(f"the KV cache still needs {' and '.join(missing)}, as in: {EXAMPLE}")
    layers, kv_heads, d_head, tokens = (whole(name.said, number or 0) for name, number in given.items())
    batch, each = asked.whole(BATCH), asked.get(BYTES)
    if batch is None:
        batch = whole("batch", rest.pop(0)) if rest else 1
        notes += [] if batch != 1 else ["batch: 1 is taken."]
    if each is None:
        each = rest.pop(0) if rest else 2
        notes += ["bytes for each number: 2 (16-bit) is taken."] if each == 2 else []
    if each not in SIZES:
        raise LearnerError(f"a number takes 0.5, 1, 2, 4 or 8 bytes: got {each:g}")
    numbers = 2 * layers * kv_heads * d_head * tokens * batch
    size = bounded(int(numbers * each))
    factors = f"2 × {layers:,} × {kv_heads:,} × {d_head:,} × {tokens:,} × {batch:,}"
    said, unit_line = _unit(size)
    return worked(
        f"The KV cache takes {said}.",
        [
            *notes,
            "keys and values × layers × kv_heads × d_head × tokens × batch:",
            f"  {factors} = {grouped(numbers)} numbers",
            f"  {grouped(numbers)} × {each:g} bytes = {grouped(size)} bytes",
            *unit_line,
        ],
        (float(size),),
    )


def _unit(size: int) -> tuple[str, list[str]]:
    for unit, scale in UNITS:
        if size >= scale:
            whole_number = exact(size) / Decimal(scale)
            shown = stripped(rounded(whole_number, 2))
            sign = "=" if shown == whole_number else "≈"
            about = "" if sign == "=" else "about "
            return f"{about}{text(shown)} {unit}", [f"  {grouped(size)} / {grouped(scale)} {sign} {text(shown)} {unit}"]
    return f"{grouped(size)} bytes", []
