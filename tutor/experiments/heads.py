"""`heads`: what each head of a layer does on this sentence, and what is lost without it."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import fmean
from typing import TYPE_CHECKING

from tutor.experiments.ablation import continued, translated
from tutor.experiments.base import Matrix, entropy_bits, experiment, matrix, option
from tutor.experiments.habits import HABITUAL, favourite, habit, repeats, strongest_link, where
from tutor.experiments.places import ENGLISH, PARTS, attention_at, check_place

if TYPE_CHECKING:
    from collections.abc import Sequence

    from model.trace import Trace
    from tutor.experiments.ablation import Subject
    from tutor.experiments.models import Models


@dataclass(frozen=True)
class HeadsOptions:
    part: str = option("encoder", "encoder, decoder or cross; or english, the model that predicts the next word")
    layer: int = option(0, "layer, counted from 1; by default the first, of english that where a head looks up repeats")


@dataclass(frozen=True)
class HeadSummary:
    """One head on one sentence. Shares are averages over the rows, from 0 to 1."""

    head: int
    pattern: str
    """'previous', 'next', 'self', 'first', 'end', 'spread' or 'mixed': where most of its weight goes.
    In cross-attention only 'first', 'end', 'spread' and 'mixed' have a meaning. In the English model 'repeat': where a
    word stands again, it looks at what followed that word before (an induction head, Olsson et al. 2022)."""
    pattern_share: float
    mean_entropy_bits: float
    weights: Matrix
    loss_without: float
    """Loss with this head switched off."""
    favourite_token: str
    """The key that gets most of the weight of all rows together …"""
    favourite_share: float
    """… and what share of it."""
    link_query: str
    """The word that looks most sharply at another one, …"""
    link_key: str
    link_weight: float
    """… which that is, and how much."""


@dataclass(frozen=True, kw_only=True)
class Lookup:
    """Where a word stands again: the head of the English model that looks most at what followed it before."""

    repeat_count: int = 0
    """Words and pieces of the text that stood in it before; 0 in the translator, where none is looked for."""
    repeat_head: int = 0
    repeat_share: float = 0.0
    """Of its attention, averaged over those words."""
    repeat_query: str = ""
    """The last word for which it does so clearly, …"""
    repeat_key: str = ""
    """… and the token that followed it before."""
    repeat_weight: float = 0.0
    repeat_probability: float = 0.0
    """Of that token to follow again."""
    repeat_probability_without: float = 0.0
    """The same with all heads of the layer off: several may look up the same."""


@dataclass(frozen=True, kw_only=True)
class Heads(Lookup):
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
    """What the model writes: its translation, or how the English model goes on where the last word is left out."""
    loss: float
    """On its own translation, or of the English model on your sentence, in nats a token, with all heads on."""
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
    """What it writes stays as it is with the whole layer off."""

    @property
    def shows(self) -> bool:
        """The layer, or one of its heads, is missed on this sentence."""
        return not self.same_without_layer or self.most_needed_loss > 1.2 * self.loss + 0.01


@experiment("heads", "what each head of a layer does, and what is lost without it", HeadsOptions, Heads)
def compare_heads(models: Models, sentence: str, options: HeadsOptions) -> Heads:
    """Describe every head of one layer and switch each off in turn."""
    check_place(models, options.part, options.layer or 1, parts=(*PARTS, ENGLISH))
    english = options.part == ENGLISH
    subject = continued(models, sentence) if english else translated(models, sentence, options.part)
    again = repeats(subject.key_ids, subject.key_tokens) if english else []
    layer = options.layer or (_most_looked_up(subject, again) if again else 1)
    weights = attention_at(subject.trace, options.part, layer).weights[0]  # (H, Tq, Tk)
    off = subject.off(layer)
    without = subject.without(off)
    assert without.token_losses is not None
    losses_without: list[float] = without.token_losses[:-1].mean(-1).tolist()
    count = len(off)
    heads = [
        _summary(head + 1, subject, matrix(weights[head]), again, loss_without)
        for head, loss_without in enumerate(losses_without)
    ]
    pairs = [(a, b) for a in range(count) for b in range(a + 1, count)] or [(0, 0)]
    differences = {(a, b): (weights[a] - weights[b]).abs().sum(-1).mean().item() / 2 for a, b in pairs}
    different = max(differences, key=differences.__getitem__)
    most = max(heads, key=lambda summary: summary.loss_without)
    least = min(heads, key=lambda summary: summary.loss_without)
    written_without = subject.write(off, without.logits[-1])
    return Heads(
        part=options.part,
        layer=layer,
        layers=subject.layers,
        query_tokens=subject.query_tokens,
        key_tokens=subject.key_tokens,
        heads=tuple(heads),
        head_count=count,
        d_head=subject.network.config.d_head,
        translation=subject.written,
        loss=subject.loss,
        most_needed_head=most.head,
        most_needed_loss=most.loss_without,
        least_needed_head=least.head,
        least_needed_loss=least.loss_without,
        translation_without_layer=written_without,
        largest_difference=differences[different],
        different_head_a=different[0] + 1,
        different_head_b=different[1] + 1,
        where=where(options.part, layer),
        same_without_layer=written_without == subject.written,
        **vars(_looked_up(subject, heads, again, without)),
    )


def _most_looked_up(subject: Subject, again: Sequence[tuple[int, int]]) -> int:
    """The layer in which a head looks most at what followed the same word before."""

    queries, keys = zip(*again, strict=True)

    def most(layer: int) -> float:
        weights = attention_at(subject.trace, subject.part, layer).weights[0]  # (H, Tq, Tk)
        return weights[:, queries, keys].mean(-1).max().item()

    return max(range(1, subject.layers + 1), key=most)


def _looked_up(
    subject: Subject, heads: Sequence[HeadSummary], again: Sequence[tuple[int, int]], without: Trace
) -> Lookup:
    if not again:
        return Lookup()
    found = max(heads, key=lambda summary: _share(summary.weights, again))
    looked_up = [(q, k) for q, k in again if found.weights[q][k] >= HABITUAL]
    query, key = (looked_up or again)[-1]  # the last: what follows it now is still to be written, or was just now
    next_id = subject.key_ids[key]
    return Lookup(
        repeat_count=len(again),
        repeat_head=found.head,
        repeat_share=_share(found.weights, again),
        repeat_query=subject.query_tokens[query],
        repeat_key=subject.key_tokens[key],
        repeat_weight=found.weights[query][key],
        repeat_probability=subject.trace.probabilities[0, query, next_id].item(),
        repeat_probability_without=without.probabilities[-1, query, next_id].item(),
    )


def _share(rows: Matrix, again: Sequence[tuple[int, int]]) -> float:
    """What the rows of the words that stand again give to what followed them before, on average."""
    return fmean(rows[query][key] for query, key in again)


def _summary(
    head: int, subject: Subject, rows: Matrix, again: Sequence[tuple[int, int]], loss_without: float
) -> HeadSummary:
    part, queries, keys = subject.part, subject.query_tokens, subject.key_tokens
    pattern, share = habit(rows, part)
    if again and _share(rows, again) >= HABITUAL:  # where nothing stands again, such a head rests on the start mark
        pattern, share = "repeat", _share(rows, again)
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
