"""The shapes on a sentence's way through the translator, one line a tensor, block by block."""

from __future__ import annotations

import itertools
import re

from rich.cells import cell_len

from tutor.experiments.shapes import Shapes, TensorShape
from tutor.views.base import Column, Page, listing, view
from tutor.views.numbers import count, noise, percent
from tutor.views.page import NARROW

_LABEL = 29
_IN_WORDS = 110
"""From this width on each tensor's line says what it is."""
_BRIEF_ROWS = 5
_SEPARATOR = " · "
_TELLING = (
    "encoder.blocks.N.attention.weights",
    "logits",
    "encoder.blocks.N.attention.query",
    "decoder.blocks.N.cross_attention.weights",
    "encoder.input",
    "decoder.blocks.N.attention.weights",
    "decoder.blocks.N.cross_attention.query",
    "decoder.blocks.N.cross_attention.key",
    "encoder.tokens",
    "encoder.blocks.N.feed_forward.hidden",
    "decoder.input",
    "decoder.blocks.N.cross_attention.output",
)
"""What a brief page keeps, the most telling first."""
_LAYERS = {"attention": "self-attention", "cross_attention": "cross-attention", "feed_forward": "feed-forward"}


@view.register
def _(result: Shapes, page: Page) -> None:
    sentences = f"{result.batch} sentence{'s' if result.batch > 1 else ''}"
    padded = f", padded to {result.source_length} tokens" if result.source_padding else ""
    page.title(
        f"Shapes on the way of {sentences}{padded}: yours has {result.source_count} tokens, its translation "
        f"{result.target_count}",
        f"Shapes of {sentences}{padded}: yours has {result.source_count} tokens",
        f"Shapes of {sentences}, {result.source_length} tokens long",
    )
    if page.brief:
        _brief(result, page)
        return
    page.note(
        "One line a tensor, in the order computed: its name in the trace, then each axis and its size. N: the block, "
        "counted from 0."
    )
    for _, rows in itertools.groupby(result.rows, key=lambda row: _split(row.path)[0]):
        _group(list(rows), result, page)
    page.blank()
    blocks = " with every block" if result.tensor_count > result.row_count else ""
    page.say(
        f"{result.row_count} names, {result.tensor_count} tensors{blocks}, {count(result.number_count)} numbers; most "
        f"in {result.largest_path}: {count(result.largest_numbers)}."
    )
    if result.batch > 1:
        page.note(
            f"Padding fills {result.source_padding} of {result.source_places} places that the encoder reads, "
            f"{result.own_padding} of them after the sentence. Largest share of attention on it: "
            f"{percent(result.padding_weight)}. The other sentences change your probabilities by at most "
            f"{noise(result.largest_difference)}."
        )
        again = ", in turn" if result.batch - 1 > len(result.others) else ""
        page.note(f"In the batch with yours{again}: {_SEPARATOR.join(result.others)}")
    if not result.part and page.width < _IN_WORDS:
        page.note("What each tensor is: /show shapes --part encoder (or decoder, cross, output).")


def _split(path: str) -> tuple[str, str]:
    """'encoder.blocks.N.attention.query' -> ('encoder.blocks.N', 'attention.query')."""
    found = re.match(r"((?:encoder|decoder)(?:\.blocks\.N)?)\.(.+)", path)
    return (found[1], found[2]) if found else ("", path)


def _group(rows: list[TensorShape], result: Shapes, page: Page) -> None:
    """A heading, and a line for each tensor: its name, its axes, and what it is where there is room or it was asked."""
    page.blank()
    page.say(_heading(rows, result), "view.strong")
    axes = max(cell_len(page.clean(_SEPARATOR.join(_axes(row)))) for row in result.rows)
    taken = 2 + _LABEL + 2 + axes + 2
    for row in rows:
        label, shape = _split(row.path)[1], page.clean(_SEPARATOR.join(_axes(row)))
        if 2 + _LABEL + 2 + cell_len(shape) <= page.width:
            words = (
                _cut(page.clean(row.means), page.width - taken) if not result.part and page.width >= _IN_WORDS else ""
            )
            shape = page.label(shape, axes) + "  " if words else shape
            page.line("  ", (page.label(label, _LABEL), "view.label"), "  ", shape, (words, "view.note"))
        else:
            page.line("  ", (page.label(label, page.width - 2), "view.label"))
            for text in listing(page, _axes(row), _SEPARATOR):
                page.line("  ", text)
        if result.part:
            page.note(row.means, indent=4)


def _heading(rows: list[TensorShape], result: Shapes) -> str:
    """'encoder.blocks.N × 3: self-attention, feed-forward'; 'encoder, before its blocks'."""
    own = _split(rows[0].path)[0]
    if not own:
        return "after the decoder"
    if not own.endswith(".N"):
        return f"{own}, {'before' if rows[0].path.endswith('.tokens') else 'after'} its blocks"
    names = {_split(row.path)[1].split(".")[0] for row in rows}
    layers = ", ".join(told for name, told in _LAYERS.items() if name in names)
    return f"{own} × {rows[0].repeats}{': ' if layers else ''}{layers}"


