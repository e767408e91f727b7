"""The model with and without its skip connections: loss, translation, and what is carried along."""

from tutor.experiments.residual import Residual
from tutor.views.base import Bar, Column, Page, view
from tutor.views.numbers import LOSS, number


@view.register
def _(result: Residual, page: Page) -> None:
    page.title("With and without the skip connections")
    page.table(
        [
            Column("", ["loss (0: certain)"], right=False),
            Column("with", [number(result.loss)]),
            Column("without", [number(result.loss_without)]),
        ]
    )
    tell = page.short if page.brief else page.say
    tell(f"With: {result.translation or '(nothing)'}", style="", indent=2)
    tell(f"Without: {result.translation_without or '(nothing)'}", style="", indent=2)
    if page.brief:
        cosines = ", ".join(number(cosine, 2) for cosine in result.similarity_to_input)
        page.short(
            f"How much of its input a vector still is, by block (cosine): {cosines}.",
            f"Like its input: {cosines}.",
        )
        page.rest_at("residual", "the length of the vectors")
        return
    page.blank()
    names = ["input"] + [f"after block {n}" for n in range(1, len(result.stream_norms))]
    page.note(LOSS)
    page.blank()
    page.note("Length of a token's vector as it goes through the encoder, on average:")
    page.bars([Bar(name, norm, number(norm, 2)) for name, norm in zip(names, result.stream_norms, strict=True)])
    page.blank()
    page.note("How much of its input a token's vector still is (cosine; 1: all of it):")
    page.bars(
        [
            Bar(f"after block {n}", cosine, number(cosine, 2))
            for n, cosine in enumerate(result.similarity_to_input, len(names) - len(result.similarity_to_input))
        ],
        largest=1.0,
    )


def demo() -> Residual:
    """Made-up numbers."""
    return Residual(
        translation="Une voiture rouge.",
        translation_without="de de de",
        loss=0.104,
        loss_without=8.4,
        stream_norms=(12.1, 17.4, 23.0, 31.9),
        similarity_to_input=(0.83, 0.61, 0.44),
        layers=3,
    )


if __name__ == "__main__":
    from tutor.views.base import show_demo

    show_demo(demo())
