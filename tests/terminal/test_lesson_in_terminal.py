"""The guided lesson as a person takes it: predictions, a hint, a wrong answer, leaving and coming back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Open = Callable[..., Any]


@pytest.mark.parametrize("columns", [40, 80])
def test_a_lesson_is_left_half_way_taken_up_there_and_finished(terminal: Open, columns: int) -> None:
    first = terminal("learn", rows=24, columns=columns)
    first.wait_until_idle()
    for line in ("", "", "/hint", "an answer that is surely wrong", "/skip"):
        first.enter(line)
        first.wait_until_idle()
    place = first.text().splitlines()[-1][:20]
    assert first.leave() == 0
    assert "Traceback" not in first.all_text() and "went wrong" not in first.all_text()

    second = terminal("learn", rows=24, columns=columns)
    second.wait_until_idle()
    assert "on from where you left" in " ".join(second.all_text().split())
    assert second.text().splitlines()[-1][:20] == place
    for _ in range(60):
        second.enter("/skip")
        while second.process.isalive():
            second.read(0.15)
            if "That was the lesson." in second.all_text():
                break
            lines = [line for line in second.text().splitlines() if line]
            fresh = b"\x1b[?2004h" in second.seen[second.typed_at :]
            if fresh and len(lines) > 1 and lines[-2] == "lesson>" and " | " in lines[-1]:
                break
        if "That was the lesson." in second.all_text():
            break
    assert "That was the lesson." in second.all_text()


def test_a_lesson_inside_the_chat_comes_back_to_the_chat(terminal: Open) -> None:
    screen = terminal()
    screen.wait_for("\n>")
    screen.enter("/lesson")
    screen.wait_for("\nlesson>")
    screen.enter("/leave")
    screen.wait_for("Your place is kept", "\n>")
    screen.enter("/progress")
    screen.wait_for("at step")
    assert screen.leave() == 0
