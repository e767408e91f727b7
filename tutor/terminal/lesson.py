"""A guided lesson at the prompt: the engine says what is next, this shows it and hands back what was typed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from model.errors import ModelError
from tutor.curriculum.course import choose
from tutor.curriculum.engine import Session
from tutor.curriculum.practice import comes_again, sentence_suits
from tutor.curriculum.screens import Attempt, Reply, Screen
from tutor.curriculum.steps import GuidedLesson
from tutor.curriculum.words import keeps
from tutor.errors import AuthorError, LearnerError, TutorError
from tutor.terminal.drill import LEAVING
from tutor.terminal.lesson_screen import GO_ON, lines_of, points, steps_of
from tutor.terminal.onward import onward
from tutor.terminal.placement import test_out
from tutor.terminal.review import lesson_sentence, put_sentence, refresh_weak, runner_of
from tutor.terminal.typed import is_aside, meant
from tutor.text.clean import clean

if TYPE_CHECKING:
    from tutor.learner.store import Store
    from tutor.terminal.session import Chat

HELP = (
    "In a lesson: Enter goes on, `/hint` helps, `/solution` shows how it goes once you have tried, `/skip` leaves a "
    "step out, `/back` goes back, `/again` shows this screen once more, `/recap` looks back, `/steps` lists the steps, "
    "`/map` shows the course, `/test` asks four questions instead of the lesson, `/restart` begins again, `/leave` "
    "leaves and keeps your place. `/show`, `/numbers` and `/ascii` work as in the chat, and so does a question to me."
)
WITHOUT_SLASH = ("help", "hint", "solution", "skip", "back", "again", "recap", "map", "steps", "leave", "quit", "exit")
"""Commands that are meant by the word alone, unless it can be the answer; so is `?`, which is `/help`."""
KEYS = "/hint /skip /back /leave"
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
        _play_on(chat, lessons, lesson or choose(lessons, "", latest, broken), store)
    finally:
        if store:
            store.close()
        refresh_weak(chat)


def _play_on(chat: Chat, course: Sequence[GuidedLesson], lesson: GuidedLesson, store: Store | None) -> None:
    """One lesson after the other, the learner's sentence carried along, until one is left."""
    following: GuidedLesson | None = lesson
    sentence = ""
    with lesson_sentence(chat):
        while following:
            player = _Player(chat, following, store, sentence)
            finished = player.play()
            state = player.session.state
            sentence = state.sentence if state.sentence != player.lesson.sentence else ""
            following = onward(chat, course, player.lesson, store) if finished else None


def _due(store: Store, lessons: Sequence[GuidedLesson]) -> str:
    """The lesson that was played last and is not finished; else the first that was never finished."""
    kept = store.lessons()
    begun = [(record.updated_at, id) for id, record in kept.items() if record.state]
    fresh = [lesson.id for lesson in lessons if not (lesson.id in kept and kept[lesson.id].finished_at)]
    return max(begun)[1] if begun else next(iter(fresh), "")


class _Player:
    """One lesson on one screen."""

    def __init__(self, chat: Chat, lesson: GuidedLesson, store: Store | None, sentence: str = "") -> None:
        self.chat = chat
        self.lesson = lesson
        self.store = store
        self.told_of_store = False
        self.waiting = False
        """A reply stands on the screen, and Enter is to show the picture that would push it off."""
        self.run = runner_of(chat)
        self.session = self._resumed(sentence)

    def _resumed(self, sentence: str) -> Session:
        """Where the learner was, else at the start, with `sentence` where the lesson can be taken on it."""
        try:
            held = self.store.load_state(self.lesson.id) if self.store else None
            if held:
                return Session.resume(self.lesson, held, self.run)
        except LearnerError as error:
            self.chat.line(str(error))
        try:
            carried = sentence if sentence and sentence_suits(self.lesson, sentence, self.run) else ""
        except (LearnerError, ModelError):
            carried = ""
        return Session.start(self.lesson, carried, self.run)

    def play(self) -> bool:
        """Go through the lesson; whether it came to its end."""
        resumed = bool(self.session.state.path)
        self.chat.say(self.lesson.title + (": on from where you left." if resumed else f". {self.lesson.about}"))
        known = "" if resumed else " Known already? `/test` asks four questions instead."
        self.chat.say(f"`/help` says what you can type; `/leave` or Ctrl-D leaves and keeps your place.{known}")
        fresh = True
        while True:
            try:
                if fresh and self._present().kind == "end":
                    self._kept(lambda store: store.finish(self.lesson.id))
                    self.chat.say("That was the lesson.")
                    return True
                fresh = False
                line = clean(self.chat.read(self._prompt()))
            except KeyboardInterrupt:
                continue
            except EOFError:
                self._leave()
                return False
            try:
                line = meant(self.session, line, WITHOUT_SLASH)
                if line.casefold() in LEAVING:
                    self._leave()
                    return False
                if line.casefold() == "/test":
                    if test_out(self.chat, self.session, self.run, self.store):
                        return True
                    line = "/again"
                fresh = self._take(line)
            except KeyboardInterrupt:
                self.chat.raw("stopped")
            except (TutorError, ModelError) as error:
                self.chat.line(str(error))

    def _prompt(self) -> str:
        return f"{self.lesson.title} {self.session.position}/{self.lesson.total} > "

    def _take(self, line: str) -> bool:
        """Do what one line says; True when there is a new screen to show."""
        if line.startswith("/"):
            name, _, arguments = line[1:].partition(" ")
            return self._command(name.casefold(), arguments, line)
        if self.waiting:
            return True
        kind = self.session.screen().kind
        if is_aside(line, kind):
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
        made_from = self._made_from(attempt) if attempt else None
        if reply.advance:
            self.session.next()
        if attempt:
            place = self.session.state.plain()
            self._kept(lambda store: store.answer(self.lesson.id, attempt, place, made_from))
        else:
            self._save()
        if reply.advance and attempt and (self.session.finished or self.session.screen().run):
            self.chat.say(GO_ON)
            self.waiting = True
            return False
        return reply.advance

    def _made_from(self, attempt: Attempt) -> str | None:
        """The sentence of an exercise that comes again; None where it does not."""
        step = next(step for step in self.lesson.walk() if step.id == attempt.step)
        return self.session.state.sentence if comes_again(self.lesson, step) else None

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
            self.session = Session.start(self.lesson, "", self.run)
            return True
        if name == "recap":
            chat = self.chat
            chat.raw("\n".join(points(self.session.recap(), chat.width(), color=chat.color, ascii=chat.ascii)))
        elif name in ("help", "h", "?"):
            self.chat.say(HELP)
        elif name == "steps":
            self.chat.raw(steps_of(self.session))
        elif name in ("lesson", "learn"):
            self.chat.say("You are in a lesson; `/leave` keeps your place and leaves.")
        else:
            run_command(self.chat, line)
        return False

    def _present(self) -> Screen:
        self.waiting = False
        screen = self._screen()
        put_sentence(self.chat, self.session, KEYS)
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
