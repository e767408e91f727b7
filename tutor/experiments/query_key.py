"""`query-key`: whom a word would look at by plain likeness, and whom by its learned query and their learned keys."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tutor.experiments.base import experiment, matrix, option
from tutor.experiments.habits import liveliest, telling_row, where
from tutor.experiments.pieces import axis_names
from tutor.experiments.places import attention_at, axis_tokens, check_place, position_of

if TYPE_CHECKING:
    from torch import Tensor

    from tutor.experiments.models import Models, Reading

FEWEST = 3
"""Keys that a row must have for its orders to be compared: two stand either alike or the other way round."""


@dataclass(frozen=True)
class QueryKeyOptions:
    part: str = option("encoder", "encoder, decoder or cross")
    layer: int = option(0, "layer, counted from 1; 0 for the one with the sharpest head")
    head: int = option(0, "head, counted from 1; 0 for the one that looks most sharply at other tokens")
    word: str = option("", "the word that looks; by default a content word that looks sharply at another")


@dataclass(frozen=True)
class RankedKey:
    """One key that the word may look at, and its place in both orders, counted from 1."""

    token: str
    likeness: float
    """Plain dot product of the two vectors that enter the layer, with nothing learned in between."""
    likeness_place: int
    score: float
    """query · key / √d: the same two vectors, each first multiplied by a learned matrix."""
    score_place: int
    share: float
    """Softmax of the scores: of the word's attention."""
    is_self: bool


@dataclass(frozen=True, kw_only=True)
class QueryKey:
    """The keys of one word in the order of plain likeness and in that of the learned scores.

    Two orders are compared pair by pair (Kendall's τ): the share of pairs of keys that stand alike in both minus the
    share that stand the other way round. 1 is the same order, 0 none in common, -1 the reverse.
    """

    part: str
    layer: int
    head: int
    where: str
    """The place in words: 'encoder layer 3, head 3'."""
    query_token: str
    query_word: str
    """The same. All tokens here are named as inside a sentence: 'min…' for a piece of 'minister'."""
    query_position: int
    keys: tuple[RankedKey, ...]
    """All that may be looked at, by score, best first."""
    key_count: int
    d_model: int
    d_head: int
    heads: int
    heads_compared: int
    """1 where the learner named the head; else of how many this is the sharpest."""
    likest_word: str
    """First by plain likeness, …"""
    likest_is_self: bool
    """… and whether that is the word itself; in cross-attention it never is."""
    likest_share: float
    """What attention gives it, …"""
    likest_score_place: int
    """… and its place by score."""
    top_word: str
    """First by score, …"""
    top_share: float
    top_likeness_place: int
    """… and its place by plain likeness."""
    same_top: bool
    """Both orders begin with the same key."""
    agreement: float
    """τ of the two orders of this word; 0 where it may look at fewer than three keys."""
    pairs: int
    """Pairs of keys that were compared for it."""
    pairs_alike: int
    """How many of them stand alike in both orders."""
    mean_agreement: float
    """τ averaged over all words that may look at three keys or more; 0 where there is none."""
    lowest_agreement: float
    highest_agreement: float
    rows_compared: int
    """How many words that are."""
    head_agreements: tuple[float, ...]
    """The same average for each head of the layer."""
    both_ways: bool
    """Whether the word looked at looks back in the same layer, so that its score for this word can be compared."""
    score_there: float
    """This word's score for the one it looks at most, …"""
    score_back: float
    """… and that one's score for this word: plain likeness would be the same both ways. 0 unless `both_ways`."""


