"""`residual`: the model with and without its skip connections."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tutor.experiments.base import cosine, experiment

if TYPE_CHECKING:
    from torch import Tensor

    from model.edits import Edit
    from tutor.experiments.models import Models, Reading


@dataclass(frozen=True)
class ResidualOptions:
    """No options."""


@dataclass(frozen=True)
class Residual:
    """Gradient at the source embeddings with the encoder's residual connections and without them."""

    translation: str
    translation_without: str
    loss: float
    loss_without: float
    gradient_norm: float
    """Length of d loss / d (source embedding + position)."""
    gradient_norm_without: float
    stream_norms: tuple[float, ...]
    """Mean length of a token's vector in the encoder's residual stream, from the input through each block."""
    similarity_to_input: tuple[float, ...]
    """Mean cosine of each token's stream vector with its input, after each block: how much is carried on."""
    layers: int


@experiment("residual", "the model with and without its skip connections", ResidualOptions, Residual)
def remove_residuals(models: Models, sentence: str, options: ResidualOptions) -> Residual:
    """Take the encoder's residual connections out and compare translation, loss and gradient."""
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
    (loss, loss_without), (norm, norm_without), logits_without = _with_and_without(models, reading, without)
    return Residual(
        translation=reading.translation,
        translation_without=models.translate_edited(reading, without, logits_without),
        loss=loss,
        loss_without=loss_without,
        gradient_norm=norm,
        gradient_norm_without=norm_without,
        stream_norms=tuple(vectors.norm(dim=-1).mean().item() for vectors in stream),
        similarity_to_input=tuple(cosine(vectors, stream[0]).mean().item() for vectors in stream[1:]),
        layers=layers,
    )


def _with_and_without(models: Models, reading: Reading, edits: list[Edit]) -> tuple[list[float], list[float], Tensor]:
    """The loss and the length of its gradient at the source's embeddings plus positions, as it is and edited.

    And the logits (T, V) of the edited run. The two runs are rows of one batch.
    """
    import torch

    from model.edits import in_row

    source, target, labels = (ids.expand(2, -1) for ids in (reading.source, reading.target, reading.labels))
    with torch.enable_grad():
        trace = models.model(source, target, labels, [in_row(1, edit) for edit in edits])
        losses = trace.token_losses.mean(-1)  # (2,)
        (gradients,) = torch.autograd.grad(losses.sum(), trace.encoder.input)
    return losses.tolist(), gradients.flatten(1).norm(dim=-1).tolist(), trace.logits[1]
