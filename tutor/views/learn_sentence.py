"""A copy learns one sentence: its loss step by step, what it writes, where a word looks, what it forgets elsewhere."""

import math
import shlex

from rich.cells import cell_len

from tutor.experiments.learn_sentence import LearnSentence, LearnSentenceOptions
from tutor.views.base import Bar, Column, Page, view
from tutor.views.brief import most_telling, others
from tutor.views.numbers import LOSS, general, number, percent
from tutor.views.page import NARROW

_MOMENTS = (0, 1, 2, 3, 5, 10, 20, 30, 50, 75, 100, 150, 200)
_MOST_KEYS = 8


@view.register
def _(result: LearnSentence, page: Page) -> None:
    if page.brief:
        _brief(result, page)
        return
    page.title(f"A copy of the translator learns: {result.target}")
    page.note(
        f"{_steps(result)} of plain gradient descent, each against the gradient of this sentence's loss, rate "
        f"{general(result.rate)}. The translator itself stays as it was."
    )
    page.note(LOSS)
    page.blank()
    page.say("Loss on what is to be learned:", "view.strong")
    page.bars([Bar(_moment(step), loss, number(loss, 4)) for step, loss in _curve(result)])
    page.blank()
    page.table(
        [
            Column("", ["loss", "probability of the whole"], right=False),
            Column("before", [number(result.loss_before), percent(result.probability_before)]),
            Column("after", [number(result.loss_after), percent(result.probability_after)]),
        ]
    )
    page.say(f"It wrote: {result.translation or '(nothing)'}", indent=2)
    page.say(f"It writes: {result.translation_after or '(nothing)'}", indent=2)
    page.blank()
    _look(result, page)
    page.blank()
    page.say("What became of a sentence that was not learned:", "view.strong")
    page.table(
        [
            Column("", ["loss on what it wrote"], right=False),
            Column("before", [number(result.other_loss_before)]),
            Column("after", [number(result.other_loss_after)]),
        ]
    )
    page.say(f"{result.other}", indent=2)
    page.say(f"It wrote: {result.other_translation or '(nothing)'}", indent=2)
    page.say(f"It writes: {result.other_translation_after or '(nothing)'}", indent=2)


def _brief(result: LearnSentence, page: Page) -> None:
    page.title(f"A copy learns: {result.target}", "A copy of the translator learns")
    losses = f"{number(result.loss_before)} → {number(result.loss_after)}"
    chances = f"{percent(result.probability_before)} → {percent(result.probability_after)}"
    page.short(
        f"{_steps(result)}: loss {losses} (0: certain); probability of the whole {chances}.",
        f"{_steps(result)}: loss {losses}.",
        style="",
    )
    page.short(f"It wrote: {result.translation or '(nothing)'}", style="", indent=2)
    page.short(f"It writes: {result.translation_after or '(nothing)'}", style="", indent=2)
    page.short(*_told_look(result), style="")
    losses = f"{number(result.other_loss_before)} → {number(result.other_loss_after)}"
    page.short(f"Not learned: {result.other} Loss {losses}.", f"On another sentence: {losses}.", style="")
    changed = "" if result.other_same else f"{result.other_translation} → {result.other_translation_after}"
    if changed:
        page.short(changed, f"now {result.other_translation_after or '(nothing)'}", style="", indent=2)
    command = _command(result)
    page.short(f"{command} adds the loss at each step.", f"More: {command}", "The whole picture adds each step.")


def _steps(result: LearnSentence) -> str:
    return f"{result.steps} step{'' if result.steps == 1 else 's'}"


def _curve(result: LearnSentence) -> list[tuple[int, float]]:
    """Moments of the training, closer at its beginning, where most happens; the first and the last are among them."""
    last = len(result.losses) - 1
    return [(step, result.losses[step]) for step in dict.fromkeys([*(n for n in _MOMENTS if n < last), last])]


