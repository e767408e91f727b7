"""Word order: the signal added to each position, and a sentence read backwards with and without it."""

from tutor.experiments.positions import Positions
from tutor.views.base import Bar, Column, Page, view
from tutor.views.numbers import noise, number, percent

_BRIEF_ROWS = 2
_ORDINALS = ("1st", "2nd", "3rd", "4th", "5th", "6th", "7th", "8th")


@view.register
def _(result: Positions, page: Page) -> None:
    page.title(
        "What is added to each token for its place: waves, the fast ones first", "Added for each token's place: waves"
    )
    shown = min(8, max(3, (page.width - 16) // 7), len(result.signals[0]))
    rows = min(len(result.tokens), _BRIEF_ROWS) if page.brief else len(result.tokens)
    digits = len(str(rows - 1))
    names = [f"{place:>{digits}} {page.label(result.tokens[place], 10).rstrip()}" for place in range(rows)]
    columns = [Column("place", names, right=False)]
    columns += [
        Column(_ORDINALS[d] if page.brief else str(d + 1), [number(row[d], 2) for row in result.signals[:rows]])
        for d in range(shown)
    ]
    page.table(columns)
    if page.brief:
        page.short(
            "Read backwards, a token's vector out of the encoder moves by, in % of its length:",
            "Read backwards, a token's vector moves by (in % of its length):",
            "Read backwards, its vector moves by:",
        )
    else:
        page.note(f"The first {shown} numbers of each signal.")
        page.blank()
        page.title(f"Backwards: {result.reversed_sentence}")
        page.note("How far a token's vector out of the encoder moves, in % of its length:")
    page.bars(
        [
            Bar("with positions", result.difference_with_positions, _share(result.difference_with_positions)),
            Bar("without", result.difference_without_positions, _share(result.difference_without_positions)),
        ],
        largest=max(1.0, result.difference_with_positions, result.difference_without_positions),
    )
    if page.brief:
        page.rest_at("positions", "the signal of every place, and the translations")
        return
    without, back = result.translation_without_positions, result.translation_reversed_without_positions
    page.say(f"with: {result.translation or '(nothing)'}", indent=2)
    page.say(f"with, backwards: {result.translation_reversed or '(nothing)'}", indent=2)
    page.say(f"without{', either way' if without == back else ''}: {without or '(nothing)'}", indent=2)
    if without != back:
        page.say(f"without, backwards: {back or '(nothing)'}", indent=2)


def _share(value: float) -> str:
    """A difference as a percentage; rounding noise is called that."""
    return noise(value) if 0 < value < 0.0005 else percent(value) if value <= 1 else f"{value * 100:,.0f}%"


def demo() -> Positions:
    """The signals are the real formula for 256 numbers; the rest is made up."""
    import math

    tokens = ("A", "red", "car", "‹end›")
    signals = tuple(
        tuple((math.sin if d % 2 == 0 else math.cos)(place / 10000 ** ((d - d % 2) / 256)) for d in range(8))
        for place in range(4)
    )
    return Positions(
        tokens=tokens,
        reversed_sentence="car red A",
        signals=signals,
        difference_with_positions=0.62,
        difference_without_positions=3.1e-7,
        translation="Une voiture rouge",
        translation_reversed="La voiture rouge A",
        translation_without_positions="Voiture rouge",
        translation_reversed_without_positions="Voiture rouge",
    )


if __name__ == "__main__":
    from tutor.views.base import show_demo

    show_demo(demo())
