"""`residual`: the model with and without its skip connections."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tutor.experiments.base import cosine, experiment
from tutor.experiments.places import loss_of

if TYPE_CHECKING:
    from tutor.experiments.models import Models


@dataclass(frozen=True)
class ResidualOptions:
    """No options."""


@dataclass(frozen=True)
class Residual:
    """The translator with the encoder's residual connections and without them."""

    translation: str
    translation_without: str
    loss: float
    loss_without: float
    stream_norms: tuple[float, ...]
    """Mean length of a token's vector in the encoder's residual stream, from the input through each block."""
    similarity_to_input: tuple[float, ...]
    """Mean cosine of each token's stream vector with its input, after each block: how much is carried on."""
    layers: int


@experiment("residual", "the model with and without its skip connections", ResidualOptions, Residual)
def remove_residuals(models: Models, sentence: str, options: ResidualOptions) -> Residual:
    """Take the encoder's residual connections out and compare translation and loss."""
    from model.edits import bypass

    reading = models.read(sentence)
    layers = models.model.config.encoder_layers
    without = [
        bypass(f"encoder.blocks.{layer}.residual_{part}")
        for layer in range(layers)
        for part in ("attention", "feed_forward")
    ]
    encoder = reading.trace.encoder
    assert encoder is not None
    stream = [encoder.input[0], *(block.residual_feed_forward[0] for block in encoder.blocks)]  # each (S, C)
    trace = models.edited(reading, without)
    return Residual(
        translation=reading.translation,
        translation_without=models.translate_edited(reading, without, trace.logits[0]),
        loss=loss_of(reading.trace),
        loss_without=loss_of(trace),
        stream_norms=tuple(vectors.norm(dim=-1).mean().item() for vectors in stream),
        similarity_to_input=tuple(cosine(vectors, stream[0]).mean().item() for vectors in stream[1:]),
        layers=layers,
    )