def _moment(step: int) -> str:
    return "before" if step == 0 else f"step {step}"


def _look(result: LearnSentence, page: Page) -> None:
    """The word's row of attention before and after; of a long sentence the tokens with most of it."""
    page.say(f"Where “{result.word}” looks when it is written ({result.where}, average of its heads):", "view.strong")
    largest = [max(pair) for pair in zip(result.weights_before, result.weights_after, strict=True)]
    kept = most_telling(largest, _MOST_KEYS)
    left = len(largest) - len(kept)
    names = [
        page.label(token, min(12, cell_len(page.clean(token)))) for token in map(result.source_tokens.__getitem__, kept)
    ]
    names += [others(left)] if left else []
    columns = [Column("looks at", names, right=False)]
    taken = 2 + max(cell_len(name) for name in (*names, "looks at")) + 2 * (4 + 2 + 1)
    room = min(18 if page.width >= NARROW else 8, max(3, (page.width - taken) // 2))
    for head, shares in (("before", result.weights_before), ("after", result.weights_after)):
        held = [shares[n] for n in kept]
        held += [math.fsum(share for n, share in enumerate(shares) if n not in kept)] if left else []
        cells = [f"{percent(share):>4} {page.bar(share, room)}" for share in held]
        columns.append(Column(head, cells, right=False, style="view.bar"))
    page.table(columns)
    page.note("A full bar is 100%.")


def _told_look(result: LearnSentence) -> tuple[str, ...]:
    """Where the word looks most, before and after, in wordings of falling length."""
    before = f"{percent(result.looked_at_before)} → {percent(result.looked_at_after)}"
    if result.now_at == result.looked_at:
        return f"“{result.word}” looks at “{result.looked_at}”: {before}.", f"A word's look at another: {before}."
    after = f"{percent(result.now_at_before)} → {percent(result.now_at_after)}"
    return (
        f"“{result.word}” looks at “{result.looked_at}”: {before}; at “{result.now_at}”: {after}.",
        f"“{result.word}” → “{result.now_at}”: {after}.",
        f"A word's look at another: {after}.",
    )


def _command(result: LearnSentence) -> str:
    """What repeats this picture."""
    usual = LearnSentenceOptions()
    given = {
        "target": shlex.quote(result.target) if result.target_given else "",
        "steps": "" if result.steps == usual.steps else str(result.steps),
        "rate": "" if result.rate == usual.rate else general(result.rate),
    }
    return "/show learn-sentence" + "".join(f" --{name} {value}" for name, value in given.items() if value)


def demo() -> LearnSentence:
    """Made-up numbers."""
    return LearnSentence(
        source_tokens=("A", "red", "car", "‹end›"),
        target_tokens=("Une", "auto", "rouge", ".", "‹end›"),
        translation="Une voiture rouge.",
        target="Une auto rouge.",
        target_given=False,
        same_target=False,
        steps=5,
        rate=0.01,
        losses=(1.204, 0.611, 0.304, 0.152, 0.083, 0.0412),
        loss_before=1.204,
        loss_after=0.0412,
        probability_before=0.0024,
        probability_after=0.814,
        translation_after="Une auto rouge.",
        learned=True,
        first_step=2,
        where="cross-attention layer 3",
        word="auto",
        weights_before=(0.1, 0.3, 0.55, 0.05),
        weights_after=(0.05, 0.1, 0.83, 0.02),
        moved=0.28,
        looked_at="car",
        looked_at_before=0.55,
        looked_at_after=0.83,
        now_at="car",
        now_at_before=0.55,
        now_at_after=0.83,
        other="The dog is asleep.",
        other_translation="Le chien dort.",
        other_translation_after="Le chien est endormi.",
        other_same=False,
        other_loss_before=0.199,
        other_loss_after=0.334,
    )


if __name__ == "__main__":
    from tutor.views.base import show_demo

    show_demo(demo())
