"""A change and its effect: each token of the translation with and without it, two columns of bars."""

from __future__ import annotations

from rich.cells import cell_len

from tutor.experiments.effect import Effect
from tutor.views.base import Column, Page, view
from tutor.views.brief import most_telling, others
from tutor.views.numbers import LOSS, number, percent

_BRIEF = 3


@view.register
def _(result: Effect, page: Page) -> None:
    page.title(f"With a change: {result.changes}", "As trained, and changed")
    if page.brief and result.same:
        page.short(f"Both write: {result.translation}", result.translation)
    elif page.brief:
        page.short(f"{result.translation} → {result.translation_changed or '(nothing)'}")
    else:
        page.say(f"As trained: {result.translation}")
        page.say(f"Changed:    {result.translation_changed or '(nothing)'}")
    moves = [abs(a - b) for a, b in zip(result.probabilities, result.probabilities_changed, strict=True)]
    kept = most_telling(moves, _BRIEF) if page.brief else list(range(len(moves)))
    left = len(moves) - len(kept)
    names = [page.label(result.tokens[n], min(12, cell_len(page.clean(result.tokens[n])))) for n in kept]
    names += [others(left)] if left else []
    label = max(cell_len(name) for name in names)
    bar = min(18, max(3, (page.width - label - 16) // 2))
    columns = [Column("token", names, right=False)]
    for head, shares in (("as trained", result.probabilities), ("changed", result.probabilities_changed)):
        cells = [f"{percent(shares[n]):>4} {page.bar(shares[n], bar)}" for n in kept] + [""] * (left > 0)
        columns.append(Column(head, cells, right=False, style="view.bar"))
    page.table(columns)
    losses = f"Loss: {number(result.loss)} as trained, {number(result.loss_changed)} changed"
    if page.brief:
        shortest = f"Loss: {number(result.loss)} → {number(result.loss_changed)}."
        page.short(f"{losses}; 0 is certain.", f"{losses}.", shortest)
        return
    page.say(f"{losses}.")
    page.note("Probability of each token of its own translation, the ones before it given.")
    page.note(LOSS)


def demo() -> Effect:
    """Hand-made numbers."""
    return Effect(
        changes="head 2 of encoder layer 1 is off",
        translation="Une voiture rouge.",
        translation_changed="Une voiture.",
        same=False,
        loss=0.11,
        loss_changed=0.62,
        tokens=("Une", "voiture", "rouge", ".", "‹end›"),
        probabilities=(0.93, 0.91, 0.88, 0.95, 0.99),
        probabilities_changed=(0.91, 0.84, 0.12, 0.93, 0.99),
        most_token="rouge",
        most_probability=0.88,
        most_probability_changed=0.12,
    )


if __name__ == "__main__":
    from tutor.views.base import show_demo

    show_demo(demo())
