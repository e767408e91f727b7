"""Whole conversations with the real reader and the real models, printed as a learner sees them.

A file holds what is typed and the screen after it. `pytest tests/conversations --rewrite` writes the screens anew;
what has changed is then read in the difference.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from tutor.curriculum.tree import Library
from tutor.dialogue.conversation import Conversation
from tutor.experiments.models import Models
from tutor.terminal.session import Chat, Leave
from tutor.understanding.reader import Reader

FILES = sorted(Path(__file__).parent.glob("*.yaml"))
WIDTH = 80


def played(chat: Chat, lines: list[str]) -> list[str]:
    """The screen after each line."""
    screens = []
    for line in lines:
        out: list[str] = []
        chat._write = out.append
        try:
            chat.handle(line)
        except Leave:
            out.append("(left)")
        screens.append("\n".join(part.rstrip() for part in "\n".join(out).strip("\n").split("\n")))
    return screens


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_conversation_goes_as_it_is_written_down(
    file: Path, library: Library, reader: Reader, models: Models, pytestconfig: pytest.Config
) -> None:
    held: dict[str, Any] = yaml.safe_load(file.read_text("utf-8"))
    given = [held["sentence"]] if "sentence" in held else []
    chat = Chat(lambda: Conversation(library, reader, models, *given), models=models, width=lambda: WIDTH)
    chat.model_ready.set()
    screens = played(chat, [turn["say"] for turn in held["turns"]])
    assert not any("went wrong" in screen for screen in screens)
    assert max(len(line) for screen in screens for line in screen.split("\n")) <= WIDTH
    if pytestconfig.getoption("rewrite"):
        turns = [{"say": turn["say"], "screen": screen} for turn, screen in zip(held["turns"], screens, strict=True)]
        file.write_text(written({**held, "turns": turns}), "utf-8")
    else:
        for turn, screen in zip(held["turns"], screens, strict=True):
            assert screen == turn["screen"].rstrip("\n"), turn["say"]


def written(held: dict[str, Any]) -> str:
    """The file: screens as blocks, so that they can be read."""

    class Blocks(yaml.SafeDumper):
        pass

    def text(dumper: yaml.SafeDumper, value: str) -> yaml.Node:
        return dumper.represent_scalar("tag:yaml.org,2002:str", value, style="|" if "\n" in value else None)

    Blocks.add_representer(str, text)
    return yaml.dump(held, Dumper=Blocks, allow_unicode=True, sort_keys=False, width=1000)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_conversation_is_six_to_ten_turns_and_says_what_it_is_about(file: Path) -> None:
    held = yaml.safe_load(file.read_text("utf-8"))
    assert 6 <= len(held["turns"]) <= 10 and held["about"].endswith(".")
    assert all(set(turn) == {"say", "screen"} and turn["screen"] for turn in held["turns"])


def test_what_is_written_is_read_back() -> None:
    held = {
        "about": "A.",
        "turns": [{"say": "no", "screen": "  two\n\n · lines █: [x]\n# end"}, {"say": "1", "screen": "one"}],
    }
    assert yaml.safe_load(written(held)) == held and "  screen: |" in written(held)
