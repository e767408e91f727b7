"""The state of one terminal chat: the conversation, how the screen looks, and what is still loading.

No prompt-toolkit here: lines come in through `read`, text goes out through `write`, so that tests can hold both.
"""

from __future__ import annotations

import os
import textwrap
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, cast

from tutor.console import say
from tutor.errors import TutorError
from tutor.program import LOADER
from tutor.text.clean import clean, plain

if TYPE_CHECKING:
    from tutor.dialogue.conversation import Conversation
    from tutor.dialogue.types import Answer
    from tutor.experiments.base import Run
    from tutor.experiments.models import Models


WARMING = "why is attention used?"
"""Read once in the background, so that the learner's first question finds everything loaded."""


class OtherLesson(Exception):
    """Inside the course another lesson is asked for, by this name or number."""


class Leave(Exception):
    """The learner wants to leave."""


class _OnceLoaded:
    """Stands for the models: whoever asks something of them waits until they are loaded."""

    def __init__(self, models: Models, wait: Callable[[], None]) -> None:
        self._models = models
        self._wait = wait

    def __getattr__(self, name: str) -> Any:
        self._wait()
        return getattr(self._models, name)


class Chat:
    """One learner at one terminal."""

    def __init__(
        self,
        make: Callable[[], Conversation],
        *,
        models: Models | None = None,
        write: Callable[[str], None] = print,
        read: Callable[[str], str] = input,
        width: Callable[[], int] = lambda: 80,
        height: Callable[[], int] = lambda: 0,
        color: bool = False,
        ascii: bool = False,
        spinner: bool = False,
    ) -> None:
        self._make = make
        self._models = models
        self._write = write
        self.read = read
        """Shows a prompt and returns a line. Raises `EOFError` when the learner leaves."""
        self.width = width
        self.height = height
        """Rows that an answer should fit; 0 for any number."""
        self.color = color
        self.ascii = ascii
        self.spinner = spinner
        self.wants_numbers = False
        self.place = ""
        """The sentence of the lesson or exercise that the learner is in; empty outside."""
        self.keys = ""
        """What the line at the bottom adds to it."""
        self.guided = False
        """Lessons are being taken: another one is begun in place of this one, not inside it."""
        self._conversation: Conversation | None = None
        self._warming: threading.Thread | None = None
        self._lock = threading.Lock()
        self.model_ready = threading.Event()
        self._fault_told = False

    # --- loading ----------------------------------------------------------------------------------

    @property
    def conversation(self) -> Conversation:
        """The conversation; the lessons are read when it is first needed. Raises `TutorError` if they are broken."""
        with self._lock:
            if self._conversation is None:
                conversation = self._make()
                self._models = self._models or conversation.runner.models
                conversation.runner.models = self._once_loaded(self._models)
                self._conversation = conversation
            return self._conversation

    @property
    def models(self) -> Models:
        """The models, once they are loaded: they can be there even where the lessons are broken."""
        return self._once_loaded(self._models) if self._models else self.conversation.runner.models

    def _once_loaded(self, models: Models) -> Models:
        return cast("Models", _OnceLoaded(models, self._wait_for_model))

    @property
    def loaded(self) -> Conversation | None:
        """The conversation if it is there already."""
        return self._conversation

    def warm_up(self) -> None:
        """Load lessons and model in the background. What fails here is told when it is needed."""
        if self._warming is None:
            self._warming = threading.Thread(target=self._load, name=LOADER, daemon=True)
            self._warming.start()

    def _load(self) -> None:
        # Reading comes first: a first question that needs no run is answered while torch is imported, and numpy,
        # which torch imports too, must find its number of threads set. What fails here fails again in sight.
        with suppress(Exception):
            conversation = self.conversation
            conversation.reader.read(WARMING, conversation.context)
        with suppress(Exception):
            if self._models:
                self._models.warm_up()
        self.model_ready.set()
        with suppress(Exception):
            if self._models:
                self._models.load_rest()

    @property
    def loading(self) -> bool:
        """True while the background thread is at work."""
        return self._warming is not None and self._warming.is_alive()

    @contextmanager
    def busy(self, what: str) -> Iterator[None]:
        """While the model is still loading, show that something is going on; what needs the model waits by itself."""
        self.warm_up()
        if self.spinner and not self.model_ready.is_set():
            from rich.console import Console

            with Console().status(f"{what} while the model loads …"):
                yield
        else:
            yield

    def _wait_for_model(self) -> None:
        if self.model_ready.is_set():
            return
        self.warm_up()
        if not self.spinner:
            say("loading the model …")
        self.model_ready.wait()

    # --- output -----------------------------------------------------------------------------------

    def say(self, text: str) -> None:
        """Lesson prose: a line or a paragraph."""
        from tutor.output.text import prose_text

        self._write(prose_text(text, width=self.width(), color=self.color, ascii=self.ascii))

    def raw(self, text: str) -> None:
        """Text that is laid out already."""
        self._write(text)

    def line(self, text: str) -> None:
        """What went wrong, or another plain line, wrapped and without its control characters."""
        self._write("\n".join(textwrap.wrap(clean(text), self.width())))

    def greet(self, lines: Iterable[str]) -> None:
        """The first screen, wrapped without loading rich: nothing may stand between it and the prompt."""
        for line in lines:
            self._write("\n".join(textwrap.wrap(plain(line), self.width() - 1)))

    def show_answer(self, answer: Answer) -> None:
        """A whole answer."""
        from tutor.output.text import answer_text

        # Inside a lesson its own numbers are open: offers would take them away.
        offered = not self.place
        text = answer_text(
            answer,
            width=self.width(),
            height=self.height(),
            color=self.color,
            ascii=self.ascii,
            with_offers=offered,
        )
        self._write(f"\n{text}\n")
        if self.wants_numbers:
            for run in answer.runs:
                self.show_numbers(run)

    def show_numbers(self, run: Run) -> None:
        """The numbers of a run."""
        from tutor.output.numbers import numbers_text

        self._write(f"\n{numbers_text(run, width=self.width(), color=self.color, ascii=self.ascii)}\n")

    # --- one line ---------------------------------------------------------------------------------

    def handle(self, line: str) -> None:
        """Do what one line asks for. Raises `Leave`; everything else that goes wrong is one line on the screen."""
        from model.errors import ModelError
        from tutor.terminal.commands import run_command

        text = clean(line)
        if not text:
            return
        try:
            if text.startswith("/"):
                run_command(self, text)
            else:
                self.ask(text)
        except (TutorError, ModelError) as error:
            self.line(str(error))
        except OSError as error:
            self.line(f"{error.filename or 'file'}: {(error.strerror or str(error)).lower()}")
        except (Leave, OtherLesson, KeyboardInterrupt, EOFError):
            raise
        except Exception as error:
            if os.environ.get("ATTENTION_TUTOR_DEBUG"):
                raise
            self.line(f"That went wrong in the tutor, not with you ({type(error).__name__}: {error}); go on.")
        self._tell_fault()

    def _tell_fault(self) -> None:
        """Say once which files of the lessons are left out."""
        if self.loaded and self.loaded.library.fault and not self._fault_told:
            self._fault_told = True
            self.line(f"Some of the lessons are damaged; {self.loaded.library.fault}")

    def ask(self, text: str) -> None:
        """One turn of the conversation, shown."""
        from tutor.dialogue.types import Status
        from tutor.terminal.commands import run_command

        with self.busy("answering"):
            answer = self.conversation.turn(text)
        if answer.paragraphs or answer.shown or answer.notes:
            self.show_answer(answer)
        if answer.command:
            run_command(self, answer.command)
        if answer.status is Status.LEAVING:
            raise Leave

    # --- for the line at the bottom -----------------------------------------------------------------

    def status(self) -> str:
        """The sentence in force, and the part, layer and head that were chosen, in one line."""
        from tutor.dialogue.types import DEFAULT_SENTENCE
        from tutor.experiments.changes import written

        if self.place:
            return f"{self.place} | {self.keys}"[: self.width() - 1]
        conversation = self.loaded
        sentence = conversation.sentence if conversation else DEFAULT_SENTENCE
        place = conversation.runner.place if conversation else {}
        chosen = [f"{name} {place[name]}" for name in ("layer", "head") if name in place]
        where = " ".join([*([place["part"]] if "part" in place else []), *chosen])
        changed = written(conversation.state.changes) if conversation else ""
        ready = self.model_ready.is_set()
        ends = (f"changed: {changed}" if changed else "", where, "/help", "" if ready else "model loading")
        end = "".join(f" | {part}" for part in ends if part)
        room = max(8, self.width() - len(end) - 1)
        return (sentence if len(sentence) <= room else sentence[: room - 3] + "...") + end
