"""A stack without one kind of part at a time: the loss, how many tokens are still right, and what is written."""

from __future__ import annotations

from rich.cells import cell_len

from tutor.experiments.blocks import Blocks, LeftOut
from tutor.views.base import Column, Page, view
from tutor.views.numbers import LOSS, number
from tutor.views.page import NARROW
from tutor.views.places import PARTS


@view.register
def _(result: Blocks, page: Page) -> None:
    stack, loss = PARTS.get(result.part, result.part), number(result.loss)
    if page.brief:
        page.short(
            f"{stack}, one kind of part left out of all {result.layers} blocks (loss {loss} with all)",
            f"{stack} without one kind of part (loss {loss})",
            f"{stack}, loss {loss} with all",
            style="view.title",
        )
        _table(result, page, told=page.width >= NARROW)
        page.rest_at("blocks", "the whole translations", **({"part": result.part} if result.part != "encoder" else {}))
        return
    page.title(f"{stack}: one kind of part left out of all {result.layers} blocks at a time")
    page.note("The model never learned to do without: this shows what it leans on, as it was trained.")
    _table(result, page)
    page.note(
        f"Right: of {result.token_count} tokens, how many are still the likeliest after the right ones before them."
    )
    page.note(LOSS)
    page.note(f"Guessing evenly among all pieces would cost {number(result.guess_loss, 2)}.")
    page.blank()
    page.say(f"Nothing left out: {result.translation or '(nothing)'}")
    for row in result.rows:
        page.say(f"Without {row.label}: {_written(row)}")


def _table(result: Blocks, page: Page, told: bool = False) -> None:
    """One line a kind; with `told` also what is written, as far as it fits."""
    columns = [
        Column("left out", [row.label for row in result.rows], right=False),
        Column("parts", [str(row.count) for row in result.rows]),
        Column("loss", [number(row.loss, 2) for row in result.rows]),
        Column("right", [f"{row.kept}/{result.token_count}" for row in result.rows]),
    ]
    if told:
        widest = [max(cell_len(page.clean(text)) for text in (column.head, *column.cells)) for column in columns]
        room = page.width - 2 - sum(cells + 2 for cells in widest)
        columns.append(Column("writes", [page.label(_written(row), room).rstrip() for row in result.rows], right=False))
    page.table(columns)


def _written(row: LeftOut) -> str:
    return "the same" if row.same else row.translation or "(nothing)"


def demo() -> Blocks:
    """Made-up numbers."""
    rows = (
        LeftOut("residual connections", 6, 6.62, 1, "La d d d pour la fin de", False),
        LeftOut("norms", 6, 4.33, 2, "Il est de la manière.", False),
        LeftOut("feed-forward layers", 3, 0.3, 5, "Une rouge voiture.", False),
        LeftOut("self-attention", 3, 0.19, 7, "Une voiture rouge.", True),
    )
    return Blocks(
        part="encoder",
        layers=3,
        translation="Une voiture rouge.",
        token_count=7,
        loss=0.104,
        guess_loss=8.99,
        rows=rows,
        row_count=4,
        worst="the residual connections",
        worst_loss=6.62,
        worst_translation=rows[0].translation,
        least="self-attention",
        least_loss=0.19,
        least_translation=rows[3].translation,
        least_same=True,
        same_count=1,
        residual_loss=6.62,
        norms_loss=4.33,
        feed_forward_loss=0.3,
        attention_loss=0.19,
    )


if __name__ == "__main__":
    from tutor.views.base import show_demo

    show_demo(demo())
