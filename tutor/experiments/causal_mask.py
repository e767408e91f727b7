"""`causal-mask`: the decoder's self-attention with and without sight of the future."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tutor.experiments.base import Matrix, experiment, matrix, option
from tutor.experiments.habits import where
from tutor.experiments.places import attention_at, attention_path, check_place

if TYPE_CHECKING:
    from torch import Tensor

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
    where: str
    """The place in words: 'decoder layer 1, head 1'."""


@experiment("causal-mask", "the decoder with and without sight of the future", CausalMaskOptions, CausalMask)
def take_mask_away(models: Models, sentence: str, options: CausalMaskOptions) -> CausalMask:
    """Run the decoder with its mask and without, then change the last token and see who noticed."""
    import torch

    from model.edits import bypass
    from model.tokenizer import END

    check_place(models, "decoder", options.layer, options.head)
    reading = models.read(sentence)
    layers = range(1, models.model.config.decoder_layers + 1)
    no_mask = [bypass(f"{attention_path('decoder', layer)}.masked_scores") for layer in layers]
    # With a single token there is no future to hide, and so nothing for the edit to change.
    edits = no_mask if reading.target.size(1) > 1 else []
    open_trace = models.edited(reading, edits)
    masked = attention_at(reading.trace, "decoder", options.layer).weights[0, options.head - 1]
    unmasked = attention_at(open_trace, "decoder", options.layer).weights[0, options.head - 1]

    changed = reading.target.clone()
    changed[0, -1] = END
    with torch.no_grad():
        changed_masked = models.model(reading.source, changed).logits
        changed_open = models.model(reading.source, changed, edits=edits).logits
    loss, open_loss = reading.trace.loss, open_trace.loss
    assert loss is not None and open_loss is not None
    return CausalMask(
        layer=options.layer,
        head=options.head,
        tokens=reading.input_tokens,
        masked=matrix(masked),
        unmasked=matrix(unmasked),
        future_share_masked=_future_share(masked),
        future_share_unmasked=_future_share(unmasked),
        translation=reading.translation,
        loss_masked=loss.item(),
        loss_unmasked=open_loss.item(),
        largest_change_from_future=_largest_change(reading.trace.logits, changed_masked),
        largest_change_from_future_unmasked=_largest_change(open_trace.logits, changed_open),
        where=where("decoder", options.layer, options.head),
    )


def _future_share(weights: Tensor) -> float:
    """Share of the attention that falls above the diagonal."""
    return (weights.triu(1).sum() / weights.sum()).item()


def _largest_change(before: Tensor, after: Tensor) -> float:
    """Largest difference of any logit at any position but the last."""
    earlier = (after - before)[0, :-1].abs()
    return earlier.max().item() if earlier.numel() else 0.0