@experiment("query-key", "learned queries and keys against plain likeness", QueryKeyOptions, QueryKey)
def compare_orders(models: Models, sentence: str, options: QueryKeyOptions) -> QueryKey:
    """Rank the keys of one word by plain dot product and by query · key / √d, and compare the orders of every word.

    Where layer or head is left open, the one is taken that looks most sharply at other tokens. Raises `LearnerError`
    for a place or a word that there is not.
    """
    check_place(models, options.part, options.layer or 1, options.head or None)
    reading = models.read(sentence)
    names, key_names = axis_names(models, reading, options.part)
    asked = position_of(options.word, axis_tokens(reading, options.part)[0]) if options.word else None
    layer, head, compared = liveliest(models, reading, options.part, options.layer, options.head, asked)
    attention = attention_at(reading.trace, options.part, layer)
    weights = attention.weights[0, head - 1]  # (Tq, Tk)
    scores = attention.scaled_scores[0]  # (H, Tq, Tk)
    allowed = attention.masked_scores[0, 0].isfinite()  # (Tq, Tk)
    queries_from, keys_from = _inputs(reading, options.part, layer)
    likeness = queries_from @ keys_from.T  # (Tq, Tk)
    query = telling_row(matrix(weights), names, key_names) if asked is None else asked

    own = query if options.part != "cross" else None
    seen: list[int] = allowed[query].nonzero().flatten().tolist()
    by_likeness = sorted(seen, key=lambda key: -likeness[query, key].item())
    by_score = sorted(seen, key=lambda key: -scores[head - 1, query, key].item())
    keys = tuple(
        RankedKey(
            token=key_names[key],
            likeness=likeness[query, key].item(),
            likeness_place=by_likeness.index(key) + 1,
            score=scores[head - 1, query, key].item(),
            score_place=place,
            share=weights[query, key].item(),
            is_self=key == own,
        )
        for place, key in enumerate(by_score, 1)
    )
    top, likest = by_score[0], by_likeness[0]
    rows = [at for at in range(len(names)) if int(allowed[at].sum()) >= FEWEST]
    agreements = [_agreements(likeness, scores[n], allowed)[rows] for n in range(len(scores))]  # each (rows,)
    here = agreements[head - 1].tolist() or [0.0]
    pairs = len(seen) * (len(seen) - 1) // 2
    alike = _pairs(likeness[query, seen], scores[head - 1, query, seen])
    both_ways = options.part == "encoder" and top != query
    return QueryKey(
        part=options.part,
        layer=layer,
        head=head,
        where=where(options.part, layer, head),
        query_token=names[query],
        query_word=names[query],
        query_position=query,
        keys=keys,
        key_count=len(keys),
        d_model=queries_from.size(1),
        d_head=models.model.config.d_head,
        heads=len(scores),
        heads_compared=compared,
        likest_word=key_names[likest],
        likest_is_self=likest == own,
        likest_share=weights[query, likest].item(),
        likest_score_place=by_score.index(likest) + 1,
        top_word=key_names[top],
        top_share=weights[query, top].item(),
        top_likeness_place=by_likeness.index(top) + 1,
        same_top=top == likest,
        agreement=here[rows.index(query)] if query in rows else 0.0,
        pairs=pairs,
        pairs_alike=alike,
        mean_agreement=sum(here) / len(here),
        lowest_agreement=min(here),
        highest_agreement=max(here),
        rows_compared=len(rows),
        head_agreements=tuple(one.mean().item() if rows else 0.0 for one in agreements),
        both_ways=both_ways,
        score_there=scores[head - 1, query, top].item(),
        score_back=scores[head - 1, top, query].item() if both_ways else 0.0,
    )


def _inputs(reading: Reading, part: str, layer: int) -> tuple[Tensor, Tensor]:
    """What the layer's query matrix and key matrix are multiplied with, (Tq, C) and (Tk, C)."""
    trace = reading.trace
    assert trace.encoder is not None and trace.decoder is not None
    block = (trace.encoder if part == "encoder" else trace.decoder).blocks[layer - 1]
    if part != "cross":
        return block.attention_norm[0], block.attention_norm[0]
    assert block.cross_attention_norm is not None
    return block.cross_attention_norm[0], trace.encoder.output[0]


def _agreements(first: Tensor, second: Tensor, allowed: Tensor) -> Tensor:
    """Kendall's τ of the two orders in each row, (Tq,); 0 for a row with a single key. Ties count neither way."""
    in_first = (first.unsqueeze(-1) - first.unsqueeze(-2)).sign()  # (Tq, Tk, Tk)
    in_second = (second.unsqueeze(-1) - second.unsqueeze(-2)).sign()
    both = (allowed.unsqueeze(-1) & allowed.unsqueeze(-2)).float()
    keys = allowed.sum(-1)
    return (in_first * in_second * both).sum((-1, -2)) / (keys * (keys - 1)).clamp(min=1)


def _pairs(first: Tensor, second: Tensor) -> int:
    """How many pairs of places stand alike in both orders, of two rows (Tk,)."""
    in_first = (first.unsqueeze(-1) - first.unsqueeze(-2)).sign()
    in_second = (second.unsqueeze(-1) - second.unsqueeze(-2)).sign()
    return int((in_first * in_second > 0).sum()) // 2
