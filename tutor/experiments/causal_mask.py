"""`causal-mask`: the decoder's self-attention with and without sight of the future."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tutor.experiments.base import Matrix, experiment, option

if TYPE_CHECKING:
    from tutor.experiments.models import Models


@dataclass(frozen=True)
class CausalMaskOptions:
    layer: int = option(1, "decoder layer, counted from 1")
    head: int = option(1, "head, counted from 1")


@dataclass(frozen=True)
class CausalMask:
    """Decoder self-attention over the translation, masked as trained, and with the mask taken away."""

    layer: int
    head: int
    tokens: tuple[str, ...]
    """The decoder's input: the start mark and the translation."""
    masked: Matrix
    unmasked: Matrix
    future_share_masked: float
    """Share of all attention that falls on later tokens: exactly 0."""
    future_share_unmasked: float
    translation: str
    loss_masked: float
    loss_unmasked: float
    """Nats a token on the model's own translation; unmasked, with no mask in any decoder layer."""
    largest_change_from_future: float
    """Largest change of any earlier logit when the last token is replaced, with the mask: exactly 0."""
    largest_change_from_future_unmasked: float
