"""The lesson at the prompt, without a terminal: what is said when the record cannot be kept, and what is kept."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest
from typed_lines import Line, typed

from tutor.curriculum.engine import Session
from tutor.curriculum.state import State
from tutor.errors import LearnerError
from tutor.experiments.models import Models
from tutor.learner.store import Store
from tutor.terminal.lesson import play
from tutor.terminal.session import Chat


@pytest.fixture(scope="module")
def models() -> Models:
    return Models()


def played(
    models: Models, lines: list[Line], width: int = 80, lesson: str = "attention-by-hand"
) -> tuple[list[str], list[str]]:
    """What was printed, and the prompts, when these lines are typed; without a lesson in the one that is due."""
    said, prompts = typed(models, lines, lambda chat: play(chat, lesson), width)
    return said.splitlines(), prompts


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ATTENTION_TUTOR_HOME", str(tmp_path))
    return tmp_path


def test_the_prompt_says_where_one_is_and_the_place_is_kept(models: Models, home: Path) -> None:
    _, prompts = played(models, ["The old man saw the sea.", "", "/hint", "/leave"])
    assert prompts == [f"Attention, by hand {n}/15 > " for n in (1, 2, 3, 3)]
    said, prompts = played(models, [])
    assert prompts == ["Attention, by hand 3/15 > "]
    assert said[0] == "Attention, by hand: on from where you left." and "Your place is kept" in said[-1]
    with Store() as store:
        state = store.load_state("attention-by-hand")
    assert state and (state["at"], state["sentence"]) == ("bet", "The old man saw the sea.")


def test_a_lesson_taken_to_its_end_is_remembered_as_finished(models: Models) -> None:
    said, _ = played(models, ["/skip"] * 20)
    assert "That was the lesson." in said
    assert "Enter goes on with the next lesson: Why scale, why softmax. /leave leaves." in " ".join(said)
    with Store() as store:
        record = store.lessons()["attention-by-hand"]
    assert record.finished_at and record.state is None
    assert played(models, [], lesson="")[1][0].startswith("Words into numbers 1/")  # the first that is not finished


def test_a_step_that_cannot_be_run_is_left_out_and_the_lesson_goes_on(
    models: Models, monkeypatch: pytest.MonkeyPatch
) -> None:
    screen = Session.screen

    def refuses(session: Session) -> Any:
        if session.state.at == "roles":
            raise LearnerError("that step was too large")
        return screen(session)

    monkeypatch.setattr(Session, "screen", refuses)
    said, prompts = played(models, ["The old man saw the sea.", "/leave"])
    assert "Step 2 is left out; it cannot be made of this sentence: that step was too large" in " ".join(said)
    assert prompts == ["Attention, by hand 1/15 > ", "Attention, by hand 3/15 > "]


def test_a_record_that_is_locked_half_way_is_told_once_and_the_lesson_goes_on(
    models: Models, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tutor.learner.database.BUSY_MS", 20)
    other: list[sqlite3.Connection] = []

    def lock() -> str:
        other.append(sqlite3.connect(home / "learner.sqlite3", isolation_level=None))
        other[0].execute("begin immediate")
        return ""

    def unlock() -> str:
        other[0].execute("rollback")
        other[0].close()
        return ""

    said, prompts = played(models, [lock, "", "/skip", unlock, "/skip", "/leave"])
    assert " ".join(" ".join(said).split()).count("another program keeps it locked") == 1
    assert prompts[-1] == "Attention, by hand 6/15 > " and "Your place is kept" in said[-1]


def test_two_programs_in_one_lesson_do_not_disturb_each_other(models: Models) -> None:
    def second() -> str:
        assert played(models, ["", "", "/leave"])[1][-1] == "Attention, by hand 3/15 > "
        return ""

    said, prompts = played(models, ["", second, "1", "/leave"])
    assert prompts[-1] == "Attention, by hand 4/15 > " and not any("locked" in line for line in said)


def test_an_overlong_sentence_gets_one_message_and_is_asked_again(models: Models) -> None:
    long = "My old dog sleeps in the garden behind the house because he was tired after the walk in the rain. "
    said, prompts = played(models, [long * 30, long, "Dogs sleep."])
    text = " ".join(said)
    assert text.count("tokens long and the model reads") == 1 and text.count("too many to follow by hand") == 1
    assert text.count("With so few words") == 1 and set(prompts) == {"Attention, by hand 1/15 > "}


def test_a_reply_is_not_pushed_off_the_screen_by_a_picture(models: Models) -> None:
    lines: list[Line] = ["", "1", "12345", "12345", "12345", "/solution"]
    said, prompts = played(models, lines, lesson="it-is-all-weights")
    assert prompts[-1] == "It is all weights 4/14 > "
    assert said[-2] == "(Enter goes on)" and "what is learned" not in " ".join(said)


@pytest.mark.parametrize("width", [40, 80, 120])
def test_nothing_is_wider_than_the_screen(models: Models, width: int) -> None:
    said, _ = played(models, ["", *["/skip"] * 20], width)
    assert max(len(line) for line in said) <= width


STEPS = ("sentence", "roles", "bet", "product", "which", "explain", "why-root")
"""One of each kind in the first lesson: a sentence, nothing, a choice, a number, a word, free text, yes or no."""


def played_at(models: Models, step: str, lines: list[Line], sentence: str = "The cat is sleeping.") -> tuple[str, int]:
    """What is said at `step` to these lines, and how many screens further, or back, the learner then is."""
    came_from = State("attention-by-hand", sentence, step, path=("sentence", "roles"))
    with Store() as store:
        store.save_state("attention-by-hand", came_from.plain())
    said, prompts = played(models, lines)
    places = [int(prompt.split("/")[0].split()[-1]) for prompt in prompts]
    return " ".join(said), places[-1] - places[0]


@pytest.mark.parametrize("typed", ["?", "help", "/help", "Help!", "??"])
@pytest.mark.parametrize("step", STEPS)
def test_who_asks_for_help_gets_it_at_every_kind_of_step(models: Models, step: str, typed: str) -> None:
    said, moved = played_at(models, step, [typed])
    assert said.count("In a lesson: Enter goes on") == 1 and moved == 0


@pytest.mark.parametrize("step", STEPS)
def test_skip_and_back_need_no_slash(models: Models, step: str) -> None:
    assert played_at(models, step, ["skip"]) == played_at(models, step, ["/skip"])
    assert played_at(models, step, ["back"]) == played_at(models, step, ["/back"])


@pytest.mark.parametrize(
    ("step", "told"),
    [
        ("sentence", "each token makes three lists of numbers"),
        ("bet", "A guess is all that is wanted."),
        ("product", "No need to be sure."),
        ("which", "No need to be sure."),
        ("explain", "No need to be sure."),
    ],
)
def test_an_empty_line_is_no_answer(models: Models, step: str, told: str) -> None:
    said, moved = played_at(models, step, [""])
    assert told in said and moved == (step == "sentence")


def test_a_word_that_can_be_the_answer_is_one(models: Models) -> None:
    assert "You said “back”" in played_at(models, "bet", ["back"], "The cat came back.")[0]


def test_the_step_to_come_is_not_skipped_before_it_is_seen(models: Models) -> None:
    lines: list[Line] = ["", "1", "12345", "12345", "12345", "/solution", "/skip"]
    said, prompts = played(models, lines, lesson="it-is-all-weights")
    assert prompts[-1] == "It is all weights 4/14 > " and "what is learned" in " ".join(said)


def test_a_lesson_that_does_not_exist_is_one_line(models: Models) -> None:
    chat = Chat(lambda: None, models=models, write=lambda text: None)  # type: ignore[arg-type, return-value]
    with pytest.raises(LearnerError, match="did you mean 'attention-by-hand'"):
        play(chat, "atention-by-hnd")
