"""A guided lesson at the prompt: the engine says what is next, this shows it and hands back what was typed."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from model.errors import ModelError
from tutor.chat.clean import clean, plain
from tutor.curriculum.course import ASKING, GuidedLesson
from tutor.curriculum.engine import LessonEngine, Progress, Reply, Screen
from tutor.errors import LearnerError, TutorError

if TYPE_CHECKING:
    from tutor.chat.session import Chat
    from tutor.learner.store import Store

PROMPT = "lesson> "
ENGINE_COMMANDS = ("hint", "solution", "skip", "back", "recap")
HELP = (
    "In a lesson: Enter goes on, `/hint` helps, `/skip` leaves a step out, `/back` goes back, `/solution` shows how it "
    "goes after some tries, `/recap` looks back, `/map` shows where you are, `/restart` begins again, `/leave` keeps "
    "your place and leaves. `/show`, `/numbers` and `/ascii` work as in the chat, and so does a question to me."
)


def play(chat: Chat, name: str = "") -> None:
    """Play a lesson until it is finished or left; its place is kept. Raises `LearnerError` for an unknown name."""
    from tutor.curriculum.loader import load_course
    from tutor.learner.store import Store

    lessons = load_course()
    if name == "list":
        chat.raw("\n".join(f"{lesson.id:24}{lesson.title}" for lesson in lessons))
        return
    store: Store | None = None
    try:
        store = Store()
        if store.notice:
            chat.say(store.notice)
    except LearnerError as error:
        chat.say(f"Your place will not be kept: {error}")
    try:
        _Player(chat, choose(lessons, name, store.latest_lesson() if store else ""), store).play()
    finally:
        chat.place = ""
        if store:
            store.close()


def choose(lessons: Sequence[GuidedLesson], name: str, latest: str) -> GuidedLesson:
    """The lesson of that name or number; without one, the latest that was played, else the first."""
    if not lessons:
        raise LearnerError("there is no lesson yet; ask a question instead")
    by_id = {lesson.id: lesson for lesson in lessons}
    wanted = name or latest
    if wanted in by_id:
        return by_id[wanted]
    if not name:
        return lessons[0]
    folded = name.casefold().replace(" ", "-").strip("-")
    if folded.isdecimal() and 1 <= int(folded) <= len(lessons):
        return lessons[int(folded) - 1]
    for lesson in lessons:
        if folded in lesson.id or folded in lesson.title.casefold().replace(" ", "-"):
            return lesson
    near = difflib.get_close_matches(folded, by_id, n=1)
    hint = f"did you mean '{near[0]}'?" if near else f"there is {', '.join(by_id)}"
    raise LearnerError(f"there is no lesson '{name}'; {hint}")


class _Player:
    """One lesson on one screen."""

    def __init__(self, chat: Chat, lesson: GuidedLesson, store: Store | None) -> None:
        self.chat = chat
        self.lesson = lesson
        self.store = store
        self.engine = LessonEngine(lesson, self._run, self._kept())

    def _kept(self) -> Progress | None:
        held = self.store.lesson(self.lesson.id) if self.store else None
        try:
            progress = Progress.of(held) if held else None
        except TypeError:  # kept by another version
            return None
        return None if progress and progress.finished else progress

    def _run(self, experiment: str, sentence: str, options: Mapping[str, Any]) -> Any:
        from tutor.experiments.registry import run

        with self.chat.busy("running it"):
            return run(experiment, self.chat.models, sentence, options).result

    def play(self) -> None:
        resumed = bool(self.engine.progress.visited)
        self.chat.say(f"*{self.lesson.title}*" + (": on from where you left." if resumed else f". {self.lesson.about}"))
        self.chat.say("`/hint`, `/skip`, `/back`, `/help`; `/leave` or Ctrl-D keeps your place.")
        fresh = True
        while True:
            try:
                if fresh:
                    screen = self._present()
                    if screen.finished:
                        self._save()
                        self.chat.say("That was the lesson. Ask me anything, or `/lesson` to play it again.")
                        return
                fresh = False
                line = clean(self.chat.read(PROMPT))
            except KeyboardInterrupt:
                continue
            except EOFError:
                self._leave()
                return
            try:
                if line.casefold() in ("/leave", "/quit", "/exit", "/q", "/stop"):
                    self._leave()
                    return
                fresh = self._take(line)
            except KeyboardInterrupt:
                self.chat.raw("stopped")
            except (TutorError, ModelError) as error:
                self.chat.raw(clean(str(error)))

    def _take(self, line: str) -> bool:
        """Do what one line says; True when there is a new screen to show."""
        name, _, arguments = line[1:].partition(" ") if line.startswith("/") else ("", "", "")
        if line.startswith("/") and name not in ENGINE_COMMANDS:
            return self._command(name.casefold(), arguments, line)
        asking = self.engine.step.kind in ASKING
        if line.endswith("?") and (not asking or len(line.split()) > 3):
            self.chat.ask(line)
            return True
        reply = self.engine.answer(line)
        self._keep(line, reply)
        for text in reply.texts:
            self.chat.say(text)
        return reply.moved

    def _command(self, name: str, arguments: str, line: str) -> bool:
        from tutor.chat.commands import run_command

        if name in ("help", "h", "?"):
            self.chat.say(HELP)
        elif name == "map":
            self.chat.raw(self._map())
        elif name == "again":
            return True
        elif name == "restart":
            self.engine = LessonEngine(self.lesson, self._run)
            self._save()
            return True
        elif name in ("lesson", "learn"):
            self.chat.say("You are in a lesson; `/leave` keeps your place and leaves.")
        else:
            run_command(self.chat, line)
        return False

    def _map(self) -> str:
        done, here = set(self.engine.progress.visited), self.engine.progress.step
        lines = [self.lesson.title]
        for number, step in enumerate(self.lesson.steps, 1):
            if step.kind == "branch":
                continue
            mark = ">" if step.id == here else "x" if step.id in done else " "
            lines.append(f" {mark} {number:2} {step.id.replace('-', ' ')}")
        return "\n".join([*lines, "", "x done, > here"])

    def _present(self) -> Screen:
        screen = self.engine.present()
        self.chat.place = screen.place
        self._save()
        self.chat.raw("")
        for text in screen.texts:
            self.chat.say(text)
        if screen.experiment:
            self.chat.show_result(screen.result)
        if screen.narration:
            self.chat.say(screen.narration)
        if screen.ask:
            self.chat.raw("")
            self.chat.say(screen.ask)
        for number, choice in enumerate(screen.choices, 1):
            self.chat.raw(f"  {number} {plain(choice)}")
        if not screen.ask and not screen.finished:
            self.chat.say("(Enter goes on)")
        return screen

    def _keep(self, line: str, reply: Reply) -> None:
        if self.store and reply.right is not None:
            given = line[:500]
            self.store.record(
                self.lesson.id, reply.step, given, reply.right, hinted=reply.hinted, concepts=reply.concepts
            )
        self._save()

    def _save(self) -> None:
        if self.store:
            self.store.save_lesson(self.lesson.id, self.engine.progress.plain())

    def _leave(self) -> None:
        self._save()
        kept = "Your place is kept; `/lesson` or `attention-tutor learn` goes on from here."
        self.chat.say(kept if self.store else "Left the lesson.")
