"""A conversation, an answer or a picture in a file whose ending says which form."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from html import escape
from pathlib import Path

from tutor.dialogue.types import Answer
from tutor.errors import LearnerError
from tutor.experiments.base import Run
from tutor.output.html import transcript_html
from tutor.output.markdown import transcript_markdown
from tutor.output.picture import png_of, svg_of
from tutor.output.table import run_csv
from tutor.output.text import answer_text, prose_text, run_text

WIDTH = 88
PICTURES = (".svg", ".png")
"""Endings that hold the last answer rather than the conversation."""


def transcript_text(answers: Sequence[Answer]) -> str:
    """A conversation as plain text."""
    return "\n\n".join(f"> {answer.question}\n\n{answer_text(answer, width=WIDTH)}" for answer in answers) + "\n"


def last_as_svg(answers: Sequence[Answer]) -> str:
    """The last answer as it stands on the screen, in colour on its own ground."""
    last = answers[-1]
    return svg_of(f"> {last.question}\n\n{answer_text(last, width=WIDTH, color=True)}", WIDTH)


WRITTEN: Mapping[str, Callable[[Sequence[Answer]], str | bytes]] = {
    ".md": transcript_markdown,
    ".html": transcript_html,
    ".txt": transcript_text,
    ".svg": last_as_svg,
    ".png": lambda answers: png_of(last_as_svg(answers)),
}
"""Ending -> what the file of a conversation holds."""


def save(name: str, answers: Sequence[Answer]) -> None:
    """Write a conversation to a new file, whole or not at all. Raises `LearnerError`, `OSError`."""
    ending = Path(name).suffix
    if ending not in WRITTEN:
        raise LearnerError(
            f"name a file that ends in {', '.join(WRITTEN)}, as in /save talk.md; .svg and .png are pictures"
        )
    if not answers:
        raise LearnerError("there is nothing to save yet")
    _write_new(name, lambda: WRITTEN[ending](answers))


# --- one run ----------------------------------------------------------------------------------------------


def _run_json(run: Run, told: str) -> str:
    import json

    return json.dumps(run.plain(), ensure_ascii=False) + "\n"


def _run_text(run: Run, told: str) -> str:
    return "\n\n".join(block for block in (run_text(run, width=WIDTH), prose_text(told, width=WIDTH)) if block) + "\n"


def _run_markdown(run: Run, told: str) -> str:
    return f"```text\n{run_text(run, width=WIDTH)}\n```\n\n{told}\n"


def _run_html(run: Run, told: str) -> str:
    picture = f"<pre>{escape(run_text(run, width=WIDTH))}</pre>"
    title = f"{run.experiment}: {escape(run.sentence)}"
    head = f'<!doctype html>\n<html lang="en"><meta charset="utf-8"><title>{title}</title>\n'
    return f"{head}{picture}\n<p>{escape(told)}</p>\n</html>\n"


def run_svg(run: Run, told: str = "", width: int = WIDTH) -> str:
    """The picture of a run in colour, with what it shows in words."""
    blocks = (run_text(run, width=width, color=True), prose_text(told, width=width, color=True) if told else "")
    return svg_of("\n\n".join(block for block in blocks if block), width)


RUNS: Mapping[str, Callable[[Run, str], str | bytes]] = {
    ".svg": run_svg,
    ".png": lambda run, told: png_of(run_svg(run, told)),
    ".txt": _run_text,
    ".md": _run_markdown,
    ".html": _run_html,
    ".csv": lambda run, told: run_csv(run) + "\n",
    ".json": _run_json,
}
"""Ending -> what the file of one run holds; the text is what the run shows, in words."""


def check_ending(name: str) -> None:
    """Raise `LearnerError` where a run cannot be saved under this name, before anything is run."""
    if Path(name).suffix not in RUNS:
        raise LearnerError(f"--save takes a file that ends in {', '.join(RUNS)}")
    if Path(os.path.expanduser(name)).exists():
        raise LearnerError(f"{name} exists already; choose another name")


def save_run(name: str, run: Run, told: str) -> None:
    """Write one run to a new file, whole or not at all. Raises `LearnerError`, `OSError`."""
    check_ending(name)
    _write_new(name, lambda: RUNS[Path(name).suffix](run, told))


def _write_new(name: str, make: Callable[[], str | bytes]) -> None:
    path = Path(os.path.expanduser(name))
    if path.exists():
        raise LearnerError(f"{name} exists already; choose another name")
    made = make()
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        beside.write_bytes(made if isinstance(made, bytes) else made.encode())
        beside.rename(path)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise OSError(error.errno, error.strerror, name) from error
