"""A sentence said again: how likely each word was and is now, with and without the head that looks back."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len

from tutor.experiments.repeat import Repeat, RepeatedWord
from tutor.views.base import Column, Page, view
from tutor.views.brief import most_telling, others
from tutor.views.numbers import percent
from tutor.views.page import NARROW

_BRIEF_ROWS = 3
_NAME = 12
_MEAN = "mean"


@view.register
def _(result: Repeat, page: Page) -> None:
    place = f"layer {result.layer}, head {result.head}"
    if page.brief:
        page.title(
            f"Each word the first time and again; off: without {result.where}",
            f"off: again, without {place}",
        )
        gains = [word.again - word.first for word in result.words]
        kept = most_telling(gains, _BRIEF_ROWS, _marked(result))
        _table(result, page, kept)
        _goes_on(result, page)
        left = len(result.words) - len(kept)
        rest = f"{others(left, 'token')}, and where the head looks" if left else "where the head looks"
        page.rest_at("repeat", rest, layer=result.layer, head=result.head)
        return
    page.title("The sentence said again: how likely each word is")
    page.note(result.text)
    page.blank()
    _table(result, page, list(range(len(result.words))))
    page.note(
        f"first, again: in the sentence, and when it is said again. off: again, without {result.where}. look: how much "
        "that head gives, from the token before, to where this one stood the first time."
    )
    if result.compared:
        page.note(
            f"►: of what the head looks up, it gains most. {_MEAN}: without the first token, before which nothing was "
            f"said again yet. With all heads of layer {result.layer} off it is {percent(result.mean_layer_off)}."
        )
    page.blank()
    _goes_on(result, page)


def _table(result: Repeat, page: Page, kept: Sequence[int]) -> None:
    """The tokens kept and, below, the means."""
    words = [result.words[at] for at in kept]
    names = [page.label(word.token, min(_NAME, cell_len(page.clean(word.token)))) for word in words]
    means = [(result.mean_first, result.mean_again, result.mean_without)] if result.compared else []
    label = max(map(cell_len, [*names, _MEAN]))
    bar = min(14, (page.width - 2 - label - 7) // 3 - 8) if page.width >= NARROW else 0
    columns = [Column("token", [*names, *[_MEAN] * len(means)], right=False)]
    for place, head in enumerate(("first", "again", "off")):
        shares = [_chances(word)[place] for word in words] + [mean[place] for mean in means]
        cells = [f"{percent(share):>4}" + (f" {page.bar(share, bar)}" if bar >= 3 else "") for share in shares]
        columns.append(Column(head, cells, right=False, style="view.bar"))
    if not page.brief:
        looks = [percent(word.look) if at else "" for at, word in zip(kept, words, strict=True)]
        if means:
            looks.append(percent(result.share))
        columns.append(Column("look", looks))
    at = _marked(result)
    page.table(columns, marked=list(kept).index(at) if at is not None and at in kept else None)


def _chances(word: RepeatedWord) -> tuple[float, float, float]:
    return word.first, word.again, word.without


def _marked(result: Repeat) -> int | None:
    """The row that the text speaks of."""
    if not result.compared:
        return None
    wanted = (result.word, result.word_first, result.word_again)
    return next((n for n, word in enumerate(result.words) if (word.token, word.first, word.again) == wanted), None)


def _goes_on(result: Repeat, page: Page) -> None:
    """What the model says after the half, beside what stands in the sentence."""
    if not result.rest:
        return
    model, off = result.goes_on or "(the end)", result.goes_on_without or "(the end)"
    if page.brief:
        page.short(f"Goes on: … {model} Yours: … {result.rest}", f"Goes on: … {model}", style="")
        return
    page.say(f"Next in the sentence: {result.rest}")
    page.say(f"The model goes on: {model}")
    page.say(f"With the head off: {off}")


def demo() -> Repeat:
    """Made-up numbers."""
    words = (
        RepeatedWord("A", 0.04, 0.0005, 0.0006, 0.0),
        RepeatedWord("red", 0.0049, 0.61, 0.22, 0.97),
        RepeatedWord("car", 0.21, 0.74, 0.55, 0.88),
    )
    return Repeat(
        text="A red car stops. A red",
        words=words,
        compared=2,
        mean_first=0.107,
        mean_again=0.675,
        mean_without=0.385,
        mean_layer_off=0.12,
        word="red",
        word_first=0.0049,
        word_again=0.61,
        word_without=0.22,
        word_before="A",
        word_look=0.97,
        part="english",
        layer=3,
        head=4,
        where="the English model's layer 3, head 4",
        share=0.925,
        heads_alike=2,
        rest="car stops.",
        goes_on="car is",
        goes_on_without="dress.",
        said_again=False,
    )


if __name__ == "__main__":
    from tutor.views.base import show_demo

    show_demo(demo())
