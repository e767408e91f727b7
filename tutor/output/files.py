"""A conversation, or the last answer as a picture, in a file whose ending says which."""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from tutor.dialogue.types import Answer
from tutor.errors import LearnerError
from tutor.output.html import transcript_html
from tutor.output.markdown import transcript_markdown
from tutor.output.text import answer_text
from tutor.views import theme

WIDTH = 88


def transcript_text(answers: Sequence[Answer]) -> str:
    """A conversation as plain text."""
    return "\n\n".join(f"> {answer.question}\n\n{answer_text(answer, width=WIDTH)}" for answer in answers) + "\n"


def last_as_svg(answers: Sequence[Answer]) -> str:
    """The last answer as it stands on the screen, in colour on its own dark ground."""
    from rich.console import Console
    from rich.text import Text

    last = answers[-1]
    with theme.using(theme.DARK):
        text = f"> {last.question}\n\n{answer_text(last, width=WIDTH, color=True)}"
    console = Console(record=True, file=io.StringIO(), width=WIDTH, force_terminal=True, color_system="truecolor")
    console.print(Text.from_ansi(text))
    return console.export_svg(title="attention-tutor")


WRITTEN: Mapping[str, Callable[[Sequence[Answer]], str]] = {
    ".md": transcript_markdown,
    ".html": transcript_html,
    ".txt": transcript_text,
    ".svg": last_as_svg,
}
"""Ending -> what the file holds."""


def save(name: str, answers: Sequence[Answer]) -> None:
    """Write a new file, whole or not at all. Raises `LearnerError`, `OSError`."""
    path = Path(os.path.expanduser(name))
    if path.suffix not in WRITTEN:
        raise LearnerError(f"name a file that ends in {', '.join(WRITTEN)}, as in /save talk.md; .svg is a picture")
    if path.exists():
        raise LearnerError(f"{name} exists already; choose another name")
    if not answers:
        raise LearnerError("there is nothing to save yet")
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        beside.write_text(WRITTEN[path.suffix](answers), encoding="utf-8")
        beside.rename(path)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise OSError(error.errno, error.strerror, name) from error
