"""`heads`: what each head of a layer does on this sentence, and what is lost without it."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import fmean
from typing import TYPE_CHECKING

from tutor.experiments.base import Matrix, entropy_bits, experiment, matrix, option
from tutor.experiments.habits import favourite, habit, strongest_link, where
from tutor.experiments.pieces import axis_names
from tutor.experiments.places import attention_at, attention_path, check_place

if TYPE_CHECKING:
    from torch import Tensor

    from model.edits import Edit
    from tutor.experiments.models import Models, Reading


@dataclass(frozen=True)
class HeadsOptions:
    part: str = option("encoder", "encoder, decoder or cross")
    layer: int = option(1, "layer, counted from 1")


@dataclass(frozen=True)
class HeadSummary:
    """One head on one sentence. Shares are averages over the rows, from 0 to 1."""

    head: int
    pattern: str
    """'previous', 'next', 'self', 'first', 'end', 'spread' or 'mixed': where most of its weight goes.
    In cross-attention only 'first', 'end', 'spread' and 'mixed' have a meaning."""
    pattern_share: float
    mean_entropy_bits: float
    weights: Matrix
    loss_without: float
    """Loss on the model's own translation, in nats a token, with this head switched off."""
    favourite_token: str
    """The key that gets most of the weight of all rows together …"""
    favourite_share: float
    """… and what share of it."""
    link_query: str
    """The word that looks most sharply at another one, …"""
    link_key: str
    link_weight: float
    """… which that is, and how much."""


@dataclass(frozen=True)
class Heads:
    """All heads of one layer."""

    part: str
    layer: int
    layers: int
    query_tokens: tuple[str, ...]
    key_tokens: tuple[str, ...]
    heads: tuple[HeadSummary, ...]
    head_count: int
    d_head: int
    translation: str
    loss: float
    """Loss on the model's own translation, in nats a token, with all heads on."""
    most_needed_head: int
    most_needed_loss: float
    least_needed_head: int
    least_needed_loss: float
    translation_without_layer: str
    """What comes out with every head of this layer switched off."""
    largest_difference: float
    """Mean total variation distance between the rows of the two heads that differ most, 0 to 1."""
    different_head_a: int
    different_head_b: int
    where: str
    """The layer in words: 'encoder layer 1'."""
    same_without_layer: bool
    """The translation stays as it is with the whole layer off."""

    @property
    def shows(self) -> bool:
        """The layer, or one of its heads, is missed on this sentence."""
        return not self.same_without_layer or self.most_needed_loss > 1.2 * self.loss + 0.01


@experiment("heads", "what each head of a layer does, and what is lost without it", HeadsOptions, Heads)
def compare_heads(models: Models, sentence: str, options: HeadsOptions) -> Heads:
    """Describe every head of one layer and switch each off in turn."""
    from model.edits import zero_head

    check_place(models, options.part, options.layer)
    reading = models.read(sentence)
    path = attention_path(options.part, options.layer)
    query_tokens, key_tokens = axis_names(models, reading, options.part)
    weights = attention_at(reading.trace, options.part, options.layer).weights[0]  # (H, Tq, Tk)
    count = weights.size(0)
    off = [zero_head(path, head) for head in range(count)]
    losses_without, logits_without_layer = _runs_without(models, reading, off)
    heads = [
        _summary(head + 1, options.part, query_tokens, key_tokens, matrix(weights[head]), loss_without)
        for head, loss_without in enumerate(losses_without)
    ]
    pairs = [(a, b) for a in range(count) for b in range(a + 1, count)] or [(0, 0)]
    differences = {(a, b): (weights[a] - weights[b]).abs().sum(-1).mean().item() / 2 for a, b in pairs}
    different = max(differences, key=differences.__getitem__)
    most = max(heads, key=lambda summary: summary.loss_without)
    least = min(heads, key=lambda summary: summary.loss_without)
    config = models.model.config
    without_layer = models.translate_edited(reading, off, logits_without_layer)
    assert reading.trace.loss is not None
    return Heads(
        part=options.part,
        layer=options.layer,
        layers=config.encoder_layers if options.part == "encoder" else config.decoder_layers,
        query_tokens=query_tokens,
        key_tokens=key_tokens,
        heads=tuple(heads),
        head_count=count,
        d_head=config.d_head,
        translation=reading.translation,
        loss=reading.trace.loss.item(),
        most_needed_head=most.head,
        most_needed_loss=most.loss_without,
        least_needed_head=least.head,
        least_needed_loss=least.loss_without,
        translation_without_layer=without_layer,
        largest_difference=differences[different],
        different_head_a=different[0] + 1,
        different_head_b=different[1] + 1,
        where=where(options.part, options.layer),
        same_without_layer=without_layer == reading.translation,
    )


def _runs_without(models: Models, reading: Reading, off: list[Edit]) -> tuple[list[float], Tensor]:
    """The loss with each head off in turn, and the logits (T, V) with all off: one batch, a row each."""
    import torch

    from model.edits import in_row

    rows = len(off) + 1
    source, target, labels = (ids.expand(rows, -1) for ids in (reading.source, reading.target, reading.labels))
    alone = [in_row(head, edit) for head, edit in enumerate(off)]
    together = [in_row(rows - 1, edit) for edit in off]
    with torch.no_grad():
        trace = models.model(source, target, labels, alone + together)
    losses: list[float] = trace.token_losses[:-1].mean(-1).tolist()
    return losses, trace.logits[-1]


def _summary(
    head: int, part: str, queries: tuple[str, ...], keys: tuple[str, ...], rows: Matrix, loss_without: float
) -> HeadSummary:
    pattern, share = habit(rows, part)
    liked, liked_share = favourite(rows)
    query, key = strongest_link(rows, part, queries, keys)
    return HeadSummary(
        head=head,
        pattern=pattern,
        pattern_share=share,
        mean_entropy_bits=fmean(entropy_bits(line) for line in rows),
        weights=rows,
        loss_without=loss_without,
        favourite_token=keys[liked],
        favourite_share=liked_share,
        link_query=queries[query],
        link_key=keys[key],
        link_weight=rows[query][key],
    )
