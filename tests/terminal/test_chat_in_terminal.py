"""What a person sees: the real program, the real model, a real pseudo-terminal."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Open = Callable[..., Any]


def test_a_newcomer_gets_from_the_first_screen_to_a_heat_map_of_their_sentence(terminal: Open) -> None:
    screen = terminal(rows=24, columns=80)
    first = screen.wait_for("\n>", "/help")
    assert "Type any English sentence" in first
    screen.enter("/sentence My little dog sleeps.")
    screen.wait_until_idle()
    seen = screen.all_text()
    assert "little" in seen and "1 See it: " in seen and "looks" in seen
    assert "My little dog sleeps. |" in screen.text().splitlines()[-1]
    assert screen.leave() == 0


def test_a_chat_of_questions_follow_ups_and_commands(terminal: Open) -> None:
    screen = terminal()
    screen.wait_for("\n>")
    for line in ("What is attention?", "but why?", "/simpler", "2", "/layer 2", "/numbers", "/understood"):
        screen.enter(line)
        screen.wait_until_idle()
    seen = screen.all_text()
    assert "layer 2 | /help" in screen.text().splitlines()[-1]
    assert "Traceback" not in seen and "went wrong" not in seen
    assert screen.leave() == 0


@pytest.mark.parametrize("columns", [40, 80, 120])
def test_nothing_is_wider_than_the_screen(terminal: Open, columns: int) -> None:
    screen = terminal(rows=30, columns=columns)
    screen.wait_for("\n>")
    screen.enter("/help")
    screen.wait_until_idle()
    screen.enter("/sentence The tired old dog sleeps in front of the door.")
    screen.wait_until_idle()
    # Where a line was too long, the terminal would have broken it in the middle of a word.
    seen = screen.all_text()
    assert "/quit" in seen and "looks" in seen
    for line in seen.splitlines():
        assert len(line) <= columns
    assert screen.leave() == 0


def test_control_c_clears_the_line_and_stops_a_run_but_never_leaves(terminal: Open) -> None:
    screen = terminal()
    screen.wait_for("\n>")
    screen.type("half a question\x03")
    screen.enter("/help quit")
    screen.wait_for("/quit: leave")
    assert "half a question" not in screen.all_text()
    screen.enter("/show gradients")
    time.sleep(0.3)
    screen.type("\x03")
    screen.wait_until_idle()
    screen.enter("/help quit")
    screen.wait_until_idle()
    assert screen.process.isalive()
    assert screen.leave() == 0


def test_no_escape_that_is_typed_reaches_the_screen(terminal: Open) -> None:
    screen = terminal()
    screen.wait_for("\n>")
    screen.type("\x1b[200~/sentence [red]\x1b[31m\x1b]52;c;aGVsbG8=\x07 cat\x1b[201~\r")  # pasted
    screen.wait_until_idle()
    assert b"\x1b]52" not in screen.seen and b"\x1b[31m" not in screen.seen
    assert "[red]" in screen.all_text()
    assert "Traceback" not in screen.all_text() and "Exception" not in screen.all_text()
    assert screen.leave() == 0


def test_long_odd_and_empty_lines_each_get_one_clear_line(terminal: Open) -> None:
    screen = terminal()
    screen.wait_for("\n>")
    screen.enter("")
    screen.enter("🙂🙂🙂 猫坐在垫子上")
    screen.wait_until_idle()
    screen.enter("/sentence " + "cat " * 300)
    screen.wait_for("tokens long and the model reads")
    screen.enter("/layer 9")
    screen.wait_for("there is no layer 9; the encoder has layers 1 to 3")
    assert "Traceback" not in screen.all_text()
    assert screen.leave() == 0


def test_the_up_arrow_brings_back_what_was_typed_the_last_time(terminal: Open) -> None:
    first = terminal()
    first.wait_for("\n>")
    first.enter("/help quit")
    first.wait_for("/quit: leave")
    assert first.leave() == 0
    second = terminal()
    second.wait_for("\n>")
    second.type("\x1b[A")
    second.wait_for("> /help quit")


def test_a_dumb_terminal_gets_plain_text(terminal: Open) -> None:
    screen = terminal(TERM="dumb")
    screen.wait_for("\n>")
    screen.enter("/help quit")
    screen.wait_for("/quit: leave")
    assert b"\x1b" not in screen.seen
    assert screen.leave() == 0


def test_the_prompt_is_there_before_torch(terminal: Open) -> None:
    started = time.monotonic()
    screen = terminal(PYTHONDONTWRITEBYTECODE=os.environ.get("PYTHONDONTWRITEBYTECODE", ""))
    screen.wait_for("\n>", "model loading", patience=10)
    assert time.monotonic() - started < 5  # the bar of 0.35 s is measured by benchmarks/, on a quiet machine
    assert screen.leave() == 0


def test_missing_weights_are_one_clear_line(terminal: Open, tmp_path: Path) -> None:
    screen = terminal(ATTENTION_TUTOR_MODELS=str(tmp_path / "nowhere"))
    screen.wait_for("\n>")
    screen.enter("/show attention")
    screen.wait_until_idle()
    assert "nowhere" in screen.all_text() and "Traceback" not in screen.all_text()
    screen.enter("What is attention?")
    screen.wait_until_idle()
    assert "Traceback" not in screen.all_text() and "went wrong" not in screen.all_text()
    assert screen.leave() == 0
