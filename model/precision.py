"""Which number format trains faster on this machine: measured, since it depends on the processor.

bfloat16 halves the traffic, but a processor without instructions for it converts every product: there it takes many
times as long as float32.
"""

from __future__ import annotations

import time

import torch

PRECISIONS = {"float32": torch.float32, "bfloat16": torch.bfloat16}
GAIN = 1.1
"""How many times as fast bfloat16 must be to be worth its rounding."""
TOKENS, WIDTH, WIDER = 128, 256, 512
"""Sizes of the product that is timed: small, for where it is slow it is slow by a hundred times."""


def chosen_precision(wanted: str, device: torch.device) -> tuple[torch.dtype, str]:
    """The format for 'float32', 'bfloat16' or 'measured', and a line that says which it is and why."""
    if wanted in PRECISIONS:
        return PRECISIONS[wanted], f"{wanted}, as asked for"
    half, whole = (_seconds(kind, device) for kind in (torch.bfloat16, torch.float32))
    name = "bfloat16" if whole > GAIN * half else "float32"
    return PRECISIONS[name], f"{name}: a product of matrices takes {half / whole:.2f} times as long in bfloat16"


def _seconds(kind: torch.dtype, device: torch.device) -> float:
    """Seconds of a product there and its two products back, the least of five."""
    x = torch.randn(TOKENS, WIDTH, device=device, dtype=kind)
    weight = torch.randn(WIDTH, WIDER, device=device, dtype=kind)
    taken = []
    for _ in range(6):
        begun = time.perf_counter()
        out = x @ weight  # (TOKENS, WIDER)
        (out @ weight.T).sum() + (x.T @ out).sum()
        if device.type == "cuda":
            torch.cuda.synchronize(device)
        taken.append(time.perf_counter() - begun)
    return min(taken[1:])
