"""One word's vector on its way through the encoder: a row a stage, what it still is and what it is most like."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len

from tutor.experiments.encoder_layers import EncoderLayers, Stage
from tutor.views.base import Column, Page, view
from tutor.views.numbers import number, percent
from tutor.views.page import NARROW

_NAME, _NAME_NARROW = 14, 8
_BAR = 8


@view.register
def _(result: EncoderLayers, page: Page) -> None:
    if page.brief:
        title = f"“{result.word}” in the encoder"
        page.title(f"“{result.word}” on its way through the encoder", title)
        if page.width < NARROW:
            page.short("Cosine with start (its embedding).")
            page.short("change: the layer's part of the way.")
        else:
            page.short(
                "Cosine with its embedding (start) and the row above; change: part of the way.",
                "Cosine with the embedding and the row above; change: part of the way.",
            )
        _table(result, page, result.rows[-(page.left - 1) :])
        return
    page.title(f"“{result.word}” on its way through the encoder")
    page.note(
        "start, before: cosine with its embedding and with the row above; 1: same direction, 0: unrelated. change: how "
        f"far the layer takes it along the straight way from “+ position” to layer {result.layers}, 100% together."
    )
    _table(result, page, result.rows)
    page.note(
        "►: the layer that goes farthest. most like: the nearest vector of another word, and its cosine.", indent=2
    )
    page.blank()
    page.say(
        f"Of the way, attention goes {_part(result.attention_share)} and the feed-forward networks "
        f"{_part(result.feed_forward_share)}."
    )
    if result.same_nearest:
        page.say(
            f"Nearest at the end as in the table: “{result.nearest_word}”, "
            f"{_two(result.nearest_cosine_start)} → {_two(result.nearest_cosine)}."
        )
    else:
        page.say(
            f"Nearest at the end: “{result.nearest_word}”, {_two(result.nearest_cosine_start)} → "
            f"{_two(result.nearest_cosine)}; in the table it was “{result.nearest_word_start}”."
        )
    usual = f"{_two(result.rows[0].usual_cosine)} → {_two(result.rows[-1].usual_cosine)}"
    page.note(f"With the other words on average: {usual}.")


def _table(result: EncoderLayers, page: Page, rows: Sequence[Stage]) -> None:
    wide = page.width >= NARROW
    changes = [_part(row.share) if row.layer else "" for row in rows]
    if wide:
        longest = max(map(len, changes))
        bars = [page.bar(row.share, _BAR) if row.layer else "" for row in rows]
        changes = [f"{change:>{longest}} {bar}".rstrip() for change, bar in zip(changes, bars, strict=True)]
    columns = [
        Column("after", [row.label for row in rows], right=False),
        Column("start", [_two(row.cosine_start) for row in rows]),
    ]
    if wide or not page.brief:
        columns.append(Column("before", ["" if row is result.rows[0] else _two(row.cosine_before) for row in rows]))
    columns.append(Column("change", changes, right=not wide, style="view.bar" if wide else ""))
    if not page.brief:
        for name, parts in (
            ("attention", [row.attention_share for row in rows]),
            ("feed-forward", [row.feed_forward_share for row in rows]),
        ):
            shown = [_part(part) if row.layer else "" for row, part in zip(rows, parts, strict=True)]
            columns.append(Column(name, shown))
    names = [_short(page, row.nearest_token, _NAME if wide else _NAME_NARROW) for row in rows]
    alike = [f"{name} {_two(row.nearest_cosine)}" for name, row in zip(names, rows, strict=True)]
    columns.append(Column("most like", alike, right=False))
    marked = next((n for n, row in enumerate(rows) if row.layer == result.most_layer), None)
    page.table(columns, marked=marked, gap=2 if wide else 1)


def _two(cosine: float) -> str:
    return number(cosine, 2)


def _part(share: float) -> str:
    """A share of the way, which may lead back."""
    return percent(share) if share >= 0 else f"-{percent(-share)}"


def _short(page: Page, token: str, most: int) -> str:
    """The token in at most so many cells."""
    return page.label(token, min(most, cell_len(page.clean(token))))


def demo() -> EncoderLayers:
    """Made-up numbers: the word before it comes nearer, layer by layer."""
    rows = (
        Stage("start", 0, 1.0, 1.0, 0.0, 0.0, 0.0, "A", 0.09, 0.04),
        Stage("+ position", 0, 0.9, 0.9, 0.0, 0.0, 0.0, "A", 0.15, 0.1),
        Stage("layer 1", 1, 0.83, 0.94, 0.22, 0.15, 0.07, "A", 0.21, 0.16),
        Stage("layer 2", 2, 0.74, 0.91, 0.47, 0.3, 0.17, "red", 0.34, 0.19),
        Stage("layer 3", 3, 0.64, 0.93, 0.31, 0.08, 0.23, "red", 0.38, 0.18),
    )
    return EncoderLayers(
        word="car",
        position=2,
        rows=rows,
        layers=3,
        d_model=256,
        cosine_position=0.9,
        cosine_end=0.64,
        most_layer=2,
        most_share=0.47,
        least_layer=1,
        least_share=0.22,
        attention_share=0.53,
        feed_forward_share=0.47,
        nearest_word="red",
        nearest_cosine=0.38,
        nearest_cosine_start=0.07,
        nearest_word_start="A",
        same_nearest=False,
        other_words=2,
    )


if __name__ == "__main__":
    from tutor.views.base import show_demo

    show_demo(demo())
