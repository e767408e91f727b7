"""Greedy writing, beam search and draws side by side: how likely each is, and where it leaves the greedy one."""

from __future__ import annotations

import math

from rich.cells import cell_len

from tutor.experiments.decoding import Decoding, Parting, Writing
from tutor.views.base import Page, pad, view
from tutor.views.brief import others
from tutor.views.numbers import general, number, percent
from tutor.views.page import NARROW

_BRIEF_ROWS = 4
_NAME, _LN, _WHOLE, _STEP, _STEPS = 7, 6, 6, 6, 5
"""Cells of each column."""
_CUT = "│"
_LEAD = 14
"""Cells of what is shared that a brief line keeps before the cut."""
_DEFAULTS = {"beam": 4, "temperature": 1.0, "drawn": 3, "seed": 0}


@view.register
def _(result: Decoding, page: Page) -> None:
    drawn = f"{result.drawn} draw{'' if result.drawn == 1 else 's'}"
    at = "" if result.temperature == 1 else f" at temperature {general(result.temperature, 3)}"
    page.title(
        f"Written greedily, by a beam of {result.beam}, and by lot ({drawn}{at})",
        f"Greedy, a beam of {result.beam}, and {drawn}",
        "Greedy, beam and draws",
    )
    if page.brief:
        _brief(result, page)
        return
    page.note("ln p: of the whole, all its steps (0: certain). a step: probability, averaged over its steps.")
    page.note(f"{_CUT} from here on it is not what greedy writing wrote. ► the likeliest whole.")
    page.blank()
    _heads(page, wide=page.width >= NARROW)
    for writing in result.writings:
        _numbers(result, page, writing)
        if writing.same_as:
            continue
        page.say(_text(writing), indent=4)
        if not writing.finished:
            page.note("(cut off before an end mark)", indent=4)
        if writing.parting.step:
            page.note(_parting(writing.parting), indent=4)
    page.blank()
    page.say(
        f"A draw writes exactly what greedy writing does with a probability of {_share(result.draw_probability)}; "
        f"{result.strays} of {drawn} did not. At each step all pieces but the ten likeliest have "
        f"{percent(result.tail_probability)} together."
    )


def _brief(result: Decoding, page: Page) -> None:
    """The greedy one, the beam's, and of the draws those that stray first; narrow, each text has its own line."""
    wide = page.width >= NARROW
    changed = {name: getattr(result, name) for name, usual in _DEFAULTS.items() if getattr(result, name) != usual}
    rest = Page(page.width, page.ascii, brief=True)
    draws = [writing for writing in result.writings[2:] if not writing.same_as]
    draws += [writing for writing in result.writings[2:] if writing.same_as]
    candidates = [*result.writings[:2], *draws][:_BRIEF_ROWS]
    left = len(result.writings) - len(candidates)
    rest.rest_at("decoding", f"{others(left, 'draw')} and each parting" if left else "each parting", **changed)
    _heads(page, wide)
    room = page.left - 1 - len(rest.lines)
    for writing in candidates:
        below = not wide and not writing.same_as
        if room < 1 + below:
            break
        room -= 1 + below
        cut = _excerpt(page, writing, page.width - (_before(wide) + 2 if wide else 4))
        _numbers(result, page, writing, cut if wide else "")
        if below:
            page.line("    ", cut)
    page.short(
        f"ln p: the whole (0: certain); {_CUT} from here on not greedy's; ► the likeliest.",
        f"{_CUT} no longer greedy's; ► the likeliest.",
    )
    for line in rest.lines:
        page.line(line)


def _before(wide: bool) -> int:
    """Cells before the text, or before the end of the line where that stands below."""
    return 2 + _NAME + 1 + _LN + 1 + _STEP + 1 + _STEPS + (1 + _WHOLE if wide else 0)


def _heads(page: Page, wide: bool) -> None:
    whole = f" {'whole':>{_WHOLE}}" if wide else ""
    page.line("  ", (f"{'way':<{_NAME}} {'ln p':>{_LN}}{whole} {'a step':>{_STEP}} {'steps':>{_STEPS}}", "view.head"))


