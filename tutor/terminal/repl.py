"""The terminal: prompt-toolkit asks for lines, `Chat` does what they say, and printing happens in between."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

from tutor.errors import LearnerError
from tutor.terminal.session import Chat, Leave

if TYPE_CHECKING:
    from prompt_toolkit import PromptSession

    from tutor.curriculum.steps import GuidedLesson
    from tutor.dialogue.conversation import Conversation

FIRST_SCREEN = (
    "Ask why attention works, and watch a small Transformer do it on your sentence.",
    "Type any English sentence, or a question such as: why is attention used?",
    "`/lesson` teaches step by step, `/help` lists the rest, Ctrl-D leaves.",
)
PROMPT = "> "


def chat() -> int:
    """Chat until the learner leaves."""
    from tutor.terminal.due import first_line

    tutor = new_chat()
    tutor.greet((*FIRST_SCREEN, *first_line()))
    loop(tutor)
    return 0


def learn(lesson: str) -> int:
    """Play guided lessons, then leave."""
    from tutor.terminal.lesson import play

    return _only(lambda tutor: play(tutor, lesson))


def try_lesson(lesson: GuidedLesson) -> int:
    """Take one lesson that stands by itself; nothing is kept."""
    from tutor.terminal.lesson import try_out

    return _only(lambda tutor: try_out(tutor, lesson))


def review(concept: str) -> int:
    """Set the exercises that are due, then leave."""
    from tutor.terminal.review import review

    return _only(lambda tutor: review(tutor, concept))


def measure(form: str) -> int:
    """Take a form of the test before or after the course, then leave."""
    from tutor.terminal.measure import measure

    return _only(lambda tutor: measure(tutor, form))


def _only(do: Callable[[Chat], None]) -> int:
    """Do one thing at the prompt, then leave."""
    tutor = new_chat()
    tutor.warm_up()
    with suppress(Leave, EOFError):
        do(tutor)
    return 0


def loop(tutor: Chat, prompt: str = PROMPT) -> None:
    """Read and answer lines until there are none."""
    while True:
        try:
            line = tutor.read(prompt)
        except KeyboardInterrupt:
            continue
        except EOFError:
            return
        try:
            tutor.handle(line)
        except KeyboardInterrupt:
            tutor.raw("\nstopped")
        except (Leave, EOFError):
            return


def new_chat() -> Chat:
    """A chat at this process's terminal, or over its pipes."""
    from tutor.output.stream import in_ascii, in_colour, output_height, output_width
    from tutor.start import new_conversation, open_models

    def make() -> Conversation:
        from tutor.learner.progress import weak_concepts

        conversation = new_conversation(models=models)
        with suppress(LearnerError):  # the record cannot be read: said where something is to be kept
            conversation.weak = weak_concepts()
        return conversation

    fancy = sys.stdin.isatty() and sys.stdout.isatty() and os.environ.get("TERM", "dumb") != "dumb"
    models = open_models()
    tutor = Chat(
        make,
        models=models,
        write=write,
        width=output_width,
        height=output_height,
        color=in_colour(),
        ascii=in_ascii(),
        spinner=fancy,
    )
    tutor.read = session_reader(tutor) if fancy else plain_reader(tutor)
    return tutor


def write(text: str) -> None:
    """Print, and let it be seen at once."""
    print(text, flush=True)


def plain_reader(tutor: Chat) -> Callable[[str], str]:
    """Lines from a pipe or a dumb terminal."""
    asks = sys.stdin.isatty()

    def read(prompt: str) -> str:
        if asks:
            print(prompt, end="", flush=True)
        tutor.warm_up()
        line = sys.stdin.readline()
        if not line:
            raise EOFError
        return line

    return read


def session_reader(tutor: Chat) -> Callable[[str], str]:
    """Lines from prompt-toolkit, with history, completion and the line at the bottom."""
    from tutor.terminal.history import Remembered

    session = make_session(tutor)

    def after_first_drawing() -> None:
        # The first prompt must be on the screen before anything heavy is imported.
        if not tutor.loading and not tutor.model_ready.is_set():
            session.app.create_background_task(_soon(tutor))

    def read(prompt: str) -> str:
        line = session.prompt(prompt, pre_run=after_first_drawing)
        if isinstance(session.history, Remembered) and session.history.notice:
            tutor.line(session.history.notice)
            session.history.notice = ""
        return line

    return read


async def _soon(tutor: Chat) -> None:
    import asyncio

    await asyncio.sleep(0.05)
    tutor.warm_up()


def make_session(tutor: Chat) -> PromptSession[str]:
    """The prompt session, apart so that tests can feed it keys."""
    from prompt_toolkit import PromptSession

    from tutor.terminal.completer import ChatCompleter
    from tutor.terminal.history import open_history
    from tutor.terminal.keys import bindings
    from tutor.terminal.toolbar import STYLE, toolbar

    return PromptSession(
        refresh_interval=0.5,  # the bottom line changes by itself when the model is ready
        history=open_history(),
        completer=ChatCompleter(),
        complete_while_typing=False,
        enable_suspend=True,
        key_bindings=bindings(),
        bottom_toolbar=toolbar(tutor.status),
        style=STYLE,
        reserve_space_for_menu=4,
    )
