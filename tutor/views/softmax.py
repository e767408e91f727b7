"""One row of scores through softmax, beside what is not softmax."""

from __future__ import annotations

import math
from collections.abc import Sequence

from tutor.experiments.softmax import Softmax
from tutor.views.base import Column, Page, view
from tutor.views.brief import others, shortened
from tutor.views.numbers import general, noise, number, percent, spread
from tutor.views.places import options

_BRIEF_KEYS = 3


@view.register
def _(result: Softmax, page: Page) -> None:
    become = f"The scores of “{result.query_word}” become shares"
    page.title(f"{become}, in {result.where}", become, f"“{result.query_word}”: scores become shares")
    if page.brief:
        page.short(
            "score → e^(score minus the largest) → divided by their sum.", "e^(score - largest), over their sum:"
        )
    else:
        page.note("score → e^(score minus the largest) → divided by their sum.")
    wide = page.width >= 60
    best = max(range(len(result.weights)), key=result.weights.__getitem__)
    row = shortened(result.weights, _BRIEF_KEYS if page.brief else len(result.weights), best)
    names = [page.label(result.key_tokens[n], 12 if wide else 9).rstrip() for n in row.kept]
    rest, gone = ([others(row.left)], [""]) if row.left else ([], [])
    shares = [*(result.weights[n] for n in row.kept), *([row.rest] if row.left else [])]
    powers = [
        *(result.exponentials[n] for n in row.kept),
        *([_rest(result.exponentials, row.kept)] if row.left else []),
    ]
    bar = min(30, page.width - 2 - 12 - 9 - 8 - 7 - 2) if wide else 6
    page.table(
        [
            Column("key", [*names, *rest], right=False),
            Column("score", [*(number(result.scores[n], 2) for n in row.kept), *gone]),
            Column("e^", [number(power) for power in powers]),
            Column("share", row.shown),
            Column("", [page.bar(w, bar) for w in shares], right=False, style="view.bar"),
        ],
        marked=row.kept.index(best),
        gap=2 if wide else 1,
    )
    if page.brief:
        place = options("encoder", result.layer, result.head, word=result.query_token)
        page.rest_at("softmax", "the same scores halved and doubled", **place)
        return
    page.note(f"The shares add up to {general(result.weight_sum)}.", indent=2)
    page.blank()
    page.note("The same scores treated otherwise:")
    page.table(
        [
            Column("key", names, right=False),
            Column("halved", _shares(result.halved)),
            Column("as is", _shares(result.weights)),
            Column("doubled", _shares(result.doubled)),
            Column("÷ sum", _shares(result.proportional)),
        ],
        marked=best,
        gap=2 if wide else 1,
    )
    spreads = (result.entropy_bits_halved, result.entropy_bits, result.entropy_bits_doubled)
    steps = " → ".join(number(bits, 2) for bits in spreads[:2])
    page.say(f"Spread, halved to doubled: {steps} → {spread(spreads[2], len(result.weights))}.", indent=2)
    negative = result.negative_proportional
    page.say(
        f"÷ sum, the score over the sum of all scores, makes {negative or 'no'} share{'s' * (negative > 1)} negative.",
        indent=2,
    )
    page.say(
        f"{general(result.shift, 4)} added to every score moves no share; the largest change is "
        f"{noise(result.largest_change_when_shifted)}.",
        indent=2,
    )
    page.say(
        f"Slope at the largest share, w(1-w): {number(result.softmax_gradient)}, which is how far it moves with its "
        f"score; for a hard choice {number(result.hard_max_gradient)}, which teaches nothing.",
        indent=2,
    )


def _rest(values: Sequence[float], kept: Sequence[int]) -> float:
    return math.fsum(value for place, value in enumerate(values) if place not in kept)


def _shares(row: Sequence[float]) -> list[str]:
    return [f"{'-' if share < 0 else ''}{percent(abs(share))}" for share in row]


def demo() -> Softmax:
    """Hand-made scores; everything else follows from them."""
    scores = (2.0, 1.0, -0.5, 0.1)

    def softmax(times: float) -> tuple[float, ...]:
        powers = [math.exp(score * times) for score in scores]
        return tuple(power / sum(powers) for power in powers)

    return Softmax(
        query_token="car",
        query_word="car",
        key_tokens=("red", "car", ".", "‹end›"),
        scores=scores,
        exponentials=tuple(math.exp(score - 2.0) for score in scores),
        weights=softmax(1),
        weight_sum=1.0,
        shift=5.0,
        largest_change_when_shifted=2.2e-16,
        proportional=tuple(score / sum(scores) for score in scores),
        negative_proportional=1,
        halved=softmax(0.5),
        doubled=softmax(2),
        entropy_bits=1.48,
        entropy_bits_halved=1.81,
        entropy_bits_doubled=0.77,
        key_token="red",
        key_word="red",
        weight=softmax(1)[0],
        hard_max_gradient=0.0,
        softmax_gradient=0.24,
        layer=1,
        head=1,
        where="encoder layer 1, head 1",
    )


if __name__ == "__main__":
    from tutor.views.base import show_demo

    show_demo(demo())
