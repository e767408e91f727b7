"""The decoder's self-attention with its mask, and with the mask taken away: two maps."""

from tutor.experiments.causal_mask import CausalMask
from tutor.views.base import Column, Page, view
from tutor.views.heatmap import heat_map
from tutor.views.numbers import number, percent
from tutor.views.places import place


@view.register
def _(result: CausalMask, page: Page) -> None:
    page.title(f"{place('decoder', result.layer, head=result.head)}: masked, as it was trained")
    page.note("Each row looks at the columns. In %. Above the diagonal lies the future: a dot is exactly 0.")
    heat_map(page, result.tokens, result.tokens, result.masked)
    page.blank()
    if not page.brief:
        page.title("The same with the mask taken away")
        heat_map(page, result.tokens, result.tokens, result.unmasked)
        page.blank()
    page.table(
        [
            Column("", ["looks at the future", "loss, nats a token", "reach of the last token"], right=False),
            Column(
                "masked",
                [
                    percent(result.future_share_masked),
                    number(result.loss_masked),
                    number(result.largest_change_from_future),
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
    if page.brief:
        page.rest_at("causal-mask", "the map without the mask")
        return
    page.note("Reach: put another token last; how much any earlier score over the vocabulary changes, at most.")


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
    )


if __name__ == "__main__":
    from tutor.views.base import show_demo

    show_demo(demo())
