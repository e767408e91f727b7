"""One right answer graded three times: after the right words, after one wrong one, after the model's own."""

from __future__ import annotations

from rich.cells import cell_len

from tutor.experiments.teacher_forcing import Graded, TeacherForcing
from tutor.views.base import Column, Page, pad, view
from tutor.views.brief import excerpt, most_telling, others
from tutor.views.numbers import LOSS, number, percent
from tutor.views.page import NARROW

_BRIEF_ROWS = 3
_NAME = 12
_NONE = "–"


@view.register
def _(result: TeacherForcing, page: Page) -> None:
    if page.brief:
        _brief(result, page)
        return
    page.title(f"“{result.wrong_word}” where “{result.right_word}” is right, after “{result.before or '‹start›'}”")
    page.say(f"Right: {result.target}{'' if result.target_given else ' (what the model writes)'}")
    page.say(
        f"The model gave {percent(result.right_probability)} to the right word and "
        f"{percent(result.wrong_probability)} to the wrong one."
    )
    page.note(
        "In the table: what each right piece after that word gets in its place, given before it (1) the right words, "
        "(2) the same but for the one that is wrong, (3) the wrong one and then the model's own words. ► loses most in "
        "(2)."
    )
    page.blank()
    _table(result, page, list(result.graded))
    page.note(LOSS)
    if result.own_count < result.token_count:
        page.note(f"{_NONE} its own text had ended before; (3) is the loss over {result.own_count} places.")
    page.blank()
    page.say(f"Left alone it writes: {result.own_text}")
    page.note(
        f"To its own words it gave {percent(result.own_token_probability)} a step. They are graded place by place: "
        "one piece more or fewer, and all that follows stands in the wrong place."
    )


def _brief(result: TeacherForcing, page: Page) -> None:
    """The pieces that the wrong word hurts most, the three losses, and what the model writes when left alone."""
    swap = f"“{result.wrong_word}” for “{result.right_word}”"
    if page.width >= NARROW:
        given = "after right words, one wrong, its own"
        page.title(f"{swap}: what right pieces get {given}", f"{swap}: right pieces {given}", swap)
    else:
        page.title(swap)
        page.short("Right pieces after right, 1 wrong, own:", "After right, 1 wrong, own words:")
    falls = [abs(one.given_right - one.given_wrong) for one in result.graded]
    kept = [result.graded[place] for place in most_telling(falls, _BRIEF_ROWS)]
    _table(result, page, kept)
    alone = "Left alone: "
    room = page.width - cell_len(alone)
    page.short(alone + excerpt(page.clean(result.own_text), result.wrong_word, room), style="")
    left = len(result.graded) - len(kept)
    what = f"{others(left, 'piece')} and what is right" if left else "what is right"
    if result.target_given or result.wrong_given:
        page.short(f"Left out: {what}.", style="view.note")
    else:
        page.rest_at("teacher-forcing", what)


def _table(result: TeacherForcing, page: Page, graded: list[Graded]) -> None:
    """A line for each piece, and the loss below."""
    wide = page.width >= NARROW
    names = [page.label(one.token, min(_NAME, cell_len(page.clean(one.token)))) for one in graded]
    heads = ("right words", "one wrong", "own words") if wide else ("right", "1 wrong", "own")
    given = [
        [percent(one.given_right) for one in graded],
        [percent(one.given_wrong) for one in graded],
        [_NONE if one.given_own is None else percent(one.given_own) for one in graded],
    ]
    losses = (result.loss_right, result.loss_wrong, result.loss_own)
    columns = [Column("piece", [*names, "loss"], right=False)]
    for head, cells, loss in zip(heads, given, losses, strict=True):
        numbered = head if page.brief else f"({len(columns)}) {head}"
        columns.append(Column(numbered, [*cells, number(loss, 2)]))
    if wide:
        room = _NAME + 5
        wrote = [f"{one.own} {percent(one.own_probability)}" if one.own else _NONE for one in graded]
        cells = [pad(page.clean(text), min(room, cell_len(page.clean(text)))) for text in wrote]
        columns.append(Column("it wrote itself", [*cells, ""], right=False))
    falls = [one.given_right - one.given_wrong for one in graded]
    page.table(columns, marked=falls.index(max(falls)) if result.hurt and graded else None)


def demo() -> TeacherForcing:
    """Made-up numbers."""
    graded = (
        Graded("lit", 0.718, 0.0003, 0.0003, "sœur", 0.91),
        Graded("un", 0.722, 0.591, 0.0001, "lit", 0.687),
        Graded("livre", 0.948, 0.935, 0.0002, "un", 0.843),
        Graded(".", 0.931, 0.925, 0.001, "livre", 0.94),
        Graded("‹end›", 0.92, 0.92, 0.0004, ".", 0.93),
    )
    return TeacherForcing(
        target="Ma sœur lit un livre.",
        target_given=False,
        before="Ma",
        right_word="sœur",
        wrong_word="petite",
        wrong_given=False,
        right_probability=0.915,
        wrong_probability=0.002,
        graded=graded,
        token_count=5,
        own_count=5,
        loss_right=0.17,
        loss_wrong=1.78,
        loss_own=8.2,
        worst_token="lit",
        worst_right=0.718,
        worst_wrong=0.0003,
        hurt=2,
        own_text="Ma petite sœur lit un livre.",
        own_token_probability=0.86,
        own_same=False,
        same_at_end=5,
        shift=1,
    )


if __name__ == "__main__":
    from tutor.views.base import show_demo

    show_demo(demo())