def _numbers(result: Decoding, page: Page, writing: Writing, more: str = "") -> None:
    """One way in one line: its numbers, and what is to stand after them."""
    wide = page.width >= NARROW
    marked = writing.how == result.likeliest
    whole = f" {_share(math.exp(writing.log_probability)):>{_WHOLE}}" if wide else ""
    numbers = f" {number(writing.log_probability, 2):>{_LN}}{whole} {percent(writing.token_probability):>{_STEP}}"
    room = page.width - _before(wide)
    same = f"  as {page.clean(writing.same_as)}" if writing.same_as else ""
    page.line(
        page.mark(marked),
        (page.label(writing.how, _NAME), "view.mark" if marked else "view.label"),
        f"{numbers} {writing.steps:>{_STEPS}}",
        (pad(same, room).rstrip() if same else "", "view.note"),
        f"  {more}" if more and not same else "",
    )


def _text(writing: Writing) -> str:
    """The whole text, a stroke where it leaves the greedy one."""
    if not writing.parting.step:
        return writing.text or "(nothing)"
    return f"{writing.shared}{' ' * writing.own.startswith(' ')}{_CUT}{writing.own.lstrip()}"


def _excerpt(page: Page, writing: Writing, room: int) -> str:
    """What fits of a text, from a little before the stroke on."""
    text = page.clean(_text(writing))
    if cell_len(text) <= room or not writing.parting.step:
        return pad(text, min(room, cell_len(text)))
    shared = page.clean(writing.shared)
    words, kept = shared.split(), ""
    while words and cell_len(f"{words[-1]} {kept}") <= min(_LEAD, room // 2):
        kept = f"{words.pop()} {kept}"
    gap = " " if writing.own.startswith(" ") else ""
    lead = f"{'… ' if words else ''}{kept.rstrip()}{gap}"
    text = f"{lead}{page.clean(_CUT + writing.own.lstrip())}"
    return pad(text, min(room, cell_len(text)))


def _parting(parting: Parting) -> str:
    return (
        f"step {parting.step}: “{parting.token}” {percent(parting.probability)}, "
        f"greedily “{parting.greedy_token}” {percent(parting.greedy_probability)}"
    )


def _share(share: float) -> str:
    """In %, with digits where there is less than one: of a long text the whole is always small."""
    if share >= 0.01 or share == 0:
        return percent(share)
    return f"{general(100 * share, 2)}%" if share >= 0.0001 else "<0.01%"


def demo() -> Decoding:
    """Made-up numbers."""
    greedy = Writing("greedy", "", "Il l'a vue à sond.", "", -9.96, 0.37, 10, True, Parting())
    beam = Writing("beam 4", "", "Il", " la vitre.", -3.3, 0.577, 6, True, Parting(2, "la", 0.31, "l", 0.6))
    drawn = Writing("draw 1", "", "Il l'a vue", " marcher.", -7.38, 0.397, 8, True, Parting(6, "mar", 0.04, "à", 0.07))
    again = Writing("draw 2", "beam 4", "Il", " la vitre.", -3.3, 0.577, 6, True, Parting(2, "la", 0.31, "l", 0.6))
    return Decoding(
        beam=4,
        temperature=1.0,
        drawn=2,
        seed=0,
        writings=(greedy, beam, drawn, again),
        likeliest="beam 4",
        all_same=False,
        greedy_text=greedy.text,
        greedy_log_probability=-9.96,
        greedy_probability=4.7e-5,
        greedy_token_probability=0.37,
        greedy_steps=10,
        beam_text=beam.text,
        beam_log_probability=-3.3,
        beam_token_probability=0.577,
        beam_steps=6,
        beam_same=False,
        beam_likelier=True,
        beam_ratio=780.9,
        beam_score=-2.3,
        greedy_score=-5.75,
        beam_parting=2,
        beam_token="la",
        beam_token_taken=0.31,
        greedy_token="l",
        greedy_token_taken=0.6,
        strays=2,
        stray="draw 1",
        stray_text=drawn.text,
        stray_log_probability=-7.38,
        stray_token_probability=0.397,
        stray_parting=6,
        stray_token="mar",
        stray_token_taken=0.04,
        stray_greedy_token="à",
        stray_greedy_token_taken=0.07,
        draw_probability=4.7e-5,
        tail_probability=0.06,
    )


if __name__ == "__main__":
    from tutor.views.base import show_demo

    show_demo(demo())
