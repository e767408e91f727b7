"""Interpolated Kneser-Ney: a distribution, and the textbook's numbers on a text small enough to count by hand."""

from __future__ import annotations

import math
import random

import pytest

from model.ngrams import KneserNey

CHANCE = random.Random(5)
ROWS = [[1, *(CHANCE.choice([3, 4, 5, 5, 6]) for _ in range(CHANCE.randint(1, 9))), 2] for _ in range(60)]


@pytest.mark.parametrize("order", [1, 2, 3, 5])
@pytest.mark.parametrize("before", [[1], [1, 5], [5, 5, 5, 5, 5], [1, 3, 4, 6, 5, 3], [7, 7], [1, 7]])
def test_every_distribution_sums_to_one(order: int, before: list[int]) -> None:
    counted = KneserNey(ROWS, 9, order)
    assert sum(counted.probability(token, before) for token in range(9)) == pytest.approx(1, abs=1e-12)


def test_a_bigram_is_what_the_formula_gives_by_hand() -> None:
    """Rows «1 3 4 2», «1 3 5 2», «1 5 4 2».

    Bigrams: 1-3 twice, 1-5, 3-4, 3-5, 4-2 twice, 5-2, 5-4 once, so D₂ = 5 / (5 + 2·2) = 5/9. How many different
    tokens each follows: 3 one, 4 two, 5 two, 2 two; n₁ = 1, n₂ = 3, so D₁ = 1/7.
    """
    counted = KneserNey([[1, 3, 4, 2], [1, 3, 5, 2], [1, 5, 4, 2]], 6, order=2)
    assert counted.discounts[1:] == pytest.approx([1 / 7, 5 / 9])
    unigram = (2 - 1 / 7) / 7 + (1 / 7) * 4 / 7 * (1 / 6)
    after_three = (1 - 5 / 9) / 2 + (5 / 9) * 2 / 2 * unigram
    assert counted.probability(4, [1, 3]) == pytest.approx(after_three)
    assert counted.nats([1, 3, 4]) == pytest.approx(-math.log(counted.probability(3, [1])) - math.log(after_three))


def test_a_word_that_follows_many_is_likelier_after_an_unknown_one_than_one_that_is_merely_frequent() -> None:
    rows = [[1, 3, 4, 2]] * 20 + [[1, k, 5, 2] for k in (6, 7, 8, 9)]
    counted = KneserNey(rows, 12, order=2)
    assert counted.probability(5, [11]) > counted.probability(4, [11])
    # Counted plainly, 4 is five times as frequent.


def test_more_context_predicts_the_text_it_has_seen_better() -> None:
    totals = [sum(map(KneserNey(ROWS, 9, order).nats, ROWS)) for order in (1, 2, 3, 5)]
    assert totals == sorted(totals, reverse=True)
