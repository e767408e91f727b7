"""Slash commands, with the chat's input and output held by the test."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tutor.dialogue.conversation import Conversation
from tutor.experiments.base import Run
from tutor.terminal.commands import commands, help_text
from tutor.terminal.session import Chat, Leave

Said = Callable[..., str]


@pytest.fixture
def chat(conversation: Conversation, monkeypatch: pytest.MonkeyPatch) -> Chat:
    monkeypatch.setattr("tutor.output.text.run_text", lambda run, **_: f"<picture of {run.experiment}>")
    tutor = Chat(lambda: conversation)
    tutor.model_ready.set()
    return tutor


@pytest.fixture
def say(chat: Chat) -> Said:
    """What the chat prints for some lines."""

    def said(*lines: str) -> str:
        out: list[str] = []
        chat._write = out.append
        for line in lines:
            chat.handle(line)
        return "\n".join(out)

    return said


def test_help_lists_every_command_and_fits_the_width() -> None:
    for width in (40, 80, 120):
        text = help_text(width)
        assert all(f"/{name}" in text for name in commands())
        assert max(map(len, text.splitlines())) < width


def test_help_for_one_command(say: Said) -> None:
    assert say("/help quit") == "/quit: leave; Ctrl-D does the same. Also: /exit, /bye, /q."


def test_an_unknown_command_names_the_nearest(say: Said) -> None:
    assert say("/sentance") == "there is no command /sentance; did you mean /sentence?"
    assert say("/xyzzy") == "there is no command /xyzzy; /help lists them all"


def test_a_question_is_answered_with_picture_narration_and_numbered_offers(say: Said) -> None:
    text = say("what is attention")
    order = ["Say attention.what.", "dog has 60%", "<picture of attention>", "1 Ask attention.why?"]
    assert [text.index(part) for part in order] == sorted(text.index(part) for part in order)


def test_a_run_that_was_asked_for_is_drawn_before_it_is_told(say: Said) -> None:
    text = say("/show attention")
    assert text.index("<picture of attention>") < text.index("cat looks at The.")


def test_show_runs_an_experiment_and_so_does_its_name(say: Said) -> None:
    assert "<picture of softmax>" in say("/show softmax --layer 2")
    assert "<picture of softmax>" in say("/softmax")


def test_show_alone_lists_the_experiments(say: Said) -> None:
    assert "attention-steps" in say("/show")


def test_a_wrong_option_is_one_line(say: Said) -> None:
    assert say("/show attention --layr 2") == "attention has no option 'layr'; did you mean 'layer'?"


def test_layer_and_head_stay_in_force_and_show_the_map(say: Said, chat: Chat) -> None:
    assert "<picture of attention>" in say("/layer 2", "/head 3")
    assert chat.status().endswith("| layer 2 head 3 | /help")
    assert say("/layer two") == "/layer takes a number, as in /layer 2"
    assert say("/layer 9") == "there is no layer 9; the encoder has layers 1 to 3"
    say("/auto")
    assert chat.status() == "The cat is on the mat. | /help"


def test_an_option_that_is_typed_goes_before_the_layer_in_force(say: Said, chat: Chat) -> None:
    say("/layer 2", "/show attention --layer 3")
    assert chat.conversation.answers[-1].runs[0].options.layer == 3


def test_a_plain_sentence_shows_its_heat_map_and_three_things_to_try(say: Said, chat: Chat) -> None:
    text = say("My dog sleeps.")
    assert "dog looks at My." in text and "<picture of attention>" in text
    assert all(f"{n} See it: What does {name} show?" in text for n, name in enumerate(("translate", "link"), 1))
    assert chat.status().startswith("My dog sleeps. |")


def test_an_offer_that_is_a_command_is_carried_out_by_its_number(say: Said) -> None:
    assert "<picture of translate>" in say("My dog sleeps.", "1")
    assert "<picture of next-word>" in say("My dog sleeps.", "3")


def test_sentence_takes_any_text_and_alone_says_which(say: Said) -> None:
    say("/sentence why not")
    assert say("/sentence") == "In force: *why not*"


def test_understood_tells_every_reading_and_how_probable_it_is(say: Said) -> None:
    assert say("/understood") == "Nothing has been asked yet."
    text = say("fuzzy", "/understood")
    assert "what it is      question 95%, feedback 5%" in text
    assert " 15%  Ask attention.what?" in text and " 10%  Ask softmax.what?" in text
    assert "0.30 like yours" in text


def test_understood_is_about_what_was_typed_last_and_not_about_commands(say: Said) -> None:
    assert "Ask softmax.what?" in say("what is attention", "what is softmax", "/show attention", "/understood")


def test_save_writes_a_conversation_and_overwrites_nothing(say: Said, tmp_path: Path) -> None:
    say("what is attention", "hello")
    for name in ("talk.md", "talk.html", "talk.txt"):
        assert say(f"/save {tmp_path / name}") == f"wrote 2 turns to {tmp_path / name}"
        assert "Say attention.what." in (tmp_path / name).read_text("utf-8")
        assert "exists already" in " ".join(say(f"/save {tmp_path / name}").split())
    assert say("/save talk.pdf").startswith("name a file that ends in .md, .html, .txt, .svg, .png, as")
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_the_last_answer_is_saved_as_a_picture(say: Said, tmp_path: Path) -> None:
    say("what is attention", "what is softmax")
    assert say(f"/save {tmp_path / 'last.svg'}") == f"wrote the last answer to {tmp_path / 'last.svg'}"
    drawn = (tmp_path / "last.svg").read_text("utf-8").replace("&#160;", " ")
    assert drawn.startswith("<svg") and "Say softmax.what." in drawn and "Say attention.what." not in drawn


def test_a_file_that_cannot_be_written_is_named(say: Said, tmp_path: Path) -> None:
    say("what is attention")
    assert say(f"/save {tmp_path / 'no' / 'x.md'}").replace("\n", " ").endswith("no such file or directory")


def test_numbers_prints_the_last_run(say: Said) -> None:
    assert say("/numbers") == "nothing has been run yet; try /show attention"
    text = say("what is attention", "/numbers")
    assert "query_token: dog" in text and "0.6000 0.4000" in text


def test_numbers_may_be_asked_for_in_words(say: Said) -> None:
    assert "query_token: dog" in say("what is attention", "the weights in numbers")


def test_numbers_on_prints_them_under_every_picture(say: Said) -> None:
    assert "query_token: dog" in say("/numbers on", "what is attention")
    assert "query_token" not in say("/numbers off", "/show attention")


def test_ascii_switches(say: Said, chat: Chat) -> None:
    say("/ascii")
    assert chat.ascii
    say("/ascii off")
    assert not chat.ascii


def test_topics_mark_what_was_asked(say: Said) -> None:
    assert "* Attention" in say("what is attention", "/topics")


def test_quit_and_goodbye_leave(say: Said) -> None:
    for line in ("/quit", "/exit", "bye"):
        with pytest.raises(Leave):
            say(line)


@pytest.mark.parametrize("line", ["", "   ", "\x1b[31m", "\x00"])
def test_an_empty_line_does_nothing(say: Said, line: str) -> None:
    assert say(line) == ""


def test_no_escape_of_the_learners_reaches_the_screen(say: Said) -> None:
    text = say("\x1b[31mMy dog sleeps.\x1b]52;c;aGk=\x07", "/sentence \x1b]0;title\x07cat", "/\x1b[2Jx")
    assert "\x1b" not in text and "\x07" not in text


def test_markup_is_shown_as_typed(say: Said) -> None:
    assert "[red]cat[/red]" in say("/sentence [red]cat[/red] sleeps")


def test_ten_thousand_characters_get_one_line(say: Said) -> None:
    assert "10,000 characters long" in say("a" * 10_000)


def test_what_breaks_inside_is_one_line_and_the_chat_goes_on(say: Said, monkeypatch: pytest.MonkeyPatch) -> None:
    import tutor.experiments.registry as registry

    def broken(*_: object, **__: object) -> Run:
        raise ZeroDivisionError("oh")

    monkeypatch.setattr(registry, "run", broken)
    text = say("what is attention")
    assert text == "That went wrong in the tutor, not with you (ZeroDivisionError: oh); go on."


def test_broken_lessons_are_one_line(say: Said, chat: Chat) -> None:
    from tutor.errors import AuthorError

    def broken() -> Conversation:
        raise AuthorError("lessons/a.yaml:3: not YAML; close the quotation mark")

    chat._make, chat._conversation = broken, None
    assert say("what is attention") == "lessons/a.yaml:3: not YAML; close the quotation mark"
