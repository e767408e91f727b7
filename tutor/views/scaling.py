"""The same row of attention with and without the division by √d: two columns of bars."""

from __future__ import annotations

from rich.cells import cell_len

from tutor.experiments.scaling import Scaling
from tutor.views.base import Column, Page, view
from tutor.views.numbers import general, number, percent
from tutor.views.places import place


@view.register
def _(result: Scaling, page: Page) -> None:
    page.title(f"{result.query_token} in {place(result.part, result.layer, head=result.head).lower()}")
    divisor = general(result.sqrt_d_head, 4)
    page.note(f"Its share on each key, from scores divided by √{result.d_head} = {divisor}, and from the raw scores.")
    names = [page.label(name, min(12, cell_len(page.clean(name)))) for name in result.key_tokens]
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
            columns.append(Column("score", [number(score, 2) for score in scores]))
        cells = [f"{percent(share):>4} {page.bar(share, bar)}" for share in shares]
        columns.append(Column(head, cells, right=False, style="view.bar"))
    page.table(columns)
    page.blank()
    rows = (
        ("spread, this row", number(result.entropy_bits_scaled), number(result.entropy_bits_unscaled)),
        ("spread, all rows", number(result.mean_entropy_bits_scaled), number(result.mean_entropy_bits_unscaled)),
        ("gradient w(1-w)", number(result.gradient_scaled), number(result.gradient_unscaled)),
        ("loss of the model", number(result.loss_scaled), number(result.loss_unscaled)),
    )
    page.table(
        [
            Column("", [name for name, _, _ in rows], right=False),
            Column("divided", [divided for _, divided, _ in rows]),
            Column("not divided", [undivided for _, _, undivided in rows]),
        ]
    )
    if page.brief:
        page.rest_at("scaling", "what these lines mean and both translations")
        return
    page.note(
        "Spread: entropy in bits, 0 all on one key. Gradient: how much the share that moves most "
        "still moves with its score; at 0 nothing is learned. Loss: nats a token."
    )
    page.say(f"Divided: {result.translation_scaled}")
    page.say(f"Not divided, in any layer: {result.translation_unscaled or '(nothing)'}")


def demo() -> Scaling:
    """Hand-made scores; the shares follow from them."""
    import math

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
        gradient_scaled=max(w * (1 - w) for w in with_it),
        gradient_unscaled=max(w * (1 - w) for w in without),
        mean_entropy_bits_scaled=1.6,
        mean_entropy_bits_unscaled=0.31,
        loss_scaled=0.104,
        loss_unscaled=7.31,
        translation_scaled="Une voiture rouge.",
        translation_unscaled="Une une une de la",
    )


if __name__ == "__main__":
    from tutor.views.base import show_demo

    show_demo(demo())
