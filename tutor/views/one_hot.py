"""Words as one-hot vectors beside their embeddings: where the single 1 stands, and the cosines of both kinds."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len

from tutor.experiments.one_hot import OneHot, OneHotWord
from tutor.views.base import Column, Page, view
from tutor.views.brief import most_telling, others
from tutor.views.numbers import count, general, number
from tutor.views.page import NARROW

_BRIEF_ROWS = 3
_NAME = 12


@view.register
def _(result: OneHot, page: Page) -> None:
    sparse = f"{count(result.vocabulary_size)} numbers"
    dense = f"{count(result.d_model)} numbers"
    if page.brief:
        page.title(
            f"“{result.word}”: one-hot {sparse} (█: the 1), embedding {count(result.d_model)}; cosines with it:",
            f"“{result.word}”: one-hot {sparse}, embedding {count(result.d_model)}",
            f"“{result.word}”: {sparse} or {count(result.d_model)}",
        )
        kept = most_telling([_worth(token, result) for token in result.tokens], _BRIEF_ROWS, result.position)
        _table(result, page, kept)
        told = f"One-hot × table = row: largest difference {general(result.largest_difference, 2)}"
        short = f"One-hot × table − row: {general(result.largest_difference, 2)} at most."
        page.short(f"{told}, over all tokens here.", f"{told}.", short, style="")
        left = len(result.tokens) - len(kept)
        rest = f"{others(left, 'token')} and the numbers" if left else "the numbers"
        page.rest_at("one-hot", rest, word=result.word, other=result.other)
        return
    page.title(f"“{result.word}” as a one-hot vector and as an embedding")
    page.say(f"one-hot:   {sparse}: {_zeros(result)}")
    shown = max(2, min(8, (page.width - 34) // 8))
    first = ", ".join(number(value) for value in result.vector[:shown])
    page.say(f"embedding: {dense}: {first}{', …' if len(result.vector) > shown else ''}")
    page.blank()
    page.note(f"Cosines with “{result.word}”; 1: same direction, 0: unrelated.")
    _table(result, page, list(range(len(result.tokens))))
    if page.width >= NARROW:
        page.note(
            f"►: the word. █: where the single 1 stands, left row 0, right row {count(result.vocabulary_size - 1)}."
        )
    else:
        page.note("►: the word.")
    page.blank()
    page.say(
        f"Any two different tokens here: one-hot at most {general(result.largest_one_hot_cosine, 2)}, embeddings "
        f"{number(result.mean_cosine, 2)} on average."
    )
    page.say(
        f"One-hot × table = row, checked for all tokens here: largest difference "
        f"{general(result.largest_difference, 2)}. The product takes {count(result.products)} multiplications a word, "
        "looking the row up none."
    )


def _worth(token: OneHotWord, result: OneHot) -> float:
    """What a brief page keeps first: the other word, then what is most alike."""
    return 2.0 if token.id == result.other_id else token.cosine


def _table(result: OneHot, page: Page, kept: Sequence[int]) -> None:
    tokens = [result.tokens[at] for at in kept]
    names = [page.label(one.token, min(_NAME, cell_len(page.clean(one.token)))) for one in tokens]
    wide = page.width >= NARROW
    columns = [Column("token", names, right=False), Column("row", [count(one.id) for one in tokens])]
    if wide:
        width = min(30, page.width - 50)
        columns.append(
            Column("one-hot vector", [_strip(result, one.id, width, page) for one in tokens], False, "view.bar")
        )
    columns.append(Column("one-hot", [general(round(one.one_hot_cosine, 6)) for one in tokens]))
    dense = [number(one.cosine, 2) for one in tokens]
    if wide:
        longest = max(map(len, dense))
        dense = [
            f"{shown:>{longest}} {page.bar(one.cosine, 10)}".rstrip() for shown, one in zip(dense, tokens, strict=True)
        ]
    columns.append(Column("embedding", dense, right=not wide, style="view.bar" if wide else ""))
    page.table(columns, marked=list(kept).index(result.position) if result.position in kept else None)


def _strip(result: OneHot, id_: int, width: int, page: Page) -> str:
    """The vector from its first place to its last: a block in the cell where the 1 is."""
    at = min(width - 1, max(0, id_ * width // result.vocabulary_size))
    return "·" * at + ("#" if page.ascii else "█") + "·" * (width - 1 - at)


def _zeros(result: OneHot) -> str:
    """'0 0 … 1 … 0', and where the 1 is."""
    return f"0, 0, … 1 … 0, the 1 in place {count(result.id)} (from 0)"


def demo() -> OneHot:
    """Made-up numbers."""
    return OneHot(
        tokens=(
            OneHotWord("A", 355, 0.0, 0.05),
            OneHotWord("red", 1204, 1.0, 1.0),
            OneHotWord("car", 2310, 0.0, 0.11),
            OneHotWord(".", 7, 0.0, -0.02),
            OneHotWord("blue", 1630, 0.0, 0.71),
        ),
        token_count=4,
        vocabulary_size=4000,
        d_model=192,
        times_longer=20.8,
        position=1,
        word="red",
        id=1204,
        vector=tuple(((n * 37) % 19 - 9) / 50 for n in range(192)),
        other="blue",
        other_id=1630,
        one_hot_cosine=0.0,
        cosine=0.71,
        largest_one_hot_cosine=0.0,
        mean_cosine=0.09,
        largest_difference=0.0,
        exact=True,
        products=768000,
    )


if __name__ == "__main__":
    from tutor.views.base import show_demo

    show_demo(demo())