def _cut(text: str, room: int) -> str:
    """As many whole words as there is room for."""
    if room < 1 or cell_len(text) <= room:
        return text if room > 0 else ""
    words = text.split()
    while words and cell_len(" ".join(words)) + 2 > room:
        words.pop()
    return " ".join([*words, "…"])


def _axes(row: TensorShape) -> list[str]:
    """'batch 1', 'token 8', …: each axis and its size."""
    return [f"{axis} {size}" for axis, size in zip(row.axes, row.sizes, strict=True)] or ["one number"]


def _brief(result: Shapes, page: Page) -> None:
    """The most telling tensors; where narrow, a name and its axes below each other."""
    options: dict[str, str | int] = {"part": result.part} if result.part else {}
    options |= {"batch": result.batch} if result.batch > 1 else {}
    command = " ".join(["/show shapes", *(f"--{name} {value}" for name, value in options.items())])
    rest = f"all {result.row_count} names" if not result.part else "every name and what it is"
    wide = page.width >= NARROW
    closing = 1 if cell_len(f"More: {command}") <= page.width else 2
    rows = _telling(result, _BRIEF_ROWS if wide else (page.left - closing) // 2)
    if wide:
        places = [_place(row) for row in rows]
        labels = [_split(row.path)[1] for row in rows]
        taken = 2 + max(map(cell_len, [*places, "in"])) + 2 + max(map(cell_len, [*labels, "tensor"])) + 2
        page.table(
            [
                Column("in", places, right=False),
                Column("tensor", labels, right=False),
                Column(
                    "each axis and its size",
                    [page.label(_SEPARATOR.join(_axes(row)), page.width - taken).rstrip() for row in rows],
                    right=False,
                ),
            ]
        )
    else:
        for row in rows:
            page.short(row.path, _split(row.path)[1], style="view.label")
            page.short(_SEPARATOR.join(_axes(row)), _SEPARATOR.join(map(str, row.sizes)), style="", indent=2)
    page.rest_at("shapes", rest, **options)


def _place(row: TensorShape) -> str:
    """'encoder', 'decoder × 3', 'end'."""
    stack = row.path.split(".")[0]
    return f"{stack if '.' in row.path else 'end'}{f' × {row.repeats}' if row.repeats > 1 else ''}"


def _telling(result: Shapes, most: int) -> list[TensorShape]:
    """So many rows, the most telling ones, in their order."""
    ranks = {path: rank for rank, path in enumerate(_TELLING)}
    ranked = sorted(result.rows, key=lambda row: ranks.get(row.path, len(ranks)))[:most]
    return [row for row in result.rows if row in ranked]


def demo() -> Shapes:
    """Hand-made: a sentence of five tokens in a batch of two, a model of two blocks; a few names of each part."""
    stream, scores = ("batch", "token", "d_model"), ("batch", "head", "query", "key")

    def row(path: str, part: str, axes: tuple[str, ...], sizes: tuple[int, ...], means: str) -> TensorShape:
        numbers = 1
        for size in sizes:
            numbers *= size
        return TensorShape(path, part, axes, sizes, numbers, 2 if ".N." in path else 1, means)

    rows = (
        row("encoder.tokens", "encoder", ("batch", "token"), (2, 7), "Ids of the tokens read."),
        row("encoder.input", "encoder", stream, (2, 7, 8), "Embedding plus position."),
        row("encoder.blocks.N.attention.query", "encoder", ("batch", "head", "query", "d_head"), (2, 2, 7, 4),
            "What each position asks for: its input times the query matrix."),
        row("encoder.blocks.N.attention.weights", "encoder", scores, (2, 2, 7, 7),
            "Softmax of the masked scores: each row sums to 1 over key."),
        row("encoder.output", "encoder", stream, (2, 7, 8), "The residual stream after the last block, normalised."),
        row("decoder.tokens", "decoder", ("batch", "token"), (2, 6), "Ids of the tokens read."),
        row("decoder.blocks.N.cross_attention.weights", "cross", scores, (2, 2, 6, 7),
            "Softmax of the masked scores: each row sums to 1 over key."),
        row("logits", "output", ("batch", "token", "vocabulary"), (2, 6, 40),
            "Score of every vocabulary entry as this position's output."),
        row("loss", "output", (), (), "Mean of the token losses, padding left out, in nats."),
    )  # fmt: skip
    return Shapes(
        batch=2,
        part="",
        rows=rows,
        row_count=len(rows),
        tensor_count=sum(one.repeats for one in rows),
        number_count=sum(one.repeats * one.numbers for one in rows),
        source_count=5,
        target_count=6,
        source_length=7,
        target_length=6,
        source_places=14,
        source_padding=2,
        own_padding=2,
        padding_weight=0.0,
        largest_difference=9e-8,
        others=("My old car will not start.",),
        d_model=8,
        heads=2,
        d_head=4,
        d_feed_forward=16,
        vocabulary_size=40,
        encoder_layers=2,
        decoder_layers=2,
        largest_path="logits",
        largest_numbers=480,
    )


if __name__ == "__main__":
    from tutor.views.base import show_demo

    show_demo(demo())
