"""Which input token mattered: attributions of one number to the source embeddings.

Shapes: S source tokens, C d_model.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from model.edits import Edit
from model.trace import Trace
from model.transformer import Transformer

TOLERATED = 0.01
"""Error of the sum of integrated gradients, as a share of the difference that they should sum to."""
POINTS_AT_ONCE = 32


@dataclass(frozen=True, eq=False)
class Attribution:
    """One number a source token (S,), and the difference that they should sum to."""

    scores: Tensor
    difference: float
    """scalar(input) - scalar(baseline); NaN for a method that promises no sum."""


Scalar = Callable[[Trace], Tensor]
"""Picks one number out of a trace, such as a log-probability."""


def gradient_times_input(model: Transformer, source: Tensor, target: Tensor, scalar: Scalar) -> Attribution:
    """d scalar / d embedding, times the embedding, summed over its C numbers: a first-order guess."""
    trace = model(source, target)
    embedding = trace.encoder.embedding
    (gradient,) = torch.autograd.grad(scalar(trace), embedding)
    return Attribution((gradient * embedding).sum(-1)[0].detach(), float("nan"))


def integrated_gradients(
    model: Transformer, source: Tensor, target: Tensor, scalar: Scalar, steps: int = 32
) -> Attribution:
    """Gradients averaged on the straight path from embeddings of zeros to the real ones, times the real ones.

    Sundararajan et al. 2017, eq. 1, by Gauss-Legendre quadrature with `steps` points. The scores sum to the
    difference between the scalar here and at the baseline (their "completeness"), but for the error of
    the quadrature: where it is above 1 %, the points are doubled, three times at most. Many points run as
    one batch, so `scalar` must sum over the batch.
    """
    with torch.no_grad():
        trace = model(source, target)
        embedding = trace.encoder.embedding  # (1, S, C)
        baseline = model(source, target, edits=[_put("encoder.embedding", torch.zeros_like(embedding))])
        difference = float(scalar(trace) - scalar(baseline))
    for points in (steps, 2 * steps, 4 * steps, 8 * steps):
        average = _average_gradient(model, source, target, scalar, embedding, points)  # (S, C)
        scores = (average * embedding[0]).sum(-1).detach()  # (S,)
        if abs(float(scores.sum()) - difference) <= TOLERATED * abs(difference):
            break
    return Attribution(scores, difference)


def _average_gradient(
    model: Transformer, source: Tensor, target: Tensor, scalar: Scalar, embedding: Tensor, points: int
) -> Tensor:
    average = torch.zeros_like(embedding[0])  # (S, C)
    nodes, quadrature = (numbers.to(embedding) for numbers in _gauss_legendre(points))
    for start in range(0, points, POINTS_AT_ONCE):
        place, share = nodes[start : start + POINTS_AT_ONCE], quadrature[start : start + POINTS_AT_ONCE]
        rows = len(place)
        path = (place.view(-1, 1, 1) * embedding).requires_grad_()  # (rows, S, C)
        trace = model(source.expand(rows, -1), target.expand(rows, -1), edits=[_put("encoder.embedding", path)])
        (gradient,) = torch.autograd.grad(scalar(trace), path)
        average += (share.view(-1, 1, 1) * gradient).sum(0)
    return average


def _put(path: str, replacement: Tensor) -> Edit:
    # Unlike `replace` this keeps the very tensor, so that the gradient arrives at it.
    return Edit(path, lambda _value, _before: replacement, "replace", may_keep_value=True)


def _gauss_legendre(points: int) -> tuple[Tensor, Tensor]:
    """Nodes and weights on [0, 1]."""
    from numpy.polynomial.legendre import leggauss

    nodes, weights = leggauss(points)
    return torch.from_numpy((nodes + 1) / 2), torch.from_numpy(weights / 2)
