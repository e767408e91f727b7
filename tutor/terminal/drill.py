"""One question by itself at the prompt: in a review, in the test by which a lesson is left out, in a sitting."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from model.errors import ModelError
from tutor.curriculum.engine import Session
from tutor.curriculum.screens import Attempt, Reply
from tutor.curriculum.words import gave_up
from tutor.errors import TutorError
from tutor.terminal.aside import aside
from tutor.terminal.heard import heard, which_of
from tutor.terminal.lesson_screen import lines_of
from tutor.terminal.typed import meant
from tutor.text.clean import clean

if TYPE_CHECKING:
    from tutor.terminal.session import Chat

LEAVING = ("/leave", "/quit", "/exit", "/q", "/stop")
WORDS = ("help", "hint", "solution", "skip", "again", "leave", "quit", "exit", "stop")
"""Commands that are meant by the word alone, unless it can be the answer."""

WISHES = {wish: f"/{wish}" for wish in ("hint", "solution", "skip", "again", "smaller")} | {
    "stop": "/leave",
    "lost": "/again",
}
"""What is done about what is said in other words; anything else is told how this goes."""


class Left(Exception):
    """The learner wants no more questions."""


@dataclass(frozen=True)
class Manner:
    """How questions are asked."""

    helps: bool
    """Hints, questions to the tutor, and further tries after a wrong answer."""
    tells: bool
    """Whether an answer was right is said at once."""
    help: str


REVIEW = Manner(
    True,
    True,
    "Type the answer. `/hint` helps, `/skip` shows how it goes, `/again` shows the question once more, `/leave` ends "
    "the review. A question to me ends in “?”. Only the first answer counts, and after a hint it counts as not known.",
)
TEST_OUT = Manner(
    False,
    True,
    "Type the answer; there is one try and no hint. `/skip` if you do not know it, `/leave` ends the test.",
)
SITTING = Manner(
    False,
    False,
    "Type the answer; there is one try, no hint, and only the sum is told at the end. `/skip` if you do not know it, "
    "`/leave` stops here and keeps your place.",
)


class Drill:
    """Asks one question until it is settled."""

    def __init__(self, chat: Chat, session: Session, manner: Manner, keep: Callable[[Attempt], None]) -> None:
        self.chat = chat
        self.session = session
        session.likeness = lambda text, others: chat.conversation.reader.likeness(text, others)
        self.manner = manner
        self.keep = keep
        self.first: bool | None = None
        """Whether the first answer was right without a hint; None before it."""
        self.settled = False

    def ask(self, prompt: str) -> bool:
        """Whether the first answer was right, without a hint. Raises `Left`."""
        self._present()
        while not self.settled:
            try:
                line = clean(self.chat.read(prompt))
            except KeyboardInterrupt:
                continue
            except EOFError:
                raise Left from None
            try:
                self._take(meant(self.session, line, WORDS))
            except KeyboardInterrupt:
                self.chat.raw("stopped")
            except (TutorError, ModelError) as error:
                self.chat.line(str(error))
        return bool(self.first)

    def _present(self) -> None:
        chat = self.chat
        lines = lines_of(self.session.screen(), chat.width(), color=chat.color, ascii=chat.ascii)
        chat.raw("\n".join(lines))

    def _take(self, line: str) -> None:
        if line.casefold() in LEAVING:
            raise Left
        if line.startswith("/"):
            self._command(line)
        elif self.manner.helps and line:
            self._heard(line)
        elif not self.manner.helps and gave_up(line):
            self._settle(self.session.give_up())
        else:
            self._answered(self.session.answer(line))

    def _heard(self, line: str) -> None:
        found = heard(self.session, line, self.chat.conversation.reader)
        wish = aside(self.chat, self.session, line, why=found.why) if found.kind == "aside" else ""
        if found.kind == "command" or wish:
            self._take(WISHES.get(wish or found.line[1:], "/help"))
        elif found.kind == "aside":
            self._present()
        elif found.kind == "which":
            self.chat.say(which_of(self.session.screen().choices, found.between))
        else:
            if found.taken:
                self.chat.say(f"Taken as: {found.taken}")
            self._answered(self.session.answer(found.line))

    def _command(self, line: str) -> None:
        from tutor.terminal.commands import run_command

        name = line[1:].partition(" ")[0].casefold()
        if name in ("skip", "next") or (name == "solution" and not self.manner.helps):
            self._settle(self.session.give_up())
        elif name in ("help", "h", "?"):
            self.chat.say(self.manner.help)
        elif name == "again":
            self._present()
        elif not self.manner.helps:
            self.chat.say("That can wait: this is a test. `/skip` if you do not know it, `/leave` ends it.")
        elif name == "hint":
            self._answered(self.session.hint())
        elif name == "solution":
            self._answered(self.session.solution())
        elif name == "smaller":
            self._answered(self.session.smaller())
        elif name in ("lesson", "learn", "review", "test"):
            self.chat.say("You are in a review; `/leave` ends it.")
        else:
            run_command(self.chat, line)

    def _answered(self, reply: Reply) -> None:
        """What came of an answer: a wrong one is tried again where that helps, otherwise shown how it goes."""
        if reply.attempt is None and not reply.advance:
            self._say(reply.paragraphs or ("Type an answer; `/skip` if you do not know it.",))
        elif reply.advance or self.manner.helps:
            self._settle(reply)
        else:
            self._note(reply.attempt)
            shown = self.session.give_up()
            self._settle(Reply((*reply.paragraphs, *shown.paragraphs), advance=True))

    def _settle(self, reply: Reply) -> None:
        if self.manner.tells:
            self._say(reply.paragraphs)
        self._note(reply.attempt)
        self.settled = reply.advance

    def _note(self, attempt: Attempt | None) -> None:
        if attempt is None:
            return
        if self.first is None:
            self.first = attempt.correct and not attempt.hinted
        self.keep(attempt)

    def _say(self, paragraphs: tuple[str, ...]) -> None:
        for text in paragraphs:
            self.chat.say(text)
