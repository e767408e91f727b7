"""The same error on its way down the encoder, with and without residual connections: how much arrives, and where."""

from collections.abc import Sequence

from tutor.experiments.residual_gradient import Arrived, Depth, ResidualGradient
from tutor.views.base import Page, pad, view
from tutor.views.numbers import number, percent
from tutor.views.page import NARROW

_TINY = 40


@view.register
def _(result: ResidualGradient, page: Page) -> None:
    page.title(
        "The same error sent down the encoder, with and without residual connections",
        "One error sent down, with/without skips",
    )
    even = percent(result.even)
    if page.brief:
        last = result.rows[-1]
        _table(page, "at your words", [("untrained", last.untrained), ("trained", last.trained)])
        page.short(
            f"length: 1 at the top. own token: part of its error that gets there (even: {even}).",
            f"own token: of its error (even: {even}).",
        )
        page.short(
            "Untrained: random weights. The trained one never learned to do without.",
            "Untrained: random weights.",
        )
        page.rest_at("residual-gradient", f"all {result.layers} blocks")
        return
    page.note(
        "The error is the gradient of the loss where it enters the encoder from above. Row by row it goes down a block."
    )
    for title, roads in (
        ("Untrained twin: random weights, where training starts", [row.untrained for row in result.rows]),
        ("Trained translator: it never learned to do without", [row.trained for row in result.rows]),
    ):
        page.blank()
        page.say(title, "view.strong")
        _table(page, "down to", [(_stop(row, result), road) for row, road in zip(result.rows, roads, strict=True)])
    page.blank()
    page.note(
        "length: that of the error as it arrives; 1 is its length at the top, the same with and without. own token: of "
        f"the error of one token, the part that arrives at that very token; {even} would be spread evenly over all "
        f"{result.token_count}."
    )
    if result.followed < result.token_count:
        page.note(f"The errors of {result.followed} tokens were followed one by one.")


def _stop(row: Depth, result: ResidualGradient) -> str:
    block = result.layers - row.below
    return f"block {block}" if block > 0 else "your words"


def _table(page: Page, head: str, rows: Sequence[tuple[str, Arrived]]) -> None:
    """Two numbers under each of two headings: the length, and what arrives at its own token."""
    wide, tiny = page.width >= NARROW, page.width < _TINY
    label, near, far, apart = (13, 8, 10, "    ") if wide else (9, 5, 5, " ") if tiny else (10, 5, 8, "  ")
    both = near + far
    short = head if wide else head.replace("your ", "")
    page.line("  ", (pad("", label) + pad("length", both, True) + apart + pad("own token", both, True), "view.head"))
    pair = pad("with", near, True) + pad("w/o" if tiny else "without", far, True)
    page.line("  ", (pad(short, label) + pair + apart + pair, "view.head"))
    for name, road in rows:
        lengths = pad(number(road.share, 2), near, True) + pad(number(road.share_without, 2), far, True)
        owns = pad(percent(road.own), near, True) + pad(percent(road.own_without), far, True)
        page.line(
            "  ",
            (pad(name.replace("your ", "") if tiny else name, label), "view.label"),
            (lengths + apart + owns, "view.number"),
        )


def demo() -> ResidualGradient:
    """Made-up numbers."""
    untrained = (
        Arrived(1.0, 1.0, 1.0, 1.0),
        Arrived(1.18, 0.72, 0.94, 0.26),
        Arrived(1.47, 0.88, 0.86, 0.25),
        Arrived(2.09, 0.71, 0.74, 0.24),
    )
    trained = (
        Arrived(1.0, 1.0, 1.0, 1.0),
        Arrived(1.14, 0.153, 0.86, 0.31),
        Arrived(1.37, 0.451, 0.74, 0.29),
        Arrived(1.82, 0.832, 0.67, 0.28),
    )
    return ResidualGradient(
        translation="Une voiture rouge.",
        source_tokens=("A", "red", "car", "‹end›"),
        layers=3,
        rows=tuple(Depth(below, *pair) for below, pair in enumerate(zip(untrained, trained, strict=True))),
        untrained=2.09,
        untrained_without=0.71,
        untrained_own=0.74,
        untrained_own_without=0.24,
        trained=1.82,
        trained_without=0.832,
        trained_own=0.67,
        trained_own_without=0.28,
        even=0.25,
        untrained_left=0.71 / 2.09,
        trained_left=0.832 / 1.82,
        followed=4,
        token_count=4,
    )


if __name__ == "__main__":
    from tutor.views.base import show_demo

    show_demo(demo())
