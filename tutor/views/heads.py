"""All heads of a layer as small maps side by side, each with its habit and what is lost without it."""

from __future__ import annotations

from dataclasses import dataclass

from rich.cells import cell_len
from rich.text import Text

from tutor.experiments.heads import Heads, HeadSummary
from tutor.views import theme
from tutor.views.base import Column, Page, listing, pad, view
from tutor.views.brief import most_telling, others
from tutor.views.numbers import LOSS, number, percent, signed
from tutor.views.page import NARROW
from tutor.views.places import options, place

_HABITS = {
    "previous": "before",
    "next": "after",
    "self": "itself",
    "first": "first",
    "end": "end mark",
    "repeat": "after repeats",
}
_SMALLEST = 14
_LABEL = 8
_TALLEST = 40
"""Lines of map on a whole page."""
_BRIEF_ROWS = 4


@view.register
def _(result: Heads, page: Page) -> None:
    where = place(result.part, result.layer, result.layers)
    page.title(f"{where}: its {result.head_count} heads", where)
    if page.brief:
        _brief(result, page)
        return
    page.note("Rows look at columns, in sentence order. Above each map: where most goes.")
    _maps(result, page, _layout(result, page))
    for text in listing(page, theme.ASCII_SHADE_LEGEND if page.ascii else theme.SHADE_LEGEND, "  "):
        page.line("  ", (text, "view.note"))
    page.blank()
    page.say(f"Loss with all heads on: {number(result.loss)}. With one of them off:")
    _table(result, page)
    page.note(LOSS)
    page.say(f"All on: {_written(result, result.translation)}")
    _all_off(result, page)
    page.note(
        f"Heads {result.different_head_a} and {result.different_head_b} differ most: "
        f"{percent(result.largest_difference)} of a row lies elsewhere."
    )


def _brief(result: Heads, page: Page) -> None:
    """A line a head: where most goes, what its loss gains without it, and its strongest link where there is room."""
    page.short(
        f"With all heads the loss is {number(result.loss)} (0: certain); off: what it gains without one.",
        f"off: added to the loss ({number(result.loss)}).",
    )
    gains = [abs(head.loss_without - result.loss) for head in result.heads]
    needed = next((n for n, head in enumerate(result.heads) if head.head == result.most_needed_head), None)
    kept = most_telling(gains, _BRIEF_ROWS, needed)
    heads = [result.heads[n] for n in kept]
    columns = [
        Column("head", [str(head.head) for head in heads]),
        Column("mostly to", [_habit(head, 16) for head in heads], right=False),
        Column("off", [_change(result, head) for head in heads]),
    ]
    if page.width >= NARROW:
        links = [pad(page.clean(_link(head)), min(40, cell_len(page.clean(_link(head))))) for head in heads]
        columns.append(Column("strongest link", links, right=False))
    page.table(columns, marked=None if needed is None else kept.index(needed))
    left = len(result.heads) - len(kept)
    rest = (
        f"{others(left, 'head')}, a map of each, and all off"
        if left
        else "a map of each head, and what is written with all off"
    )
    page.rest_at("heads", rest, **options(result.part, result.layer))


def _table(result: Heads, page: Page) -> None:
    """One line a head: its habit, its strongest link of two words, and the loss without it."""
    columns = [
        Column("", [str(head.head) for head in result.heads]),
        Column("mostly to", [_habit(head, 16) for head in result.heads], right=False),
        Column("loss", [number(head.loss_without) for head in result.heads]),
        Column("change", [_change(result, head) for head in result.heads]),
        Column("strongest link", [_link(head) for head in result.heads], right=False),
    ]
    page.table(
        columns,
        marked=next((n for n, head in enumerate(result.heads) if head.head == result.most_needed_head), None),
    )


def _all_off(result: Heads, page: Page) -> None:
    what = "how it goes on" if result.part == "english" else "the translation"
    if result.same_without_layer:
        page.say(f"All {result.head_count} of layer {result.layer} off: {what} stays the same.")
    else:
        page.say(
            f"All {result.head_count} of layer {result.layer} off: {_written(result, result.translation_without_layer)}"
        )


def _written(result: Heads, text: str) -> str:
    return f"{'… ' if result.part == 'english' else ''}{text or '(nothing)'}"


@dataclass(frozen=True)
class _Layout:
    """How the maps are laid out."""

    block: int
    """So many tokens, each way, share a cell: more than 1 where the maps would fill screens."""
    cell: int
    """Cells a column."""
    labelled: bool
    """Rows are named at the left."""
    across: int
    """Maps side by side."""
    label: int
    shown: int
    """Columns that fit."""


