"""Writing: turning a model's distributions into text, one token at a time.

Shapes: B batch, S source tokens, T target tokens so far, V vocabulary.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from model.edits import Edit, Edits, Scope
from model.tokenizer import END, START
from model.transformer import Transformer


@dataclass(frozen=True)
class Generated:
    """A finished output."""

    ids: tuple[int, ...]
    """Token ids without the start mark; the last is the end mark unless the length limit came first."""
    log_probability: float
    """Sum of ln p of every token in `ids`, in nats."""


@torch.no_grad()
def next_token_log_probabilities(
    model: Transformer, prefixes: Tensor, source: Tensor | None, memory: Tensor | None, scope: Scope | None = None
) -> Tensor:
    """ln p of every vocabulary entry after each prefix: (B, T) -> (B, V)."""
    stack = model.decode(prefixes, source, memory, scope)
    logits: Tensor = model.score_vocabulary(stack.output[:, -1])
    return logits.log_softmax(dim=-1)  # (B, V)


@torch.no_grad()
def greedy(
    model: Transformer, source: Tensor, max_new: int | None = None, edits: Iterable[Edit] = ()
) -> list[Generated]:
    """Take the likeliest token each time, for a batch of sources (B, S), until every row has ended.

    `edits` apply in every step; an edit need not change anything in each of them.
    """
    scope = Scope(Edits.of(edits, model.config))
    memory = model.encode(source, scope).output
    limit = max_new or length_limit(model, source)
    rows = source.size(0)
    written = torch.full((rows, 1), START, dtype=torch.long, device=source.device)
    totals = torch.zeros(rows, device=source.device)
    ended = torch.zeros(rows, dtype=torch.bool, device=source.device)
    for _ in range(limit):
        best, token = next_token_log_probabilities(model, written, source, memory, scope).max(dim=-1)  # (B,)
        totals += best.masked_fill(ended, 0.0)
        written = torch.cat([written, token.masked_fill(ended, END).unsqueeze(1)], dim=1)
        ended |= token == END
        if bool(ended.all()):
            break
    return [
        Generated(cut_at_end(row), total) for row, total in zip(written[:, 1:].tolist(), totals.tolist(), strict=True)
    ]


def length_limit(model: Transformer, source: Tensor) -> int:
    """How many tokens a translation may have: generous, and never more than the model reads."""
    return min(model.config.max_tokens - 1, 2 * source.size(1) + 10)


def cut_at_end(ids: Sequence[int]) -> tuple[int, ...]:
    """`ids` up to and including the first end mark."""
    return tuple(ids[: ids.index(END) + 1]) if END in ids else tuple(ids)


@torch.no_grad()
def beam_search(
    model: Transformer, source: Tensor, width: int = 4, length_penalty: float = 0.6, max_new: int | None = None
) -> list[Generated]:
    """The best `width` outputs found for one source (1, S), best first.

    Hypotheses are ranked by ln p / lp(n), lp(n) = ((5 + n) / 6) ** length_penalty (Wu et al. 2016, eq. 14).
    """
    memory = model.encode(source).output
    limit = max_new or length_limit(model, source)
    open_ids: list[tuple[int, ...]] = [()]
    open_scores = torch.zeros(1)
    finished: list[Generated] = []

    def rank(found: Generated) -> float:
        return found.log_probability / float(((5 + len(found.ids)) / 6) ** length_penalty)

    for length in range(1, limit + 1):
        prefixes = torch.tensor([[START, *ids] for ids in open_ids])
        rows = len(open_ids)
        scores = next_token_log_probabilities(
            model, prefixes, source.expand(rows, -1), memory.expand(rows, -1, -1)
        )  # (rows, V)
        totals = (open_scores.unsqueeze(1) + scores).flatten()
        best, at = totals.topk(min(2 * width, totals.numel()))
        following: list[tuple[tuple[int, ...], float]] = []
        for total, index in zip(best.tolist(), at.tolist(), strict=True):
            row, token = divmod(index, scores.size(1))
            ids = (*open_ids[row], token)
            if token == END or length == limit:
                finished.append(Generated(ids, total))
            elif len(following) < width:
                following.append((ids, total))
        finished = sorted(finished, key=rank, reverse=True)[:width]
        if not following or (
            len(finished) == width
            and rank(finished[-1]) >= _best_still_possible(following[0][1], limit, length_penalty)
        ):
            break
        open_ids = [ids for ids, _ in following]
        open_scores = torch.tensor([total for _, total in following])
    return finished


def _best_still_possible(total: float, limit: int, length_penalty: float) -> float:
    # ln p can only fall from here, and the longest output has the mildest penalty.
    return total / float(((5 + limit) / 6) ** length_penalty)
