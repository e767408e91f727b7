"""Draw what the documentation shows, with the program itself: `.venv/bin/python scripts/record_screen.py`.

docs/session.svg      two turns of a conversation, for the README
docs/experiments.md   every experiment on one sentence
docs/library.md       what its programs print
"""

from __future__ import annotations

import contextlib
import io
import os
import re
from collections.abc import Iterator
from pathlib import Path

# Whoever draws the pages may prefer another width or theme.
os.environ["ATTENTION_TUTOR_SETTINGS"] = os.devnull
os.environ.pop("COLORFGBG", None)

from tutor.curriculum.loader import load_library
from tutor.curriculum.narration import narrate_run
from tutor.curriculum.tree import Library
from tutor.experiments.base import Experiment
from tutor.experiments.models import Models
from tutor.experiments.registry import registered, run
from tutor.output.picture import svg_of
from tutor.output.text import answer_text, run_text
from tutor.start import new_conversation

DOCS = Path(__file__).parents[1] / "docs"
WIDTH = 80
SENTENCE = "The dog slept because it was tired."
TURNS = ("why divide by the square root of d?", "switch head 2 of encoder layer 1 off")
PROGRAM = re.compile(r"```python\n(.*?)```\n\n```text\n.*?```", re.DOTALL)
OPTIONS = {"learn-sentence": {"steps": 20}}
HEAD = """\
# The experiments

Drawn by the program: `.venv/bin/python scripts/record_screen.py`. Each is `attention-tutor show NAME`, or
`/show NAME` in the chat, on *{sentence}* `show --list` has their options, `--save FILE` writes a picture. Which of
them proves which answer is in [evidence.md](evidence.md)."""


def session(models: Models) -> str:
    """A conversation as it stands on a dark terminal."""
    conversation = new_conversation(SENTENCE, models)
    told = []
    for typed in TURNS:
        answer = answer_text(conversation.turn(typed), width=WIDTH, height=48, color=True)
        told.append(f"\x1b[1m> {typed}\x1b[0m\n\n{answer}")
    return svg_of("\n\n".join(told), WIDTH)


def experiments(models: Models) -> Iterator[str]:
    """The page: a heading, a line, a picture and its reading for each."""
    yield HEAD.format(sentence=SENTENCE)
    library = load_library()
    for found in registered().values():
        yield _experiment(found, library, models)


def _experiment(found: Experiment, library: Library, models: Models) -> str:
    done = run(found.name, models, SENTENCE, OPTIONS.get(found.name))
    picture = run_text(done, width=WIDTH)
    summary = found.summary[0].upper() + found.summary[1:]
    return f"## `{found.name}`\n\n{summary}.\n\n```text\n{picture}\n```\n\n{narrate_run(library, done)}"


def with_output(page: str) -> str:
    """The page with what each of its programs prints beneath it."""

    def again(found: re.Match[str]) -> str:
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(compile(found[1], "library.md", "exec"), {"__name__": "__main__"})
        return f"```python\n{found[1]}```\n\n```text\n{printed.getvalue()}```"

    return PROGRAM.sub(again, page)


def main() -> None:
    """Write all three."""
    models = Models()
    (DOCS / "session.svg").write_text(session(models) + "\n", "utf-8")
    (DOCS / "experiments.md").write_text("\n\n".join(experiments(models)) + "\n", "utf-8")
    library = DOCS / "library.md"
    library.write_text(with_output(library.read_text("utf-8")), "utf-8")


if __name__ == "__main__":
    main()
