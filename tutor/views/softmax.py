"""One row of scores through softmax, beside what is not softmax."""

from __future__ import annotations

from tutor.experiments.softmax import Softmax
from tutor.views.base import Column, Page, view
from tutor.views.numbers import general, number, percent


@view.register
def _(result: Softmax, page: Page) -> None:
    page.title(f"{result.query_token}'s scores become shares")
    page.note("score → e^(score minus the largest) → divided by their sum.")
    wide = page.width >= 60
    best = max(range(len(result.weights)), key=result.weights.__getitem__)
    names = [page.label(name, 12 if wide else 9).rstrip() for name in result.key_tokens]
    columns = [
        Column("key", names, right=False),
        Column("score", [number(score, 2) for score in result.scores]),
        Column("e^", [number(value) for value in result.exponentials]),
        Column("share", [percent(weight) for weight in result.weights]),
    ]
    taken = 2 + 12 + 9 + 8 + 7
    bar = min(30, page.width - taken - 2)
    if wide:
        columns.append(Column("", [page.bar(w, bar) for w in result.weights], right=False, style="view.bar"))
    else:
        columns.append(Column("", [page.bar(w, 6) for w in result.weights], right=False, style="view.bar"))
    page.table(columns, marked=best, gap=2 if wide else 1)
    page.note(f"The shares add up to {general(result.weight_sum)}.", indent=2)
    if page.brief:
        page.rest_at("softmax", "the same scores halved, doubled, and divided by their sum instead")
        return
    page.blank()
    page.note("The same scores treated otherwise:")
    page.table(
        [
            Column("key", names, right=False),
            Column("halved", [percent(w) for w in result.halved]),
            Column("as is", [percent(w) for w in result.weights]),
            Column("doubled", [percent(w) for w in result.doubled]),
            Column("÷ sum", [_signed_percent(w) for w in result.proportional]),
        ],
        marked=best,
        gap=2 if wide else 1,
    )
    spreads = (result.entropy_bits_halved, result.entropy_bits, result.entropy_bits_doubled)
    page.say(f"Spread: {' → '.join(number(bits, 2) for bits in spreads)} bits, from halved to doubled.", indent=2)
    negative = result.negative_proportional
    page.say(
        f"÷ sum, the score over the sum of all scores, makes {negative} share{'' if negative == 1 else 's'} negative.",
        indent=2,
    )
    page.say(
        f"{general(result.shift, 4)} added to every score: no share moves by more than "
        f"{general(result.largest_change_when_shifted, 2)}.",
        indent=2,
    )
    page.say(
        f"Gradient at the largest share, w(1-w): {number(result.softmax_gradient)}; of a hard choice: "
        f"{number(result.hard_max_gradient)}.",
        indent=2,
    )


def _signed_percent(share: float) -> str:
    return f"-{percent(-share)}" if share < 0 else percent(share) if share <= 1 else f"{share * 100:,.0f}%"


def demo() -> Softmax:
    """Hand-made scores; everything else follows from them."""
    import math

    scores = (2.0, 1.0, -0.5, 0.1)

    def softmax(times: float) -> tuple[float, ...]:
        powers = [math.exp(score * times) for score in scores]
        return tuple(power / sum(powers) for power in powers)

    return Softmax(
        query_token="car",
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
        weight=softmax(1)[0],
        hard_max_gradient=0.0,
        softmax_gradient=0.24,
    )


if __name__ == "__main__":
    from tutor.views.base import show_demo

    show_demo(demo())
