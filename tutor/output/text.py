"""An answer as the learner sees it: prose, what was measured, a compact picture, and numbered offers."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from tutor.dialogue.tell import CODE_FENCE, is_program
from tutor.dialogue.types import Answer, Shown
from tutor.experiments.base import Run

if TYPE_CHECKING:
    from rich.text import Text

FRAME = 3
"""Rows beside the answer's own: an empty one above and below, and the prompt."""
WIDEST_PROSE = 88
"""Cells: lines longer than this are hard to read back from."""


def answer_text(
    answer: Answer, *, width: int, height: int = 0, color: bool = False, ascii: bool = False, with_offers: bool = True
) -> str:
    """The whole answer, for a terminal or a pipe.

    Where it would be taller than `height` rows (0: any), its paragraphs move together; where that is not enough, the
    picture of a proof gives way to a line that says how to see it, since its numbers stand in the sentence above it.
    A picture that was asked for is always drawn.
    """
    from tutor.views import to_text

    above = [paragraph_text(text, width=width, color=color, ascii=ascii) for text in answer.paragraphs]
    below = [prose_text(text, width=width, color=color, ascii=ascii) for text in answer.notes]
    if with_offers and answer.offers:
        below.append("\n".join(to_text(line, width, color, ascii) for line in _offers(answer, width)))

    def whole(pictured: bool, apart: str) -> str:
        shown = [block for one in answer.shown for block in _shown(one, width, color, ascii, pictured)]
        told = apart.join(block for block in (*above, *shown) if block)
        return "\n\n".join(block for block in (told, *below) if block)

    airy = whole(True, "\n\n")
    for text in (airy, *([whole(True, "\n")] if any(one.pictured for one in answer.shown) else [])):
        if not height or text.count("\n") + FRAME <= height:
            return text
    return whole(False, "\n\n")


def _shown(shown: Shown, width: int, color: bool, ascii: bool, pictured: bool) -> list[str]:
    """A run that was asked for: the picture, then what it shows. A proof: what it shows, then the picture."""
    told = prose_text(shown.told, width=width, color=color, ascii=ascii) if shown.told else ""
    if not shown.pictured:
        return [told]
    if not (pictured or shown.whole):
        how = prose_text(f"`/show {shown.run.experiment}` draws it.", width=width, color=color, ascii=ascii)
        return [f"{told}\n{how}" if told else how]
    picture = run_text(shown.run, width=width, color=color, ascii=ascii, brief=not shown.whole)
    if shown.whole:
        return [picture, told]
    return [f"{told}\n{picture}" if told else picture]


def paragraph_text(text: str, *, width: int, color: bool = False, ascii: bool = False) -> str:
    """A paragraph: prose is wrapped, a program or worked lines stand as they are."""
    from rich.text import Text

    from tutor.views import to_text

    if is_program(text):
        return _as_it_is(text.removeprefix(CODE_FENCE).strip("\n"), width, color, ascii)
    if "\n" in text:
        parts = [
            prose_text(line, width=width, color=color, ascii=ascii)
            if not line.startswith(" ")
            else to_text(Text(line), max(width, len(line) + 1), color, ascii)
            for line in text.split("\n")
        ]
        return "\n".join(parts)
    return prose_text(text, width=width, color=color, ascii=ascii)


def _as_it_is(text: str, width: int, color: bool, ascii: bool) -> str:
    """Lines that are never wrapped, so that they can be pasted."""
    from rich.text import Text

    from tutor.views import to_text

    widest = max((len(line) for line in text.split("\n")), default=0)
    return to_text(Text(text, style="prose.code"), max(width, widest + 1), color, ascii)


def prose_text(text: str, *, width: int, color: bool = False, ascii: bool = False) -> str:
    """Lesson prose, wrapped."""
    from rich.text import Text

    from tutor.views import to_text
    from tutor.views.prose import prose, starred

    return to_text(prose(text) if color else Text(starred(text)), min(width, WIDEST_PROSE), color, ascii)


def run_text(run: Run, *, width: int, color: bool = False, ascii: bool = False, brief: bool = False) -> str:
    """The picture of a run."""
    return result_text(run.result, width=width, color=color, ascii=ascii, brief=brief)


def result_text(result: object, *, width: int, color: bool = False, ascii: bool = False, brief: bool = False) -> str:
    """The picture of a result."""
    from tutor.views import render, to_text

    return to_text(render(result, width=width, ascii=ascii, brief=brief), width, color, ascii)


def _offers(answer: Answer, width: int) -> list[Text]:
    """The numbered offers, side by side where they fit."""
    from rich.text import Text

    from tutor.views.prose import plain, prose

    lines: list[Text] = []
    for number, offer in enumerate(answer.offers, 1):
        piece = Text("  ").append(f"{number} ", "view.mark").append_text(prose(offer.text))
        if lines and lines[-1].cell_len + piece.cell_len < width:
            lines[-1].append_text(piece)
        elif piece.cell_len < width:
            lines.append(piece)
        else:
            wrapped = textwrap.wrap(plain(offer.text), max(16, width - 5))
            lines.append(Text("  ").append(f"{number} ", "view.mark").append(wrapped[0]))
            lines += [Text("    " + more) for more in wrapped[1:]]
    return lines
