"""One step against the gradient at several learning rates: the loss here as a bar, and that on another sentence."""

from tutor.experiments.descent import Descent, Step
from tutor.views.base import Page, view
from tutor.views.brief import others
from tutor.views.numbers import LOSS, general, number

_BRIEF_STEPS = 4
_LONGEST_BAR = 40


@view.register
def _(result: Descent, page: Page) -> None:
    page.title("One step against the gradient of the sentence's loss", "One step against the gradient")
    if not page.brief:
        page.note(LOSS)
        page.note(
            "Each row is a step of its own from the same start, on a copy: every parameter minus the learning rate "
            "times its gradient."
        )
        page.blank()
    _rows(result, page)
    if page.brief:
        left = len(result.steps) - len(_kept(result, page))
        rest = f" Left out: {others(left, 'rate')}." if left else ""
        page.short(
            f"A full bar: twice the loss of no step; …: more.{rest}", rest or "…: over twice the loss of no step."
        )
        return
    page.note("A full bar is twice the loss of no step; one that ends in … is more.")
    page.blank()
    page.note("Taken as right, here and on the other sentence, is what the model writes before any step:")
    page.say(f"here: {result.translation or '(nothing)'}", indent=2)
    page.say(f"other: {result.other} → {result.other_translation or '(nothing)'}", indent=2)


def _rows(result: Descent, page: Page) -> None:
    """A line for no step and one for each step; the pointer stands where the loss here is lowest."""
    steps = _kept(result, page)
    heads = ("learning rate", "loss here", "other sentence") if page.width >= 60 else ("rate", "here", "other")
    labels = ["no step", *(general(step.rate) for step in steps)]
    here = [result.loss, *(step.loss for step in steps)]
    other = [result.other_loss, *(step.other_loss for step in steps)]
    best = next((row for row, step in enumerate(steps, 1) if step.rate == result.best_rate), None)
    columns = [labels, [_aligned(loss) for loss in here], [_aligned(loss) for loss in other]]
    rate, near, far = (max(map(len, (head, *cells))) for head, cells in zip(heads, columns, strict=True))
    room = max(0, min(_LONGEST_BAR, page.width - 2 - rate - near - far - 5))
    longest = 2 * result.loss
    page.line("  ", (f"{heads[0]:<{rate}} {heads[1]:>{near}} {'':{room + 2}} {heads[2]:>{far}}", "view.head"))
    for row, (label, loss, elsewhere) in enumerate(zip(*columns, strict=True)):
        marked = row == best
        page.line(
            page.mark(marked),
            (f"{label:<{rate}}", "view.mark" if marked else "view.label"),
            (f" {loss:>{near}} ", "view.number"),
            (page.bar(here[row] / longest if longest else 0.0, room), "view.bar"),
            ("…" if here[row] > longest else " ", "view.note"),
            (f"  {elsewhere:>{far}}", "view.number"),
        )


def _kept(result: Descent, page: Page) -> list[Step]:
    """All steps; on a brief page the shortest, the best, the longest, and what comes after the best."""
    steps = list(result.steps)
    if not page.brief:
        return steps
    best = next((n for n, step in enumerate(steps) if step.rate == result.best_rate), 0)
    near = [0 if n in (0, best, len(steps) - 1) else abs(n - best - 0.5) for n in range(len(steps))]
    return [steps[n] for n in sorted(sorted(range(len(steps)), key=near.__getitem__)[:_BRIEF_STEPS])]


def _aligned(loss: float) -> str:
    """Four decimals, so that the points stand below one another; what they would show as 0 in its own digits."""
    return f"{loss:.4f}" if loss >= 0.00005 else number(loss, 4)


def demo() -> Descent:
    """Made-up numbers."""
    return Descent(
        translation="Une voiture rouge.",
        loss=0.104,
        other="The dog is asleep.",
        other_translation="Le chien dort.",
        other_loss=0.212,
        steps=(
            Step(0.0005, 0.1034, 0.2118),
            Step(0.02, 0.0771, 0.2051),
            Step(0.5, 0.00004, 0.2944),
            Step(2.0, 0.152, 0.9107),
            Step(10.0, 21.447, 10.52),
        ),
        best_rate=0.5,
        best_loss=0.00004,
        best_share=0.00004 / 0.104,
        other_loss_at_best=0.2944,
        smallest_rate=0.0005,
        smallest_loss=0.1034,
        largest_rate=10.0,
        largest_loss=21.447,
        harm=True,
    )


if __name__ == "__main__":
    from tutor.views.base import show_demo

    show_demo(demo())
