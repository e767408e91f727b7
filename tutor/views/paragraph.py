"""Two sentences read in one go: the attention across the full stop, and the second's translation alone and after."""

from __future__ import annotations

from rich.cells import cell_len

from tutor.experiments.alignment import AlignedWord
from tutor.experiments.paragraph import Crossing, Paragraph
from tutor.views.base import Column, Page, view
from tutor.views.brief import excerpt
from tutor.views.numbers import LOSS, number, percent
from tutor.views.page import NARROW
from tutor.views.side_by_side import DIFFERS, Columns, marked, side_by_side


@view.register
def _(result: Paragraph, page: Page) -> None:
    if page.brief:
        _brief(result, page)
        return
    page.title("Two sentences read in one go")
    page.say(f"1. {result.first}", indent=2)
    page.say(f"2. {result.second}", indent=2)
    page.blank()
    page.note("Of the attention of one sentence's words, the share that goes across the full stop to the other:")
    _table(result, page)
    page.note("Mean over words and heads. if even: what it would be with the same attention for each token.")
    page.say(_link(result))
    page.blank()
    page.note(f"The second's translation by itself and after the first; {DIFFERS} differs:")
    side_by_side(
        page,
        Columns(
            labels=("alone", "after", ""),
            first=[word.word for word in result.words],
            second=[word.other_word for word in result.words],
            below=["" if word.same else DIFFERS for word in result.words],
            different=[not word.same for word in result.words],
        ),
    )
    if result.lost:
        page.say("After the first, nothing is written for it.")
    if result.first_same:
        page.say(f"The first stays as it is alone: {result.first_alone}")
    else:
        page.say(f"The first changes too, from “{result.first_alone}” to “{result.first_after}”")
    if not result.lost:
        page.say(f"Loss on what it writes for the second: {number(result.loss_alone)} → {number(result.loss_after)}.")
        page.note(LOSS)


def _brief(result: Paragraph, page: Page) -> None:
    page.title(
        f"Attention across the full stop after “{page.clean(result.first)}”; {DIFFERS}: differs",
        f"Attention across the full stop; {DIFFERS}: differs",
        f"Across the full stop; {DIFFERS}: differs",
    )
    _table(result, page)
    if page.width < NARROW and cell_len(page.clean(_link(result))) <= 2 * page.width - 10:
        page.say(_link(result))
    else:
        page.short(_link(result), f"“{result.looker}” → “{result.looked_at}”: {percent(result.look)}.", style="")
    for name, second in (("alone", False), ("after", True)):
        line = "(nothing)" if second and result.lost else marked(result.words, second)
        page.short(f"{name}  {excerpt(page.clean(line), page.clean(DIFFERS), page.width - 9)}", style="", indent=2)
    rest = "the first's translation and the losses"
    if result.source == "option":
        page.short(f"Left out: {rest}.", "Left out: the losses.")
    else:
        page.rest_at("paragraph", rest)


def _table(result: Paragraph, page: Page) -> None:
    """A line a direction, a column a layer."""
    wide = page.width >= NARROW
    columns = [Column("", ["2 looks back at 1", "1 looks ahead at 2"] if wide else ["back", "ahead"], right=False)]
    for row in result.rows:
        columns.append(_shares(f"layer {row.layer}", row.back, row.ahead))
    columns.append(_shares("if even", result.even_back, result.even_ahead))
    page.table(columns)


def _shares(head: str, back: float, ahead: float) -> Column:
    return Column(head, [percent(back), percent(ahead)])


def _link(result: Paragraph) -> str:
    return f"“{result.looker}” looks most at “{result.looked_at}”: {percent(result.look)} in {result.where}."


def demo() -> Paragraph:
    """Made-up numbers."""
    return Paragraph(
        first="I see a car.",
        second="It is red.",
        source="ours",
        tokens=("I", "see", "a", "car", ".", "It", "is", "red", ".", "‹end›"),
        first_count=5,
        rows=(Crossing(1, 0.21, 0.28), Crossing(2, 0.42, 0.22), Crossing(3, 0.15, 0.4)),
        even_back=0.5,
        even_ahead=0.4,
        mean_back=0.26,
        mean_ahead=0.3,
        most_layer=2,
        most_back=0.42,
        pronoun="it",
        looker="It",
        looked_at="car",
        look=0.88,
        where="encoder layer 2, head 1",
        first_alone="Je vois une voiture.",
        first_after="Je vois une voiture.",
        first_same=True,
        alone="Il est rouge.",
        after="Elle est rouge.",
        lost=False,
        same=False,
        words=(
            AlignedWord("Il", "Elle", False),
            AlignedWord("est", "est", True),
            AlignedWord("rouge", "rouge", True),
            AlignedWord(".", ".", True),
        ),
        changed_words=1,
        changed_from="Il",
        changed_to="Elle",
        loss_alone=0.156,
        loss_after=0.171,
        less_sure=False,
    )


if __name__ == "__main__":
    from tutor.views.base import show_demo

    show_demo(demo())
