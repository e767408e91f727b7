"""One word's keys in two orders: by plain likeness, and by its learned query and their learned keys."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len

from tutor.experiments.query_key import FEWEST, QueryKey, RankedKey
from tutor.views.base import Column, Page, view
from tutor.views.brief import most_telling, the_others
from tutor.views.numbers import number, percent
from tutor.views.page import NARROW

_NAME, _NAME_NARROW = 14, 8
_BAR = 12
_BRIEF_KEYS = 3


@view.register
def _(result: QueryKey, page: Page) -> None:
    compared = f", the sharpest of {result.heads_compared} heads" if result.heads_compared > 1 else ""
    word = f"“{result.query_word}”"
    page.title(f"{word} in {result.where}{compared}", f"{word} in {result.where}", word)
    if page.brief:
        _brief(result, page)
        return
    page.note(
        "plain: dot product of the two vectors that enter the layer, nothing learned in between. score: query · key / "
        "√d, from the same vectors by the learned matrices. place: by plain; the rows stand in the order of score."
    )
    _table(result, page, result.keys)
    page.note("►: first by plain. share: what softmax makes of the scores.", indent=2)
    page.blank()
    if result.pairs:
        page.say(
            f"Pairs of keys in the same order both times: {result.pairs_alike} of {result.pairs} (by chance: half)."
        )
    else:
        page.say("There is one place to look at, so that there is nothing to order.")
    if result.rows_compared:
        here = f"{_two(result.agreement)} for {word}; " if result.key_count >= FEWEST else ""
        page.say(
            f"Agreement of the two orders: {here}over all rows {_two(result.mean_agreement)}, from "
            f"{_two(result.lowest_agreement)} to {_two(result.highest_agreement)}."
        )
        page.note("1: the same order, 0: no relation, -1: the reverse. Rows with fewer than three keys do not count.")
        heads = [f"head {n} {_two(one)}" for n, one in enumerate(result.head_agreements, 1)]
        page.note(f"Over all rows, by head: {', '.join(heads)}.")
    if result.both_ways:
        page.say(
            f"Score of {word} for “{result.top_word}”: {_two(result.score_there)}; of “{result.top_word}” for {word}: "
            f"{_two(result.score_back)}. By plain, both would be the same."
        )


def _brief(result: QueryKey, page: Page) -> None:
    """The keys with the largest shares, the likest among them, and how far the orders agree."""
    if page.width < NARROW:
        page.short("plain: input · input; score: learned.")
        page.short("place: by plain; ►: first there.")
    else:
        page.short(
            "plain: input · input; score: query · key / √d. place: by plain; ►: first there.",
            "plain: input · input; score: learned. place: by plain; ►: first there.",
        )
    likest = next((n for n, key in enumerate(result.keys) if key.likeness_place == 1), None)
    kept = most_telling([key.share for key in result.keys], _BRIEF_KEYS, likest)
    _table(result, page, [result.keys[n] for n in kept])
    if result.key_count >= FEWEST:
        here, everywhere = _two(result.agreement), _two(result.mean_agreement)
        page.short(
            f"Agreement of the orders: {here}; over all rows {everywhere} (1: the same, 0: no relation).",
            f"Agreement: {here}; over all rows {everywhere} (1: the same, 0: no relation).",
            f"Agreement: {here}; all rows: {everywhere}.",
            style="",
        )
    else:
        page.short("Too few keys to compare two orders.", style="")
    left = len(result.keys) - len(kept)
    part = {} if result.part == "encoder" else {"part": result.part}
    rest = the_others(left, "key") if left else "the other heads"
    page.rest_at("query-key", rest, **part, layer=result.layer, head=result.head, word=result.query_token)


def _table(result: QueryKey, page: Page, keys: Sequence[RankedKey]) -> None:
    wide = page.width >= NARROW
    longest = _NAME if wide else _NAME_NARROW
    digits = len(str(len(result.keys)))
    names = [f"{key.score_place:>{digits}} {_short(page, key.token, longest)}" for key in keys]
    shares = [f"{percent(key.share):>4} {page.bar(key.share, _BAR)}" if wide else percent(key.share) for key in keys]
    page.table(
        [
            Column("key", names, right=False),
            Column("plain", [_two(key.likeness) for key in keys]),
            Column("place", [str(key.likeness_place) for key in keys]),
            Column("score", [_two(key.score) for key in keys]),
            Column("share", shares, right=not wide, style="view.bar" if wide else ""),
        ],
        marked=next((n for n, key in enumerate(keys) if key.likeness_place == 1), None),
        gap=2 if wide else 1,
    )


def _two(value: float) -> str:
    return number(value, 2)


def _short(page: Page, token: str, most: int) -> str:
    """The token in at most so many cells."""
    return page.label(token, min(most, cell_len(page.clean(token))))


def demo() -> QueryKey:
    """Made-up numbers: most like itself, but it asks for the word before it."""
    keys = (
        RankedKey("red", 31.4, 2, 6.8, 1, 0.9, False),
        RankedKey("car", 118.2, 1, 4.2, 2, 0.07, True),
        RankedKey("A", 12.5, 3, 2.9, 3, 0.02, False),
        RankedKey(".", -9.1, 5, 1.4, 4, 0.007, False),
        RankedKey("‹end›", -3.6, 4, 0.3, 5, 0.003, False),
    )
    return QueryKey(
        part="encoder",
        layer=3,
        head=3,
        where="encoder layer 3, head 3",
        query_token="car",
        query_word="car",
        query_position=2,
        keys=keys,
        key_count=5,
        d_model=256,
        d_head=64,
        heads=4,
        heads_compared=12,
        likest_word="car",
        likest_is_self=True,
        likest_share=0.07,
        likest_score_place=2,
        top_word="red",
        top_share=0.9,
        top_likeness_place=2,
        same_top=False,
        agreement=0.6,
        pairs=10,
        pairs_alike=8,
        mean_agreement=0.22,
        lowest_agreement=-0.2,
        highest_agreement=0.6,
        rows_compared=5,
        head_agreements=(-0.11, 0.08, 0.22, 0.15),
        both_ways=True,
        score_there=6.8,
        score_back=1.1,
    )


if __name__ == "__main__":
    from tutor.views.base import show_demo

    show_demo(demo())
