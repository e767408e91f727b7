"""A turn as the learner sees it: prose, the picture, what the run showed, and numbered offers."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from itertools import zip_longest
from typing import TYPE_CHECKING

from tutor.chat.turn import Turn
from tutor.experiments.base import Run

if TYPE_CHECKING:
    from rich.text import Text

WIDEST_PROSE = 88
"""Cells: lines longer than this are hard to read back from."""


def turn_text(turn: Turn, *, width: int, color: bool = False, ascii: bool = False, offers: bool = True) -> str:
    """The whole turn, for a terminal or a pipe."""
    from tutor.views import to_text

    # Who asks for a picture gets all of it; inside an answer it keeps to the point.
    brief = bool(turn.paragraphs) and not turn.whole
    blocks = [prose_text(text, width=width, color=color, ascii=ascii) for text in turn.paragraphs]
    for run, narration in zip_longest(turn.runs, turn.narrations):
        if run and run.experiment in turn.unpictured:
            continue
        if run:
            blocks.append(run_text(run, width=width, color=color, ascii=ascii, brief=brief))
        blocks.append(prose_text(narration or "", width=width, color=color, ascii=ascii))
    whole = "\n\n".join(block for block in blocks if block)
    if offers and turn.follow_ups:
        lines = [_offer(number, text, width) for number, text in enumerate(turn.follow_ups, 1)]
        whole = "\n".join([*([whole] if whole else []), *(to_text(line, width, color, ascii) for line in lines)])
    return whole


def prose_text(text: str, *, width: int, color: bool = False, ascii: bool = False) -> str:
    """Lesson prose, wrapped."""
    from tutor.views import to_text
    from tutor.views.prose import prose

    return to_text(prose(text), min(width, WIDEST_PROSE), color, ascii)


def run_text(run: Run, *, width: int, color: bool = False, ascii: bool = False, brief: bool = False) -> str:
    """The picture of a run."""
    return result_text(run.result, width=width, color=color, ascii=ascii, brief=brief)


def result_text(result: object, *, width: int, color: bool = False, ascii: bool = False, brief: bool = False) -> str:
    """The picture of a result."""
    from tutor.views import render, to_text

    return to_text(render(result, width=width, ascii=ascii, brief=brief), width, color, ascii)


def numbers_text(run: Run, *, width: int, color: bool = False, ascii: bool = False) -> str:
    """Every number of a run under its name, in the order of the result's fields."""
    import textwrap

    from tutor.experiments.base import plain_values

    lines = [f"{run.experiment} on {run.sentence}"]
    for name, value in plain_values(run.result).items():
        if isinstance(value, list) and value and isinstance(value[0], list | dict):
            lines.append(f"{name}:")
            rows = value
        else:
            lines.append(f"{name}: {_number(value)}" if not isinstance(value, list) else f"{name}:")
            rows = [value] if isinstance(value, list) and value else []
        for row in rows:
            text = (
                ", ".join(f"{key} {_number(entry)}" for key, entry in row.items())
                if isinstance(row, dict)
                else (" ".join(_number(entry) for entry in row))
            )
            lines += textwrap.wrap(text, max(20, width - 4), initial_indent="  ", subsequent_indent="    ") or [""]
    return "\n".join(lines)


def _number(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.4f}" if abs(value) >= 0.00005 or value == 0 else f"{value:.1e}"
    if isinstance(value, list):
        return "[" + " ".join(_number(entry) for entry in value) + "]"
    return "forbidden" if value is None else str(value)


def _offer(number: int, text: str, width: int) -> Text:
    from rich.text import Text

    from tutor.views.prose import prose

    line = Text()
    line.append(f"  {number} ", "view.mark")
    line.append_text(prose(text))
    line.truncate(width, overflow="ellipsis")
    return line


def turn_markdown(turn: Turn, *, width: int = 80, heading: str = "##") -> str:
    """The turn as Markdown: pictures in fenced blocks, so that their columns hold."""
    blocks = [f"{heading} {_markdown(turn.question)}"] if turn.question else []
    blocks += turn.paragraphs
    for run, narration in zip_longest(turn.runs, turn.narrations):
        blocks += [f"```text\n{run_text(run, width=width)}\n```"] if run else []
        blocks += [narration] if narration else []
    if turn.follow_ups:
        blocks.append("\n".join(f"{number}. {text}" for number, text in enumerate(turn.follow_ups, 1)))
    return "\n\n".join(blocks)


def _markdown(text: str) -> str:
    """A learner's words, with what Markdown would act on escaped."""
    return "".join(f"\\{character}" if character in "\\`*_[]<>#|" else character for character in text)


def transcript_markdown(turns: Iterable[Turn]) -> str:
    """A conversation as a Markdown file."""
    return "# A conversation with the attention tutor\n\n" + "\n\n".join(turn_markdown(turn) for turn in turns) + "\n"


def transcript_html(turns: Iterable[Turn]) -> str:
    """A conversation as one HTML file that needs nothing else."""
    parts = []
    for turn in turns:
        parts.append(f"<h2>{escape(turn.question)}</h2>")
        parts += [f"<p>{escape(text)}</p>" for text in _plain_blocks(turn.paragraphs)]
        for run, narration in zip_longest(turn.runs, turn.narrations):
            parts += [f"<pre>{escape(run_text(run, width=80))}</pre>"] if run else []
            parts += [f"<p>{escape(text)}</p>" for text in _plain_blocks([narration or ""])]
        if turn.follow_ups:
            parts.append("<ol>" + "".join(f"<li>{escape(text)}</li>" for text in turn.follow_ups) + "</ol>")
    body = "\n".join(parts)
    return (
        '<!doctype html>\n<html lang="en"><meta charset="utf-8"><title>Attention tutor</title>\n'
        "<style>body{max-width:50rem;margin:2rem auto;padding:0 1rem;font:1rem/1.5 serif}"
        "pre{overflow-x:auto;background:#f4f4f4;padding:1rem;line-height:1.2}</style>\n"
        f"<h1>A conversation with the attention tutor</h1>\n{body}\n</html>\n"
    )


def _plain_blocks(blocks: Iterable[str]) -> list[str]:
    from tutor.chat.clean import plain

    return [plain(block) for block in blocks if block]
