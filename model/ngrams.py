"""Interpolated Kneser-Ney: the best counting language model, as a yardstick for the `next-word` Transformer.

Absolute discounting in every order (Ney et al. 1994), each order's discount D = n₁ / (n₁ + 2·n₂) with n₁ and n₂
the numbers of n-grams counted once and twice; lower orders count how many different words an n-gram follows, not
how often it occurs (Kneser and Ney 1995; the interpolated form is that of Chen and Goodman 1999).
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

Gram = tuple[int, ...]


class KneserNey:
    """An n-gram model over token ids; the vocabulary is `range(size)`, so that no token is unknown to it."""

    def __init__(self, rows: Iterable[Sequence[int]], size: int, order: int = 5) -> None:
        """Count `rows`, each a sentence with its marks; the first token of a row is given, not predicted."""
        self.size, self.order = size, order
        counts: list[Counter[Gram]] = [Counter() for _ in range(order + 1)]
        for row in rows:
            for end in range(1, len(row)):
                counts[min(order, end + 1)][tuple(row[max(0, end + 1 - order) : end + 1])] += 1
        for length in range(order - 1, 0, -1):
            # An n-gram that stands at the start of a row has nothing before it: its own count is all there is.
            for gram in counts[length + 1]:
                counts[length][gram[1:]] += 1
        self.counts = counts
        self.discounts = [_discount(of_length) for of_length in counts]
        self.totals: list[dict[Gram, int]] = [defaultdict(int) for _ in counts]
        self.followers: list[dict[Gram, int]] = [defaultdict(int) for _ in counts]
        for length in range(1, order + 1):
            for gram, count in counts[length].items():
                self.totals[length][gram[:-1]] += count
                self.followers[length][gram[:-1]] += 1

    def probability(self, token: int, before: Sequence[int]) -> float:
        """P(token | before); over all tokens of the vocabulary it sums to 1."""
        found = 1.0 / self.size
        context = tuple(before[-(self.order - 1) :]) if self.order > 1 else ()
        for length in range(1, len(context) + 2):
            history = context[len(context) + 1 - length :]
            total = self.totals[length].get(history)
            if not total:
                break
            discount = self.discounts[length]
            kept = max(self.counts[length].get((*history, token), 0) - discount, 0.0) / total
            found = kept + discount * self.followers[length][history] / total * found
        return found

    def nats(self, row: Sequence[int]) -> float:
        """-ln of the probability of `row` after its first token."""
        return -sum(math.log(self.probability(row[at], row[:at])) for at in range(1, len(row)))


def _discount(counts: Counter[Gram]) -> float:
    how_often = Counter(counts.values())
    once, twice = how_often[1], how_often[2]
    return once / (once + 2 * twice) if once else 0.5
