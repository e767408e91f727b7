"""A guided lesson at the prompt: the engine says what is next, this shows it and hands back what was typed."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from model.errors import ModelError
from tutor.curriculum.answers import grade
from tutor.curriculum.course import choose
from tutor.curriculum.engine import Session
from tutor.curriculum.screens import Reply, Screen
from tutor.curriculum.steps import GuidedLesson
from tutor.curriculum.words import folded, keeps
from tutor.errors import AuthorError, LearnerError, TutorError
from tutor.terminal.lesson_screen import GO_ON, lines_of, map_of, points
from tutor.text.clean import clean

if TYPE_CHECKING:
    from tutor.learner.store import Store
    from tutor.terminal.session import Chat

HELP = (
    "In a lesson: Enter goes on, `/hint` helps, `/solution` shows how it goes once you have tried, `/skip` leaves a "
    "step out, `/back` goes back, `/again` shows this screen once more, `/recap` looks back, `/map` shows where you "
    "are, `/restart` begins again, `/leave` leaves and keeps your place. `/show`, `/numbers` and `/ascii` work as in "
    "the chat, and so does a question to me."
)
WITHOUT_SLASH = ("help", "hint", "solution", "skip", "back", "again", "recap", "map", "leave", "quit", "exit")
"""Commands that are meant by the word alone, unless it can be the answer; so is `?`, which is `/help`."""
KEYS = " | /hint /skip /back /leave"
"""What the line at the bottom adds to the sentence."""


def play(chat: Chat, name: str = "") -> None:
    """Play a lesson until it is finished or left; its place is kept. Raises `LearnerError` for an unknown name."""
    from tutor.curriculum.course import load_course
    from tutor.learner.store import Store

    broken: list[AuthorError] = []
    lessons = load_course(complain=broken.append)
    if name == "list":
        chat.raw("\n".join(f"{one.number}  {one.title} ({one.minutes} minutes)" for one in lessons))
        for error in broken:
            chat.line(f"Left out: {error}")
        return
    lesson = None if name == "" else choose(lessons, name, "", broken)
    store: Store | None = None
    latest = ""
    try:
        store = Store()
        latest = _due(store, lessons)
        if store.notice:
            chat.say(store.notice)
    except LearnerError as error:
        chat.line(f"Your place will not be kept. {error}")
    try:
        _Player(chat, lessons, lesson or choose(lessons, "", latest, broken), store).play()
    finally:
        chat.place = ""
        if store:
            store.close()


def _due(store: Store, lessons: Sequence[GuidedLesson]) -> str:
    """The lesson that was played last and is not finished; else the first that was never finished."""
    kept = store.lessons()
    begun = [(record.updated_at, id) for id, record in kept.items() if record.state]
    fresh = [lesson.id for lesson in lessons if not (lesson.id in kept and kept[lesson.id].finished_at)]
    return max(begun)[1] if begun else next(iter(fresh), "")


class _Player:
    """One lesson on one screen."""

    def __init__(self, chat: Chat, course: Sequence[GuidedLesson], lesson: GuidedLesson, store: Store | None) -> None:
        self.chat = chat
        self.course = course
        self.lesson = lesson
        self.store = store
        self.told_of_store = False
        self.waiting = False
        """A reply stands on the screen, and Enter is to show the picture that would push it off."""
        self.session = self._resumed()

    def _resumed(self) -> Session:
        try:
            held = self.store.load_state(self.lesson.id) if self.store else None
            if held:
                return Session.resume(self.lesson, held, self._run)
        except LearnerError as error:
            self.chat.line(str(error))
        return Session.start(self.lesson, "", self._run)

    def _run(self, experiment: str, sentence: str, options: Mapping[str, Any]) -> Any:
        from tutor.experiments.registry import run

        with self.chat.busy("running it"):
            return run(experiment, self.chat.models, sentence, options).result

    def play(self) -> None:
        """Go through the lesson; afterwards the learner's own sentence is in force again."""
        before = ""
        with suppress(TutorError):  # the topics cannot be read; the lesson can go on without them
            before = self.chat.conversation.sentence
        try:
            self._go_through()
        finally:
            if before:
                self.chat.conversation.sentence = before

    def _go_through(self) -> None:
        resumed = bool(self.session.state.path)
        self.chat.say(self.lesson.title + (": on from where you left." if resumed else f". {self.lesson.about}"))
        self.chat.say("`/help` says what you can type; `/leave` or Ctrl-D leaves and keeps your place.")
        fresh = True
        while True:
            try:
                if fresh and self._present().kind == "end":
                    self._kept(lambda store: store.finish(self.lesson.id))
                    self.chat.say(f"That was the lesson. {self._onward()}")
                    return
                fresh = False
                line = clean(self.chat.read(self._prompt()))
            except KeyboardInterrupt:
                continue
            except EOFError:
                self._leave()
                return
            try:
                line = self._meant(line)
                if line.casefold() in ("/leave", "/quit", "/exit", "/q", "/stop"):
                    self._leave()
                    return
                fresh = self._take(line)
            except KeyboardInterrupt:
                self.chat.raw("stopped")
            except (TutorError, ModelError) as error:
                self.chat.line(str(error))

    def _onward(self) -> str:
        later = self.course[self.course.index(self.lesson) + 1 :]
        if later:
            return f"Next: `/lesson {later[0].number}`, *{later[0].title}*."
        return f"In the chat, ask anything; `/lesson {self.lesson.number}` takes it again."

    def _prompt(self) -> str:
        return f"{self.lesson.title} {self.session.position}/{self.lesson.total} > "

    def _meant(self, line: str) -> str:
        """The command that a word alone means, with its slash; otherwise the line as it is."""
        word = "help" if line and not line.strip("?") else folded(line)
        return f"/{word}" if word in WITHOUT_SLASH and not self._answers(line) else line

    def _answers(self, word: str) -> bool:
        """Whether the open question can be answered with this word."""
        if self.session.finished:
            return False
        step, fields = self.session.here()
        if step.question is None or step.question.accept not in ("choice", "word"):
            return False
        outcome = grade(step.question, word, fields)
        return outcome.right is not None and bool(outcome.right or outcome.reply or step.question.accept == "choice")

    def _take(self, line: str) -> bool:
        """Do what one line says; True when there is a new screen to show."""
        if line.startswith("/"):
            name, _, arguments = line[1:].partition(" ")
            return self._command(name.casefold(), arguments, line)
        if self.waiting:
            return True
        kind = self.session.screen().kind
        if line.endswith("?") and (kind == "read" or (len(line.split()) > 3 and kind not in ("free", "sentence"))):
            self.chat.ask(line)
            return True
        if kind == "read" and not keeps(line):
            self.chat.say("Nothing is asked here. Enter goes on; a question to me ends in “?”.")
            return False
        return self._told(self.session.answer(line))

    def _told(self, reply: Reply) -> bool:
        """Say a reply, keep what came of it, and go on where the step is done."""
        for text in reply.paragraphs:
            self.chat.say(text)
        attempt = reply.attempt
        if attempt:
            self._kept(lambda store: store.record_attempt(self.lesson.id, **dataclasses.asdict(attempt)))
        if reply.advance:
            self.session.next()
        self._save()
        if reply.advance and attempt and (self.session.finished or self.session.screen().run):
            self.chat.say(GO_ON)
            self.waiting = True
            return False
        return reply.advance

    def _command(self, name: str, arguments: str, line: str) -> bool:
        from tutor.terminal.commands import run_command

        if self.waiting and name in ("hint", "solution", "skip", "next"):
            return True  # the step that they would be about is not on the screen yet
        if name == "hint":
            return self._told(self.session.hint())
        if name == "solution":
            return self._told(self.session.solution())
        if name in ("skip", "next"):
            self.session.skip()
            return True
        if name == "back":
            if not self.session.back():
                self.chat.say("This is the first step.")
                return False
            return True
        if name == "again":
            return True
        if name == "restart":
            self.session = Session.start(self.lesson, "", self._run)
            return True
        if name == "recap":
            chat = self.chat
            chat.raw("\n".join(points(self.session.recap(), chat.width(), color=chat.color, ascii=chat.ascii)))
        elif name in ("help", "h", "?"):
            self.chat.say(HELP)
        elif name == "map":
            self.chat.raw(map_of(self.session))
        elif name in ("lesson", "learn"):
            self.chat.say("You are in a lesson; `/leave` keeps your place and leaves.")
        else:
            run_command(self.chat, line)
        return False

    def _present(self) -> Screen:
        self.waiting = False
        screen = self._screen()
        self.chat.place = self._place()
        self._put_sentence()
        self._save()
        chat = self.chat
        lines = lines_of(screen, chat.width(), color=chat.color, ascii=chat.ascii)
        chat.raw("\n" + "\n".join(lines))
        return screen

    def _screen(self) -> Screen:
        """What comes next; a step that cannot be run on this sentence is left out, with a line."""
        for _ in self.lesson.steps:
            try:
                return self.session.screen()
            except (TutorError, ModelError) as error:
                self.chat.line(f"One step is left out: {error}")
                self.session.skip()
        return self.session.screen()

    def _place(self) -> str:
        """The sentence, for the line at the bottom."""
        room = self.chat.width() - len(KEYS) - 1
        sentence = self.session.state.sentence
        return sentence if len(sentence) <= room else sentence[: max(1, room - 3)] + "..."

    def _put_sentence(self) -> None:
        """What is shown or asked in between is about the lesson's sentence."""
        with suppress(TutorError):
            self.chat.conversation.sentence = self.session.state.sentence

    def _save(self) -> None:
        self._kept(lambda store: store.save_state(self.lesson.id, self.session.state.plain()))

    def _kept(self, write: Callable[[Store], None]) -> None:
        """Write to the store; where that fails, say so once and go on."""
        if self.store is None:
            return
        try:
            write(self.store)
            self.told_of_store = False
        except LearnerError as error:
            if not self.told_of_store:
                self.chat.line(f"Your place is not kept just now. {error}")
            self.told_of_store = True

    def _leave(self) -> None:
        self._save()
        kept = "Your place is kept; `/lesson` or `attention-tutor learn` goes on from here."
        self.chat.say(kept if self.store and not self.told_of_store else "Left the lesson.")
