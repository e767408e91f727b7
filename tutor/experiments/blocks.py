"""`blocks`: one kind of part left out of every block of a stack: residual connections, norms, layers."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tutor.experiments.base import experiment, option
from tutor.experiments.models import SPARE_TOKENS
from tutor.experiments.places import check_place, loss_of

if TYPE_CHECKING:
    from model.edits import Edit
    from tutor.experiments.models import Models

STACKS = ("encoder", "decoder")
_STEPS = ("attention", "cross_attention", "feed_forward")
_LABELS = {
    "residual": "residual connections",
    "norm": "norms",
    "feed_forward": "feed-forward layers",
    "attention": "self-attention",
    "cross_attention": "cross-attention",
}


@dataclass(frozen=True)
class BlocksOptions:
    part: str = option("encoder", "encoder or decoder")


@dataclass(frozen=True)
class LeftOut:
    """One kind of part left out of every block of the stack, everything else as it was."""

    label: str
    """'residual connections', 'norms', 'feed-forward layers', 'self-attention' or 'cross-attention'."""
    count: int
    """How many of them were left out."""
    loss: float
    """On the model's own translation, in nats a token."""
    kept: int
    """Tokens of the translation that are still the likeliest, each after the right ones before it."""
    translation: str
    """What is written without it, from the first token on."""
    same: bool
    """That is the translation as it was."""


@dataclass(frozen=True, kw_only=True)
class Blocks:
    """A stack without its residual connections, without its norms, without each kind of layer."""

    part: str
    layers: int
    """Blocks of the stack."""
    translation: str
    token_count: int
    """Tokens of the translation, its end mark included."""
    loss: float
    """With everything in place."""
    guess_loss: float
    """What guessing evenly among all pieces of the vocabulary costs, in nats a token."""
    rows: tuple[LeftOut, ...]
    """Residual connections, norms, feed-forward layers, self-attention, and in the decoder cross-attention."""
    row_count: int
    worst: str
    """What is missed most, in words: 'the residual connections'."""
    worst_loss: float
    worst_translation: str
    least: str
    """What is missed least."""
    least_loss: float
    least_translation: str
    least_same: bool
    same_count: int
    """Kinds without which the translation stays as it is."""
    residual_loss: float
    norms_loss: float
    feed_forward_loss: float
    attention_loss: float


@experiment("blocks", "every block without its residuals, its norms, or one kind of layer", BlocksOptions, Blocks)
def take_apart(models: Models, sentence: str, options: BlocksOptions) -> Blocks:
    """Leave one kind of part out of every block at a time; raises `LearnerError` for an unknown stack.

    What a layer adds to the stream becomes 0; of a norm its input is handed on; without the residual connection only
    what the layer adds is. The norm after the last block stays.
    """
    import torch

    from model.edits import in_row
    from model.generation import greedy

    check_place(models, options.part, 1, parts=STACKS)
    reading, model = models.read(sentence), models.model
    layers = model.config.encoder_layers if options.part == "encoder" else model.config.decoder_layers
    kinds = _kinds(options.part, layers)
    rows = len(kinds)
    edits = [in_row(row, edit) for row, kind in enumerate(kinds.values()) for edit in kind]
    source, target, labels = (ids.expand(rows, -1) for ids in (reading.source, reading.target, reading.labels))
    with torch.no_grad():
        trace = model(source, target, labels, edits)
    assert trace.token_losses is not None
    losses = dict(zip(kinds, trace.token_losses.mean(-1).tolist(), strict=True))
    kept = (trace.logits.argmax(-1) == labels).sum(-1).tolist()
    written = greedy(model, source, len(reading.target_ids) + SPARE_TOKENS, edits)
    texts = [models.tokenizer.decode(found.ids) for found in written]
    left_out = tuple(
        LeftOut(_LABELS[name], len(kinds[name]), losses[name], right, text, text == reading.translation)
        for name, right, text in zip(kinds, kept, texts, strict=True)
    )
    worst, least = max(left_out, key=lambda row: row.loss), min(left_out, key=lambda row: row.loss)
    return Blocks(
        part=options.part,
        layers=layers,
        translation=reading.translation,
        token_count=len(reading.target_ids),
        loss=loss_of(reading.trace),
        guess_loss=math.log(model.config.vocabulary_size),
        rows=left_out,
        row_count=rows,
        worst=_in_words(worst.label),
        worst_loss=worst.loss,
        worst_translation=worst.translation,
        least=_in_words(least.label),
        least_loss=least.loss,
        least_translation=least.translation,
        least_same=least.same,
        same_count=sum(row.same for row in left_out),
        residual_loss=losses["residual"],
        norms_loss=losses["norm"],
        feed_forward_loss=losses["feed_forward"],
        attention_loss=losses["attention"],
    )


def _kinds(stack: str, layers: int) -> dict[str, list[Edit]]:
    """Each kind of part, and the edits that leave it out of every block."""
    from model.edits import add_nothing, bypass

    steps = [step for step in _STEPS if stack == "decoder" or step != "cross_attention"]
    blocks = [f"{stack}.blocks.{layer}" for layer in range(layers)]
    return {
        "residual": [bypass(f"{block}.residual_{step}") for block in blocks for step in steps],
        "norm": [bypass(f"{block}.{step}_norm") for block in blocks for step in steps],
        **{
            step: [add_nothing(f"{block}.{step}") for block in blocks]
            for step in ("feed_forward", "attention", "cross_attention")
            if step in steps
        },
    }


def _in_words(label: str) -> str:
    return label if label.endswith("attention") else f"the {label}"
