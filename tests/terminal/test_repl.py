"""The prompt itself, fed with keys through prompt-toolkit's pipe input."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from prompt_toolkit import PromptSession
from prompt_toolkit.application import create_app_session
from prompt_toolkit.completion import CompleteEvent
from prompt_toolkit.document import Document
from prompt_toolkit.input import PipeInput, create_pipe_input
from prompt_toolkit.output import DummyOutput
from stand_ins import FakeModels

from tutor.dialogue.conversation import Conversation
from tutor.errors import AuthorError
from tutor.terminal.completer import ChatCompleter
from tutor.terminal.repl import loop, make_session
from tutor.terminal.session import Chat


@pytest.fixture
def keyboard() -> Iterator[PipeInput]:
    with create_pipe_input() as pipe, create_app_session(input=pipe, output=DummyOutput()):
        yield pipe


@pytest.fixture
def chat(conversation: Conversation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Chat:
    monkeypatch.setenv("ATTENTION_TUTOR_HOME", str(tmp_path))
    monkeypatch.setattr("tutor.output.text.run_text", lambda run, **_: f"<picture of {run.experiment}>")
    return Chat(lambda: conversation)


def spoken(chat: Chat, session: PromptSession[str]) -> list[str]:
    out: list[str] = []
    chat._write = out.append
    chat.read = session.prompt
    loop(chat)
    return out


def test_control_c_clears_the_line_and_control_d_leaves(chat: Chat, keyboard: PipeInput) -> None:
    keyboard.send_text("not this\x03hello\r\x04")
    text = "\n".join(spoken(chat, make_session(chat)))
    assert "Hello." in text and "not this" not in text


def test_what_was_typed_is_kept_for_the_next_time(chat: Chat, keyboard: PipeInput, tmp_path: Path) -> None:
    keyboard.send_text("hello\r\x04")
    spoken(chat, make_session(chat))
    assert "+hello" in (tmp_path / "history").read_text("utf-8")
    keyboard.send_text("\x1b[A\r\x04")  # up arrow, enter
    assert "Hello again." in "\n".join(spoken(chat, make_session(chat)))


def test_a_pasted_colour_code_does_no_harm(chat: Chat, keyboard: PipeInput) -> None:
    keyboard.send_text("\x1b[31mhello\r\x04")
    assert "Hello." in "\n".join(spoken(chat, make_session(chat)))


def test_control_c_stops_what_runs_and_the_chat_goes_on(
    chat: Chat, conversation: Conversation, keyboard: PipeInput, monkeypatch: pytest.MonkeyPatch
) -> None:
    answered = conversation.turn
    calls: list[str] = []

    def interrupted(text: str, live: bool = True) -> object:
        calls.append(text)
        if len(calls) == 1:
            raise KeyboardInterrupt
        return answered(text, live)

    monkeypatch.setattr(conversation, "turn", interrupted)
    keyboard.send_text("what is attention\rhello\r\x04")
    text = "\n".join(spoken(chat, make_session(chat)))
    assert "stopped" in text and "Hello." in text


def test_a_run_that_comes_early_waits_for_the_model(
    chat: Chat, conversation: Conversation, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    gate = threading.Event()
    monkeypatch.setattr(conversation.runner.models, "warm_up", lambda: gate.wait(10))
    chat.warm_up()
    assert chat.loading and chat.status().endswith("| model loading")
    threading.Timer(0.05, gate.set).start()
    out: list[str] = []
    chat._write = out.append
    chat.handle("what is attention")
    assert "loading the model" in capsys.readouterr().err and "Say attention.what." in out[0]


def test_a_question_that_needs_no_run_is_answered_while_the_model_loads(
    chat: Chat, conversation: Conversation, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    gate = threading.Event()
    monkeypatch.setattr(conversation.runner.models, "warm_up", lambda: gate.wait(10))
    chat.warm_up()
    out: list[str] = []
    chat._write = out.append
    chat.handle("hello")
    assert chat.loading and "Hello." in out[0] and capsys.readouterr().err == ""
    gate.set()


def test_reading_is_ready_before_the_model_is_begun(
    chat: Chat, conversation: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Importing torch takes long, and imports numpy, whose number of threads the reader sets."""
    order: list[str] = []
    monkeypatch.setattr(conversation.reader, "read", lambda *_: order.append("reader"))
    monkeypatch.setattr(conversation.runner.models, "warm_up", lambda: order.append("model"))
    made = chat._make
    monkeypatch.setattr(chat, "_make", lambda: order.append("conversation") or made())  # type: ignore[func-returns-value]
    chat.warm_up()
    assert chat.model_ready.wait(10)
    assert order == ["conversation", "reader", "model"]


def test_the_model_is_loaded_where_the_lessons_are_broken(monkeypatch: pytest.MonkeyPatch) -> None:
    models = FakeModels()
    warmed = threading.Event()
    monkeypatch.setattr(models, "warm_up", warmed.set)

    def broken() -> Conversation:
        raise AuthorError("lessons/a.yaml:1: broken")

    chat = Chat(broken, models=models)  # type: ignore[arg-type]
    chat.warm_up()
    assert chat.model_ready.wait(10) and warmed.is_set() and chat.models.source_ids("a b") == (0, 1)


def test_control_c_ends_a_search_of_the_history_with_an_empty_prompt(chat: Chat, keyboard: PipeInput) -> None:
    keyboard.send_text("hello\r\x12hel\x03thanks\r\x04")
    text = "\n".join(spoken(chat, make_session(chat)))
    assert [answer.question for answer in chat.conversation.answers] == ["hello", "thanks"], text


def test_a_home_that_cannot_be_written_is_no_reason_not_to_talk(
    chat: Chat, keyboard: PipeInput, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("ATTENTION_TUTOR_HOME", str(tmp_path / "file"))
    keyboard.send_text("hello\r\x04")
    assert "Hello." in "\n".join(spoken(chat, make_session(chat)))


def completions(text: str) -> list[str]:
    return [found.text for found in ChatCompleter().get_completions(Document(text), CompleteEvent())]


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("/sent", "/sentence "),
        ("/sh", "/show "),
        ("/lesson ", "attention-by-hand"),
        ("/attention-", "/attention-steps "),
        ("/show sca", "scaling"),
        ("/show attention --la", "--layer"),
        ("/attention --part ", "decoder"),
        ("/layer ", "2"),
        ("/head ", "4"),
        ("/help sa", "save"),
    ],
)
def test_completion_offers(typed: str, offered: str) -> None:
    assert offered in completions(typed)


@pytest.mark.parametrize("typed", ["what is", "", "/layer 2 ", "/nosuch "])
def test_completion_leaves_the_learners_words_alone(typed: str) -> None:
    assert completions(typed) == []
