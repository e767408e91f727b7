"""One guided lesson at the prompt: the engine says what is next, this shows it and hands back what was typed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from textwrap import shorten
from typing import TYPE_CHECKING

from model.errors import ModelError
from tutor.curriculum.engine import Session
from tutor.curriculum.practice import comes_again, sentence_suits
from tutor.curriculum.screens import Attempt, Deed, Reply, Screen
from tutor.curriculum.steps import GuidedLesson
from tutor.curriculum.words import keeps, said_yes
from tutor.errors import LearnerError, TutorError
from tutor.terminal.about_lesson import how_long, still_asked, what_for, what_was_wrong, which_lessons
from tutor.terminal.another import another
from tutor.terminal.aside import aside, deed, explains, nothing_to_undo
from tutor.terminal.drill import LEAVING, Left
from tutor.terminal.heard import Heard, heard, which_of
from tutor.terminal.lesson_help import HELP, KEYS, TOLD, WITHOUT_SLASH
from tutor.terminal.lesson_screen import GO_ON, lines_of, points, steps_of
from tutor.terminal.placement import test_out
from tutor.terminal.review import likeness_of, put_sentence, runner_of
from tutor.terminal.typed import meant
from tutor.text.clean import clean

if TYPE_CHECKING:
    from tutor.learner.store import Store
    from tutor.terminal.session import Chat

YES_OR_NO = "Yes or no? Enter means no"
QUOTED = 100
"""Characters of a sentence that is asked about."""


class Player:
    """One lesson on one screen."""

    def __init__(
        self, chat: Chat, course: Sequence[GuidedLesson], lesson: GuidedLesson, store: Store | None, sentence: str = ""
    ) -> None:
        self.chat = chat
        self.course = course
        self.lesson = lesson
        self.store = store
        self.told_of_store = False
        self.waiting = False
        """A reply stands on the screen, and Enter is to show the picture that would push it off."""
        self.offered = ""
        """A line that may be meant as the sentence; yes takes it."""
        self.run = runner_of(chat)
        self.session = self._resumed(sentence)
        self.session.likeness = likeness_of(chat)

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
                if line.casefold() == "/test":
                    if test_out(self.chat, self.session, self.run, self.store):
                        return True
                    line = "/again"
                fresh = self._take(line)
            except Left:
                self._leave()
                return False
            except KeyboardInterrupt:
                self.chat.raw("stopped")
            except (TutorError, ModelError) as error:
                self.chat.line(str(error))

    def _prompt(self) -> str:
        return f"{self.lesson.title} {self.session.position}/{self.lesson.total} > "

    def _take(self, line: str) -> bool:
        """Do what one line says; True when there is a new screen to show. Raises `Left`."""
        offered, self.offered = self.offered, ""
        if line.startswith("/"):
            name, _, arguments = line[1:].partition(" ")
            return self._command(name.casefold(), arguments, line)
        if offered and (taken := said_yes(line)) is not None:
            return self._told(self.session.answer(offered if taken else ""))
        if not line or (self.waiting and keeps(line)):
            return self.waiting or self._told(self.session.answer(line))
        found = heard(self.session, line, self.chat.conversation.reader, between=self.waiting)
        if found.kind == "command":
            return self._command(found.line[1:], "", found.line)
        if found.kind == "aside":
            return self._asked(line, found)
        if found.kind == "nothing":
            asked = "Nothing is asked here. Enter goes on" if self.waiting or not self._screen().prompt else YES_OR_NO
            self.chat.say(f"{asked}, and questions to me are answered.")
            return False
        if found.kind == "sentence":
            self.offered = line
            quoted = shorten(line, QUOTED, placeholder=" …")
            self.chat.say(f"Is that your English sentence: “{quoted}”? `yes` takes it, Enter keeps the present one.")
            return False
        if found.kind == "which":
            self.chat.say(which_of(self._screen().choices, found.between))
            return False
        if found.taken:
            self.chat.say(f"Taken as: {found.taken}")
        return self._told(self.session.answer(found.line))

    def _asked(self, line: str, found: Heard) -> bool:
        """Answer a question, or do what a request says; whether the screen is to be shown then."""
        if not self.waiting and self.session.screen().kind == "request":
            done, questioned = deed(self.chat, self.session, line)
            reply = self.session.did(done)
            fresh = self._told(Reply(()) if questioned and not reply.advance else reply)
            if not reply.advance:
                self._ask_again()
            return fresh
        wish = aside(self.chat, self.session, line, why=found.why)
        if wish:
            return self._command(wish, "", f"/{wish}")
        self._ask_again()
        return False

    def _ask_again(self) -> None:
        """What is open, after an aside; the whole screen only where a reply stood between."""
        chat, screen = self.chat, self._screen()
        put_sentence(chat, self.session, KEYS)
        left = Screen(screen.step, screen.paragraphs[-1:], screen.kind, prompt=screen.prompt, choices=screen.choices)
        asks = screen.kind not in ("read", "end") and not self.waiting
        chat.raw("\n".join(lines_of(left, chat.width(), color=chat.color, ascii=chat.ascii)) if asks else GO_ON)

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
        if attempt and reply.advance and self._shaky(attempt):
            self.chat.say("`/another` sets it once more, with new numbers.")
        if reply.advance and (attempt or reply.correct) and self._pushes_off(attempt):
            self.chat.say(GO_ON)
            self.waiting = True
            return False
        return reply.advance

    def _pushes_off(self, attempt: Attempt | None) -> bool:
        """Whether what comes next would push what stands on the screen off: a picture does, and after a request all."""
        return self.session.finished or attempt is None or bool(self._screen().run)

    def _shaky(self, attempt: Attempt) -> bool:
        """Whether an exercise was not right at once, and can be set with other numbers."""
        step = next(step for step in self.lesson.walk() if step.id == attempt.step)
        known = self.session.state.outcomes.get(step.id, False)
        return step.kind == "exercise" and not known and comes_again(self.lesson, step)

    def _made_from(self, attempt: Attempt) -> str | None:
        """The sentence of an exercise that comes again; None where it does not."""
        step = next(step for step in self.lesson.walk() if step.id == attempt.step)
        return self.session.state.sentence if comes_again(self.lesson, step) else None

    def _command(self, name: str, arguments: str, line: str) -> bool:
        from tutor.terminal.commands import run_command

        if self.waiting and name in ("hint", "solution", "skip", "next"):
            return True  # the step that they would be about is not on the screen yet
        if name == "undo":
            return self._asked(name, Heard("aside", name))
        if name == "hint":
            return self._told(self.session.hint())
        if name == "solution":
            return self._told(self.session.solution())
        if f"/{name}" in LEAVING:
            raise Left
        if name in ("skip", "next"):
            return self._skipped()
        if name == "smaller":
            return self._told(self.session.smaller())
        if name == "another":
            another(self.chat, self.session, self.run)
            return True
        if name == "goto":
            return self._gone_to(arguments)
        if name in TOLD:
            if name == "lost" and explains(self.chat, self.session):
                self.chat.raw(GO_ON)
            else:
                self._tell(name)
            return False
        if name == "back":
            went = self.session.back()
            while went and nothing_to_undo(self.chat, self.session):
                went = self.session.back()
            if not went:
                self.chat.say("This is the first step.")
            return went
        if name == "again":
            return True
        if name == "restart":
            self.session = Session.start(self.lesson, "", self.run)
            self.session.likeness = likeness_of(self.chat)
            return True
        if name == "recap":
            chat = self.chat
            chat.raw("\n".join(points(self.session.recap(), chat.width(), color=chat.color, ascii=chat.ascii)))
        elif name in ("help", "h", "?"):
            self.chat.say(HELP)
        elif name == "steps":
            self.chat.raw(steps_of(self.session))
        else:
            run_command(self.chat, line)
        return False

    def _skipped(self) -> bool:
        """Leave the step out; what it asked is told."""
        told = self.session.left_open()
        self.session.skip()
        if told:
            self.chat.say(f"Left out. {' '.join(told)}")
        return True

    def _gone_to(self, number: str) -> bool:
        if number.isdecimal() and self.session.goto(int(number)):
            return True
        self.chat.say(f"Which step? Type `/goto` and a number from 1 to {self.lesson.total}; `/steps` lists them.")
        return False

    def _tell(self, wish: str) -> None:
        """What is asked about the lesson itself, or said of the question that is open."""
        if wish == "time":
            self.chat.say(how_long(self.session))
        elif wish in ("lessons", "lesson", "learn"):
            self.chat.say(which_lessons(self.session, self.course))
        elif wish == "weight":
            self.chat.say(what_for(self.session))
        elif wish == "wrong":
            self.chat.say(what_was_wrong(self.session))
        else:
            self.chat.say(still_asked(self.session, unsure=wish == "unsure"))

    def _present(self) -> Screen:
        self.waiting = False
        if nothing_to_undo(self.chat, self.session):
            self.chat.say("Nothing is off any more: everything in the model is as it was trained.")
            self.session.did(Deed())
            self.session.next()
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
                self.chat.line(f"Step {self.session.position} is left out; it cannot be made of this sentence: {error}")
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
