"""The guided lesson as a person takes it: a wrong answer, a hint, leaving, a kill, and coming back."""

from __future__ import annotations

import os
import signal
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

Open = Callable[..., Any]
TITLE = "Attention, by hand"
PATIENCE = 90.0
"""Seconds: a bound for slow machines only; everything goes on as soon as the screen shows it."""


def until(screen: Any, seen: Callable[[], bool], what: str) -> str:
    """Read until `seen`; returns the screen."""
    end = time.monotonic() + PATIENCE
    while not seen():
        assert time.monotonic() < end, f"never saw {what} on:\n{screen.text()}"
        assert screen.process.isalive() or seen(), f"ended before {what}:\n{screen.all_text()}"
        screen.read()
    return str(screen.text())


def wait_at(screen: Any, place: str, title: str = TITLE) -> str:
    """Wait for an empty prompt at that place, such as '4/18'."""

    def there() -> bool:
        lines = [line for line in screen.text().splitlines() if line]
        # Each prompt begins by turning on bracketed paste: without it, this is the prompt before.
        fresh = b"\x1b[?2004h" in screen.seen[screen.typed_at :]
        return fresh and len(lines) > 1 and lines[-2] == f"{title} {place} >"

    return until(screen, there, f"the prompt at {place}")


def type_at(screen: Any, text: str, place: str, title: str = TITLE) -> str:
    screen.enter(text)
    return wait_at(screen, place, title)


def wait_for(screen: Any, *words: str) -> str:
    return until(screen, lambda: all(word in screen.all_text() for word in words), str(words))


def test_a_lesson_is_left_half_way_killed_taken_up_and_finished(terminal: Open) -> None:
    first = terminal("learn", "attention-by-hand", rows=24, columns=80)
    assert "The sentence is: The cat is sleeping" in wait_at(first, "1/15")
    type_at(first, "", "2/15")
    assert "look at most?" in type_at(first, "", "3/15")
    assert "You said “cat”." in type_at(first, "I think cat", "4/15")
    type_at(first, "", "5/15")
    assert "Hint 1 of 2" in type_at(first, "/hint", "5/15")
    assert "That is too large." in type_at(first, "987654", "5/15")
    assert "Traceback" not in first.all_text() and "went wrong" not in first.all_text()
    assert first.leave() == 0
    assert "Your place is kept" in first.all_text()

    second = terminal("learn", "attention-by-hand", rows=24, columns=80)
    wait_at(second, "5/15")
    assert "on from where you left" in second.all_text()
    assert "Hint 2 of 2" in type_at(second, "/hint", "5/15")
    assert "products added up" in type_at(second, "/solution", "6/15")
    type_at(second, "3", "7/15")
    os.kill(second.process.pid, signal.SIGKILL)

    third = terminal("learn", "attention-by-hand", rows=24, columns=80)
    wait_at(third, "7/15")
    for place in (7, *range(8, 16)):
        type_at(third, "/skip", f"{place}/15")
    third.enter("/skip")
    wait_for(third, "That was the lesson.")
    seen = " ".join(third.all_text().split())
    assert "Right at the first try, without a hint, 1 of 2: when a score is large." in seen
    assert "Worth another look: a product of query and key." in seen
    assert "Ask next, in the chat: How does attention work, step by step?" in seen


def test_what_asks_something_is_seen_whole_on_a_small_screen(terminal: Open) -> None:
    screen = terminal("learn", "attention-by-hand", rows=24, columns=80)
    wait_at(screen, "1/15")
    first_words = {"3": "The query of", "5": "A query meets", "6": "products added", "8": "Softmax, which"}
    first_words |= {"10": "Back to", "11": "That was one head", "12": "Now the weights", "15": "Where do attention"}
    places = ["2", "3", "4", "5", "6", "7", "7", *(str(place) for place in range(8, 16))]
    for place in places:
        seen = type_at(screen, "/skip", f"{place}/15")
        assert first_words.get(place, "") in seen
        assert seen.splitlines()[-1].endswith("| /hint /skip /back /leave")
    screen.process.close(force=True)


def test_a_lesson_inside_the_chat_comes_back_to_the_chat(terminal: Open) -> None:
    screen = terminal()
    screen.wait_for("\n>", patience=PATIENCE)
    screen.enter("/lesson attention-by-hand")
    wait_at(screen, "1/15")
    assert "Is that your English sentence: “Hi”?" in type_at(screen, "Hi", "1/15")
    assert "With so few words" in type_at(screen, "yes", "1/15")
    type_at(screen, "My dog sleeps.", "2/15")
    screen.enter("/quit")
    screen.wait_for("Your place is kept", "\n>", patience=PATIENCE)
    screen.enter("/progress")
    screen.wait_for("at step 2 of", patience=PATIENCE)
    assert screen.leave() == 0


def test_a_record_that_cannot_be_used_is_one_line_and_the_lesson_goes_on(terminal: Open, tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    foreign = sqlite3.connect(tmp_path / "home" / "learner.sqlite3")
    foreign.execute("create table theirs (a)")
    foreign.commit()
    foreign.close()
    screen = terminal("learn", "attention-by-hand")
    wait_at(screen, "1/15")
    assert "another program's database" in " ".join(screen.all_text().split())
    type_at(screen, "", "2/15")
    screen.enter("/leave")
    wait_for(screen, "Left the lesson.")
    assert "Traceback" not in screen.all_text()


def test_nonsense_is_told_in_a_line_and_costs_nothing(terminal: Open) -> None:
    screen = terminal("learn", "where-order", NO_COLOR="1")
    title = "Where order comes from"
    wait_at(screen, "1/15", title)
    type_at(screen, "[red]Hi[/red]", "1/15", title)
    type_at(screen, "old " * 40, "1/15", title)
    type_at(screen, "A \x16\x1b[31mred\x16\x1b[0m cat sleeps.", "2/15", title)
    assert "A red cat sleeps. | /hint" in screen.text()
    assert "Type one of them, or its number" in type_at(screen, "[/]", "2/15", title)
    assert "You said “not at all”" in type_at(screen, "1", "3/15", title)
    assert "Nothing is asked here." in type_at(screen, "zzz", "3/15", title)
    type_at(screen, "", "4/15", title)
    assert "That would be an order." in type_at(screen, "3", "4/15", title)
    type_at(screen, "/back", "3/15", title)
    type_at(screen, "/again", "3/15", title)
    assert screen.leave() == 0
    assert "Traceback" not in screen.all_text() and "went wrong" not in screen.all_text()
