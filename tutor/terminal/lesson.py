"""Guided lessons one after the other: which to begin with, and on to the next with the sentence carried along."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from tutor.curriculum.course import choose
from tutor.curriculum.steps import GuidedLesson
from tutor.errors import AuthorError, LearnerError, TutorError
from tutor.terminal.aside import undo_all
from tutor.terminal.onward import onward
from tutor.terminal.player import Player
from tutor.terminal.review import lesson_sentence, refresh_weak
from tutor.terminal.session import OtherLesson

if TYPE_CHECKING:
    from tutor.learner.store import Store
    from tutor.terminal.session import Chat


def play(chat: Chat, name: str = "") -> None:
    """Play a lesson until it is finished or left; its place is kept. Raises `LearnerError` for an unknown name."""
    from tutor.curriculum.own import whole_course
    from tutor.learner.store import Store

    broken: list[AuthorError] = []
    lessons = whole_course(complain=broken.append)
    if name == "list":
        chat.raw("\n".join(f"{one.number}  {one.title} ({one.minutes} minutes)" for one in lessons))
        for error in broken:
            chat.line(f"Left out: {error}")
        return
    lesson = None if name == "" else choose(lessons, name, "", broken)
    if chat.guided and lesson:
        raise OtherLesson(lesson.id)
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
        chat.guided = True
        _play_on(chat, lessons, lesson or choose(lessons, "", latest, broken), store)
    finally:
        chat.guided = False
        if store:
            store.close()
        refresh_weak(chat)


def try_out(chat: Chat, lesson: GuidedLesson) -> None:
    """Take a lesson that is in no course, and keep nothing."""
    with lesson_sentence(chat):
        Player(chat, (), lesson, None).play()


def _play_on(chat: Chat, course: Sequence[GuidedLesson], lesson: GuidedLesson, store: Store | None) -> None:
    """One lesson after the other, the learner's sentence carried along, until one is left."""
    following: GuidedLesson | None = lesson
    sentence = ""
    with lesson_sentence(chat):
        while following:
            with suppress(TutorError):
                if undo_all(chat.conversation):
                    chat.say("For the lesson, everything in the model is as it was trained again.")
            player = Player(chat, course, following, store, sentence)
            try:
                following = onward(chat, course, player.lesson, store) if player.play() else None
            except OtherLesson as other:
                following = choose(course, str(other), "")
            state = player.session.state
            sentence = state.sentence if state.sentence != player.lesson.sentence else ""


def _due(store: Store, lessons: Sequence[GuidedLesson]) -> str:
    """The lesson that was played last and is not finished; else the first that was never finished."""
    kept = store.lessons()
    begun = [(record.updated_at, id) for id, record in kept.items() if record.state]
    fresh = [lesson.id for lesson in lessons if not (lesson.id in kept and kept[lesson.id].finished_at)]
    return max(begun)[1] if begun else next(iter(fresh), "")
