"""All heads of a layer as small maps side by side, each with its pattern and what is lost without it."""

from __future__ import annotations

from rich.cells import cell_len
from rich.text import Text

from tutor.experiments.heads import Heads, HeadSummary
from tutor.views import theme
from tutor.views.base import Column, Page, listing, pad, view
from tutor.views.numbers import number, percent, signed
from tutor.views.places import place

_MEANING = {
    "previous": "before",
    "next": "after",
    "self": "itself",
    "first": "first",
    "end": "end mark",
    "spread": "spread out",
    "mixed": "no one place",
}
_SMALLEST = 13


@view.register
def _(result: Heads, page: Page) -> None:
    page.title(f"{place(result.part, result.layer, result.layers)}: its {result.head_count} heads")
    page.note("Rows look at columns, both in sentence order. Above each map: where it looks.")
    _maps(result, page)
    for text in listing(page, theme.ASCII_SHADE_LEGEND if page.ascii else theme.SHADE_LEGEND, "  "):
        page.line("  ", (text, "view.note"))
    page.blank()
    page.say(f"Loss with all heads {number(result.loss)} nats a token; without head …")
    page.table(
        [
            Column("", [str(head.head) for head in result.heads]),
            Column("loss", [number(head.loss_without) for head in result.heads]),
            Column("change", [signed(head.loss_without - result.loss, 3) for head in result.heads]),
        ],
        marked=next((n for n, head in enumerate(result.heads) if head.head == result.most_needed_head), None),
    )
    page.note(
        f"► Without head {result.most_needed_head} the loss is highest, without {result.least_needed_head} lowest.",
        indent=2,
    )
    page.say(f"All on: {result.translation}")
    page.say(f"All {result.head_count} off: {result.translation_without_layer or '(nothing)'}")
    page.note(
        f"Heads {result.different_head_a} and {result.different_head_b} differ most: "
        f"{percent(result.largest_difference)} of a row lies elsewhere."
    )


def _maps(result: Heads, page: Page) -> None:
    """As many maps in a row as fit; rows are named at the left where there is room."""
    keys = len(result.key_tokens)
    names = [page.clean(token) for token in result.query_tokens]
    label = min(8, max(cell_len(name) for name in names))
    options = [(cell, labelled) for cell in (2, 1) for labelled in (True, False)]
    cell, labelled, across = 1, False, 0
    for wanted in (len(result.heads), (len(result.heads) + 1) // 2, 1):
        for cell, labelled in options:
            room = page.width - (label + 1 if labelled else 0)
            width = max(_SMALLEST, keys * cell)
            across = (room + 2) // (width + 2)
            if across >= wanted:
                break
        if across >= wanted:
            break
    shown = min(keys, (page.width - (label + 1 if labelled else 0)) // cell)
    width = max(_SMALLEST, shown * cell)
    across = max(1, min(across, len(result.heads)))
    if across < len(result.heads) and len(result.heads) % across:
        across = max(1, across - 1)
    lead = label + 1 if labelled else 0
    for start in range(0, len(result.heads), across):
        group = result.heads[start : start + across]
        page.line(" " * lead, ("  ".join(pad(f"head {head.head}", width) for head in group), "view.strong"))
        page.line(" " * lead, "  ".join(pad(_pattern(head), width) for head in group))
        for row, name in enumerate(names):
            line = Text()
            if labelled:
                line.append(page.label(name, label) + " ", "view.head")
            for place_, head in enumerate(group):
                line.append("  " if place_ else "")
                for weight in head.weights[row][:shown]:
                    line.append(theme.shade(weight, page.ascii) * cell, f"ink.{theme.tenth(weight)}")
                line.append(" " * (width - shown * cell))
            page.line(line)
        if start + across < len(result.heads):
            page.blank()
    if shown < keys:
        page.note(f"Only the first {shown} of {keys} columns fit.")


def _pattern(head: HeadSummary) -> str:
    name = _MEANING.get(head.pattern, head.pattern)
    share = "" if head.pattern in ("spread", "mixed") else f" {percent(head.pattern_share)}"
    return name + share


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
        return HeadSummary(number, pattern, 12 / 18 if pattern != "spread" else 1 / size, 2.0, tuple(rows), loss)

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
    )


if __name__ == "__main__":
    from tutor.views.base import show_demo

    show_demo(demo())
