"""The vector of one token, what is near it, how near the sentence's tokens are, and what a swap changes."""

from __future__ import annotations

from rich.cells import cell_len

from tutor.experiments.embeddings import Embeddings, Neighbour
from tutor.views import theme
from tutor.views.base import Bar, Page, listing, pad, view
from tutor.views.numbers import count, number, percent

_BRIEF_NAME = 14
_BRIEF_NEIGHBOURS = 2


@view.register
def _(result: Embeddings, page: Page) -> None:
    if page.brief:
        _brief(result, page)
        return
    page.title(
        f"“{result.token}” is row {count(result.id)} of {count(result.vocabulary_size)}: {result.d_model} numbers"
    )
    shown = max(3, min(8, (page.width - 8) // 8))
    first = ", ".join(number(value) for value in result.vector[:shown])
    page.say(f"({first}{', …' if result.d_model > shown else ''})", indent=2)
    page.blank()
    page.note("Nearest in the English model's table. Cosine: 1 same direction, 0 unrelated.")
    page.note("As one-hot ids, all would have 0.")
    page.bars([Bar(near.token, near.cosine, number(near.cosine, 2)) for near in result.neighbours], largest=1.0)
    page.blank()
    page.note("Cosine of each token of the sentence with each other, in hundredths:")
    _similarities(result, page)
    page.blank()
    page.note("Swap it, and what comes next changes by (0%: not at all, 100%: altogether):")
    _swaps(result, page)


def _brief(result: Embeddings, page: Page) -> None:
    title = f"“{result.token}” is row {count(result.id)} of {count(result.vocabulary_size)}: {result.d_model} numbers"
    first = ", ".join(number(value) for value in result.vector[:3])
    page.title(f"{title} ({first}, …)", title, f"“{result.token}”: {result.d_model} numbers")
    page.short(
        "Nearest in the English model's table (cosine; 1: same direction):", "Nearest (cosine; 1: same direction):"
    )
    kept = result.neighbours[:_BRIEF_NEIGHBOURS]
    page.bars([Bar(_name(near.token, page), near.cosine, number(near.cosine, 2)) for near in kept], largest=1.0)
    page.short(
        "Swap it, and what comes next changes by (0%: not at all, 100%: altogether):",
        "Swapped, what comes next changes by:",
    )
    _swaps(result, page)
    page.rest_at("embeddings", "how near your words are to each other")


def _name(token: str, page: Page) -> str:
    return pad(page.clean(token), _BRIEF_NAME).rstrip() if page.brief else token


def _swaps(result: Embeddings, page: Page) -> None:
    """What a near word and a far one in its place change."""
    near = next((n.cosine for n in result.neighbours if n.token == result.neighbour), None)
    page.bars(
        [
            Bar(
                _name(result.neighbour, page) + (f" (cosine {number(near, 2)})" if near is not None else ""),
                result.change_with_neighbour,
                percent(result.change_with_neighbour),
            ),
            Bar(
                f"{_name(result.stranger, page)} (cosine {number(result.stranger_cosine, 2)})",
                result.change_with_stranger,
                percent(result.change_with_stranger),
            ),
        ],
        largest=1.0,
    )


def _similarities(result: Embeddings, page: Page) -> None:
    """The lower half of the matrix, the upper being its mirror; narrow cells where the sentence is long."""
    size = len(result.tokens)
    digits = len(str(size))
    names = [f"{place:>{digits}} {page.clean(name)}" for place, name in enumerate(result.tokens, 1)]
    longest = max(cell_len(name) for name in names)
    if (label := min(longest, page.width - 2 - 4 * size)) >= min(longest, 7):
        page.line(" " * (2 + label), ("".join(f"{n:>4}" for n in range(1, size + 1)), "view.head"))
        for row, name in enumerate(names):
            line = page.text(page.mark(row == result.position), page.label(name, label))
            for cosine in result.cosines[row][: row + 1]:
                shown = str(round(cosine * 100))
                line.append(pad(shown, 4, right=True), f"heat.{theme.tenth(cosine)}" if cosine >= 0.1 else "")
            page.line(line)
        return
    page.note(f"only the row of “{result.token}”:", indent=2)
    cosines = result.cosines[result.position]
    entries = (f"{result.tokens[n]} {round(cosines[n] * 100)}" for n in range(size) if n != result.position)
    for text in listing(page, entries):
        page.line("  ", text)


def demo() -> Embeddings:
    """Made-up numbers."""
    return Embeddings(
        tokens=("A", "red", "car", "."),
        position=1,
        token="red",
        id=1204,
        d_model=192,
        vocabulary_size=4000,
        vector=tuple(((n * 37) % 19 - 9) / 50 for n in range(192)),
        neighbours=(
            Neighbour("blue", 0.712),
            Neighbour("yellow", 0.69),
            Neighbour("green", 0.66),
            Neighbour("white", 0.58),
        ),
        cosines=((1.0, 0.05, 0.1, -0.02), (0.05, 1.0, 0.31, 0.0), (0.1, 0.31, 1.0, 0.04), (-0.02, 0.0, 0.04, 1.0)),
        one_hot_cosine=0.0,
        neighbour="blue",
        stranger="Monday",
        stranger_cosine=-0.03,
        change_with_neighbour=0.21,
        change_with_stranger=0.67,
    )


if __name__ == "__main__":
    from tutor.views.base import show_demo

    show_demo(demo())
