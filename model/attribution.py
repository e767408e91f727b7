"""Which input token mattered: attributions of one number to the embeddings of the tokens read.

The source's tokens where there is an encoder, otherwise the tokens that the decoder goes on from.

Shapes: T tokens, C d_model, P pieces of the path, N points in each.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import torch
from numpy.polynomial.legendre import leggauss
from torch import Tensor

from model.edits import Edit
from model.trace import Trace, value_at
from model.transformer import Transformer

TOLERATED = 0.01
"""Error of the sum of integrated gradients, as a share of the difference that they should sum to."""
POINTS = 8
"""Points in each piece of the path."""
PIECES_AT_ONCE, MOST_PIECES = 4, 256


@dataclass(frozen=True, eq=False)
class Attribution:
    """One number a token (T,), and the difference that they should sum to."""

    scores: Tensor
    difference: float
    """scalar(input) - scalar(baseline); NaN for a method that promises no sum."""


Scalar = Callable[[Trace], Tensor]
"""Picks one number out of a trace, such as a log-probability; of a batch it must take the sum."""


def gradient_times_input(
    model: Transformer, source: Tensor | None, target: Tensor | None, scalar: Scalar
) -> Attribution:
    """d scalar / d embedding, times the embedding, summed over its C numbers: a first-order guess."""
    trace = model(source, target)
    embedding = value_at(trace, _embedding_path(source))
    (gradient,) = torch.autograd.grad(scalar(trace), embedding)
    return Attribution((gradient * embedding).sum(-1)[0].detach(), float("nan"))


def integrated_gradients(
    model: Transformer, source: Tensor | None, target: Tensor | None, scalar: Scalar, steps: int = 32
) -> Attribution:
    """Gradients averaged on the straight path from embeddings of zeros to the real ones, times the real ones.

    Sundararajan et al. 2017, eq. 1, by Gauss-Legendre quadrature on pieces of the path, with `steps` points to
    begin with. On the whole path and on each piece the scores must sum to the difference between the scalar at its
    two ends ("completeness"). Until they do on the whole, to 1 %, the pieces that are off by more than the average are
    halved, to 256 pieces at most: a path is steep where a softmax tips over, and smooth elsewhere.
    """
    path = _Path(model, source, target, scalar)
    ends = [place / max(1, steps // POINTS) for place in range(max(1, steps // POINTS) + 1)]
    pieces = list(pairwise(ends))
    difference = path.value(1.0) - path.value(0.0)
    gained = path.gains(pieces)
    while True:
        scores = torch.stack(list(gained.values())).sum(0)
        if abs(float(scores.sum()) - difference) <= TOLERATED * abs(difference) or len(gained) >= MOST_PIECES:
            break
        errors = {piece: float(gain.sum()) - path.rise(piece) for piece, gain in gained.items()}
        usual = sum(map(abs, errors.values())) / len(errors)
        too_steep = [piece for piece, error in errors.items() if abs(error) >= usual]
        halves = [half for a, b in too_steep for half in ((a, (a + b) / 2), ((a + b) / 2, b))]
        gained = {piece: gain for piece, gain in gained.items() if piece not in too_steep} | path.gains(halves)
    return Attribution(scores, difference)


Piece = tuple[float, float]


class _Path:
    """The way from embeddings of zeros (0) to the real ones (1), everything else as it is."""

    def __init__(self, model: Transformer, source: Tensor | None, target: Tensor | None, scalar: Scalar) -> None:
        self.model, self.source, self.target, self.scalar = model, source, target, scalar
        self.name = _embedding_path(source)
        with torch.no_grad():
            trace = model(source, target)
        self.end = value_at(trace, self.name)  # (1, T, C)
        self.values = {1.0: float(scalar(trace))}
        nodes, shares = leggauss(POINTS)
        self.nodes = torch.from_numpy((nodes + 1) / 2).to(self.end)  # on [0, 1]
        self.shares = torch.from_numpy(shares / 2).to(self.end)

    def value(self, place: float) -> float:
        """The scalar at one place."""
        if place not in self.values:
            with torch.no_grad():
                self.values[place] = float(self._at(place * self.end))
        return self.values[place]

    def rise(self, piece: Piece) -> float:
        """How far the scalar rises along one piece."""
        return self.value(piece[1]) - self.value(piece[0])

    def gains(self, pieces: Sequence[Piece]) -> dict[Piece, Tensor]:
        """What each token contributes to the rise along each piece, by the gradients there; (T,) a piece."""
        found: dict[Piece, Tensor] = {}
        for start in range(0, len(pieces), PIECES_AT_ONCE):
            some = pieces[start : start + PIECES_AT_ONCE]
            bounds = self.end.new_tensor(some)  # (P, 2)
            lengths = bounds[:, 1:] - bounds[:, :1]  # (P, 1)
            places = bounds[:, :1] + lengths * self.nodes  # (P, N)
            embeddings = (places.view(-1, 1, 1) * self.end).requires_grad_()  # (P·N, T, C)
            with torch.enable_grad():
                (gradients,) = torch.autograd.grad(self._at(embeddings), embeddings)
            shares = (lengths * self.shares).view(-1, 1)  # (P·N, 1)
            gains = shares * (gradients * self.end).sum(-1)  # (P·N, T)
            found |= dict(zip(some, gains.view(len(some), POINTS, -1).sum(1), strict=True))
        return found

    def _at(self, embeddings: Tensor) -> Tensor:
        rows = embeddings.size(0)
        source, target = (None if ids is None else ids.expand(rows, -1) for ids in (self.source, self.target))
        # Unlike `replace` this keeps the very tensor, so that the gradient arrives at it.
        put = Edit(self.name, lambda _value, _before: embeddings, "put", may_keep_value=True)
        return self.scalar(self.model(source, target, edits=[put]))


def _embedding_path(source: Tensor | None) -> str:
    return "decoder.embedding" if source is None else "encoder.embedding"
