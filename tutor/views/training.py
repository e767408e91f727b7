"""One sentence through training: a row a moment, with what one word looked at and what came out."""

import itertools

from tutor.experiments.training import Moment, Training
from tutor.views.base import Bar, Page, view
from tutor.views.brief import most_telling, others
from tutor.views.numbers import count, number, percent, tight_percent
from tutor.views.page import NARROW

_BRIEF_ROWS = 5


@view.register
def _(result: Training, page: Page) -> None:
    look = f"How “{result.word}” came to look at “{result.looked_at}”"
    page.title(f"{look}, in a smaller translator", look)
    even = percent(result.even_weight)
    if page.brief:
        page.short(
            f"Share of its attention that goes there (evenly: {even}), and the loss (0: certain):",
            f"Share that goes there (evenly: {even}):",
        )
    else:
        page.note(f"Share of its attention that goes there; looking evenly would give {even}.")
    wide = page.width >= NARROW
    kept = _kept(result) if page.brief else range(len(result.moments))
    page.bars(
        [
            Bar(
                "untrained" if moment.step == 0 else f"step {count(moment.step)}",
                moment.weight,
                percent(moment.weight),
                moment.step == result.turning_step,
                f"loss {number(moment.loss, 1)}" if wide else "",
            )
            for moment in (result.moments[at] for at in kept)
        ],
        largest=1.0,
    )
    if page.brief:
        left = len(result.moments) - len(kept)
        more = f"{others(left, 'moment')} and " if left else ""
        page.short(f"Left out: {more}what it wrote at each.", "Left out: what it wrote at each.")
        return
    if wide:
        page.note("loss: on the same translation every time, in nats a token; 0 is certain.", indent=2)
    page.blank()
    page.say("What it would have written:")
    for moment in result.moments:
        page.say(f"{count(moment.step)}: {moment.translation or '(nothing)'}", indent=2)
    page.blank()
    _table(result, page)


def _kept(result: Training) -> list[int]:
    """The first moment and the last, the one at which it turned and that before it, then where most changed."""
    weights = [moment.weight for moment in result.moments]
    changes = [2.0, *(abs(after - before) for before, after in itertools.pairwise(weights))]
    turn = next((at for at, moment in enumerate(result.moments) if moment.step == result.turning_step), 0)
    changes[-1], changes[max(0, turn - 1)] = 2.0, 2.0
    return most_telling(changes, _BRIEF_ROWS, turn)


def _table(result: Training, page: Page) -> None:
    page.say(f"The whole row of {result.word}, in %:")
    columns = [result.source_tokens[at : at + _fit(page)] for at in range(0, len(result.source_tokens), _fit(page))]
    for number_of, tokens in enumerate(columns):
        start = number_of * _fit(page)
        page.line(" " * 8, *((page.label(token, 7) + " ", "view.head") for token in tokens))
        for moment in result.moments:
            shares = [tight_percent(weight) for weight in moment.weights[start : start + len(tokens)]]
            page.line(f"{_step(moment):>7} ", "".join(f"{share:>7} " for share in shares))


def _fit(page: Page) -> int:
    return max(1, (page.width - 8) // 8)


def _step(moment: Moment) -> str:
    return count(moment.step)


def demo() -> Training:
    """Made-up numbers."""
    return Training(
        source_tokens=("A", "cat", "‹end›"),
        translation="Un chat",
        word="chat",
        looked_at="cat",
        even_weight=1 / 3,
        moments=(
            Moment(0, 9.0, (0.33, 0.33, 0.34), 0.33, 0.0001, "rue rue"),
            Moment(400, 5.5, (0.2, 0.5, 0.3), 0.5, 0.01, "Je"),
            Moment(3200, 0.4, (0.01, 0.97, 0.02), 0.97, 0.92, "Un chat"),
        ),
        first_weight=0.33,
        last_weight=0.97,
        first_loss=9.0,
        last_loss=0.4,
        last_step=3200,
        turning_step=3200,
    )


if __name__ == "__main__":
    from tutor.views.base import show_demo

    show_demo(demo())
