"""`rank-heads`: every head of the model switched off alone, ranked by what its absence costs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tutor.experiments.base import experiment, option
from tutor.experiments.habits import where
from tutor.experiments.models import SPARE_TOKENS
from tutor.experiments.places import IN_WORDS, PARTS, attention_path, check_place, loss_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor

    from model.edits import Edit
    from tutor.experiments.models import Models, Reading

TOP = 3
"""So many of the heads that are missed most are switched off while the model writes."""


@dataclass(frozen=True)
class RankHeadsOptions:
    part: str = option("", "encoder, decoder or cross; by default all three")


@dataclass(frozen=True)
class RankedHead:
    """One head switched off, with all others on."""

    part: str
    layer: int
    head: int
    loss_without: float
    cost: float
    """What is added to the loss, in nats a token; below 0 the model does better without this head."""
    same: bool
    """The translation stays as it is."""


@dataclass(frozen=True)
class PartOff:
    """The heads of one part, one at a time and all at once, in nats a token."""

    part: str
    head_count: int
    alone: float
    """What they cost when each is off alone, added up."""
    together: float
    """What is added to the loss when all are off at once: more than `alone` where heads stand in for each other."""


@dataclass(frozen=True, kw_only=True)
class RankHeads:
    """All heads of a part or of the model, the one that is missed most first.

    Losses are on the model's own translation, in nats a token.
    """

    part: str
    """Empty where all parts were ranked together."""
    whole: str
    """The same in words: 'the model', 'the encoder', 'cross-attention'."""
    heads: tuple[RankedHead, ...]
    head_count: int
    groups: tuple[PartOff, ...]
    """One a part."""
    loss: float
    """With all heads on."""
    translation: str
    written: tuple[str, ...]
    """What comes out without each of the first `TOP` heads of `heads`, from the first token on."""
    most_where: str
    """The head that is missed most: 'cross-attention layer 3, head 2'."""
    most_loss: float
    most_cost: float
    most_translation: str
    least_where: str
    """The head that is missed least …"""
    least_cost: float
    """… and what it costs, which may be below 0."""
    changed_count: int
    """Heads that change the translation when they alone are off."""
    better_count: int
    """Heads without which the loss is lower."""
    together_where: str
    """The part of the head that is missed most: 'cross-attention', …"""
    together_count: int
    """… how many heads it has, …"""
    together_alone: float
    """… what they cost one at a time, added up, …"""
    together_cost: float
    """… and what they cost all at once."""


@experiment("rank-heads", "every head switched off alone, ranked by what it costs", RankHeadsOptions, RankHeads)
def rank_heads(models: Models, sentence: str, options: RankHeadsOptions) -> RankHeads:
    """Switch every head off in turn, and all heads of a part at once; raises `LearnerError` for an unknown part.

    A head is switched off as in `heads`: what it hands on becomes 0 (Michel et al. 2019).
    """
    from model.edits import zero_head

    if options.part:
        check_place(models, options.part, 1)
    reading = models.read(sentence)
    config, loss = models.model.config, loss_of(reading.trace)
    found: list[tuple[RankedHead, Edit]] = []
    groups = []
    for part in (options.part,) if options.part else PARTS:
        layers = config.encoder_layers if part == "encoder" else config.decoder_layers
        places = [(layer, head) for layer in range(1, layers + 1) for head in range(1, config.heads + 1)]
        off = [zero_head(attention_path(part, layer), head - 1) for layer, head in places]
        logits = _logits(models, reading, [*([edit] for edit in off), off])  # (heads + 1, T, V)
        losses, same = _losses(logits, reading), _same(logits, reading)
        ranked = [
            RankedHead(part, layer, head, losses[n], losses[n] - loss, same[n])
            for n, (layer, head) in enumerate(places)
        ]
        found += zip(ranked, off, strict=True)
        groups.append(PartOff(part, len(off), sum(head.cost for head in ranked), losses[-1] - loss))

    found.sort(key=lambda entry: -entry[0].cost)
    heads = tuple(head for head, _ in found)
    written = _written(models, reading, found[:TOP])
    most, least = heads[0], heads[-1]
    together = next(group for group in groups if group.part == most.part)
    return RankHeads(
        part=options.part,
        whole=IN_WORDS[options.part] if options.part else "the model",
        heads=heads,
        head_count=len(heads),
        groups=tuple(groups),
        loss=loss,
        translation=reading.translation,
        written=written,
        most_where=where(most.part, most.layer, most.head),
        most_loss=most.loss_without,
        most_cost=most.cost,
        most_translation=written[0],
        least_where=where(least.part, least.layer, least.head),
        least_cost=least.cost,
        changed_count=sum(not head.same for head in heads),
        better_count=sum(head.cost < 0 for head in heads),
        together_where=IN_WORDS[most.part],
        together_count=together.head_count,
        together_alone=together.alone,
        together_cost=together.together,
    )


def _logits(models: Models, reading: Reading, runs: Sequence[Sequence[Edit]]) -> Tensor:
    """Scores (R, T, V) of so many runs over the same text, a row each, with edits of its own.

    Where no edit is in the encoder, its output is that of the reading.
    """
    import torch

    from model.edits import Scope, in_row

    model, rows = models.model, len(runs)
    scope = Scope(model.edits([in_row(row, edit) for row, run in enumerate(runs) for edit in run]))
    source, target = reading.source.expand(rows, -1), reading.target.expand(rows, -1)
    assert reading.trace.encoder is not None
    with torch.no_grad():
        if any(edit.path.startswith("encoder.") for run in runs for edit in run):
            memory = model.encode(source, scope).output  # (R, S, C)
        else:
            memory = reading.trace.encoder.output.expand(rows, -1, -1)
        return model.score_vocabulary(model.decode(target, source, memory, scope).output)


def _written(models: Models, reading: Reading, off: Sequence[tuple[RankedHead, Edit]]) -> tuple[str, ...]:
    """What is written with each head off; only those that change something are let write, all side by side."""
    from model.edits import in_row
    from model.generation import greedy

    changing = [n for n, (head, _) in enumerate(off) if not head.same]
    texts = [reading.translation] * len(off)
    if changing:
        edits = [in_row(row, off[n][1]) for row, n in enumerate(changing)]
        source = reading.source.expand(len(changing), -1)
        written = greedy(models.model, source, len(reading.target_ids) + SPARE_TOKENS, edits)
        for n, found in zip(changing, written, strict=True):
            texts[n] = models.tokenizer.decode(found.ids)
    return tuple(texts)


def _losses(logits: Tensor, reading: Reading) -> list[float]:
    """Mean -ln of the probability of the right token, one a row."""
    labels = reading.labels.expand(logits.size(0), -1).unsqueeze(-1)
    right = logits.gather(-1, labels).squeeze(-1)  # (R, T)
    losses: list[float] = (logits.logsumexp(-1) - right).mean(-1).tolist()
    return losses


def _same(logits: Tensor, reading: Reading) -> list[bool]:
    """Whether each token of the translation is still the likeliest, one a row: then greedy writing gives it again."""
    same: list[bool] = (logits.argmax(-1) == reading.labels).all(-1).tolist()
    return same
