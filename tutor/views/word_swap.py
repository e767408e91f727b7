"""One word exchanged: how far each new word moves the prediction, and at which places of the translation."""

from __future__ import annotations

import shlex

from rich.cells import cell_len

from tutor.experiments.word_swap import Swap, WordSwap
from tutor.views import theme
from tutor.views.base import Column, Page, pad, view
from tutor.views.numbers import number
from tutor.views.page import NARROW

_BRIEF_ROWS = 4
_NAME = 12
_NONE = "–"
_SMALLEST = 0.005
"""Less than this rounds to 0.00."""


@view.register
def _(result: WordSwap, page: Page) -> None:
    page.title(
        f"“{result.word}” exchanged: how far the translator's prediction moves",
        f"“{result.word}” exchanged: what moves",
        f"“{result.word}” exchanged",
    )
    if page.brief:
        _brief(result, page)
        return
    page.say(f"Before: {result.translation or '(nothing)'}")
    page.note(
        "Bits: how far apart two predictions are (Jensen-Shannon), with the old word and with the new; 0: the same, "
        "1: nothing in common. Both times the translator is given the translation above, and guesses each next piece."
    )
    page.blank()
    swaps = list(result.swaps)
    _table(result, page, swaps)
    page.note("all: mean over the places of the translation. rest: without the place that moves most.")
    page.note("cosine: of the two words' rows in the English model's table. ► the rest moves most.")
    page.blank()
    for swap in swaps:
        page.say(f"{swap.word}: {_written(swap)}")
    page.blank()
    page.note(f"Bits at each place of the translation before (·: under {_SMALLEST:g}):")
    _places(result, page, swaps)


def _brief(result: WordSwap, page: Page) -> None:
    """A line a swap, with its translation where there is room; where there is none, that of the first."""
    swaps = list(result.swaps[:_BRIEF_ROWS])
    wide = page.width >= NARROW
    _table(result, page, swaps)
    page.short(
        "Bits from 0 (the same) to 1 (nothing in common); all: mean; ► rest moves most.",
        "Bits, 0 to 1: nothing in common; ► the rest moves most.",
        "Bits, 0 to 1; ► the rest moves most.",
    )
    if not wide and swaps:
        page.short(f"{swaps[0].word}: {_written(swaps[0])}", style="")
    place = {"word": shlex.quote(result.word)} | ({"new": shlex.quote(result.yours_word)} if result.yours_word else {})
    page.rest_at("word-swap", "bits at each place", **place)


def _table(result: WordSwap, page: Page, swaps: list[Swap]) -> None:
    """A line a swap: how near the word is, and how far the prediction moves."""
    wide = page.width >= NARROW
    columns = [
        Column("new word", [_short(page, swap.word) for swap in swaps], right=False),
        Column("cosine", [_NONE if swap.cosine is None else number(swap.cosine, 2) for swap in swaps]),
        Column("all", [_bits(swap.mean_bits) for swap in swaps]),
        Column("most at", [_short(page, swap.most_token) for swap in swaps], right=False),
        Column("", [_bits(swap.most_bits) for swap in swaps]),
        Column("rest", [_bits(swap.elsewhere_bits, 3) for swap in swaps]),
    ]
    if not wide:
        del columns[3:5]
    elif page.brief:
        used = 2 + sum(max(cell_len(page.clean(text)) for text in (c.head, *c.cells)) + 2 for c in columns)
        room = max(8, page.width - used)
        texts = [page.clean(_written(swap)) for swap in swaps]
        cut = [pad(text, min(room, cell_len(text))) for text in texts]
        columns.append(Column("it becomes", cut, right=False))
    rests = [swap.elsewhere_bits for swap in swaps]
    page.table(columns, marked=rests.index(max(rests)) if rests and max(rests) >= _SMALLEST else None)


def _places(result: WordSwap, page: Page, swaps: list[Swap]) -> None:
    """A line a place of the translation, a column a swap."""
    names = [_short(page, token) for token in result.target_tokens]
    columns = [Column("", names, right=False)]
    for swap in swaps:
        bits = swap.bits[: len(names)]
        styles = [f"heat.{theme.tenth(one)}" if one >= 0.1 else "" for one in bits]
        columns.append(Column(_short(page, swap.word, 6), [_bits(one) for one in bits], styles=styles))
    page.table(columns)


def _written(swap: Swap) -> str:
    return "the same as before" if swap.same else swap.translation or "(nothing)"


def _short(page: Page, text: str, most: int = _NAME) -> str:
    return pad(page.clean(text), min(most, cell_len(page.clean(text))))


def _bits(bits: float, places: int = 2) -> str:
    """So many decimals, so that the points stand below one another; what they would show as 0 as a dot."""
    return f"{bits:.{places}f}" if bits >= 0.5 * 10**-places else "·"


def demo() -> WordSwap:
    """Made-up numbers."""
    near = Swap(
        "blue", "near", 0.71, "A blue car.", "Une voiture bleue.", (0.001, 0.004, 0.93, 0.01, 0.002), 0.1894, 2,
        "rouge", 0.93, 0.00425, 1, False,
    )  # fmt: skip
    far = Swap(
        "Monday", "far", -0.03, "A Monday car.", "Une voiture lundi.", (0.08, 0.21, 0.96, 0.12, 0.03), 0.28, 2,
        "rouge", 0.96, 0.11, 3, False,
    )  # fmt: skip
    return WordSwap(
        position=1,
        word="red",
        row_word="red",
        whole=True,
        translation="Une voiture rouge.",
        target_tokens=("Une", "voiture", "rouge", ".", "‹end›"),
        swaps=(near, far),
        near_word="blue",
        near_translation="Une voiture bleue.",
        near_same=False,
        near_most_token="rouge",
        near_most_bits=0.93,
        near_most_share=0.93 / 0.947,
        near_bits=0.1894,
        near_elsewhere_bits=0.00425,
        far_word="Monday",
        far_translation="Une voiture lundi.",
        far_most_token="rouge",
        far_most_bits=0.96,
        far_bits=0.28,
        far_elsewhere_bits=0.11,
        yours_word="",
        yours_translation="",
        yours_same=False,
        yours_most_token="",
        yours_most_bits=0.0,
        yours_bits=0.0,
        yours_elsewhere_bits=0.0,
        unchanged=0,
        swap_count=2,
    )


if __name__ == "__main__":
    from tutor.views.base import show_demo

    show_demo(demo())
