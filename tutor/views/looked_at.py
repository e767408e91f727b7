"""Who looks at a word: the heads that look most at it, and the words that do."""

from __future__ import annotations

from tutor.experiments.looked_at import HeadOnWord, LookedAt, WordOnWord
from tutor.views.base import Column, Page, view
from tutor.views.brief import others
from tutor.views.numbers import percent
from tutor.views.page import NARROW

_BRIEF = 4
_BAR = 16


@view.register
def _(result: LookedAt, page: Page) -> None:
    page.title(
        f"Who looks at “{result.key_word}”: {result.head_count} heads of {_part(result)}, most first",
        f"Who looks at “{result.key_word}”",
    )
    if page.brief:
        even = f"Evenly spread, it would get {percent(result.even_share)}."
        page.short(f"Share: what the other words give it, on average. {even}", even)
        _heads(result.heads[:_BRIEF], result, page)
        options = {"part": result.part} if result.part != "encoder" else {}
        left = others(result.head_count - _BRIEF, "head")
        page.rest_at("looked-at", f"{left} and the words, one by one", word=result.key_word, **options)
        return
    page.note(
        f"Share: what the other words give “{result.key_word}” in that head, on average; evenly spread it would get "
        f"{percent(result.even_share)}."
    )
    _heads(result.heads, result, page)
    page.blank()
    page.note(f"Word by word: the head in which each looks most at “{result.key_word}”.")
    _words(result.words, page)


def _part(result: LookedAt) -> str:
    return "cross-attention" if result.part == "cross" else f"the {result.part}"


def _heads(heads: tuple[HeadOnWord, ...], result: LookedAt, page: Page) -> None:
    columns = [
        Column("head", [f"layer {one.layer}, head {one.head}" for one in heads], right=False),
        Column("share", [percent(one.share) for one in heads]),
    ]
    if page.width >= NARROW:
        top = result.most_share or 1.0
        columns.append(Column("", [page.bar(one.share / top, _BAR) for one in heads], right=False, style="view.bar"))
    columns.append(
        Column("most from", [f"{page.clean(one.query_word)} {percent(one.query_share)}" for one in heads], right=False)
    )
    page.table(columns)


def _words(words: tuple[WordOnWord, ...], page: Page) -> None:
    page.table(
        [
            Column("word", [page.clean(one.query_word) for one in words], right=False),
            Column("gives it", [percent(one.share) for one in words]),
            Column("in", [f"layer {one.layer}, head {one.head}" for one in words], right=False),
        ]
    )


def demo() -> LookedAt:
    """Made-up numbers for two layers of two heads."""
    shares = {(2, 1): 0.31, (1, 2): 0.2, (2, 2): 0.09, (1, 1): 0.04}
    heads = tuple(HeadOnWord(layer, head, share, "it", min(1.0, 2 * share)) for (layer, head), share in shares.items())
    words = (WordOnWord("it", 2, 1, 0.62), WordOnWord("slept", 1, 2, 0.4), WordOnWord(".", 2, 1, 0.12))
    return LookedAt(
        part="encoder",
        layer=0,
        key_word="dog",
        key_position=1,
        heads=heads,
        words=words,
        head_count=len(heads),
        even_share=0.14,
        most_where="encoder layer 2, head 1",
        most_share=0.31,
        query_word="it",
        weight=0.62,
        where="encoder layer 2, head 1",
    )


if __name__ == "__main__":
    from tutor.views.base import show_demo

    show_demo(demo())
