"""What would come next, were each layer the last: one row a layer, as far as the vector's journey has come."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len

from tutor.experiments.logit_lens import LogitLens, Readout
from tutor.experiments.translate import Candidate
from tutor.views.base import Column, Page, view
from tutor.views.distribution import goes_before
from tutor.views.numbers import count, percent
from tutor.views.page import NARROW

_NAME, _NAME_NARROW = 12, 7
_BAR = 10


@view.register
def _(result: LogitLens, page: Page) -> None:
    goes_before(page, "Read out after each layer: ", result.text)
    final = _short(page, result.final_token, _NAME if page.width >= NARROW else _NAME_NARROW)
    if page.brief:
        read, mark = "Each vector is read as if it were the last", f"from ► on, “{final}” stays first."
        if page.width < NARROW:
            page.short(f"{read}.", "Each vector is read as if the last.")
            page.short(mark[0].upper() + mark[1:])
        else:
            page.short(f"{read}; {mark}")
        # Before the first layer there is only the word itself: of all rows it can best be missed.
        _table(result, page, result.rows[-(page.left - 1) :], final)
        return
    page.note(
        f"The vector at “{result.word}” before the first layer and after each, read as if it were the last already: "
        "final norm, then the embedding table as output layer."
    )
    _table(result, page, result.rows, final)
    page.note(
        f"place: of “{final}” among all {count(result.vocabulary_size)}. ►: from there on it stays first.", indent=2
    )
    page.blank()
    leap = f"{percent(result.leap_from)} → {percent(result.leap_to)}"
    page.say(f"Layer {result.leap_layer} does most for “{final}”: {leap}.")
    page.note(
        "In training only the vector after the last layer was read like this. What an earlier one does not show may be "
        "in it all the same, in a form that only later layers can use."
    )


def _table(result: LogitLens, page: Page, rows: Sequence[Readout], final: str) -> None:
    """Stage, likeliest tokens as far as they fit, and what the final choice has there."""
    wide = page.width >= NARROW
    stages = [f"layer {row.layer}" if row.layer else "before" for row in rows]
    shares = [f"{percent(row.final_probability):>4}" for row in rows]
    if wide:
        bars = [page.bar(row.final_probability, _BAR) for row in rows]
        shares = [f"{share} {bar}" for share, bar in zip(shares, bars, strict=True)]
    others = [
        Column(f"“{final}”", shares, right=not wide, style="view.bar" if wide else ""),
        Column("place", [count(row.final_rank) for row in rows]),
    ]
    gap = 2 if wide else 1
    taken = 2 + max(map(len, stages))
    taken += sum(gap + max(map(cell_len, (column.head, *column.cells))) for column in others)
    likeliest = [_as_many_as_fit(page, row.candidates, page.width - taken - gap) for row in rows]
    page.table(
        [Column("after", stages, right=False), Column("likeliest", likeliest, right=False), *others],
        marked=next((n for n, row in enumerate(rows) if row.layer == result.settled_layer), None),
        gap=gap,
    )


def _as_many_as_fit(page: Page, candidates: Sequence[Candidate], room: int) -> str:
    """'car 30%  flower 10%': at least one, and no more than `room` cells."""
    told = ""
    for candidate in candidates:
        share = percent(candidate.probability)
        one = f"{_short(page, candidate.token, min(_NAME, room - cell_len(share) - 1))} {share}"
        if told and cell_len(told) + 2 + cell_len(one) > room:
            break
        told = f"{told}  {one}" if told else one
    return told


def _short(page: Page, token: str, most: int) -> str:
    """The token in at most so many cells."""
    return page.label(token, min(most, cell_len(page.clean(token))))


def demo() -> LogitLens:
    """Made-up numbers: the word itself, then a vague idea, then the choice."""
    listed = (
        (("red", 0.9998), ("blue", 0.0001), ("dark", 0.00003)),
        (("red", 0.93), ("green", 0.02), ("hot", 0.01)),
        (("red", 0.31), ("thing", 0.08), ("car", 0.0412)),
        (("car", 0.1204), ("thing", 0.09), ("flower", 0.05)),
        (("car", 0.26), ("flower", 0.11), ("light", 0.06)),
        (("car", 0.2962), ("flower", 0.103), ("light", 0.0504)),
    )
    rows = tuple(
        Readout(layer, tuple(Candidate(*entry) for entry in listed[layer]), share, rank)
        for layer, (share, rank) in enumerate(
            ((3e-9, 1204), (0.00004, 87), (0.0412, 3), (0.1204, 1), (0.26, 1), (0.2962, 1))
        )
    )
    return LogitLens(
        part="english",
        reader="the English model",
        text="A red",
        word="red",
        layers=5,
        rows=rows,
        final_token="car",
        final_probability=0.2962,
        settled_layer=3,
        settled_probability=0.1204,
        first_token="red",
        first_probability=0.9998,
        echoes=True,
        echo_layer=2,
        leap_layer=4,
        leap_from=0.1204,
        leap_to=0.26,
        last_but_one_layer=4,
        last_but_one_token="car",
        vocabulary_size=4000,
    )


if __name__ == "__main__":
    from tutor.views.base import show_demo

    show_demo(demo())
