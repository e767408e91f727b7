"""Gradients of one number with respect to every named value and every parameter, in one backward pass."""

from __future__ import annotations

import ctypes
import functools
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from model.errors import EditError
from model.trace import Trace, named_values

if TYPE_CHECKING:
    from model.recurrent import RecurrentTrace


@dataclass(frozen=True, eq=False)
class Gradients:
    """d scalar / d value, by trace path, and d scalar / d parameter, by parameter name.

    A value that the scalar does not depend on has a gradient of zeros; token ids, being whole numbers,
    have none.
    """

    values: Mapping[str, Tensor]
    parameters: Mapping[str, Tensor]


def gradients(trace: Trace | RecurrentTrace, scalar: Tensor, model: nn.Module) -> Gradients:
    """Send `scalar`, any single number computed from `trace`, back through the whole run.

    The trace must have been made with gradients enabled. Raises `EditError` for a scalar that is not one
    number or does not come from a differentiable run.
    """
    if scalar.numel() != 1:
        raise EditError(f"a gradient needs one number to start from: got shape {tuple(scalar.shape)}")
    if not scalar.requires_grad:
        raise EditError("this run kept no graph; run the model with gradients enabled")
    _keep_freed_memory()
    values = {path: value for path, value in named_values(trace) if value.is_floating_point() and value.requires_grad}
    parameters = dict(model.named_parameters())
    found = torch.autograd.grad(
        scalar.reshape(()), [*values.values(), *parameters.values()], allow_unused=True, retain_graph=True
    )
    filled = [
        torch.zeros_like(value) if gradient is None else gradient
        for gradient, value in zip(found, [*values.values(), *parameters.values()], strict=True)
    ]
    return Gradients(
        dict(zip(values, filled[: len(values)], strict=True)),
        dict(zip(parameters, filled[len(values) :], strict=True)),
    )


@functools.cache
def _keep_freed_memory() -> None:
    """Tell the C library to keep large buffers that were freed, for the rest of the process.

    A gradient for every parameter is as large as the model. glibc gives that much back to the system at once, and
    asking for it anew, page by page, is a good part of the time of a gradient trace.
    """
    if sys.platform == "linux" and hasattr(libc := ctypes.CDLL(None), "mallopt"):
        trim_threshold, mmap_threshold = -1, -3  # M_TRIM_THRESHOLD and M_MMAP_THRESHOLD in <malloc.h>
        libc.mallopt(mmap_threshold, 32 * 2**20)
        libc.mallopt(trim_threshold, 2**30)
