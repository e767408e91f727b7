"""One weight turned up and down by less and less: the slope measured each time, and how far it is the one computed."""

from collections.abc import Sequence

from tutor.experiments.nudge import MOST_DIGITS, Kind, Nudge, Size
from tutor.views.base import Column, Page, view
from tutor.views.brief import most_telling
from tutor.views.numbers import LOSS, general
from tutor.views.page import NARROW

_BRIEF_SIZES = 3
_WIDE = 76
"""From here on there is room for the losses."""
_LONGEST_BAR = 20


@view.register
def _(result: Nudge, page: Page) -> None:
    page.title(f"One {result.kind} of {result.where}, turned up and down", f"One {result.kind} turned up and down")
    if page.brief:
        _sizes(result, page, _kept(result))
        page.short(
            f"digits: how many are as in the slope that the backward pass computed. Loss: {general(result.loss, 4)}.",
            "digits: as many are as computed.",
        )
        page.rest_at("nudge", f"all sizes, and {result.kind_count} weights of other kinds", **_place(result))
        return
    index = ", ".join(map(str, result.parameter_index))
    page.note(f"{result.parameter} [{index}] is {general(result.value)}. In its matrix, the loss depends on it most.")
    page.note(LOSS)
    page.blank()
    _sizes(result, page, result.rows)
    page.note(
        "slope: (loss up - loss down) / (2 × turned by). digits: how many leading digits are as in the slope that one "
        "backward pass computed, first row. ►: most."
    )
    page.blank()
    _kinds(result, page)


def _sizes(result: Nudge, page: Page, rows: Sequence[Size]) -> None:
    """A row for the slope computed, then one for each size; the pointer stands where most digits agree."""
    wide = page.width >= _WIDE and not page.brief
    shown = 10 if page.width >= NARROW else 7
    columns = [Column("turned by", ["computed", *(general(row.nudge) for row in rows)], right=False)]
    if wide:
        columns.append(Column("loss up", ["", *(f"{row.loss_up:.10f}" for row in rows)]))
        columns.append(Column("loss down", ["", *(f"{row.loss_down:.10f}" for row in rows)]))
    columns.append(Column("slope", [_slope(slope, shown) for slope in (result.gradient, *(r.slope for r in rows))]))
    columns.append(Column("digits", ["", *(str(row.digits) for row in rows)]))
    taken = 2 + sum(max(map(len, (column.head, *column.cells))) + 2 for column in columns)
    room = min(_LONGEST_BAR, page.width - taken)
    if room >= 4:
        bars = [page.bar(row.digits / MOST_DIGITS, room) for row in rows]
        columns.append(Column("", ["", *bars], right=False, style="view.bar"))
    page.table(columns, marked=next((n for n, row in enumerate(rows, 1) if row.nudge == result.best_nudge), None))


def _slope(value: float, digits: int) -> str:
    """So many digits, zeros and all, so that slopes can be compared digit by digit."""
    return f"{value:#.{digits}g}"


def _kept(result: Nudge) -> list[Size]:
    """The largest size, the smallest, and the one that agrees best."""
    ends = (result.largest_nudge, result.smallest_nudge, result.best_nudge)
    values = [1.0 if row.nudge in ends else 0.0 for row in result.rows]
    return [result.rows[n] for n in most_telling(values, _BRIEF_SIZES)]


def _kinds(result: Nudge, page: Page) -> None:
    page.say(f"Weights of other kinds, each turned by {general(result.step)}:", "view.strong")
    shown = 8 if page.width >= NARROW else 4
    columns = [Column("weight", [_name(kind, page) for kind in result.kinds], right=False)]
    if page.width >= NARROW:
        columns.append(Column("computed", [_slope(kind.gradient, shown) for kind in result.kinds]))
    columns.append(Column("measured", [_slope(kind.slope, shown) for kind in result.kinds]))
    columns.append(Column("digits", [str(kind.digits) for kind in result.kinds]))
    page.table(columns)


def _name(kind: Kind, page: Page) -> str:
    place = kind.where
    if page.width < NARROW:
        for long, short in (("cross-attention layer", "cr."), ("encoder layer", "enc."), ("decoder layer", "dec.")):
            place = place.replace(long, short)
    return f"{kind.kind}, {place}"


def _place(result: Nudge) -> dict[str, str | int]:
    """The options that repeat this picture."""
    usual = {"part": "encoder", "layer": result.layers, "matrix": "query"}
    return {name: getattr(result, name) for name, value in usual.items() if getattr(result, name) != value}


def demo() -> Nudge:
    """Made-up numbers; the slopes follow from the losses."""
    sizes = (
        Size(1.0, 0.10852, 0.10036, 0.00408, 1),
        Size(0.01, 0.1036912, 0.1036088, 0.00412, 3),
        Size(1e-4, 0.10365041234, 0.10364958766, 0.0041234, 5),
        Size(1e-12, 0.1036500000, 0.1036500000, 0.0041, 2),
        Size(1e-15, 0.1036500000, 0.1036500000, -0.0832667268469, 0),
    )
    return Nudge(
        translation="Une voiture rouge.",
        part="encoder",
        layer=3,
        layers=3,
        matrix="query",
        kind="query weight",
        where="encoder layer 3",
        parameter="encoder.blocks.2.attention.w_query.weight",
        parameter_index=(17, 203),
        value=0.0312,
        loss=0.10365,
        gradient=0.00412345,
        rows=sizes,
        best_nudge=1e-4,
        best_slope=0.0041234,
        best_digits=5,
        largest_nudge=1.0,
        largest_slope=0.00408,
        largest_digits=1,
        smallest_nudge=1e-15,
        smallest_slope=-0.0832667268469,
        smallest_digits=0,
        step=1e-4,
        kinds=(
            Kind("embedding", "“car”", "embedding.weight", (1549, 5), 0.056374408, 0.056374409, 7),
            Kind(
                "value weight",
                "cross-attention layer 3",
                "decoder.blocks.2.cross_attention.w_value.weight",
                (65, 170),
                -0.00631574,
                -0.00631571,
                5,
            ),
        ),
        kind_count=2,
        fewest_digits=5,
    )


if __name__ == "__main__":
    from tutor.views.base import show_demo

    show_demo(demo())
