"""The slope of every weight, two ways: how many passes each takes and how long, the bars drawn to scale."""

from tutor.experiments.why_backprop import WhyBackprop
from tutor.views.base import Column, Page, view
from tutor.views.numbers import count, number
from tutor.views.page import NARROW


@view.register
def _(result: WhyBackprop, page: Page) -> None:
    weights = count(result.parameter_count)
    page.title(
        f"The slope of the loss for each of {weights} weights: two ways",
        f"{weights} slopes: two ways",
    )
    _ways(result, page)
    meanwhile = number(result.passes_meanwhile, 1)
    if page.brief:
        page.short(
            f"While one backward pass finds them all, nudging gets to {meanwhile} of them.",
            f"In that time, nudging finds {meanwhile}.",
            style="",
        )
        page.short(
            f"Timed just now, one core, median of {result.times}; nudging computed. Bars: to scale.",
            f"Timed just now, median of {result.times}.",
        )
        return
    page.note("Bars: the time, to scale; but at its true length the upper one would be too short to be seen.")
    page.blank()
    page.say("In the time of one forward and backward pass", "view.strong")
    page.table(
        [
            Column("", ["the backward pass finds", "nudging finds"], right=False),
            Column("slopes", [weights, meanwhile]),
        ]
    )
    page.blank()
    page.note(
        f"One forward pass alone takes {result.forward_time}: {count(result.nudging_passes)} of them, one with nothing "
        "changed and one for each weight, are the time of nudging, which was computed and not waited for."
    )
    page.note(
        f"Timed just now on this computer, on one core, each the median of {result.times}; your next run will differ a "
        f"little. On the sentence and its translation, {result.token_count} tokens."
    )


def _ways(result: WhyBackprop, page: Page) -> None:
    """A row for each way: its passes, its time, and a bar."""
    wide = page.width >= NARROW
    names = ("forward and backward, once", "nudging, weight by weight") if wide else ("backward", "nudging")
    passes = ["1 + 1", count(result.nudging_passes)]
    times = [result.both_time, result.nudging_time]
    taken = 2 + max(map(len, names)) + 2 + max(map(len, (*passes, "passes"))) + 2 + max(map(len, (*times, "time"))) + 2
    room = min(40, max(1, page.width - taken))
    longest = max(result.both_seconds, result.nudging_seconds)
    bars = [page.bar(seconds / longest, room) for seconds in (result.both_seconds, result.nudging_seconds)]
    page.table(
        [
            Column("", list(names), right=False),
            Column("passes", passes),
            Column("time", times),
            Column("", bars, right=False, style="view.bar"),
        ]
    )


def demo() -> WhyBackprop:
    """Made-up times."""
    return WhyBackprop(
        translation="Une voiture rouge.",
        token_count=11,
        parameter_count=7_569_408,
        nudging_passes=7_569_409,
        times=3,
        forward_runs=(0.013, 0.014, 0.016),
        both_runs=(0.041, 0.042, 0.051),
        forward_seconds=0.014,
        both_seconds=0.042,
        passes_meanwhile=3.0,
        nudging_seconds=105_971.726,
        ratio=2_523_136.33,
        forward_time="14 ms",
        both_time="42 ms",
        nudging_time="29 hours",
    )


if __name__ == "__main__":
    from tutor.views.base import show_demo

    show_demo(demo())
