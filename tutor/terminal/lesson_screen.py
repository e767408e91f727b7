"""How a screen of a guided lesson is laid out, and how its steps are listed."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from itertools import chain

from tutor.curriculum.engine import Session
from tutor.curriculum.screens import Live, Screen
from tutor.curriculum.state import State
from tutor.curriculum.steps import GuidedLesson, Step
from tutor.curriculum.way import position_of
from tutor.text.clean import plain

GO_ON = "(Enter goes on)"
ROOM = 24 - 3
"""Lines of a small terminal, less an empty one above, the prompt, and the line at the bottom."""


def lines_of(screen: Screen, width: int, *, color: bool = False, ascii: bool = False) -> list[str]:
    """A screen of a lesson as it is printed, without the prompt; paragraphs stand apart where there is room."""
    from rich.text import Text

    from tutor.output.text import prose_text
    from tutor.views import to_text

    def said(*texts: str) -> list[list[str]]:
        return [prose_text(text, width=width, color=color, ascii=ascii).splitlines() for text in texts if text]

    if screen.kind == "end":
        return points(screen.paragraphs, width, color=color, ascii=ascii)
    above, below, question = said(*screen.paragraphs), said(*screen.after), said(screen.prompt)
    for number, choice in enumerate(screen.choices, 1):
        wrapped = textwrap.wrap(
            plain(choice), max(20, min(width, 80) - 1), initial_indent=f"  {number} ", subsequent_indent="    "
        )
        question[0] += [to_text(Text(line), width, color, ascii) for line in wrapped]
    if screen.kind == "read":
        question = [[GO_ON]]
    picture = [_picture(screen.run, width, color, ascii)] if screen.run else []
    airy = _apart([*above, *picture, *below, *question])
    if len(airy) <= ROOM:
        return airy
    if screen.kind == "read":
        below = [*below, *question] if picture or below else []
        above, question = (above, []) if below else ([*above, *question], [])
    return _apart([list(chain(*block)) for block in (above, picture, below, question) if block])


def points(texts: Iterable[str], width: int, *, color: bool = False, ascii: bool = False) -> list[str]:
    """Each text as a point of a list."""
    from tutor.output.text import prose_text

    wrapped = [prose_text(text, width=width - 2, color=color, ascii=ascii).splitlines() for text in texts]
    return [("  " if number else "- ") + line for lines in wrapped for number, line in enumerate(lines)]


def _apart(blocks: list[list[str]]) -> list[str]:
    """The lines of all blocks, with an empty one between two."""
    return [line for block in blocks for line in ("", *block)][1:]


def _picture(run: Live, width: int, color: bool, ascii: bool) -> list[str]:
    """The picture of a run, or the parts of it that the lesson asks for."""
    from tutor.output.text import result_text

    lines = result_text(run.result, width=width, color=color, ascii=ascii).splitlines()
    parts: list[list[str]] = [[]]
    for line in lines:
        if line.strip():
            parts[-1].append(line)
        elif parts[-1]:
            parts.append([])
    wanted = [line for number in run.parts if number <= len(parts) for line in parts[number - 1]]
    return wanted or lines


def steps_of(session: Session) -> str:
    """Every step with its number: what is passed, what was left out, and where the learner is."""
    lesson, here = session.lesson, session.state.at
    lines = [lesson.title]
    for step in lesson.steps:
        if step.kind == "branch":
            continue
        number = "  " if step.kind == "detour" else f"{position_of(lesson, step.id):2}"
        at = here in (step.id, *(inner.id for inner in step.steps))
        mark = ">" if at else mark_of(session.state, step)
        lines.append(f" {mark} {number} {step.topic or step.id.replace('-', ' ')}")
    return "\n".join([*lines, "x passed, - skipped, > here"])


def strip_of(lesson: GuidedLesson, state: State) -> str:
    """The steps of a lesson as one mark each."""
    marks = []
    for step in lesson.steps:
        if step.kind not in ("branch", "detour"):
            at = position_of(lesson, state.at) == position_of(lesson, step.id)
            marks.append(">" if at else "." if (mark := mark_of(state, step)) == " " else mark)
    return "".join(marks)


def mark_of(state: State, step: Step) -> str:
    """x passed, - left out, a space for what lies ahead."""
    return "-" if step.id in state.skipped else "x" if step.id in state.path else " "
