"""The same row of attention with and without the division by √d: two columns of bars."""

from __future__ import annotations

import math

from rich.cells import cell_len

from tutor.experiments.scaling import Scaling
from tutor.views.base import Column, Page, view
from tutor.views.brief import most_telling, others
from tutor.views.numbers import LOSS, general, number, percent
from tutor.views.places import options

_BRIEF_KEYS = 2


@view.register
def _(result: Scaling, page: Page) -> None:
    divisor = general(result.sqrt_d_head, 4)
    if page.brief:
        where = f"“{result.query_word}” in {result.where}"
        page.title(f"{where}: ÷ √{result.d_head}, or not", where, f"“{result.query_word}”: ÷ √{result.d_head}, or not")
    else:
        page.title(f"“{result.query_word}” in {result.where}")
        page.note(f"Its share on each key, with scores divided by √{result.d_head} = {divisor} and with raw scores.")
    _shares(result, page, divisor)
    if page.brief:
        _brief_end(result, page)
        return
    page.blank()
    rows = (
        ("spread, this row", result.entropy_bits_scaled, result.entropy_bits_unscaled),
        ("spread, all rows", result.mean_entropy_bits_scaled, result.mean_entropy_bits_unscaled),
        ("slope w(1-w)", result.gradient_scaled, result.gradient_unscaled),
        ("loss of the model", result.loss_scaled, result.loss_unscaled),
    )
    page.table(
        [
            Column("", [name for name, _, _ in rows], right=False),
            Column("divided", [number(divided) for _, divided, _ in rows]),
            Column("not divided", [number(undivided) for _, _, undivided in rows]),
        ]
    )
    page.note(
        "Spread: in bits, 0 all on one key. Slope: how far the share that moves most moves with its score; at 0 "
        "nothing is learned."
    )
    page.note(LOSS)
    page.say(f"Divided: {result.translation_scaled}")
    page.say(f"Not divided, in any layer: {result.translation_unscaled or '(nothing)'}")


def _brief_end(result: Scaling, page: Page) -> None:
    slopes = number(result.gradient_scaled), number(result.gradient_unscaled)
    losses = number(result.loss_scaled), number(result.loss_unscaled)
    for name, (divided, undivided), zero in (
        ("Slope w(1-w)", slopes, "; at 0 nothing is learned"),
        ("Loss of the model", losses, "; 0 is certain"),
    ):
        told = f"{name}: {divided} divided, {undivided} not"
        page.short(f"{told}{zero}.", f"{told}.", f"{name}: {divided} → {undivided}.")
    place = options(result.part, result.layer, result.head, word=result.query_token)
    page.rest_at("scaling", "all keys and both translations", **place)


def _shares(result: Scaling, page: Page, divisor: str) -> None:
    """Both rows of shares; a brief page keeps the keys that have most in either."""
    largest = [max(pair) for pair in zip(result.scaled, result.unscaled, strict=True)]
    kept = most_telling(largest, _BRIEF_KEYS) if page.brief else list(range(len(largest)))
    left = len(largest) - len(kept)
    names = [page.label(result.key_tokens[n], min(12, cell_len(page.clean(result.key_tokens[n])))) for n in kept]
    names += [others(left)] if left else []
    label = max(cell_len(name) for name in names)
    wide = page.width >= 64
    taken = 2 + label + 2 * (4 + 2 + 1) + (2 * (8 + 2) if wide else 0)
    bar = min(18, max(3, (page.width - taken) // 2))
    columns = [Column("key", names, right=False)]
    for head, scores, shares in (
        (f"÷ {divisor}", result.scaled_scores, result.scaled),
        ("not divided", result.raw_scores, result.unscaled),
    ):
        if wide:
            columns.append(Column("score", [number(scores[n], 2) for n in kept] + [""] * (left > 0)))
        rest = math.fsum(share for n, share in enumerate(shares) if n not in kept)
        held = [shares[n] for n in kept] + [rest] * (left > 0)
        cells = [f"{percent(share):>4} {page.bar(share, bar)}" for share in held]
        columns.append(Column(head, cells, right=False, style="view.bar"))
    page.table(columns)


def demo() -> Scaling:
    """Hand-made scores; the shares follow from them."""
    raw = (4.0, 21.5, 12.0, -8.0, 9.6)
    scaled = tuple(score / 8 for score in raw)

    def softmax(scores: tuple[float, ...]) -> tuple[float, ...]:
        powers = [math.exp(score - max(scores)) for score in scores]
        return tuple(power / sum(powers) for power in powers)

    with_it, without = softmax(scaled), softmax(raw)
    return Scaling(
        part="encoder",
        layer=2,
        head=1,
        query_token="car",
        query_word="car",
        key_tokens=("A", "red", "car", ".", "‹end›"),
        d_head=64,
        sqrt_d_head=8.0,
        raw_scores=raw,
        scaled_scores=scaled,
        scaled=with_it,
        unscaled=without,
        entropy_bits_scaled=1.74,
        entropy_bits_unscaled=0.0012,
        largest_scaled=max(with_it),
        largest_unscaled=max(without),
        largest_key_token="red",
        largest_key_word="red",
        gradient_scaled=max(w * (1 - w) for w in with_it),
        gradient_unscaled=max(w * (1 - w) for w in without),
        mean_entropy_bits_scaled=1.6,
        mean_entropy_bits_unscaled=0.31,
        loss_scaled=0.104,
        loss_unscaled=7.31,
        translation_scaled="Une voiture rouge.",
        translation_unscaled="Une une une de la",
        where="encoder layer 2, head 1",
    )


if __name__ == "__main__":
    from tutor.views.base import show_demo

    show_demo(demo())
