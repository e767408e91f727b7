"""Word order: the signal added to each position, and a sentence read backwards with and without it."""

from tutor.experiments.positions import Positions
from tutor.views.base import Bar, Column, Page, view
from tutor.views.numbers import number, percent


@view.register
def _(result: Positions, page: Page) -> None:
    page.title("What is added to each token for its place")
    shown = min(8, max(3, (page.width - 16) // 7), len(result.signals[0]))
    page.note(f"The first {shown} numbers of each signal: waves, fast ones first.")
    names = [f"{place} {page.label(token, 10).rstrip()}" for place, token in enumerate(result.tokens)]
    columns = [Column("place", names, right=False)]
    columns += [Column(str(d + 1), [number(row[d], 2) for row in result.signals]) for d in range(shown)]
    page.table(columns)
    page.blank()
    page.title(f"Backwards: {result.reversed_sentence}")
    page.note("How far each word's vector out of the encoder moves, relative to its length:")
    page.bars(
        [
            Bar("with positions", result.difference_with_positions, _share(result.difference_with_positions)),
            Bar("without", result.difference_without_positions, _share(result.difference_without_positions)),
        ],
        largest=max(1.0, result.difference_with_positions, result.difference_without_positions),
    )
    page.note("Translations, forwards and backwards:", indent=0)
    page.say(f"with: {result.translation or '(nothing)'}", indent=2)
    page.say(f"with, backwards: {result.translation_reversed or '(nothing)'}", indent=2)
    page.say(f"without: {result.translation_without_positions or '(nothing)'}", indent=2)
    page.say(f"without, backwards: {result.translation_reversed_without_positions or '(nothing)'}", indent=2)


def _share(value: float) -> str:
    """A difference as a percentage; rounding noise as the number it is."""
    return number(value) if 0 < value < 0.0005 else percent(value) if value <= 1 else f"{value * 100:,.0f}%"


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
