"""The decoder's self-attention with its mask, and with the mask taken away: two maps."""

from tutor.experiments.causal_mask import CausalMask
from tutor.views.base import Column, Page, view
from tutor.views.heatmap import brief_map, heat_map, shade_key
from tutor.views.numbers import LOSS, noise, number, percent
from tutor.views.places import options, place

_BRIEF_ROWS = 3


@view.register
def _(result: CausalMask, page: Page) -> None:
    where = place("decoder", result.layer, head=result.head)
    page.title(f"{where}: masked, as it was trained", f"{where}: masked", where)
    if page.brief:
        _brief(result, page)
        return
    page.note("Each row looks at the columns, in %. A dot is exactly 0: the future.")
    heat_map(page, result.tokens, result.tokens, result.masked)
    page.blank()
    page.title("The same with the mask taken away")
    heat_map(page, result.tokens, result.tokens, result.unmasked)
    page.blank()
    names = ["looks at the future", "loss (0: certain)", "moved by last word"]
    page.table(
        [
            Column("", names, right=False),
            Column(
                "masked",
                [
                    percent(result.future_share_masked),
                    number(result.loss_masked),
                    noise(result.largest_change_from_future),
                ],
            ),
            Column(
                "without",
                [
                    percent(result.future_share_unmasked),
                    number(result.loss_unmasked),
                    number(result.largest_change_from_future_unmasked),
                ],
            ),
        ],
        gap=1 if page.width < 60 else 2,
    )
    page.note(
        "Looks at the future: share of this head's attention. Moved by last word: with another token put last, the "
        "most that any earlier score over the vocabulary changes."
    )
    page.note(LOSS)


def _brief(result: CausalMask, page: Page) -> None:
    """The first rows: what comes after each of them is a dot."""
    shade_key(page, "Rows look at columns; a dot is the future", result.masked)
    kept = range(min(len(result.tokens), _BRIEF_ROWS))
    brief_map(page, result.tokens, result.tokens, result.masked, kept)
    future = f"{percent(result.future_share_masked)} with mask, {percent(result.future_share_unmasked)} without"
    loss = f"{number(result.loss_masked)}, {number(result.loss_unmasked)}"
    page.short(f"On the future falls: {future}. Loss (0: certain): {loss}.", f"Future: {future}.", style="")
    rest = "all rows and the map without the mask" if len(kept) < len(result.tokens) else "the map without the mask"
    page.rest_at("causal-mask", rest, **options("encoder", result.layer, result.head))


def demo() -> CausalMask:
    """Made-up weights; masked rows are the unmasked ones cut at the diagonal and made to sum to 1."""
    tokens = ("‹start›", "Une", "voiture", "rouge")
    unmasked = ((0.4, 0.3, 0.2, 0.1), (0.1, 0.2, 0.6, 0.1), (0.3, 0.3, 0.1, 0.3), (0.05, 0.05, 0.8, 0.1))
    masked = tuple(
        tuple(weight / sum(row[: query + 1]) if key <= query else 0.0 for key, weight in enumerate(row))
        for query, row in enumerate(unmasked)
    )
    return CausalMask(
        layer=1,
        head=1,
        tokens=tokens,
        masked=masked,
        unmasked=unmasked,
        future_share_masked=0.0,
        future_share_unmasked=0.4,
        translation="Une voiture rouge",
        loss_masked=0.104,
        loss_unmasked=2.9,
        largest_change_from_future=0.0,
        largest_change_from_future_unmasked=4.31,
        where="decoder layer 1, head 1",
    )


if __name__ == "__main__":
    from tutor.views.base import show_demo

    show_demo(demo())