def _layout(result: Heads, page: Page) -> _Layout:
    """As many maps side by side as possible, then as wide as possible; tokens share cells until the page is short."""
    rows, keys = len(result.query_tokens), len(result.key_tokens)
    count = len(result.heads)
    longest = max(cell_len(page.clean(token)) for token in result.query_tokens)
    for block in range(1, max(rows, keys) + 1):
        columns = -(-keys // block)
        label = min(_LABEL, longest) if block == 1 else 2 * len(str(rows)) + 1
        cell, labelled, across = _widest(page, columns, label, count)
        if -(-rows // block) * -(-count // across) <= _TALLEST:
            break
    shown = min(columns, (page.width - (label + 1 if labelled else 0)) // cell)
    return _Layout(block, cell, labelled, across, label, shown)


def _widest(page: Page, columns: int, label: int, count: int) -> tuple[int, bool, int]:
    """(cells a column, rows named at the left, maps side by side)."""
    for wanted in (count, (count + 1) // 2, 1):
        for cell in (2, 1):
            if (page.width - label + 1) // (max(_SMALLEST, columns * cell) + 2) >= wanted:
                return cell, True, wanted
    return 1, False, 1


def _maps(result: Heads, page: Page, layout: _Layout) -> None:
    """Every head's map; rows are named at the left where there is room."""
    cell, across, block = layout.cell, layout.across, layout.block
    starts = range(0, len(result.query_tokens), block)
    lead = layout.label + 1 if layout.labelled else 0
    width = max(_SMALLEST, layout.shown * cell)
    for first in range(0, len(result.heads), across):
        group = result.heads[first : first + across]
        page.line(" " * lead, ("  ".join(pad(f"head {head.head}", width) for head in group), "view.strong"))
        page.line(" " * lead, "  ".join(pad(page.clean(_habit(head, width)), width) for head in group))
        for start in starts:
            line = Text()
            if layout.labelled:
                line.append(page.label(_row_name(result, start, block), layout.label) + " ", "view.head")
            for place_, head in enumerate(group):
                line.append("  " if place_ else "")
                for column in range(layout.shown):
                    weight = _largest(head, start, column * block, block)
                    line.append(theme.shade(weight, page.ascii) * cell, f"ink.{theme.tenth(weight)}")
                line.append(" " * (width - layout.shown * cell))
            page.line(line)
        if first + across < len(result.heads):
            page.blank()
    if layout.shown * block < len(result.key_tokens):
        page.note(f"Only the first {layout.shown} of {len(result.key_tokens)} columns fit.")
    if block > 1:
        page.note(
            f"A cell stands for {block} × {block} tokens and shows the largest share among them. A whole map: "
            f"/show attention --layer {result.layer} --head {result.most_needed_head}."
        )


def _row_name(result: Heads, start: int, block: int) -> str:
    if block == 1:
        return result.query_tokens[start]
    return f"{start + 1}–{min(start + block, len(result.query_tokens))}"


def _largest(head: HeadSummary, row: int, column: int, block: int) -> float:
    return max(max(line[column : column + block]) for line in head.weights[row : row + block])


def _habit(head: HeadSummary, width: int) -> str:
    """'before 67%' for a place, '“dog” 24%' for the token that gets most where no place does."""
    if name := _HABITS.get(head.pattern):
        return f"{name} {percent(head.pattern_share)}"
    share = percent(head.favourite_share)
    room = width - len(share) - 3
    name = head.favourite_token
    return f"“{name if cell_len(name) <= room else pad(name, room)}” {share}"


def _change(result: Heads, head: HeadSummary) -> str:
    return signed(head.loss_without - result.loss, 3)


def _link(head: HeadSummary) -> str:
    return f"{head.link_query} → {head.link_key} {percent(head.link_weight)}"


def demo() -> Heads:
    """Made-up numbers: previous, self, end, spread."""
    tokens = ("The", "cat", "sat", "on", "the", "mat", "‹end›")
    size = len(tokens)

    def head(number: int, pattern: str, loss: float) -> HeadSummary:
        rows = []
        for query in range(size):
            target = {"previous": max(0, query - 1), "self": query, "end": size - 1}.get(pattern)
            raw = [1.0 if target is None else 12.0 if key == target else 1.0 for key in range(size)]
            rows.append(tuple(value / sum(raw) for value in raw))
        share = 12 / 18 if pattern != "spread" else 1 / size
        return HeadSummary(number, pattern, share, 2.0, tuple(rows), loss, "mat", 0.2, "sat", "cat", rows[2][1])

    heads = (head(1, "previous", 0.34), head(2, "self", 0.12), head(3, "end", 0.101), head(4, "spread", 0.11))
    return Heads(
        part="encoder",
        layer=1,
        layers=3,
        query_tokens=tokens,
        key_tokens=tokens,
        heads=heads,
        head_count=4,
        d_head=64,
        translation="Le chat était assis sur le tapis.",
        loss=0.104,
        most_needed_head=1,
        most_needed_loss=0.34,
        least_needed_head=3,
        least_needed_loss=0.101,
        translation_without_layer="Le le sur.",
        largest_difference=0.61,
        different_head_a=1,
        different_head_b=3,
        where="encoder layer 1",
        same_without_layer=False,
    )


if __name__ == "__main__":
    from tutor.views.base import show_demo

    show_demo(demo())
