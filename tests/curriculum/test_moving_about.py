"""Moving about: what is undone stays undone, another lesson is begun in place of this one, objections are heard."""

from __future__ import annotations

from pathlib import Path

import pytest
from guided import at
from typed_lines import Line

from tutor.experiments.models import Models
from tutor.learner.store import Store
from tutor.start import new_conversation
from tutor.terminal.heard import heard
from tutor.terminal.lesson import play
from tutor.terminal.session import Chat
from tutor.understanding.likeness import AnswerReader


@pytest.fixture(scope="module")
def models() -> Models:
    return Models()


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ATTENTION_TUTOR_HOME", str(tmp_path))
    return tmp_path


def said_in(models: Models, lines: list[Line], lesson: str) -> tuple[str, list[str]]:
    """What was printed, and the prompts, in a chat that is whole."""
    waiting, said, prompts = iter(lines), list[str](), list[str]()

    def read(prompt: str) -> str:
        prompts.append(prompt)
        line = next(waiting, None)
        if line is None:
            raise EOFError
        return str(line)

    chat = Chat(lambda: new_conversation("", models), models=models, write=said.append, read=read, width=lambda: 80)
    chat.model_ready.set()
    play(chat, lesson)
    return " ".join(" ".join(said).split()), prompts


def test_what_was_undone_is_not_said_to_be_off(models: Models) -> None:
    lines: list[Line] = ["/goto 10", "switch head 2 of layer 1 off", "", "", "undo", "undo", ""]
    said, prompts = said_in(models, lines, "many-heads")
    assert said.count("It stays off") == 1 and "Nothing has been changed" in said
    assert prompts[-1] == "Many heads 12/15 > "


def test_after_leaving_nothing_is_left_to_undo(models: Models) -> None:
    said_in(models, ["/goto 10", "switch head 2 of layer 1 off", "", ""], "many-heads")
    said, prompts = said_in(models, [], "many-heads")
    assert "everything in the model is as it was trained" in said and "It stays off" not in said
    assert prompts[-1] == "Many heads 12/15 > "


def test_undo_and_going_back_are_told_apart(reader: AnswerReader) -> None:
    session = at("roles")
    assert heard(session, "put it back please", reader).kind == "aside"
    assert heard(session, "go back", reader).line == "/back"


@pytest.mark.parametrize("line", ["lesson 4", "/lesson 4", "take me to lesson 4"])
def test_another_lesson_is_begun_in_place_of_this_one(models: Models, line: str) -> None:
    said, prompts = said_in(models, [*["/skip"] * 20, line], "many-heads")
    assert prompts[-1].startswith("The bottleneck 1/")
    assert said.count("Your place is kept") == 1  # one way out, and not one for each lesson begun
    with Store() as store:
        assert store.lessons()["many-heads"].finished_at


@pytest.mark.parametrize(
    "line", ["0.825^8 is 0.2146, not 22%", "why did it say jeu now", "what does half likely mean?", "that is not true"]
)
def test_a_question_or_objection_is_heard_where_nothing_is_asked(reader: AnswerReader, line: str) -> None:
    session = at("roles")
    found = heard(session, line, reader)
    assert found.kind == "aside" or found.line == "/wrong"


@pytest.mark.parametrize("line", ["top ten", "sister", "red, obviously"])
def test_a_stray_answer_is_no_request(reader: AnswerReader, line: str) -> None:
    assert heard(at("roles"), line, reader).kind == "nothing"
