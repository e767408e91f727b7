"""Every head switched off alone: those missed most as bars, and a table of what each head of the model costs."""

from __future__ import annotations

from collections.abc import Sequence

from tutor.experiments.rank_heads import PartOff, RankedHead, RankHeads
from tutor.views.base import Column, Page, view
from tutor.views.brief import others
from tutor.views.numbers import LOSS, number, signed
from tutor.views.page import NARROW

_RANKED = 8
_BRIEF_RANKED = 4
_BAR = 16
_TINY = 0.0005
"""A cost below that is not written out."""


@view.register
def _(result: RankHeads, page: Page) -> None:
    page.title(
        f"The {result.head_count} heads of {result.whole}, each switched off alone",
        f"{result.head_count} heads, each off alone",
    )
    if page.brief:
        _brief(result, page)
        return
    page.note(
        f"Cost: what is added to the loss ({number(result.loss)} with all heads on) when this head alone is off. "
        "Below 0 the model does better without it."
    )
    _ranking(result.heads[:_RANKED], page)
    page.blank()
    page.note(f"All of them, by part and layer (~0: less than {number(_TINY, 4)} either way):")
    _grid(result, page)
    page.note(LOSS)
    page.blank()
    page.say(f"All on: {result.translation or '(nothing)'}")
    for head, written in zip(result.heads, result.written, strict=False):
        same = written == result.translation
        page.say(f"Without {_name(head)}: {'the same' if same else written or '(nothing)'}")
    count, changing = result.head_count, result.changed_count
    page.note(f"Off alone, {changing or 'none'} of the {count} heads change{'s' * (changing < 2)} the translation.")
    page.blank()
    page.note("One at a time, added up, and all at once (added to the loss):")
    page.table(
        [
            Column("part", [group.part for group in result.groups], right=False),
            Column("heads", [str(group.head_count) for group in result.groups]),
            Column("added up", [signed(group.alone, 3) for group in result.groups]),
            Column("all at once", [signed(group.together, 3) for group in result.groups]),
        ]
    )


def _brief(result: RankHeads, page: Page) -> None:
    page.short(
        f"Cost: added to the loss ({number(result.loss)}; 0 is certain) without that head.",
        f"Cost: added to a loss of {number(result.loss)}.",
    )
    ranked = result.heads[:_BRIEF_RANKED]
    _ranking(ranked, page)
    left = result.head_count - len(ranked)
    rest = f"{others(left, 'head')} and the translations" if left else "the translations"
    page.rest_at("rank-heads", rest, **({"part": result.part} if result.part else {}))


def _ranking(heads: Sequence[RankedHead], page: Page) -> None:
    """One line a head, with a bar where there is room."""
    columns = [
        Column("head", [_name(head) for head in heads], right=False),
        Column("cost", [_cost(head) for head in heads]),
    ]
    if page.width >= NARROW:
        top = max(heads[0].cost, _TINY)
        bars = [page.bar(head.cost / top, _BAR) for head in heads]
        columns.append(Column("", bars, right=False, style="view.bar"))
    columns.append(Column("translation", ["the same" if head.same else "another" for head in heads], right=False))
    page.table(columns)


def _grid(result: RankHeads, page: Page) -> None:
    """A row a layer, a column a head."""
    costs = {(head.part, head.layer, head.head): head for head in result.heads}
    layers = sorted({(_order(result.groups, part), part, layer) for part, layer, _ in costs})
    columns = [Column("layer", [f"{part} {layer}" for _, part, layer in layers], right=False)]
    for number_ in sorted({head for _, _, head in costs}):
        held = [costs.get((part, layer, number_)) for _, part, layer in layers]
        columns.append(
            Column(
                f"head {number_}",
                [_cost(head) if head else "" for head in held],
                styles=["view.negative" if head and head.cost < 0 else "view.number" for head in held],
            )
        )
    page.table(columns)


def _order(groups: tuple[PartOff, ...], part: str) -> int:
    return next((n for n, group in enumerate(groups) if group.part == part), len(groups))


def _name(head: RankedHead) -> str:
    return f"{head.part} {head.layer}, head {head.head}"


def _cost(head: RankedHead) -> str:
    return "~0" if abs(head.cost) < _TINY else signed(head.cost, 3)


def demo() -> RankHeads:
    """Made-up numbers for two parts of two layers, two heads each."""
    costs = {
        ("cross", 2, 1): 0.366,
        ("cross", 1, 2): 0.309,
        ("decoder", 1, 1): 0.14,
        ("cross", 2, 2): 0.051,
        ("decoder", 2, 2): 0.004,
        ("cross", 1, 1): 0.0002,
        ("decoder", 1, 2): -0.003,
        ("decoder", 2, 1): -0.024,
    }
    heads = tuple(
        RankedHead(part, layer, head, 0.218 + cost, cost, cost < 0.3) for (part, layer, head), cost in costs.items()
    )
    return RankHeads(
        part="",
        whole="the model",
        heads=heads,
        head_count=len(heads),
        groups=(PartOff("decoder", 4, 0.117, 2.1), PartOff("cross", 4, 0.7262, 5.26)),
        loss=0.218,
        translation="Une petite voiture rouge.",
        written=("Un petit voiture rouge.", "Une voiture rouge.", "Une petite voiture rouge."),
        most_where="cross-attention layer 2, head 1",
        most_loss=0.584,
        most_cost=0.366,
        most_translation="Un petit voiture rouge.",
        least_where="decoder layer 2, head 1",
        least_cost=-0.024,
        changed_count=2,
        better_count=2,
        together_where="cross-attention",
        together_count=4,
        together_alone=0.7262,
        together_cost=5.26,
    )


if __name__ == "__main__":
    from tutor.views.base import show_demo

    show_demo(demo())
